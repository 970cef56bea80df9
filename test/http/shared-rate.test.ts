/** A rate over several workers: however many take, and in whatever rhythm, no second holds more calls than it may, and none is lost to idle slots. */
import * as fc from 'fast-check';
import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { manualClock, type Clock } from '../../shared/base/clock.ts';
import { sharedRate } from '../../shared/http/shared-rate.ts';
import { budgetStore } from '../../shared/stores/budget-store.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';

const startMs = Date.UTC(2027, 2, 4, 12);

/** Time for several sleepers: it moves to whoever wakes first, once nobody has anything to do before that. */
function sharedClock() {
  let nowMs = startMs;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  const clock: Clock = { now: () => nowMs, sleep: (ms) => new Promise((wake) => sleepers.push({ at: nowMs + ms, wake })) };
  async function until(work: Promise<unknown>): Promise<void> {
    const state = { isOver: false };
    const over = work.finally(() => { state.isOver = true; });
    while (!state.isOver) {
      for (let turn = 0; turn < 3; turn += 1) await turnOfTheEventLoop();
      const next = sleepers.sort((left, right) => left.at - right.at).shift();
      if (next === undefined) continue;
      nowMs = next.at;
      next.wake();
    }
    await over;
  }
  return { clock, until };
}

interface Worker {
  /** How many calls it has under way at once. */
  readonly parallel: number;
  readonly callMs: number;
}

/** Every worker makes so many calls in each of its lines. @returns when each call left, ms from the beginning, when each worker's last did, and how often the row was written. */
async function callsOf(workers: readonly Worker[], callsPerLine: number, perSecond: number) {
  const { clock, until } = sharedClock();
  const table = sqliteTable({ path: ':memory:', clock });
  let writes = 0;
  const counted = { ...table, write: async (...group: Parameters<typeof table.write>) => { writes += 1; return table.write(...group); } };
  const left: number[] = [];
  const ends: number[] = [];
  await until(Promise.all(workers.map(async ({ parallel, callMs }, worker) => {
    const budget = sharedRate({ clock, store: budgetStore({ table: counted, connector: 'a-connector' }) }, { perSecond });
    await Promise.all(Array.from({ length: parallel }, async () => {
      for (let call = 0; call < callsPerLine; call += 1) {
        await budget.take('vendor');
        left.push(clock.now() - startMs);
        ends[worker] = clock.now() - startMs;
        await clock.sleep(callMs);
      }
    }));
  })));
  table.close();
  return { left: left.sort((a, b) => a - b), ends, writes };
}

const mostInASecond = (times: readonly number[]): number => Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + 1000).length));

test('two workers that would each fill the rate fill it together, and no second holds more', async () => {
  const { left, writes } = await callsOf([{ parallel: 8, callMs: 200 }, { parallel: 8, callMs: 200 }], 10, 8);

  expect(left).toHaveLength(160);
  expect(mostInASecond(left)).toBeLessThanOrEqual(9);
  expect(left.at(-1)).toBeLessThan(21_000); // 160 calls at 8 a second are 20 s
  expect(writes).toBeLessThan(40); // a block of 8 for each second, nearly
});

test('a lone worker has the whole rate', async () => {
  const { left } = await callsOf([{ parallel: 6, callMs: 100 }], 20, 8);

  expect(mostInASecond(left)).toBeLessThanOrEqual(9);
  expect(left.at(-1)).toBeLessThan(16_000); // 120 calls are 15 s
});

test('a worker that is slower than the rate takes little from the others', async () => {
  const { ends: [, fast] } = await callsOf([{ parallel: 1, callMs: 900 }, { parallel: 8, callMs: 100 }], 10, 8);

  expect(fast).toBeLessThan(12_000); // its 80 calls and the other's first ones are 11 s
});

test('however workers call, no second holds more than one call above the rate', async () => {
  const worker = fc.record({ parallel: fc.integer({ min: 1, max: 5 }), callMs: fc.integer({ min: 0, max: 1500 }) });
  await fc.assert(fc.asyncProperty(fc.array(worker, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 12 }), async (workers, perSecond) => {
    const { left } = await callsOf(workers, 6, perSecond);

    expect(mostInASecond(left)).toBeLessThanOrEqual(perSecond + 1);
  }), { numRuns: 25, seed: 20_270_304 });
});

test('parallel calls on an empty block take one block after the other, and each has a slot of its own', async () => {
  const clock = manualClock(startMs);
  const asked: number[] = [];
  let freeAt = startMs;
  const store = { takeSlots: async (_system: string, { count, everyMs }: { count: number; everyMs: number }) => {
    asked.push(count);
    const at = freeAt;
    freeAt += count * everyMs;
    return at;
  } };

  const budget = sharedRate({ clock, store }, { perSecond: 8 });

  await Promise.all(Array.from({ length: 15 }, () => budget.take('vendor')));

  expect(asked).toEqual([1, 2, 4, 8]);
});
