/**
 * A connector is data plus sides: streams in order, each with its two sides, its fields, its policy and its limits.
 */
import type { CallBudget } from '../sync/cost.ts';
import type { GuardLimits } from '../sync/guard.ts';
import type { StagedWrite } from '../sync/link.ts';
import type { Policy } from '../sync/policy.ts';
import type { KeyFor, Side } from './side.ts';

export interface Stream {
  readonly name: string;
  readonly source: Side;
  readonly target: Side;
  /** The fields that are compared, in a fixed order. */
  readonly fields: readonly string[];
  /** Names the mapping; change it when `map.ts` starts to read the same wire item differently. */
  readonly shape: string;
  readonly policy: Policy;
  readonly guard: GuardLimits;
  /** The field with the parent by which the guard counts too, as a roster's `event`. A held plan names that parent by its id: never a person. */
  readonly guardPer?: string | undefined;
  readonly keyFor: KeyFor;
  /** A full reading of each side at least this often, because real servers skip changes. */
  readonly fullEveryMs: number;
  /** What is withdrawn stays there, marked as over (an inactive event): its children need not go first. */
  readonly childrenStay?: boolean | undefined;
  /** Where a system counts calls: how many a write takes at most, looks before and after it included. */
  readonly cost?: { readonly system: string; calls(write: StagedWrite): number } | undefined;
}

export interface Connector {
  readonly id: string;
  /** How it is called in reports. */
  readonly title: string;
  readonly streams: readonly Stream[];
  /** How often it runs when nobody says otherwise. */
  readonly everyMinutes: number;
  /** What it may call at the systems that its streams' `cost` names; a plan then tells what it will take of that. */
  readonly budgets?: readonly CallBudget[] | undefined;
}
