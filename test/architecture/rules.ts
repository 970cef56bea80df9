/**
 * The rules about where things live and which way imports run, as one pure function over the tree's text. What each rule is
 * for stands in the style page; here it stands only what breaks it.
 */
import { posix } from 'node:path';
import { codeOnly, hasComputedImport, importsOf } from './source-text.ts';
import type { Import } from './source-text.ts';

/** Path from the root, with forward slashes -> text. */
export type Tree = ReadonlyMap<string, string>;

export type Rule =
  | 'unknown room'
  | 'imports run downwards'
  | 'rooms of one level stay apart'
  | 'no cycles'
  | 'no index files'
  | 'import the file, with its ending'
  | 'imports can be read'
  | 'pure files stay pure'
  | 'one reader of the environment'
  | 'time and luck are given'
  | 'simulators stand alone'
  | 'minimum is counted apart'
  | 'a file is one story'
  | 'nothing unfinished'
  | 'no place of one machine';

export interface Violation {
  readonly rule: Rule;
  readonly file: string;
  readonly what: string;
}

/** From the ground up. A room may import itself, everything below it, and nothing beside it. */
const levels: readonly (readonly string[])[] = [
  ['shared/base'],
  ['shared/sync', 'shared/model', 'shared/http', 'shared/simulators'],
  ['shared/engine', 'shared/vendors', 'shared/hosted', 'shared/matching'],
  ['shared/stores', 'shared/connectors'],
  ['shared/hub', 'infra'],
  ['bin', 'functions'],
  ['test'],
];
/** Each folder in these is a room of its own; files directly in them are common to those rooms. */
const housesOfRooms: readonly string[] = ['shared/vendors', 'shared/connectors'];
const linesMax = 300;

