/**
 * Runs before each test file of a mutation run: gives the instrumented code its switch, and notes which mutants the file
 * reaches where somebody asks for that.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The mutant that is on; 0 for none. */
    readonly mutant: number;
    /** Where the numbers of the reached mutants go; empty where nobody asks. */
    readonly hitsFile: string;
  }
}

const active = inject('mutant');
const hitsFile = inject('hitsFile');
const hits = new Set<number>();

const isOn = (id: number): boolean => id === active;
const noteHit = (id: number): boolean => {
  hits.add(id);
  return false;
};
Object.assign(globalThis, { __mutant: hitsFile === '' ? isOn : noteHit });

afterAll(() => {
  if (hitsFile !== '') writeFileSync(hitsFile, JSON.stringify([...hits]));
});
