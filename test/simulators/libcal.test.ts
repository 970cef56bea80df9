import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { manualClock } from '../../shared/base/clock.ts';
import { simulateLibCal } from '../../shared/simulators/libcal.ts';
import type { LibCalDraft } from '../../shared/simulators/libcal-bookings.ts';
import { libcalOf2020, type LibCalSettings } from '../../shared/simulators/libcal-settings.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

const wireToken = z.object({ access_token: z.string(), expires_in: z.number(), token_type: z.string(), scope: z.string() });
const wireRows = z.array(z.record(z.string(), z.unknown()));

/** A site on Monday 23 November 2026, 4 in the morning of New York, and one way to ask it with a fresh token. */
function site(settings: Partial<LibCalSettings> = {}) {
  const clock = manualClock();
  const libcal = simulateLibCal(simulatedWorld({ clock }), settings);
  const prefix = () => libcal.settings.prefixes.at(-1) ?? '/1.1';
  const signIn = async (credentials: Record<string, string> = {}) => {
    const body = { grant_type: 'client_credentials', client_id: libcal.clientId, client_secret: libcal.clientSecret, ...credentials };
    return libcal.fetch(`${libcal.url}${prefix()}/oauth/token`, { method: 'POST', body: new URLSearchParams(body) });
  };
  const newToken = async () => wireToken.parse(await (await signIn()).json()).access_token;
  const get = async (path: string, token?: string) =>
    libcal.fetch(`${libcal.url}${prefix()}${path}`, { headers: { authorization: `Bearer ${token ?? (await newToken())}`, accept: 'application/json' } });
  /** The rows of `space/bookings`. */
  const list = async (query = '') => {
    const answer = await get(`/space/bookings${query}`);
    expect(answer.status).toBe(200);
    return wireRows.parse(await answer.json());
  };
  const idsOf = async (query = '') => (await list(query)).map((row) => row['bookId']);
  return { ...libcal, clock, signIn, newToken, get, list, idsOf };
}

/** Rows named by a letter each: `a` today at 9 in New York, every next one a day later. */
function filled(drafts: readonly LibCalDraft[], settings: Partial<LibCalSettings> = {}) {
  const libcal = site(settings);
  const rows = drafts.map((draft, at) => {
    const startsAt = `2026-11-${23 + at}T14:00:00Z`;
    return libcal.bookings.add({ bookId: String.fromCharCode(97 + at), startsAt, ...draft });
  });
  return { ...libcal, rows };
}

/** So many rows that start at the same moment. */
function many(count: number, settings: Partial<LibCalSettings> = {}) {
  return filled(Array.from({ length: count }, () => ({ startsAt: '2026-11-23T14:00:00Z' })), settings);
}

