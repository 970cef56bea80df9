import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { manualClock } from '../../shared/base/clock.ts';
import { simulateServiceReef } from '../../shared/simulators/servicereef.ts';
import type { ServiceReefSettings } from '../../shared/simulators/servicereef-settings.ts';
import { plantedValues } from '../../shared/simulators/servicereef-wire.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

const wireToken = z.object({ access_token: z.string(), token_type: z.string(), expires_in: z.number().optional() });
const wireError = z.object({ Message: z.string(), ValidationErrors: z.record(z.string(), z.array(z.string())) });
const wireList = z.object({
  PageInfo: z.object({ TotalRecords: z.number(), Page: z.number(), PageSize: z.number() }),
  Results: z.array(z.record(z.string(), z.unknown())),
});
const wireRow = z.record(z.string(), z.unknown());

/** A ServiceReef with a signed-in reader. */
function opened(settings: Partial<ServiceReefSettings> = {}) {
  const clock = manualClock();
  const reef = simulateServiceReef(simulatedWorld({ clock, seed: 3 }), settings);
  const signIn = async (form: Record<string, string> = {}, headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: reef.appId, client_secret: reef.appKey, ...form });
    return reef.fetch(`${reef.url}/OAuth/Token`, { method: 'POST', headers, body: body.toString() });
  };
  const newToken = async () => wireToken.parse(await (await signIn()).json()).access_token;
  let token: string | undefined;
  const get = async (path: string, headers: Record<string, string> = {}) => {
    token ??= await newToken();
    return reef.fetch(reef.url + path, { headers: { authorization: `Bearer ${token}`, ...headers } });
  };
  const list = async (path: string) => wireList.parse(await (await get(path)).json());
  const row = async (path: string) => wireRow.parse(await (await get(path)).json());
  const refusal = async (answer: Response) => ({ status: answer.status, ...wireError.parse(await answer.json()) });
  return { ...reef, clock, signIn, newToken, get, list, row, refusal };
}

const idsOf = (rows: readonly Record<string, unknown>[], name = 'EventId') => rows.map((row) => row[name]);

describe('token', () => {
  test('app id and key, sent as a form, bring a bearer token that tells its lifetime', async () => {
    const answer = await opened().signIn();

    expect(answer.status).toBe(200);
    expect(wireToken.parse(await answer.json())).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
  });

  test.each([
    { what: 'a wrong key', form: { client_secret: 'wrong' }, error: 'invalid_client' },
    { what: 'a wrong app', form: { client_id: 'wrong' }, error: 'invalid_client' },
    { what: 'another grant', form: { grant_type: 'password' }, error: 'unsupported_grant_type' },
  ])('$what is 400 $error', async ({ form, error }) => {
    const answer = await opened().signIn(form);

    expect([answer.status, await answer.json()]).toEqual([400, { error }]);
  });

  test('a token request that is not a form is refused', async () => {
    expect((await opened().signIn({}, { 'content-type': 'application/json' })).status).toBe(400);
  });

  test('no token, an expired one and a revoked one are 401 with an ErrorResult', async () => {
    const reef = opened({ tokenSeconds: 100 });
    const before = await reef.get('/v1/events');
    const without = await reef.get('/v1/events', { authorization: '' });
    reef.clock.advance(100_000);
    const expired = await reef.get('/v1/events');
    const fresh = await reef.newToken();
    reef.revokeTokens();
    const revoked = await reef.get('/v1/events', { authorization: `Bearer ${fresh}` });

    expect([before.status, without.status, expired.status, revoked.status]).toEqual([200, 401, 401, 401]);
    expect((await reef.refusal(expired)).Message).not.toBe('');
  });

  test('a deleted key ends tokens and their renewal', async () => {
    const reef = opened();
    await reef.get('/v1/events');

    reef.settings.isKeyRevoked = true;

    expect((await reef.get('/v1/events')).status).toBe(401);
    expect(await (await reef.signIn()).json()).toEqual({ error: 'invalid_client' });
  });

  test('a token may come without its lifetime', async () => {
    expect(await (await opened({ tellsTokenLifetime: false }).signIn()).json()).not.toHaveProperty('expires_in');
  });
});

