/** Who may do what: every route of the table with every kind of caller, and every way in which a token or key does not hold. */
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../shared/base/log.ts';
import { controlPlane } from '../../../shared/hub/api/control-plane.ts';
import { routes } from '../../../shared/hub/api/routes.ts';
import type { Role, Route } from '../../../shared/hub/api/route.ts';
import { apiSecretsIn, signToken } from '../../../shared/hub/api/sign-in.ts';
import type { ControlPlane } from '../../../shared/hub/api/plane.ts';
import { askingHandlers, servedHub, type Sent } from './served.ts';

const letters = (letter: string): string => letter.repeat(48);
const env = { CONCORD_API_KEY: letters('k'), CONCORD_API_KEY_NEXT: letters('n') };
const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function aHub(more: { readonly [name: string]: string } = {}) {
  const hub = servedHub({ env: { ...env, ...more }, wrapHost: (host) => ({ ...host, start: async () => ({ kind: 'reports', reports: [] }) }) });
  cleanups.push(() => hub.close());
  return hub;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as somebody might make it by hand. */
function handmade(secret: string, said: object, header: object = { alg: 'HS256', typ: 'JWT' }, algorithm = 'sha256'): string {
  const signed = `${base64(header)}.${base64(said)}`;
  return `Bearer ${signed}.${createHmac(algorithm, secret).update(signed).digest('base64url')}`;
}

type Hub = ReturnType<typeof aHub>;

function claims({ clock }: Hub, more: object = {}): object {
  const now = Math.floor(clock.now() / 1000);
  return { iss: 'concord', aud: 'concord-api', sub: 'ada', roles: ['admin'], iat: now, exp: now + 3600, ...more };
}

/** Nobody of these is anybody. */
const strangers: { readonly [name: string]: (hub: Hub) => Sent | Promise<Sent> } = {
  'nobody': () => ({}),
  'an empty header': () => ({ authorization: '' }),
  'another scheme': ({ jwtSecret }) => ({ authorization: `Basic ${jwtSecret}` }),
  'the secret itself': ({ jwtSecret }) => ({ authorization: `Bearer ${jwtSecret}` }),
  'a bad signature': (hub) => ({ authorization: handmade(letters('x'), claims(hub)) }),
  'a token and more': async ({ token }) => ({ authorization: `${await token('admin')} more` }),
  'claims changed after signing': async ({ token }) => ({ authorization: (await token('viewer')).replace(/\.[^.]+\./, `.${base64({ roles: ['admin'] })}.`) }),
  'an expired token': (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub, { exp: Math.floor(hub.clock.now() / 1000) - 60 })) }),
  'a token that never ends': (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub, { exp: undefined })) }),
  'a token not valid yet': (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub, { nbf: Math.floor(hub.clock.now() / 1000) + 60 })) }),
  'a token for another audience': (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub, { aud: 'somebody-else' })) }),
  'a token from another issuer': (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub, { iss: 'somebody-else' })) }),
  'a token of nobody': (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub, { sub: undefined })) }),
  'a token whose roles are a text': (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub, { roles: 'admin' })) }),
  'algorithm none': (hub) => ({ authorization: `Bearer ${base64({ alg: 'none', typ: 'JWT' })}.${base64(claims(hub))}.` }),
  'another algorithm with the right secret': (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub), { alg: 'HS512', typ: 'JWT' }, 'sha512') }),
  'a key that is none': () => ({ headers: { 'x-api-key': letters('z') } }),
  'the beginning of a key': () => ({ headers: { 'x-api-key': letters('k').slice(1) } }),
  'an empty key': () => ({ headers: { 'x-api-key': '' } }),
  'a bad token beside a good key': (hub) => ({ authorization: handmade(letters('x'), claims(hub)), headers: { 'x-api-key': letters('k') } }),
};

/** And these have roles. */
const known: { readonly [name: string]: { readonly roles: readonly Role[]; readonly sent: (hub: Hub) => Sent | Promise<Sent> } } = {
  'a viewer': { roles: ['viewer'], sent: async ({ token }) => ({ authorization: await token('viewer') }) },
  'somebody without a role': { roles: [], sent: async ({ token }) => ({ authorization: await token() }) },
  'somebody with a role that there is not': { roles: [], sent: (hub) => ({ authorization: handmade(hub.jwtSecret, claims(hub, { roles: ['root', 7] })) }) },
  'data_ops': { roles: ['data_ops'], sent: async ({ token }) => ({ authorization: await token('data_ops') }) },
  'an admin': { roles: ['admin'], sent: async ({ token }) => ({ authorization: await token('admin') }) },
  'both': { roles: ['viewer', 'admin'], sent: async ({ token }) => ({ authorization: await token('viewer', 'admin') }) },
  'the old key': { roles: ['data_ops'], sent: () => ({ headers: { 'x-api-key': letters('k') } }) },
  'the next key': { roles: ['data_ops'], sent: () => ({ headers: { 'x-api-key': letters('n') } }) },
};

