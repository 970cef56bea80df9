/** The client against scripted answers: signing in, refusals, and look-ups of one thing. Lists: pages.test.ts. */
import { describe, expect, test } from 'vitest';
import { ConfigurationInvalid, VendorAnswerInvalid, VendorSignInFailed } from '../../../shared/base/errors.ts';
import { serviceReefClient } from '../../../shared/vendors/servicereef/client.ts';
import { answer, broken, ok, world, type Step } from '../../http/stubs.ts';
import { anEvent, page, reefOver, refusal, whole } from './stub.ts';

const token = ok({ access_token: 'token-1', token_type: 'bearer', expires_in: 3600 });
const html = (status: number) => answer(status, { 'content-type': 'text/html' }, '<!doctype html><p>Not here</p>');

function plainClient(...script: readonly Step[]) {
  const deps = world(...script);
  const client = serviceReefClient(deps, { baseUrl: 'https://api.servicereef.example', appId: 'app', appSecret: 'not-a-secret' });
  return { client, deps };
}

describe('signing in', () => {
  test('sends id and key as a form', async () => {
    const { client, deps } = plainClient(token);

    await client.signIn();

    expect(deps.seen).toMatchObject([{ method: 'POST', url: 'https://api.servicereef.example/OAuth/Token', body: 'grant_type=client_credentials&client_id=app&client_secret=not-a-secret' }]);
    expect(deps.seen[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
  });

  test.each([
    ['400 with a code', refusal(400, { error: 'invalid_client' })],
    ['400 without a word', answer(400)],
    ['401', answer(401)],
    ['403', answer(403)],
  ])('keys that are not accepted: %s', async (_what, step) => {
    const { client, deps } = plainClient(step);

    await expect(client.member('5')).rejects.toBeInstanceOf(VendorSignInFailed);

    expect(deps.seen).toHaveLength(1);
  });

  test('tells the code of a refusal', async () => {
    await expect(plainClient(refusal(400, { error: 'invalid_client' })).client.signIn()).rejects.toMatchObject({ reason: 'invalid_client' });
  });

  test('at a wrong address is no wrong key', async () => {
    await expect(plainClient(html(404)).client.signIn()).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', status: 404, reason: 'NOT_THE_API' });
  });

  test('is asked again when its answer was lost', async () => {
    const { client, deps } = plainClient(broken('ECONNRESET'), token);

    await client.signIn();

    expect(deps.seen).toHaveLength(2);
  });

  test('happens once while the token lives, and before its end; the token travels in a header only', async () => {
    const { client, deps, tokens } = reefOver([page([], { total: 0 })]);

    await whole(client.events());
    deps.clock.advance(54 * 60_000);
    await whole(client.events());
    deps.clock.advance(60_000);
    await whole(client.events());

    expect(deps.seen.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
    expect(deps.seen.some(({ url }) => url.includes('token-'))).toBe(false);
    expect(tokens()).toBe(2);
  });

  test('a token whose life nobody tells serves for an hour, with the margin', async () => {
    const { client, deps } = plainClient(ok({ access_token: 'token-1' }), page([], { total: 0 }), page([], { total: 0 }), token, page([], { total: 0 }));

    await whole(client.events());
    deps.clock.advance(54 * 60_000);
    await whole(client.events());
    deps.clock.advance(60_000);
    await whole(client.events());

    expect(deps.seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'POST', 'GET']);
  });

  test('happens once more when a token is refused, then it is given up', async () => {
    const renewed = reefOver([answer(401), ok(anEvent(5))]);
    const refused = reefOver([answer(401)]);

    expect(await renewed.client.event('5')).toMatchObject({ kind: 'found' });
    await expect(refused.client.event('5')).rejects.toBeInstanceOf(VendorSignInFailed);

    expect([renewed.tokens(), refused.tokens()]).toEqual([2, 2]);
    expect(refused.deps.seen).toHaveLength(2);
  });

  test('needs keys', () => {
    expect(() => reefOver([], { appId: ' ' })).toThrow(ConfigurationInvalid);
    expect(() => reefOver([], { appSecret: '' })).toThrow(ConfigurationInvalid);
  });

  test('never goes over plain http to another machine', () => {
    expect(() => reefOver([], { baseUrl: 'http://api.servicereef.example' })).toThrow(ConfigurationInvalid);
  });
});

describe('one event, one member', () => {
  test('as an object', async () => {
    const { client, deps } = reefOver([ok({ UserId: 70411, FirstName: 'Dana' })]);

    expect(await client.member('70411')).toMatchObject({ kind: 'found', row: { userId: '70411', firstName: 'Dana' } });
    expect(deps.seen.map(({ url }) => url)).toEqual(['https://api.servicereef.example/v1/members/70411']);
  });

  test.each([
    ['in a page', page([{ UserId: 70411 }], { total: 1 })],
    ['in a page with others', page([{ UserId: 1 }, { UserId: 70411 }], { total: 2 })],
    ['in a bare array', ok([{ UserId: 70411 }])],
  ])('%s', async (_what, step) => {
    expect(await reefOver([step]).client.member('70411')).toMatchObject({ kind: 'found', row: { userId: '70411' } });
  });

  test.each([
    ['another member', ok({ UserId: 70412 })],
    ['the first page of all members', page([{ UserId: 1 }, { UserId: 2 }], { total: 400 })],
    ['an empty page of some', page([], { total: 400 })],
    ['an object without an id', ok({})],
    ['null', ok(null)],
    ['an empty array', ok([])],
    ['nothing', answer(204)],
  ])('%s is neither the member nor the proof that there is none', async (_what, step) => {
    await expect(reefOver([step]).client.member('70411')).rejects.toBeInstanceOf(VendorAnswerInvalid);
  });

  test.each([
    ['404', refusal(404, { Message: 'Not found.' })],
    ['404 without a word', answer(404)],
    ['an empty page of none', page([], { total: 0 })],
  ])('is missing: %s', async (_what, step) => {
    expect(await reefOver([step]).client.member('70411')).toEqual({ kind: 'missing' });
  });

  test.each([
    ['a page for people', html(404)],
    ['a route that is none', refusal(404, { Message: 'No HTTP resource was found.', MessageDetail: 'No type was found.' })],
  ])('is not missing because of %s', async (_what, step) => {
    await expect(reefOver([step]).client.event('5')).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'NOT_THE_API' });
  });

  test('that cannot be read is told by its place', async () => {
    expect(await reefOver([ok(anEvent(5, { EndDate: 'soon' }))]).client.event('5')).toEqual({ kind: 'rejected', rejected: { id: '5', field: 'EndDate', reason: 'UNREADABLE' } });
  });

  test.each(['None', '', '0', '..', '5?page=2'])('%j is nobody, and not asked for', async (id) => {
    const { client, deps } = reefOver([]);

    expect([await client.member(id), await client.event(id)]).toEqual([{ kind: 'missing' }, { kind: 'missing' }]);
    expect(deps.seen).toEqual([]);
  });
});

describe('refusals', () => {
  test('name the parameter that was refused, not what was said about it', async () => {
    const { client } = reefOver([refusal(400, { Message: 'Invalid request.', ValidationErrors: { pageSize: ["The value 'ten' is not valid."] } })]);

    await expect(whole(client.events())).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', status: 400, reason: 'VALIDATION:pageSize' });
  });

  test('a missing right is no missing person', async () => {
    await expect(reefOver([answer(403)]).client.member('5')).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', status: 403 });
  });

  test.each([429, 503])('%i is waited for as long as Retry-After says, and asked again', async (status) => {
    const { client, deps } = reefOver([answer(status, { 'retry-after': '7' }), ok(anEvent(5))]);

    expect(await client.event('5')).toMatchObject({ kind: 'found' });

    expect(deps.arrivals()).toEqual([0, 7000]);
  });
});
