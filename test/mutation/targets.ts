/** Which files are mutated for a target, and which tests are to notice. Both children and driver number mutants by this. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instrument, type Mutant } from './mutants.ts';

const root = join(import.meta.dirname, '../..');

/** The mutants of every file of a target, and by absolute path the text that holds them. */
export function instrumentedFiles(target: string): { readonly codeOf: ReadonlyMap<string, string>; readonly mutants: readonly Mutant[] } {
  const codeOf = new Map<string, string>();
  const mutants: Mutant[] = [];
  for (const name of readdirSync(join(root, 'shared', target)).toSorted()) {
    const path = join(root, 'shared', target, name);
    const made = instrument(`shared/${target}/${name}`, readFileSync(path, 'utf8'), mutants.length + 1);
    codeOf.set(path, made.code);
    mutants.push(...made.mutants);
  }
  return { codeOf, mutants };
}

export function testsOf(target: string): string[] {
  const names = readdirSync(join(root, 'test', target)).filter((name) => name.endsWith('.test.ts'));
  return names.toSorted().map((name) => join(root, 'test', target, name));
}
