/** Connectors whose histories happen in a world of their own, because their two sides are no pair of like lists: what each says of itself. */
import type { CrashReport } from './crash-points.ts';
import type { Played } from './play.ts';

export type PlayedWorld = Pick<Played, 'seed' | 'pair' | 'acts' | 'fired' | 'checked' | 'calls' | 'steps' | 'broken'>;

export interface OwnWorld {
  readonly name: string;
  readonly faultKinds: readonly string[];
  readonly invariants: readonly string[];
  readonly play: (seed: number) => Promise<PlayedWorld>;
  readonly crashPoints: () => Promise<readonly CrashReport[]>;
}
