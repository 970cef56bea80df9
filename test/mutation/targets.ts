/** What can be mutated, and which tests have to notice. How the mutants are run is said in `stryker.json`. */
import type { PartialStrykerOptions } from '@stryker-mutator/api/core';

export const targets = {
  sync: { mutate: ['shared/sync/*.ts'], tests: 'test/mutation/sync.vitest.ts' },
  engine: { mutate: ['shared/engine/*.ts'], tests: 'test/mutation/engine.vitest.ts' },
} as const;

export type TargetName = keyof typeof targets;

/** A sample of a target's mutants; the same seed draws the same ones for as long as the code stands. */
export interface Sample {
  readonly max: number;
  readonly seed: number;
}

export const isTarget = (name: string | undefined): name is TargetName => name !== undefined && Object.hasOwn(targets, name);

export function optionsOf(name: TargetName, sample: Sample | undefined, isQuiet: boolean): PartialStrykerOptions {
  const drawn = sample ? { checkers: ['sample'], sample } : {};
  return {
    ...drawn,
    configFile: 'test/mutation/stryker.json',
    mutate: [...targets[name].mutate],
    // Not `related`: a mutant that is active while a module loads has to meet all tests, not those that vitest relates to one file.
    vitest: { configFile: targets[name].tests, related: false },
    reporters: isQuiet ? [] : ['progress-append-only'],
  };
}
