/**
 * What the script did that Concord takes the place of, and what it did wrong: each of its features works on, and each of its
 * weak points is a promise now. Who has the last word (moderation.test.ts) and what the calendar's server does (traps-of-*) have files of their own.
 */
import { describe, expect, test } from 'vitest';
import { icsOf } from '../../../shared/simulators/ics.ts';
import { calendarHub } from '../../samples/calendar-hub.ts';

const at = '2027-03-04T18:00:00.000Z';
type Hub = ReturnType<typeof calendarHub>;

const textOf = (hub: Hub) => (hub.objects.all()[0]?.text ?? '').replaceAll('\r\n ', '');
const lineOf = (hub: Hub, property: string) => new RegExp(`^${property}[;:](.*)\\r`, 'm').exec(textOf(hub))?.[1];
const isQuiet = async (hub: Hub) => [(await hub.run()).planned, (await hub.run({ full: true })).planned];

describe('what is carried over', () => {
  const full = {
    title: 'Open board meeting', start_date: at, end_date: '2027-03-04T19:30:00.000Z', description: 'Agenda by post.\nBring a pen; or two, please.', location: 'Town hall, room 2',
    website: 'https://example.org/board', organizer: 'Ada Example', cost: 'free', category: 'ehrenamt_engagement,ki_nonprofit', approved: true,
  };

  test('every field of an event in Directus stands in the calendar, in properties of its own and for people below the description', async () => {
    const hub = calendarHub();
    hub.rows.add(full);

    await hub.run();

    expect(lineOf(hub, 'UID')).toBe('nonprofit-1@directus');
    expect(['SUMMARY', 'DTSTART', 'DTEND', 'LOCATION', 'URL', 'X-DIRECTUS-ORGANIZER', 'X-DIRECTUS-COST'].map((name) => lineOf(hub, name))).toEqual([
      'Open board meeting', '20270304T180000Z', '20270304T193000Z', 'Town hall\\, room 2', 'https://example.org/board', 'Ada Example', 'free',
    ]);
    expect(lineOf(hub, 'CATEGORIES')).toContain('Ehrenamt & Engagemententwicklung');
    expect(lineOf(hub, 'DESCRIPTION')).toMatch(/^Agenda by post\.\\nBring a pen\\; or two\\, please\..*Veranstalter: Ada Example\\nPreis: free\\nKategorien: .*\\nWebsite: https:\/\/example\.org\/board$/);
  });

  test('what stands below the description is not read back as description, however often both sides are compared', async () => {
    const hub = calendarHub();
    hub.rows.add(full);
    await hub.run();

    expect(await isQuiet(hub)).toEqual([0, 0]);
    expect(hub.rows.get(1)).toMatchObject({ ...full, date_updated: null });
  });

  test('every field of a member’s event stands in Directus', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z', end: '20270501T130000Z', location: 'Park', description: 'Bring cake', url: 'https://example.org/picnic', categories: ['KI für Non-Profits', 'own_word'] });

    await hub.run();

    expect(hub.rows.all()).toEqual([expect.objectContaining({
      title: 'Picnic', start_date: '2027-05-01T10:00:00.000Z', end_date: '2027-05-01T13:00:00.000Z', location: 'Park', description: 'Bring cake', website: 'https://example.org/picnic',
      category: expect.stringMatching(/ki_nonprofit/), source: 'nextcloud', approved: false, nextcloud_uid: 'member@example.org',
    })]);
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('an edited line below the description is an edit of its field', async () => {
    const hub = calendarHub({ site: { policy: 'two-way' } });
    hub.rows.add(full);
    await hub.run();

    hub.objects.edit(hub.objects.all()[0]?.name ?? '', (text) => text.replaceAll('\r\n ', '').replace('Preis: free', 'Preis: 5 EUR'));
    await hub.run();

    expect(hub.rows.get(1)).toMatchObject({ cost: '5 EUR', description: full.description });
  });

  test('a field that is emptied in Directus disappears from the calendar, and one that is switched off is the calendar’s own: an edit of it is no news', async () => {
    const hub = calendarHub({ site: { directus: { fields: { location: null } } } });
    hub.rows.add(full);
    await hub.run();
    const name = hub.objects.all()[0]?.name ?? '';
    hub.objects.edit(name, { location: 'Where the members say' });
    const news = await hub.run();

    hub.rows.edit(1, { website: null, cost: null });
    await hub.run();

    expect([lineOf(hub, 'URL'), lineOf(hub, 'X-DIRECTUS-COST'), lineOf(hub, 'LOCATION')]).toEqual([undefined, undefined, 'Where the members say']);
    expect(news.problems).toEqual([]);
    expect(textOf(hub)).not.toContain('Preis');
  });

  test('status can stand for approval: published events appear, drafts and archived ones do not', async () => {
    const hub = calendarHub({ site: { directus: { approval: { by: 'status' } } } });
    for (const status of ['draft', 'published', 'archived', 'rejected']) hub.rows.add({ title: status, start_date: at, status });
    await hub.run();
    const before = lineOf(hub, 'SUMMARY');

    hub.rows.edit(1, { status: 'published' });
    hub.rows.edit(2, { status: 'archived' });
    await hub.run();

    expect([before, lineOf(hub, 'SUMMARY'), hub.objects.size]).toEqual(['published', 'draft', 1]);
  });

  test('an archived row leaves the calendar, whatever its approval says', async () => {
    const hub = calendarHub();
    hub.rows.add({ ...full, status: 'published' });
    hub.rows.add({ ...full, title: 'Stays' });
    await hub.run();

    hub.rows.edit(1, { status: 'archived' });
    await hub.run();

    expect(hub.objects.all().map(({ uid }) => uid)).toEqual(['nonprofit-2@directus']);
  });
});

describe('times', () => {
  const spring = icsOf({ uid: 'member@example.org', summary: 'Night', start: '20270328T013000', end: '20270328T033000', timeZone: 'Europe/Berlin' });

  test('an event across the change of the clocks lasts as long as it lasts, on both sides', async () => {
    const hub = calendarHub();
    hub.objects.put(spring, 'night.ics');

    await hub.run();

    expect(hub.rows.get(1)).toMatchObject({ start_date: '2027-03-28T00:30:00.000Z', end_date: '2027-03-28T01:30:00.000Z' });
  });

  test('a time without a zone is meant where the calendar is', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000' });

    await hub.run();

    expect(hub.rows.get(1)).toMatchObject({ start_date: '2027-05-01T08:00:00.000Z' });
  });

  test('a whole day in the calendar is that date in Directus, the last day included, and does not move with further runs', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'fair@example.org', summary: 'Fair', start: '2027-03-04', end: '2027-03-07', allDay: true }, 'fair.ics');

    await hub.run();
    hub.rows.edit(1, { approved: true, location: 'Market' });
    await hub.run();

    expect(hub.rows.get(1)).toMatchObject({ all_day: true, start_date: '2027-03-03T23:00:00.000Z', end_date: '2027-03-05T23:00:00.000Z' });
    expect([lineOf(hub, 'DTSTART'), lineOf(hub, 'DTEND'), lineOf(hub, 'LOCATION')]).toEqual(['VALUE=DATE:20270304', 'VALUE=DATE:20270307', 'Market']);
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('a duration counts as an end', async () => {
    const hub = calendarHub();
    hub.objects.put(icsOf({ uid: 'member@example.org', summary: 'Walk', start: '20270501T100000Z', lines: ['DURATION:PT90M'] }), 'walk.ics');

    await hub.run();

    expect(hub.rows.get(1)).toMatchObject({ end_date: '2027-05-01T11:30:00.000Z' });
  });

  test('an event without an end gets none', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true });

    await hub.run();

    expect([lineOf(hub, 'DTEND'), hub.rows.get(1)?.end_date]).toEqual([undefined, null]);
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('the same instant in other words is no second event', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Walk', start_date: '2027-05-01T10:00:00+02:00', approved: true });
    hub.objects.put({ uid: 'old@example.org', summary: 'Walk', start: '20270501T100000', timeZone: 'Europe/Berlin' });

    await hub.run();

    expect([hub.rows.all().length, hub.objects.size]).toEqual([1, 1]);
  });
});

