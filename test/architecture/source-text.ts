/**
 * Reads what the rules need out of TypeScript source, without a compiler: which files it imports, and its code without
 * comments and texts. TypeScript 7 has no compiler interface for scripts, and for these questions none is needed.
 */

export interface Import {
  /** As written: `../base/clock.ts`, `node:fs`, `zod`. */
  readonly specifier: string;
  /** `import type` and `export type`: gone at run time. */
  readonly isTypeOnly: boolean;
}

/** The same text with every character of comments, string contents and regular expressions blanked; offsets stay. */
export function codeOnly(source: string): string {
  const out = source.split('');
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) if (out[at] !== '\n') out[at] = ' ';
  };
  const templateDepths: number[] = []; // for each `${` that is open: how many braces are open inside it
  let at = 0;
  while (at < source.length) {
    const char = source[at];
    const pair = source.slice(at, at + 2);
    let end = at + 1;
    if (pair === '//') {
      end = indexOrEnd(source, '\n', at);
      blank(at, end);
    } else if (pair === '/*') {
      end = indexOrEnd(source, '*/', at + 2) + 2;
      blank(at, end);
    } else if (char === '/' && startsRegex(out, at)) {
      end = endOfRegex(source, at);
      blank(at, end);
    } else if (char === "'" || char === '"') {
      end = endOfText(source, at + 1, char) + 1;
      blank(at + 1, end - 1);
    } else if (char === '`' || (char === '}' && templateDepths.at(-1) === 0)) {
      // The start of a template, or its continuation after `${...}`.
      if (char === '}') templateDepths.pop();
      end = endOfTemplatePart(source, at + 1);
      blank(at + 1, source[end - 1] === '`' ? end - 1 : end - 2);
      if (source[end - 1] !== '`') templateDepths.push(0);
    } else if (templateDepths.length > 0 && (char === '{' || char === '}')) {
      templateDepths.push((templateDepths.pop() ?? 0) + (char === '{' ? 1 : -1));
    }
    at = end;
  }
  return out.join('');
}

/** Every import, export-from, dynamic import and import type with a literal specifier. */
export function importsOf(source: string): readonly Import[] {
  const code = codeOnly(source);
  const specifierAt = (match: RegExpMatchArray): string => {
    const start = (match.index ?? 0) + match[0].search(/['"`]/) + 1;
    return source.slice(start, (match.index ?? 0) + match[0].length - 1);
  };
  const from = [...code.matchAll(/\bfrom\s*(['"])[^'"]*\1/g)].map((match) => ({
    specifier: specifierAt(match),
    isTypeOnly: /^(?:import|export)\s+type\b/.test(statementBefore(code, match.index)),
  }));
  const others = [...code.matchAll(/\bimport\s*\(?\s*(['"`])[^'"`$]*\1/g)].map((match) => ({ specifier: specifierAt(match), isTypeOnly: false }));
  return [...from, ...others];
}

/** A dynamic import whose target no reader and no rule can know. */
export function hasComputedImport(code: string): boolean {
  return /\bimport\s*\(\s*[^'"`\s]/.test(code) || /\bimport\s*\(\s*`[^`]*\$\{/.test(code);
}

function statementBefore(code: string, at: number): string {
  const starts = [...code.slice(0, at).matchAll(/^(?:import|export)\b/gm)];
  return code.slice(starts.at(-1)?.index ?? at, at);
}

function indexOrEnd(source: string, wanted: string, from: number): number {
  const found = source.indexOf(wanted, from);
  return found === -1 ? source.length : found;
}

function endOfText(source: string, from: number, quote: string): number {
  let at = from;
  while (at < source.length && source[at] !== quote && source[at] !== '\n') at += source[at] === '\\' ? 2 : 1;
  return at;
}

/** Just after the closing backtick, or just after the next `${`. */
function endOfTemplatePart(source: string, from: number): number {
  let at = from;
  while (at < source.length) {
    if (source[at] === '`') return at + 1;
    if (source.slice(at, at + 2) === '${') return at + 2;
    at += source[at] === '\\' ? 2 : 1;
  }
  return at;
}

/** A slash starts a regular expression where a value is expected, and divides after one. */
function startsRegex(before: readonly string[], at: number): boolean {
  const code = before.slice(Math.max(0, at - 80), at).join('').trimEnd();
  return code === '' || /[([{},;:=!&|?+\-*%<>~^]$/.test(code) || /\b(?:return|typeof|case|in|of|void|yield|await)$/.test(code);
}

function endOfRegex(source: string, from: number): number {
  let isInClass = false;
  for (let at = from + 1; at < source.length && source[at] !== '\n'; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === '[') isInClass = true;
    else if (source[at] === ']') isInClass = false;
    else if (source[at] === '/' && !isInClass) return at + 1;
  }
  return from + 1;
}
