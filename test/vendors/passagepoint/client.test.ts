/** The client against scripted answers: what is sent, and what becomes of it. */
import { describe, expect, test } from 'vitest';
import { ConfigurationInvalid, VendorAnswerInvalid, VendorSignInFailed, VendorUnavailable } from '../../../shared/base/errors.ts';
import { passagePointClient } from '../../../shared/vendors/passagepoint/client.ts';
import { answer, broken, ok, world, type Step } from '../../http/stubs.ts';
import { allCapabilities, passagePointOver, refusal } from './stub.ts';

const noor = { firstName: 'Noor', lastName: 'Haddad', category: 'Student', uniqueId: '22999000333444' };
const preReg = { visitorId: '137505000000123', startsAt: Date.UTC(2026, 10, 23, 14), endsAt: Date.UTC(2026, 10, 23, 16), destination: 'LibCal Main' };
const made = (id: number) => ok({ data: [{ id }] });

function plainClient(...script: readonly Step[]) {
  const deps = world(...script);
  return { deps, client: passagePointClient(deps, { baseUrl: 'https://passagepoint.example.edu:2444/pp/api/v2', username: 'hub', password: 'not-a-secret' }) };
}

/** As the one token that was seen, with something behind it or not. */
function tokenUntil(exp: unknown, tail = ''): Response {
  return ok({ token: Buffer.from(JSON.stringify({ exp, username: 'hub' }) + tail).toString('base64') });
}

describe('signing in', () => {
  test('sends name and password as JSON, never in the address', async () => {
    const { client, deps } = plainClient(ok({ token: 'opaque' }));

    await client.signIn();

    expect(deps.seen).toMatchObject([{ method: 'POST', url: 'https://passagepoint.example.edu:2444/pp/api/v2/auth/login', body: '{"username":"hub","password":"not-a-secret"}' }]);
  });

  test.each([
    ['the eight hours that it tells, less five minutes', (now: number) => tokenUntil(now + 8 * 3_600_000), 8 * 60 - 5],
    ['one hour, less five minutes, where it tells nothing', () => ok({ token: 'opaque' }), 55],
    ['the same where it tells an end in the past, or in seconds', () => tokenUntil(1_795_442_400), 55],
    ['the same where it tells something else', () => tokenUntil('tomorrow'), 55],
    ['the same where it is no JSON', (now: number) => tokenUntil(now + 8 * 3_600_000, '.signature'), 55],
  ])('a token is kept for %s', async (_what, login, minutes) => {
    const deps = world();
    let logins = 0;
    const fetchAll: typeof fetch = async (input) => {
      if (typeof input !== 'string' || !input.endsWith('/auth/login')) return ok([]);
      logins += 1;
      return login(deps.clock.now());
    };
    const client = passagePointClient({ ...deps, fetch: fetchAll }, { baseUrl: 'https://passagepoint.example.edu', username: 'hub', password: 'not-a-secret' });

    await client.destinations();
    deps.clock.advance(minutes * 60_000 - 1);
    await client.destinations();
    expect(logins).toBe(1);
    deps.clock.advance(1);
    await client.destinations();

    expect(logins).toBe(2);
  });

  test.each([
    ['401', refusal(401, 'INVALID_TOKEN')],
    ['an error inside a success', ok({ error: 'bad credentials' })],
    ['400', answer(400, {}, 'bad credentials')],
    ['404: a wrong path', answer(404, {}, '<html></html>')],
  ])('a login that is refused (%s) stops everything, and is no refusal of the item', async (_what, step) => {
    const { client, deps } = plainClient(step);

    await expect(client.createVisitor(noor)).rejects.toBeInstanceOf(VendorSignInFailed);

    expect(deps.seen).toHaveLength(1);
  });

  test('empty credentials are a matter of configuration', () => {
    expect(() => passagePointOver([], { password: '' })).toThrow(ConfigurationInvalid);
  });
});

