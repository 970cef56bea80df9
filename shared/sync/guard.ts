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
  if (isTooMany(limits, counted, facts.linked)) held.push({ stream, code: 'TOO_MANY_WITHDRAWALS', message: `${counted} of ${facts.linked} ${shareText(limits, counted, facts.linked)}` });
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

/** The children of one parent. */
export interface Roster {
  /** The parent's stream and source id, as a report says it. */
  readonly name: string;
  /** Withdrawals in this plan, and those made or held in the last 24 hours. */
  readonly withdrawn: number;
  /** Pairs that stand on both sides, and those that are withdrawn. */
  readonly linked: number;
}

const rostersNamed = 10; // the worst; a person who reads these knows what the others are like

/** A roster that loses too much holds the plan as a whole stream does, though it may be a small part of it. */
export function guardRosters(limits: GuardLimits, stream: string, rosters: readonly Roster[]): Held[] {
  const broken = rosters.filter(({ withdrawn, linked }) => isTooMany(limits, withdrawn, linked)).sort((a, b) => b.withdrawn - a.withdrawn);
  const messages = broken.slice(0, rostersNamed).map(({ name, withdrawn, linked }) => `${withdrawn} of ${linked} of ${name} ${shareText(limits, withdrawn, linked)}`);
  const unnamed = broken.length - messages.length;
  if (unnamed > 0) messages.push(`and ${unnamed} more like these, each above the limit`);
  return messages.map((message) => ({ stream, code: 'TOO_MANY_WITHDRAWALS', message }));
}

const isTooMany = (limits: GuardLimits, counted: number, linked: number): boolean => counted > limits.countMax && counted > limits.shareMax * linked;

function shareText({ shareMax }: GuardLimits, counted: number, linked: number): string {
  const share = Math.round((100 * counted) / Math.max(1, linked));
  return `would be withdrawn within 24 hours (${share} %, limit ${Math.round(shareMax * 100)} %)`;
}
