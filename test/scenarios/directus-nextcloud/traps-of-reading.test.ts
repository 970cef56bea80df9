/**
 * Where Nextcloud tells an incremental reader less than the truth, or something else. Every trap of the observed servers that has
 * to do with reading is played through the whole connector; which trap is held by which test stands in the connector's README.
 */
import { describe, expect, test } from 'vitest';
import { icsOf } from '../../../shared/simulators/ics.ts';
import { exitCode } from '../../../shared/sync/report.ts';
import { calendarHub, type CalendarHubSettings } from '../../samples/calendar-hub.ts';
import { watchedNextcloud } from './watched.ts';

const at = '2027-03-04T18:00:00.000Z';
const dayMs = 24 * 3_600_000;
const member = (n: number) => ({ uid: `member-${n}@example.org`, summary: `Picnic ${n}`, start: '20270501T100000Z' });

/** Two approved events of ours and a member's pending one, in step; the full readings that follow foreign writes are behind us. */
async function inStep(settings: CalendarHubSettings = {}) {
  const hub = calendarHub(settings);
  for (const title of ['Meeting', 'Choir']) hub.rows.add({ title, start_date: at, approved: true });
  hub.objects.put(member(1), 'picnic.ics');
  for (let run = 0; run < 3; run++) await hub.run();
  const titles = () => hub.objects.all().flatMap(({ text }) => /SUMMARY:(.*)\r/.exec(text)?.[1] ?? []).sort((one, other) => one.localeCompare(other));
  return { hub, titles, ours: hub.objects.byUid('nonprofit-1@directus')?.name ?? '' };
}

describe('tokens that are never wrong', () => {
  test('an event that commits late is found although the delta skipped it, because somebody else wrote at the same time', async () => {
    const { hub } = await inStep();
    hub.objects.put(member(3), 'late.ics', { commitsLate: true });
    hub.objects.put(member(2), 'seen.ics');

    await hub.run();
    const afterDelta = hub.rows.all().map(({ title }) => title);
    await hub.run();

    expect(afterDelta).toEqual(['Meeting', 'Choir', 'Picnic 1', 'Picnic 2']);
    expect(hub.rows.all().map(({ title }) => title)).toContain('Picnic 3');
  });

  test('an event that commits late while nobody else writes is found within a day', async () => {
    const { hub } = await inStep();
    hub.objects.put(member(2), 'late.ics', { commitsLate: true });

    await hub.run();
    const before = hub.rows.all().length;
    hub.clock.advance(dayMs);
    await hub.run();

    expect([before, hub.rows.all().length]).toEqual([3, 4]);
  });

  test('a change that the server forgot when it cut its log is found within a day', async () => {
    const { hub } = await inStep();
    hub.objects.put(member(2), 'new.ics');
    hub.objects.edit('picnic.ics', { location: 'Lake' });
    hub.nextcloud.calendar('events').cutChangeLog(0);

    await hub.run();
    const before = hub.rows.all().map(({ location }) => location);
    hub.clock.advance(dayMs);
    await hub.run();

    expect(before).toEqual([null, null, null]);
    expect(hub.rows.all().map(({ location }) => location)).toEqual([null, null, 'Lake', null]);
  });

  test('after a restored backup the token is ahead of the server: everything is read again at once, and what was lost is put back', async () => {
    const { hub, titles } = await inStep();
    hub.nextcloud.takeBackup();
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });
    await hub.run();
    await hub.run(); // its token covers our own write, and is one that the backup has not given out yet

    hub.nextcloud.restoreBackup();
    const afterRestore = titles();
    const report = await hub.run();

    expect(afterRestore).not.toContain('Film night');
    expect(report.problems).toEqual([]);
    expect(titles()).toEqual(['Choir', 'Film night', 'Meeting', 'Picnic 1']);
    expect(hub.rows.all()).toHaveLength(4);
  });

  test('a restored backup whose token happens to be ours is noticed within a day', async () => {
    const { hub, titles } = await inStep();
    hub.nextcloud.takeBackup();
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });
    await hub.run();
    hub.nextcloud.restoreBackup();

    await hub.run();
    hub.clock.advance(dayMs);
    await hub.run();

    expect(titles()).toEqual(['Choir', 'Film night', 'Meeting', 'Picnic 1']);
  });

  test('a server that refuses the token is read whole in the same run', async () => {
    const { hub, titles } = await inStep({ nextcloud: { traps: { anyNumberAccepted: false } } });
    hub.nextcloud.takeBackup();
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });
    await hub.run();
    await hub.run();
    hub.nextcloud.restoreBackup();

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(titles()).toContain('Film night');
  });

  test('what is added after the first listing and before the end of the run is in the next delta', async () => {
    let isDone = false;
    const watched = watchedNextcloud({
      after: ({ body }, answer) => {
        if (isDone || !body.includes('sync-collection')) return answer;
        isDone = true;
        hub.objects.put(member(1), 'picnic.ics');
        return answer;
      },
    });
    const hub = calendarHub({ wrapFetch: watched.wrapFetch });
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true });

    await hub.run();
    const before = hub.rows.all().length;
    await hub.run();

    expect([isDone, before, hub.rows.all().length]).toEqual([true, 1, 2]);
  });
});

