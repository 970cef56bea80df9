/**
 * Draws a seeded sample of mutants. Stryker has no such option, but it asks checkers about every mutant before it is run;
 * this one lets those through that were drawn. The others come back as `CompileError`, which `verdict.ts` does not count.
 */
import { createHash } from 'node:crypto';
import type { Sample } from './targets.ts';

/** What tells mutants apart, from run to run and from process to process. */
export interface Place {
  readonly id: string;
  readonly fileName: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number }; readonly end: { readonly line: number; readonly column: number } };
  readonly replacement?: string | undefined;
}

/** The mutants in the order of a seed: its first ones are the sample, of these and of any that are added. */
export function inDrawingOrder<T extends Place>(mutants: readonly T[], seed: number): readonly T[] {
  const rank = ({ fileName, location, replacement = '' }: Place): string =>
    createHash('sha256').update(JSON.stringify([seed, fileName.replace(/^.*(?=\bshared\/)/, ''), location.start, location.end, replacement])).digest('hex');
  return mutants.map((mutant) => ({ mutant, rank: rank(mutant) })).toSorted((one, other) => (one.rank < other.rank ? -1 : 1)).map(({ mutant }) => mutant);
}

class SampleChecker {
  static readonly inject = ['options'] as const;
  private readonly sample: Sample;

  constructor(options: { readonly sample: Sample }) {
    this.sample = options.sample;
  }

  async init(): Promise<void> {}

  /** One group of all, because a draw has to see them together. */
  async group(mutants: readonly Place[]): Promise<string[][]> {
    return [mutants.map((mutant) => mutant.id)];
  }

  async check(mutants: readonly Place[]): Promise<Record<string, { status: string; reason?: string }>> {
    const drawn = new Set(inDrawingOrder(mutants, this.sample.seed).slice(0, this.sample.max).map((mutant) => mutant.id));
    return Object.fromEntries(mutants.map(({ id }) => [id, drawn.has(id) ? { status: 'passed' } : { status: 'compileError', reason: 'not drawn' }]));
  }
}

export const strykerPlugins = [{ kind: 'Checker', name: 'sample', injectableClass: SampleChecker }];
