import { expect, test } from 'vitest';
import { VendorRateLimited, VendorRejected, VendorSignInFailed, VendorUnavailable } from '../../shared/base/errors.ts';
import { tunedFetch } from '../../shared/http/tuned-fetch.ts';
import { answer, broken, hang, world } from './stubs.ts';

const baseUrl = 'https://cloud.example/remote.php/dav/';
const href = `${baseUrl}calendars/ada/events/1.ics`;

test.each([200, 207, 301, 403, 404, 405, 409, 412])('%i comes back as an answer', async (status) => {
  const davFetch = tunedFetch(world(answer(status, { etag: '"1"', location: '/elsewhere' }, 'body')), { system: 'nextcloud', baseUrl });

  const response = await davFetch(href, { method: 'PROPFIND' });

  expect(response.status).toBe(status);
  expect(response.headers.get('etag')).toBe('"1"');
  expect(await response.text()).toBe('body');
});

test('204 comes back without a body', async () => {
  const davFetch = tunedFetch(world(answer(204)), { system: 'nextcloud', baseUrl });

  const response = await davFetch(href, { method: 'DELETE', headers: { 'if-match': '"1"' } });

  expect([response.status, await response.text()]).toEqual([204, '']);
});

test.each([
  [answer(401), VendorSignInFailed],
  [answer(429), VendorRateLimited],
  [answer(503), VendorUnavailable],
  [answer(507), VendorUnavailable],
  [broken('ECONNRESET'), VendorUnavailable],
])('nobody can go on after %o', async (step, kind) => {
  const davFetch = tunedFetch(world(step), { system: 'nextcloud', baseUrl });

  await expect(davFetch(href, { method: 'PROPFIND' })).rejects.toBeInstanceOf(kind);
});

test('a conditional PUT is repeated with the same bytes, counted each time; one without a condition is not', async () => {
  const deps = world(answer(503), answer(201));
  const davFetch = tunedFetch(deps, { system: 'nextcloud', baseUrl });
  const put = { method: 'PUT', body: 'BEGIN:VCALENDAR', headers: { 'If-None-Match': '*', 'content-type': 'text/calendar; charset=utf-8' } };

  const response = await davFetch(href, put);

  expect(response.status).toBe(201);
  const bytes = new TextEncoder().encode('BEGIN:VCALENDAR');
  expect(deps.seen.map(({ body }) => body)).toEqual([bytes, bytes]);
  expect(deps.seen[1]?.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
  expect(deps.calls.totals()).toEqual({ nextcloud: 2 });
  const once = world(answer(503));
  await expect(tunedFetch(once, { system: 'nextcloud', baseUrl })(href, { method: 'PUT', body: 'x' })).rejects.toBeInstanceOf(VendorUnavailable);
  expect(once.seen).toHaveLength(1);
});

test('a link to another server gets neither the request nor the credentials', async () => {
  const deps = world(answer(207));
  const davFetch = tunedFetch(deps, { system: 'nextcloud', baseUrl });

  const lured = davFetch('https://elsewhere.example/remote.php/dav/', { method: 'PROPFIND', headers: { authorization: 'Basic eA==' } });

  await expect(lured).rejects.toBeInstanceOf(VendorRejected);
  expect(deps.seen).toHaveLength(0);
});

test('a long question may have a longer time limit', async () => {
  const deps = world(hang);
  const davFetch = tunedFetch(deps, {
    system: 'nextcloud',
    baseUrl,
    retry: { limit: 0 },
    timeoutMsOf: (method) => (method === 'REPORT' ? 60_000 : undefined),
  });
  const startedAt = deps.clock.now();

  await expect(davFetch(href, { method: 'REPORT', body: '<x/>' })).rejects.toBeInstanceOf(VendorUnavailable);

  expect(deps.clock.now() - startedAt).toBe(60_000);
});

test('an error names the method, not the href', async () => {
  const davFetch = tunedFetch(world(answer(429)), { system: 'nextcloud', baseUrl });

  const error = await davFetch(href, { method: 'PROPFIND' }).catch((thrown: unknown) => thrown);

  expect(String(error)).toBe('VendorRateLimited: nextcloud asks us to slow down at PROPFIND (429)');
});

test('a vendor that means a long time by a 429 without a word is asked once, and left alone for that time', async () => {
  const deps = world(answer(429), answer(207));
  const davFetch = tunedFetch(deps, { system: 'nextcloud', baseUrl, silentWaitMs: 600_000 });

  const error = await davFetch(href, { method: 'PROPFIND' }).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ code: 'E_RATE_LIMITED', retryAt: deps.clock.now() + 600_000 });
  expect(deps.seen).toHaveLength(1);
});
