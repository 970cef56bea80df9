/**
 * What a connector may call at a system that counts calls: a rate and a day's quota, over all of its workers, from one row of the table.
 * How many workers there may be is nowhere bounded (two that apply, one that plans, one for each person's errand), so no worker gets a fixed
 * share of the rate: each takes slots and calls from the row, and a lone one has the whole of it. Where there is no table (`concord connect`:
 * one call) only this process is paced.
 */
import { ConfigurationInvalid } from '../base/errors.ts';
import { allOf, dailyQuota, rateLimiter, type Budget } from '../http/budget.ts';
import { sharedRate } from '../http/shared-rate.ts';
import { budgetStore } from '../stores/budget-store.ts';
import type { SignInParts } from './connector-factory.ts';

export interface VendorAllowance {
  readonly connector: string;
  /** As its client names it to a budget; calls to others pass. */
  readonly system: string;
  readonly perSecond: number;
  /** What the vendor allows. */
  readonly perDay: number;
  /** How many of these are left to people, and to whatever else uses the same key. */
  readonly reservePerDay: number;
}

/** What is left of a block is lost with its worker, and in the cloud every invocation is one: a hundred a day may lose some hundreds of calls. */
const callsPerBlock = 10;

/** @throws ConfigurationInvalid where the reserve leaves nothing. */
export function vendorBudget({ send: { clock }, tokens }: Pick<SignInParts, 'send' | 'tokens'>, { connector, system, perSecond, perDay, reservePerDay }: VendorAllowance): Budget {
  const oursPerDay = perDay - reservePerDay;
  if (oursPerDay < 1) throw new ConfigurationInvalid([`${system}: a reserve of ${reservePerDay} leaves nothing of ${perDay} calls a day`]);
  if (tokens === undefined) return onlyOf(system, rateLimiter(clock, { perSecond }));
  const store = budgetStore({ table: tokens.table, connector });
  const blockSize = Math.max(1, Math.min(callsPerBlock, Math.floor(oursPerDay / 100)));
  return onlyOf(system, allOf(dailyQuota({ clock, store }, { perDay: oursPerDay, blockSize }), sharedRate({ clock, store }, { perSecond })));
}

function onlyOf(system: string, budget: Budget): Budget {
  return { take: async (asked, n) => (asked === system ? budget.take(asked, n) : undefined) };
}
