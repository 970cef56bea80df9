/**
 * `npm run prove`: plays random histories on all cores for a while, cuts every small story at every await, and says what held. A
 * history that breaks a promise is made smaller, and one command is printed that plays it again.
 *
 *   --seconds 60         for how long histories are played (default 60)
 *   --from 1             the first seed
 *   --connector <name>   one pair only: notebooks, directus-nextcloud, libcal-passagepoint, servicereef-nxt
 *   --seed <n>           plays this one history, and shows it
 *   --hashes <n>         prints the digest of the traces of n seeds: the same in every process
 *   --museum             the known failures, each with its defence and without
 *   --tokens             histories of refresh tokens instead; --histories <n> of them (default 100 000), or the one of --seed <n>
 *   --json               one document; else a few lines
 */
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { hash } from 'node:crypto';
import { crashPairs, crashPoints, type CrashPair, type CrashReport } from './crash-points.ts';
import { faultKinds } from './faults.ts';
import { modelRules } from './model.ts';
import { ownWorlds } from './own-worlds-all.ts';
import type { OwnWorld } from './own-worlds.ts';
import { pairs } from './pairs.ts';
import { playSeed } from './play-seed.ts';
import type { Work } from './prove-worker.ts';
import { shrink } from './shrink.ts';
import { stories } from './stories.ts';
import { sumOf, type Tally } from './tally.ts';
import { invariants } from './watch.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' }, from: { type: 'string', default: '1' }, seed: { type: 'string' }, connector: { type: 'string' },
    hashes: { type: 'string' }, museum: { type: 'boolean', default: false }, json: { type: 'boolean', default: false },
    tokens: { type: 'boolean', default: false }, histories: { type: 'string', default: '100000' },
    'without-acts': { type: 'string', default: '' }, 'without-faults': { type: 'string', default: '' },
  },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (text: string): void => void (flags.json ? process.stderr : process.stdout).write(`${text}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const { connector } = flags;
  if (connector !== undefined && ownWorldOf(connector) === undefined && pairs[connector] === undefined) {
    process.stderr.write(`there is no pair ${connector}; there is ${[...Object.keys(pairs), ...ownWorlds.map(({ name }) => name)].join(', ')}\n`);
    return 2;
  }
  if (flags.museum) return showMuseum();
  if (flags.tokens) return (await import('./prove-tokens.ts')).proveTokens({ from: Number(flags.from), histories: Number(flags.histories), only: flags.seed === undefined ? undefined : Number(flags.seed), isJson: flags.json });
  if (flags.seed !== undefined) return showHistory(Number(flags.seed), connector);
  if (flags.hashes !== undefined) return showHashes(Number(flags.hashes), connector);
  return prove(Number(flags.from), Number(flags.seconds), connector);
}

async function prove(from: number, seconds: number, connector: string | undefined): Promise<number> {
  const threads = availableParallelism();
  tell(`histories: ${seconds} s on ${threads} cores, from seed ${from}`);
  const startedAt = performance.now();
  const parts = await Promise.all(Array.from({ length: threads }, (_, at) => inThread({ from: from + at, step: threads, count: Infinity, seconds, pair: connector })));
  const took = (performance.now() - startedAt) / 1000;
  const sum = sumOf(parts.map(({ tally }) => tally));
  for (const { seed, pair, promise, detail } of sum.violations.slice(0, 10)) tell(`BROKEN ${promise}: ${detail}\n  again: npm run prove -- --seed ${seed} --connector ${pair}`);
  const [first] = sum.violations;
  if (first && ownWorldOf(first.pair) === undefined) {
    const small = await shrink(first.seed, first.pair, first.promise);
    tell(`smallest: ${small.actsLeft} acts, faults ${small.faultsLeft.join(', ') || 'none'}\n  again: npm run prove -- --seed ${small.seed} --connector ${first.pair} --without-acts ${small.withoutActs.join()} --without-faults ${small.withoutFaults.join()}`);
  }
  const crashes = await allCrashPoints(connector);
  const result = resultOf({ sum, crashes, took, from });
  if (flags.json) say(JSON.stringify(result));
  else showResult(result, sum);
  return result.violations === 0 ? 0 : 1;
}

function inThread(work: Work): Promise<{ tally: Tally; hashes: readonly string[] }> {
  return new Promise((resolve, reject) => {
    // Histories leave much behind that is young: with more room for it less is copied.
    const worker = new Worker(new URL('./prove-worker.ts', import.meta.url), { workerData: work, resourceLimits: { maxYoungGenerationSizeMb: 128 } });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with ${code} and without a result`)));
  });
}

