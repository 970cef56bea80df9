/**
 * Keeps the import rules of the style page, and proves of each rule that it can fail: every one is shown the smallest tree
 * that breaks it, beside one that does not.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { violationsIn } from './architecture/rules.ts';
import type { Rule, Tree } from './architecture/rules.ts';
import { codeOnly, importsOf } from './architecture/source-text.ts';

const root = join(import.meta.dirname, '..');

test('the tree keeps its rules', () => {
  const tree = readTree(['shared', 'bin', 'functions', 'infra', 'config', 'events', 'docs', 'test']);

  const told = violationsIn(tree).map(({ rule, file, what }) => `${rule}: ${file}: ${what}`);

  expect(told).toEqual([]);
  expect([...tree.keys()].filter((file) => file.startsWith('shared/base/')).length).toBeGreaterThan(0);
});

// Put together, so that this file keeps the rules that it breaks.
const mark = ['// TO', 'DO later'].join('');
const home = ['/ho', 'me/somebody'].join('');
const base = { 'shared/base/clock.ts': 'export const clock = 1;', 'shared/base/errors.ts': 'export const error = 1;' };

/** The rule, the file that breaks it, its text, and what else has to stand in the tree. */
const breaches: readonly { rule: Rule; by: string; file: string; text: string; beside?: Record<string, string> }[] = [
  { rule: 'imports run downwards', by: 'base that knows sync', file: 'shared/base/a.ts', text: `import { b } from '../sync/b.ts';`, beside: { 'shared/sync/b.ts': '' } },
  { rule: 'imports run downwards', by: 'a vendor that knows where we remember', file: 'shared/vendors/x/a.ts', text: `import { b } from '../../stores/b.ts';`, beside: { 'shared/stores/b.ts': '' } },
  { rule: 'imports run downwards', by: 'the engine that knows a connector, by type only', file: 'shared/engine/a.ts', text: `import type { B } from '../connectors/x/b.ts';`, beside: { 'shared/connectors/x/b.ts': '' } },
  { rule: 'imports run downwards', by: 'a re-export upwards', file: 'shared/http/a.ts', text: `export { b } from '../hub/b.ts';`, beside: { 'shared/hub/b.ts': '' } },
  { rule: 'imports run downwards', by: 'a late import upwards', file: 'shared/stores/a.ts', text: `const b = await import('../hub/b.ts');`, beside: { 'shared/hub/b.ts': '' } },
  { rule: 'imports run downwards', by: 'the product that imports a test', file: 'bin/a.ts', text: `import '../test/b.ts';`, beside: { 'test/b.ts': '' } },
  { rule: 'rooms of one level stay apart', by: 'sync that knows the model', file: 'shared/sync/a.ts', text: `import { b } from '../model/b.ts';`, beside: { 'shared/model/b.ts': '' } },
  { rule: 'rooms of one level stay apart', by: 'one vendor that knows another', file: 'shared/vendors/x/a.ts', text: `import { b } from '../y/b.ts';`, beside: { 'shared/vendors/y/b.ts': '' } },
  { rule: 'rooms of one level stay apart', by: 'one connector that knows another', file: 'shared/connectors/x/a.ts', text: `import { b } from '../y/b.ts';`, beside: { 'shared/connectors/y/b.ts': '' } },
  { rule: 'rooms of one level stay apart', by: 'what all vendors share, knowing one of them', file: 'shared/vendors/a.ts', text: `import { b } from './y/b.ts';`, beside: { 'shared/vendors/y/b.ts': '' } },
  { rule: 'simulators stand alone', by: 'a simulator that uses our model', file: 'shared/simulators/a.ts', text: `import { b } from '../model/b.ts';`, beside: { 'shared/model/b.ts': '' } },
  { rule: 'simulators stand alone', by: 'a simulator that uses the client it is to check', file: 'shared/simulators/a.ts', text: `import { b } from '../vendors/x/b.ts';`, beside: { 'shared/vendors/x/b.ts': '' } },
  { rule: 'simulators stand alone', by: 'a connector that uses a simulator', file: 'shared/connectors/x/a.ts', text: `import { b } from '../../simulators/b.ts';`, beside: { 'shared/simulators/b.ts': '' } },
  { rule: 'simulators stand alone', by: 'a function that uses a simulator', file: 'functions/a.ts', text: `import { b } from '../shared/simulators/b.ts';`, beside: { 'shared/simulators/b.ts': '' } },
  { rule: 'no cycles', by: 'two files that import each other', file: 'shared/sync/a.ts', text: `import { b } from './b.ts';`, beside: { 'shared/sync/b.ts': `import type { A } from './a.ts';` } },
  { rule: 'no cycles', by: 'three files in a ring', file: 'test/a.ts', text: `import './b.ts';`, beside: { 'test/b.ts': `import './c.ts';`, 'test/c.ts': `import './a.ts';` } },
  { rule: 'no index files', by: 'an index file', file: 'shared/sync/index.ts', text: '' },
  { rule: 'import the file, with its ending', by: 'an import without an ending', file: 'shared/sync/a.ts', text: `import { b } from './b';`, beside: { 'shared/sync/b.ts': '' } },
  { rule: 'import the file, with its ending', by: 'an import that ends in .js', file: 'shared/sync/a.ts', text: `import { b } from './b.js';`, beside: { 'shared/sync/b.ts': '' } },
  { rule: 'import the file, with its ending', by: 'an import of a folder', file: 'test/a.ts', text: `import { b } from '.';` },
  { rule: 'import the file, with its ending', by: 'an import of nothing', file: 'shared/sync/a.ts', text: `import { b } from './gone.ts';` },
  { rule: 'import the file, with its ending', by: 'a module of Node without its prefix', file: 'shared/http/a.ts', text: `import { join } from 'path';` },
  { rule: 'imports can be read', by: 'an import that is computed', file: 'shared/hub/a.ts', text: 'const b = await import(name);' },
  { rule: 'imports can be read', by: 'an import that is put together', file: 'shared/hub/a.ts', text: 'const b = await import(`../connectors/${name}/connector.ts`);' },
  { rule: 'unknown room', by: 'a folder that the table does not know', file: 'shared/helpers/a.ts', text: '' },
  { rule: 'minimum is counted apart', by: 'a minimum that uses the product', file: 'test/bench/minimum/a.ts', text: `import { b } from '../../../shared/sync/b.ts';`, beside: { 'shared/sync/b.ts': '' } },
  { rule: 'one reader of the environment', by: 'the engine that reads the environment', file: 'shared/engine/a.ts', text: 'const stage = process.env.STAGE;' },
  { rule: 'one reader of the environment', by: 'a function that reads the environment', file: 'functions/a.ts', text: `const { env } = process;` },
  { rule: 'one reader of the environment', by: 'an import of the environment', file: 'shared/http/a.ts', text: `import { env } from 'node:process';` },
  { rule: 'one reader of the environment', by: 'a reader who is shy about it', file: 'shared/http/a.ts', text: `const stage = process['env'];` },
  { rule: 'time and luck are given', by: 'the engine that reads the time', file: 'shared/engine/a.ts', text: 'const now = Date.now();' },
  { rule: 'time and luck are given', by: 'a simulator that throws dice', file: 'shared/simulators/a.ts', text: 'const isLucky = Math.random() > 0.5;' },
  { rule: 'time and luck are given', by: 'a client that makes a date of now', file: 'shared/vendors/x/a.ts', text: 'const now = new Date();' },
  ...['Date.now()', 'new Date()', 'new Date', 'Date()', 'Temporal.Now.instant()', 'Math.random()', 'process.env.A', 'process.argv', `fetch('x')`, 'setTimeout(run, 1)', 'performance.now()', 'crypto.randomUUID()'].map(
    (code) => ({ rule: 'pure files stay pure' as const, by: code, file: 'shared/sync/a.ts', text: `const a = ${code};` }),
  ),
  ...['node:fs', 'node:fs/promises', 'node:net', 'node:http', 'node:timers/promises', 'node:sqlite', 'ky', 'tsdav'].map(
    (name) => ({ rule: 'pure files stay pure' as const, by: name, file: 'shared/connectors/x/map.ts', text: `import { a } from '${name}';` }),
  ),
  { rule: 'pure files stay pure', by: 'the real clock', file: 'shared/model/a.ts', text: `import { clock } from '../base/clock.ts';` },
  { rule: 'pure files stay pure', by: 'a match rule that calls', file: 'shared/matching/a.ts', text: `const a = await fetch(url);` },
  { rule: 'a file is one story', by: 'a file of 301 lines', file: 'shared/sync/a.ts', text: 'const a = 1;\n'.repeat(301) },
  { rule: 'nothing unfinished', by: 'a mark in a comment', file: 'shared/sync/a.ts', text: mark },
  { rule: 'nothing unfinished', by: 'a mark in a page', file: 'docs/a.md', text: mark },
  { rule: 'no place of one machine', by: 'a path of somebody', file: 'shared/sync/a.ts', text: `const log = '${home}/log';` },
];

