/**
 * Where Nextcloud stores something else than was sent, says less than it did, or refuses what it should take: the writers' race,
 * answers without a version, the trash and its UIDs. Played through the whole connector, as traps-of-reading.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { applyLinks } from '../../../shared/engine/apply.ts';
import { icsOf } from '../../../shared/simulators/ics.ts';
import { trimsDescriptions, type NextcloudTraps } from '../../../shared/simulators/nextcloud-traps.ts';
import type { Link } from '../../../shared/sync/link.ts';
import { calendarHub } from '../../samples/calendar-hub.ts';
import { watchedNextcloud } from './watched.ts';

const at = '2027-03-04T18:00:00.000Z';
type Hub = ReturnType<typeof calendarHub>;

const summaries = (hub: Hub) => hub.objects.all().flatMap(({ text }) => /SUMMARY:(.*)\r/.exec(text)?.[1] ?? []).sort((one, other) => one.localeCompare(other));
const codes = (report: Awaited<ReturnType<Hub['run']>>) => report.problems.map(({ code }) => code);
const sabre = (exception: string, message: string) =>
  `<?xml version="1.0" encoding="utf-8"?><d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>${exception}</s:exception><s:message>${message}</s:message></d:error>`;

/** `count` approved events of ours, in step. */
async function inStep(count: number, settings: Parameters<typeof calendarHub>[0] = {}) {
  const hub = calendarHub(settings);
  for (let n = 1; n <= count; n++) hub.rows.add({ title: `Event ${n}`, start_date: at, approved: true });
  const first = await hub.run();
  return { hub, first, name: hub.objects.byUid('nonprofit-1@directus')?.name ?? '' };
}

/** Twenty edits that are planned, and that nobody has written yet. */
async function twentyEdits() {
  const watched = watchedNextcloud();
  const { hub } = await inStep(20, { wrapFetch: watched.wrapFetch, nextcloud: { traps: { racingWriters: true } } });
  for (const { id } of hub.rows.all()) hub.rows.edit(id, { title: `Edited ${id}` });
  await hub.run({ applies: 'elsewhere' });
  const open: Link[] = [];
  for await (const links of hub.links.open('events')) open.push(...links);
  const [stream] = hub.connector().streams;
  if (stream === undefined) throw new Error('the connector has a stream');
  return { hub, watched, stream, keys: open.map(({ key }) => key) };
}

describe('one writer for a calendar', () => {
  test('writes inside one worker go in parallel, up to four at once', async () => {
    const { hub, watched, stream, keys } = await twentyEdits();

    await applyLinks(hub.world(), stream, 'worker', keys);

    expect(summaries(hub).filter((summary) => summary.startsWith('Edited'))).toHaveLength(20);
    expect(watched.writesAtOnce).toBe(4);
  });

  test('of two workers with different events one writes at a time; the other one leaves its events for the next look', async () => {
    const { hub, watched, keys } = await twentyEdits();
    const streams = [hub.connector(), hub.connector()].flatMap(({ streams: [stream] }) => stream ?? []);

    const applied = await Promise.all(streams.map((stream, half) => applyLinks(hub.world(), stream, 'worker', keys.slice(half * 10, half * 10 + 10))));
    const whileBusy = summaries(hub).filter((summary) => summary.startsWith('Edited')).length;
    await hub.run();

    expect(applied.map(({ outcomes }) => new Set(outcomes.map(({ what }) => what)))).toEqual(expect.arrayContaining([new Set(['updated']), new Set(['WRITER_BUSY'])]));
    expect([whileBusy, watched.writesAtOnce]).toEqual([10, 4]);
    expect(summaries(hub).filter((summary) => summary.startsWith('Edited'))).toHaveLength(20);
  });

  test('two workers with the same events write each of them once', async () => {
    const { hub, watched, keys } = await twentyEdits();
    const before = watched.sent.filter(({ method }) => method === 'PUT').length;
    const streams = [hub.connector(), hub.connector()].flatMap(({ streams: [stream] }) => stream ?? []);

    await Promise.all(streams.map((stream) => applyLinks(hub.world(), stream, 'worker', keys)));
    await hub.run();

    expect(watched.sent.filter(({ method }) => method === 'PUT').length - before).toBe(20);
  });

  test('a member who saved between our reading and our write is not overwritten, and both edits are kept', async () => {
    let name = '';
    const watched = watchedNextcloud({
      before: ({ method }) => {
        if (method !== 'PUT' || name === '') return;
        hub.objects.edit(name, { location: 'Lake' });
        name = '';
      },
    });
    const { hub, name: ours } = await inStep(1, { wrapFetch: watched.wrapFetch, site: { policy: 'two-way' } });
    name = ours;
    hub.rows.edit(1, { title: 'Open evening' });

    const report = await hub.run();
    await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.objects.get(ours)?.text).toMatch(/SUMMARY:Open evening[^]*LOCATION:Lake|LOCATION:Lake[^]*SUMMARY:Open evening/);
    expect(hub.rows.get(1)).toMatchObject({ title: 'Open evening', location: 'Lake' });
  });

  test('after a database that was locked the event is looked for before it is sent again, and stands once', async () => {
    const { hub } = await inStep(1);
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });
    hub.nextcloud.journal.clear();
    const body = sabre('OC\\DB\\Exceptions\\DbalException', 'SQLSTATE[HY000]: General error: 5 database is locked');
    hub.nextcloud.faults.add({ kind: 'status', status: 500, body, when: { method: 'PUT' }, times: 1, afterEffect: true });

    await hub.run();
    hub.clock.advance(3_600_000);
    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(summaries(hub)).toEqual(['Event 1', 'Film night']);
    expect(hub.nextcloud.journal.count('PUT')).toBe(1);
  });
});