describe('tokens', () => {
  test('a token is had with a form, lives an hour of the clock, and is 401 after it', async () => {
    const libcal = site();

    const answer = await libcal.signIn();
    const { access_token: token, ...rest } = wireToken.parse(await answer.json());
    libcal.clock.advance(3_599_999);
    const lastMoment = await libcal.get('/space/bookings', token);
    libcal.clock.advance(1);
    const after = await libcal.get('/space/bookings', token);

    expect(token).toMatch(/^[0-9a-f]{40}$/);
    expect(rest).toEqual({ expires_in: 3600, token_type: 'Bearer', scope: 'ev_r sp_r' });
    expect([lastMoment.status, after.status, after.statusText]).toEqual([200, 401, 'Unauthorized']);
  });

  test('JSON is taken as well, also with the id as a number', async () => {
    const libcal = site();
    const body = JSON.stringify({ grant_type: 'client_credentials', client_id: Number(libcal.clientId), client_secret: libcal.clientSecret });

    const answer = await libcal.fetch(`${libcal.url}/1.1/oauth/token`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });

    expect(wireToken.parse(await answer.json()).token_type).toBe('Bearer');
  });

  test.each([
    { sent: { client_secret: 'wrong' }, settings: {}, status: 401, error: 'invalid_client' },
    { sent: { client_id: '1' }, settings: { invalidClientStatus: 400 }, status: 400, error: 'invalid_client' },
    { sent: { client_secret: 'wrong' }, settings: { invalidClientStatus: 200 }, status: 200, error: 'invalid_client' },
    { sent: { grant_type: 'password' }, settings: {}, status: 400, error: 'unsupported_grant_type' },
  ] as const)('$sent is refused with $status $error', async ({ sent, settings, status, error }) => {
    const answer = await site(settings).signIn(sent);

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error, error_description: expect.any(String) });
  });

  test.each([
    { type: 'text/plain', status: 401 },
    { type: 'application/json', status: 401 }, // a form that says it is JSON
    { type: 'application/x-www-form-urlencoded; charset=utf-8', status: 200 },
  ])('a form sent as $type gets $status', async ({ type, status }) => {
    const libcal = site();
    const body = `grant_type=client_credentials&client_id=${libcal.clientId}&client_secret=${libcal.clientSecret}`;

    const answer = await libcal.fetch(`${libcal.url}/1.1/oauth/token`, { method: 'POST', body, headers: { 'content-type': type } });

    expect(answer.status).toBe(status);
  });

  test.each([
    { settings: {}, status: 200 },
    { settings: { oldTokensLive: false }, status: 401 },
  ])('with $settings, the token before the newest gets $status', async ({ settings, status }) => {
    const libcal = site(settings);
    const old = await libcal.newToken();
    await libcal.newToken();

    expect((await libcal.get('/space/bookings', old)).status).toBe(status);
  });

  test('no token, a made-up one and a revoked one are 401, and the body is no JSON', async () => {
    const libcal = site();
    const token = await libcal.newToken();
    libcal.revokeTokens();

    const answers = [await libcal.fetch(`${libcal.url}/1.1/space/bookings`), await libcal.get('/space/bookings', 'x'), await libcal.get('/space/bookings', token)];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    await expect(answers[2]?.json()).rejects.toThrow(SyntaxError);
    expect((await libcal.get('/space/bookings')).status).toBe(200);
  });

  test.each([401, 403] as const)('a token without the scope for spaces is %i', async (scopeMissingStatus) => {
    expect((await site({ scopes: 'ev_r', scopeMissingStatus }).get('/space/bookings')).status).toBe(scopeMissingStatus);
  });
});

describe('addresses', () => {
  test('both prefixes answer, and no other', async () => {
    const libcal = site();
    const headers = { authorization: `Bearer ${await libcal.newToken()}` };

    const answers = await Promise.all(['/1.1', '/api/1.1', '/1.0', ''].map((prefix) => libcal.fetch(`${libcal.url}${prefix}/space/bookings`, { headers })));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 404]);
  });

  test('a site can have one prefix only; the other is a 404 in HTML, the token too', async () => {
    const libcal = site({ prefixes: ['/1.1'] });

    const bookings = await libcal.get('/space/bookings');
    const wrong = await libcal.fetch(`${libcal.url}/api/1.1/oauth/token`, { method: 'POST' });

    expect([bookings.status, wrong.status]).toEqual([200, 404]);
    expect(wrong.headers.get('content-type')).toContain('text/html');
  });

  test('an endpoint that is not there is a 404 in HTML', async () => {
    const answer = await site().get('/space/nothing');

    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('<!doctype html>')]);
  });

  test('an address of more than 8 kB is 414', async () => {
    const libcal = site();

    const answers = [await libcal.get(`/space/booking/${'x'.repeat(8100)}`), await libcal.get(`/space/booking/${'x'.repeat(8192)}`)];

    expect(answers.map(({ status }) => status)).toEqual([200, 414]);
  });
});