describe('each rule can fail', () => {
  test.each(breaches)('$rule: $by', ({ rule, file, text, beside }) => {
    const tree: Tree = new Map(Object.entries({ ...base, ...beside, [file]: text }));

    const found = violationsIn(tree);

    expect(found.map((violation) => violation.rule)).toContain(rule);
    expect(new Set(found.map((violation) => violation.rule)).size).toBe(1);
  });
});

const allowed: readonly { what: string; file: string; text: string; beside?: Record<string, string> }[] = [
  { what: 'imports that run downwards, also over several levels', file: 'shared/hub/a.ts', text: `import { b } from '../base/errors.ts';\nimport { c } from '../simulators/c.ts';`, beside: { 'shared/simulators/c.ts': '' } },
  { what: 'what all vendors share, used by one of them', file: 'shared/vendors/x/a.ts', text: `import { b } from '../b.ts';`, beside: { 'shared/vendors/b.ts': '' } },
  { what: 'a connector that uses several vendors', file: 'shared/connectors/x/source.ts', text: `import { b } from '../../vendors/y/b.ts';\nimport { z } from '../../vendors/z/z.ts';`, beside: { 'shared/vendors/y/b.ts': '', 'shared/vendors/z/z.ts': '' } },
  { what: 'a clock as a type in a pure file', file: 'shared/sync/a.ts', text: `import type { Clock } from '../base/clock.ts';` },
  { what: 'hashing and dates from values in a pure file', file: 'shared/sync/a.ts', text: `import { createHash } from 'node:crypto';\nconst a = new Date(ms); const b = Date.UTC(2027, 0); const c = Date.parse(text);` },
  { what: 'forbidden words in comments, texts and regular expressions', file: 'shared/sync/a.ts', text: `// never Date.now()\n/* process.env */ const a = 'fetch(x)'; const b = /Math.random()'/; const c = \`from './x' \${a} new Date()\`;` },
  { what: 'the one reader of the environment', file: 'shared/base/config.ts', text: 'export const stage = process.env.STAGE;' },
  { what: 'the clock itself', file: 'shared/base/clock.ts', text: 'export const now = () => Date.now();' },
  { what: 'a door that reads the environment', file: 'bin/a.ts', text: 'const a = process.env.A;' },
  { what: 'data beside the code', file: 'shared/hub/a.ts', text: `import config from '../../config/x.json' with { type: 'json' };` },
  { what: 'addresses that look like paths', file: 'shared/sync/a.ts', text: `const a = 'https://example.org${home}';` },
];

