import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { ServiceReefSettings } from '../../shared/simulators/servicereef-settings.ts';
import { idsOf, opened, refusal, wireRow, type Opened } from './servicereef-reader.ts';

/** With `count` trips. */
function withTrips(count: number, settings: Partial<ServiceReefSettings> = {}) {
  const reef = opened(settings);
  for (let made = 0; made < count; made += 1) reef.events.add();
  return reef;
}

async function readWhole(reef: Opened, pageSize: number) {
  const ids: unknown[] = [];
  for (let page = 1; ; page += 1) {
    const { PageInfo, Results } = await reef.list(`/v1/events?page=${page}&pageSize=${pageSize}`);
    ids.push(...idsOf(Results));
    if (PageInfo.Page * PageInfo.PageSize >= PageInfo.TotalRecords) return { ids, total: PageInfo.TotalRecords };
  }
}

describe('lists', () => {
  test('pages tell the total of all rows, their number and their size', async () => {
    const reef = withTrips(7);

    const second = await reef.list('/v1/events?page=2&pageSize=5');
    const beyond = await reef.list('/v1/events?page=3&pageSize=5');

    expect(second.PageInfo).toEqual({ TotalRecords: 7, Page: 2, PageSize: 5 });
    expect([second.Results.length, beyond.Results.length]).toEqual([2, 0]);
    expect((await reef.list('/v1/events')).PageInfo.PageSize).toBe(25);
  });

  test('a page size above the maximum is cut without a word', async () => {
    const { PageInfo, Results } = await withTrips(12, { pageSizeMax: 10 }).list('/v1/events?pageSize=500');

    expect([PageInfo.PageSize, Results.length]).toEqual([10, 10]);
  });

  test.each(['page=ten', 'page=0', 'pageSize=-1', 'startDate=tomorrow', 'endDate=2026-13-01'])('%s is 400 and named', async (query) => {
    const reef = withTrips(1);

    const { status, ValidationErrors } = await refusal(await reef.get(`/v1/events?${query}`));

    const [name = '', value = ''] = query.split('=');
    expect([status, ValidationErrors]).toEqual([400, { [name]: [`The value '${value}' is not valid.`] }]);
  });

  test('rows that move forward are shown twice, and others never', async () => {
    const { ids, total } = await readWhole(withTrips(9, { rowsMove: 'repeats' }), 3);

    expect([ids.length, total]).toEqual([9, 9]);
    expect(new Set(ids).size).toBe(7);
  });

  test('rows that move back fall between two pages', async () => {
    const { ids, total } = await readWhole(withTrips(9, { rowsMove: 'skips' }), 3);

    expect([new Set(ids).size, ids.length, total]).toEqual([7, 7, 9]);
  });

  test('a page may come back empty though more follow', async () => {
    const reef = withTrips(9, { emptyPage: 2 });

    const counts = [];
    for (const page of [1, 2, 3]) counts.push((await reef.list(`/v1/events?page=${page}&pageSize=3`)).Results.length);

    expect(counts).toEqual([3, 0, 3]);
  });

  test('people can do things between two pages', async () => {
    const reef = withTrips(6);
    reef.settings.afterPage = ({ page }) => {
      if (page === 1) reef.events.remove(31_001);
    };

    const { ids, total } = await readWhole(reef, 3);

    expect(ids).toEqual([31_001, 31_002, 31_003, 31_005, 31_006]);
    expect(total).toBe(5);
  });

  test('the order may be another one at every call', async () => {
    const reef = withTrips(20, { order: 'shuffled' });

    const first = idsOf((await reef.list('/v1/events')).Results);
    const second = idsOf((await reef.list('/v1/events')).Results);

    expect(first).not.toEqual(second);
    expect(new Set(first)).toEqual(new Set(second));
  });

  test('lists may come as bare arrays', async () => {
    const answer = await (await withTrips(2, { lists: 'array' }).get('/v1/events')).json();

    expect(z.array(wireRow).parse(answer)).toHaveLength(2);
  });

  test.each([
    { dateFilter: 'begins-within', finds: [2] },
    { dateFilter: 'overlaps', finds: [1, 2] },
    { dateFilter: 'ignored', finds: [1, 2, 3, 4] },
  ] as const)('dates select trips: $dateFilter', async ({ dateFilter, finds }) => {
    const reef = opened({ dateFilter });
    reef.events.add({ eventId: 1, startsAt: '2027-02-26T09:00:00', endsAt: '2027-03-05T09:00:00' });
    reef.events.add({ eventId: 2, startsAt: '2027-03-31T21:00:00', endsAt: '2027-04-05T09:00:00' });
    reef.events.add({ eventId: 3, startsAt: '2027-04-01T09:00:00', endsAt: '2027-04-05T09:00:00' });
    reef.events.add({ eventId: 4, startsAt: null, endsAt: null });

    const { Results } = await reef.list(`/v1/events?startDate=${encodeURIComponent('2027-03-01T00:00:00-06:00')}&endDate=2027-03-31T23:59:59-06:00`);

    expect(idsOf(Results)).toEqual(finds);
  });
});

