import { expect, test } from 'vitest';
import * as z from 'zod';
import { manualClock } from '../../shared/base/clock.ts';
import { simulateAlma, type AlmaSettings } from '../../shared/simulators/alma.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

const wireUser = z.record(z.string(), z.unknown());
const wireIdentifiers = z.array(z.object({ value: z.string(), status: z.string(), id_type: z.object({ value: z.string(), desc: z.string() }) }));
const wireErrors = z.object({ errorsExist: z.literal(true), errorList: z.object({ error: z.array(z.object({ errorCode: z.string() })) }) });

/** An Alma with one institution, and one way to ask it for JSON with that one's key. */
function library(settings: Partial<AlmaSettings> = {}) {
  const clock = manualClock();
  const alma = simulateAlma(simulatedWorld({ clock }), settings);
  const get = async (path: string, headers: Record<string, string> = {}) =>
    alma.fetch(`${alma.url}/almaws/v1${path}`, { headers: { authorization: `apikey ${alma.apiKey}`, accept: 'application/json', ...headers } });
  const user = async (path: string) => {
    const answer = await get(`/users/${path}`);
    expect(answer.status).toBe(200);
    return wireUser.parse(await answer.json());
  };
  const refusalOf = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await get(path, headers);
    return [answer.status, wireErrors.parse(await answer.json()).errorList.error.map(({ errorCode }) => errorCode)] as const;
  };
  return { ...alma, clock, get, user, refusalOf };
}

test('a user is shown with group, cards, e-mail and dates as Alma writes them', async () => {
  const alma = library();
  alma.users.add({
    primaryId: 'G20417733', firstName: 'Noor', lastName: 'Haddad', emails: ['nhaddad@example.edu', 'noor@example.org'], barcodes: [{ value: '22999000111222', status: 'INACTIVE' }, '22999000333444'],
    identifiers: [{ value: 'nhaddad', type: 'NET_ID', status: 'ACTIVE', segment: 'Internal', note: 'login' }],
    blocks: [{ type: 'LOAN', description: 'Overdue', status: 'ACTIVE' }],
  });

  expect(await alma.user('G20417733')).toEqual({
    record_type: { value: 'PUBLIC', desc: 'Public' },
    primary_id: 'G20417733', first_name: 'Noor', last_name: 'Haddad', full_name: 'Noor Haddad',
    user_group: { value: '10', desc: 'Undergraduate' },
    status: { value: 'ACTIVE', desc: 'Active' },
    expiry_date: '2027-06-30Z',
    account_type: { value: 'EXTERNAL', desc: 'External' },
    contact_info: {
      email: [
        { email_address: 'nhaddad@example.edu', preferred: true, segment_type: 'External', email_type: [{ value: 'school', desc: 'School' }] },
        { email_address: 'noor@example.org', preferred: false, segment_type: 'External', email_type: [{ value: 'school', desc: 'School' }] },
      ],
    },
    user_identifier: [
      { value: '22999000111222', id_type: { value: 'BARCODE', desc: 'Barcode' }, note: null, status: 'INACTIVE', segment_type: 'External' },
      { value: '22999000333444', id_type: { value: 'BARCODE', desc: 'Barcode' }, note: null, status: 'ACTIVE', segment_type: 'External' },
      { value: 'nhaddad', id_type: { value: 'NET_ID', desc: 'Net_id' }, note: 'login', status: 'ACTIVE', segment_type: 'Internal' },
    ],
    user_block: [{ block_type: { value: 'LOAN', desc: 'Loan' }, block_description: { value: 'LOAN', desc: 'Overdue' }, block_status: 'ACTIVE', block_note: null }],
    link: 'https://alma.test/almaws/v1/users/G20417733',
  });
});

test.each(['G001', 'g001', '2299', 'net.id'])('the one user is found as %s: by primary id in any case, by any identifier', async (id) => {
  const alma = library();
  alma.users.add({ primaryId: 'G001', barcodes: [{ value: '2299', status: 'INACTIVE' }], identifiers: [{ value: 'net.id', type: 'NET_ID', status: 'ACTIVE', segment: 'External', note: null }] });
  alma.users.add();

  expect(await alma.user(id)).toMatchObject({ primary_id: 'G001' });
});

test.each(['lib/visitor 7@example.edu', 'a+b', '50%', 'café'])('the id "%s" is found when it is percent-encoded', async (primaryId) => {
  const alma = library();
  alma.users.add({ primaryId });

  expect(await alma.user(encodeURIComponent(primaryId))).toMatchObject({ primary_id: primaryId, link: `https://alma.test/almaws/v1/users/${encodeURIComponent(primaryId)}` });
});

