/**
 * `npm run prove -- --tokens`: plays histories of refresh tokens on all cores and adds up what became of the tokens. Each of its own files is run
 * in a thread, too: then it plays every n-th seed and hands its sum over.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { playTokens, type TokensPlayed } from './token-history.ts';

interface Sum {
  histories: number;
  spentTwice: number;
  falseAlarms: number;
  lost: number;
  lostInACrash: number;
  alarms: number;
  triedAgain: number;
  presented: number;
  steps: number;
  readonly fired: { [fault: string]: number };
  readonly broken: { readonly seed: number; readonly what: string }[];
}

interface Share {
  readonly from: number;
  readonly step: number;
  readonly count: number;
}

const emptySum = (): Sum => ({ histories: 0, spentTwice: 0, falseAlarms: 0, lost: 0, lostInACrash: 0, alarms: 0, triedAgain: 0, presented: 0, steps: 0, fired: {}, broken: [] });
const counted = ['spentTwice', 'falseAlarms', 'lost', 'lostInACrash', 'alarms', 'triedAgain', 'presented', 'steps'] as const;
const brokenMax = 100;

export async function proveTokens({ from, histories, only, isJson }: { readonly from: number; readonly histories: number; readonly only: number | undefined; readonly isJson: boolean }): Promise<number> {
  if (only !== undefined) return showOne(only, isJson);
  const startedAt = performance.now();
  const threads = Math.min(availableParallelism(), histories);
  const shares = Array.from({ length: threads }, (_, at): Share => ({ from: from + at, step: threads, count: Math.floor((histories - at + threads - 1) / threads) }));
  const sum = emptySum();
  for (const part of await Promise.all(shares.map(inThread))) add(sum, part);
  const took = (performance.now() - startedAt) / 1000;
  const { broken, fired, steps: _steps, ...figures } = sum;
  const result = { ...figures, lostOnTheWire: sum.lost - sum.lostInACrash, seed: from, faultKinds: Object.keys(fired).length, violations: broken.length, historiesPerSecond: Math.round((10 * sum.histories) / took) / 10, stepsPerHistory: Math.round(sum.steps / Math.max(1, sum.histories)), fired };
  for (const { seed, what } of broken.slice(0, 10)) process.stderr.write(`BROKEN ${what}\n  again: npm run prove -- --tokens --seed ${seed}\n`);
  process.stdout.write(isJson ? `${JSON.stringify(result)}\n` : textOf(result));
  return broken.length === 0 && sum.spentTwice === 0 && sum.falseAlarms === 0 && sum.alarms === sum.lost ? 0 : 1;
}

type Result = Pick<Sum, 'histories' | 'spentTwice' | 'falseAlarms' | 'lost' | 'alarms' | 'presented'> & { readonly lostOnTheWire: number; readonly violations: number; readonly historiesPerSecond: number };

const textOf = ({ histories, historiesPerSecond, presented, spentTwice, falseAlarms, lost, lostOnTheWire, alarms, violations }: Result): string => `${[
  `${histories} histories, ${historiesPerSecond} a second; refresh tokens were shown to the vendor ${presented} times`,
  `${spentTwice} spent twice, ${falseAlarms} false alarms; ${lost} lost with their answer (${lostOnTheWire} on the wire, the others with the worker that had it in hand), ${alarms} alarms; ${violations} broken`,
].join('\n')}\n`;

async function showOne(seed: number, isJson: boolean): Promise<number> {
  const { fired, ...played } = await playTokens(seed);
  if (isJson) process.stdout.write(`${JSON.stringify({ ...played, fired: Object.fromEntries(fired) })}\n`);
  else process.stdout.write(`${[...played.trace, ...played.broken.map((what) => `BROKEN ${what}`), `${played.steps} steps, trace ${played.hash}`].join('\n')}\n`);
  return played.broken.length === 0 ? 0 : 1;
}

function inThread(share: Share): Promise<Sum> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share, resourceLimits: { maxYoungGenerationSizeMb: 128 } });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with ${code} and without a result`)));
  });
}

function add(sum: Sum, part: Sum): void {
  sum.histories += part.histories;
  for (const name of counted) sum[name] += part[name];
  for (const [name, count] of Object.entries(part.fired)) sum.fired[name] = (sum.fired[name] ?? 0) + count;
  sum.broken.push(...part.broken);
}

const partOf = (played: TokensPlayed): Sum => ({ ...played, histories: 1, fired: Object.fromEntries(played.fired), broken: played.broken.map((what) => ({ seed: played.seed, what })) });

if (!isMainThread) {
  const share: Share = workerData;
  const sum = emptySum();
  for (let n = 0; n < share.count && sum.broken.length < brokenMax; n += 1) add(sum, partOf(await playTokens(share.from + n * share.step)));
  parentPort?.postMessage(sum, []);
}
