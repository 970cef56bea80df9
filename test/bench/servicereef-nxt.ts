/**
 * What the connector of ServiceReef and NXT costs: calls against the provable minimum, writes to our own tables, seconds; and how much of the
 * configured rate of SKY it uses. In one process, with the real clients and stores and simulated systems.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { rateLimiter } from '../../shared/http/budget.ts';
import { missionHub, missionStart } from '../samples/mission-hub.ts';
import { rounded, tellCost, type Print } from './figures.ts';
import { minimum, type Sample } from './minimum/servicereef-nxt.ts';

type Hub = ReturnType<typeof missionHub>;

const bench = 'servicereef-nxt';
const trips = 50;
const travellers = 1000;
const tripsOfEach = 3;
const changedStatuses = 30;
const changedEmails = 10;
const hourMs = 3_600_000;

export default async function serviceReefNxtBench(print: Print): Promise<void> {
  const hub = missionHub();
  const sample = fill(hub, { trips, travellers });
  await measure(print, hub, 'first-load', minimum.firstLoad(sample));
  await measure(print, hub, 'idle', minimum.idle(sample));
  for (const { eventId, userId } of hub.reef.registrations.all().slice(500, 500 + changedStatuses)) hub.reef.registrations.decline({ eventId, userId: Number(userId) });
  for (const { userId } of hub.reef.members.all().slice(700, 700 + changedEmails)) hub.reef.members.edit(userId, { email: `moved-${userId}@example.org` });
  await measure(print, hub, 'changed-1pct', minimum.changed(sample, { statuses: changedStatuses, emails: changedEmails }));
  await deleted(print, hub, sample);
  await killedAtHalf(print);
  await rate(print);
}

async function deleted(print: Print, hub: Hub, sample: Sample): Promise<void> {
  // Of each roster a few: as many of one would be held.
  for (const { eventId, userId } of hub.reef.registrations.all().filter((_, at) => at % 100 === 0).slice(0, changedStatuses)) hub.reef.registrations.remove({ eventId, userId: Number(userId) });
  const before = allCalls(hub);
  hub.table.reset();
  const startedAt = performance.now();
  for (let looks = 0; looks < 2; looks += 1) await finished(hub, 'deleted-1pct');
  tellCost(print, { bench, case: 'deleted-1pct' }, { calls: allCalls(hub) - before, least: minimum.deleted(sample, changedStatuses), writes: hub.table.counts().writes, seconds: secondsSince(startedAt) });
}

const tokens = ({ reef, sky }: Hub): number => reef.journal.count('POST /OAuth/Token') + sky.journal.count('POST /token');
const allCalls = (hub: Hub): number => hub.reef.journal.count() + hub.sky.journal.count() - tokens(hub);

async function measure(print: Print, hub: Hub, name: string, least: number): Promise<void> {
  hub.table.reset();
  const before = allCalls(hub);
  const startedAt = performance.now();
  await finished(hub, name);
  tellCost(print, { bench, case: name }, { calls: allCalls(hub) - before, least, writes: hub.table.counts().writes, seconds: secondsSince(startedAt) });
}

async function finished(hub: Hub, name: string): Promise<void> {
  hub.clock.advance(hourMs);
  const report = await hub.run();
  if (report.state !== 'finished' || report.problems.length > 0) throw new Error(`${name} ended ${report.state}: ${JSON.stringify(report.problems.slice(0, 3))}`);
}

/** The process dies with participants on their way, after half of them; the next one makes it right. Both together are measured. */
async function killedAtHalf(print: Print): Promise<void> {
  const hub = missionHub();
  const sample = fill(hub, { trips, travellers });
  const { faults } = hub.sky;
  const half = (travellers * tripsOfEach) / 2;
  const dead = faults.add({ kind: 'lost-answer', when: { method: 'POST', pathPart: '/participants', nth: half }, times: 1 });
  const skyCalls = minimum.firstLoad(sample) - minimum.idle(sample) - sample.trips;
  const deadAfter = faults.add({ kind: 'reset-before', when: { nth: skyCalls - half + 3 }, times: Infinity });
  hub.table.reset();
  const startedAt = performance.now();
  await hub.run().catch(() => undefined);
  dead();
  deadAfter();
  const unseen = hub.sky.journal.entries.filter(({ fault }) => fault === 'reset-before').length;
  for (let runs = 0; hub.sky.participants.all().length < sample.registrations && runs < 5; runs += 1) {
    hub.clock.advance(hourMs);
    await hub.run();
  }
  if (hub.sky.participants.all().length !== sample.registrations) throw new Error(`expected every registration once, found ${hub.sky.participants.all().length}`);
  tellCost(print, { bench, case: 'killed-at-half' }, { calls: allCalls(hub) - unseen, least: minimum.killedAtHalf(sample, atOnce), writes: hub.table.counts().writes, seconds: secondsSince(startedAt) });
}

