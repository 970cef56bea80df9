/**
 * A connector is data plus sides: streams in order, each with its two sides, its fields, its policy and its limits.
 */
import type { Policy } from '../sync/policy.ts';
import type { GuardLimits } from '../sync/guard.ts';
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
}

export interface Connector {
  readonly id: string;
  /** How it is called in reports. */
  readonly title: string;
  readonly streams: readonly Stream[];
  /** How often it runs when nobody says otherwise. */
  readonly everyMinutes: number;
}
