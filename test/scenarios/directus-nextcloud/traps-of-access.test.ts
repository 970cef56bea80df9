/** Where Nextcloud answers a question about rights, sign-in or the calendar itself in a way that looks like something else. */
import { describe, expect, test } from 'vitest';
import { exitCode } from '../../../shared/sync/report.ts';
import { calendarHub, type CalendarHubSettings } from '../../samples/calendar-hub.ts';

const at = '2027-03-04T18:00:00.000Z';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** An approved event of ours and a member's pending one, in step. */
async function inStep(settings: CalendarHubSettings = {}) {
  const hub = calendarHub(settings);
  hub.rows.add({ title: 'Meeting', start_date: at, approved: true });
  hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z' }, 'picnic.ics');
  await hub.run();
  await hub.run();
  hub.nextcloud.journal.clear();
  return hub;
}

/** A way on which the hub's password is wrong, as long as somebody says so: for all calls, or for some. */
function passwordOnTheWay() {
  let isWrong = never;
  const wrapFetch = (fetcher: typeof fetch): typeof fetch => (input, init) => {
    const headers = new Headers(init?.headers);
    if (isWrong(init?.method ?? 'GET') && headers.get('authorization')?.startsWith('Basic ') === true) headers.set('authorization', wrong);
    return fetcher(input, { ...init, headers });
  };
  return { wrapFetch, spoil: (when: typeof isWrong) => void (isWrong = when), mend: () => void (isWrong = never) };
}

const never = (_method: string): boolean => false;
const wrong = `Basic ${Buffer.from('hub:wrong').toString('base64')}`;

describe('sign-in', () => {
  test('a refused password is asked once in a run, and everything is as it was when it is mended', async () => {
    const password = passwordOnTheWay();
    const hub = await inStep({ wrapFetch: password.wrapFetch });
    password.spoil(() => true);
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });
    const refused = await hub.run();

    const calls = hub.nextcloud.journal.count();
    password.mend();
    const report = await hub.run();

    expect([exitCode(refused, false), refused.problems.map(({ code }) => code), calls]).toEqual([5, ['E_SIGN_IN'], 1]);
    expect([report.problems, hub.objects.size, hub.rows.all().length]).toEqual([[], 3, 3]);
  });

  test('a password that is refused in the middle of the writing stops it long before the address is throttled; what was written is not written again', async () => {
    const password = passwordOnTheWay();
    const hub = await inStep({ wrapFetch: password.wrapFetch });
    for (let n = 0; n < 30; n++) hub.rows.add({ title: `Event ${n}`, start_date: at, approved: true });
    let puts = 0;
    password.spoil((method) => method === 'PUT' && ++puts > 5);
    const refused = await hub.run();
    const written = hub.objects.size;
    const tries = hub.nextcloud.journal.count('PUT');

    password.mend();
    hub.clock.advance(minuteMs);
    await hub.run();

    expect(refused.state).toBe('paused');
    expect([written, hub.objects.size]).toEqual([2 + 5, 2 + 30]);
    expect(tries - 5).toBeLessThanOrEqual(8); // those that were under way at once
    expect(hub.nextcloud.journal.count('PUT')).toBe(tries + 25);
  });

  test('an address that is throttled for somebody’s wrong passwords changes nothing, and goes on by itself afterwards', async () => {
    const hub = await inStep();
    for (let n = 0; n < 11; n++) await hub.nextcloud.fetch(hub.nextcloud.homeUrl, { method: 'PROPFIND', headers: { authorization: wrong } });
    hub.nextcloud.journal.clear();
    const row = hub.rows.add({ title: 'Film night', start_date: at, approved: true });

    const throttled = await hub.run();
    const calls = hub.nextcloud.journal.count();
    hub.clock.advance(hourMs);
    const report = await hub.run();

    expect(throttled.problems).toEqual([expect.objectContaining({ code: 'E_RATE_LIMITED' })]);
    expect(calls).toBeLessThanOrEqual(3);
    expect(report.problems).toEqual([]);
    expect(hub.objects.byUid(`nonprofit-${row.id}@directus`)).toBeDefined();
  });

  test('a password that stays wrong for a day of hourly runs never throttles the address: mended, it is accepted at once', async () => {
    const password = passwordOnTheWay();
    const hub = await inStep({ wrapFetch: password.wrapFetch });
    password.spoil(() => true);
    for (let hour = 0; hour < 24; hour++) {
      await hub.run();
      hub.clock.advance(hourMs);
    }
    const statuses = new Set(hub.nextcloud.journal.entries.map(({ status }) => status));

    password.mend();
    const report = await hub.run();

    expect([[...statuses], report.problems, report.state]).toEqual([[401], [], 'finished']);
  });

  test('a disabled account is no empty calendar: nothing is withdrawn, and the run says that the server is not available', async () => {
    const hub = await inStep({ site: { policy: 'two-way', directus: { deletes: 'archive' } } });
    hub.nextcloud.settings.isAccountDisabled = true;
    const closed = await hub.run({ full: true });

    hub.nextcloud.settings.isAccountDisabled = false;
    const open = await hub.run();

    expect([closed.state, closed.problems.map(({ code }) => code)]).toEqual(['failed', ['E_UNAVAILABLE']]);
    expect([open.planned, hub.objects.size, hub.rows.all().map(({ status }) => status)]).toEqual([0, 2, ['draft', 'draft']]);
  });
});