async function allCrashPoints(connector: string | undefined): Promise<readonly CrashReport[]> {
  const reports: CrashReport[] = [];
  for (const { name, crashPoints: cut } of ownWorlds) if (connector === undefined || connector === name) reports.push(...(await cut()));
  for (const { pair, story, awaits, tried, wrong } of reports) {
    tell(`${pair}: ${story}: ${awaits} awaits, ${tried} tried, ${wrong.length} wrong`);
    for (const one of wrong.slice(0, 3)) tell(`  BROKEN ${one}`);
  }
  const chosen = (['notebooks', 'directus-nextcloud'] as const satisfies readonly CrashPair[]).filter((pair) => connector === undefined || pair === connector);
  for (const pair of chosen) {
    for (const story of stories) {
      const report = await crashPoints(pair, story);
      reports.push(report);
      tell(`${pair}: ${report.story}: ${report.awaits} awaits, ${report.tried} tried, ${report.wrong.length} wrong`);
      for (const wrong of report.wrong.slice(0, 3)) tell(`  BROKEN ${wrong}`);
    }
  }
  if (connector === undefined || connector === 'notebooks') {
    for (const story of smallestStories(reports)) {
      const report = await crashPairs('notebooks', story, ['killed before', 'answer lost']);
      reports.push(report);
      tell(`notebooks: ${report.story}, every two awaits: ${report.tried} tried, ${report.wrong.length} wrong`);
      for (const wrong of report.wrong.slice(0, 3)) tell(`  BROKEN ${wrong}`);
    }
  }
  return reports;
}

function smallestStories(reports: readonly CrashReport[]) {
  const mine = reports.filter(({ pair }) => pair === 'notebooks').sort((left, right) => left.awaits - right.awaits);
  return mine.slice(0, 2).flatMap(({ story }) => stories.filter(({ name }) => name === story));
}

interface Sums {
  readonly sum: Tally;
  readonly crashes: readonly CrashReport[];
  readonly took: number;
  readonly from: number;
}

function resultOf({ sum, crashes, took, from }: Sums) {
  const kinds = onlyWorldIn(sum)?.faultKinds.map((name) => ({ name })) ?? faultKinds;
  const struck = kinds.filter(({ name }) => (sum.fired[name] ?? 0) > 0);
  return {
    crashPoints: crashes.reduce((total, { tried }) => total + tried, 0),
    faultKinds: struck.length,
    invariants: promisesOf(sum),
    histories: sum.histories,
    historiesPerSecond: Math.round((10 * sum.histories) / took) / 10,
    callsPerSecond: Math.round(sum.calls / took),
    violations: sum.violations.length + crashes.reduce((total, { wrong }) => total + wrong.length, 0),
    seed: from,
    byPair: sum.byPair, tooCalm: sum.tooCalm, leastFired: Math.min(...struck.map(({ name }) => sum.fired[name] ?? 0)), neverStruck: kinds.filter((kind) => !struck.includes(kind)).map(({ name }) => name), fired: sum.fired, checked: sum.checked,
  };
}

function promisesOf(sum: Tally): number {
  return onlyWorldIn(sum)?.invariants.length ?? Object.keys(invariants).filter((name) => (sum.checked[name] ?? 0) > 0).length + modelRules.length;
}

function ownWorldOf(name: string): OwnWorld | undefined {
  return ownWorlds.find((world) => world.name === name);
}

/** The connector with a world of its own that all these histories were of. */
function onlyWorldIn({ byPair }: Tally): OwnWorld | undefined {
  const [pair, ...others] = Object.keys(byPair);
  return pair === undefined || others.length > 0 ? undefined : ownWorldOf(pair);
}

