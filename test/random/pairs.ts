/** The pairs of systems that histories happen in. A connector that joins adds its line. */
import { calendarPair } from './calendar-pair.ts';
import { notebookPair } from './notebook-pair.ts';
import type { SimulatedPair, Stage } from './world.ts';

export const pairs: { readonly [name: string]: (stage: Stage) => SimulatedPair } = {
  notebooks: (stage) => notebookPair(stage),
  'directus-nextcloud': (stage) => calendarPair(stage),
};

const calendarEvery = 20; // a history of real clients costs as much as several of notebooks

/** Which pair a seed stands for, where nobody asks for one. */
export const pairOfSeed = (seed: number): string => (seed % calendarEvery === 0 ? 'directus-nextcloud' : 'notebooks');
