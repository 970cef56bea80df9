/** The four shapes in which SKY says no, told apart by what a caller can do about it. */
import { describe, expect, test } from 'vitest';
import { QuotaExhausted, VendorRateLimited, VendorRejected, VendorSignInFailed, VendorUnavailable } from '../../../shared/base/errors.ts';
import type { Budget } from '../../../shared/http/budget.ts';
import { skyClient } from '../../../shared/vendors/sky/client.ts';
import { faultIn, faultOf, refusesToken } from '../../../shared/vendors/sky/refusals.ts';
import { answer, ok, world } from '../../http/stubs.ts';
import { alreadyThere, empty, eventRefusal, notFound, refusal, renewable, skyOver } from './stub.ts';

const now = Date.UTC(2026, 10, 23, 9);
const fault = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  faultIn({ status, headers: new Headers(headers), bodyText: typeof body === 'string' ? body : JSON.stringify(body) }, now);

describe('every shape becomes status, code, message and wait', () => {
  test.each([
    ['Event API', 400, [{ message: 'The capacity is wrong.', error_name: 'BadRequest', error_code: 400, raw_message: 'x', error_args: [] }], 'BadRequest'],
    ['Constituent API', 400, [{ Message: 'The email type is wrong.', ErrorName: 'InvalidTableEntry', ErrorCode: 25, RawMessage: 'x' }], 'InvalidTableEntry'],
    ['Constituent API without a name', 400, [{ Message: 'The email type is wrong.', ErrorCode: 25, RawMessage: 'x' }], 'ERROR_25'],
    ['one entry without its list', 400, { message: 'x', error_name: 'BadRequest' }, 'BadRequest'],
    ['gateway', 415, { statusCode: 415, message: 'x' }, 'HTTP_415'],
    ['Problem Details', 400, { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'x' }, 'BadRequest'],
    ['plain text', 400, 'no healthy upstream', 'HTTP_400'],
    ['nothing', 400, '', 'HTTP_400'],
    ['an empty list', 400, [], 'HTTP_400'],
    ['JSON of no known shape', 400, { error: 'x' }, 'HTTP_400'],
  ])('%s', (_what, status, body, code) => {
    expect(fault(status, body)).toMatchObject({ status, code, message: expect.stringContaining(`(${status} ${code})`) });
  });

  test('and the wait where one is told', () => {
    expect(fault(429, { statusCode: 429, message: 'Rate limit is exceeded.' }, { 'retry-after': '3' })).toEqual({ status: 429, code: 'RATE', message: 'too many calls at once', retryAfterMs: 3000 });
  });

  test('the field that it speaks of is told as a hint', () => {
    expect(fault(400, [{ message: 'The StartDate is not valid.', error_name: 'BadRequest' }])).toMatchObject({ field: 'start_date', message: 'NXT refused it (400 BadRequest); it speaks of start_date' });
    expect(fault(400, [{ Message: 'x', RawMessage: "'Home' is no type of an email" }]).field).toBe('email');
    expect(fault(400, [{ message: 'x', error_name: 'BadRequest' }]).field).toBeUndefined();
  });

  test('a text that says that a made-up field is required means the whole body', () => {
    // Old clients took the text at its word and sent `eventAdd: true`.
    expect(fault(400, [{ message: 'The eventAdd field is required.', error_name: 'BadRequest' }]).code).toBe('MALFORMED_BODY');
    expect(fault(400, [{ message: 'The name field is required.', error_name: 'BadRequest' }]).code).toBe('BadRequest');
  });
});