describe('rows that say gone', () => {
  test('an approved event that was deleted and restored between two runs stays as it is', async () => {
    const { hub, titles, ours } = await inStep();
    const { etag } = hub.objects.get(ours) ?? {};
    hub.objects.remove(ours);
    hub.objects.restore(ours);

    const report = await hub.run();

    expect([report.problems, titles()]).toEqual([[], ['Choir', 'Meeting', 'Picnic 1']]);
    expect(hub.objects.get(ours)?.etag).toBe(etag);
  });

  test('a member’s event that was deleted and made anew at the same address keeps its row and follows', async () => {
    const { hub } = await inStep({ nextcloud: { traps: { trashRetentionSeconds: 0 } }, site: { directus: { deletes: 'withdraw' } } });
    hub.objects.remove('picnic.ics');
    hub.objects.put({ ...member(1), summary: 'Picnic, moved indoors' }, 'picnic.ics');

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.rows.all().map(({ title, status }) => [title, status])).toEqual([['Meeting', 'draft'], ['Choir', 'draft'], ['Picnic, moved indoors', 'draft']]);
  });

  test('an event that came and went between two runs leaves no trace, and neither does the housekeeping of the trash', async () => {
    const { hub, titles } = await inStep();
    hub.objects.put(member(2), 'short.ics');
    hub.objects.remove('short.ics');
    hub.objects.emptyTrash();

    const report = await hub.run();

    expect([report.planned, report.problems, titles()]).toEqual([0, [], ['Choir', 'Meeting', 'Picnic 1']]);
  });

  test('a renamed or recoloured calendar loses nothing, and stays ours', async () => {
    const { hub, titles } = await inStep();
    hub.nextcloud.calendar('events').rename('Termine');
    hub.nextcloud.calendar('events').recolour('#FF7A66FF');
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(titles()).toEqual(['Choir', 'Film night', 'Meeting', 'Picnic 1']);
    expect(hub.nextcloud.calendars()).toHaveLength(1);
  });

  test('an event that vanishes between the listing and the reading of its text is left out in silence, and nobody else suffers', async () => {
    const watched = watchedNextcloud({ before: ({ body }) => body.includes('calendar-multiget') && hub.objects.get('short.ics') && hub.objects.remove('short.ics') });
    const hub = calendarHub({ wrapFetch: watched.wrapFetch });
    hub.objects.put(member(1), 'short.ics');
    hub.objects.put(member(2), 'stays.ics');

    const report = await hub.run();

    expect([report.problems, hub.rows.all().map(({ title }) => title)]).toEqual([[], ['Picnic 2']]);
  });

  test('an event that somebody saved without a change is reported as changed, and costs nothing', async () => {
    const { hub } = await inStep();
    hub.objects.edit('picnic.ics', (text) => text);

    const report = await hub.run();

    expect([report.planned, report.calls['nextcloud']]).toEqual([0, 1]);
  });
});

describe('addresses', () => {
  test('an event whose name comes back in lower-case hex is one event: imported once, followed, written in its place', async () => {
    const name = 'Übung + Fest 50% 🎉.ics';
    const hub = calendarHub();
    hub.objects.put(member(1), name);
    await hub.run();
    hub.objects.edit(name, { location: 'Lake' });
    await hub.run();
    hub.rows.edit(1, { approved: true, title: 'Exercise' });
    await hub.run();

    const report = await hub.run({ full: true });

    expect([report.planned, report.problems]).toEqual([0, []]);
    expect(hub.rows.all()).toEqual([expect.objectContaining({ location: 'Lake' })]);
    expect(hub.objects.all().map((object) => [object.name, /SUMMARY:(.*)\r/.exec(object.text)?.[1]])).toEqual([[name, 'Exercise']]);
  });

  test('names that differ in letter case only are two events', async () => {
    const hub = calendarHub();
    hub.objects.put(member(1), 'UPPER.ics');
    hub.objects.put(member(2), 'upper.ics');

    await hub.run();
    hub.objects.edit('upper.ics', { location: 'Lake' });
    await hub.run();

    expect(hub.rows.all().map(({ title, location }) => [title, location])).toEqual([['Picnic 1', null], ['Picnic 2', 'Lake']]);
  });

  test('tasks in the calendar are left alone', async () => {
    const { hub } = await inStep();
    const task = icsOf({ ...member(9), summary: 'Buy seeds' }).replaceAll('VEVENT', 'VTODO');
    const { etag } = hub.objects.put(task, 'task.ics');

    const reports = [await hub.run(), await hub.run({ full: true })];

    expect(reports.flatMap(({ problems }) => problems)).toEqual([]);
    expect([hub.rows.all().length, hub.objects.get('task.ics')?.etag]).toEqual([3, etag]);
  });
});