describe('answers without a version, and texts that were changed', () => {
  const answers: readonly [string, { traps: Partial<NextcloudTraps>; after?: (answer: Response) => Response }][] = [
    ['no ETag at all', { traps: { loseEtags: true } }],
    ['a server that rewrites descriptions', { traps: { rewrite: trimsDescriptions } }],
    ['a server that adds a line of its own', { traps: { rewrite: (text) => (text.includes('X-SERVER') ? text : text.replace('END:VEVENT', 'X-SERVER:seen\r\nEND:VEVENT')) } }],
    ['a weak ETag', { traps: {}, after: (answer) => tagged(answer, (etag) => `W/${etag}`) }],
    ['an ETag with the name of a compression', { traps: {}, after: (answer) => tagged(answer, (etag) => etag.replace(/"$/, '-gzip"')) }],
  ];

  test.each(answers)('%s: the event is written once, comes to rest, and its next edit arrives', async (_what, { traps, after }) => {
    const watched = watchedNextcloud({ after: ({ method }, answer) => (method === 'PUT' ? (after?.(answer) ?? answer) : answer) });
    const hub = calendarHub({ wrapFetch: watched.wrapFetch, nextcloud: { traps } });
    hub.rows.add({ title: 'Meeting', start_date: at, description: 'Two lines  \n\n', approved: true });
    const puts = () => watched.sent.filter(({ method }) => method === 'PUT').length;

    const made = await hub.run();
    const quiet = [await hub.run(), await hub.run({ full: true })];
    const putsAtRest = puts();
    hub.rows.edit(1, { title: 'Open meeting' });
    const edited = await hub.run();
    const rest = [await hub.run(), await hub.run({ full: true })];

    expect([made, ...quiet, edited, ...rest].flatMap(codes)).toEqual([]);
    expect([...quiet, ...rest].map(({ planned }) => planned)).toEqual([0, 0, 0, 0]);
    expect([putsAtRest, puts(), summaries(hub)]).toEqual([1, 2, ['Open meeting']]);
    expect(hub.rows.get(1)).toMatchObject({ description: 'Two lines  \n\n' });
  });

  test('an event with guests comes in, and is never written: the server would send them mail', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'party@example.org', summary: 'Party', start: '20270501T100000Z', lines: ['ORGANIZER:mailto:hub@nextcloud.test', 'ATTENDEE:mailto:guest@example.org'] }, 'party.ics');
    await hub.run();
    hub.rows.edit(1, { approved: true });
    await hub.run();
    const { etag } = hub.objects.get('party.ics') ?? {};

    hub.rows.edit(1, { location: 'Garden' });
    const report = await hub.run();

    expect(codes(report)).toEqual(['E_ATTENDEES']);
    expect(hub.objects.get('party.ics')?.etag).toBe(etag);
  });

  test('nobody is ever invited by us, whatever the organizer of an event is called', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true, organizer: 'mailto:ada@example.org' });

    await hub.run();

    expect(hub.objects.all()[0]?.text).not.toMatch(/^(ORGANIZER|ATTENDEE)/m);
  });

  test('a confidential event, of which a share shows only a part, is never written back', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'secret@example.org', summary: 'Busy', start: '20270501T100000Z', lines: ['CLASS:CONFIDENTIAL'] }, 'busy.ics');
    await hub.run();
    hub.rows.edit(1, { approved: true, title: 'Board, closed' });
    const { etag } = hub.objects.get('busy.ics') ?? {};

    const report = await hub.run();

    expect(codes(report)).toEqual(['E_CONFIDENTIAL']);
    expect(hub.objects.get('busy.ics')?.etag).toBe(etag);
  });

  test('an event that the server cannot read is refused by name, is not sent in every run, and does not stop the others', async () => {
    const { hub } = await inStep(1);
    const body = sabre('Sabre\\VObject\\InvalidDataException', 'Unknown value for FREQ=FORTNIGHTLY');
    let struck = 0;
    hub.nextcloud.faults.add({ kind: 'status', status: 500, body, when: (call) => call.method === 'PUT' && call.body.includes('SUMMARY:Odd') && ++struck > 0 });
    const odd = hub.rows.add({ title: 'Odd', start_date: at, approved: true });
    hub.rows.add({ title: 'Even', start_date: at, approved: true });

    const reports = [await hub.run(), await hub.run(), await hub.run()];

    expect(reports.map((report) => report.problems.map(({ id, code }) => [id, code]))).toEqual(reports.map(() => [[String(odd.id), 'E_CALENDAR_REFUSED']]));
    expect([struck, summaries(hub)]).toEqual([1, ['Even', 'Event 1']]);
  });
});