describe('a row', () => {
  test('shows all its members, with the offset of the place', async () => {
    const libcal = site();
    libcal.bookings.add({
      bookId: 'cs_k3Rv9QaW', startsAt: '2026-11-23T14:00:00Z', endsAt: '2026-11-23T11:00:00-05:00', createdAt: '2026-11-20T21:41:09Z', eid: 88_101, seatId: 8_810_114,
      firstName: 'Noor', lastName: 'Haddad', email: 'nhaddad@example.edu', account: '', answers: { 12345: 'g20417733 ' },
    });

    expect(await libcal.list('?formAnswers=1')).toEqual([
      {
        bookId: 'cs_k3Rv9QaW', id: 48_112_901, eid: 88_101, cid: 88_101, lid: 8810, seat_id: 8_810_114, seat_name: 'Seat 14',
        fromDate: '2026-11-23T09:00:00-05:00', toDate: '2026-11-23T11:00:00-05:00', created: '2026-11-20T16:41:09-05:00',
        firstName: 'Noor', lastName: 'Haddad', email: 'nhaddad@example.edu', account: '', status: 'Confirmed',
        location_name: 'Main Library', category_name: 'Quiet Study', item_name: 'Reading Room East', q12345: 'g20417733 ',
      },
    ]);
  });

  test('has no seat for a room, and a time of cancellation only when it is cancelled', async () => {
    const { bookings, rows, list } = filled([{ eid: 88_102 }, { startsAt: '2026-11-23T15:00:00Z' }]);
    bookings.cancel(rows[1]?.id ?? 0);

    const [room, cancelled] = await list('?include_cancel=1');

    expect(room).not.toHaveProperty('seat_id');
    expect(room).not.toHaveProperty('cancelled');
    expect(cancelled).toMatchObject({ status: 'Cancelled by User', cancelled: '2026-11-23T04:00:00-05:00' });
  });

  test('made by nobody in particular, starts tomorrow and has an id that looks like theirs', () => {
    const { startsAt, endsAt, bookId } = site().bookings.add();

    expect([startsAt, endsAt]).toEqual(['2026-11-24T09:00:00Z', '2026-11-24T11:00:00Z']);
    expect(bookId).toMatch(/^cs_\w{8}$/);
  });

  test('has its answers only when they are asked for, as they were written: none, empty, lower case, padded, a list', async () => {
    const answers: LibCalDraft['answers'][] = [{}, { 12345: '' }, { 12345: 'g20417733' }, { 12345: ' G20417733 ' }, { 12345: ['G20417733', 'x'] }];
    const { list } = filled(answers.map((written = {}) => ({ answers: written })));

    const [unasked, asked] = [await list('?days=9'), await list('?days=9&formAnswers=1')];

    expect(unasked.some((row) => 'q12345' in row)).toBe(false);
    expect(asked.map((row) => row['q12345'])).toEqual([undefined, '', 'g20417733', ' G20417733 ', ['G20417733', 'x']]);
  });

  test('carries the check-in state only when it is asked for', async () => {
    const { list, bookings, rows } = filled([{}, {}]);
    bookings.edit(rows[0]?.id ?? 0, { checkIn: 'in' });

    expect((await list('?days=1&check_in_status=1')).map((row) => row['check_in_status'])).toEqual(['in', '-']);
    expect((await list())[0]).not.toHaveProperty('check_in_status');
  });

  test('shares its bookId with other rows: seats of one go, and occurrences on other days', async () => {
    const { list } = filled([{ seatId: 8_810_101 }, { seatId: 8_810_102, startsAt: '2026-11-23T14:00:00Z' }, {}].map((draft) => ({ ...draft, bookId: 'cs_same' })));

    const rows = await list('?days=9');

    expect(rows.map((row) => [row['bookId'], row['seat_id']])).toEqual([['cs_same', 8_810_101], ['cs_same', 8_810_102], ['cs_same', undefined]]);
    expect(new Set(rows.map((row) => row['id'])).size).toBe(3);
  });

  test('keeps the local hour across a change of clocks, and changes its offset', async () => {
    const libcal = site();
    for (const startsAt of ['2027-03-13T09:00:00-05:00', '2027-03-14T09:00:00-04:00']) libcal.bookings.add({ startsAt });

    const rows = await libcal.list('?date=2027-03-13&days=1');

    expect(rows.map((row) => row['fromDate'])).toEqual(['2027-03-13T09:00:00-05:00', '2027-03-14T09:00:00-04:00']);
  });

  test.each([
    { timeZone: 'UTC', shown: '2026-11-23T14:00:00+00:00' },
    { timeZone: 'Europe/Berlin', shown: '2026-11-23T15:00:00+01:00' },
    { timeZone: 'Asia/Kathmandu', shown: '2026-11-23T19:45:00+05:45' },
    { timeZone: 'America/St_Johns', shown: '2026-11-23T10:30:00-03:30' },
  ])('in $timeZone shows $shown', async ({ timeZone, shown }) => {
    expect((await filled([{}], { timeZone }).list())[0]).toMatchObject({ fromDate: shown });
  });

  test('of a space that is no longer there has ids and empty names', async () => {
    const [row] = await filled([{ lid: 8810, cid: 7, eid: 7, seatId: 7 }]).list();

    expect(row).toMatchObject({ lid: 8810, cid: 7, eid: 7, seat_id: 7, location_name: '', category_name: '', item_name: '', seat_name: '' });
  });

  test.each([
    { draft: {}, place: { lid: 8810, cid: 88_101, eid: 88_101 } },
    { draft: { lid: 8820 }, place: { lid: 8820, cid: 88_201, eid: 88_201 } },
    { draft: { cid: 88_202 }, place: { lid: 8820, cid: 88_202, eid: 88_202 } },
    { draft: { lid: 8820, eid: 88_203 }, place: { lid: 8820, cid: 88_202, eid: 88_203 } },
    { draft: { lid: 8810, cid: 88_201 }, place: { lid: 8810, cid: 88_201, eid: 88_101 } },
  ])('made with $draft is in $place', ({ draft, place }) => {
    expect(site().bookings.add(draft)).toMatchObject(place);
  });

  test('tells the hour that comes twice apart by its offset', async () => {
    const libcal = site();
    libcal.bookings.add({ startsAt: '2026-11-01T05:30:00Z', endsAt: '2026-11-01T06:30:00Z' });

    expect((await libcal.list('?date=2026-11-01'))[0]).toMatchObject({ fromDate: '2026-11-01T01:30:00-04:00', toDate: '2026-11-01T01:30:00-05:00' });
  });

  test('can be shown in any strange way', async () => {
    const { list } = filled([{}], { shownRow: (row) => ({ ...row, lid: '8810', colour: 'red', email: undefined }) });

    const [row] = await list();

    expect(row).toMatchObject({ lid: '8810', colour: 'red' });
    expect(row).not.toHaveProperty('email');
  });
});

