/** The story of the first connector: what a nonprofit that moderates its calendar may rely on. */
import { describe, expect, test } from 'vitest';
import { exitCode } from '../../../shared/sync/report.ts';
import { icsOf } from '../../../shared/simulators/ics.ts';
import { calendarHub } from '../../samples/calendar-hub.ts';

const at = '2027-03-04T18:00:00.000Z';
const until = '2027-03-04T19:30:00.000Z';
const texts = (hub: ReturnType<typeof calendarHub>) => hub.objects.all().map((object) => object.text);

describe('from Directus to the calendar', () => {
  test('an approved event appears with its place, time, organiser, cost, category and website', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Open board meeting', start_date: at, end_date: until, approved: true, location: 'Town hall, room 2', description: 'Agenda by post.', organizer: 'Ada Example', cost: 'free', category: 'ehrenamt_engagement', website: 'https://example.org/board' });

    const report = await hub.run();

    const [text = ''] = texts(hub);
    expect(report.streams['events']).toMatchObject({ created: 1, failed: 0 });
    expect(text).toContain('SUMMARY:Open board meeting');
    expect(text).toContain('DTSTART:20270304T180000Z');
    expect(text).toContain('LOCATION:Town hall\\, room 2');
    expect(text.replaceAll('\r\n ', '')).toContain('Veranstalter: Ada Example\\nPreis: free\\nKategorien: Ehrenamt & Engagemententwicklung\\nWebsite: https://example.org/board');
  });

  test('an event that nobody approved stays out, and unapproving takes it out again', async () => {
    const hub = calendarHub();
    const draft = hub.rows.add({ title: 'Draft', start_date: at, approved: false });
    const shown = hub.rows.add({ title: 'Shown', start_date: at, approved: true });
    await hub.run();
    const before = hub.objects.size;

    hub.rows.edit(shown.id, { approved: false });
    hub.rows.edit(draft.id, { approved: true });
    await hub.run();

    expect(before).toBe(1);
    expect(texts(hub).map((text) => /SUMMARY:(.*)\r/.exec(text)?.[1])).toEqual(['Draft']);
  });

  test('an edit arrives as an edit of the same object, and other people’s properties in it survive', async () => {
    const hub = calendarHub();
    const row = hub.rows.add({ title: 'Choir', start_date: at, approved: true });
    await hub.run();
    const name = hub.objects.all()[0]?.name ?? '';
    hub.objects.edit(name, (text) => text.replace('END:VEVENT', 'X-SEATS:40\r\nEND:VEVENT'));
    await hub.run();

    hub.rows.edit(row.id, { title: 'Choir rehearsal' });
    await hub.run();

    expect(hub.objects.all().map((object) => object.name)).toEqual([name]);
    expect(texts(hub)[0]).toContain('SUMMARY:Choir rehearsal');
    expect(texts(hub)[0]).toContain('X-SEATS:40');
  });

  test('an event that was unapproved and approved again comes back, past the trash', async () => {
    const hub = calendarHub();
    const row = hub.rows.add({ title: 'On and off', start_date: at, approved: true });
    for (let turn = 0; turn < 3; turn++) {
      await hub.run();
      hub.rows.edit(row.id, { approved: false });
      await hub.run();
      hub.rows.edit(row.id, { approved: true });
    }

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(texts(hub)).toHaveLength(1);
  });

  test('a deleted row leaves the calendar', async () => {
    const hub = calendarHub();
    const row = hub.rows.add({ title: 'Cancelled', start_date: at, approved: true });
    hub.rows.add({ title: 'Stays', start_date: at, approved: true });
    await hub.run();

    hub.rows.remove(row.id);
    await hub.run();

    expect(texts(hub)).toHaveLength(1);
    expect(texts(hub)[0]).toContain('SUMMARY:Stays');
  });

  test('whole days are inclusive for people and exclusive in the calendar', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Fair', start_date: '2027-03-03T23:00:00.000Z', end_date: '2027-03-05T23:00:00.000Z', all_day: true, approved: true });

    await hub.run();

    expect(texts(hub)[0]).toContain('DTSTART;VALUE=DATE:20270304');
    expect(texts(hub)[0]).toContain('DTEND;VALUE=DATE:20270307');
  });

  test('a calendar that is missing is made', async () => {
    const hub = calendarHub({ nextcloud: { calendars: [] } });
    hub.rows.add({ title: 'First', start_date: at, approved: true });

    const report = await hub.run();

    expect(report.state).toBe('finished');
    expect(hub.nextcloud.calendars().map((calendar) => [calendar.displayName, calendar.objects.size])).toEqual([['nonprofit-events', 1]]);
  });
});

