import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  ConfigurationInvalid,
  VendorAnswerInvalid,
  VendorRateLimited,
  VendorRejected,
  VendorSignInFailed,
  VendorUnavailable,
  VersionStale,
} from '../../shared/base/errors.ts';
import { httpClient, type ClientAsk } from '../../shared/http/client.ts';
import { answer, ok, world } from './stubs.ts';

const baseUrl = 'https://vendor.example/api/';
const get: ClientAsk = { call: 'GET /things', method: 'GET', path: '/things' };
const post: ClientAsk = { call: 'POST /things', method: 'POST', path: '/things', json: { name: 'Ada Example' } };
const anything = z.unknown();

describe('what is sent', () => {
  test('the path of the address is kept, the query encoded, undefined left out', async () => {
    const deps = world(ok());
    const client = httpClient(deps, { system: 'vendor', baseUrl });

    await client.send({ ...get, query: { filter: '{"a":"b&c"}', page: 2, none: undefined } });

    expect(deps.seen[0]?.url).toBe('https://vendor.example/api/things?filter=%7B%22a%22%3A%22b%26c%22%7D&page=2');
  });

  test('a path that looks like another host stays on the configured one', async () => {
    const deps = world(ok());
    const client = httpClient(deps, { system: 'vendor', baseUrl: 'https://vendor.example' });

    await client.send({ ...get, path: '//elsewhere.example/things' });

    expect(new URL(deps.seen[0]?.url ?? '').host).toBe('vendor.example');
  });

  test('common headers go with every call and are asked for each time, when they can change', async () => {
    const deps = world(ok());
    let turn = 0;
    const headers = async () => ({ authorization: `Bearer token-${(turn += 1)}` });
    const client = httpClient(deps, { system: 'vendor', baseUrl, headers });

    await client.send(get);
    await client.send(post);

    expect(deps.seen.map((seen) => seen.headers.get('authorization'))).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(deps.seen[1]?.headers.get('content-type')).toBe('application/json');
    expect(deps.seen[1]?.body).toBe('{"name":"Ada Example"}');
  });
});

describe('what an answer means', () => {
  test.each([
    [401, VendorSignInFailed],
    [403, VendorRejected],
    [404, VendorRejected],
    [409, VendorRejected],
    [412, VersionStale],
    [429, VendorRateLimited],
    [408, VendorUnavailable],
    [500, VendorUnavailable],
    [503, VendorUnavailable],
    [301, VendorRejected],
    [307, VendorRejected],
  ])('%i is %o', async (status, kind) => {
    const client = httpClient(world(answer(status, { location: 'https://elsewhere.example/' })), { system: 'vendor', baseUrl });

    const error = await client.send(post).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ vendor: 'vendor', call: 'POST /things', status });
  });

  test('sign-in is not tried again', async () => {
    const deps = world(answer(401));
    const client = httpClient(deps, { system: 'vendor', baseUrl });

    await expect(client.send(get)).rejects.toBeInstanceOf(VendorSignInFailed);

    expect(deps.seen).toHaveLength(1);
  });

  test('a server error leaves open whether the vendor acted', async () => {
    const client = httpClient(world(answer(500)), { system: 'vendor', baseUrl });

    await expect(client.send(post)).rejects.toMatchObject({ sent: true });
  });

  test.each([
    ['as asked, in seconds', '3600', 3_600_000],
    ['as asked, by date', 'Mon, 23 Nov 2026 10:00:00 GMT', 3_600_000],
    ['a day at most', '99999999', 86_400_000],
    ['a minute where nothing was said', undefined, 60_000],
    ['a minute where it makes no sense', 'later', 60_000],
  ])('a limit says when to come back: %s', async (_what, retryAfter, laterMs) => {
    const deps = world(answer(429, retryAfter === undefined ? {} : { 'retry-after': retryAfter }));
    const client = httpClient(deps, { system: 'vendor', baseUrl });

    const error = await client.send(post).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'E_RATE_LIMITED', retryAt: deps.clock.now() + laterMs });
  });

  test('maintenance with a long stated end is a limit for a reading call, and in doubt for a writing one', async () => {
    const client = httpClient(world(answer(503, { 'retry-after': '600' })), { system: 'vendor', baseUrl });

    await expect(client.send(get)).rejects.toBeInstanceOf(VendorRateLimited);
    await expect(client.send(post)).rejects.toBeInstanceOf(VendorUnavailable);
  });

  test("the vendor's code is kept, but not a text that may hold somebody's data", async () => {
    const byCode = httpClient(world(answer(400, {}, 'NOT_UNIQUE')), { system: 'vendor', baseUrl, reasonOf: wholeText });
    const byText = httpClient(world(answer(400, {}, 'ada@mail.example exists')), { system: 'vendor', baseUrl, reasonOf: wholeText });

    await expect(byCode.send(get)).rejects.toMatchObject({ reason: 'NOT_UNIQUE', message: 'vendor refused GET /things (400 NOT_UNIQUE)' });
    await expect(byText.send(get)).rejects.toMatchObject({ reason: undefined, message: 'vendor refused GET /things (400)' });
  });

  test('a vendor client may read a failing answer in its own way', async () => {
    const gone = new VersionStale({ vendor: 'vendor', call: 'GET /things' });
    const client = httpClient(world(answer(403, {}, 'gone')), {
      system: 'vendor',
      baseUrl,
      classify: ({ status, bodyText }) => (status === 403 && bodyText === 'gone' ? gone : undefined),
    });

    await expect(client.send(get)).rejects.toBe(gone);
  });
});

