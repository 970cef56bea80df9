/** `run --clean`: the calendar loses what Directus does not have, after a person has said so, and Directus gets nothing. */
import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { readConfig } from '../../shared/base/config.ts';
import { localHub } from '../../shared/hub/local.ts';
import { sampleWorld } from '../../shared/hub/sample.ts';

const id = 'directus-nextcloud';
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

function aHub() {
  const clock = manualClock();
  const world = sampleWorld(clock);
  const hub = localHub({ config: readConfig({ env: { ...world.variables, CONCORD_STATE: ':memory:' } }), clock, fetch: world.fetch });
  cleanups.push(() => hub.close());
  const titles = () => world.calendar.objects.all().flatMap(({ text }) => /SUMMARY:(.*)/.exec(text)?.[1]?.trim() ?? []).sort((left, right) => left.localeCompare(right));
  return { clock, ...world, hub, titles };
}

test('what people made in the calendar is listed and held, however few they are, and removed only after a release', async () => {
  const { hub, directus, titles } = aHub();

  const cleaned = await hub.run(id, { clean: true });
  const standing = titles();
  const again = await hub.run(id);
  const [plan] = await hub.plans();
  await hub.release(plan?.id ?? '', 'a test');
  const applied = await hub.carryOut(id, plan?.id ?? '');

  expect(cleaned).toMatchObject({ state: 'held', held: [{ code: 'FOREIGN_ITEMS', message: '3 items that Concord did not make would be removed' }] });
  expect(cleaned.changes.filter(({ kind }) => kind === 'delete').map(({ side, reason }) => `${side} ${reason}`)).toEqual(Array.from({ length: 3 }, () => 'target not in the source'));
  expect(standing).toContain('Choir rehearsal');
  expect(again.state).toBe('held');
  expect(directus.events.size).toBe(7);
  expect(applied.streams['events']).toMatchObject({ deleted: 3, created: 5 });
  expect(titles()).toEqual(['Garden morning', 'Grant writing clinic', 'Library evening', 'Open days', 'Repair afternoon']);
});

test.each([
  { only: true, between: [] },
  { only: false, between: [] },
  { only: true, between: [{ full: true }, {}] },
  { only: false, between: [{ full: true }, { clean: true }] },
])('a person may take a day to answer, whatever runs meanwhile ($between), and however it is answered (alone: $only)', async ({ only, between }) => {
  const { hub, clock, directus, titles } = aHub();
  const asked = await hub.run(id, { clean: true });
  const [plan] = await hub.plans();
  const states: string[] = [];

  for (const options of between) {
    clock.advance(20 * 3_600_000);
    states.push((await hub.run(id, options)).state);
  }
  clock.advance(20 * 3_600_000);
  await hub.release(plan?.id ?? '', 'a test');
  const applied = only ? await hub.carryOut(id, plan?.id ?? '') : await hub.run(id);

  expect(asked.state).toBe('held');
  expect(states).toEqual(between.map(() => 'held'));
  expect(applied.streams['events']).toMatchObject({ deleted: 3, created: 5 });
  expect(directus.events.size).toBe(7);
  expect(titles()).toEqual(['Garden morning', 'Grant writing clinic', 'Library evening', 'Open days', 'Repair afternoon']);
});

test('what somebody edits while a person is asked about it is imported after all', async () => {
  const { hub, clock, calendar, directus, titles } = aHub();
  await hub.run(id, { clean: true });
  const [plan] = await hub.plans();
  const edited = calendar.objects.all().find(({ text }) => text.includes('Choir rehearsal'));
  clock.advance(60_000);
  calendar.objects.edit(edited?.name ?? '', { location: 'Church' });
  clock.advance(3_600_000);
  await hub.release(plan?.id ?? '', 'a test');

  await hub.run(id);

  expect(directus.events.all().map(({ title }) => title)).toContain('Choir rehearsal');
  expect(titles()).toEqual(['Choir rehearsal', 'Garden morning', 'Grant writing clinic', 'Library evening', 'Open days', 'Repair afternoon']);
});

test('what is imported already stays, pending or not, and nothing new is imported', async () => {
  const { hub, directus, calendar, titles } = aHub();
  await hub.run(id);
  calendar.objects.put({ summary: 'Seed swap' });

  const cleaned = await hub.run(id, { clean: true });

  expect(cleaned).toMatchObject({ state: 'held', planned: 1 });
  expect(directus.events.size).toBe(10);
  expect(titles()).toContain('Choir rehearsal');
});

