/** The client against scripted answers: one call for a user, the next zone only when told so, and refusals told apart by their codes. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConcordError, ConfigurationInvalid, QuotaExhausted, VendorRateLimited, VendorSignInFailed } from '../../../shared/base/errors.ts';
import { almaClient, type AlmaOptions } from '../../../shared/vendors/alma/client.ts';
import { answer, broken, ok, world, type Seen, type Step } from '../../http/stubs.ts';

const twoZones = [{ key: 'key-of-main', zone: 'main' }, { key: 'key-of-law', zone: 'law' }];

function almaOver(script: readonly Step[], options: Partial<AlmaOptions> = {}) {
  const deps = world(...script);
  const client = almaClient(deps, { baseUrl: 'https://api-na.alma.example', apiKeys: [{ key: 'key-of-main' }], ...options });
  return { client, deps };
}

function user(more: Readonly<Record<string, unknown>> = {}) {
  return {
    record_type: { value: 'PUBLIC', desc: 'Public' },
    primary_id: 'G20417733',
    first_name: 'Noor',
    last_name: 'Haddad',
    user_group: { value: '10', desc: 'Undergraduate' },
    status: { value: 'ACTIVE', desc: 'Active' },
    expiry_date: '2027-06-30Z',
    contact_info: { email: [{ email_address: 'nhaddad@example.edu' }] },
    user_identifier: [barcode('22999000333444')],
    ...more,
  };
}

function barcode(value: string, more: Readonly<Record<string, unknown>> = {}) {
  return { value, id_type: { value: 'BARCODE', desc: 'Barcode' }, note: null, status: 'ACTIVE', segment_type: 'External', ...more };
}

const keys = (seen: readonly Seen[]) => seen.map(({ headers }) => headers.get('authorization'));
const views = (seen: readonly Seen[]) => seen.map(({ url }) => new URL(url).searchParams.get('view'));

const messageWithName = 'no such user: Noor Haddad';
function refusal(status: number, ...codes: readonly string[]): Response {
  const error = codes.map((errorCode) => ({ errorCode, errorMessage: messageWithName, trackingId: 'E01-1' }));
  return answer(status, { 'content-type': 'application/json' }, JSON.stringify({ errorsExist: true, errorList: { error }, result: null }));
}
function xmlRefusal(status: number, code: string): Response {
  const xml = `<?xml version="1.0"?>\n<web_service_result xmlns="http://com/exlibris/urm/general/xmlbeans"><errorsExist>true</errorsExist><errorList><error>\n<errorCode>${code}</errorCode><errorMessage>${messageWithName}</errorMessage></error></errorList></web_service_result>`;
  return answer(status, { 'content-type': 'application/xml' }, xml);
}

describe('a user', () => {
  test('is one call: brief, as JSON, with the key in a header and the id encoded', async () => {
    const { client, deps } = almaOver([ok(user())]);

    await client.user('a b/c@x?');

    expect(deps.seen).toMatchObject([{ method: 'GET', url: 'https://api-na.alma.example/almaws/v1/users/a%20b%2Fc%40x%3F?view=brief&expand=none' }]);
    expect(deps.seen[0]?.headers.get('authorization')).toBe('apikey key-of-main');
    expect(deps.seen[0]?.headers.get('accept')).toBe('application/json');
  });

  test('is cut to what decides about a card', async () => {
    const { client } = almaOver([ok(user())]);

    expect(await client.user('g20417733')).toEqual({
      kind: 'found',
      user: { primaryId: 'G20417733', zone: '1', activeBarcodes: [{ value: '22999000333444', segment: 'External' }], group: '10', status: 'ACTIVE', expiresOn: '2027-06-30' },
    });
  });

  test('has the cards that are active, of six, whatever else stands among its identifiers', async () => {
    const user_identifier = [
      barcode('1', { status: 'INACTIVE' }), barcode('2', { status: undefined }), barcode(' 3 ', { segment_type: 'Internal' }), barcode('4', { id_type: { value: 'INST_ID' } }),
      barcode(''), barcode('6', { id_type: null }), null, 'text', barcode('9'),
    ];
    const { client } = almaOver([ok(user({ user_identifier }))]);

    expect(await client.user('G1')).toMatchObject({ user: { activeBarcodes: [{ value: '3', segment: 'Internal' }, { value: '9', segment: 'External' }] } });
  });

  test('has cards of the type that the institution says', async () => {
    const { client } = almaOver([ok(user({ user_identifier: [barcode('1'), barcode('2', { id_type: { value: '01' } })] }))], { barcodeType: '01' });

    expect(await client.user('G1')).toMatchObject({ user: { activeBarcodes: [{ value: '2' }] } });
  });

  test.each([
    ['missing', undefined],
    ['null', null],
    ['an empty list', []],
  ])('without identifiers (%s) has no card, and that is no failure', async (_what, user_identifier) => {
    const { client } = almaOver([ok(user({ user_identifier }))]);

    expect(await client.user('G1')).toMatchObject({ kind: 'found', user: { activeBarcodes: [] } });
  });

  test.each([
    ['without an id', user({ primary_id: undefined })],
    ['with an end that cannot be read', user({ expiry_date: '30/06/2027' })],
    ['that is a list', [user()]],
  ])('%s is no user', async (_what, body) => {
    const { client } = almaOver([ok(body)]);

    await expect(client.user('G1')).rejects.toMatchObject({ code: 'E_ANSWER_INVALID', reason: 'SHAPE' });
  });

  test.each(['', ' ', '.', '..', ' .. '])('called %j is unknown without a call', async (id) => {
    const { client, deps } = almaOver([ok({ user: [] })]);

    expect(await client.user(id)).toEqual({ kind: 'unknown' });
    expect(deps.seen).toHaveLength(0);
  });
});

describe('the group', () => {
  const ungrouped = user({ user_group: undefined });

  test('that "brief" does not say is looked for once in "full", and from then on everybody is asked for so', async () => {
    const { client, deps } = almaOver([ok(ungrouped), ok(user()), ok(user())]);

    expect(await client.user('G1')).toMatchObject({ user: { group: '10' } });
    expect(await client.user('G2')).toMatchObject({ user: { group: '10' } });

    expect(views(deps.seen)).toEqual(['brief', 'full', 'full']);
  });

  test('that "brief" has said for one is missing for another because that one has none', async () => {
    const { client, deps } = almaOver([ok(user()), ok(user({ user_group: { value: '', desc: '' } }))]);

    await client.user('G1');

    expect(await client.user('G2')).toMatchObject({ kind: 'found', user: { group: undefined } });
    expect(views(deps.seen)).toEqual(['brief', 'brief']);
  });

  test('is read in one call where the whole user is wanted', async () => {
    const { client, deps } = almaOver([ok(ungrouped)], { view: 'full' });

    await client.user('G1');

    expect(views(deps.seen)).toEqual(['full']);
  });
});

describe('zones', () => {
  test('the first that knows the user answers', async () => {
    const { client, deps } = almaOver([ok(user())], { apiKeys: twoZones });

    expect(await client.user('G1')).toMatchObject({ user: { zone: 'main' } });
    expect(keys(deps.seen)).toEqual(['apikey key-of-main']);
  });

  test.each(['401861', '401890', '4019990', '4019998'])('%s, with 400, asks the next; unknown is who is unknown in all', async (code) => {
    const second = almaOver([refusal(400, code), ok(user())], { apiKeys: twoZones });
    const nobody = almaOver([refusal(400, code)], { apiKeys: twoZones });

    expect(await second.client.user('G1')).toMatchObject({ kind: 'found', user: { zone: 'law' } });
    expect(await nobody.client.user('G1')).toEqual({ kind: 'unknown' });
    expect(keys(nobody.deps.seen)).toEqual(['apikey key-of-main', 'apikey key-of-law']);
  });

  test('said in XML, or inside a success, it is the same', async () => {
    const xml = almaOver([xmlRefusal(400, '401861')]);
    const inside = almaOver([refusal(200, '401861')]);

    expect(await xml.client.user('G1')).toEqual({ kind: 'unknown' });
    expect(await inside.client.user('G1')).toEqual({ kind: 'unknown' });
  });

  test.each([
    ['another code', refusal(400, '402204')],
    ['one of several codes', refusal(400, '401861', 'UNAUTHORIZED')],
    ['no code', answer(400, {}, messageWithName)],
    ['404 and a page', answer(404, {}, '<html>Not found</html>')],
    ['a key that is not accepted', xmlRefusal(401, 'UNAUTHORIZED')],
    ['an ill server', answer(500, {}, '<html></html>')],
    ['nothing', broken('ECONNRESET')],
  ])('%s never asks the next, and makes nobody unknown', async (_what, step) => {
    const { client, deps } = almaOver([step], { apiKeys: twoZones });

    const error = await client.user('G1').catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: null })).not.toContain('Noor');
    expect(new Set(keys(deps.seen))).toEqual(new Set(['apikey key-of-main']));
  });

  test('one in another region is asked there', async () => {
    const { client, deps } = almaOver([refusal(400, '401861')], { apiKeys: [{ key: 'a' }, { key: 'b', baseUrl: 'https://api-eu.alma.example' }] });

    await client.user('G1');

    expect(deps.seen.map(({ url }) => new URL(url).host)).toEqual(['api-na.alma.example', 'api-eu.alma.example']);
  });
});

describe('refusals', () => {
  test.each([
    ['400', refusal(400, 'UNAUTHORIZED')],
    ['401 in XML', xmlRefusal(401, 'UNAUTHORIZED')],
    ['the page of a wrong host', answer(401, {}, '<html>Unauthorized</html>')],
    ['403', answer(403)],
  ])('a key that is not accepted: %s', async (_what, step) => {
    const { client } = almaOver([step]);

    await expect(client.user('G1')).rejects.toBeInstanceOf(VendorSignInFailed);
  });

  test('too many in a second is waited out for a second and more, then left to a later time', async () => {
    const { client, deps } = almaOver([xmlRefusal(429, 'PER_SECOND_THRESHOLD')]);

    const error = await client.user('G1').catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(VendorRateLimited);
    expect(error).toMatchObject({ retryable: true, retryAt: deps.clock.now() + 5000, reason: 'PER_SECOND_THRESHOLD' });
    expect(deps.arrivals()).toEqual([0, 1000, 3000]);
  });

  test('too many in a second passes, and nobody hears of it', async () => {
    const { client } = almaOver([refusal(429, 'PER_SECOND_THRESHOLD'), ok(user())]);

    expect(await client.user('G1')).toMatchObject({ kind: 'found' });
  });

  test.each([
    ['said by its code', refusal(429, 'DAILY_THRESHOLD')],
    ['said in XML', xmlRefusal(429, 'DAILY_THRESHOLD')],
    ['seen by what is left', answer(429, { 'x-exl-api-remaining': '0' }, 'limit reached')],
  ])('the end of the day\'s calls, %s, is told at once, and nothing is asked before midnight GMT', async (_what, step) => {
    const { client, deps } = almaOver([step, ok(user())]);

    const error = await client.user('G1').catch((thrown: unknown) => thrown);
    await expect(client.user('G2')).rejects.toBeInstanceOf(QuotaExhausted);

    expect(error).toMatchObject({ code: 'E_QUOTA', resetsAt: Date.UTC(2026, 10, 24) });
    expect(deps.seen).toHaveLength(1);
    deps.clock.advance(Date.UTC(2026, 10, 24) - deps.clock.now());
    expect(await client.user('G2')).toMatchObject({ kind: 'found' });
  });

  test('429 that says neither is a limit of unknown length', async () => {
    const { client } = almaOver([answer(429)]);

    await expect(client.user('G1')).rejects.toMatchObject({ code: 'E_RATE_LIMITED' });
  });

  test.each(['60101', '402119'])('a general error (%s) can be tried again later', async (code) => {
    const { client } = almaOver([refusal(400, code)]);

    await expect(client.user('G1')).rejects.toMatchObject({ code: 'E_UNAVAILABLE', retryable: true });
  });

  test('one error without its list around it is read too', async () => {
    const { client } = almaOver([answer(400, {}, JSON.stringify({ errorsExist: true, errorList: { error: { errorCode: '401861' } } }))]);

    expect(await client.user('G1')).toEqual({ kind: 'unknown' });
  });

  test('XML where JSON was asked for is no user', async () => {
    const { client } = almaOver([answer(200, {}, '<user><primary_id>G1</primary_id></user>')]);

    await expect(client.user('G1')).rejects.toMatchObject({ code: 'E_ANSWER_INVALID', reason: 'NOT_JSON' });
  });
});

test.each<readonly [string, Step]>([
  ['a fetch that quotes the address', ({ url }) => Promise.reject(new TypeError(`cannot reach ${url}`, { cause: Object.assign(new Error(url), { input: url, code: 'ECONNRESET' }) }))],
  ['a refusal that repeats it', ({ url }) => answer(400, {}, url)],
  ['an ill server that repeats it', ({ url }) => answer(500, {}, url)],
  ['a success that repeats it', ({ url }) => answer(200, {}, url)],
  ['an elsewhere', ({ url }) => answer(302, { location: url })],
])('whom we asked for stands in no error, and no key: %s', async (_what, step) => {
  const { client } = almaOver([step]);

  const error = await client.user('marker-4711').catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(ConcordError);
  expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(/marker|4711|key-of-main/);
});

describe('what is left of the day', () => {
  test('is told with every answer, also with a refusal, for each zone', async () => {
    const heard: unknown[] = [];
    const unknown = answer(400, { 'x-exl-api-remaining': '7' }, JSON.stringify({ errorList: { error: [{ errorCode: '401861' }] } }));
    const known = answer(200, { 'x-exl-api-remaining': '65000' }, JSON.stringify(user()));
    const { client } = almaOver([unknown, known], { apiKeys: twoZones, onRemaining: (left) => heard.push(left) });

    await client.user('G1');

    expect(heard).toEqual([{ zone: 'main', remaining: 7 }, { zone: 'law', remaining: 65000 }]);
  });

  test('is not told where the header is missing or unreadable', async () => {
    const heard: unknown[] = [];
    const { client } = almaOver([ok(user()), answer(200, { 'x-exl-api-remaining': 'n/a' }, JSON.stringify(user()))], { onRemaining: (left) => heard.push(left) });

    await client.user('G1');
    await client.user('G2');

    expect(heard).toEqual([]);
  });
});

test('the connection test asks once with each key, and names the zone that fails', async () => {
  const { client, deps } = almaOver([ok(), refusal(401, 'UNAUTHORIZED')], { apiKeys: twoZones });

  await expect(client.signIn()).rejects.toMatchObject({ code: 'E_SIGN_IN', call: 'GET /users/operation/test (zone law)' });

  expect(deps.seen).toHaveLength(2);
});

test('no key, or an empty one, is a matter of configuration', () => {
  expect(() => almaOver([], { apiKeys: [] })).toThrow(ConfigurationInvalid);
  expect(() => almaOver([], { apiKeys: [{ key: ' ' }] })).toThrow(ConfigurationInvalid);
});
