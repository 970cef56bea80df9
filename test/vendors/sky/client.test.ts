/** What holds for every call to SKY: its headers, successes with and without a body, creates that are never repeated, ids that are none. */
import { describe, expect, test } from 'vitest';
import { ConfigurationInvalid, VendorAnswerInvalid, VendorUnavailable } from '../../../shared/base/errors.ts';
import { answer, broken, ok } from '../../http/stubs.ts';
import { empty, made, page, skyOver } from './stub.ts';

test('every call carries the subscription key and the token, in headers only; a body is told to be JSON', async () => {
  const { client, deps } = skyOver([page([]), made('7')]);

  await client.events.list();
  await client.events.create({ name: 'Trip', startDate: '2026-07-11' });

  expect(deps.seen.map(({ headers }) => [headers.get('bb-api-subscription-key'), headers.get('authorization'), headers.get('content-type')])).toEqual([
    ['not-a-key', 'Bearer token-1', null],
    ['not-a-key', 'Bearer token-1', 'application/json'],
  ]);
  expect(deps.seen.some(({ url }) => /not-a-key|token-/.test(url))).toBe(false);
});

test('a subscription key that is empty is a matter of configuration, as is plain http', () => {
  expect(() => skyOver([], { subscriptionKey: ' ' })).toThrow(ConfigurationInvalid);
  expect(() => skyOver([], { baseUrl: 'http://api.sky.example' })).toThrow(ConfigurationInvalid);
});

describe('a change', () => {
  test('succeeds with an empty body, and is then not sent again', async () => {
    // An old client read JSON from it, took the fault for a failure and wrote again.
    const { client, deps } = skyOver([empty]);

    expect([await client.events.patch('7', { capacity: 4 }), await client.participants.remove('8'), await client.constituents.patch('9', { first: 'Theo' })]).toEqual([{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }]);
    expect(deps.seen).toHaveLength(3);
  });

  test('is sent again when its answer was lost', async () => {
    const { client, deps } = skyOver([broken('ECONNRESET'), empty]);

    expect(await client.participants.patch('7', { rsvpStatus: 'Canceled' })).toEqual({ kind: 'done' });
    expect(deps.seen).toHaveLength(2);
  });

  test('is not done because a portal shows its page', async () => {
    const { client } = skyOver([answer(200, { 'content-type': 'text/html' }, '<html>Please sign in to the network</html>')]);

    await expect(client.participants.remove('7')).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: true });
  });

  test('of nothing is no call', async () => {
    const { client, deps } = skyOver([]);

    expect([await client.events.patch('7', {}), await client.participants.patch('7', {}), await client.constituents.patch('7', {}), await client.events.setLocation('7', { city: ' ' })]).toEqual(
      Array.from({ length: 4 }, () => ({ kind: 'done' })),
    );
    expect(deps.seen).toEqual([]);
  });
});

const create = (over: ReturnType<typeof skyOver>) => over.client.events.create({ name: 'Trip', startDate: '2026-07-11' });

describe('a create', () => {
  test.each([['20418', '20418'], [20418, '20418']])('answers the id %j as text', async (wire, id) => {
    expect(await create(skyOver([made(wire)]))).toEqual({ kind: 'done', id });
  });

  test.each([
    ['an empty body', empty],
    ['no id', ok({})],
    ['an error inside a success', ok([{ message: 'refused', error_name: 'BadRequest' }])],
    ['a page', answer(200, {}, '<html></html>')],
  ])('whose success cannot be read may be stored: %s', async (_what, step) => {
    const over = skyOver([step]);

    await expect(create(over)).rejects.toBeInstanceOf(VendorAnswerInvalid);

    expect(over.deps.seen).toHaveLength(1);
  });

  test.each([
    ['a connection that broke', broken('ECONNRESET'), true],
    ['a connection that never was', broken('ECONNREFUSED'), false],
    ['500', answer(500), true],
    ['502', answer(502), true],
    ['503', answer(503), true],
  ])('is never sent twice by itself, and says whether it may have happened: %s', async (_what, step, sent) => {
    const over = skyOver([step]);

    const error = await create(over).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(VendorUnavailable);
    expect(error).toMatchObject({ sent });
    expect(over.deps.seen).toHaveLength(1);
  });
});

test.each(['None', '', 'undefined', '..', '7/participants', '7?x=1'])('%j is the id of nothing, and not asked for', async (id) => {
  const { client, deps } = skyOver([]);
  const missing = { kind: 'missing' };

  expect([
    await client.events.get(id), await client.events.patch(id, { capacity: 1 }), await client.events.setLocation(id, { city: 'Mason' }),
    await client.participants.get(id), await client.participants.create(id, { constituentId: '1' }), await client.participants.patch(id, { attended: true }), await client.participants.remove(id),
    await client.constituents.get(id), await client.constituents.patch(id, { first: 'Theo' }), await client.emails.add(id, { address: 'a@example.org', type: 'Email' }),
  ]).toEqual(Array.from({ length: 10 }, () => missing));
  await expect(client.participants.list(id)).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'NO_ID' });
  await expect(client.emails.list(id)).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'NO_ID' });
  expect(deps.seen).toEqual([]);
});

test('a record that was not asked for is not taken for the one that was', async () => {
  const { client } = skyOver([ok({ id: '8', first: 'Marcus' })]);

  await expect(client.constituents.get('7')).rejects.toMatchObject({ code: 'E_ANSWER_INVALID', reason: 'OTHER_ID' });
});

test('the tables of the tenant', async () => {
  const over = skyOver([ok({ count: 2, value: ['Email', 'Home'] }), ok({ count: 1, value: ['Mobile'] }), ok({ count: 1, value: ['Home'] }), ok({ count: 1, value: ['ServiceReef'] }), page([{ id: '512', name: 'Mission trip', inactive: false, extra: 1 }])]);
  const { tables } = over.client;

  expect([await tables.emailTypes(), await tables.phoneTypes(), await tables.addressTypes(), await tables.aliasTypes()]).toEqual([['Email', 'Home'], ['Mobile'], ['Home'], ['ServiceReef']]);
  expect((await tables.eventCategories()).rows).toEqual([{ id: '512', name: 'Mission trip', inactive: false }]);
  expect(over.asked()).toEqual([
    'GET /constituent/v1/emailaddresstypes', 'GET /constituent/v1/phonetypes', 'GET /constituent/v1/addresstypes', 'GET /constituent/v1/aliastypes', 'GET /event/v1/eventcategories?include_inactive=true',
  ]);
});
