/**
 * What the first connector costs: calls against the provable minimum, writes to our own tables, seconds. In one process, with
 * the real clients and stores and simulated systems that answer at once, so seconds are our own.
 */
import { calendarHub } from '../samples/calendar-hub.ts';
import { sampleEvents } from '../../shared/simulators/samples.ts';
import { tellCost, type Print } from './figures.ts';
import { minimum, type Sample } from './minimum/directus-nextcloud.ts';

type Hub = ReturnType<typeof calendarHub>;

const sample: Sample = { rows: 1000, members: 200 };
const changed: Sample = { rows: 10, members: 2 };
const parallelWrites = 6;
const bench = 'directus-nextcloud';
const hourMs = 3_600_000;

export default async function directusNextcloudBench(print: Print): Promise<void> {
  const hub = filled(calendarHub());
  await measure(print, hub, 'first-load', minimum.firstLoad(sample));
  await settle(hub);
  await measure(print, hub, 'idle', minimum.idle(sample));
  change(hub);
  await measure(print, hub, 'changed-1pct', minimum.changed(sample, changed));
  await settle(hub);
  const gone = hub.rows.all().filter((row) => row.source !== 'nextcloud').slice(0, changed.rows);
  for (const row of gone) hub.rows.remove(row.id);
  await measure(print, hub, 'deleted-1pct', minimum.deleted(sample, changed.rows));
  await killedAtHalf(print);
}

async function settle(hub: Hub): Promise<void> {
  for (let n = 0; n < 3; n++) {
    hub.clock.advance(hourMs);
    await hub.run();
  }
}

function filled(hub: Hub): Hub {
  const events = sampleEvents(11, sample.rows + sample.members);
  for (const event of events.slice(0, sample.rows)) hub.rows.add({ ...event.row, approved: true });
  for (const event of events.slice(sample.rows)) hub.objects.put(event.ics);
  return hub;
}

function change(hub: Hub): void {
  for (const row of hub.rows.all().filter((one) => one.source !== 'nextcloud').slice(0, changed.rows)) hub.rows.edit(row.id, { title: `${row.title} (moved)` });
  const members = hub.objects.all().filter((object) => !object.text.includes('X-DIRECTUS-ID')).slice(0, changed.members);
  for (const object of members) hub.objects.edit(object.name, { summary: 'Changed by a member' });
}

async function measure(print: Print, hub: Hub, name: string, least: number): Promise<void> {
  hub.clock.advance(hourMs); // editors worked a while ago: a stamp of this very second is looked at twice
  hub.table.reset();
  const startedAt = performance.now();
  const report = await hub.run();
  const seconds = (performance.now() - startedAt) / 1000;
  if (report.state !== 'finished') throw new Error(`${name} ended ${report.state}: ${JSON.stringify(report.problems.slice(0, 3))}`);
  tellCost(print, { bench, case: name }, { calls: sum(report.calls), least, writes: hub.table.counts().writes, seconds });
}

/** The process dies after half of the calendar's writes; the next one makes it right. Both together are measured. */
async function killedAtHalf(print: Print): Promise<void> {
  let writes = 0;
  let isDead = false;
  const hub = filled(calendarHub({
    wrapFetch: (fetcher) => async (input, init) => {
      if (isDead) throw new Error('killed');
      if (init?.method === 'PUT' && ++writes > sample.rows / 2) isDead = true;
      return fetcher(input, init);
    },
  }));
  hub.clock.advance(hourMs);
  hub.table.reset();
  const startedAt = performance.now();
  await hub.run().catch(() => undefined);
  isDead = false;
  writes = -Infinity;
  await hub.run();
  const seconds = (performance.now() - startedAt) / 1000;
  if (hub.objects.size !== sample.rows + sample.members) throw new Error(`expected every event once, found ${hub.objects.size}`);
  tellCost(print, { bench, case: 'killed-at-half' }, { calls: sum(hub.calls.totals()), least: minimum.killedAtHalf(sample, parallelWrites), writes: hub.table.counts().writes, seconds });
}

const sum = (calls: { readonly [system: string]: number }): number => Object.values(calls).reduce((total, count) => total + count, 0);
