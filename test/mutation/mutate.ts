/**
 * Breaks the product on purpose, one small change at a time, and counts how many the tests notice.
 *
 *   npm run mutate -- sync|engine [--json] [--max N] [--seed S] [--only FILE] [--again]
 *
 * `--max` takes a seeded random sample; `--only` the files whose path has this in it, `--again`
 * what survived last time. Results go to a file in the temporary folder
 * as they come. An explained survivor (survivors.json) still counts as survived. Own code and not Stryker, whose
 * vitest runner (10.1.1, peer range vitest >=2.0.0) was not built for vitest 5.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { Mutant } from './mutants.ts';
import { instrumentedFiles, testsOf } from './targets.ts';

type Fate = 'killed' | 'timedOut' | 'survived' | 'noCoverage';

const childCount = 2;
/** The slowest run takes about two seconds; what needs five times that hangs. */
const limitMs = 10_000;
const resultSchema = z.object({ file: z.string(), mutation: z.string(), fate: z.enum(['killed', 'timedOut', 'survived', 'noCoverage']) });
const survivorsSchema = z.array(z.object({ file: z.string(), text: z.string(), why: z.string() }));

const { values: options, positionals: [target = 'sync'] } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, max: { type: 'string' }, seed: { type: 'string', default: '1' }, only: { type: 'string', default: '' }, again: { type: 'boolean' } },
});
const resultsFile = join(tmpdir(), `concord-mutation-${target}.jsonl`);
const folder = mkdtempSync(join(tmpdir(), 'concord-mutation-'));
const explained = survivorsSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'survivors.json'), 'utf8')));
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const fates = new Map<Mutant, Fate>();

const mutants = chosen(instrumentedFiles(target).mutants);
const reached = await learnReach();
writeFileSync(resultsFile, '');
const queue = [...mutants];
await Promise.all(Array.from({ length: childCount }, workThrough));
report();

function chosen(all: readonly Mutant[]): readonly Mutant[] {
  let left = all.filter(({ file }) => file.includes(options.only));
  if (options.again && existsSync(resultsFile)) {
    const results = readFileSync(resultsFile, 'utf8').split('\n').filter(Boolean).map((line) => resultSchema.parse(JSON.parse(line)));
    const standing = new Set(results.filter(({ fate }) => fate === 'survived' || fate === 'noCoverage').map(({ file, mutation }) => `${file} ${mutation}`));
    left = left.filter(({ file, mutation }) => standing.has(`${file} ${mutation}`));
  }
  if (options.max === undefined) return left;
  const drawn = left.map((mutant) => ({ mutant, lot: lotOf(mutant.id, Number(options.seed)) }));
  return drawn.toSorted((one, other) => one.lot - other.lot).slice(0, Number(options.max)).map(({ mutant }) => mutant);
}

/** A number that looks random and is the same for the same mutant and seed. */
function lotOf(id: number, seed: number): number {
  let lot = Math.imul(id ^ Math.imul(seed + 1, 0x9e3779b1), 0x85ebca6b);
  lot = Math.imul(lot ^ (lot >>> 15), 0xc2b2ae35);
  return (lot ^ (lot >>> 16)) >>> 0;
}

/** By test file, the numbers of the mutants that it executes. The tests have to pass as they are. */
async function learnReach(): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const reach = new Map<string, ReadonlySet<number>>();
  const child = await startChild();
  for (const [at, test] of testsOf(target).entries()) {
    const hitsFile = join(folder, `${at}.json`);
    if ((await tell(child, { mutant: 0, hitsFile, tests: [test] })) !== 'survived') throw new Error(`${test} does not pass on the unbroken product.`);
    reach.set(test, new Set(z.array(z.number()).parse(JSON.parse(readFileSync(hitsFile, 'utf8')))));
  }
  child.kill('SIGKILL');
  return reach;
}

async function workThrough(): Promise<void> {
  let child = await startChild();
  for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
    const { id, file, mutation, line } = mutant;
    const tests = [...reached].filter(([, ids]) => ids.has(id)).map(([test]) => test);
    const fate = tests.length === 0 ? 'noCoverage' : await tell(child, { mutant: id, hitsFile: '', tests });
    if (fate === 'timedOut') child = await startChild();
    fates.set(mutant, fate);
    appendFileSync(resultsFile, `${JSON.stringify({ file, line, mutation, fate })}\n`);
    if (fates.size % 50 === 0) process.stderr.write(`${fates.size} of ${mutants.length}\n`);
  }
  child.kill('SIGKILL');
}

async function startChild(): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'runner.ts'), [target], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await new Promise((resolve) => child.once('message', resolve));
  return child;
}

/** Has the child run tests. A child that gives no answer in time is ended, and the mutant with it. */
function tell(child: ChildProcess, order: { readonly mutant: number; readonly hitsFile: string; readonly tests: readonly string[] }): Promise<Fate> {
  return new Promise((resolve) => {
    const end = (fate: Fate): void => {
      clearTimeout(limit);
      child.removeAllListeners();
      resolve(fate);
    };
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      end('timedOut');
    }, limitMs);
    child.once('message', (answer) => end(z.object({ passed: z.boolean() }).parse(answer).passed ? 'survived' : 'killed'));
    child.once('exit', () => end('timedOut'));
    child.send(order);
  });
}

function count(fate: Fate): number {
  return [...fates.values()].filter((each) => each === fate).length;
}

function report(): void {
  const standing = mutants.filter((mutant) => fates.get(mutant) === 'survived' || fates.get(mutant) === 'noCoverage');
  const survivors = standing.map(({ file, line, mutation }) => {
    const why = explained.find((entry) => entry.file === file && entry.text === mutation)?.why;
    return { file, line, mutation, ...(why === undefined ? {} : { why }) };
  });
  const score = Math.round((1000 * (mutants.length - standing.length)) / Math.max(1, mutants.length)) / 10;
  const told = {
    target, mutants: mutants.length, killed: count('killed'), timedOut: count('timedOut'), survived: count('survived'), noCoverage: count('noCoverage'), score, survivors,
  };
  if (options.json) say(JSON.stringify(told, undefined, 2));
  else {
    for (const { file, line, mutation, why } of survivors) say(`${file}:${line}  ${mutation}${why === undefined ? '' : `  (${why})`}`);
    say(`${target}: ${told.mutants} mutants, ${told.killed} killed, ${told.timedOut} timed out, ${told.survived} survived, ${told.noCoverage} not covered: ${score} %`);
  }
}