describe('which rows', () => {
  test('without a date only today is listed; nothing found is an empty array', async () => {
    expect(await filled([{}, {}]).idsOf()).toEqual(['a']);
    expect(await site().list()).toEqual([]);
  });

  test.each([
    { query: '?days=0', finds: 'a' },
    { query: '?days=1', finds: 'ab' },
    { query: '?date=2026-11-24', finds: 'b' },
    { query: '?date=2026-11-24&days=2', finds: 'bcd' },
    { query: '?date=2026-11-27&days=365', finds: '' },
    { query: '?date=2026-11-22&days=1', finds: 'a' },
  ])('"$query" finds "$finds" of four days: days are counted on top of the first', async ({ query, finds }) => {
    expect((await filled([{}, {}, {}, {}]).idsOf(query)).join('')).toBe(finds);
  });

  test("a day begins at midnight of the site's own zone, and a booking belongs to the day of its start", async () => {
    const { idsOf } = filled([
      { startsAt: '2026-11-24T00:00:00-05:00' },
      { startsAt: '2026-11-24T23:59:00-05:00', endsAt: '2026-11-25T02:00:00-05:00' },
      { startsAt: '2026-11-25T00:00:00-05:00' },
    ]);

    expect(await idsOf('?date=2026-11-24')).toEqual(['a', 'b']);
    expect(await idsOf('?date=2026-11-25')).toEqual(['c']);
  });

  test('a location with a zone of its own shows its own offset; whose calendar the date means is a switch', async () => {
    const libcal = filled([{ lid: 8820, startsAt: '2026-11-24T23:30:00-06:00', endsAt: '2026-11-25T00:30:00-06:00' }]);

    const bySite = [await libcal.idsOf('?date=2026-11-24'), await libcal.idsOf('?date=2026-11-25')];
    libcal.settings.datesIn = 'location';
    const byLocation = [await libcal.idsOf('?date=2026-11-24'), await libcal.idsOf('?date=2026-11-25')];

    expect((await libcal.list('?date=2026-11-24'))[0]).toMatchObject({ lid: 8820, fromDate: '2026-11-24T23:30:00-06:00' });
    expect([bySite, byLocation]).toEqual([[[], ['a']], [['a'], []]]);
  });

  test('a date in the past is answered, or by a switch taken for today', async () => {
    const libcal = filled([{ startsAt: '2026-11-20T14:00:00Z' }, {}]);

    const answered = await libcal.idsOf('?date=2026-11-20&days=1');
    libcal.settings.pastDates = 'ignored';
    const ignored = await libcal.idsOf('?date=2026-11-20&days=1');
    const later = await libcal.idsOf('?date=2026-11-25&days=1');

    expect([answered, ignored, later]).toEqual([['a'], ['b'], []]);
  });

  test.each([
    { query: '&lid=8810', finds: 'abe' },
    { query: '&lid=8820', finds: 'cde' },
    { query: '&lid=8810,8820', finds: 'abe' },
    { query: '&lid=1', finds: '' },
    { query: '&cid=88101,88202', finds: 'ad' },
    { query: '&eid=88102,88201', finds: 'bce' },
    { query: '&seat_id=8810101', finds: 'a' },
    { query: '&email=Noor@example.edu', finds: 'c' },
    { query: '&lid=8820&email=nobody@example.edu', finds: '' },
    { query: '&colour=red&include_cancelled=1', finds: 'abcde' },
  ])('"$query" finds "$finds", and a parameter that nobody knows changes nothing', async ({ query, finds }) => {
    const { idsOf } = filled([
      { eid: 88_101, seatId: 8_810_101 },
      { eid: 88_102 },
      { eid: 88_201, email: 'noor@example.edu' },
      { eid: 88_202 },
      { eid: 88_102, alsoIn: [8820] }, // one client saw a booking under two locations
    ]);

    expect((await idsOf(`?days=9${query}`)).join('')).toBe(finds);
  });

  test.each([
    { flag: '', finds: 'abci' },
    { flag: '&include_cancel=1', finds: 'abcdi' },
    { flag: '&include_tentative=1', finds: 'abcefgi' },
    { flag: '&include_denied=1', finds: 'abchi' },
    { flag: '&include_remote=1', finds: 'abcij' },
    { flag: '&include_cancel=true', finds: 'abci' },
  ])('"$flag" shows "$finds": flags are 1, never true', async ({ flag, finds }) => {
    const statuses = ['Confirmed', 'Mediated Approved', 'Confirmed (Payment Pending)', 'Cancelled by System', 'Mediated Tentative', 'Mediated Pending', 'Tentative', 'Mediated Denied', 'Not Tentative Yet'];
    const { idsOf } = filled([...statuses.map((status) => ({ status, startsAt: '2026-11-23T14:00:00Z' })), { isRemote: true, startsAt: '2026-11-23T15:00:00Z' }]);

    expect((await idsOf(`?days=9${flag}`)).join('')).toBe(finds);
  });

  test.each([
    { cancelledRows: 'by-flag', unasked: [], asked: ['a'] },
    { cancelledRows: 'always', unasked: ['a'], asked: ['a'] },
    { cancelledRows: 'never', unasked: [], asked: [] },
  ] as const)('cancelled rows $cancelledRows: $unasked without the flag, $asked with it', async ({ cancelledRows, unasked, asked }) => {
    const { idsOf } = filled([{ status: 'Cancelled by Admin' }], { cancelledRows });

    expect([await idsOf(), await idsOf('?include_cancel=1')]).toEqual([unasked, asked]);
  });
});