describe('403', () => {
  test.each([
    ['Retry-After', refusal(403, { statusCode: 403, message: 'Quota.' }, { 'retry-after': '7200' }), 7_200_000],
    ['Retry-After alone', answer(403, { 'retry-after': '60' }), 60_000],
    ['its text', refusal(403, { statusCode: 403, message: 'Out of call volume quota. Quota will be replenished in 07:01:20.' }), 25_280_000],
    ['its text, which says nothing of an end', refusal(403, { statusCode: 403, message: 'Out of call volume quota.' }), 3_600_000],
  ])('is the day\'s quota by %s', async (_what, step, waitMs) => {
    const { client, deps } = skyOver([step]);

    const error = await client.participants.get('7').catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(QuotaExhausted);
    expect(error).toMatchObject({ reason: 'QUOTA', resetsAt: deps.clock.now() + waitMs });
    expect(deps.seen).toHaveLength(1);
  });

  test('is a missing right otherwise: a matter of this item', async () => {
    const forbidden = eventRefusal(403, 'Forbidden', 'The user does not have the necessary permissions for this task.');
    const { client } = skyOver([forbidden]);

    expect(await client.events.patch('7', { capacity: 4 })).toMatchObject({ kind: 'refused', fault: { status: 403, code: 'FORBIDDEN' } });
    await expect(client.events.list()).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'FORBIDDEN' });
  });

  test('after the quota is gone nothing is called until it returns', async () => {
    const { client, deps } = skyOver([refusal(403, { statusCode: 403, message: 'Quota.' }, { 'retry-after': '3600' }), empty]);
    const patch = () => client.events.patch('7', { capacity: 4 });

    await expect(patch()).rejects.toBeInstanceOf(QuotaExhausted);
    deps.clock.advance(3_599_999);
    await expect(patch()).rejects.toMatchObject({ code: 'E_QUOTA', resetsAt: deps.clock.now() + 1 });
    expect(deps.seen).toHaveLength(1);
    deps.clock.advance(1);
    expect(await patch()).toEqual({ kind: 'done' });
  });
});

test('when our own count of calls says stop, the count says when to go on, not the client', async () => {
  let isOpen = false;
  const deps = world(empty);
  const budget: Budget = {
    take: async (vendor) => {
      if (!isOpen) throw new QuotaExhausted({ vendor, call: 'any call', resetsAt: deps.clock.now() + 3_600_000 });
    },
  };
  const client = skyClient({ ...deps, budget }, { baseUrl: 'https://api.sky.example', subscriptionKey: 'not-a-key', tokens: renewable().tokens });

  await expect(client.events.patch('7', { capacity: 4 })).rejects.toBeInstanceOf(QuotaExhausted);
  isOpen = true; // a person allowed more

  expect(await client.events.patch('7', { capacity: 4 })).toEqual({ kind: 'done' });
});

describe('401', () => {
  test.each([
    ['Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.'],
    ['The required Bb-Api-Subscription-Key header was missing from the request.'],
  ])('is the subscription key where it says so, and no token is renewed for it: %s', async (message) => {
    const { client, deps, renewals } = skyOver([refusal(401, { statusCode: 401, message })]);

    const error = await client.tables.emailTypes().catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'E_SIGN_IN', reason: 'SUBSCRIPTION_KEY' });
    expect(error instanceof VendorSignInFailed && refusesToken(error)).toBe(false);
    expect([renewals(), deps.seen.length]).toEqual([0, 1]);
  });

  test.each([
    ['in the gateway\'s words', { statusCode: 401, message: 'Unauthorized. Access token is missing or invalid.' }],
    ['without a word', ''],
  ])('is the token otherwise, which is renewed once: %s', async (_what, body) => {
    const { client, deps, renewals } = skyOver([refusal(401, body), ok({ count: 1, value: ['Email'] })]);

    expect(await client.tables.emailTypes()).toEqual(['Email']);

    expect(renewals()).toBe(1);
    expect(deps.seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  test('twice is a sign-in that a person has to look at', async () => {
    const { client, deps } = skyOver([refusal(401, '')]);

    const error = await client.events.create({ name: 'Trip', startDate: '2026-07-11' }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'E_SIGN_IN', reason: 'TOKEN' });
    expect(error instanceof VendorSignInFailed && refusesToken(error)).toBe(true);
    expect(deps.seen).toHaveLength(2);
  });

  test('of another system is not ours to judge', () => {
    expect(refusesToken(new VendorSignInFailed({ vendor: 'elsewhere', call: 'GET /', status: 401 }))).toBe(false);
  });
});

