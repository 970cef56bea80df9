/**
 * What a run tells: counts that add up, calls, and every problem by name. The JSON form is what scripts rely on; the text
 * form (bin/print.ts) is what an operator reads first. Pure.
 */
import type { PlanCosts } from './cost.ts';
import type { Held } from './guard.ts';
import type { OutcomeKind, SideName, StagedWrite } from './link.ts';

export interface StreamCounts {
  /** Lines of both sides' readings. */
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly linked: number;
  readonly unchanged: number;
  readonly waiting: number;
  readonly failed: number;
  readonly parked: number;
  readonly doubt: number;
}

export const noCounts: StreamCounts = { read: 0, created: 0, updated: 0, deleted: 0, linked: 0, unchanged: 0, waiting: 0, failed: 0, parked: 0, doubt: 0 };

export interface Problem {
  readonly stream: string;
  /** An id that `explain`, `replay` and `resolve` take. */
  readonly id: string;
  readonly code: string;
  readonly message: string;
}

/** One line of a plan as a person reads it: no values, only which fields. */
export interface PlannedChange {
  readonly stream: string;
  readonly id: string;
  readonly side: SideName;
  readonly kind: StagedWrite['kind'];
  readonly fields: readonly string[];
  readonly reason: string;
}

export interface RunReport {
  readonly connector: string;
  readonly run: string;
  readonly state: 'finished' | 'held' | 'paused' | 'failed';
  readonly streams: { readonly [name: string]: StreamCounts };
  readonly calls: { readonly [system: string]: number };
  readonly durationMs: number;
  readonly problems: readonly Problem[];
  /** Why the plan is held; empty otherwise. */
  readonly held: readonly Held[];
  /** The first 200 changes of the plan, for `plan` and for a held one. */
  readonly changes: readonly PlannedChange[];
  /** All changes of the plan. */
  readonly planned: number;
  /** Absent where the connector's systems do not count calls, or the plan needs none. */
  readonly cost?: PlanCosts | undefined;
  /** When the calls return that a paused run has used up, ISO 8601. */
  readonly resetsAt?: string | undefined;
}

/** What became of one change in one run; a second outcome for the same link replaces the first. */
export interface LinkOutcome {
  readonly stream: string;
  readonly link: string;
  readonly id: string;
  readonly kind: OutcomeKind;
  /** `created`, `updated`, `deleted`, `linked` for applied ones; anything else counts as unchanged. */
  readonly what: string;
  readonly problem?: { readonly code: string; readonly message: string } | undefined;
}

/** Sums outcomes, one for each link. `updated` counts a link once, also where both sides were written. */
export function countOutcomes(read: number, unchanged: number, outcomes: Iterable<LinkOutcome>): StreamCounts {
  const counts = { ...noCounts, read, unchanged };
  for (const outcome of outcomes) {
    if (outcome.kind === 'applied') {
      if (outcome.what === 'created' || outcome.what === 'updated' || outcome.what === 'deleted' || outcome.what === 'linked') counts[outcome.what]++;
      else counts.unchanged++;
    } else if (outcome.kind === 'skipped') counts.unchanged++;
    else counts[outcome.kind]++;
  }
  return counts;
}

export function problemsOf(outcomes: Iterable<LinkOutcome>): Problem[] {
  return [...outcomes].flatMap(({ stream, id, problem }) => (problem ? [{ stream, id, code: problem.code, message: problem.message }] : []));
}

/** The exit code of DESIGN section 6: the first that holds of 5, 4, 1, 3, 6 (plans only), 0. */
export function exitCode(report: RunReport, planOnly: boolean): 0 | 1 | 3 | 4 | 5 | 6 {
  if (report.state === 'paused') return 5;
  if (report.state === 'held') return 4;
  if (report.state === 'failed') return 1;
  const open = Object.values(report.streams).some((counts) => counts.failed + counts.waiting + counts.parked + counts.doubt > 0);
  if (open) return 3;
  return planOnly && report.planned > 0 ? 6 : 0;
}

/** Of several exit codes the one that comes first in that order; 0 of none. */
export function worstOf(codes: readonly number[]): number {
  return [5, 4, 1, 3, 6].find((code) => codes.includes(code)) ?? 0;
}