describe('pages', () => {
  test.each([
    { query: '', got: 20 },
    { query: '?page=2', got: 20 },
    { query: '?limit=500', got: 500 },
    { query: '?limit=500&page=2', got: 7 },
    { query: '?limit=500&page=3', got: 0 },
    { query: '?limit=1000', got: 500 },
    { query: '?limit=&page=', got: 20 },
  ])('of 507 rows, "$query" brings $got: no envelope, no total', async ({ query, got }) => {
    expect(await many(507).list(query)).toHaveLength(got);
  });

  test.each(['limit=0', 'limit=x', 'limit=2x', 'limit=1.5', 'page=0', 'days=366', 'days=-1', 'date=tomorrow', 'date=2026-02-30', 'date=2026-11-23T00:00', 'date=12026-11-23', 'date=9999'])('%s is a logical error: 400, or 200, with an error', async (query) => {
    const libcal = site();

    const refused = await libcal.get(`/space/bookings?${query}`);
    libcal.settings.logicalErrorStatus = 200;
    const asIfGood = await libcal.get(`/space/bookings?${query}`);

    expect([refused.status, asIfGood.status]).toEqual([400, 200]);
    expect(await asIfGood.json()).toEqual({ error: expect.any(String) });
  });

  test('a row that leaves the first page while it is read pulls another one over the gap', async () => {
    const libcal = many(4);
    libcal.settings.afterPage = ({ number }) => {
      if (number === 1) libcal.bookings.remove(libcal.rows[0]?.id ?? 0);
    };

    const read = [...(await libcal.idsOf('?limit=2')), ...(await libcal.idsOf('?limit=2&page=2'))];

    expect(read).toEqual(['a', 'b', 'd']); // c stood on neither page
  });

  test('a row that comes in before the others pushes one over, to be read twice', async () => {
    const libcal = many(3);
    libcal.settings.afterPage = ({ number, lid }) => {
      if (number === 1 && lid === 8810) libcal.bookings.add({ bookId: 'z', startsAt: '2026-11-23T13:00:00Z' });
    };

    const read = [...(await libcal.idsOf('?lid=8810&limit=2')), ...(await libcal.idsOf('?lid=8810&limit=2&page=2'))];

    expect(read).toEqual(['a', 'b', 'b', 'c']);
  });

  test('in 2020 there was one prefix, no second page, a hundred rows, no row number, no names, and cancelled rows unasked', async () => {
    const libcal = many(150, libcalOf2020);
    const [first] = libcal.rows;
    libcal.bookings.cancel(first?.id ?? 0, 'Admin');

    const [one, two] = [await libcal.list('?limit=500'), await libcal.list('?limit=500&page=2')];

    expect([one.length, two]).toEqual([100, one]);
    expect(one[0]).toMatchObject({ bookId: 'a', status: 'Cancelled by Admin' });
    expect(Object.keys(one[0] ?? {})).not.toEqual(expect.arrayContaining(['id']));
    expect(Object.keys(one[0] ?? {}).filter((name) => name.endsWith('_name'))).toEqual([]);
  });
});

