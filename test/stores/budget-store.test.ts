/** A day's calls are handed out once, however many workers take at the same time. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { ConditionFailed } from '../../shared/base/errors.ts';
import type { Table } from '../../shared/base/table.ts';
import { budgetStore } from '../../shared/stores/budget-store.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';

const dayMs = 86_400_000;
const noon = Date.UTC(2027, 2, 4, 12);
const midnight = Date.UTC(2027, 2, 5);

function aBudget(rest: { dayStartsAtMs?: number } = {}) {
  const table = sqliteTable({ path: ':memory:', clock: manualClock(noon) });
  return { table, budget: budgetStore({ table, connector: 'servicereef-nxt', ...rest }) };
}

test('blocks are granted until the day is used up, the last one smaller', async () => {
  const { budget } = aBudget();
  const take = () => budget.takeBlock('nxt', { size: 40, perDay: 100, nowMs: noon });

  const blocks = [await take(), await take(), await take(), await take()];

  expect(blocks.map((block) => block.granted)).toEqual([40, 40, 20, 0]);
  expect(new Set(blocks.map((block) => block.resetsAt))).toEqual(new Set([midnight]));
});

test('the count starts again with the new day', async () => {
  const { budget } = aBudget();
  const takeAt = (nowMs: number) => budget.takeBlock('nxt', { size: 100, perDay: 100, nowMs });

  const blocks = [await takeAt(noon), await takeAt(midnight - 1), await takeAt(midnight), await takeAt(midnight + dayMs * 40)];

  expect(blocks).toEqual([
    { granted: 100, resetsAt: midnight },
    { granted: 0, resetsAt: midnight },
    { granted: 100, resetsAt: midnight + dayMs },
    { granted: 100, resetsAt: midnight + dayMs * 41 },
  ]);
});

test('a vendor\'s day may begin at another hour', async () => {
  const sixInTheMorning = 6 * 3_600_000;
  const { budget } = aBudget({ dayStartsAtMs: sixInTheMorning });

  const night = await budget.takeBlock('nxt', { size: 1, perDay: 9, nowMs: midnight + sixInTheMorning - 1 });
  const morning = await budget.takeBlock('nxt', { size: 1, perDay: 9, nowMs: midnight + sixInTheMorning });

  expect([night.resetsAt, morning.resetsAt]).toEqual([midnight + sixInTheMorning, midnight + dayMs + sixInTheMorning]);
});

test('a worker whose clock is behind counts on the new day and cannot bring back the old one', async () => {
  const { budget } = aBudget();
  await budget.takeBlock('nxt', { size: 60, perDay: 100, nowMs: midnight });

  const behind = await budget.takeBlock('nxt', { size: 60, perDay: 100, nowMs: midnight - 1 });

  expect(behind).toEqual({ granted: 40, resetsAt: midnight + dayMs });
});

test('systems and connectors have days of their own', async () => {
  const { table, budget } = aBudget();
  const other = budgetStore({ table, connector: 'libcal-passagepoint' });
  const all = { size: 100, perDay: 100, nowMs: noon };

  const blocks = [await budget.takeBlock('nxt', all), await budget.takeBlock('servicereef', all), await other.takeBlock('nxt', all)];

  expect(blocks.map((block) => block.granted)).toEqual([100, 100, 100]);
});

test('a quota that was lowered during the day grants nothing more, and a raised one the difference', async () => {
  const { budget } = aBudget();
  await budget.takeBlock('nxt', { size: 80, perDay: 100, nowMs: noon });

  const lowered = await budget.takeBlock('nxt', { size: 10, perDay: 50, nowMs: noon });
  const raised = await budget.takeBlock('nxt', { size: 100, perDay: 130, nowMs: noon });

  expect([lowered.granted, raised.granted]).toEqual([0, 50]);
});

test('however many take at once, the day is never overdrawn and nothing of it is lost', async () => {
  const taker = fc.record({ size: fc.integer({ min: 1, max: 30 }), pauses: fc.array(fc.nat(5), { maxLength: 4 }) });
  await fc.assert(fc.asyncProperty(fc.array(taker, { minLength: 1, maxLength: 25 }), fc.integer({ min: 0, max: 200 }), async (takers, perDay) => {
    const table = sqliteTable({ path: ':memory:', clock: manualClock(noon) });

    const granted = await Promise.all(takers.map(async ({ size, pauses }) => {
      const budget = budgetStore({ table: slowly(table, pauses), connector: 'servicereef-nxt' });
      return (await budget.takeBlock('nxt', { size, perDay, nowMs: noon })).granted;
    }));

    const wanted = takers.reduce((sum, each) => sum + each.size, 0);
    const row = await table.get({ table: 'runs', pk: 'budget#servicereef-nxt', sk: 'nxt' });
    table.close();
    expect(granted.reduce((sum, each) => sum + each, 0)).toBe(Math.min(wanted, perDay));
    expect(Number(row?.body['taken'] ?? 0)).toBe(Math.min(wanted, perDay));
  }), { numRuns: 200, seed: 20_261_123 });
});

test('a taker that always loses gives up with nothing taken', async () => {
  const { table } = aBudget();
  let tries = 0;
  const losing: Table = { ...table, write: async () => { tries += 1; throw new ConditionFailed(0); } };

  const taking = budgetStore({ table: losing, connector: 'servicereef-nxt' }).takeBlock('nxt', { size: 1, perDay: 9, nowMs: noon });

  await expect(taking).rejects.toThrow(ConditionFailed);
  expect(tries).toBe(100);
});

test.each([0, -5, 1.5])('a block of %d calls is refused', async (size) => {
  await expect(aBudget().budget.takeBlock('nxt', { size, perDay: 9, nowMs: noon })).rejects.toThrow(RangeError);
});

test('slots follow one behind the other, never begin before they are asked for, and leave the day as it is', async () => {
  const { table, budget } = aBudget();
  const taker = (nowMs: number, count: number) => budget.takeSlots('nxt', { count, everyMs: 125, nowMs });
  await budget.takeBlock('nxt', { size: 70, perDay: 100, nowMs: noon });

  const begins = [await taker(noon, 8), await taker(noon, 2), await taker(noon + 5000, 1), await taker(noon, 1)];
  const rest = await budget.takeBlock('nxt', { size: 70, perDay: 100, nowMs: noon });
  const after = await taker(noon, 1);

  expect(begins.map((at) => at - noon)).toEqual([0, 1000, 5000, 5125]);
  expect(rest.granted).toBe(30);
  expect(after - noon).toBe(5250);
  expect((await table.get({ table: 'runs', pk: 'budget#servicereef-nxt', sk: 'nxt' }))?.body).toMatchObject({ taken: 100 });
});

test('the slots of a worker whose clock was hours ahead keep nobody waiting', async () => {
  const { budget } = aBudget();
  await budget.takeSlots('nxt', { count: 8, everyMs: 125, nowMs: noon + 3 * 3_600_000 });

  expect(await budget.takeSlots('nxt', { count: 1, everyMs: 125, nowMs: noon })).toBe(noon);
});

test('however many take slots at once, no two get the same', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 25 }), async (counts) => {
    const table = sqliteTable({ path: ':memory:', clock: manualClock(noon) });

    const taken = await Promise.all(counts.map(async (count) => ({ count, at: await budgetStore({ table: slowly(table, [count % 4]), connector: 'c' }).takeSlots('nxt', { count, everyMs: 100, nowMs: noon }) })));

    table.close();
    const slots = taken.flatMap(({ count, at }) => Array.from({ length: count }, (_, index) => at + index * 100));
    expect(new Set(slots).size).toBe(slots.length);
  }), { numRuns: 50, seed: 20_270_305 });
});

/** Lets others in between reading and writing, as often as the next pause says. */
function slowly(table: Table, pauses: readonly number[]): Table {
  const left = [...pauses];
  return {
    ...table,
    get: async (key) => {
      const row = await table.get(key);
      for (let turns = left.shift() ?? 1; turns > 0; turns -= 1) await Promise.resolve();
      return row;
    },
  };
}
