/**
 * Finds the mutants of a TypeScript file and builds the one text that holds them all: each mutated expression becomes
 * `(__mutant(17) ? <mutated> : <original>)`, so a mutant is switched on without another transform. Types are blanked, not
 * moved, so the ranges that acorn gives hold in the TypeScript text too. Which tests then run: mutate.ts.
 */
import { stripTypeScriptTypes } from 'node:module';
import { parse, type AnyNode } from 'acorn';

export interface Mutant {
  readonly id: number;
  readonly file: string;
  readonly line: number;
  /** The expression before and after, on one line; with the file it names the mutant in survivors.json. */
  readonly mutation: string;
}

export interface Instrumented {
  readonly code: string;
  readonly mutants: readonly Mutant[];
}

const swaps: { readonly [operator: string]: readonly string[] } = {
  '<': ['<=', '>='], '<=': ['<', '>'], '>': ['>=', '<='], '>=': ['>', '<'], '===': ['!=='], '!==': ['==='],
  '+': ['-'], '-': ['+'], '*': ['/'], '/': ['*'], '%': ['*'], '&': ['|'], '|': ['&'], '^': ['&'], '<<': ['>>'], '>>': ['<<'], '>>>': ['<<'],
};

/** @param firstId  The ids of this file's mutants count up from here. */
export function instrument(file: string, typescript: string, firstId: number): Instrumented {
  const source = stripTypeScriptTypes(typescript, { mode: 'strip' });
  const program = parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  const mutants: Mutant[] = [];
  const textOf = (node: AnyNode): string => source.slice(node.start, node.end);

  const note = (node: AnyNode, before: string, after: string): number => {
    const id = firstId + mutants.length;
    mutants.push({ id, file, line: node.loc?.start.line ?? 0, mutation: `${short(before)} -> ${short(after)}` });
    return id;
  };

  /** The node's text with its children switched, and switched itself. */
  const render = (node: AnyNode, condition: boolean): string => {
    const replacements = [...new Set([...(condition ? conditionMutants(node, textOf(node)) : []), ...expressionMutants(node, textOf)])];
    const switches = replacements.map((after) => `__mutant(${note(node, textOf(node), after)}) ? (${after}) : `);
    const removal = isRemovable(node) ? note(node, textOf(node), 'nothing') : undefined;
    let text = '';
    let at = node.start;
    for (const child of childrenOf(node)) {
      text += source.slice(at, child.start) + render(child, isCondition(node, child));
      at = child.end;
    }
    text += source.slice(at, node.end);
    // In braces, so that an `else` after it keeps its `if`.
    if (removal !== undefined) return `{ if (!__mutant(${removal})) ${text} }`;
    return switches.length === 0 ? text : `(${switches.join('')}(${text}))`;
  };

  const code = render(program, false) + source.slice(program.end);
  return { code, mutants };
}

const short = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

function expressionMutants(node: AnyNode, textOf: (node: AnyNode) => string): string[] {
  if (node.type === 'BinaryExpression') {
    if (node.left.type === 'PrivateIdentifier' || (node.operator === '+' && (isText(node.left) || isText(node.right)))) return [];
    return (swaps[node.operator] ?? []).map((operator) => `${textOf(node.left)} ${operator} (${textOf(node.right)})`);
  }
  if (node.type === 'LogicalExpression') {
    const [left, right] = [textOf(node.left), textOf(node.right)];
    const other = node.operator === '&&' ? '||' : '&&';
    return node.operator === '??' ? [left, right] : [left, right, `(${left}) ${other} (${right})`];
  }
  if (node.type === 'UnaryExpression') return node.operator === '!' || node.operator === '-' ? [textOf(node.argument)] : [];
  if (node.type === 'UpdateExpression') return [textOf(node).replace(/\+\+|--/, (operator) => (operator === '++' ? '--' : '++'))];
  if (node.type === 'Literal') {
    if (typeof node.value === 'boolean') return [String(!node.value)];
    return typeof node.value === 'string' ? [node.value === '' ? `'something'` : `''`] : [];
  }
  if (node.type === 'TemplateLiteral') return [`''`];
  if (node.type === 'ArrayExpression') return node.elements.length > 0 ? ['[]'] : [];
  if (node.type === 'ObjectExpression') return node.properties.length > 0 ? ['{}'] : [];
  if (node.type === 'ChainExpression') return [...textOf(node).matchAll(/\?\.(?!\d)/g)].map(({ index }) => withoutOptional(textOf(node), index));
  return [];
}

/** A condition that always holds, never holds, or is turned round. A loop that never ends would only cost time. */
function conditionMutants(node: AnyNode, text: string): string[] {
  return node.type === 'Literal' ? [] : ['true', 'false', ...(node.type === 'BinaryExpression' || node.type === 'UnaryExpression' ? [] : [`!(${text})`])];
}

const isCondition = (parent: AnyNode, child: AnyNode): boolean =>
  (parent.type === 'IfStatement' || parent.type === 'ConditionalExpression') && parent.test === child;

const isText = (node: AnyNode): boolean => node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');

const isRemovable = (node: AnyNode): boolean =>
  node.type === 'ExpressionStatement' && node.directive === undefined && !(node.expression.type === 'CallExpression' && node.expression.callee.type === 'Super');

function withoutOptional(text: string, at: number): string {
  const rest = text.slice(at + 2);
  return text.slice(0, at) + (rest.startsWith('[') || rest.startsWith('(') ? rest : `.${rest}`);
}

/** In the order of the text, without what is a name or an address rather than an expression. */
function childrenOf(node: AnyNode): AnyNode[] {
  if (node.type === 'ImportDeclaration' || node.type === 'ExportAllDeclaration') return [];
  if (node.type === 'ExportNamedDeclaration') return node.declaration ? [node.declaration] : [];
  const named = node.type === 'Property' || node.type === 'MethodDefinition' || node.type === 'PropertyDefinition';
  const parts = Object.entries(node).filter(([name]) => !(named && name === 'key'));
  const nodes = parts.flatMap(([, part]) => (Array.isArray(part) ? part : [part])).filter(isNode);
  return nodes.toSorted((one, other) => one.start - other.start);
}

const isNode = (value: unknown): value is AnyNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value && 'end' in value;
