/**
 * `npm run soak -- [--minutes 60] [--every 1m] [--seed 1] [--json]`: the connector in its loop against simulators that keep failing, with
 * somebody at work in both. Afterwards everything is calm: memory must have stayed flat, files bounded, and within a few runs nothing is
 * left to do. Ends with 1 when one of these does not hold. It takes the time it is given, so it is no part of the tests.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faultyWorld } from './faulty-world.ts';
import { watchedHub } from './watched-hub.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, every: { type: 'string', default: '1m' }, seed: { type: 'string', default: '1' }, json: { type: 'boolean', default: false } } });
const minutes = Number(values.minutes);
const actEveryMs = 4000;
const sampleEveryMs = 10_000;
const restRunsMax = 20;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const median = (numbers: readonly number[]): number => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

const state = mkdtempSync(join(tmpdir(), 'concord-soak-'));
const world = await faultyWorld(Number(values.seed));
const hub = watchedHub({ state, every: values.every, variables: world.variables });
const samples: { readonly memory: number; readonly files: number }[] = [];
try {
  let acts = 0;
  const endsAt = Date.now() + minutes * 60_000;
  for (let sampleAt = 0; Date.now() < endsAt && hub.isAlive(); await wait(actEveryMs)) {
    world.act();
    acts += 1;
    if (Date.now() < sampleAt) continue;
    sampleAt = Date.now() + sampleEveryMs;
    samples.push({ memory: hub.memory(), files: hub.files() });
  }
  world.calm();
  const isAtRest = await rests();
  const exit = await hub.stop();
  process.exitCode = finish(acts, isAtRest, exit);
} finally {
  await hub.stop();
  await world.close();
  rmSync(state, { recursive: true, force: true });
}

/** Two runs in a row that plan nothing. */
async function rests(): Promise<boolean> {
  const from = hub.reports.length;
  while (hub.isAlive() && hub.reports.length < from + restRunsMax) {
    await wait(1000);
    const last = hub.reports.slice(from).slice(-2);
    if (last.length === 2 && last.every(({ state: how, planned }) => how === 'finished' && planned === 0)) return true;
  }
  return false;
}

function finish(acts: number, isAtRest: boolean, exit: number | null): number {
  // The first quarter is the warm-up: code is compiled, the world is read in.
  const [early, late] = [samples.slice(samples.length / 4, samples.length / 2), samples.slice((samples.length * 3) / 4)];
  const memory = { early: median(early.map((sample) => sample.memory)), late: median(late.map((sample) => sample.memory)) };
  const files = { early: median(early.map((sample) => sample.files)), late: median(late.map((sample) => sample.files)) };
  const wrong = world.wrong();
  const holds = {
    'memory flat': memory.late < memory.early * 1.15 + 10e6,
    'files bounded': files.late < files.early * 1.5 + 4e6,
    'at rest': isAtRest,
    'ended when asked': exit === 0,
    'nothing unreadable was printed': hub.unread.length === 0,
  };
  const states = Object.fromEntries([...Map.groupBy(hub.reports, (report) => report.state)].map(([name, group]) => [name, group.length]));
  const problems = Object.fromEntries([...Map.groupBy(hub.reports.at(-1)?.problems ?? [], ({ code }) => code)].map(([code, group]) => [code, group.length]));
  const figures = {
    minutes, acts, runs: hub.reports.length, states, errors: hub.errors.length, faults: world.fired(),
    memoryMiB: { early: Math.round(memory.early / 2 ** 20), late: Math.round(memory.late / 2 ** 20) },
    filesKiB: { early: Math.round(files.early / 1024), late: Math.round(files.late / 1024) },
    openForAPerson: problems, differing: wrong.length, holds,
  };
  process.stdout.write(values.json ? `${JSON.stringify(figures, undefined, 2)}\n` : `${JSON.stringify(figures)}\n`);
  const isAllWell = Object.values(holds).every(Boolean);
  if (!isAllWell) process.stderr.write(`${hub.lastWords()}\n${wrong.join('\n')}\n`);
  return isAllWell ? 0 : 1;
}