describe('single bookings', () => {
  test('are found by bookId and by number, in any state, hidden ones too', async () => {
    const libcal = filled([{}, {}, {}]);
    const [a, b, c] = libcal.rows.map(({ id }) => id);
    libcal.bookings.cancel(a ?? 0, 'System');
    libcal.bookings.hide(b ?? 0);

    const rows = wireRows.parse(await (await libcal.get(`/space/booking/a,b,${c}?formAnswers=1`)).json());

    expect(rows.map((row) => [row['bookId'], row['status']])).toEqual([['a', 'Cancelled by System'], ['b', 'Confirmed'], ['c', 'Confirmed']]);
  });

  test('ids are case-sensitive', async () => {
    const answer = await filled([{ bookId: 'cs_aB' }]).get('/space/booking/cs_ab');

    expect(await answer.json()).toEqual([{ error: expect.any(String) }]);
  });

  test('a bookId brings every row that carries it', async () => {
    const answer = await filled([{ bookId: 'same' }, { bookId: 'same' }]).get('/space/booking/same');

    expect(await answer.json()).toHaveLength(2);
  });

  test('blanks around ids do no harm, and known ids are no 404', async () => {
    const answer = await filled([{}, {}], { unknownBooking: 'status-404' }).get('/space/booking/a,%20b');

    expect([answer.status, z.array(z.unknown()).parse(await answer.json()).length]).toEqual([200, 2]);
  });

  test('where rows have no number, none is taken for an id', async () => {
    const { rows, get } = filled([{}], { rowIds: false });

    expect(await (await get(`/space/booking/${rows[0]?.id}`)).json()).toEqual([{ error: expect.any(String) }]);
  });

  test.each([
    { unknownBooking: 'error-element', status: 200, body: [{ bookId: 'a' }, { error: expect.any(String) }] },
    { unknownBooking: 'missing', status: 200, body: [{ bookId: 'a' }] },
    { unknownBooking: 'status-404', status: 404, body: { error: expect.any(String) } },
  ] as const)('an unknown id beside a known one: $unknownBooking', async ({ unknownBooking, status, body }) => {
    const answer = await filled([{}], { unknownBooking }).get('/space/booking/a,gone');

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject(body);
  });
});

