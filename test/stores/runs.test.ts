/** A connector's state, plans and runs, on SQLite in memory. */
import { beforeEach, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { ConditionFailed } from '../../shared/base/errors.ts';
import type { Table } from '../../shared/base/table.ts';
import type { ConnectorState, PlanRow, RunStore } from '../../shared/engine/ports.ts';
import { runStore } from '../../shared/stores/runs.ts';
import { sqliteTable, type SqliteTable } from '../../shared/stores/sqlite-table.ts';

const dayMs = 86_400_000;
const fresh: ConnectorState = { seq: 0, sides: {}, withdrawals: {} };

let clock: ReturnType<typeof manualClock>;
let table: SqliteTable;
let runs: RunStore;

beforeEach(() => {
  clock = manualClock();
  table = sqliteTable({ path: ':memory:', clock });
  runs = runStore(table, 'harbour-lights', clock);
  return () => table.close();
});

test('a connector that never ran has a fresh state', async () => {
  expect(await runs.state()).toEqual(fresh);
});

test('a changed state comes back whole, and does not expire', async () => {
  const state: ConnectorState = {
    seq: 4, lease: { worker: 'w', until: 9 }, again: true, paused: { by: 'mira', at: 5, why: 'moving house' },
    sides: { 'events source': { identity: 'i', candidate: 'c', cursor: 'token', fullAt: 3, fullNext: true } },
    withdrawals: { events: [{ at: 1, count: 2, plan: 'p1' }] }, last: { run: 'r3', startedAt: 1, endedAt: 2, report: { read: 1 } },
    writerLeases: { calendar: { worker: 'v', until: 8 } },
  };

  const changed = await runs.change(() => state);
  clock.advance(500 * dayMs);

  expect(changed).toEqual(state);
  expect(await runs.state()).toStrictEqual(state);
});

test('a change that declines writes nothing and gives the present state', async () => {
  await runs.change((state) => ({ ...state, seq: 3 }));

  const declined = await runs.change(() => undefined);

  expect(declined).toMatchObject({ seq: 3 });
  expect(await table.get({ table: 'runs', pk: 'harbour-lights', sk: 'state' })).toMatchObject({ rev: 1 });
});

test('changes at the same time all count', async () => {
  await Promise.all(Array.from({ length: 15 }, () => runs.change((state) => ({ ...state, seq: state.seq + 1 }))));

  expect(await runs.state()).toMatchObject({ seq: 15 });
});

test('a change that always comes too late gives up after 20 rounds', async () => {
  let rounds = 0;
  const busy: Table = { ...table, write: async () => { throw new ConditionFailed(0); } };
  const late = runStore(busy, 'harbour-lights', clock);

  await expect(late.change((state) => { rounds += 1; return { ...state, seq: 1 }; })).rejects.toThrow(ConditionFailed);

  expect(rounds).toBe(20);
  expect(await runs.state()).toEqual(fresh);
});

test('a plan comes back as it was saved', async () => {
  const plan = aPlan({ id: 'p1', held: [{ stream: 'events', code: 'SIDE_EMPTY', message: 'target is empty now' }], withdrawals: { events: 9 }, releasedBy: 'mira' });

  await runs.savePlan(plan);

  expect(await runs.plan('p1')).toStrictEqual(plan);
  expect(await runs.plan('p2')).toBeUndefined();
});

test.each(['released', 'replaced'] as const)('a held plan can be %s, once', async (state) => {
  await runs.savePlan(aPlan({ id: 'p1', state: 'held' }));

  await runs.savePlan(aPlan({ id: 'p1', state, releasedBy: 'mira' }));
  const again = runs.savePlan(aPlan({ id: 'p1', state, releasedBy: 'otto' }));

  await expect(again).rejects.toThrow(`plan p1 is ${state}`);
  expect(await runs.plan('p1')).toMatchObject({ state, releasedBy: 'mira' });
});

test.each([['released', 'held'], ['released', 'replaced'], ['replaced', 'released'], ['held', 'held']] as const)('a %s plan cannot become %s with other contents', async (before, after) => {
  await runs.savePlan(aPlan({ id: 'p1', state: before }));

  await expect(runs.savePlan(aPlan({ id: 'p1', state: after, changes: 99 }))).rejects.toThrow(Error);

  expect(await runs.plan('p1')).toMatchObject({ state: before, changes: 1 });
});

test('a plan that is saved again with the same contents is left as it is', async () => {
  await runs.savePlan(aPlan({ id: 'p1' }));

  await runs.savePlan(aPlan({ id: 'p1', releasedBy: undefined }));

  expect(await table.get({ table: 'runs', pk: 'harbour-lights#plan', sk: 'p1' })).toMatchObject({ rev: 1 });
});

test('only one of two people at the same time releases or replaces a held plan', async () => {
  await runs.savePlan(aPlan({ id: 'p1', state: 'held' }));

  const both = await Promise.allSettled([runs.savePlan(aPlan({ id: 'p1', state: 'released' })), runs.savePlan(aPlan({ id: 'p1', state: 'replaced' }))]);

  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('plans are listed newest first, fifty of them', async () => {
  for (let at = 1; at <= 60; at += 1) await runs.savePlan(aPlan({ id: `p${String(at).padStart(3, '0')}` }));

  const plans = await runs.plans();

  expect(plans).toHaveLength(50);
  expect([plans[0]?.id, plans.at(-1)?.id]).toEqual(['p060', 'p011']);
});

test('runs are listed newest first, as many as asked for; a report that is saved again replaces the first', async () => {
  for (const run of ['r1', 'r2', 'r3']) await runs.saveRun(run, { state: 'running' });

  await runs.saveRun('r3', { state: 'finished', problems: [] });

  expect(await runs.runs(2)).toEqual([{ run: 'r3', report: { state: 'finished', problems: [] } }, { run: 'r2', report: { state: 'running' } }]);
  expect(await runs.runs(10)).toHaveLength(3);
  expect(await runs.runs(0)).toEqual([]);
});

test('a listing goes on where the store gives short pages', async () => {
  for (const run of ['r1', 'r2', 'r3', 'r4', 'r5']) await runs.saveRun(run, {});
  const short: Table = { ...table, query: (ask) => table.query({ ...ask, limit: Math.min(2, ask.limit ?? 2) }) };

  const listed = await runStore(short, 'harbour-lights', clock).runs(3);

  expect(listed.map(({ run }) => run)).toEqual(['r5', 'r4', 'r3']);
});

test('plans and runs are kept 90 days after their last change', async () => {
  await runs.savePlan(aPlan({ id: 'p1', state: 'held' }));
  await runs.saveRun('r1', {});
  clock.advance(60 * dayMs);
  await runs.savePlan(aPlan({ id: 'p1', state: 'released' }));
  clock.advance(30 * dayMs);

  expect(await runs.runs(5)).toEqual([]);
  expect(await runs.plans()).toHaveLength(1);
  clock.advance(60 * dayMs);
  expect(await runs.plans()).toEqual([]);
});

test('connectors do not see each other', async () => {
  await runs.change((state) => ({ ...state, seq: 9 }));
  await runs.savePlan(aPlan({ id: 'p1' }));
  await runs.saveRun('r1', {});

  const others = runStore(table, 'harbour-tides', clock);

  expect(await others.state()).toEqual(fresh);
  expect([await others.plans(), await others.runs(5)]).toEqual([[], []]);
});

function aPlan(facts: Partial<PlanRow> & { id: string }): PlanRow {
  return { at: 1000, state: 'released', held: [], changes: 1, withdrawals: {}, ...facts };
}
