/** One history by its number: the pair that it stands for, and the judge. */
import { judge } from './model.ts';
import { pairOfSeed, pairs } from './pairs.ts';
import { play, type Played, type PlayOptions } from './play.ts';

/** @param without  What to leave out, see `shrink`. @param onLag  On tables whose cheap readings lag, see `PlayOptions`. */
export async function playSeed(seed: number, name: string = pairOfSeed(seed), without?: PlayOptions['without'], onLag?: PlayOptions['onLag']): Promise<Played> {
  const kind = pairs[name];
  if (kind === undefined) throw new Error(`there is no pair ${name}; there is ${Object.keys(pairs).join(', ')}`);
  return play({ seed, pairOf: kind.make, faults: kind.faults, judge, without, onLag });
}
