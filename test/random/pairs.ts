/** The pairs of systems that histories happen in. A connector that joins adds its line. */
import { calendarFaults, calendarPair } from './calendar-pair.ts';
import { notebookFaults, notebookPair } from './notebook-pair.ts';
import type { SimulatedPair, Stage } from './world.ts';

export interface PairKind {
  readonly make: (stage: Stage) => SimulatedPair;
  /** The faults that can strike here. */
  readonly faults: readonly string[];
}

export const pairs: { readonly [name: string]: PairKind } = {
  notebooks: { make: (stage) => notebookPair(stage), faults: notebookFaults },
  'directus-nextcloud': { make: (stage) => calendarPair(stage), faults: calendarFaults },
};

const calendarEvery = 40; // a history of real clients costs as much as several of notebooks

/** Which pair a seed stands for, where nobody asks for one. */
export const pairOfSeed = (seed: number): string => (seed % calendarEvery === 0 ? 'directus-nextcloud' : 'notebooks');