test('a plan alone makes no calendar, and shows what would go into it', async () => {
  const hub = calendarHub({ nextcloud: { calendars: [] } });
  hub.rows.add({ title: 'First', start_date: at, approved: true });

  const plan = await hub.run({ dry: true });

  expect(plan.changes).toEqual([expect.objectContaining({ kind: 'create', side: 'target' })]);
  expect(hub.nextcloud.calendars()).toEqual([]);
});

describe('from the calendar to Directus', () => {
  test('a member’s event enters once, unapproved, and stays in the calendar while it is pending', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'member-1@example.org', summary: 'Picnic', start: '20270501T100000Z', location: 'Park' }, 'picnic.ics');

    await hub.run();
    await hub.run();
    await hub.run({ full: true });

    expect(hub.rows.all()).toEqual([expect.objectContaining({ title: 'Picnic', location: 'Park', approved: false, source: 'nextcloud', nextcloud_uid: 'member-1@example.org' })]);
    expect(hub.objects.size).toBe(1);
  });

  test('a pending event follows its edits in the calendar', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'member-1@example.org', summary: 'Picnic', start: '20270501T100000Z' }, 'picnic.ics');
    await hub.run();

    hub.objects.edit('picnic.ics', { summary: 'Picnic with music' });
    await hub.run();

    expect(hub.rows.all()[0]).toMatchObject({ title: 'Picnic with music', approved: false });
  });

  test('approving makes no second event; unapproving then takes the event out', async () => {
    const hub = calendarHub();
    hub.objects.put({ uid: 'member-1@example.org', summary: 'Picnic', start: '20270501T100000Z' }, 'picnic.ics');
    await hub.run();
    const id = hub.rows.all()[0]?.id ?? 0;

    hub.rows.edit(id, { approved: true });
    await hub.run();
    const whileApproved = hub.objects.all().map((object) => object.name);
    hub.rows.edit(id, { approved: false });
    await hub.run();

    expect(whileApproved).toEqual(['picnic.ics']);
    expect(hub.objects.size).toBe(0);
    expect(hub.rows.all()).toHaveLength(1);
  });

  test('a pending event that was never approved stays in the calendar when it is rejected, and leaves it where the site says so', async () => {
    const kept = calendarHub();
    const withdrawn = calendarHub({ site: { rejectedWithdraws: true } });
    for (const hub of [kept, withdrawn]) {
      hub.objects.put({ uid: 'member-1@example.org', summary: 'Advert', start: '20270501T100000Z' }, 'advert.ics');
      await hub.run();
      hub.rows.edit(hub.rows.all()[0]?.id ?? 0, { status: 'rejected' });
      await hub.run();
    }

    expect([kept.objects.size, withdrawn.objects.size]).toEqual([1, 0]);
  });

  test('an approved event that a member deleted is put back', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true });
    await hub.run();

    hub.objects.remove(hub.objects.all()[0]?.name ?? '');
    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(texts(hub)).toEqual([expect.stringContaining('SUMMARY:Meeting')]);
    expect(hub.rows.all()[0]).toMatchObject({ approved: true });
  });

  test('an event of ours whose row is gone is not brought in as somebody’s news, even when our memory is lost', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Stays', start_date: at, approved: true });
    hub.objects.put({ uid: 'nonprofit-99@directus', summary: 'Left over', start: '20270501T100000Z' }, 'left-over.ics');

    await hub.run();
    const quiet = await hub.run({ full: true });

    expect(hub.rows.all().map((row) => row.title)).toEqual(['Stays']);
    expect([hub.objects.size, quiet.planned]).toEqual([2, 0]);
  });

  test('a series comes in as one event and is never written back', async () => {
    const hub = calendarHub();
    hub.objects.put(icsOf({ uid: 'weekly@example.org', summary: 'Choir', start: '20270501T100000Z' }).replace('END:VEVENT', 'RRULE:FREQ=WEEKLY;COUNT=10\r\nEND:VEVENT'), 'choir.ics');

    await hub.run();
    hub.rows.edit(hub.rows.all()[0]?.id ?? 0, { approved: true });
    await hub.run();

    expect(hub.rows.all()).toHaveLength(1);
    expect(texts(hub)[0]).toContain('RRULE:FREQ=WEEKLY;COUNT=10');
  });
});

