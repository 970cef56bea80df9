/** What many histories add up to: plain data, so that it travels between threads. */
import type { PlayedWorld } from './own-worlds.ts';

export interface Tally {
  histories: number;
  /** Fewer than eight acts or two faults that struck: played and judged, not counted. */
  tooCalm: number;
  calls: number;
  steps: number;
  readonly byPair: { [pair: string]: number };
  readonly fired: { [fault: string]: number };
  readonly checked: { [invariant: string]: number };
  readonly violations: { readonly seed: number; readonly pair: string; readonly promise: string; readonly detail: string }[];
}

export const emptyTally = (): Tally => ({ histories: 0, tooCalm: 0, calls: 0, steps: 0, byPair: {}, fired: {}, checked: {}, violations: [] });

const actsMin = 8;
const faultsMin = 2;

export function addPlayed(tally: Tally, played: PlayedWorld): void {
  let fired = 0;
  for (const [name, count] of played.fired) {
    fired += count;
    tally.fired[name] = (tally.fired[name] ?? 0) + count;
  }
  for (const [name, count] of played.checked) tally.checked[name] = (tally.checked[name] ?? 0) + count;
  const isCounted = played.acts >= actsMin && fired >= faultsMin;
  if (isCounted) tally.histories += 1;
  else tally.tooCalm += 1;
  if (isCounted) tally.byPair[played.pair] = (tally.byPair[played.pair] ?? 0) + 1;
  tally.calls += played.calls;
  tally.steps += played.steps;
  for (const { invariant, detail } of played.broken) tally.violations.push({ seed: played.seed, pair: played.pair, promise: invariant, detail });
}

function add(into: { [name: string]: number }, from: { readonly [name: string]: number }): void {
  for (const [name, count] of Object.entries(from)) into[name] = (into[name] ?? 0) + count;
}

export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const tally of tallies) {
    sum.histories += tally.histories;
    sum.tooCalm += tally.tooCalm;
    sum.calls += tally.calls;
    sum.steps += tally.steps;
    add(sum.byPair, tally.byPair);
    add(sum.fired, tally.fired);
    add(sum.checked, tally.checked);
    sum.violations.push(...tally.violations);
  }
  return sum;
}
