/**
 * What the library's connector costs: calls against the provable minimum, writes to our own tables, seconds; and how much of the configured
 * rate of Alma it uses. In one process, with the real clients and stores and simulated systems.
 */
import { systemClock } from '../../shared/base/clock.ts';
import type { LookMessage } from '../../shared/engine/ports.ts';
import { runConnector } from '../../shared/engine/run.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { catalog } from '../../shared/hub/catalog.ts';
import { build } from '../../shared/hub/connector-factory.ts';
import { libcalPassagePointFactory } from '../../shared/hub/libcal-passagepoint.ts';
import { notesOf } from '../../shared/hub/notes.ts';
import { simulateAlma, type SimulatedAlma } from '../../shared/simulators/alma.ts';
import { sampleBookings } from '../../shared/simulators/library-samples.ts';
import { simulateLibCal, type SimulatedLibCal } from '../../shared/simulators/libcal.ts';
import { simulatePassagePoint, type SimulatedPassagePoint } from '../../shared/simulators/passagepoint.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { linkStore } from '../../shared/stores/links.ts';
import { localQueue } from '../../shared/stores/local-queue.ts';
import { runStore } from '../../shared/stores/runs.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { digester } from '../../shared/sync/digest.ts';
import { everythingOn, libraryHub } from '../samples/library-hub.ts';
import { rounded, tellCost, type Print } from './figures.ts';
import { minimum, type Sample } from './minimum/libcal-passagepoint.ts';

type Hub = ReturnType<typeof libraryHub>;

const bench = 'libcal-passagepoint';
const patrons = 800;
const visits = 2000;
const changedVisits = 20;
const minuteMs = 60_000;

export default async function libcalPassagePointBench(print: Print): Promise<void> {
  const hub = filled(libraryHub({ can: everythingOn, alma: { callsPerSecond: Infinity } }));
  await measure(print, hub, 'first-load', minimum.firstLoad(sampleOf(hub)));
  await measure(print, hub, 'idle', minimum.idle(sampleOf(hub)));
  const rows = hub.bookings.all();
  for (const { id, startsAt, endsAt } of rows.slice(1000, 1000 + changedVisits)) hub.bookings.move(id, { startsAt: startsAt + minuteMs, endsAt: endsAt + minuteMs });
  await measure(print, hub, 'changed-1pct', minimum.changed(sampleOf(hub), changedVisits));
  for (const { id } of rows.slice(1100, 1100 + changedVisits)) hub.bookings.cancel(id);
  await measure(print, hub, 'deleted-1pct', minimum.changed(sampleOf(hub), changedVisits));
  await killedAtHalf(print);
  await rate(print);
}

function filled(hub: Hub): Hub {
  fill(hub, { patrons, bookings: visits, nowMs: hub.clock.now() });
  return hub;
}

function sampleOf(hub: Hub): Sample {
  const rows = [8810, 8820].map((lid) => hub.bookings.all().filter((row) => row.lid === lid).length);
  return { rows, patrons, visits };
}

const signIns = ({ libcal, passagePoint }: Hub): number => libcal.journal.count('POST /oauth/token') + passagePoint.journal.count('POST /auth/login');
const allCalls = (hub: Hub): number => hub.libcal.journal.count() + hub.alma.journal.count() + hub.passagePoint.journal.count() - signIns(hub);

async function measure(print: Print, hub: Hub, name: string, least: number): Promise<void> {
  hub.clock.advance(5 * minuteMs);
  hub.table.reset();
  const before = allCalls(hub);
  const startedAt = performance.now();
  const report = await hub.run();
  const seconds = (performance.now() - startedAt) / 1000;
  if (report.state !== 'finished' || report.problems.length > 0) throw new Error(`${name} ended ${report.state}: ${JSON.stringify(report.problems.slice(0, 3))}`);
  tellCost(print, { bench, case: name }, { calls: allCalls(hub) - before, least, writes: hub.table.counts().writes, seconds });
}

