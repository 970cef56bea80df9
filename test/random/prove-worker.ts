/** One thread of `npm run prove`: plays every n-th seed until its time is over, or a list of seeds for their hashes. */
import { parentPort, workerData } from 'node:worker_threads';
import { ownWorlds } from './own-worlds-all.ts';
import { playSeed } from './play-seed.ts';
import { addPlayed, emptyTally } from './tally.ts';

export interface Work {
  readonly from: number;
  readonly step: number;
  /** Histories to play at most. */
  readonly count: number;
  readonly seconds: number;
  readonly pair?: string | undefined;
  /** Hashes of the traces are wanted, not their sum. */
  readonly hashes?: boolean | undefined;
}

async function work({ from, step, count, seconds, pair, hashes }: Work): Promise<void> {
  const until = performance.now() + seconds * 1000;
  const tally = emptyTally();
  const seen: string[] = [];
  for (let n = 0; n < count && performance.now() < until; n++) {
    const own = ownWorlds.find(({ name }) => name === pair);
    if (own !== undefined) addPlayed(tally, await own.play(from + n * step));
    else {
      const played = await playSeed(from + n * step, pair);
      if (hashes === true) seen.push(played.hash);
      addPlayed(tally, played);
    }
    if (tally.violations.length > 20) break;
  }
  parentPort?.postMessage({ tally, hashes: seen }, []);
}

if (parentPort) {
  const given: Work = workerData;
  await work(given);
}