function showResult(result: ReturnType<typeof resultOf>, sum: Tally): void {
  say(`${result.histories} histories (${Object.entries(result.byPair).map(([pair, count]) => `${pair} ${count}`).join(', ')}), ${result.historiesPerSecond} a second, ${result.callsPerSecond} calls a second`);
  say(`${result.faultKinds} kinds of faults, the rarest struck ${result.leastFired} times; ${result.invariants} promises; ${result.crashPoints} crash points; ${result.violations} broken`);
  const never = Object.keys(invariants).filter((name) => (sum.checked[name] ?? 0) === 0);
  if (never.length > 0) say(`never looked at: ${never.join(', ')}`);
}

function numbers(text: string): ReadonlySet<number> {
  return new Set(text.split(',').filter((part) => part !== '').map(Number));
}

async function showHistory(seed: number, connector: string | undefined): Promise<number> {
  const own = ownWorldOf(connector ?? '');
  if (own !== undefined) return showOwn(own, seed);
  const played = await playSeed(seed, connector, { acts: numbers(flags['without-acts']), faults: numbers(flags['without-faults']) });
  if (flags.json) {
    const { history: { house, acts }, hash: digest, broken, fired, trace } = played;
    say(JSON.stringify({ seed, pair: played.pair, hash: digest, house, acts, fired: Object.fromEntries(fired), broken, trace }));
    return broken.length === 0 ? 0 : 1;
  }
  say(`${played.pair}, seed ${seed}, ${JSON.stringify(played.history.house)}`);
  for (const act of played.history.acts) say(`  ${JSON.stringify(act)}`);
  say(`faults: ${[...played.fired].map(([name, count]) => `${name} ${count}`).join(', ')}`);
  for (const link of played.links) say(`  link ${link.sourceId ?? '-'} <-> ${link.targetId ?? '-'}: ${link.state}${link.absent === undefined ? '' : ` (${link.absent})`}${link.problem ? `, ${link.problem.code}` : ''}; ${link.log.map(({ kind, what }) => `${kind} ${what}`).join(', ')}`);
  say(`${played.steps} steps, trace ${played.hash}`);
  for (const { invariant, detail } of played.broken) say(`BROKEN ${invariant}: ${detail}`);
  return played.broken.length === 0 ? 0 : 1;
}

async function showOwn(own: OwnWorld, seed: number): Promise<number> {
  const { acts, fired, steps, broken } = await own.play(seed);
  if (flags.json) say(JSON.stringify({ seed, pair: own.name, acts, fired: Object.fromEntries(fired), steps, broken }));
  else say([`${own.name}, seed ${seed}: ${acts} acts, ${steps} steps`, `faults: ${[...fired].map(([name, count]) => `${name} ${count}`).join(', ')}`, ...broken.map(({ invariant, detail }) => `BROKEN ${invariant}: ${detail}`)].join('\n'));
  return broken.length === 0 ? 0 : 1;
}

async function showHashes(count: number, connector: string | undefined): Promise<number> {
  const threads = availableParallelism();
  const each = Math.ceil(count / threads);
  const from = Number(flags.from);
  const parts = await Promise.all(Array.from({ length: threads }, (_, at) => inThread({ from: from + at * each, step: 1, count: Math.min(each, count - at * each), seconds: Infinity, pair: connector, hashes: true })));
  const all = parts.flatMap(({ hashes }) => hashes);
  const result = { seeds: all.length, from, digest: hash('sha256', all.join('\n'), 'hex') };
  say(flags.json ? JSON.stringify(result) : `${result.seeds} seeds from ${from}: ${result.digest}`);
  return 0;
}

async function showMuseum(): Promise<number> {
  const { runMuseum } = await import('../museum/museum.ts');
  const exhibits = await runMuseum();
  const failed = exhibits.filter(({ passesWithDefence, failsWithoutDefence }) => !passesWithDefence || !failsWithoutDefence);
  if (flags.json) say(JSON.stringify({ exhibits: exhibits.length, asPromised: exhibits.length - failed.length, details: exhibits }));
  else for (const { name, passesWithDefence, failsWithoutDefence, detail } of exhibits) say(`${passesWithDefence && failsWithoutDefence ? 'good  ' : 'BROKEN'} ${name}: ${detail}`);
  return failed.length === 0 ? 0 : 1;
}