describe('404', () => {
  test.each([
    ['a list of the API', notFound],
    ['Problem Details', refusal(404, { title: 'Not Found', status: 404 })],
    ['a list without a name', refusal(404, [{ Message: 'Not found.' }])],
    ['nothing', answer(404)],
  ])('means that it is gone: %s', async (_what, step) => {
    const { client } = skyOver([step]);

    expect(await client.participants.get('7')).toEqual({ kind: 'missing' });
    expect(await client.participants.patch('7', { rsvpStatus: 'Canceled' })).toEqual({ kind: 'missing' });
    expect(await client.participants.remove('7')).toEqual({ kind: 'missing' });
    expect(await client.participants.create('7', { constituentId: '20418' })).toEqual({ kind: 'missing' });
  });

  test.each([
    ['the gateway, which knows no such route', refusal(404, { statusCode: 404, message: 'Resource not found' })],
    ['a page for people', refusal(404, '<!doctype html><p>Not here</p>')],
  ])('from %s says nothing about the record, and stops everything', async (_what, step) => {
    const { client } = skyOver([step]);

    for (const ask of [client.constituents.get('7'), client.constituents.patch('7', { first: 'Theo' }), client.constituents.create({ last: 'Whitlock' })]) {
      await expect(ask).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'NOT_THE_API' });
    }
  });
});

describe('400', () => {
  test('that says "already" is a question, not a failure', async () => {
    const { client } = skyOver([alreadyThere]);

    expect(await client.participants.create('7', { constituentId: '20418' })).toEqual({ kind: 'exists', fault: { status: 400, code: 'ALREADY_EXISTS', message: 'NXT says that it is there already' } });
  });

  test.each(['An import ID must be unique.', 'A constituent with this import ID already exists.', 'Duplicate lookup ID.'])('also in other words: %s', async (message) => {
    const { client } = skyOver([refusal(400, [{ Message: message, ErrorCode: 400 }])]);

    expect(await client.constituents.create({ last: 'Whitlock', importId: 'SR-70412' })).toMatchObject({ kind: 'exists', fault: { status: 400 } });
  });

  test('is one item\'s refusal, told with its fault, and never tried again', async () => {
    const { client, deps } = skyOver([eventRefusal(400, 'BadRequest', 'The capacity is not valid.')]);

    expect(await client.events.patch('7', { capacity: -1 })).toEqual({
      kind: 'refused',
      fault: { status: 400, code: 'BadRequest', field: 'capacity', message: 'NXT refused it (400 BadRequest); it speaks of capacity' },
    });
    expect(deps.seen).toHaveLength(1);
  });

  test('of a reading is thrown with the same fault', async () => {
    const { client } = skyOver([eventRefusal(400, 'BadRequest')]);

    const error = await client.events.list().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(VendorRejected);
    expect(faultOf(error)).toMatchObject({ status: 400, code: 'BadRequest' });
    expect(faultOf(new Error('another'))).toBeUndefined();
  });
});

describe('limits and ill servers', () => {
  test('429 is waited for as long as Retry-After says, where repeating does no harm', async () => {
    const { client, deps } = skyOver([refusal(429, { statusCode: 429, message: 'Rate limit is exceeded.' }, { 'retry-after': '2' }), empty]);

    expect(await client.events.patch('7', { capacity: 4 })).toEqual({ kind: 'done' });
    expect(deps.arrivals()).toEqual([0, 2000]);
  });

  test('429 to a create is told with the time to come again', async () => {
    const { client, deps } = skyOver([refusal(429, { statusCode: 429, message: 'Rate limit is exceeded.' }, { 'retry-after': '2' })]);

    const error = await client.events.create({ name: 'Trip', startDate: '2026-07-11' }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(VendorRateLimited);
    expect(error).toMatchObject({ retryAt: deps.clock.now() + 2000 });
    expect(deps.seen).toHaveLength(1);
  });

  test('a plain text of an outage is no usable answer', async () => {
    await expect(skyOver([refusal(503, 'no healthy upstream')]).client.constituents.get('7')).rejects.toBeInstanceOf(VendorUnavailable);
  });

  test('a redirect moves nothing, and stops everything', async () => {
    const { client } = skyOver([answer(302, { location: 'https://elsewhere.example/' })]);

    await expect(client.events.patch('7', { capacity: 4 })).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', status: 302 });
  });
});