test('an id with a slash that is not encoded is another address', async () => {
  const alma = library();
  alma.users.add({ primaryId: 'lib/7' });

  const answer = await alma.get('/users/lib/7');

  expect([answer.status, answer.headers.get('content-type')]).toEqual([404, expect.stringContaining('text/html')]);
});

test.each([
  { path: 'G002', code: '401861' },
  { path: '%20G001', code: '401861' },
  { path: 'NET.ID', code: '401861' },
  { path: 'G001?user_id_type=BARCODE', code: '401890' },
  { path: 'net.id?user_id_type=BARCODE', code: '401890' },
  { path: 'G001?source_institution_code=01ELSE', code: '4019990' },
  { path: 'G001?user_id_type=linking_id', code: '4019998' },
])('who is not found as $path is 400 with $code, never 404', async ({ path, code }) => {
  const alma = library();
  alma.users.add({ primaryId: 'G001', identifiers: [{ value: 'net.id', type: 'NET_ID', status: 'ACTIVE', segment: 'External', note: null }] });

  expect(await alma.refusalOf(`/users/${path}`)).toEqual([400, [code]]);
});

test('a card is found by its type alone', async () => {
  const alma = library();
  alma.users.add({ primaryId: 'G001', barcodes: ['2299'] });

  expect(await alma.user('2299?user_id_type=BARCODE')).toMatchObject({ primary_id: 'G001' });
});

test('six cards come in their order, with the state of each', async () => {
  const alma = library();
  const barcodes = ['1', '2', '3', '4', '5', '6'].map((value) => ({ value, status: value === '4' ? ('ACTIVE' as const) : ('INACTIVE' as const) }));
  alma.users.add({ primaryId: 'G001', barcodes });

  const shown = wireIdentifiers.parse((await alma.user('G001'))['user_identifier']);

  expect(shown.map(({ value, status }) => value + status.charAt(0))).toEqual(['1I', '2I', '3I', '4A', '5I', '6I']);
});

test.each([
  { settings: {}, shown: [] },
  { settings: { noIdentifiers: 'missing' }, shown: undefined },
] as const)('with $settings, a user without any card has the list $shown', async ({ settings, shown }) => {
  const alma = library(settings);
  alma.users.add({ primaryId: 'G001' });
  alma.users.add({ primaryId: 'G002', barcodes: ['2299'] });

  expect((await alma.user('G001'))['user_identifier']).toEqual(shown);
  expect(await alma.user('G002')).toMatchObject({ user_identifier: [{ value: '2299' }] });
});

test('staff change cards, group, state and last day; other identifiers stay', async () => {
  const alma = library();
  alma.users.add({ primaryId: 'G001', barcodes: ['old'], identifiers: [{ value: 'net', type: 'NET_ID', status: 'ACTIVE', segment: 'External', note: null }] });

  alma.users.setBarcodes('g001', ['new']);
  alma.users.setGroup('G001', { value: '40', desc: 'Staff' });
  alma.users.deactivate('G001');
  alma.users.expire('G001', '2026-01-31');
  const shown = await alma.user('G001');

  expect(wireIdentifiers.parse(shown['user_identifier']).map(({ value }) => value)).toEqual(['new', 'net']);
  expect(shown).toMatchObject({ user_group: { value: '40' }, status: { value: 'INACTIVE' }, expiry_date: '2026-01-31Z' });
  alma.users.activate('G001');
  expect(await alma.user('G001')).toMatchObject({ status: { value: 'ACTIVE' } });
  alma.users.remove('G001');
  expect(await alma.refusalOf('/users/G001')).toEqual([400, ['401861']]);
});

test('a primary id is given once, whatever its case; nobody unknown can be changed', () => {
  const { users } = library();
  users.add({ primaryId: 'G001' });

  expect(() => users.add({ primaryId: 'g001' })).toThrow('taken');
  expect(() => users.deactivate('G002')).toThrow('no user');
  expect([users.size, users.get('g001')?.primaryId, users.all().length]).toEqual([1, 'G001', 1]);
  users.add();
  expect(users.add().primaryId).toBe('G20000003'); // counted, so that nobody's comes again
});

test('a contact may have no group and no last day', async () => {
  const alma = library();
  alma.users.add({ primaryId: 'c', recordType: 'CONTACT', group: undefined, expiresOn: undefined });

  const shown = await alma.user('c');

  expect(shown['record_type']).toEqual({ value: 'CONTACT', desc: 'Contact' });
  expect(shown).toMatchObject({ user_identifier: [], contact_info: { email: [] } });
  expect(shown).not.toHaveProperty('user_group');
  expect(shown).not.toHaveProperty('expiry_date');
});