describe('the door', () => {
  test('plain HTTP is 403, except on this machine', async () => {
    const reef = opened();
    const asked = async (origin: string) => (await reef.fetch(`${origin}/v1/events`, { headers: { authorization: `Bearer ${await reef.newToken()}` } })).status;

    expect([await asked('http://servicereef.test'), await asked('http://127.0.0.1:8080')]).toEqual([403, 200]);
  });

  test('the case of a path does not matter', async () => {
    const reef = opened();
    const { eventId } = reef.events.add();

    expect((await reef.get(`/V1/Events/${eventId}/Participants`)).status).toBe(200);
  });

  test('an unknown address is 404 with an ErrorResult', async () => {
    const reef = opened();

    expect((await reef.refusal(await reef.get('/v1/nothing'))).status).toBe(404);
  });

  test('too many calls in one second are 429, and the next second is free again', async () => {
    const reef = opened({ callsPerSecond: 2 });
    await reef.get('/v1/events'); // with the token's: two
    const refused = await reef.get('/v1/events');
    reef.clock.advance(1000);

    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await reef.get('/v1/events')).status).toBe(200);
  });

  test('down is 503, with a wait as a date where set so, and without any', async () => {
    const reef = opened({ isDown: true, retryAfter: 'date' });
    const dated = await reef.signIn();
    reef.settings.retryAfter = 'absent';
    const silent = await reef.signIn();

    expect(dated.status).toBe(503);
    expect(Date.parse(dated.headers.get('retry-after') ?? '') - reef.clock.now()).toBe(7000);
    expect(silent.headers.get('retry-after')).toBeNull();
  });
});

describe('lists', () => {
  const withTrips = (count: number, settings: Partial<ServiceReefSettings> = {}) => {
    const reef = opened(settings);
    for (let made = 0; made < count; made += 1) reef.events.add();
    return reef;
  };
  const readWhole = async (reef: ReturnType<typeof opened>, pageSize: number) => {
    const ids: unknown[] = [];
    for (let page = 1; ; page += 1) {
      const { PageInfo, Results } = await reef.list(`/v1/events?page=${page}&pageSize=${pageSize}`);
      ids.push(...idsOf(Results));
      if (PageInfo.Page * PageInfo.PageSize >= PageInfo.TotalRecords) return { ids, total: PageInfo.TotalRecords };
    }
  };

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

    const { status, ValidationErrors } = await reef.refusal(await reef.get(`/v1/events?${query}`));

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

    const names = [...Object.keys(await reef.row('/v1/events/31877'))];

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
      expect((await reef.refusal(await reef.get(path))).status).toBe(404);
    }
    expect((await reef.list('/v1/events')).PageInfo.TotalRecords).toBe(0);
  });
});

