/** What people and programs really leave in both systems: each bad item is named, and none stops the others. */
import { describe, expect, test } from 'vitest';
import { icsOf } from '../../../shared/simulators/ics.ts';
import { calendarHub } from '../../samples/calendar-hub.ts';

const at = '2027-03-04T18:00:00.000Z';

/** One character or two of each Unicode plane that has any, and the ones that formats trip over. */
const everyPlane = 'A é ß — 中 \u{1F600}\u{1F9D1}\u200D\u{1F680} \u{20000} \u{30000} \u{E0041} \u{F0000} \u{100000} ; , \\ " \' < > & :';

describe('in Directus', () => {
  const bad: readonly [string, object, string][] = [
    ['no title', { title: '' }, 'E_TITLE_MISSING'],
    ['a title of blanks', { title: '   ' }, 'E_TITLE_MISSING'],
    ['an end before its start', { start_date: at, end_date: '2027-03-03T18:00:00.000Z' }, 'E_END_BEFORE_START'],
    ['a description of more than a megabyte', { description: 'x'.repeat(1_100_000) }, 'E_TOO_LARGE'],
  ];

  test.each(bad)('a row with %s is named, and the others arrive', async (_what, fields, code) => {
    const hub = calendarHub();
    const row = hub.rows.add({ title: 'Bad one', start_date: at, approved: true, ...fields });
    hub.rows.add({ title: 'Good one', start_date: at, approved: true });

    const report = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ id: String(row.id), code })]);
    expect(hub.objects.all().map((object) => object.text)).toEqual([expect.stringContaining('SUMMARY:Good one')]);
    expect((await hub.run()).problems).toEqual(report.problems);
  });

  test('a mended row goes out by itself', async () => {
    const hub = calendarHub();
    const row = hub.rows.add({ title: '', start_date: at, approved: true });
    await hub.run();

    hub.rows.edit(row.id, { title: 'Mended' });
    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.objects.size).toBe(1);
  });

  test('a huge description that is still allowed travels whole', async () => {
    const hub = calendarHub();
    const description = `${'Line with ümlaut; and, signs\n'.repeat(6000)}end`;
    hub.rows.add({ title: 'Long', start_date: at, approved: true, description });

    const report = await hub.run();
    hub.rows.edit(1, { description: `${description}, edited` });
    await hub.run();
    const quiet = await hub.run({ full: true });

    expect(report.streams['events']).toMatchObject({ created: 1, failed: 0 });
    expect(hub.objects.all()[0]?.text.replaceAll('\r\n ', '')).toContain('end\\, edited');
    expect(hub.objects.all()[0]?.text.length).toBeGreaterThan(description.length);
    expect(quiet.planned).toBe(0);
  });

  test('text of every Unicode plane goes out, comes back the same, and comes to rest', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: everyPlane, start_date: at, approved: true, description: everyPlane, organizer: everyPlane, cost: everyPlane, location: everyPlane });

    await hub.run();
    const quiet = await hub.run({ full: true });

    expect(hub.objects.all()[0]?.text.replaceAll('\r\n ', '')).toContain('\u{20000} \u{30000}');
    expect([quiet.planned, quiet.problems]).toEqual([0, []]);
  });
});

const event = (uid: string, summary = 'Bad one') => icsOf({ uid, summary, start: '20270501T100000Z' });

describe('in the calendar', () => {
  const bad: readonly [string, (text: string) => string, string][] = [
    ['no title', (text) => text.replace(/SUMMARY:.*\r\n/, ''), 'E_TITLE_MISSING'],
    ['an unknown time zone', (text) => text.replace('DTSTART:20270501T100000Z', 'DTSTART;TZID=Nowhere/Land:20270501T100000'), 'E_ZONE_UNKNOWN'],
    ['an end before its start', (text) => text.replace(/DTEND.*\r\n/, '').replace('END:VEVENT', 'DTEND:20260501T100000Z\r\nEND:VEVENT'), 'E_END_BEFORE_START'],
    ['a description of more than a megabyte', (text) => text.replace('END:VEVENT', `DESCRIPTION:${'x'.repeat(1_100_000)}\r\nEND:VEVENT`), 'E_ICS_TOO_LARGE'],
  ];

  test.each(bad)('an event with %s is named, and the others come in', async (_what, spoil, code) => {
    const hub = calendarHub({ nextcloud: { traps: { repairs: false } } });
    hub.objects.put(spoil(event('bad@example.org')), 'bad.ics');
    hub.objects.put(event('good@example.org', 'Good one'), 'good.ics');

    const report = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ id: 'bad.ics', code })]);
    expect(hub.rows.all().map((row) => row.title)).toEqual(['Good one']);
    expect(hub.objects.size).toBe(2);
  });

  test('text that is not iCalendar any more when it arrives is named', async () => {
    const hub = calendarHub({
      wrapFetch: (fetcher) => async (input, init) => {
        const answer = await fetcher(input, init);
        if (init?.method !== 'REPORT') return answer;
        return new Response((await answer.text()).replace('DTSTART:20270501T100000Z', 'DTSTART:the first of May'), { status: answer.status, headers: answer.headers });
      },
    });
    hub.objects.put(event('bad@example.org'), 'bad.ics');
    hub.objects.put(icsOf({ uid: 'good@example.org', summary: 'Good one', start: '20270601T100000Z' }), 'good.ics');

    const report = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ id: 'bad.ics', code: 'E_DATE_UNREADABLE' })]);
    expect(hub.rows.all().map((row) => row.title)).toEqual(['Good one']);
  });

  test('of two events with one UID the right one is linked, the other is left for a person, and a third comes in', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true, nextcloud_uid: 'same@example.org' });
    hub.objects.put(icsOf({ uid: 'same@example.org', summary: 'Meeting', start: '20270304T180000Z' }), 'one.ics');
    hub.objects.put(icsOf({ uid: 'other@example.org', summary: 'Twin', start: '20270304T180000Z' }), 'two.ics');
    // What a server without the check lets a client do: another UID in place.
    hub.objects.edit('two.ics', (text) => text.replace('UID:other@example.org', 'UID:same@example.org'));
    hub.objects.put(icsOf({ uid: 'third@example.org', summary: 'Third', start: '20270601T100000Z' }), 'three.ics');

    const report = await hub.run();

    expect(report.streams['events']).toMatchObject({ created: 1, linked: 1, parked: 1 });
    expect(hub.rows.all().map((row) => row.title)).toEqual(['Meeting', 'Third']);
    expect(hub.objects.size).toBe(3);
  });
});
