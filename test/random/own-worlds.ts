/** Connectors whose histories happen in a world of their own, because their two sides are no pair of like lists: what each says of itself. */
import type { CrashReport } from './crash-points.ts';

export interface Broken {
  readonly invariant: string;
  readonly detail: string;
}

export interface PlayedWorld {
  readonly seed: number;
  readonly pair: string;
  readonly acts: number;
  readonly fired: ReadonlyMap<string, number>;
  readonly checked: ReadonlyMap<string, number>;
  readonly calls: number;
  readonly steps: number;
  readonly broken: readonly Broken[];
}

export interface OwnWorld {
  readonly name: string;
  readonly faultKinds: readonly string[];
  readonly invariants: readonly string[];
  readonly play: (seed: number) => Promise<PlayedWorld>;
  readonly crashPoints: () => Promise<readonly CrashReport[]>;
}