describe('a token that is no longer taken', () => {
  test.each([
    ['401', answer(401)],
    ['its code with another status', refusal(400, 'INVALID_TOKEN')],
    ['its code inside a success', ok({ error: { code: 'INVALID_TOKEN' } })],
  ])('(%s) is renewed, and the id is that of the repeated call', async (_what, step) => {
    const { client, deps, tokens } = passagePointOver([step, made(137_506_000_000_777)]);

    expect(await client.createPreReg(preReg)).toEqual({ kind: 'done', id: '137506000000777' });

    expect(deps.seen.map(({ headers }) => headers.get('token'))).toEqual(['token-1', 'token-2']);
    expect(tokens()).toBe(2);
  });

  test.each([401, 403])('fresh ones that are refused too (%i) end it: no endless logging in', async (status) => {
    const { client, deps, tokens } = passagePointOver([answer(status)]);

    await expect(client.createPreReg(preReg)).rejects.toBeInstanceOf(VendorSignInFailed);

    expect([deps.seen.length, tokens()]).toEqual([2, 2]);
  });
});

describe('a visitor', () => {
  test('is created through the address, with an empty body and its own header for the token', async () => {
    const { client, deps, asked } = passagePointOver([made(137_505_000_000_123)]);

    expect(await client.createVisitor({ ...noor, lastName: 'Haddad & Söhne' })).toEqual({ kind: 'done', id: '137505000000123' });

    const [url] = asked();
    expect(deps.seen[0]).toMatchObject({ method: 'POST', body: null });
    expect(url?.pathname).toBe('/pp/api/v2/person/createVisitor');
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({ firstName: 'Noor', lastName: 'Haddad & Söhne', category: 'Student', uniqueId: '22999000333444' });
    expect(deps.seen[0]?.headers.get('token')).toBe('token-1');
    expect(deps.seen[0]?.headers.get('authorization')).toBeNull();
    expect(deps.seen[0]?.headers.get('content-type')).toBe('application/json');
  });

  test('e-mail and telephone are sent where there are any', async () => {
    const { client, asked } = passagePointOver([made(1)]);

    await client.createVisitor({ ...noor, email: 'nhaddad@example.edu', mobilePhoneNo: '' });

    expect(asked()[0]?.searchParams.get('email')).toBe('nhaddad@example.edu');
    expect(asked()[0]?.searchParams.has('mobilePhoneNo')).toBe(false);
  });

  test.each([
    ['400 and JSON', refusal(400, 'ALREADY_EXIST_UNIQUE_ID')],
    ['409 and text', answer(409, {}, 'Error: ALREADY_EXIST_UNIQUE_ID (person)')],
    ['500 and a page', answer(500, {}, '<html><body>ALREADY_EXIST_UNIQUE_ID</body></html>')],
    ['503', refusal(503, 'ALREADY_EXIST_UNIQUE_ID')],
    ['200', ok({ error: 'ALREADY_EXIST_UNIQUE_ID' })],
    ['200, in the message', ok({ error: { message: 'ALREADY_EXIST_UNIQUE_ID: person' } })],
  ])('that exists already is told so, whatever the status: %s', async (_what, step) => {
    const { client, deps } = passagePointOver([step]);

    expect(await client.createVisitor(noor)).toEqual({ kind: 'exists' });
    expect(deps.seen).toHaveLength(1);
  });

  test.each([
    ['an unknown category', refusal(400, 'INVALID_CATEGORY'), 'INVALID_CATEGORY'],
    ['a code that nobody has seen', refusal(422, 'NAME_TOO_LONG'), 'NAME_TOO_LONG'],
    ['no code', answer(400, {}, 'lastName Haddad is bad'), 'HTTP_400'],
    ['a word that could be a name', refusal(400, 'HADDAD'), 'HTTP_400'],
    ['a page', answer(404, {}, '<html></html>'), 'NOT_THE_API'],
    ['an elsewhere', answer(302, { location: 'https://passagepoint.example.edu/' }), 'HTTP_302'],
    ['an error inside a success', ok({ error: 'lastName Haddad is bad' }), 'ERROR_INSIDE'],
  ])('that is refused: %s', async (_what, step, code) => {
    const { client } = passagePointOver([step]);

    expect(await client.createVisitor(noor)).toEqual({ kind: 'refused', code });
  });

  test.each([
    ['an envelope', ok({ data: [{ id: 137_505_000_000_123, firstName: 'Noor', uniqueId: '22999000333444', category: 'Student', custom1: 'x' }] })],
    ['a bare list', ok([{ id: '137505000000123', firstName: 'Noor', uniqueId: 22_999_000_333_444, category: 'Student', badges: [] }])],
  ])('is found by the unique id in %s, and cut to what is named', async (_what, step) => {
    const { client, deps, asked } = passagePointOver([step]);

    const found = await client.visitorByUniqueId('22999000333444');

    expect(found).toMatchObject({ kind: 'found', visitor: { id: '137505000000123', firstName: 'Noor', uniqueId: '22999000333444', category: 'Student' } });
    expect(JSON.stringify(found)).not.toMatch(/custom1|badges/);
    expect(deps.seen[0]?.method).toBe('GET');
    expect(asked()[0]?.search).toBe('?uniqueId=22999000333444');
  });

  test('with nothing but an id is found too', async () => {
    const { client } = passagePointOver([ok([{ id: 7 }])]);

    expect(await client.visitorByUniqueId('22999000333444')).toEqual({ kind: 'found', visitor: { id: '7' } });
  });

  test.each([
    ['an empty list', ok([])],
    ['an empty envelope', ok({ data: [] })],
    ['404', answer(404)],
    ['its code', refusal(404, 'NOT_FOUND')],
    ['its code inside a success', ok({ error: { code: 'NOT_FOUND' } })],
    ['somebody else', ok([{ id: 7, uniqueId: '11' }])],
  ])('that nobody knows is missing: %s', async (_what, step) => {
    const { client } = passagePointOver([step]);

    expect(await client.visitorByUniqueId('22999000333444')).toEqual({ kind: 'missing' });
  });

  test('is not missing because a page says 404', async () => {
    const { client } = passagePointOver([answer(404, {}, '<html>Not here</html>')]);

    await expect(client.visitorByUniqueId('22999000333444')).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'NOT_THE_API' });
  });

  test('several under one unique id are a person\'s to tell apart', async () => {
    const { client } = passagePointOver([ok([{ id: 7, uniqueId: 'ab' }, { id: 8, uniqueId: 'AB' }])]);

    expect(await client.visitorByUniqueId('ab')).toEqual({ kind: 'several', ids: ['7', '8'] });
  });

  test('is not looked for without a unique id', async () => {
    const { client, deps } = passagePointOver([ok([{ id: 7 }])]);

    expect(await client.visitorByUniqueId(' ')).toEqual({ kind: 'missing' });
    expect(deps.seen).toHaveLength(0);
  });

  test('whose number is too large to be exact is not mistaken for another', async () => {
    const { client } = passagePointOver([answer(200, {}, '[{"id":90071992547409931}]')]);

    await expect(client.visitorByUniqueId('22999000333444')).rejects.toBeInstanceOf(VendorAnswerInvalid);
  });
});

