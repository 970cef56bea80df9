/** A connector's budget at a vendor: one row for all its workers, a reserve for people, and a run that meets the end of the day. */
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { ConfigurationInvalid, QuotaExhausted } from '../../shared/base/errors.ts';
import type { Table } from '../../shared/base/table.ts';
import { refusals } from '../../shared/connectors/refused-sign-in.ts';
import { writeRun } from '../../shared/connectors/write-run.ts';
import type { SideWrite, WriteResult } from '../../shared/engine/side.ts';
import { unlimited, type Budget } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { vendorBudget, type VendorAllowance } from '../../shared/hub/vendor-budget.ts';
import { letterStore } from '../../shared/stores/letters.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { exitCode } from '../../shared/sync/report.ts';
import { memorySecrets } from '../http/token-samples.ts';
import { notebookHub } from '../samples/notebook-hub.ts';

const allowance: VendorAllowance = { connector: 'notebooks', system: 'target', perSecond: 4, perDay: 100, reservePerDay: 20 };
const noon = Date.UTC(2027, 2, 4, 12);
const midnight = Date.UTC(2027, 2, 5);

/** The budget of one worker more. */
function worker(world: { clock: ReturnType<typeof manualClock>; table?: Table }, rest: Partial<VendorAllowance> = {}): Budget {
  const { clock, table } = world;
  const tokens = table && { secrets: memorySecrets({}), secretName: 'notebooks', table, worker: 'a', isDead: () => false, leases: new Map() };
  return vendorBudget({ send: { fetch, clock, budget: unlimited, calls: callCounter() }, tokens }, { ...allowance, ...rest });
}

describe('two workers over one table', () => {
  test('have one day together, less what is kept for people', async () => {
    const clock = manualClock(noon);
    const table = sqliteTable({ path: ':memory:', clock });
    const workers = [worker({ clock, table }), worker({ clock, table })];
    let made = 0;
    let refused: unknown;

    for (let call = 0; call < 120; call += 1) await workers[call % 2]?.take('target').then(() => { made += 1; }, (error: unknown) => { refused = error; });

    expect(made).toBe(80);
    expect(refused).toBeInstanceOf(QuotaExhausted);
    expect(refused).toMatchObject({ vendor: 'target', resetsAt: midnight });
  });

  test('have one rate together', async () => {
    const clock = manualClock(noon);
    const table = sqliteTable({ path: ':memory:', clock });
    const workers = [worker({ clock, table }), worker({ clock, table })];
    const left: number[] = [];

    for (let call = 0; call < 40; call += 1) {
      await workers[call % 2]?.take('target');
      left.push(clock.now());
    }

    expect(Math.max(...left.map((at) => left.filter((other) => other >= at && other < at + 1000).length))).toBeLessThanOrEqual(5);
  });

  test('go on after the reset with a whole day', async () => {
    const clock = manualClock(noon);
    const table = sqliteTable({ path: ':memory:', clock });
    const [one, other] = [worker({ clock, table }), worker({ clock, table })];
    await one.take('target', 80);
    await expect(other.take('target')).rejects.toBeInstanceOf(QuotaExhausted);

    clock.advance(midnight - clock.now());

    await expect(other.take('target', 70)).resolves.toBeUndefined();
    await expect(one.take('target', 10)).resolves.toBeUndefined();
    await expect(one.take('target')).rejects.toBeInstanceOf(QuotaExhausted);
  });
});

test('a worker of a few calls takes few calls from the day: every invocation in the cloud is one', async () => {
  const clock = manualClock(noon);
  const table = sqliteTable({ path: ':memory:', clock });

  for (let invocation = 0; invocation < 50; invocation += 1) await worker({ clock, table }, { perDay: 25_000, reservePerDay: 5000 }).take('target');

  expect(Number((await table.get({ table: 'runs', pk: 'budget#notebooks', sk: 'target' }))?.body['taken'])).toBe(500);
});

test('without a table this process is paced, and no day is counted', async () => {
  const clock = manualClock(noon);
  const budget = worker({ clock });

  await budget.take('target', 101);

  expect(clock.now() - noon).toBe(25_000);
});

test('calls to other systems pass at once and are not counted', async () => {
  const clock = manualClock(noon);
  const table = sqliteTable({ path: ':memory:', clock });

  await worker({ clock, table }).take('elsewhere', 1000);

  expect(clock.now()).toBe(noon);
  expect(await table.get({ table: 'runs', pk: 'budget#notebooks', sk: 'elsewhere' })).toBeUndefined();
});

test('a reserve that leaves nothing is refused as a setting', () => {
  expect(() => worker({ clock: manualClock(noon) }, { reservePerDay: 100 })).toThrow(ConfigurationInvalid);
});

/** Ten pages for a target that may be called seven times on this day, and only two at once. */
function endingDay() {
  const hub = notebookHub();
  const budgetOf = () => worker({ clock: hub.clock, table: hub.table }, { perDay: 9, reservePerDay: 2 });
  const write = hub.target.write.bind(hub.target);
  const process = () => {
    const budget = budgetOf();
    hub.target.write = async (writes: readonly SideWrite[]): Promise<readonly WriteResult[]> => {
      const run = writeRun(writes.length, 2, refusals(hub.clock));
      await Promise.all(writes.map((one, place) => run.add([place], async (record) => {
        await budget.take('target');
        const [result] = await write([one]);
        if (result) record(place, result);
      })));
      return run.results();
    };
    return hub.run();
  };
  for (let page = 1; page <= 10; page += 1) hub.source.put(String(page), { title: `Page ${page}` });
  return { hub, process };
}

describe('a run that meets the end of the day\'s calls', () => {
  test('stops cleanly: it says so, and until when; what was done is counted, and nothing has failed', async () => {
    const { hub, process } = endingDay();

    const report = await process();

    expect(report).toMatchObject({ state: 'paused', resetsAt: '2026-11-24T00:00:00.000Z', planned: 10 });
    expect(report.streams['pages']).toMatchObject({ created: 7, waiting: 3, failed: 0, parked: 0, doubt: 0, unchanged: 0 });
    expect(report.problems).toEqual([expect.objectContaining({ stream: '*', code: 'E_QUOTA' })]);
    expect(exitCode(report, false)).toBe(5);
    expect(hub.target.titles).toHaveLength(7);
    expect(await letterStore(hub.table, 'notebooks', hub.clock).list()).toEqual([]);
  });

  test('calls nobody while the day lasts, and finishes after the reset with nothing doubled', async () => {
    const { hub, process } = endingDay();
    const { resetsAt } = await process();
    hub.target.calls.length = 0;

    const tooEarly = await process();
    const callsTooEarly = hub.target.calls.filter((call) => call.startsWith('create'));
    hub.clock.advance(Date.parse(resetsAt ?? '') - hub.clock.now());
    const after = await process();

    expect(tooEarly).toMatchObject({ state: 'paused', resetsAt });
    expect(callsTooEarly).toEqual([]);
    expect(after.state).toBe('finished');
    expect(after).not.toHaveProperty('resetsAt');
    expect(after.streams['pages']).toMatchObject({ created: 3, failed: 0, waiting: 0 });
    expect(hub.target.titles).toHaveLength(10);
    expect(exitCode(after, false)).toBe(0);
  });
});