/** A life of an event, beside many others: made, deleted by a member, put back, edited, withdrawn. */
async function story() {
  const watched = watchedNextcloud();
  const hub = calendarHub({ wrapFetch: watched.wrapFetch, nextcloud: { calendars: [] } });
  const row = hub.rows.add({ title: 'Meeting', start_date: at, approved: true });
  await hub.run();
  const { objects } = hub.nextcloud.calendars()[0] ?? hub;
  for (let n = 0; n < 120; n++) objects.put(member(n));
  await hub.run();
  objects.remove(objects.byUid(`nonprofit-${row.id}@directus`)?.name ?? '');
  await hub.run();
  hub.rows.edit(row.id, { title: 'Open meeting' });
  await hub.run();
  hub.rows.edit(row.id, { approved: false });
  await hub.run({ full: true });
  return { sent: watched.sent, hub };
}

describe('what is never asked, because the answer would be wrong', () => {
  test('no listing is limited: a limited one loses the rest without a mark', async () => {
    const { sent, hub } = await story();

    expect(sent.filter(({ body }) => /nresults|:limit\b|<limit\b/i.test(body))).toEqual([]);
    expect(hub.rows.all()).toHaveLength(121);
  });

  test('no query has a time range: beside one, every other filter is off', async () => {
    const { sent } = await story();

    const queries = sent.filter(({ body }) => body.includes('calendar-query'));
    expect(sent.filter(({ body }) => body.includes('time-range'))).toEqual([]);
    expect(queries.length).toBeGreaterThan(0);
    expect(queries.filter(({ path }) => !path.endsWith('/trashbin/objects/'))).toEqual([]);
  });

  test('events of the year 1600 and of 9999 come in as any other', async () => {
    const hub = calendarHub();
    hub.objects.put({ ...member(1), start: '16000501T100000Z' });
    hub.objects.put({ ...member(2), start: '99990501T100000Z' });

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.rows.all().map(({ start_date }) => start_date)).toEqual(['1600-05-01T10:00:00.000Z', '9999-05-01T10:00:00.000Z']);
  });

  test('nothing is written without a condition, nothing is moved or copied, and no cookie is kept', async () => {
    const { sent } = await story();

    const writes = sent.filter(({ method, path }) => (method === 'PUT' || method === 'DELETE') && !path.includes('/trashbin/'));
    expect(writes.length).toBeGreaterThan(3);
    expect(writes.filter(({ headers }) => !headers.has('if-match') && headers.get('if-none-match') !== '*')).toEqual([]);
    expect(sent.filter(({ method }) => method === 'MOVE' || method === 'COPY')).toEqual([]);
    expect(sent.filter(({ headers }) => headers.has('cookie'))).toEqual([]);
  });

  test('our file names are short, of plain letters, and new in every life of an event', async () => {
    const { sent } = await story();

    const names = sent.filter(({ method, headers }) => method === 'PUT' && headers.has('if-none-match')).map(({ path }) => path.split('/').at(-1) ?? '');
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => !/^[\w-]{1,100}\.ics$/.test(name))).toEqual([]);
    expect(new Set(names).size).toBeGreaterThan(1);
  });
});

describe('a server that is closed, or not there', () => {
  test('maintenance changes nothing on either side, and the next run goes on where this one stopped', async () => {
    const { hub, titles } = await inStep();
    hub.nextcloud.settings.isMaintenance = true;
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });
    const closed = await hub.run();

    hub.nextcloud.settings.isMaintenance = false;
    const open = await hub.run();

    expect([closed.state, exitCode(closed, false)]).toEqual(['failed', 1]);
    expect(open.problems).toEqual([]);
    expect([titles(), hub.rows.all().length]).toEqual([['Choir', 'Film night', 'Meeting', 'Picnic 1'], 4]);
  });

  test.each([
    ['a page that the host is not trusted', 400],
    ['a page of a portal', 200],
    ['nothing at that address', 404],
  ])('%s instead of the calendar is a failed run, never an empty calendar', async (_what, status) => {
    const { hub, titles } = await inStep({ site: { directus: { deletes: 'archive' }, policy: 'two-way' } });
    const mended = hub.nextcloud.faults.add({ kind: 'status', status, body: '<!doctype html><html><body>Trusted domains</body></html>', when: () => true });

    const report = await hub.run({ full: true });
    mended();
    const next = await hub.run();

    expect([report.state, next.planned]).toEqual(['failed', 0]);
    expect([titles(), hub.rows.all().map(({ status: is }) => is)]).toEqual([['Choir', 'Meeting', 'Picnic 1'], ['draft', 'draft', 'draft']]);
  });

  test('a calendar that was removed for good stops the run; no empty one takes its place', async () => {
    const { hub } = await inStep();
    hub.nextcloud.calendar('events').remove({ forGood: true });

    const report = await hub.run();

    expect([report.state, report.problems.map(({ message }) => message)]).toEqual(['failed', [expect.stringContaining('CALENDAR_MISSING')]]);
    expect([hub.nextcloud.calendars(), hub.rows.all().length]).toEqual([[], 3]);
  });
});
