import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { manualClock } from '../../shared/base/clock.ts';
import { simulatePassagePoint, type PassagePointCapability, type PassagePointSettings } from '../../shared/simulators/passagepoint.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

const wireToken = z.object({ token: z.string() });
const wireMade = z.object({ data: z.tuple([z.object({ id: z.number() })]) });
const hour = 3600;
/** 23 November 2026, ten in the morning UTC: an hour after the clock's start. */
const ten = Date.UTC(2026, 10, 23, 10) / 1000;
const allCapabilities: Record<PassagePointCapability, boolean> = { getPreReg: true, searchPreReg: true, updatePreReg: true, cancelPreReg: true, updateVisitor: true };

type Query = Readonly<Record<string, string>>;

/** A server, and one way to ask it with a fresh token. */
function gate(settings: Partial<PassagePointSettings> = {}) {
  const clock = manualClock();
  const pp = simulatePassagePoint(simulatedWorld({ clock }), settings);
  const signIn = (wrong: { username?: string; password?: string } = {}) =>
    pp.fetch(`${pp.apiUrl}/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: pp.username, password: pp.password, ...wrong }) });
  const newToken = async () => wireToken.parse(await (await signIn()).json()).token;
  const call = async (method: string, path: string, more: { query?: Query; body?: unknown; token?: string } = {}) => {
    const headers = { token: more.token ?? (await newToken()), 'content-type': 'application/json' };
    const query = more.query ? `?${new URLSearchParams({ ...more.query }).toString()}` : '';
    return pp.fetch(pp.apiUrl + path + query, { method, headers, ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }) });
  };
  const createVisitor = (query: Query, body?: unknown) => call('POST', '/person/createVisitor', { query, body });
  const createPreReg = (body: Readonly<Record<string, unknown>>) => call('POST', '/visit/createPreReg', { body });
  const read = async (path: string, query: Query = {}) => (await call('GET', path, { query })).json();
  return { ...pp, clock, signIn, newToken, call, createVisitor, createPreReg, read };
}

/** With one visitor, and the body that announces this one. */
function withVisitor(settings: Partial<PassagePointSettings> = {}) {
  const pp = gate(settings);
  const visitor = pp.visitors.add({ uniqueId: '2299' });
  const visit = { visitorId: visitor.id, startTime: String(ten), endTime: String(ten + 2 * hour), destination: 'LibCal Main' };
  return { ...pp, visitor, visit };
}

/** With one pre-registration of that visitor, and every call of the assumed extension. */
function withPreReg(settings: Partial<PassagePointSettings> = {}) {
  const pp = withVisitor({ capabilities: { ...allCapabilities }, ...settings });
  const preReg = pp.preRegistrations.add({ visitorId: pp.visitor.id, startsAt: ten, endsAt: ten + 2 * hour, destination: 'LibCal Main' });
  return { ...pp, preReg, statusNow: () => pp.preRegistrations.get(preReg.id)?.status };
}

const noor = { firstName: 'Noor', lastName: 'Haddad', category: 'Student', uniqueId: '22999000333444' };
const codeOf = async (answer: Response) => [answer.status, z.object({ error: z.object({ code: z.string() }) }).parse(await answer.json()).error.code];

describe('sign-in', () => {
  test('a token tells its end in milliseconds and its user, works in its own header, and is 401 after eight hours', async () => {
    const pp = gate();
    const token = await pp.newToken();

    expect(JSON.parse(Buffer.from(token, 'base64').toString())).toEqual({ exp: pp.clock.now() + 8 * 3_600_000, username: 'hub' });
    pp.clock.advance(8 * 3_600_000 - 1);
    expect((await pp.call('GET', '/visit/getDestinations', { token })).status).toBe(200);
    pp.clock.advance(1);
    expect(await codeOf(await pp.call('GET', '/visit/getDestinations', { token }))).toEqual([401, 'INVALID_TOKEN']);
  });

  test('a token can be one that nobody can read, and shorter-lived', async () => {
    const pp = gate({ tokensReadable: false, tokenHours: 1 });
    const token = await pp.newToken();
    pp.clock.advance(3_600_000);

    expect(token).not.toBe(await pp.newToken());
    expect(() => JSON.parse(Buffer.from(token, 'base64').toString())).toThrow(SyntaxError);
    expect((await pp.call('GET', '/visit/getDestinations', { token })).status).toBe(401);
  });

  test('no token, a made-up one, and a right one as Bearer are 401', async () => {
    const pp = gate();
    const address = `${pp.apiUrl}/visit/getDestinations`;

    const answers = [await pp.fetch(address), await pp.fetch(address, { headers: { token: 'x' } }), await pp.fetch(address, { headers: { authorization: `Bearer ${await pp.newToken()}` } })];

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  test.each([401, 200] as const)('a wrong name or password is refused with %i and an error', async (loginRefusedStatus) => {
    const pp = gate({ loginRefusedStatus });

    expect(await codeOf(await pp.signIn({ password: 'wrong' }))).toEqual([loginRefusedStatus, 'INVALID_TOKEN']);
    expect(await codeOf(await pp.signIn({ username: 'wrong' }))).toEqual([loginRefusedStatus, 'INVALID_TOKEN']);
  });

  test.each([
    { type: 'application/json; charset=utf-8', body: undefined, status: 200 },
    { type: 'text/plain', body: undefined, status: 401 },
    { type: 'application/json', body: '{"username":', status: 401 },
    { type: 'application/json', body: 'null', status: 401 },
    { type: 'application/json', body: '"hub"', status: 401 },
  ])('a login sent as $type, with the body $body, gets $status', async ({ type, body, status }) => {
    const pp = gate();
    const right = JSON.stringify({ username: pp.username, password: pp.password });

    const answer = await pp.fetch(`${pp.apiUrl}/auth/login`, { method: 'POST', headers: { 'content-type': type }, body: body ?? right });

    expect(answer.status).toBe(status);
  });

  test('a locked account is 401 with the right password; tokens that it has still work', async () => {
    const pp = gate();
    const token = await pp.newToken();
    pp.settings.isAccountLocked = true;

    expect((await pp.signIn()).status).toBe(401);
    expect((await pp.call('GET', '/visit/getDestinations', { token })).status).toBe(200);
  });

  test('tokens expired by force are 401 until the next login', async () => {
    const pp = gate();
    const token = await pp.newToken();
    pp.expireTokens();

    expect((await pp.call('GET', '/visit/getDestinations', { token })).status).toBe(401);
    expect((await pp.call('GET', '/visit/getDestinations')).status).toBe(200);
  });

  test('an account without the right to the API signs in, and is 401 with the freshest token', async () => {
    const pp = gate({ tokensRefused: true });

    expect((await pp.signIn()).status).toBe(200);
    expect((await pp.call('GET', '/visit/getDestinations')).status).toBe(401);
  });
});

describe('visitors', () => {
  test('are made by the query alone, and answered with their id as a number of 15 digits in an envelope', async () => {
    const pp = gate();

    const answer = await pp.createVisitor({ ...noor, email: 'nhaddad@example.edu', mobilePhoneNo: 'G20417733' });
    const [{ id }] = wireMade.parse(await answer.json()).data;

    expect(String(id)).toMatch(/^\d{15}$/);
    expect(Number.isSafeInteger(id)).toBe(true);
    expect(pp.visitors.all()).toEqual([{ ...noor, email: 'nhaddad@example.edu', mobilePhoneNo: 'G20417733', id: String(id) }]);
  });

  test('a body is not looked at: without a query values are missing', async () => {
    const pp = gate();

    const fromBody = await pp.createVisitor({}, noor);
    const mixed = await pp.createVisitor(noor, { firstName: 'Other', uniqueId: 'other' });

    expect(await codeOf(fromBody)).toEqual([400, 'MISSING_PARAMETER']);
    expect(mixed.status).toBe(200);
    expect(pp.visitors.all()).toMatchObject([noor]);
  });

  test.each([
    { sent: { ...noor, firstName: '' }, code: 'MISSING_PARAMETER' },
    { sent: { firstName: 'Noor', lastName: 'Haddad', uniqueId: '1' }, code: 'MISSING_PARAMETER' },
    { sent: { ...noor, category: 'Wizard' }, code: 'INVALID_CATEGORY' },
    { sent: { ...noor, uniqueId: '2299' }, code: 'ALREADY_EXIST_UNIQUE_ID' },
  ])('$sent is refused with $code, and nobody is stored', async ({ sent, code }) => {
    const pp = withVisitor();

    expect(await codeOf(await pp.createVisitor(sent))).toEqual([400, code]);
    expect([pp.visitors.size, pp.visitors.timesMade(sent.uniqueId)]).toEqual([1, 0]);
  });

  test.each([
    { settings: { duplicateStatus: 409 }, status: 409, body: '{"error":{"code":"ALREADY_EXIST_UNIQUE_ID","message":"the request was refused"}}' },
    { settings: { duplicateStatus: 500, errorsAs: 'code' }, status: 500, body: '{"error":"ALREADY_EXIST_UNIQUE_ID"}' },
    { settings: { errorsAs: 'text' }, status: 400, body: 'Request failed: ALREADY_EXIST_UNIQUE_ID' },
    { settings: { refusalsAs200: true }, status: 200, body: '{"error":{"code":"ALREADY_EXIST_UNIQUE_ID","message":"the request was refused"}}' },
  ] as const)('how a taken card is refused is not sure: $settings', async ({ settings, status, body }) => {
    const answer = await withVisitor(settings).createVisitor({ ...noor, uniqueId: '2299' });

    expect([answer.status, await answer.text()]).toEqual([status, body]);
  });

  test('a refused token stays 401 where other refusals are 200', async () => {
    expect((await gate({ refusalsAs200: true, tokensRefused: true }).createVisitor(noor)).status).toBe(401);
  });

  test('several may be without a card', async () => {
    const pp = gate();

    const answers = [await pp.createVisitor({ ...noor, uniqueId: '' }), await pp.createVisitor({ firstName: 'Noor', lastName: 'Haddad', category: 'Student' })];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(pp.visitors.all().map(({ uniqueId }) => uniqueId)).toEqual([undefined, undefined]);
    expect(await codeOf(await pp.call('GET', '/person/byUniqueId'))).toEqual([400, 'MISSING_PARAMETER']);
  });

  test.each([
    { personsAs: 'array', unwrap: z.array(z.unknown()) },
    { personsAs: 'envelope', unwrap: z.object({ data: z.array(z.unknown()) }).transform(({ data }) => data) },
  ] as const)('by their card they are found in an $personsAs', async ({ personsAs, unwrap }) => {
    const pp = withVisitor({ personsAs });

    expect(unwrap.parse(await pp.read('/person/byUniqueId', { uniqueId: '2299' }))).toEqual([
      { id: Number(pp.visitor.id), firstName: 'Sample', lastName: 'Visitor', category: 'Visitor', uniqueId: '2299' },
    ]);
    expect(unwrap.parse(await pp.read('/person/byUniqueId', { uniqueId: '22' }))).toEqual([]);
  });

  test('only the id is sure to be there, and nobody found may be 404', async () => {
    const pp = withVisitor({ personMembers: false, unknownUniqueId: 'status-404' });

    expect(await pp.read('/person/byUniqueId', { uniqueId: '2299' })).toEqual([{ id: Number(pp.visitor.id) }]);
    expect(await codeOf(await pp.call('GET', '/person/byUniqueId', { query: { uniqueId: '1' } }))).toEqual([404, 'NOT_FOUND']);
  });

  test('two persons with one card are possible by a switch, and both are found', async () => {
    const pp = withVisitor({ uniqueIdsEnforced: false });

    await pp.createVisitor({ ...noor, uniqueId: '2299' });

    expect(await pp.read('/person/byUniqueId', { uniqueId: '2299' })).toHaveLength(2);
    expect([pp.visitors.byUniqueId('2299').length, pp.visitors.timesMade('2299')]).toEqual([2, 1]);
  });

  test('people at the desk change and remove them, under the same rules', async () => {
    const pp = withVisitor();
    const other = pp.visitors.add({ uniqueId: '3300' });

    pp.visitors.edit(pp.visitor.id, { category: 'Staff' });
    pp.visitors.edit(pp.visitor.id, { uniqueId: '2300' });
    expect(() => pp.visitors.edit(other.id, { uniqueId: '2300' })).toThrow('ALREADY_EXIST_UNIQUE_ID');
    expect(await pp.read('/person/byUniqueId', { uniqueId: '2299' })).toEqual([]);
    expect(await pp.read('/person/byUniqueId', { uniqueId: '2300' })).toMatchObject([{ category: 'Staff' }]);
    pp.visitors.remove(pp.visitor.id);
    expect([pp.visitors.byUniqueId('2300'), pp.visitors.get(pp.visitor.id), pp.visitors.size]).toEqual([[], undefined, 1]);
  });

  test('are updated by the query, what is left out staying as it was', async () => {
    const pp = withVisitor({ capabilities: { ...allCapabilities } });
    pp.visitors.add({ uniqueId: 'taken' });
    const update = (query: Query) => pp.call('POST', '/person/updateVisitor', { query });

    const updated = await update({ id: pp.visitor.id, category: 'Faculty', uniqueId: '2300' });

    expect(wireMade.parse(await updated.json()).data[0].id).toBe(Number(pp.visitor.id));
    expect(pp.visitors.get(pp.visitor.id)).toMatchObject({ firstName: 'Sample', category: 'Faculty', uniqueId: '2300' });
    expect(await codeOf(await update({ id: '1', category: 'Staff' }))).toEqual([404, 'NOT_FOUND']);
    expect(await codeOf(await update({ id: pp.visitor.id, uniqueId: 'taken' }))).toEqual([400, 'ALREADY_EXIST_UNIQUE_ID']);
    expect(await codeOf(await update({ category: 'Staff' }))).toEqual([400, 'MISSING_PARAMETER']);
  });
});

describe('pre-registrations', () => {
  test('are made from texts, and answered with an id as a number', async () => {
    const pp = withVisitor();

    const answer = await pp.createPreReg(pp.visit);
    const [{ id }] = wireMade.parse(await answer.json()).data;

    expect(String(id)).toMatch(/^\d{15}$/);
    expect(pp.preRegistrations.all()).toEqual([
      { id: String(id), visitorId: pp.visitor.id, startsAt: ten, endsAt: ten + 2 * hour, destination: 'LibCal Main', status: 'PREREGISTERED' },
    ]);
  });

  test.each([
    { change: { visitorId: 137_505_000_000_123 }, code: 'MISSING_PARAMETER' },
    { change: { startTime: ten }, code: 'MISSING_PARAMETER' },
    { change: { endTime: ten + hour }, code: 'MISSING_PARAMETER' },
    { change: { destination: null }, code: 'MISSING_PARAMETER' },
    { change: { startTime: '2026-11-23T10:00:00Z' }, code: 'INVALID_TIME' },
    { change: { startTime: `-${ten}` }, code: 'INVALID_TIME' },
    { change: { endTime: `${ten + hour}.5` }, code: 'INVALID_TIME' },
    { change: { endTime: String(ten) }, code: 'INVALID_TIME' },
    { change: { destination: 'libcal main' }, code: 'INVALID_DESTINATION' },
    { change: { visitorId: '1' }, code: 'INVALID_VISITOR' },
  ])('with $change they are refused with $code, and nothing is stored', async ({ change, code }) => {
    const pp = withVisitor();

    expect(await codeOf(await pp.createPreReg({ ...pp.visit, ...change }))).toEqual([400, code]);
    expect(pp.preRegistrations.size).toBe(0);
  });

  test('made twice are two, and how often each was made can be seen', async () => {
    const pp = withVisitor();
    await pp.createPreReg(pp.visit);
    pp.faults.add({ when: { pathPart: 'createPreReg', nth: 1 }, kind: 'lost-answer' });

    await expect(pp.createPreReg(pp.visit)).rejects.toThrow('fetch failed');
    await pp.createPreReg({ ...pp.visit, destination: 'LibCal Lakeside' });

    const [first] = pp.preRegistrations.all();
    expect(pp.preRegistrations.size).toBe(3);
    expect(first && pp.preRegistrations.timesMade(first)).toBe(2);
    expect(first && pp.preRegistrations.timesMade({ ...first, endsAt: ten })).toBe(0);
    expect(pp.preRegistrations.standing()).toHaveLength(3);
    expect(pp.preRegistrations.all().map(({ id }) => Number(id) - Number(first?.id))).toEqual([0, 1, 2]);
  });

  test.each([
    { destinationsAs: 'envelope', shown: { data: [{ id: 12, name: 'LibCal Main' }, { id: 13, name: 'LibCal Lakeside' }] } },
    { destinationsAs: 'array', shown: [{ id: 12, name: 'LibCal Main' }, { id: 13, name: 'LibCal Lakeside' }] },
    { destinationsAs: 'names', shown: ['LibCal Main', 'LibCal Lakeside'] },
  ] as const)('destinations are told as $destinationsAs', async ({ destinationsAs, shown }) => {
    expect(await gate({ destinationsAs }).read('/visit/getDestinations')).toEqual(shown);
  });

  test('a destination that the administrator took away is refused', async () => {
    const pp = withVisitor();
    pp.settings.destinations = ['Elsewhere'];

    expect(await codeOf(await pp.createPreReg(pp.visit))).toEqual([400, 'INVALID_DESTINATION']);
  });

  test('are read by id, with numbers for ids and texts for times; an unknown one is nobody', async () => {
    const pp = withPreReg();

    expect(await pp.read('/visit/getPreReg', { id: pp.preReg.id })).toEqual({
      data: [{ id: Number(pp.preReg.id), visitorId: Number(pp.visitor.id), startTime: String(ten), endTime: String(ten + 2 * hour), destination: 'LibCal Main', status: 'PREREGISTERED' }],
    });
    expect(await pp.read('/visit/getPreReg', { id: '1' })).toEqual({ data: [] });
  });

  test.each([
    { from: ten - hour, to: ten, found: 0 },
    { from: ten - hour, to: ten + 1, found: 1 },
    { from: ten + 2 * hour - 1, to: ten + 9 * hour, found: 1 },
    { from: ten + 2 * hour, to: ten + 9 * hour, found: 0 },
  ])('a search from $from to $to finds $found: those that overlap it, of that visitor', async ({ from, to, found }) => {
    const pp = withPreReg();
    const other = pp.visitors.add();
    pp.preRegistrations.add({ visitorId: other.id, startsAt: ten - 9 * hour, endsAt: ten + 20 * hour, destination: 'LibCal Main' });

    const answer = await pp.read('/visit/searchPreReg', { visitorId: pp.visitor.id, startTime: String(from), endTime: String(to) });

    expect(z.object({ data: z.array(z.unknown()) }).parse(answer).data).toHaveLength(found);
  });

  test('are updated in place, what is left out staying as it was', async () => {
    const pp = withPreReg();

    const answer = await pp.call('POST', '/visit/updatePreReg', { body: { id: pp.preReg.id, endTime: String(ten + hour), destination: 'LibCal Lakeside' } });

    expect(wireMade.parse(await answer.json()).data[0].id).toBe(Number(pp.preReg.id));
    expect(pp.preRegistrations.all()).toEqual([{ ...pp.preReg, endsAt: ten + hour, destination: 'LibCal Lakeside' }]);
  });

  test.each([
    { change: { id: '1' }, status: 404, code: 'NOT_FOUND' },
    { change: { id: 137_506_000_000_777 }, status: 400, code: 'MISSING_PARAMETER' },
    { change: { destination: 'Nowhere' }, status: 400, code: 'INVALID_DESTINATION' },
    { change: { endTime: String(ten - 1) }, status: 400, code: 'INVALID_TIME' },
    { change: { startTime: ten }, status: 400, code: 'MISSING_PARAMETER' },
  ])('an update with $change is $status $code', async ({ change, status, code }) => {
    const pp = withPreReg();

    expect(await codeOf(await pp.call('POST', '/visit/updatePreReg', { body: { id: pp.preReg.id, ...change } }))).toEqual([status, code]);
    expect(pp.preRegistrations.all()).toEqual([pp.preReg]);
  });

  test('are cancelled, twice without an error, and cannot be updated after it', async () => {
    const pp = withPreReg();
    const cancel = (id: unknown) => pp.call('POST', '/visit/cancelPreReg', { body: { id } });

    const twice = [(await cancel(pp.preReg.id)).status, (await cancel(pp.preReg.id)).status];

    expect([twice, pp.statusNow(), pp.preRegistrations.standing()]).toEqual([[200, 200], 'CANCELLED', []]);
    expect(await codeOf(await pp.call('POST', '/visit/updatePreReg', { body: { id: pp.preReg.id, endTime: String(ten + hour) } }))).toEqual([404, 'NOT_FOUND']);
    expect(await codeOf(await cancel('1'))).toEqual([404, 'NOT_FOUND']);
  });

  test.each(['signIn', 'signOut'] as const)('once the guard has done %s they can no longer be changed or cancelled', async (hand) => {
    const pp = withPreReg();
    pp.preRegistrations[hand](pp.preReg.id);
    const body = { id: pp.preReg.id, endTime: String(ten + hour) };

    expect(await codeOf(await pp.call('POST', '/visit/updatePreReg', { body }))).toEqual([409, 'ALREADY_SIGNED_IN']);
    expect(await codeOf(await pp.call('POST', '/visit/cancelPreReg', { body }))).toEqual([409, 'ALREADY_SIGNED_IN']);
    expect(pp.statusNow()).toBe(hand === 'signIn' ? 'SIGNED_IN' : 'SIGNED_OUT');
  });

  test('staff cancel, change and remove one by hand, also where its destination is gone', () => {
    const pp = withPreReg();
    pp.preRegistrations.edit(pp.preReg.id, { startsAt: ten - hour });
    pp.settings.destinations = [];

    pp.preRegistrations.cancel(pp.preReg.id);

    expect(pp.preRegistrations.all()).toEqual([{ ...pp.preReg, startsAt: ten - hour, status: 'CANCELLED' }]);
    pp.preRegistrations.remove(pp.preReg.id);
    expect(pp.preRegistrations.size).toBe(0);
  });

  test('expire when nobody came by their end', () => {
    const pp = withPreReg();

    pp.clock.advance(3 * 3_600_000 - 1);
    expect(pp.statusNow()).toBe('PREREGISTERED');
    pp.clock.advance(1);
    expect(pp.statusNow()).toBe('EXPIRED');
  });

  test('by a switch the product signs in by itself some minutes before the start, and then nothing can be withdrawn', async () => {
    const pp = withPreReg({ autoSignInMinutes: 15 });

    pp.clock.advance(45 * 60_000 - 1);
    expect(pp.statusNow()).toBe('PREREGISTERED');
    pp.clock.advance(1);
    expect(pp.statusNow()).toBe('SIGNED_IN');
    expect(await codeOf(await pp.call('POST', '/visit/cancelPreReg', { body: { id: pp.preReg.id } }))).toEqual([409, 'ALREADY_SIGNED_IN']);
    expect(pp.preRegistrations.standing()).toHaveLength(1);
  });

  test('one that was made, moved or cancelled in time is not signed in by itself at the wrong moment', () => {
    const pp = withPreReg({ autoSignInMinutes: 15 });
    const draft = { visitorId: pp.visitor.id, startsAt: ten, endsAt: ten + hour, destination: 'LibCal Main' };
    const justInTime = pp.preRegistrations.add({ ...draft, startsAt: ten - 45 * 60 });
    expect(pp.preRegistrations.get(justInTime.id)?.status).toBe('SIGNED_IN');
    const [moved, cancelled] = [pp.preRegistrations.add(draft), pp.preRegistrations.add(draft)];
    pp.preRegistrations.edit(moved.id, { startsAt: ten + 600 });
    pp.preRegistrations.cancel(cancelled.id);

    pp.clock.advance(50 * 60_000);
    const tooLate = pp.preRegistrations.add(draft);

    expect([moved, cancelled, tooLate].map(({ id }) => pp.preRegistrations.get(id)?.status)).toEqual(['PREREGISTERED', 'CANCELLED', 'PREREGISTERED']);
    pp.clock.advance(5 * 60_000);
    expect([moved, tooLate].map(({ id }) => pp.preRegistrations.get(id)?.status)).toEqual(['SIGNED_IN', 'PREREGISTERED']);
  });
});

test.each([
  { name: 'getPreReg', method: 'GET', path: '/visit/getPreReg' },
  { name: 'searchPreReg', method: 'GET', path: '/visit/searchPreReg' },
  { name: 'updatePreReg', method: 'POST', path: '/visit/updatePreReg' },
  { name: 'cancelPreReg', method: 'POST', path: '/visit/cancelPreReg' },
  { name: 'updateVisitor', method: 'POST', path: '/person/updateVisitor' },
] as const)('$name is not there until it is turned on, alone', async ({ name, method, path }) => {
  const pp = withVisitor();
  const off = await pp.call(method, path);
  pp.settings.capabilities = { ...pp.settings.capabilities, [name]: true };
  const on = await pp.call(method, path);

  expect([off.status, off.headers.get('content-type')]).toEqual([404, expect.stringContaining('text/html')]);
  expect(await codeOf(on)).toEqual([400, 'MISSING_PARAMETER']);
  expect(Object.values(pp.settings.capabilities).filter(Boolean)).toHaveLength(1);
});

test.each([
  { trouble: { status: 503, as: 'html' }, says: /^<!doctype html>/ },
  { trouble: { status: 500, as: 'text' }, says: /^the service/ },
  { trouble: { status: 500, as: 'error' }, says: /"code":"SERVER_ERROR"/ },
] as const)('under maintenance everything answers $trouble, the login too, and nothing is stored', async ({ trouble, says }) => {
  const pp = gate();
  const token = await pp.newToken();
  pp.settings.trouble = trouble;

  const answers = [await pp.signIn(), await pp.call('POST', '/person/createVisitor', { token, query: noor })];

  expect(answers.map(({ status }) => status)).toEqual([trouble.status, trouble.status]);
  expect(await answers[1]?.text()).toMatch(says);
  expect(pp.visitors.size).toBe(0);
});

test('another path is a 404 in HTML', async () => {
  const pp = gate();

  const answers = [await pp.call('GET', '/visit/nothing'), await pp.fetch(`${pp.url}/auth/login`, { method: 'POST' })];

  expect(answers.map(({ status, headers }) => [status, headers.get('content-type')?.slice(0, 9)])).toEqual([[404, 'text/html'], [404, 'text/html']]);
});
