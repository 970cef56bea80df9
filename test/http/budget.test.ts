import { expect, test } from 'vitest';
import { manualClock, type Clock } from '../../shared/base/clock.ts';
import { QuotaExhausted } from '../../shared/base/errors.ts';
import { allOf, dailyQuota, rateLimiter, type BudgetStore } from '../../shared/http/budget.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** One row for all workers, as the stores keep it; the day ends at midnight UTC. */
function sharedRow(clock: Clock) {
  const asked: number[] = [];
  let used = 0;
  let day = -1;
  const store: BudgetStore = {
    takeBlock: async (_system, { size, perDay, nowMs }) => {
      const today = Math.floor(nowMs / dayMs);
      if (today !== day) used = 0;
      day = today;
      const granted = Math.min(size, perDay - used);
      used += granted;
      asked.push(granted);
      return { granted, resetsAt: (today + 1) * dayMs };
    },
  };
  return { store, asked, clock };
}

test('calls are spaced by the rate after the burst is used', async () => {
  const clock = manualClock();
  const limiter = rateLimiter(clock, { perSecond: 10, burst: 3 });
  const startedAt = clock.now();
  const wentAt: number[] = [];

  for (let call = 0; call < 6; call += 1) {
    await limiter.take('vendor');
    wentAt.push(clock.now() - startedAt);
  }

  expect(wentAt).toEqual([0, 0, 0, 100, 200, 300]);
});

test('a pause brings the burst back, but no more than that', async () => {
  const clock = manualClock();
  const limiter = rateLimiter(clock, { perSecond: 1, burst: 2 });
  await limiter.take('vendor', 2);
  clock.advance(60_000);
  const startedAt = clock.now();

  await limiter.take('vendor', 3);

  expect(clock.now() - startedAt).toBe(1000);
});

test('systems do not wait for each other', async () => {
  const clock = manualClock();
  const limiter = rateLimiter(clock, { perSecond: 1 });
  const startedAt = clock.now();

  await limiter.take('directus');
  await limiter.take('nextcloud');

  expect(clock.now()).toBe(startedAt);
});

test('two workers share one day, block by block, and the day cannot be overdrawn', async () => {
  const row = sharedRow(manualClock());
  const workers = [dailyQuota(row, { perDay: 25, blockSize: 10 }), dailyQuota(row, { perDay: 25, blockSize: 10 })];
  let made = 0;

  for (let call = 0; call < 100; call += 1) {
    const worker = workers[call % 2];
    await worker?.take('vendor').then(
      () => (made += 1),
      () => undefined,
    );
  }

  expect(made).toBe(25);
  expect(row.asked).toEqual([10, 10, 5, 0]);
});

test('an exhausted day says when it ends, asks nobody before that, and goes on after it', async () => {
  const clock = manualClock();
  const row = sharedRow(clock);
  const budget = dailyQuota(row, { perDay: 2 });
  await budget.take('vendor', 2);

  const refusals = [await budget.take('vendor').catch((error: unknown) => error), await budget.take('vendor').catch((error: unknown) => error)];
  const questions = row.asked.length;
  const resetsAt = refusals[0] instanceof QuotaExhausted ? refusals[0].resetsAt : 0;

  expect(refusals[1]).toBeInstanceOf(QuotaExhausted);
  expect(questions).toBe(2);
  expect(resetsAt).toBe(Date.UTC(2026, 10, 24));
  clock.advance(resetsAt - clock.now());
  await expect(budget.take('vendor')).resolves.toBeUndefined();
});

test('parallel calls on an empty block ask the store once', async () => {
  const row = sharedRow(manualClock());
  const budget = dailyQuota(row, { perDay: 1000 });

  await Promise.all(Array.from({ length: 10 }, () => budget.take('vendor')));

  expect(row.asked).toEqual([10]);
});

test('a call that the quota refuses does not wait for the rate', async () => {
  const row = sharedRow(manualClock());
  const clock = manualClock();
  const budget = allOf(dailyQuota(row, { perDay: 0 }), rateLimiter(clock, { perSecond: 0.001 }));
  const startedAt = clock.now();

  await expect(budget.take('vendor')).rejects.toBeInstanceOf(QuotaExhausted);

  expect(clock.now()).toBe(startedAt);
});