describe('people', () => {
  test('staff move a booking in place: other time, other space, same ids', async () => {
    const libcal = filled([{ seatId: 8_810_101 }]);
    const before = libcal.rows[0];

    const moved = libcal.bookings.move(before?.id ?? 0, { startsAt: '2026-11-23T20:00:00Z', endsAt: '2026-11-23T21:00:00Z', eid: 88_202 });
    const [row] = await libcal.list();

    expect([moved.id, moved.bookId]).toEqual([before?.id, 'a']);
    expect(row).toMatchObject({ fromDate: '2026-11-23T14:00:00-06:00', lid: 8820, cid: 88_202, eid: 88_202 });
    expect(row).not.toHaveProperty('seat_id');
  });

  test.each([
    { to: { startsAt: '2026-11-23T15:00:00Z' }, place: { lid: 8810, cid: 88_101, eid: 88_101, seatId: 8_810_101 } },
    { to: { eid: 88_101 }, place: { lid: 8810, eid: 88_101, seatId: 8_810_101 } },
    { to: { seatId: 8_810_102 }, place: { lid: 8810, eid: 88_101, seatId: 8_810_102 } },
    { to: { eid: 88_201, seatId: 8_820_101 }, place: { lid: 8820, eid: 88_201, seatId: 8_820_101 } },
    { to: { cid: 88_102 }, place: { lid: 8810, cid: 88_102, eid: 88_102, seatId: undefined } },
    { to: { lid: 8820 }, place: { lid: 8820, cid: 88_201, eid: 88_201, seatId: undefined } },
  ])('moved to $to, a seat of the first space is in $place', ({ to, place }) => {
    const { bookings, rows } = filled([{ seatId: 8_810_101 }]);

    expect(bookings.move(rows[0]?.id ?? 0, to)).toMatchObject(place);
    expect(bookings.get(rows[0]?.id ?? 0)).toMatchObject(place);
  });

  test.each([
    { movedRows: 'new-book-id', sameRow: true, sameBook: false },
    { movedRows: 'new-row-id', sameRow: false, sameBook: true },
  ] as const)('what a move keeps is open: $movedRows', ({ movedRows, sameRow, sameBook }) => {
    const { bookings, rows } = filled([{}], { movedRows });

    const moved = bookings.move(rows[0]?.id ?? 0, { startsAt: '2026-11-23T15:00:00Z' });

    expect([moved.id === rows[0]?.id, moved.bookId === 'a', bookings.size]).toEqual([sameRow, sameBook, 1]);
    expect(moved.id).toBeGreaterThanOrEqual(rows[0]?.id ?? 0);
  });

  test('staff rename, deny and approve, and every change is seen at once', async () => {
    const libcal = filled([{ status: 'Mediated Tentative' }]);
    const id = libcal.rows[0]?.id ?? 0;
    const statusAfter = async (change: () => unknown) => {
      change();
      return (await libcal.list('?include_denied=1'))[0];
    };

    expect(await libcal.list()).toEqual([]);
    expect(await statusAfter(() => libcal.bookings.deny(id))).toMatchObject({ status: 'Mediated Denied' });
    expect(await statusAfter(() => libcal.bookings.approve(id))).toMatchObject({ status: 'Mediated Approved' });
    expect(await statusAfter(() => libcal.bookings.rename(id, { lastName: 'Brandt' }))).toMatchObject({ lastName: 'Brandt' });
  });

  test('a hidden row leaves the list and comes back; a removed one is gone for good', async () => {
    const libcal = filled([{}]);
    const id = libcal.rows[0]?.id ?? 0;

    libcal.bookings.hide(id);
    const hidden = await libcal.list('?include_cancel=1&include_denied=1&include_tentative=1');
    libcal.bookings.show(id);
    const shown = await libcal.list();
    libcal.bookings.remove(id);

    expect([hidden.length, shown.length, libcal.bookings.size, libcal.bookings.get(id)]).toEqual([0, 1, 0, undefined]);
    expect(() => libcal.bookings.cancel(id)).toThrow('no booking');
  });

  test('eyes see all rows by their start, then in the order of their making, and all of one bookId', () => {
    const { bookings, rows } = filled([{ bookId: 'x' }, { bookId: 'x', startsAt: '2026-11-22T14:00:00Z' }, { startsAt: '2026-11-22T14:00:00Z' }]);
    bookings.edit(rows[1]?.id ?? 0, { lastName: 'Changed' }); // keeps its place

    expect(bookings.all().map(({ bookId, startsAt }) => bookId + startsAt.slice(8, 10))).toEqual(['x22', 'c22', 'x23']);
    expect(bookings.byBookId('x')).toHaveLength(2);
  });
});