describe('the same event on both sides', () => {
  test('is linked by UID', async () => {
    const hub = calendarHub();
    const row = hub.rows.add({ title: 'Meeting', start_date: at, end_date: until, approved: true });
    hub.objects.put({ uid: `nonprofit-${row.id}@directus`, summary: 'Meeting (old)', start: '20270304T180000Z', end: '20270304T193000Z' }, 'old.ics');

    await hub.run();

    expect(hub.objects.all().map((object) => object.name)).toEqual(['old.ics']);
    expect(texts(hub)[0]).toContain('SUMMARY:Meeting\r');
    expect(hub.rows.all()).toHaveLength(1);
  });

  test('is linked by title and start when there is exactly one on each side', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Town  Meeting', start_date: at, end_date: until, approved: true });
    hub.objects.put({ uid: 'theirs@example.org', summary: 'town meeting', start: '20270304T180000Z', end: '20270304T193000Z' }, 'theirs.ics');

    await hub.run();

    expect([hub.objects.size, hub.rows.all().length]).toEqual([1, 1]);
  });

  test('is left for a person when several could be meant', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true });
    for (const n of [1, 2]) hub.objects.put({ uid: `theirs-${n}@example.org`, summary: 'Meeting', start: '20270304T180000Z' }, `theirs-${n}.ics`);

    const report = await hub.run();

    expect([hub.objects.size, hub.rows.all().length]).toEqual([2, 1]);
    expect(report.problems.map((problem) => problem.code)).toEqual(['AMBIGUOUS_MATCH', 'AMBIGUOUS_MATCH', 'AMBIGUOUS_MATCH']);
  });
});

describe('cost and rest', () => {
  test('a run that changes nothing makes two calls and two writes', async () => {
    const hub = calendarHub();
    for (let n = 0; n < 20; n++) hub.rows.add({ title: `Event ${n}`, start_date: at, approved: true });
    hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z' });
    await hub.run();
    await hub.run();
    await hub.run();
    hub.table.reset();

    const report = await hub.run();

    expect(report.calls).toEqual({ directus: 1, nextcloud: 1 });
    expect(hub.table.counts().writes).toBe(2);
    expect(exitCode(report, false)).toBe(0);
  });

  test('after people stop editing, two further runs write nothing', async () => {
    const hub = calendarHub();
    for (let n = 0; n < 5; n++) hub.rows.add({ title: `Event ${n}`, start_date: at, approved: n % 2 === 0, description: 'Two\n\nlines  ', organizer: 'Ada' });
    hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z', description: 'Bring cake' });
    await hub.run();
    const stamps = hub.rows.all().map((row) => row.date_updated);
    const etags = hub.objects.all().map((object) => object.etag);

    const reports = [await hub.run(), await hub.run({ full: true })];

    expect(reports.map((report) => report.planned)).toEqual([0, 0]);
    expect([hub.rows.all().map((row) => row.date_updated), hub.objects.all().map((object) => object.etag)]).toEqual([stamps, etags]);
  });

  test('a wrong password stops at once, keeps the work and says so', async () => {
    const hub = calendarHub();
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true });
    hub.nextcloud.faults.add({ kind: 'status', status: 401, when: () => true });

    const report = await hub.run();

    expect(exitCode(report, false)).toBe(5);
    expect(report.problems).toEqual([expect.objectContaining({ code: 'E_SIGN_IN' })]);
    expect(report.calls['nextcloud']).toBe(1);
  });
});
