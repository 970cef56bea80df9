/** The client against scripted answers: signing in, refusals in all their forms, look-ups by id and reference data. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigurationInvalid, VendorSignInFailed } from '../../../shared/base/errors.ts';
import { libcalClient } from '../../../shared/vendors/libcal/client.ts';
import { answer, broken, ok, world, type Step } from '../../http/stubs.ts';
import { libcalOver, row } from './stub.ts';

const window = { lid: 8810, date: '2026-11-22', days: 3 };
const token = ok({ access_token: 'token-1', expires_in: 3600, token_type: 'Bearer', scope: 'ev_r sp_r' });
const html = (status: number) => answer(status, { 'content-type': 'text/html' }, '<!doctype html><p>Not here</p>');

function plainClient(...script: readonly Step[]) {
  const deps = world(...script);
  const client = libcalClient(deps, { baseUrl: 'https://library.example.edu', clientId: '17', clientSecret: 'not-a-secret' });
  return { client, deps };
}

describe('signing in', () => {
  test('sends the id and the secret as a form, and tells the scopes', async () => {
    const { client, deps } = plainClient(token);

    expect(await client.signIn()).toEqual({ scopes: ['ev_r', 'sp_r'] });

    expect(deps.seen).toMatchObject([{ method: 'POST', url: 'https://library.example.edu/api/1.1/oauth/token', body: 'grant_type=client_credentials&client_id=17&client_secret=not-a-secret' }]);
    expect(deps.seen[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
  });

  test.each([
    ['200 with an error', ok({ error: 'invalid_client', error_description: 'The client credentials are invalid' })],
    ['400', answer(400, {}, '{"error":"invalid_client"}')],
    ['400 without a word', answer(400)],
    ['401', answer(401, {}, 'Unauthorized')],
    ['403', html(403)],
  ])('credentials that are not accepted: %s', async (_what, step) => {
    const { client, deps } = plainClient(step);

    await expect(client.bookings(window)).rejects.toBeInstanceOf(VendorSignInFailed);

    expect(deps.seen).toHaveLength(1);
  });

  test('a wrong prefix is no wrong secret', async () => {
    const { client } = plainClient(html(404));

    await expect(client.signIn()).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', status: 404, reason: 'NOT_THE_API' });
  });

  test('an answer without a token is no sign-in', async () => {
    const { client } = plainClient(ok({ token_type: 'Bearer' }));

    await expect(client.signIn()).rejects.toMatchObject({ code: 'E_ANSWER_INVALID' });
  });

  test('is asked again when its answer was lost', async () => {
    const { client, deps } = plainClient(broken('ECONNRESET'), token);

    await client.signIn();

    expect(deps.seen).toHaveLength(2);
  });

  test('happens once in 55 minutes, and the token travels in a header only', async () => {
    const { client, deps, tokens } = libcalOver([ok([])]);

    await client.bookings(window);
    deps.clock.advance(54 * 60_000);
    await client.bookings(window);
    deps.clock.advance(60_000);
    await client.bookings(window);

    expect(deps.seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    expect(deps.seen.some(({ url }) => url.includes('token-'))).toBe(false);
    expect(tokens()).toBe(2);
  });

  test('empty credentials are a matter of configuration', () => {
    expect(() => libcalOver([], { clientSecret: ' ' })).toThrow(ConfigurationInvalid);
  });
});

describe('a token that is no longer taken', () => {
  test.each([
    ['401', answer(401, {}, 'Unauthorized')],
    ['an error inside a success', ok({ error: 'expired_token' })],
  ])('(%s) is renewed, and the repeated call is the one that counts', async (_what, refusal) => {
    const { client, deps, tokens } = libcalOver([refusal, ok([row(1)])]);

    expect(await client.bookings(window)).toMatchObject({ bookings: [{ id: 1 }], proof: { isComplete: true } });

    expect(deps.seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(tokens()).toBe(2);
  });

  test.each([401, 403])('a missing scope (%i) ends after one renewal', async (status) => {
    const { client, deps, tokens } = libcalOver([answer(status)]);

    await expect(client.bookings(window)).rejects.toBeInstanceOf(VendorSignInFailed);

    expect([deps.seen.length, tokens()]).toEqual([2, 2]);
  });
});

describe('no answer but a list is read as "no bookings"', () => {
  test.each([
    ['an error', ok({ error: 'Invalid location for Noor' }), { code: 'E_ANSWER_INVALID', reason: 'ERROR_INSIDE' }],
    ['errors', ok({ errors: ['Invalid location for Noor'] }), { code: 'E_ANSWER_INVALID', reason: 'ERROR_INSIDE' }],
    ['errors as one text', ok({ errors: 'Invalid location for Noor' }), { code: 'E_ANSWER_INVALID', reason: 'ERROR_INSIDE' }],
    ['an envelope', ok({ bookings: [] }), { code: 'E_ANSWER_INVALID', reason: 'SHAPE' }],
    ['plain text', answer(200, {}, 'No bookings found for Noor'), { code: 'E_ANSWER_INVALID', reason: 'NOT_JSON' }],
    ['nothing at all', answer(200), { code: 'E_ANSWER_INVALID', reason: 'NOT_JSON' }],
    ['no content', answer(204), { code: 'E_ANSWER_INVALID', reason: 'SHAPE' }],
    ['a page', html(200), { code: 'E_ANSWER_INVALID', reason: 'NOT_JSON' }],
    ['a page for a wrong path', html(404), { code: 'E_VENDOR_REJECTED', status: 404 }],
    ['a refusal', answer(400, {}, '{"error":"lid of Noor is unknown"}'), { code: 'E_VENDOR_REJECTED', status: 400, reason: undefined }],
    ['an address too long', answer(414), { code: 'E_VENDOR_REJECTED', status: 414 }],
    ['an elsewhere', answer(302, { location: 'https://library.example.edu/' }), { code: 'E_VENDOR_REJECTED', status: 302 }],
    ['maintenance', html(503), { code: 'E_UNAVAILABLE' }],
    ['too fast', answer(429), { code: 'E_RATE_LIMITED' }],
  ])('%s', async (_what, step, expected) => {
    const { client } = libcalOver([step]);

    const error = await client.bookings(window).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject(expected);
    expect(inspect(error, { depth: null })).not.toContain('Noor');
  });
});

describe('bookings by id', () => {
  test('rows are found by bookId, all that share it, and by number', async () => {
    const { client, asked } = libcalOver([ok([row(1, { bookId: 'cs_a' }), row(2, { bookId: 'cs_a' }), row(3)])]);

    const found = await client.bookingsById(['cs_a', '3', 'cs_a']);

    expect(found.map(({ id, kind }) => [id, kind])).toEqual([['cs_a', 'found'], ['3', 'found']]);
    expect(found[0]).toMatchObject({ bookings: [{ id: 1 }, { id: 2 }], rejected: [] });
    expect(asked()[0]?.pathname).toBe('/api/1.1/space/booking/cs_a,3');
  });

  test('an id is case-sensitive', async () => {
    const { client } = libcalOver([ok([row(1, { bookId: 'cs_AB' })])]);

    expect(await client.bookingsById(['cs_ab'])).toEqual([{ id: 'cs_ab', kind: 'unknown' }]);
  });

  test.each([
    ['is missing from the answer', ok([row(1)])],
    ['has an error in its place', ok([row(1), { error: 'booking not found' }])],
  ])('one that is unknown %s', async (_what, step) => {
    const { client } = libcalOver([step]);

    expect((await client.bookingsById(['cs_1', 'cs_2'])).map(({ kind }) => kind)).toEqual(['found', 'unknown']);
  });

  test('one that is unknown makes the call fail with 404: the others are asked for without it', async () => {
    const missing = answer(404, {}, '{"error":"not found"}');
    const { client, asked } = libcalOver([missing, ok([row(1), row(2)]), missing, ok([row(3)]), missing]);

    const found = await client.bookingsById(['cs_1', 'cs_2', 'cs_3', 'cs_4']);

    expect(found.map(({ id, kind }) => [id, kind])).toEqual([['cs_1', 'found'], ['cs_2', 'found'], ['cs_3', 'found'], ['cs_4', 'unknown']]);
    expect(asked().map(({ pathname }) => pathname.split('/').at(-1))).toEqual(['cs_1,cs_2,cs_3,cs_4', 'cs_1,cs_2', 'cs_3,cs_4', 'cs_3', 'cs_4']);
  });

  test('a page of HTML with 404 makes no booking unknown', async () => {
    const { client } = libcalOver([html(404)]);

    await expect(client.bookingsById(['cs_1'])).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'NOT_THE_API' });
  });

  test('an error instead of the list makes no booking unknown', async () => {
    const { client } = libcalOver([ok({ error: 'try later' })]);

    await expect(client.bookingsById(['cs_1'])).rejects.toMatchObject({ code: 'E_ANSWER_INVALID' });
  });

  test('a row that cannot be read is found all the same; one that cannot even be named leaves the others unclear', async () => {
    const named = libcalOver([ok([row(1, { toDate: 'later' })])]);
    const unnamed = libcalOver([ok([row(1), { status: 'Confirmed' }])]);

    expect(await named.client.bookingsById(['cs_1'])).toMatchObject([{ kind: 'found', bookings: [], rejected: [{ code: 'UNREADABLE' }] }]);
    expect((await unnamed.client.bookingsById(['cs_1', 'cs_2'])).map(({ kind }) => kind)).toEqual(['found', 'unclear']);
  });

  test('at most 80 ids and 2 000 characters go into one call, and none into none', async () => {
    const short = Array.from({ length: 170 }, (_, at) => `cs_${at}`);
    const long = Array.from({ length: 50 }, (_, at) => `cs_${String(at).padStart(97, '0')}`);
    const { client, asked, tokens } = libcalOver([ok([])]);

    expect(await client.bookingsById([])).toEqual([]);
    expect(tokens()).toBe(0);
    await client.bookingsById(short);
    await client.bookingsById(long);

    const sent = asked().map(({ pathname }) => pathname.split('/').at(-1) ?? '');
    expect(sent.map((joined) => joined.split(',').length)).toEqual([80, 80, 10, 19, 19, 12]);
    expect(Math.max(...sent.map(({ length }) => length))).toBeLessThanOrEqual(2000);
  });
});

test('locations and questions are cut to what is named; a question that LibCal does not know is left out', async () => {
  const { client, asked } = libcalOver([ok([{ lid: '8810', name: 'Main Library', public: 1, terms: 'long' }]), ok([{ id: 12505, label: 'University id', type: 'string' }, { error: 'no such question' }])]);

  expect(await client.locations()).toEqual([{ lid: 8810, name: 'Main Library' }]);
  expect(await client.questions([12505, 1])).toEqual([{ id: 12505, label: 'University id' }]);
  expect(await client.questions([])).toEqual([]);
  expect(asked().map(({ pathname }) => pathname)).toEqual(['/api/1.1/space/locations', '/api/1.1/space/question/12505,1']);
});