describe('participants', () => {
  /** Two trips and one traveller on the first. */
  const travelling = (settings: Partial<ServiceReefSettings> = {}) => {
    const reef = opened(settings);
    reef.events.add({ eventId: 1 });
    reef.events.add({ eventId: 2, approvalRequired: false });
    reef.members.add({ userId: 70_411, firstName: 'Dana', lastName: 'Whitlock', email: 'whitlock.home@example.org', phone: '(513) 555-0142' });
    const key = { eventId: 1, userId: 70_411 };
    reef.registrations.register({ ...key, registeredAt: '2026-01-19T20:14:09' });
    const roster = async (eventId = 1) => (await reef.list(`/v1/events/${eventId}/participants`)).Results;
    return { ...reef, key, roster };
  };

  test('a row is known by trip and UserId alone, and tells who, since when and how', async () => {
    const [row] = await travelling().roster();

    expect(row).toMatchObject({
      UserId: 70_411,
      RegistrationStatus: 'WaitingApproval',
      DateRegistered: '2026-01-19T20:14:09',
      FirstName: 'Dana',
      LastName: 'Whitlock',
      Email: 'whitlock.home@example.org',
      Phone: '(513) 555-0142',
      Address: null,
    });
    expect(Object.keys(row ?? {}).filter((name) => /^(Registration|Participant)?Id$|Attended|HostId|RSVP|modif/i.test(name))).toEqual([]);
  });

  test('passports and answers come with every row, planted so that they can be found again', async () => {
    const [row] = await travelling().roster();

    const privateNames = Object.keys(row ?? {}).filter((name) => /passport|answers/i.test(name));
    expect(privateNames).toHaveLength(14);
    for (const name of privateNames) expect(plantedValues.some((value) => JSON.stringify(row?.[name]).includes(value)), name).toBe(true);
    for (const value of plantedValues) expect(JSON.stringify(row)).toContain(value);
  });

  test('nothing that may be kept holds a planted value', async () => {
    const [row = {}] = await travelling().roster();

    const rest = Object.fromEntries(Object.entries(row).filter(([name]) => !/passport|answers/i.test(name)));
    for (const value of plantedValues) expect(JSON.stringify(rest)).not.toContain(value);
  });

  test('a trip without approval takes people at once', async () => {
    const reef = travelling();

    reef.registrations.register({ eventId: 2, userId: 70_411 });

    expect((await reef.roster(2))[0]?.['RegistrationStatus']).toBe('Approved');
  });

  test('people approve, decline, cancel and write what nobody knows', async () => {
    const reef = travelling();
    const seen: unknown[] = [];
    for (const act of ['approve', 'decline', 'cancel'] as const) {
      reef.registrations[act](reef.key);
      seen.push((await reef.roster())[0]?.['RegistrationStatus']);
    }
    reef.registrations.setStatus(reef.key, 'On hold');
    seen.push((await reef.roster())[0]?.['RegistrationStatus']);

    expect(seen).toEqual(['Approved', 'Declined', 'Cancelled', 'On hold']);
  });

  test('cancelled rows stay on the roster, or leave it', async () => {
    const reef = travelling();
    reef.registrations.cancel(reef.key);
    const kept = await reef.roster();
    reef.settings.rosterKeepsCancelled = false;

    expect([kept.length, (await reef.roster()).length]).toEqual([1, 0]);
  });

  test('a moved participant leaves one roster and stands on the other with its date', async () => {
    const reef = travelling();

    reef.registrations.move(reef.key, 2);

    expect(await reef.roster(1)).toEqual([]);
    expect((await reef.roster(2))[0]).toMatchObject({ UserId: 70_411, DateRegistered: '2026-01-19T20:14:09' });
    expect((await reef.row('/v1/members/70411'))['Trips']).toMatchObject([{ EventId: 2 }]);
  });

  test('a merged account is 404, and the other one takes its trips over', async () => {
    const reef = travelling();
    reef.members.add({ userId: 70_500 });

    reef.members.merge({ keptId: 70_500, goneId: 70_411 });

    expect(idsOf(await reef.roster(), 'UserId')).toEqual([70_500]);
    expect((await reef.get('/v1/members/70411')).status).toBe(404);
  });

  test.each([
    { mergedRows: 'one', ids: [70_500] },
    { mergedRows: 'both', ids: [70_500, 70_500] },
  ] as const)('a merge of two who are on one trip leaves $mergedRows', async ({ mergedRows, ids }) => {
    const reef = travelling({ mergedRows });
    reef.members.add({ userId: 70_500 });
    reef.registrations.register({ eventId: 1, userId: 70_500 });

    reef.members.merge({ keptId: 70_500, goneId: 70_411 });

    expect(idsOf(await reef.roster(), 'UserId')).toEqual(ids);
  });

  test('the old number may lead to the survivor, also over two merges', async () => {
    const reef = travelling({ mergedMember: 'survivor' });
    reef.members.add({ userId: 70_500 });
    reef.members.add({ userId: 70_501 });
    reef.members.merge({ keptId: 70_500, goneId: 70_411 });
    reef.members.merge({ keptId: 70_501, goneId: 70_500 });

    expect((await reef.row('/v1/members/70411'))['UserId']).toBe(70_501);
  });

  test('rows without an account have no number to be known by', async () => {
    const reef = travelling();
    reef.registrations.addWithoutAccount(1, { firstName: 'Walk', lastName: 'In' });
    reef.registrations.addWithoutAccount(1, { firstName: 'Walk', lastName: 'Up' }, 0);

    expect((await reef.roster()).map((row) => [row['UserId'], row['LastName']])).toEqual([[70_411, 'Whitlock'], [null, 'In'], [0, 'Up']]);
  });

  test('one household may share an email', async () => {
    const reef = travelling();
    reef.members.add({ userId: 70_412, firstName: 'Theo', lastName: 'Whitlock', email: 'whitlock.home@example.org' });
    reef.registrations.register({ eventId: 1, userId: 70_412 });

    expect(idsOf(await reef.roster(), 'Email')).toEqual(['whitlock.home@example.org', 'whitlock.home@example.org']);
  });

  test('an address may be null for everybody', async () => {
    const address = { Address1: '88 Mill Ln', Address2: null, City: 'Mason', State: 'OH', Zip: '45040', Country: 'US' };
    const reef = travelling();
    reef.members.edit(70_411, { address });
    const kept = (await reef.roster())[0];
    reef.settings.addresses = 'address-null';

    expect(kept?.['Address']).toEqual({ ...address, Latitude: null, Longitude: null });
    expect((await reef.roster())[0]?.['Address']).toBeNull();
  });

  test('hands refuse what cannot be', () => {
    const reef = travelling();

    expect(() => reef.registrations.register(reef.key)).toThrow('already');
    expect(() => reef.registrations.move(reef.key, 99)).toThrow('no trip 99');
    expect(() => reef.members.edit(1, {})).toThrow('no account 1');
    expect(() => reef.registrations.approve({ eventId: 2, userId: 70_411 })).toThrow('not registered');
  });
});