const atOnce = 6;

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

const perSecond = 8; // as the site's settings say

/** In real time, with answers after 200 ms and SKY's own limit of 10 a second. */
async function rate(print: Print): Promise<void> {
  const hub = missionHub({ clock: { ...systemClock, advance: () => undefined }, latencyMs: 200, sky: { callsPerSecond: 10 }, budget: forSkyOnly(rateLimiter(systemClock, { perSecond, burst: 2 })) });
  fill(hub, { trips: 5, travellers: 40 });
  const report = await hub.run();
  if (report.state !== 'finished') throw new Error(`rate ended ${report.state}`);
  // From where writing begins: the call that tries the token comes before ServiceReef is read.
  const answered = hub.sky.journal.entries.filter(({ path }) => !path.endsWith('/emailaddresstypes')).map(({ at }) => at);
  const seconds = ((answered.at(-1) ?? 0) - (answered[0] ?? 0)) / 1000;
  print({ bench, case: 'rate', figure: 'share_of_configured', value: rounded((answered.length - 1) / seconds / perSecond, 3), unit: 'share' });
  print({ bench, case: 'rate', figure: 'refused', value: hub.sky.journal.entries.filter(({ status }) => status === 429 || status === 403).length, unit: 'calls' });
}

const forSkyOnly = (budget: ReturnType<typeof rateLimiter>): typeof budget => ({ take: async (system, n) => (system === 'servicereef' ? undefined : budget.take(system, n)) });

const syllables = ['ba', 'do', 'fe', 'gi', 'ku', 'la', 'mo', 'ne', 'pi', 'ru', 'sa', 'to', 'vu', 'we', 'zi'];
/** No two are alike: numbers in another writing. */
const named = (n: number): string => [n % 15, Math.floor(n / 15) % 15, Math.floor(n / 225) % 15, (n * 7) % 15].map((at) => syllables[at] ?? '').join('');

/** Every third traveller is a donor already, with name and e-mail; every other trip has a place. Each of them goes on three trips. */
function fill({ reef, sky }: Hub, wish: { readonly trips: number; readonly travellers: number }): Sample {
  sky.addCategory('Mission trip');
  for (let n = 0; n < wish.trips; n += 1) {
    const address = n % 2 === 0 ? { Address1: `${n + 1} Example Road`, Address2: null, City: 'Northfield', State: 'OH', Zip: '45001', Country: 'US' } : null;
    reef.events.add({ eventId: 31_001 + n, name: `Team ${n + 1}`, startsAt: '2027-03-01T09:00:00', endsAt: '2027-03-09T17:00:00', categories: [{ categoryId: 1, name: 'Mission trip' }], address, approvalRequired: false });
  }
  for (let n = 0; n < wish.travellers; n += 1) {
    const [firstName, lastName, email] = [`First${named(n)}`, `Last${named(n + 400)}`, `traveller-${n}@example.org`];
    reef.members.add({ userId: 70_001 + n, firstName, lastName, email, phone: null, address: null });
    if (n % 3 === 0) sky.constituents.add({ first: firstName, last: lastName, email: { address: email, type: 'Email', primary: true } });
    for (let trip = 0; trip < tripsOfEach; trip += 1) reef.registrations.register({ eventId: 31_001 + ((n + trip) % wish.trips), userId: 70_001 + n, status: 'Approved', registeredAt: new Date(missionStart - hourMs).toISOString().slice(0, 19) });
  }
  const known = Math.ceil(wish.travellers / 3);
  const rosters = reef.events.all().map(({ eventId }) => reef.registrations.all(eventId).length);
  return { trips: wish.trips, placedTrips: Math.ceil(wish.trips / 2), rosters, known, unknown: wish.travellers - known, registrations: wish.travellers * tripsOfEach };
}