describe('what the script did wrong', () => {
  test('three hundred approved events all arrive, and all stay', async () => {
    const hub = calendarHub();
    for (let n = 1; n <= 300; n++) hub.rows.add({ title: `Event ${n}`, start_date: at, approved: true });

    const report = await hub.run();
    const full = await hub.run({ full: true });

    expect([report.problems, hub.objects.size, full.planned, hub.rows.all().length]).toEqual([[], 300, 0, 300]);
  });

  test.each(['status', 'half-body', 'wrong-body'] as const)('a Directus that does not answer (%s) is no empty Directus: nothing is deleted and nothing imported', async (kind) => {
    const hub = calendarHub();
    for (let n = 1; n <= 3; n++) hub.rows.add({ title: `Event ${n}`, start_date: at, approved: true });
    hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z' });
    await hub.run();
    hub.directus.faults.add(kind === 'status' ? { kind, status: 503, when: () => true } : { kind, when: () => true });

    const report = await hub.run({ full: true });

    expect([report.state, hub.objects.size, hub.rows.all().length]).toEqual(['failed', 4, 4]);
  });

  test('the last event that is unapproved leaves too', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Last one', start_date: at, approved: true });
    await hub.run();

    hub.rows.edit(1, { approved: false });
    const report = await hub.run();

    expect([report.state, hub.objects.size]).toEqual(['finished', 0]);
  });

  test('a Directus that became empty withdraws nothing until a person agrees', async () => {
    const hub = calendarHub();
    for (let n = 1; n <= 3; n++) hub.rows.add({ title: `Event ${n}`, start_date: at, approved: true });
    await hub.run();

    for (let n = 1; n <= 3; n++) hub.rows.remove(n);
    const report = await hub.run();

    expect([report.state, report.held.map(({ code }) => code), hub.objects.size]).toEqual(['held', ['SIDE_EMPTY'], 3]);
  });

  test('a retitled event is not imported a second time', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z' }, 'picnic.ics');
    await hub.run();

    hub.objects.edit('picnic.ics', { summary: 'Summer party', start: '20270502T100000Z' });
    await hub.run();

    expect(hub.rows.all().map(({ title }) => title)).toEqual(['Summer party']);
  });

  test('events that the script left in the calendar are taken over by their UIDs: none is doubled, none deleted', async () => {
    const hub = calendarHub();
    for (let n = 1; n <= 3; n++) {
      hub.rows.add({ title: `Event ${n}`, start_date: at, approved: true });
      hub.objects.put({ uid: `nonprofit-${n}@directus`, summary: `Event ${n}`, start: '20270304T180000Z', end: '20270304T190000Z' });
    }
    hub.objects.put({ uid: 'nonprofit-77@directus', summary: 'Of a row that is gone', start: '20270304T180000Z' });

    const report = await hub.run();

    expect([report.problems, hub.rows.all().length, hub.objects.size]).toEqual([[], 3, 4]);
    expect(await isQuiet(hub)).toEqual([0, 0]);
  });

  test('the second half of a series and its odd dates are not lost when its title is edited in Directus', async () => {
    const hub = calendarHub();
    const series = icsOf({ uid: 'weekly@example.org', summary: 'Choir', start: '20270501T100000Z', rrule: 'FREQ=WEEKLY;COUNT=10', lines: ['EXDATE:20270508T100000Z'] });
    hub.objects.put(series.replace('END:VCALENDAR', 'BEGIN:VEVENT\r\nUID:weekly@example.org\r\nDTSTAMP:20261101T080000Z\r\nRECURRENCE-ID:20270515T100000Z\r\nDTSTART:20270515T120000Z\r\nSUMMARY:Choir\\, later\r\nEND:VEVENT\r\nEND:VCALENDAR'), 'choir.ics');
    await hub.run();

    hub.rows.edit(1, { approved: true, title: 'Big choir' });
    await hub.run();

    expect(hub.rows.all().map(({ title }) => title)).toEqual(['Big choir']);
    for (const kept of ['SUMMARY:Big choir', 'RRULE:FREQ=WEEKLY;COUNT=10', 'EXDATE:20270508T100000Z', 'RECURRENCE-ID:20270515T100000Z', 'SUMMARY:Choir\\, later']) expect(textOf(hub)).toContain(kept);
  });

  test('alarms, colours and whatever else people have in an event survive our edits', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z', lines: ['COLOR:red', 'CONFERENCE:https://example.org/room', 'BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:-PT15M', 'DESCRIPTION:Soon', 'END:VALARM'] }, 'picnic.ics');
    await hub.run();

    hub.rows.edit(1, { approved: true, location: 'Park' });
    await hub.run();

    for (const kept of ['COLOR:red', 'CONFERENCE:https://example.org/room', 'TRIGGER:-PT15M', 'DESCRIPTION:Soon', 'LOCATION:Park']) expect(textOf(hub)).toContain(kept);
  });
});