describe('members', () => {
  test('a single member is an object, or wrapped as a page', async () => {
    const reef = opened();
    reef.members.add({ userId: 70_411, phone: '513 555 0142', birthdate: '2011-03-04' });
    const plain = await reef.row('/v1/members/70411');
    reef.settings.singleMember = 'paged';
    const wrapped = await reef.list('/v1/members/70411');

    expect(plain).toMatchObject({ UserId: 70_411, Phone: '513 555 0142', Birthdate: '2011-03-04T00:00:00' });
    expect(wrapped.Results).toEqual([plain]);
  });

  test('a phone may be a number', async () => {
    const reef = opened({ memberPhone: 'number' });
    reef.members.add({ userId: 70_411, phone: '513 555 0142' });

    expect((await reef.row('/v1/members/70411'))['Phone']).toBe(5_135_550_142);
  });

  test('the list pages like the others, and private fields are planted there too', async () => {
    const reef = opened();
    reef.members.add();
    reef.members.add();

    const { PageInfo, Results } = await reef.list('/v1/members?page=2&pageSize=1');

    expect(PageInfo.TotalRecords).toBe(2);
    expect(JSON.stringify(Results)).toContain(plantedValues[0]);
  });

  test('a deleted account is 404; its registrations stay, without a name', async () => {
    const reef = opened();
    const { eventId } = reef.events.add();
    const { userId } = reef.members.add();
    reef.registrations.register({ eventId, userId });

    reef.members.remove(userId);

    expect((await reef.get(`/v1/members/${userId}`)).status).toBe(404);
    expect((await reef.list(`/v1/events/${eventId}/participants`)).Results).toMatchObject([{ UserId: userId, FirstName: null }]);
  });
});