describe('a pre-registration', () => {
  test('is sent as JSON, in texts only: ids and seconds', async () => {
    const { client, deps, asked } = passagePointOver([made(137_506_000_000_777)]);

    expect(await client.createPreReg({ ...preReg, endsAt: preReg.endsAt + 999 })).toEqual({ kind: 'done', id: '137506000000777' });

    expect(asked()[0]?.pathname).toBe('/pp/api/v2/visit/createPreReg');
    expect(asked()[0]?.search).toBe('');
    expect(JSON.parse(String(deps.seen[0]?.body))).toEqual({ visitorId: '137505000000123', startTime: '1795442400', endTime: '1795449600', destination: 'LibCal Main' });
  });

  test.each(['INVALID_DESTINATION', 'INVALID_VISITOR', 'INVALID_TIME', 'MISSING_PARAMETER'])('that is refused says why: %s', async (code) => {
    const { client } = passagePointOver([refusal(400, code)]);

    expect(await client.createPreReg(preReg)).toEqual({ kind: 'refused', code });
  });

  test.each([
    ['nothing made', ok({ data: [] })],
    ['no id', ok({ data: [{}] })],
    ['an empty body', answer(200)],
    ['a page', answer(200, {}, '<html></html>')],
  ])('whose answer cannot be read (%s) may be stored: that is thrown, not told as refused', async (_what, step) => {
    const { client } = passagePointOver([step]);

    await expect(client.createPreReg(preReg)).rejects.toBeInstanceOf(VendorAnswerInvalid);
  });
});