const builtinsOfPureFiles = new Set(['node:assert', 'node:assert/strict', 'node:buffer', 'node:crypto', 'node:util']);
const packagesThatCall = new Set(['ky', 'tsdav', 'undici', 'pino', 'p-limit']);
const impureFilesOfBase = new Set(['shared/base/clock.ts', 'shared/base/config.ts', 'shared/base/log.ts']);
const impureCode: readonly RegExp[] = [/\bfetch\s*\(/, /\bset(?:Timeout|Interval|Immediate)\b/, /\bprocess\s*\.|\bprocess\s*\[/, /\bperformance\s*\./, /\brandom(?:UUID|Bytes|Int)\b|\bgetRandomValues\b/];
const readsTimeOrLuck: readonly RegExp[] = [/\bDate\s*\.\s*now\b/, /\bnew\s+Date\s*\(\s*\)/, /\bnew\s+Date\b(?!\s*[(\w.])/, /(?<!new\s)\bDate\s*\(/, /\bTemporal\s*\.\s*Now\b/, /\bMath\s*\.\s*random\b/];
const readsEnvironment: readonly RegExp[] = [/\bprocess\s*\.\s*env\b/, /\bprocess\s*\[/, /\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/, /\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from/];
const unfinished = new RegExp(String.raw`\b(?:${['TO DO', 'FIX ME', 'XX X', 'HA CK'].join('|').replaceAll(' ', '')})\b`); // put together, so that this file passes
const placeOfOneMachine = /(?<![\w.:/-])\/(?:work|home|root|Users|tmp)\/[A-Za-z]/;

/** Everything in the tree that breaks a rule, in the tree's order. Only `.ts` files are read as code; the rest as words. */
export function violationsIn(tree: Tree): readonly Violation[] {
  const found: Violation[] = [];
  for (const [file, text] of tree) {
    const report = (rule: Rule, what: string): void => void found.push({ rule, file, what });
    wordRules(text, report);
    if (file.endsWith('.ts')) codeRules(file, text, tree, report);
  }
  return [...found, ...cyclesIn(tree)];
}

type Report = (rule: Rule, what: string) => void;

function wordRules(text: string, report: Report): void {
  const mark = unfinished.exec(text)?.[0];
  if (mark !== undefined) report('nothing unfinished', mark);
  const place = placeOfOneMachine.exec(text)?.[0];
  if (place !== undefined) report('no place of one machine', place);
}

function codeRules(file: string, text: string, tree: Tree, report: Report): void {
  const room = roomOf(file);
  if (room === undefined) {
    report('unknown room', posix.dirname(file));
    return;
  }
  if (posix.basename(file) === 'index.ts') report('no index files', file);
  const lines = text.trimEnd().split('\n').length;
  if (room !== 'test' && lines > linesMax) report('a file is one story', `${lines} lines`);

  const code = codeOnly(text);
  const isPure = ['shared/sync', 'shared/model', 'shared/matching'].includes(room) || posix.basename(file) === 'map.ts';
  const complain = (rule: Rule, patterns: readonly RegExp[]): void => {
    for (const pattern of patterns) {
      const match = pattern.exec(code)?.[0];
      if (match !== undefined) report(rule, match);
    }
  };
  if (isPure) {
    complain('pure files stay pure', [...impureCode, ...readsTimeOrLuck]);
  } else {
    if (room.startsWith('shared/') && file !== 'shared/base/clock.ts') complain('time and luck are given', readsTimeOrLuck);
    if (!['bin', 'test'].includes(room) && file !== 'shared/base/config.ts') complain('one reader of the environment', readsEnvironment);
  }
  if (room !== 'test' && hasComputedImport(code)) report('imports can be read', 'import(...)');

  for (const one of importsOf(text)) {
    importRules({ file, room, isPure, one }, tree, report);
  }
}

function importRules(facts: { file: string; room: string; isPure: boolean; one: Import }, tree: Tree, report: Report): void {
  const { file, room, isPure, one } = facts;
  const target = targetOf(file, one.specifier);
  if (target === undefined) {
    if (isAnonymousPath(one.specifier)) report('import the file, with its ending', one.specifier);
    if (isPure && !one.isTypeOnly && bringsTheWorld(one.specifier)) report('pure files stay pure', one.specifier);
    return;
  }
  if (!tree.has(target)) report('import the file, with its ending', one.specifier);
  if (isPure && !one.isTypeOnly && impureFilesOfBase.has(target)) report('pure files stay pure', one.specifier);
  if (file.startsWith('test/bench/minimum/') && target.startsWith('shared/')) report('minimum is counted apart', one.specifier);

  const there = roomOf(target);
  if (there === undefined || there === room || room === 'test') return; // an unknown room is told once, where it stands
  const what = `${room} -> ${there}`;
  const isSimulator = room === 'shared/simulators';
  if (isSimulator && there !== 'shared/base') report('simulators stand alone', what);
  else if (there === 'shared/simulators' && !['shared/hub', 'bin'].includes(room)) report('simulators stand alone', what);
  else if (levelOf(there) > levelOf(room)) report('imports run downwards', what);
  else if (levelOf(there) === levelOf(room) && there !== houseOf(room)) report('rooms of one level stay apart', what);
}

/** The folder that a file answers to: `shared/vendors/directus`, `shared/base`, `bin`; undefined when the table has none. */
function roomOf(file: string): string | undefined {
  const place = levels.flat().find((name) => file.startsWith(`${name}/`));
  if (place === undefined || !housesOfRooms.includes(place)) return place;
  const [inner, ...rest] = file.slice(place.length + 1).split('/');
  return rest.length === 0 ? place : `${place}/${inner}`;
}

function houseOf(room: string): string | undefined {
  return housesOfRooms.find((house) => room.startsWith(`${house}/`));
}

function levelOf(room: string): number {
  return levels.findIndex((names) => names.includes(houseOf(room) ?? room));
}

/** The file in our tree that an import means; undefined for packages, Node's own modules and data. */
function targetOf(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.') || !specifier.endsWith('.ts')) return undefined;
  return posix.join(posix.dirname(file), specifier);
}

/** A relative path without our ending, an absolute path, or one of Node's modules without its prefix. */
function isAnonymousPath(specifier: string): boolean {
  if (specifier.startsWith('.')) return !/\.(?:ts|json)$/.test(specifier);
  return /^(?:\/|file:|fs|path|crypto|http|https|net|os|url|util|stream|events|timers|child_process|zlib|assert)(?:\/|$)/.test(specifier);
}

function bringsTheWorld(specifier: string): boolean {
  if (specifier.startsWith('node:')) return !builtinsOfPureFiles.has(specifier);
  return packagesThatCall.has(specifier) || specifier.startsWith('@aws-sdk/');
}

/** Each cycle once, told by the files on it; type imports count too, since a reader has to follow them all the same. */
function cyclesIn(tree: Tree): readonly Violation[] {
  const edges = new Map<string, readonly string[]>();
  for (const [file, text] of tree) {
    if (!file.endsWith('.ts')) continue;
    edges.set(file, importsOf(text).flatMap((one) => targetOf(file, one.specifier) ?? []).filter((target) => tree.has(target)));
  }
  const found: Violation[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start !== -1) {
      found.push({ rule: 'no cycles', file, what: [...path.slice(start), file].join(' -> ') });
      return;
    }
    if (done.has(file)) return;
    for (const target of edges.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}