/** The process dies with a pre-registration on its way, after half of them; the next one makes it right. Both together are measured. */
async function killedAtHalf(print: Print): Promise<void> {
  const hub = filled(libraryHub({ can: everythingOn, alma: { callsPerSecond: Infinity } }));
  const { faults } = hub.passagePoint;
  const dead = faults.add({ kind: 'lost-answer', when: { pathPart: 'createPreReg', nth: visits / 2 }, times: 1 });
  const deadAfter = faults.add({ kind: 'reset-before', when: { nth: patrons + visits / 2 + 2 }, times: Infinity });
  hub.table.reset();
  const startedAt = performance.now();
  await hub.run().catch(() => undefined);
  dead();
  deadAfter();
  const unseen = hub.passagePoint.journal.entries.filter(({ fault }) => fault === 'reset-before').length;
  for (let runs = 0; hub.doors().length < visits && runs < 5; runs += 1) {
    hub.clock.advance(60 * minuteMs);
    await hub.run();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  if (hub.preRegistrations.all().length !== visits) throw new Error(`expected every visit once, found ${hub.preRegistrations.all().length}`);
  tellCost(print, { bench, case: 'killed-at-half' }, { calls: allCalls(hub) - unseen, least: minimum.killedAtHalf(sampleOf(hub)), writes: hub.table.counts().writes, seconds });
}

const perSecond = 5; // as the site's settings say
const rated = 120;

/** In real time, with answers after 200 ms and Alma's own limit of 25 a second. */
async function rate(print: Print): Promise<void> {
  const world = simulatedWorld({ seed: 3, clock: systemClock, latencyMs: 200 });
  const quick = simulatedWorld({ seed: 3, clock: systemClock });
  const [libcal, alma, passagePoint] = [simulateLibCal(quick), simulateAlma(world), simulatePassagePoint(quick)];
  fill({ libcal, alma }, { patrons: rated, bookings: rated, nowMs: systemClock.now() });
  const connector = connectorOver({ libcal, alma, passagePoint });
  const table = sqliteTable({ path: ':memory:', clock: systemClock });
  const runs = runStore(table, connector.id, systemClock);
  const engineWorld = { links: linkStore(table, connector.id, systemClock), runs, clock: systemClock, digestKey: 'k'.repeat(32), worker: 'bench', isDead: () => false, queue: localQueue<LookMessage>({ clock: systemClock, visibilityMs: minuteMs }) };
  // A dry run looks everybody up and writes nothing.
  await runConnector(engineWorld, connector, { dry: true, calls: () => ({}) });
  const answered = alma.journal.entries.map(({ at }) => at);
  const seconds = ((answered.at(-1) ?? 0) - (answered[0] ?? 0)) / 1000;
  print({ bench, case: 'rate', figure: 'share_of_configured', value: rounded((answered.length - 1) / seconds / perSecond, 3), unit: 'share' });
  print({ bench, case: 'rate', figure: 'refused', value: alma.journal.entries.filter(({ status }) => status === 429).length, unit: 'calls' });
  table.close();
}

function fill({ libcal, alma }: { readonly libcal: SimulatedLibCal; readonly alma: SimulatedAlma }, ask: { readonly patrons: number; readonly bookings: number; readonly nowMs: number }): void {
  const sample = sampleBookings(11, { ...ask, oddShare: 0 });
  for (const patron of sample.patrons) alma.users.add(patron);
  for (const { booking } of sample.bookings) libcal.bookings.add(booking);
}

const digests = digester('k'.repeat(32), []);

/** As a site has it. */
function connectorOver(systems: { readonly libcal: SimulatedLibCal; readonly alma: SimulatedAlma; readonly passagePoint: SimulatedPassagePoint }) {
  const { libcal, alma, passagePoint } = systems;
  const entry = catalog.find(({ id }) => id === bench);
  if (entry === undefined) throw new Error(`${bench} does not stand in the catalog`);
  const fetchOf = (url: string) => Object.values(systems).find((one) => url.startsWith(new URL(one.url).origin))?.fetch ?? globalThis.fetch;
  const send = { fetch: (async (input, init) => fetchOf(String(input instanceof Request ? input.url : input))(input, init)) satisfies typeof fetch, clock: systemClock, budget: unlimited, calls: callCounter() };
  const variables = {
    LIBCAL_BASE_URL: libcal.url, LIBCAL_CLIENT_ID: libcal.clientId, LIBCAL_CLIENT_SECRET: libcal.clientSecret, ALMA_BASE_URL: alma.url, ALMA_API_KEY: alma.apiKey,
    PASSAGEPOINT_BASE_URL: passagePoint.apiUrl, PASSAGEPOINT_USERNAME: passagePoint.username, PASSAGEPOINT_PASSWORD: passagePoint.password,
  };
  const notes = notesOf(sqliteTable({ path: ':memory:', clock: systemClock }), bench);
  return build(libcalPassagePointFactory, entry, { send, clock: systemClock, notice: () => undefined, variables, configFolder: undefined, digest: (text) => digests.text(text), notes }).connector;
}