test('what Concord itself made and Directus lost goes without asking, within the limits of the guard', async () => {
  const { hub, directus, titles } = aHub();
  await hub.run(id);
  const lost = directus.events.all().find(({ title }) => title === 'Garden morning');
  directus.events.remove(lost?.id ?? 0);

  const cleaned = await hub.run(id, { clean: true });

  expect(cleaned).toMatchObject({ state: 'finished', streams: { events: { deleted: 1 } } });
  expect(titles()).not.toContain('Garden morning');
});

test('an event that somebody imported and whose row was deleted later is found too, and held', async () => {
  const { hub, clock, directus, titles } = aHub();
  await hub.run(id);
  const lost = directus.events.all().find(({ title }) => title === 'Choir rehearsal');
  directus.events.remove(lost?.id ?? 0);
  clock.advance(60_000);
  await hub.run(id);
  clock.advance(60_000);

  const [usual, cleaned] = [await hub.run(id, { full: true }), await hub.run(id, { clean: true })];

  expect(usual).toMatchObject({ state: 'finished', planned: 0 });
  expect(cleaned).toMatchObject({ state: 'held', planned: 1, held: [{ code: 'FOREIGN_ITEMS' }] });
  expect(titles()).toContain('Choir rehearsal');
});

test('what was once left alone without a row is looked at by a cleaning run, although it has not changed', async () => {
  const { hub, calendar, clock } = aHub();
  calendar.objects.put({ uid: 'nonprofit-4711@directus', summary: 'Of a row that is long gone' });
  const first = await hub.run(id);
  clock.advance(60_000);

  const cleaned = await hub.run(id, { clean: true });

  expect(first.state).toBe('finished');
  expect(cleaned).toMatchObject({ state: 'held', planned: 1, held: [{ code: 'FOREIGN_ITEMS' }] });
});

test('who does not want a held cleaning has its items looked at again under the ordinary rules', async () => {
  const { hub, clock, directus, titles } = aHub();
  await hub.run(id, { clean: true });
  const [plan] = await hub.plans();
  clock.advance(60_000);

  const reports = await hub.replay(undefined, plan?.id ?? '', {});

  expect(reports.map(({ streams }) => streams['events']?.created)).toEqual([3, 5]);
  expect(directus.events.all().map(({ title }) => title)).toContain('Choir rehearsal');
  expect(titles()).toContain('Choir rehearsal');
  expect(await hub.plans()).toEqual([]);
});

test('a listing of Directus that does not add up stops a cleaning run before anything is decided', async () => {
  const clock = manualClock();
  const world = sampleWorld(clock);
  const short: typeof fetch = async (input, init) => {
    const answer = await world.fetch(input, init);
    const url = String(input instanceof Request ? input.url : input);
    if (!url.includes('/items/events')) return answer;
    const body: unknown = await answer.json();
    const isListing = typeof body === 'object' && body !== null && 'meta' in body && 'data' in body && Array.isArray(body.data);
    return Response.json(isListing && Array.isArray(body.data) ? { ...body, data: body.data.slice(0, -1) } : body, { status: answer.status });
  };
  const hub = localHub({ config: readConfig({ env: { ...world.variables, CONCORD_STATE: ':memory:' } }), clock, fetch: short });
  cleanups.push(() => hub.close());

  const cleaned = await hub.run(id, { clean: true });

  expect(cleaned).toMatchObject({ state: 'failed', planned: 0, problems: [{ code: 'E_ANSWER_INVALID' }] });
  expect(await hub.plans()).toEqual([]);
});

test('what else a plan withdraws is never let go by looking again', async () => {
  const { hub, clock, directus, calendar, titles } = aHub();
  for (let count = 0; count < 8; count += 1) directus.events.add({ approved: true, title: `Date ${count}` });
  await hub.run(id);
  for (const { id: row, title } of directus.events.all()) if (title.startsWith('Date')) directus.events.remove(row);
  calendar.objects.put({ summary: 'Seed swap' });
  const cleaned = await hub.run(id, { clean: true });
  const [plan] = await hub.plans();
  clock.advance(60_000);

  const reports = await hub.replay(id, plan?.id ?? '', {});

  expect(cleaned.held.map(({ code }) => code)).toEqual(['TOO_MANY_WITHDRAWALS', 'FOREIGN_ITEMS']);
  expect(reports).toHaveLength(1);
  expect(titles().filter((title) => title.startsWith('Date'))).toHaveLength(8);
  expect(directus.events.all().map(({ title }) => title)).toContain('Seed swap');
  await expect(hub.replay(id, plan?.id ?? '', {})).rejects.toThrow(/decided anew by every run/);
});
