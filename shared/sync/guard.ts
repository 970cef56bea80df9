/**
 * Looks at a whole plan before any of it happens. A change that removes, whatever its verb, is a withdrawal; too many of
 * them in a day, or a side that lost everything, is what a broken filter or a wrong address looks like, so a person decides.
 */

export interface GuardLimits {
  /** A plan is held above this share of the linked pairs ... */
  readonly shareMax: number;
  /** ... and above this number; both must be exceeded. */
  readonly countMax: number;
}

export const defaultGuard: GuardLimits = { shareMax: 0.2, countMax: 5 };

export interface GuardFacts {
  readonly stream: string;
  /** Withdrawals in this plan. */
  readonly planned: number;
  /** Withdrawals already made or held in the last 24 hours. */
  readonly recent: number;
  /** Pairs that stand on both sides before this plan, recent withdrawals included. */
  readonly linked: number;
  /** Sides whose complete scan found nothing though links knew something there. */
  readonly emptied: readonly string[];
  /** Withdrawals, among the planned ones, of what we did not make. */
  readonly foreign?: number | undefined;
  /** Sides that are not what they were: another address, account, container or filter. */
  readonly changedSides: readonly string[];
}

export interface Held {
  readonly stream: string;
  readonly code: 'TOO_MANY_WITHDRAWALS' | 'SIDE_EMPTY' | 'SIDE_CHANGED' | 'FOREIGN_ITEMS';
  readonly message: string;
}

/** Why the plan has to wait for a person; empty when it may go. A plan without withdrawals always may. */
export function guard(limits: GuardLimits, facts: GuardFacts): Held[] {
  if (facts.planned === 0) return [];
  const held: Held[] = [];
  const { stream } = facts;
  const counted = facts.planned + facts.recent;
  if (counted > limits.countMax && counted > limits.shareMax * facts.linked) {
    const share = Math.round((100 * counted) / Math.max(1, facts.linked));
    held.push({
      stream,
      code: 'TOO_MANY_WITHDRAWALS',
      message: `${counted} of ${facts.linked} would be withdrawn within 24 hours (${share} %, limit ${Math.round(limits.shareMax * 100)} %)`,
    });
  }
  const { foreign = 0 } = facts;
  if (foreign > 0) {
    held.push({ stream, code: 'FOREIGN_ITEMS', message: `${foreign} ${foreign === 1 ? 'item' : 'items'} that Concord did not make would be removed` });
  }
  for (const side of facts.emptied) {
    held.push({ stream, code: 'SIDE_EMPTY', message: `${side} is empty now, though it held linked items before` });
  }
  for (const side of facts.changedSides) {
    held.push({ stream, code: 'SIDE_CHANGED', message: `${side} has another address, account, container or filter than before` });
  }
  return held;
}