describe('the trash and its UIDs', () => {
  const servers: readonly Partial<NextcloudTraps>[] = [
    { trashedUid: 'error-500' }, { trashedUid: 'refused-400' }, { trashedUid: 'accepted-once' }, { trashedUid: 'accepted' }, { trashRetentionSeconds: 0 },
  ];

  test.each(servers)('an event that is withdrawn and approved again, five times, is there each time it should be (%o)', async (traps) => {
    const { hub } = await inStep(1, { nextcloud: { traps } });
    hub.rows.add({ title: 'Stays', start_date: at, approved: true });
    const seen: number[] = [];

    for (let turn = 0; turn < 5; turn++) {
      for (const approved of [false, true]) {
        hub.rows.edit(1, { approved });
        const report = await hub.run();
        expect(report.problems).toEqual([]);
        seen.push(hub.objects.size);
      }
    }

    expect(seen).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
  });

  test.each(servers)('a member’s event that was unapproved and approved again comes back under its own UID (%o)', async (traps) => {
    const hub = calendarHub({ nextcloud: { traps } });
    hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z' }, 'picnic.ics');
    await hub.run();

    for (const approved of [true, false, true, false, true]) {
      hub.rows.edit(1, { approved });
      expect((await hub.run()).problems).toEqual([]);
    }

    expect(hub.objects.all().map(({ uid }) => uid)).toEqual(['member@example.org']);
  });

  test('an edit goes over the object; nothing passes through the trash', async () => {
    const { hub, name } = await inStep(1);
    for (const title of ['One', 'Two', 'Three']) {
      hub.rows.edit(1, { title });
      await hub.run();
    }

    expect([hub.objects.trash(), hub.objects.all().map((object) => object.name)]).toEqual([[], [name]]);
    expect(hub.nextcloud.journal.count('DELETE')).toBe(0);
  });

  test('an event whose name lies in the trash waits for a person with a sentence that helps, and goes once the trash is empty', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'first@example.org', summary: 'First', start: '20270501T100000Z' }, 'same.ics');
    hub.objects.remove('same.ics');
    hub.objects.put({ uid: 'second@example.org', summary: 'Second', start: '20270601T100000Z' }, 'same.ics');
    await hub.run();
    hub.rows.edit(1, { approved: true });
    await hub.run();

    hub.rows.edit(1, { approved: false });
    const refused = await hub.run();
    hub.objects.emptyTrash();
    hub.rows.edit(1, { approved: true });
    await hub.run();
    hub.rows.edit(1, { approved: false });
    const allowed = await hub.run();

    expect(refused.problems).toEqual([expect.objectContaining({ code: 'E_TRASH_SLOT_TAKEN', message: expect.stringContaining('trash bin') })]);
    expect([codes(allowed), hub.objects.size]).toEqual([[], 0]);
  });

  test('a withdrawn event that somebody restores from the trash leaves again, and its row stays as it is', async () => {
    const { hub, name } = await inStep(1);
    hub.rows.add({ title: 'Stays', start_date: at, approved: true });
    hub.rows.edit(1, { approved: false });
    await hub.run();

    hub.objects.restore(name);
    await hub.run({ full: true });
    await hub.run({ full: true });

    expect(summaries(hub)).toEqual(['Stays']);
    expect(hub.rows.all().map(({ title }) => title)).toEqual(['Event 1', 'Stays']);
  });

  test('the purge touches the trashed copy of that very event, and nothing else in the trash', async () => {
    const { hub } = await inStep(1);
    hub.objects.put({ uid: 'other@example.org', summary: 'Somebody’s mistake', start: '20270501T100000Z' }, 'other.ics');
    hub.objects.remove('other.ics');
    hub.objects.remove(hub.objects.byUid('nonprofit-1@directus')?.name ?? '');

    await hub.run();

    expect(hub.objects.trash().map(({ uid }) => uid)).toEqual(['other@example.org']);
    expect(summaries(hub)).toEqual(['Event 1']);
  });

  test('a full trash of strangers is asked once for each event that comes back, not in a loop', async () => {
    const { hub } = await inStep(1);
    hub.objects.remove(hub.objects.byUid('nonprofit-1@directus')?.name ?? '');
    hub.nextcloud.faults.add({ kind: 'status', status: 500, body: sabre('OC\\DB\\Exceptions\\DbalException', 'Integrity constraint violation'), when: { method: 'PUT' } });
    hub.nextcloud.journal.clear();

    const report = await hub.run();

    expect(report.problems).toHaveLength(1);
    expect([hub.nextcloud.journal.count('PUT'), hub.nextcloud.journal.count('REPORT /trashbin/objects/')]).toEqual([2, 1]);
  });
});

describe('a UID that is taken', () => {
  test.each(['bad-request-400', 'conflict-409'] as const)('an event of ours that no reading showed yet is not doubled, and is linked once it shows (%s)', async (duplicateUid) => {
    const { hub } = await inStep(1, { nextcloud: { traps: { duplicateUid } } });
    await hub.run();
    await hub.run();
    const row = hub.rows.add({ title: 'Film night', start_date: at, approved: true });
    hub.objects.put(icsOf({ uid: `nonprofit-${row.id}@directus`, summary: 'Film night', start: '20270304T180000Z' }), 'restored.ics', { commitsLate: true });

    await hub.run();
    hub.clock.advance(24 * 3_600_000);
    await hub.run();
    const report = await hub.run({ full: true });

    expect(summaries(hub)).toEqual(['Event 1', 'Film night']);
    expect(codes(report)).toEqual([]);
  });
});

function tagged(answer: Response, change: (etag: string) => string): Response {
  const etag = answer.headers.get('etag');
  if (etag === null) return answer;
  const headers = new Headers(answer.headers);
  headers.set('etag', change(etag));
  return new Response(answer.body, { status: answer.status, headers });
}