test.each([
  { settings: {}, hasGroup: true },
  { settings: { briefHasGroup: false }, hasGroup: false },
])('with $settings, the brief view leaves blocks out, and carries the group: $hasGroup', async ({ settings, hasGroup }) => {
  const alma = library(settings);
  alma.users.add({ primaryId: 'G001', barcodes: ['2299'] });

  const brief = await alma.user('G001?view=brief');

  expect(brief).toMatchObject({ user_identifier: [{ value: '2299' }] });
  expect(['user_group' in brief, 'user_block' in brief]).toEqual([hasGroup, false]);
  expect(await alma.user('G001')).toMatchObject({ user_group: { value: '10' }, user_block: [] });
});

test('without asking for JSON everything is XML', async () => {
  const alma = library();
  alma.users.add({ primaryId: 'G001', lastName: 'O <&> P' });

  const user = await alma.get('/users/G001', { accept: '*/*' });
  const refused = await alma.get('/users/G002', { accept: '*/*' });

  expect([user.status, refused.status]).toEqual([200, 400]);
  expect(user.headers.get('content-type')).toContain('application/xml');
  expect(await user.text()).toMatch(/<user>.*<first_name>Sample<\/first_name><last_name>O &lt;&amp;&gt; P<\/last_name>.*<\/user>$/);
  expect(await refused.text()).toContain('<web_service_result xmlns="http://com/exlibris/urm/general/xmlbeans"><errorsExist>true</errorsExist><errorList><error><errorCode>401861</errorCode>');
});

test('the key is taken from the header or from the address', async () => {
  const alma = library();
  alma.users.add({ primaryId: 'G001' });

  const answer = await alma.fetch(`${alma.url}/almaws/v1/users/G001?apikey=${alma.apiKey}`, { headers: { accept: 'application/json' } });

  expect(answer.status).toBe(200);
});

test.each(['apikey wrong', 'Bearer simulated-alma-key-main', ''])('with authorization "%s" the gate answers UNAUTHORIZED in XML, JSON asked or not', async (authorization) => {
  const answer = await library().get('/users/G001', { authorization });

  expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.stringContaining('application/xml')]);
  expect(await answer.text()).toContain('<errorCode>UNAUTHORIZED</errorCode>');
});

test('UNAUTHORIZED may be 401, may be JSON, and also means a key for another area', async () => {
  const alma = library({ gatewayErrors: 'as-asked', unauthorizedStatus: 401, areas: ['configuration'] });

  expect(await alma.refusalOf('/users/G001', { authorization: 'apikey wrong' })).toEqual([401, ['UNAUTHORIZED']]);
  expect(await alma.refusalOf('/users/G001')).toEqual([401, ['UNAUTHORIZED']]);
  expect((await alma.get('/conf/test')).status).toBe(200);
});

test('each institution has its own key, users and limits', async () => {
  const alma = library({ callsPerDay: 10 });
  const law = alma.institution('law');
  alma.users.add({ primaryId: 'G001', lastName: 'Main' });
  law.users.add({ primaryId: 'L001', lastName: 'Law' });
  const asLaw = { authorization: `apikey ${law.apiKey}` };

  expect(await (await alma.get('/users/L001', asLaw)).json()).toMatchObject({ last_name: 'Law' });
  expect(await alma.refusalOf('/users/L001')).toEqual([400, ['401861']]);
  expect(await alma.refusalOf('/users/G001', asLaw)).toEqual([400, ['401861']]);
  expect([alma.institution('main').remaining, law.remaining]).toEqual([9, 8]);
});

test('the 26th call within a second is 429 PER_SECOND_THRESHOLD, for every key and path of the institution, and the second slides', async () => {
  const alma = library({ gatewayErrors: 'as-asked' });
  alma.users.add({ primaryId: 'G001' });
  const statuses = async (count: number) => Promise.all(Array.from({ length: count }, async () => (await alma.get('/users/G001')).status));

  const first = await statuses(20);
  alma.clock.advance(600);
  const second = await statuses(6);
  alma.clock.advance(399);
  const refused = await alma.refusalOf('/users');
  alma.clock.advance(1);
  const third = await statuses(21);

  expect([...first, ...second].filter((status) => status === 200)).toHaveLength(25);
  expect(second.at(-1)).toBe(429);
  expect(refused).toEqual([429, ['PER_SECOND_THRESHOLD']]);
  expect([third.filter((status) => status === 200).length, third.at(-1)]).toEqual([20, 429]);
});

test('a limit is told in XML, and without a time to wait', async () => {
  const alma = library({ callsPerSecond: 0 });

  const answer = await alma.get('/users/G001');

  expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('x-exl-api-remaining')]).toEqual([429, null, '50000']);
  expect(await answer.text()).toContain('<errorCode>PER_SECOND_THRESHOLD</errorCode>');
});

