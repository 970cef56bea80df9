/**
 * Who may call, and when: a rate (calls per second, waited out) and a daily quota (calls per day, refused when gone).
 * Every request asks before it leaves, retries too. The quota is shared by all workers through a store that hands it out in
 * blocks; what a worker has left of a block when it ends is lost, so blocks are small against the day.
 */
import pLimit from 'p-limit';
import type { Clock } from '../base/clock.ts';
import { QuotaExhausted } from '../base/errors.ts';

export interface Budget {
  /**
   * Takes `n` calls to `system`, waiting until the rate allows them.
   *
   * @param n  default 1.
   * @throws QuotaExhausted when the day's calls are gone; `resetsAt` says when they return.
   */
  take(system: string, n?: number): Promise<void>;
}

/** The row behind a daily quota. `takeBlock` is atomic over all workers. */
export interface BudgetStore {
  /**
   * @param ask.size    calls wanted; fewer are granted near the day's end, and 0 when nothing is left.
   * @param ask.perDay  the quota; a block is granted only up to it.
   * @param ask.nowMs   the worker's clock, epoch milliseconds.
   * @returns `resetsAt`, epoch milliseconds: until then the grant is good, from then on the count starts again.
   */
  takeBlock(
    system: string,
    ask: { readonly size: number; readonly perDay: number; readonly nowMs: number },
  ): Promise<{ readonly granted: number; readonly resetsAt: number }>;
}

export const unlimited: Budget = { take: async () => {} };

/** Asks each budget in turn. Put the quota before the rate: there is no use in waiting for a call that will be refused. */
export function allOf(...budgets: readonly Budget[]): Budget {
  return {
    take: async (system, n = 1) => {
      for (const budget of budgets) await budget.take(system, n);
    },
  };
}

/**
 * Spaces the calls of this process: `burst` at once after a pause, then `perSecond` on average, each system on its own.
 * Several processes need a share each (their number is bounded by the queue's concurrency).
 *
 * @param rate.burst  at least 1; default 1, even spacing.
 */
export function rateLimiter(clock: Clock, rate: { readonly perSecond: number; readonly burst?: number }): Budget {
  const everyMs = 1000 / rate.perSecond;
  const burstMs = everyMs * ((rate.burst ?? 1) - 1);
  // When the next call would go out if all so far had been evenly spaced: one number replaces a bucket of tokens.
  const evenlyAt = new Map<string, number>();
  return {
    take: async (system, n = 1) => {
      const now = clock.now();
      const first = Math.max(evenlyAt.get(system) ?? 0, now - burstMs);
      const last = first + everyMs * (n - 1);
      evenlyAt.set(system, last + everyMs);
      if (last > now) await clock.sleep(Math.ceil(last - now));
    },
  };
}

/**
 * A quota per day, taken from the store in blocks. Once the store has said that the day is used up, it is not asked again
 * before the reset.
 *
 * @param quota.blockSize  calls per question to the store; default 1 % of the day, at least 1.
 */
export function dailyQuota(
  deps: { readonly clock: Clock; readonly store: BudgetStore },
  quota: { readonly perDay: number; readonly blockSize?: number },
): Budget {
  const size = quota.blockSize ?? Math.max(1, Math.floor(quota.perDay / 100));
  const blocks = new Map<string, { left: number; resetsAt: number; isLast: boolean }>();
  const oneAtATime = pLimit(1); // twenty parallel calls on an empty block ask for one new block, not for twenty

  async function takeNow(system: string, n: number): Promise<void> {
    let block = blocks.get(system);
    if (!block || clockIsPast(block.resetsAt)) block = { left: 0, resetsAt: 0, isLast: false };
    while (block.left < n) {
      if (block.isLast) throw new QuotaExhausted({ vendor: system, call: 'any call', resetsAt: block.resetsAt });
      const wanted = Math.max(size, n - block.left);
      const { granted, resetsAt } = await deps.store.takeBlock(system, { size: wanted, perDay: quota.perDay, nowMs: deps.clock.now() });
      block = { left: block.left + granted, resetsAt, isLast: granted < wanted };
      blocks.set(system, block);
    }
    block.left -= n;
  }

  function clockIsPast(resetsAt: number): boolean {
    return deps.clock.now() >= resetsAt;
  }

  return { take: (system, n = 1) => oneAtATime(takeNow, system, n) };
}