describe('what can be booked', () => {
  test.each([
    { path: '/space/locations', body: [{ lid: 8810, name: 'Main Library', public: 1 }, { lid: 8820, name: 'Lakeside Library', public: 1 }] },
    { path: '/space/locations?details=1', body: [{ lid: 8810, formid: 1, admin_only: 0 }, { lid: 8820 }] },
    { path: '/space/categories/8820,1', body: [{ lid: 8820, categories: [{ cid: 88_201, name: 'Quiet Study' }, { cid: 88_202, name: 'Group Rooms' }] }, { error: expect.any(String) }] },
    { path: '/space/category/88102,1', body: [{ cid: 88_102, items: [88_102, 88_103] }, { error: expect.any(String) }] },
    { path: '/space/category/88102?details=1', body: [{ items: [{ id: 88_102, name: 'Room 301' }, { id: 88_103 }] }] },
    { path: '/space/items/8810', body: [{ id: 88_101, capacity: 20, isBookableAsWhole: false, zoneId: 0, groupName: '' }, { id: 88_102, capacity: 8, isBookableAsWhole: true }, { id: 88_103 }] },
    { path: '/space/items/8810?page_size=2&page_index=1', body: [{ id: 88_103 }] },
    { path: '/space/items/8810?category_id=88101', body: [{ id: 88_101 }] },
    { path: '/space/items/1', body: [{ error: expect.any(String) }] },
    { path: '/space/item/88103,1', body: [{ id: 88_103, name: 'Room 302' }, { error: expect.any(String) }] },
    { path: '/space/question/12345,1', body: [{ id: 12_345, label: 'University id', type: 'string', required: true }, { error: expect.any(String) }] },
  ])('$path tells of it; a wrong id is 200 with an error in its place', async ({ path, body }) => {
    const answer = await site().get(path);

    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject(body);
  });

  test('details of locations come only when they are asked for', async () => {
    expect(await (await site().get('/space/locations?details=0')).text()).not.toContain('formid');
  });
});

test.each([
  { trouble: { status: 200, as: 'text' }, type: 'text/plain', says: /^No result/ },
  { trouble: { status: 404, as: 'html' }, type: 'text/html', says: /^<!doctype html>/ },
  { trouble: { status: 500, as: 'html' }, type: 'text/html', says: /^<!doctype html>/ },
  { trouble: { status: 200, as: 'error' }, type: 'application/json', says: /^\{"error":"/ },
  { trouble: { status: 400, as: 'errors' }, type: 'application/json', says: /^\{"errors":\["/ },
] as const)('in trouble it answers $trouble, which is not "no bookings"', async ({ trouble, type, says }) => {
  const answer = await filled([{}], { trouble }).get('/space/bookings');

  expect(answer.status).toBe(trouble.status);
  expect(answer.headers.get('content-type')).toContain(type);
  expect(await answer.text()).toMatch(says);
});

test('nothing can be written: reserving and cancelling are not there', async () => {
  const libcal = filled([{}]);
  const headers = { authorization: `Bearer ${await libcal.newToken()}` };

  const answers = await Promise.all(['/reserve', '/cancel/a'].map((path) => libcal.fetch(`${libcal.url}/1.1/space${path}`, { method: 'POST', headers })));

  expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  expect(libcal.bookings.all()[0]?.status).toBe('Confirmed');
});
