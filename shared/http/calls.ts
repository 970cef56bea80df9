/**
 * Counts the requests that really went out, per system. Retries count each time, a call that the budget refused does not:
 * the figure is what the vendor saw, and what a run's report and the benchmarks show.
 */

export interface CallCounter {
  /** One request is about to leave for `system`. */
  count(system: string): void;
  /** How many went out since the counter was made; a copy, systems in the order of their first call. */
  totals(): Readonly<Record<string, number>>;
}

export function callCounter(): CallCounter {
  const totals = new Map<string, number>();
  return {
    count: (system) => {
      totals.set(system, (totals.get(system) ?? 0) + 1);
    },
    totals: () => Object.fromEntries(totals),
  };
}
