/**
 * What a plan will cost at the systems that count calls: an upper bound, from what each stream says of its writes and what the connector may
 * call. Reading and quick retries are not in it. Pure.
 */

/** What a connector may call at one system, all its workers together. */
export interface CallBudget {
  readonly system: string;
  readonly perSecond: number;
  /** The vendor's quota less what is kept for people. */
  readonly perDay?: number | undefined;
}

export interface PlanCost {
  readonly calls: number;
  readonly perSecond: number;
  /** At that rate, rounded up to a tenth. */
  readonly minutes: number;
  /** 1 is all of a day's quota; to the thousandth. Absent where there is none. */
  readonly shareOfDay?: number | undefined;
  /** Over how many days it spreads. Absent where one is enough. */
  readonly days?: number | undefined;
}

export interface PlanCosts {
  readonly [system: string]: PlanCost;
}

/** By system, those without a call left out; undefined where nothing is left. A system without a budget costs nothing that is scarce. */
export function costOf(budgets: readonly CallBudget[], calls: ReadonlyMap<string, number>): PlanCosts | undefined {
  const costs = budgets.flatMap((budget): [string, PlanCost][] => {
    const count = calls.get(budget.system) ?? 0;
    return count > 0 ? [[budget.system, costAt(budget, count)]] : [];
  });
  return costs.length > 0 ? Object.fromEntries(costs) : undefined;
}

function costAt({ perSecond, perDay }: CallBudget, calls: number): PlanCost {
  const minutes = Math.ceil((calls / perSecond / 60) * 10) / 10;
  if (perDay === undefined) return { calls, perSecond, minutes };
  const days = Math.ceil(calls / perDay);
  return { calls, perSecond, minutes, shareOfDay: Math.round((calls / perDay) * 1000) / 1000, ...(days > 1 && { days }) };
}