describe('creates', () => {
  test.each([
    ['a connection that broke', broken('ECONNRESET'), true],
    ['a connection that never was', broken('ECONNREFUSED'), false],
    ['503', answer(503), true],
    ['500 and a page', answer(500, {}, '<html></html>'), true],
  ])('are never sent twice, and say whether they may be stored: %s', async (_what, step, sent) => {
    const visitor = passagePointOver([step]);
    const registration = passagePointOver([step]);

    await expect(visitor.client.createVisitor(noor)).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent });
    await expect(registration.client.createPreReg(preReg)).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent });

    expect([visitor.deps.seen.length, registration.deps.seen.length]).toEqual([1, 1]);
  });

  test('are refused by a server that has enough with a time to come back', async () => {
    const { client, deps } = passagePointOver([answer(429, { 'retry-after': '30' })]);

    await expect(client.createPreReg(preReg)).rejects.toMatchObject({ code: 'E_RATE_LIMITED', retryAt: deps.clock.now() + 30_000 });
  });

  test('go one at a time', async () => {
    let underWay = 0;
    let most = 0;
    const slowly = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      underWay -= 1;
      return made(1);
    };
    const { client } = passagePointOver([slowly]);

    await Promise.all([client.createPreReg(preReg), client.createPreReg(preReg), client.createPreReg(preReg)]);

    expect(most).toBe(1);
  });
});

test.each([
  ['an envelope of objects', ok({ data: [{ id: 12, name: 'LibCal Main' }, { id: 13, name: 'LibCal Law' }] })],
  ['a bare list of objects', ok([{ name: 'LibCal Main' }, { name: 'LibCal Law' }])],
  ['an envelope of texts', ok({ data: ['LibCal Main', 'LibCal Law'] })],
  ['a bare list of texts', ok(['LibCal Main', 'LibCal Law'])],
])('destinations are read from %s', async (_what, step) => {
  const { client } = passagePointOver([step]);

  expect(await client.destinations()).toEqual(['LibCal Main', 'LibCal Law']);
});

test('a list of destinations that cannot be read is none', async () => {
  const { client } = passagePointOver([ok({ destinations: [] })]);

  await expect(client.destinations()).rejects.toBeInstanceOf(VendorAnswerInvalid);
});