const lineOf = ({ method, path }: Route<ControlPlane>): string => `${method} ${path.replace('{connector}', 'directus-nextcloud').replaceAll(/\{id\+?\}/g, 'no-such-thing')}`;

describe.each(routes.map((route) => ({ line: lineOf(route), route })))('$line', ({ line, route }) => {
  test.each(Object.keys(strangers))(`${route.who === 'public' ? 'answers' : 'refuses'} %s`, async (name) => {
    const hub = aHub();

    const { status } = await hub.ask(line, await strangers[name]?.(hub));

    expect(status).toBe(route.who === 'public' ? 200 : 401);
  });

  test.each(Object.keys(known))('knows what %s may do', async (name) => {
    const hub = aHub();
    const { roles = [], sent } = known[name] ?? {};
    const mayDo = route.who === 'public' || route.who === 'signed-in' || (typeof route.who !== 'string' && route.who.some((role) => roles.includes(role)));

    const { status } = await hub.ask(line, await sent?.(hub));

    // What it answers is another matter: here it counts that it was not sent away, or was.
    expect(mayDo ? [401, 403].includes(status) : status).toBe(mayDo ? false : 403);
  });
});

test('nothing but health is public, and nothing that changes anything is for viewers', () => {
  expect(routes.filter(({ who }) => who === 'public').map(({ path }) => path)).toEqual(['/health']);
  expect(routes.filter(({ method, who }) => method === 'POST' && (typeof who === 'string' || who.includes('viewer')))).toEqual([]);
  expect(routes.filter(({ who }) => Array.isArray(who) && !who.includes('data_ops')).map(({ path }) => path)).toEqual(['/api/sync/reset']);
});

test('an address that is in no table is nobody\'s, also for an admin', async () => {
  const hub = aHub();
  const authorization = await hub.token('admin');

  const statuses = await Promise.all(['GET /', 'GET /api', 'GET /api/sync', 'GET /health/', 'DELETE /api/sync/status', 'POST /api/sync/status', 'GET /api/sync/trigger'].map(async (line) => (await hub.ask(line, { authorization })).status));

  expect(statuses).toEqual([404, 404, 404, 404, 405, 405, 405]);
});

test('machines have the roles that the site gives them', async () => {
  const hub = aHub({ CONCORD_API_KEY_ROLES: 'viewer' });
  const headers = { 'x-api-key': letters('k') };

  const statuses = await Promise.all(['GET /api/sync/status', 'POST /api/sync/trigger'].map(async (line) => (await hub.ask(line, { headers })).status));

  expect(statuses).toEqual([200, 403]);
});

test('a secret that is changed while it runs counts from then on, and old tokens do not', async () => {
  const hub = aHub();
  let jwtSecret = letters('a');
  const { memories, configured, isDead } = hub.hub.remembered;
  const ask = askingHandlers(controlPlane({ clock: hub.clock, log: silentLog, memories, configured, isDead, host: hub.host, secrets: async () => ({ jwtSecret, apiKeys: [], keyRoles: [] }) }));
  const signedWith = async (secret: string): Promise<Sent> => ({ authorization: `Bearer ${await signToken(secret, { roles: ['viewer'], name: 'ada', nowMs: hub.clock.now(), forMs: 60_000 })}` });
  const [before, after] = [await signedWith(letters('a')), await signedWith(letters('b'))];

  const first = [(await ask('GET /api/sync/status', before)).status, (await ask('GET /api/sync/status', after)).status];
  jwtSecret = letters('b');
  const then = [(await ask('GET /api/sync/status', before)).status, (await ask('GET /api/sync/status', after)).status];

  expect(first).toEqual([200, 401]);
  expect(then).toEqual([401, 200]);
});

test('secrets that are too short, and roles that there are not, are refused by name', () => {
  const wrong = { CONCORD_JWT_SECRET: 'short', CONCORD_API_KEY: 'short', CONCORD_API_KEY_NEXT: 'short', CONCORD_API_KEY_ROLES: 'data_ops, root' };

  expect(() => apiSecretsIn(wrong)).toThrow(/CONCORD_JWT_SECRET .*CONCORD_API_KEY .*CONCORD_API_KEY_NEXT .*CONCORD_API_KEY_ROLES/);
  expect(apiSecretsIn({})).toEqual({ jwtSecret: undefined, apiKeys: [], keyRoles: ['data_ops'] });
});
