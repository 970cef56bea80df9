/** Makes a failing history smaller: leaves out faults and acts, one after another, as long as it still breaks the same promise. */
import { playSeed } from './play-seed.ts';

export interface Shrunk {
  readonly seed: number;
  readonly promise: string;
  readonly withoutActs: readonly number[];
  readonly withoutFaults: readonly number[];
  readonly actsLeft: number;
  readonly faultsLeft: readonly string[];
}

const turns = 24; // more than a history has acts or faults

export async function shrink(seed: number, pair: string | undefined, promise: string): Promise<Shrunk> {
  const acts = new Set<number>();
  const faults = new Set<number>();
  const breaks = async (): Promise<boolean> => (await playSeed(seed, pair, { acts, faults })).broken.some(({ invariant }) => invariant === promise);
  for (const left of [faults, acts]) {
    for (let turn = 0; turn < turns; turn++) {
      left.add(turn);
      if (!(await breaks())) left.delete(turn);
    }
  }
  const smallest = await playSeed(seed, pair, { acts, faults });
  return { seed, promise, withoutActs: [...acts], withoutFaults: [...faults], actsLeft: smallest.acts, faultsLeft: [...smallest.fired.keys()] };
}