test.each(allowed)('allowed: $what', ({ file, text, beside }) => {
  const tree: Tree = new Map(Object.entries({ ...base, ...beside, [file]: text }));

  expect(violationsIn(tree)).toEqual([]);
});

test('imports are found in every form, and told apart from types', () => {
  const source = [
    `import a, { b } from "./one.ts";`,
    `import type { C } from './two.ts'`,
    `import {\n  d,\n  e,\n} from './three.ts';`,
    `export * from './four.ts';`,
    `export type { F } from './five.ts';`,
    `import './six.ts';`,
    `const g = await import('./seven.ts'); type H = import('./eight.ts').H;`,
    `const text = "import x from './nine.ts'"; // import y from './ten.ts'`,
    `const list = Array.from('abc');`,
  ].join('\n');

  const found = importsOf(source);

  expect(found.map(({ specifier, isTypeOnly }) => `${specifier}${isTypeOnly ? ' (type)' : ''}`)).toEqual([
    './one.ts', './two.ts (type)', './three.ts', './four.ts', './five.ts (type)', './six.ts', './seven.ts', './eight.ts',
  ]);
});

test('code keeps its place when comments and texts are blanked', () => {
  const source = 'a / b / c; f(`x ${g({ y: `${1}` })} z`); /* h */ const i = x ? /[/\'"]/ : "j\\"k"; // l';

  const code = codeOnly(source);

  expect(code).toHaveLength(source.length);
  expect(code.replaceAll(/\s+/g, ' ').trim()).toBe('a / b / c; f(` ${g({ y: `${1}` })} `); const i = x ? : " ";');
});

function readTree(folders: readonly string[]): Tree {
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !['node_modules', '.cache', 'dist'].includes(entry.name)) visit(path);
      else if (entry.isFile() && /\.(?:ts|md|json)$/.test(entry.name) && entry.name !== 'package-lock.json') tree.set(path, readFileSync(join(root, path), 'utf8'));
    }
  };
  const present = new Set(readdirSync(root));
  for (const folder of folders) if (present.has(folder)) visit(folder);
  return tree;
}