describe('trips', () => {
  const aTrip = { eventId: 31_877, name: 'Monterrey Team B', description: '<p>Home repair.</p>', startsAt: '2027-07-11T20:30:00', zone: 'America/Chicago' };

  test('a trip in the list has an EventId and no Id, HTML, and minimum dates for what nobody has set', async () => {
    const reef = opened();
    reef.events.add({ ...aTrip, maxRegistrations: 24, endsAt: null });

    const [row] = (await reef.list('/v1/events')).Results;

    expect(row).toMatchObject({
      EventId: 31_877,
      Name: 'Monterrey Team B',
      Description: '<p>Home repair.</p>',
      StartDate: '2027-07-11T20:30:00',
      EndDate: '0001-01-01T00:00:00',
      MaxRegistrations: 24,
      SpotsLeft: 24,
      Status: 'Published',
      Address: null,
    });
    expect(row).not.toHaveProperty('Id');
    expect(row).not.toHaveProperty('TimeZone');
  });

  test('only the single trip has its zone, categories and counters', async () => {
    const reef = opened();
    reef.events.add({ ...aTrip, maxRegistrations: 3, fundRaisingGoal: 900, categories: [{ categoryId: 5, name: 'Abroad' }] });
    for (const status of ['Approved', 'Approved', 'WaitingApproval']) {
      reef.registrations.register({ eventId: 31_877, userId: reef.members.add().userId, status });
    }

    expect(await reef.row('/v1/events/31877')).toMatchObject({
      EventId: 31_877,
      TimeZone: 'Central Standard Time',
      Categories: [{ CategoryId: 5, Name: 'Abroad', Options: [] }],
      ApprovalRequired: true,
      RegistrantsWaitingApproval: 1,
      ApprovedRegistrants: 2,
      SpotsLeft: 1,
      FundRaisingGoal: 900,
    });
  });

  test('no public row says when it was changed', async () => {
    const reef = opened();
    reef.events.add(aTrip);

    const names = Object.keys(await reef.row('/v1/events/31877'));

    expect(names.filter((name) => /modif|updated|changed/i.test(name))).toEqual([]);
  });

  test.each([
    { dates: 'local', text: '2027-07-11T20:30:00' },
    { dates: 'utc', text: '2027-07-12T01:30:00Z' },
    { dates: 'offset', text: '2027-07-11T20:30:00-05:00' },
  ] as const)('dates may be written as $dates', async ({ dates, text }) => {
    const reef = opened({ dates });
    reef.events.add(aTrip);

    expect((await reef.row('/v1/events/31877'))['StartDate']).toBe(text);
  });

  test.each([
    { zones: 'windows', expected: 'Central Standard Time' },
    { zones: 'iana', expected: 'America/Chicago' },
    { zones: 'absent', expected: undefined },
  ] as const)('the zone may be $zones', async ({ zones, expected }) => {
    const reef = opened({ zones });
    reef.events.add(aTrip);

    expect((await reef.row('/v1/events/31877'))['TimeZone']).toBe(expected);
  });

  test.each([
    { eventStatus: 'text', expected: 'Somehow' },
    { eventStatus: 'object-with-name', expected: { Id: 3, Name: 'Somehow' } },
    { eventStatus: 'object-with-value', expected: { Value: 'Somehow' } },
    { eventStatus: 'number', expected: 7 },
  ] as const)('a status may be $eventStatus, and one that nobody knows', async ({ eventStatus, expected }) => {
    const reef = opened({ eventStatus });
    reef.events.add({ ...aTrip, status: 'Somehow' });

    expect((await reef.row('/v1/events/31877'))['Status']).toEqual(expected);
  });

  test('unset dates and empty fields may be null or left out', async () => {
    const reef = opened({ unsetDates: 'null' });
    reef.events.add({ ...aTrip, endsAt: null, description: null });
    const nulls = await reef.row('/v1/events/31877');
    Object.assign(reef.settings, { unsetDates: 'absent', emptyFields: 'absent' });
    const absent = await reef.row('/v1/events/31877');

    expect([nulls['EndDate'], nulls['Description']]).toEqual([null, null]);
    expect(absent).not.toHaveProperty('EndDate');
    expect(absent).not.toHaveProperty('Description');
  });

  test('a cancelled trip stays and says so, a deleted one is 404 with its roster', async () => {
    const reef = opened();
    reef.events.add(aTrip);
    reef.events.cancel(31_877);
    const cancelled = await reef.row('/v1/events/31877');
    reef.events.remove(31_877);

    expect(cancelled['Status']).toBe('Cancelled');
    for (const path of ['/v1/events/31877', '/v1/events/31877/participants', '/v1/events/x']) {
      expect((await refusal(await reef.get(path))).status).toBe(404);
    }
    expect((await reef.list('/v1/events')).PageInfo.TotalRecords).toBe(0);
  });
});
