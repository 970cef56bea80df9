/** The day's calls to NXT run out in the middle of a run: what is left, what the report tells, and that it goes on at the reset without making anything twice. */
import { expect, test } from 'vitest';
import { manualClock, type Clock } from '../../../shared/base/clock.ts';
import type { Table } from '../../../shared/base/table.ts';
import { unlimited, type Budget } from '../../../shared/http/budget.ts';
import { callCounter } from '../../../shared/http/calls.ts';
import { vendorBudget } from '../../../shared/hub/vendor-budget.ts';
import { fillNxt, fillServiceReef, missionSample } from '../../../shared/simulators/mission-samples.ts';
import { sqliteTable } from '../../../shared/stores/sqlite-table.ts';
import { missionHub, missionStart } from '../../samples/mission-hub.ts';

const sample = missionSample({ seed: 3, trips: 3, travellers: 7, from: missionStart });
const reset = Date.UTC(2026, 10, 3);

/** A site whose NXT has so many calls left for us on the first day, and plenty later. */
function aSite(callsOnFirstDay: number) {
  const clock = manualClock(missionStart);
  const table = sqliteTable({ path: ':memory:', clock });
  const days = [budgetOf(clock, table, callsOnFirstDay), budgetOf(clock, table, 10_000)] as const;
  const ofNxt = (): Budget => days[clock.now() < reset ? 0 : 1];
  const hub = missionHub({ clock, budget: { take: async (system, n) => (system === 'servicereef' ? undefined : ofNxt().take(system, n)) } });
  fillServiceReef(hub.reef, sample);
  fillNxt(hub.sky, sample);
  return hub;
}

const none = () => Promise.reject(new Error('no secret is needed in this test'));

function budgetOf(clock: Clock, table: Table, callsPerDay: number): Budget {
  const send = { fetch, clock, budget: unlimited, calls: callCounter() };
  const tokens = { secrets: { read: none, write: none }, secretName: 'servicereef-nxt', table, worker: 'worker', isDead: () => false, leases: new Map() };
  return vendorBudget({ send, tokens }, { connector: 'servicereef-nxt', system: 'nxt', perSecond: 8, perDay: Math.max(1, callsPerDay) + 20, reservePerDay: 20 });
}

type Site = ReturnType<typeof aSite>;

const skyCalls = ({ calls }: Site): number => calls.totals()['nxt'] ?? 0;

/** What NXT holds in the end, in words that do not tell in which order it came. */
function heldBy({ sky, roster }: Site) {
  const names = new Map(sky.constituents.all().map((one) => [one.id, `${one.first} ${one.last} ${one.import_id}`]));
  return {
    constituents: [...names.values()].sort(),
    events: sky.events.all().map((event) => `${event.lookup_id} ${event.name}`).sort(),
    participants: sample.trips.flatMap(({ eventId }) => roster(eventId).map((one) => `${eventId} ${names.get(one.constituent_id ?? '')} ${one.rsvp_status}`)).sort(),
  };
}

async function stagedIn({ links }: Site): Promise<number> {
  let staged = 0;
  for (const stream of ['events', 'people', 'participants']) for await (const page of links.open(stream)) staged += page.filter(({ pending }) => pending !== undefined).length;
  return staged;
}

const undisturbed = aSite(10_000);
const { planned } = await undisturbed.run();
const callsNeeded = skyCalls(undisturbed);

test('the sample needs enough calls for a day to end in each stream', () => {
  expect(undisturbed.sky.journal.count('POST')).toBe(19);
  expect(callsNeeded).toBeGreaterThan(40);
});

test.each(Array.from({ length: Math.ceil(callsNeeded / 3) }, (_, third) => 3 * third).slice(1))('a day that ends after %d calls leaves the rest staged, is no failure, and the next day finishes with nothing made twice', async (calls) => {
  const site = aSite(calls);

  const cut = await site.run();

  expect(cut.state).toBe('paused');
  expect(cut.problems.at(-1)).toMatchObject({ stream: '*', code: 'E_QUOTA' });
  expect(cut.resetsAt).toBe('2026-11-03T00:00:00.000Z');
  expect(Object.values(cut.streams).map(({ failed, parked, doubt }) => failed + parked + doubt)).toEqual([0, 0, 0]);
  expect(skyCalls(site)).toBe(calls);
  const made = Object.values(cut.streams).reduce((sum, { created }) => sum + created, 0);
  expect(made + (await stagedIn(site))).toBe(planned);

  site.clock.advance(reset - site.clock.now());
  const next = await site.run();
  await site.run();
  const still = await site.run();

  expect(next).toMatchObject({ state: 'finished', problems: [] });
  expect(still).toMatchObject({ planned: 0, calls: { nxt: 0 } });
  expect(heldBy(site)).toEqual(heldBy(undisturbed));
  expect(site.sky.journal.count('POST')).toBe(undisturbed.sky.journal.count('POST'));
  expect(await stagedIn(site)).toBe(0);
});

test('before the reset another run makes no call to NXT and says the same; at the reset the run goes on', async () => {
  const site = aSite(30);
  const first = await site.run();
  site.clock.advance(reset - 1 - site.clock.now());

  const early = await site.run();
  const callsBefore = skyCalls(site);
  site.clock.advance(1);
  const later = await site.run();

  expect(first.state).toBe('paused');
  expect(early).toMatchObject({ state: 'paused', calls: { nxt: 0 } });
  expect(callsBefore).toBe(30);
  expect(later).toMatchObject({ state: 'finished', problems: [] });
});
