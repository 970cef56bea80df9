/**
 * A run's report with what workers in other functions made of its changes, so that it adds up as on one machine, where the run writes
 * itself. Where nobody else worked it is the report as it was.
 */
import { fieldsOf } from '../base/fields-of.ts';
import { countOutcomes, problemsOf, type LinkOutcome } from '../sync/report.ts';
import type { Memory } from './memory.ts';

/** @param report  as it was saved; anything else is given back. */
export async function addedUp({ outcomes }: Pick<Memory, 'outcomes'>, run: string, report: unknown): Promise<unknown> {
  const made = await outcomes.of(run);
  const { streams, problems, ...rest } = fieldsOf(report);
  if (made.length === 0 || streams === undefined) return report;
  return { ...rest, streams: Object.fromEntries(Object.entries(fieldsOf(streams)).map(([stream, counts]) => [stream, sum(counts, made.filter((one) => one.stream === stream))])), problems: [...(Array.isArray(problems) ? problems : []), ...problemsOf(made)] };
}

function sum(counts: unknown, made: readonly LinkOutcome[]): { readonly [name: string]: number } {
  const added: { readonly [name: string]: number } = { ...countOutcomes(0, 0, made) };
  return Object.fromEntries(Object.entries(fieldsOf(counts)).map(([name, count]) => [name, Number(count) + (added[name] ?? 0)]));
}