describe('JSON', () => {
  test('a good body is handed over in its shape', async () => {
    const client = httpClient(world(ok({ id: 7, more: true })), { system: 'vendor', baseUrl });

    const thing = await client.json(get, z.object({ id: z.number() }));

    expect(thing).toEqual({ id: 7 });
  });

  test.each(['', '{"data":[{"id":1},{"i', '<!doctype html><h1>Ada Example, sign in</h1>'])('%j is no answer', async (body) => {
    const client = httpClient(world(answer(200, {}, body)), { system: 'vendor', baseUrl });

    const error = await client.json(get, anything).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(VendorAnswerInvalid);
    expect(inspect(error)).not.toContain('Ada');
  });

  test('another shape is named by its places, without the values', async () => {
    const client = httpClient(world(ok({ data: [{ id: 'Ada Example' }] })), { system: 'vendor', baseUrl });

    const error = await client.json(get, z.object({ data: z.array(z.object({ id: z.number() })) })).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'E_ANSWER_INVALID', cause: { message: 'data.0.id: invalid_type' } });
  });

  test('an answer without content reads as undefined', async () => {
    const client = httpClient(world(answer(204)), { system: 'vendor', baseUrl });

    await expect(client.json(get, anything)).resolves.toBeUndefined();
  });
});

describe('the address', () => {
  test.each(['vendor.example', 'ftp://vendor.example', 'http://vendor.example', 'http://127.0.0.1.example', 'https://ada:pw@vendor.example', ''])(
    '%j is refused, without being quoted',
    (address) => {
      const make = () => httpClient(world(ok()), { system: 'vendor', baseUrl: address });

      expect(make).toThrow(ConfigurationInvalid);
      expect(make).not.toThrow(/ada|pw/);
    },
  );

  test.each(['http://localhost:8055', 'http://127.0.0.1:8055/', 'http://[::1]:8055', 'https://vendor.example'])('%s is accepted', (address) => {
    expect(() => httpClient(world(ok()), { system: 'vendor', baseUrl: address })).not.toThrow();
  });

  test('plain http elsewhere needs to be allowed by name', () => {
    expect(() => httpClient(world(ok()), { system: 'vendor', baseUrl: 'http://vendor.example', allowHttp: true })).not.toThrow();
  });
});

function wholeText(bodyText: string): string {
  return bodyText;
}