test('every answer tells the calls left today, refusals too; at none left it is 429 DAILY_THRESHOLD until midnight GMT', async () => {
  const alma = library({ callsPerDay: 3, gatewayErrors: 'as-asked' });
  alma.users.add({ primaryId: 'G001' });
  const left = async (path: string) => (await alma.get(path)).headers.get('x-exl-api-remaining');

  const told = [await left('/users/G001'), await left('/users/nobody'), await left('/users'), await left('/users/G001')];
  const refused = await alma.refusalOf('/users/G001');
  alma.clock.advance(15 * 3_600_000 - 1); // it is nine in the morning
  const lastMoment = (await alma.get('/users/G001')).status;
  alma.clock.advance(1);

  expect(told).toEqual(['2', '1', '0', '0']);
  expect([refused, lastMoment]).toEqual([[429, ['DAILY_THRESHOLD']], 429]);
  expect(await left('/users/G001')).toBe('2');
});

test("the institution's other programs use up the same day; code and hour of the reset are not sure", async () => {
  const alma = library({ callsPerDay: 100, dailyCode: 'QUOTA', resetHourGmt: 10, gatewayErrors: 'as-asked' });
  alma.institution('main').spendElsewhere(100);

  const refused = await alma.refusalOf('/users/G001');
  alma.clock.advance(3_600_000);

  expect(refused).toEqual([429, ['QUOTA']]);
  expect(await alma.refusalOf('/users/G001')).toEqual([400, ['401861']]);
});

test.each([
  { path: '/users/operation/test', status: 200, quota: '50000' },
  { path: '/conf/test', status: 400, quota: null },
])('$path tells the quota where the key is for it', async ({ path, status, quota }) => {
  const answer = await library().get(path);

  expect([answer.status, answer.headers.get('x-exl-api-quota'), answer.headers.get('x-exl-api-remaining')]).toEqual([status, quota, '49999']);
});

test('a search finds by part of a value, in pages, without cards and with links', async () => {
  const alma = library();
  for (const name of ['ada', 'ida', 'udo']) alma.users.add({ primaryId: name, emails: [`${name}@example.edu`], barcodes: [`card-${name}`] });
  const search = async (query: string) => (await alma.get(`/users?${query}`)).json();

  expect(await search('q=email~IDA@example.edu')).toEqual({
    user: [{ primary_id: 'ida', first_name: 'Sample', last_name: 'Patron', status: { value: 'ACTIVE', desc: 'Active' }, link: 'https://alma.test/almaws/v1/users/ida' }],
    total_record_count: 1,
  });
  expect(await search('q=primary_id~da')).toMatchObject({ user: [{ primary_id: 'ada' }, { primary_id: 'ida' }], total_record_count: 2 });
  expect(await search('q=last_name~patron')).toMatchObject({ total_record_count: 3 });
  expect(await search('q=first_name~sam')).toMatchObject({ total_record_count: 3 });
  expect(await search('q=email~card')).toMatchObject({ total_record_count: 0 });
  expect(await search('q=')).toMatchObject({ total_record_count: 3 });
  expect(await search('q=identifiers~card-i')).toMatchObject({ user: [{ primary_id: 'ida' }] });
  expect(await search('q=ALL~card-u')).toMatchObject({ total_record_count: 1 });
  expect(await search('limit=2&offset=2')).toMatchObject({ user: [{ primary_id: 'udo' }], total_record_count: 3 });
  expect(await search('q=email~nobody')).toEqual({ user: [], total_record_count: 0 });
  expect(await search('q=shoe_size~42')).toEqual({ user: [], total_record_count: 0 });
});

test.each([
  { query: '', got: 10 },
  { query: '?limit=100', got: 100 },
  { query: '?limit=500', got: 100 },
])('of 120 users, a search with "$query" brings $got', async ({ query, got }) => {
  const alma = library();
  for (let made = 0; made < 120; made += 1) alma.users.add();

  expect(z.object({ user: z.array(z.unknown()) }).parse(await (await alma.get(`/users${query}`)).json()).user).toHaveLength(got);
});

test('a general error carries its code; a server that is down answers with a page', async () => {
  const alma = library({ trouble: { status: 400, errorCode: '60101' } });

  const general = await alma.refusalOf('/users/G001');
  alma.settings.trouble = { status: 503 };
  const down = await alma.get('/users/G001');

  expect(general).toEqual([400, ['60101']]);
  expect([down.status, down.headers.get('content-type')]).toEqual([503, expect.stringContaining('text/html')]);
});

test("the institution's own address answers 401 with a page, though the key is right", async () => {
  const answer = await library({ isOwnDomain: true }).get('/users/G001');

  expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('<!doctype html>')]);
});