describe('rights', () => {
  test('a share for reading only refuses each write by name although the server says that nothing is there, and takes it all later', async () => {
    const hub = await inStep();
    hub.nextcloud.calendar('events').setReadOnly(true);
    hub.rows.edit(1, { title: 'Open meeting' });
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });

    const refused = await hub.run();
    const rows = hub.rows.all().map(({ title, status }) => [title, status]);
    hub.nextcloud.calendar('events').setReadOnly(false);
    hub.clock.advance(24 * hourMs);
    const report = await hub.run();

    expect(refused.problems.map(({ code }) => code)).toEqual(['E_READ_ONLY', 'E_READ_ONLY']);
    expect(rows).toEqual([['Open meeting', 'draft'], ['Picnic', 'draft'], ['Film night', 'draft']]);
    expect([report.problems, hub.objects.size]).toEqual([[], 3]);
  });

  test('a share for reading only can still be read: what members add comes in', async () => {
    const hub = await inStep();
    hub.nextcloud.calendar('events').setReadOnly(true);
    hub.objects.edit('picnic.ics', { location: 'Lake' });

    const report = await hub.run();

    expect([report.problems, hub.rows.get(2)?.location]).toEqual([[], 'Lake']);
  });

  test('a full disk is told by name, and the event goes out when there is room', async () => {
    const hub = await inStep();
    const mended = hub.nextcloud.faults.add({ kind: 'status', status: 507, when: { method: 'PUT' } });
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });

    const full = await hub.run();
    mended();
    hub.clock.advance(hourMs);
    await hub.run();

    expect(full.problems).toEqual([expect.objectContaining({ code: 'E_NO_SPACE' })]);
    expect(hub.objects.size).toBe(3);
  });
});

describe('the calendar itself', () => {
  test.each([
    ['too many calendars were made this hour', 429],
    ['the account has all the calendars it may have', 403],
  ])('where %s, making ours is not tried in a loop', async (_what, status) => {
    const hub = calendarHub({ nextcloud: { calendars: [] } });
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true });
    hub.nextcloud.faults.add({ kind: 'status', status, when: { method: 'MKCALENDAR' } });

    const report = await hub.run();

    expect(report.state).toBe('failed');
    expect(hub.nextcloud.journal.count('MKCALENDAR')).toBe(1);
  });

  test('a calendar of our name that lies in the trash is left there; ours gets another address', async () => {
    const hub = calendarHub({ nextcloud: { calendars: [{ name: 'nonprofit-events', displayName: 'nonprofit-events' }] } });
    hub.nextcloud.calendar('nonprofit-events').remove();
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true });

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.nextcloud.calendars().map(({ displayName, objects }) => [displayName, objects.size])).toEqual([['nonprofit-events', 1]]);
    expect(hub.nextcloud.calendar('nonprofit-events').objects.size).toBe(0);
  });

  test('boxes, the trash bin, calendars in it and lists of tasks are never taken for ours', async () => {
    const hub = calendarHub({ nextcloud: { calendars: [{ name: 'tasks', displayName: 'Tasks', components: ['VTODO'] }, { name: 'old', displayName: 'nonprofit-events' }, { name: 'events', displayName: 'nonprofit-events' }] } });
    hub.nextcloud.calendar('old').remove();
    hub.rows.add({ title: 'Meeting', start_date: at, approved: true });

    await hub.run();

    expect(hub.nextcloud.calendars().map(({ name, objects }) => [name, objects.size])).toEqual([['tasks', 0], ['events', 1]]);
  });

  test('a calendar that somebody put into the trash, where it still takes writes, is kept in step: restoring it brings all of it back', async () => {
    const hub = await inStep();
    hub.nextcloud.calendar('events').remove();
    hub.rows.add({ title: 'Film night', start_date: at, approved: true });
    await hub.run();

    const authorization = `Basic ${Buffer.from(`${hub.nextcloud.user}:${hub.nextcloud.password}`).toString('base64')}`;
    const headers = { authorization, destination: `${hub.nextcloud.homeUrl}trashbin/restore/file` };
    const restored = await hub.nextcloud.fetch(hub.nextcloud.calendarUrl('events'), { method: 'MOVE', headers });
    const report = await hub.run({ full: true });

    expect([restored.status, report.planned, report.problems]).toEqual([201, 0, []]);
    expect(hub.nextcloud.calendars().map(({ objects }) => objects.size)).toEqual([3]);
  });
});