describe('the calls that are assumed', () => {
  test('are not there until a site says that it has them', () => {
    const none = passagePointOver([]).client;
    const one = passagePointOver([], { capabilities: { cancelPreReg: true, updatePreReg: false } }).client;

    expect([none.updateVisitor, none.getPreReg, none.searchPreReg, none.updatePreReg, none.cancelPreReg]).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(one.cancelPreReg).toBeDefined();
    expect(one.updatePreReg).toBeUndefined();
  });

  test('a visitor is changed through the address; what is absent is left alone', async () => {
    const { client, deps, asked } = passagePointOver([made(7)], { capabilities: allCapabilities });

    expect(await client.updateVisitor?.({ id: '7', uniqueId: '22999000555666', category: 'Faculty' })).toEqual({ kind: 'done', id: '7' });

    expect(deps.seen[0]).toMatchObject({ method: 'POST', body: null });
    expect(`${asked()[0]?.pathname}${asked()[0]?.search}`).toBe('/pp/api/v2/person/updateVisitor?id=7&category=Faculty&uniqueId=22999000555666');
  });

  test('a pre-registration is changed in texts; what is absent is left alone', async () => {
    const { client, deps } = passagePointOver([made(7)], { capabilities: allCapabilities });

    await client.updatePreReg?.({ id: '7', endsAt: preReg.endsAt });

    expect(JSON.parse(String(deps.seen[0]?.body))).toEqual({ id: '7', endTime: '1795449600' });
  });

  test('a pre-registration is cancelled by its id, again when the answer was lost', async () => {
    const { client, deps } = passagePointOver([broken('ECONNRESET'), made(7)], { capabilities: allCapabilities });

    expect(await client.cancelPreReg?.('7')).toEqual({ kind: 'done', id: '7' });

    expect(deps.seen.map(({ url, body }) => [new URL(url).pathname, body])).toEqual(Array.from({ length: 2 }, () => ['/pp/api/v2/visit/cancelPreReg', '{"id":"7"}']));
  });

  test.each([
    [refusal(404, 'NOT_FOUND'), { kind: 'missing' }],
    [refusal(409, 'ALREADY_SIGNED_IN'), { kind: 'refused', code: 'ALREADY_SIGNED_IN' }],
    [refusal(400, 'INVALID_DESTINATION'), { kind: 'refused', code: 'INVALID_DESTINATION' }],
    [refusal(400, 'ALREADY_EXIST_UNIQUE_ID'), { kind: 'exists' }],
    [answer(404), { kind: 'refused', code: 'HTTP_404' }],
  ])('a change that is refused says why: %#', async (step, expected) => {
    const { client } = passagePointOver([step], { capabilities: allCapabilities });

    expect(await client.updateVisitor?.({ id: '7' })).toEqual(expected);
    expect(await client.updatePreReg?.({ id: '7' })).toEqual(expected);
    expect(await client.cancelPreReg?.('7')).toEqual(expected);
  });

  const stored = { id: 7, visitorId: 137_505_000_000_123, startTime: '1795442400', endTime: 1_795_449_600, destination: 'LibCal Main', status: 'PREREGISTERED', guard: 'x' };
  const read = { id: '7', ...preReg, status: 'PREREGISTERED' };

  test('a pre-registration is read by id, with texts and instants as everywhere', async () => {
    const { client, asked } = passagePointOver([ok({ data: [stored] }), ok({ data: [] })], { capabilities: allCapabilities });

    expect(await client.getPreReg?.('7')).toEqual(read);
    expect(await client.getPreReg?.('8')).toBe('missing');
    expect(asked()[0]?.search).toBe('?id=7');
  });

  test('a search asks for the visitor and a time in seconds', async () => {
    const { client, asked } = passagePointOver([ok([stored])], { capabilities: allCapabilities });

    expect(await client.searchPreReg?.(preReg)).toEqual([read]);
    expect(asked()[0]?.search).toBe('?visitorId=137505000000123&startTime=1795442400&endTime=1795449600');
  });

  test('a search with one unreadable line is no search: it might be the one', async () => {
    const { client } = passagePointOver([ok([stored, { ...stored, startTime: 'noon' }])], { capabilities: allCapabilities });

    await expect(client.searchPreReg?.(preReg)).rejects.toBeInstanceOf(VendorAnswerInvalid);
  });

  test('a search that fails is not an empty one', async () => {
    const { client } = passagePointOver([broken('ECONNRESET')], { capabilities: allCapabilities });

    await expect(client.searchPreReg?.(preReg)).rejects.toBeInstanceOf(VendorUnavailable);
  });
});
