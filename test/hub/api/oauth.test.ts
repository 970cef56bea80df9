/** Signing in over HTTP: who may begin it, what comes back, and where the tokens are afterwards. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { manualClock } from '../../../shared/base/clock.ts';
import { readConfig } from '../../../shared/base/config.ts';
import type { Log } from '../../../shared/base/log.ts';
import { localApi, localSecrets } from '../../../shared/hub/api/local-api.ts';
import type { Role } from '../../../shared/hub/api/route.ts';
import { signToken } from '../../../shared/hub/api/sign-in.ts';
import { credentialStore } from '../../../shared/hub/credentials.ts';
import { localHub } from '../../../shared/hub/local.ts';
import { localHost } from '../../../shared/hub/local-host.ts';
import { simulatedSky, skyApp, skyEntry, skyFactory } from '../../samples/sky.ts';
import { askingHandlers } from './served.ts';

const redirectUri = 'http://localhost:8787/oauth/sky/callback';
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

function aHub(env: { readonly [name: string]: string } = {}) {
  const state = mkdtempSync(join(tmpdir(), 'concord-test-'));
  cleanups.push(() => rmSync(state, { recursive: true, force: true }));
  const clock = manualClock();
  const sky = simulatedSky(clock);
  const lines: string[] = [];
  const told = (facts: object, message: string): void => void lines.push(`${JSON.stringify(facts)} ${message}`);
  const log: Log = { debug: told, info: told, warn: told, error: told };
  const config = readConfig({ env: { ...skyApp, SKY_REDIRECT_URI: redirectUri, CONCORD_STATE: state, ...env } });
  const hub = localHub({ config, clock, log, fetch: sky.fetch, secrets: credentialStore(config, [skyEntry]), entries: [skyEntry], factories: [skyFactory] });
  cleanups.push(() => hub.close());
  const ask = askingHandlers(localApi({ hub, host: localHost({ hub, clock, log }), clock, log, variables: config.variables }));
  const token = async (...roles: readonly Role[]) => `Bearer ${await signToken(localSecrets(hub, config.variables).jwtSecret, { roles, name: 'ada', nowMs: clock.now(), forMs: 3_600_000 })}`;
  /** As an admin. @returns the page of consent. */
  const begun = async (): Promise<string> => (await ask('GET /oauth/sky/start', { authorization: await token('admin') })).headers['location'] ?? '';
  const back = (address: string) => ask(`GET ${address.replace('http://localhost:8787', '')}`);
  return { clock, sky, hub, lines, ask, token, begun, back, kept: () => JSON.parse(readFileSync(join(state, 'secrets.json'), 'utf8'))[skyEntry.id] };
}

describe('a sign-in', () => {
  test('leads an admin to the page of consent, comes back without a token of ours, and the next run goes on', async () => {
    const { sky, hub, begun, back, kept } = aHub();
    const before = await hub.run(skyEntry.id);

    const url = await begun();
    const { status, body } = await back(sky.consentAt(url));
    const after = await hub.run(skyEntry.id);

    expect(new URL(url).origin).toBe('https://app.sky.example.org');
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ client_id: 'the-app', redirect_uri: redirectUri, state: expect.stringMatching(/^[\w-]{43}$/) });
    expect([status, body]).toEqual([200, { connector: skyEntry.id, system: 'sky', state: 'signed in', next: expect.stringContaining('next run') }]);
    expect(kept()).toMatchObject({ SKY_ACCESS_TOKEN: expect.stringMatching(/^access-/), SKY_REFRESH_TOKEN: expect.stringMatching(/^refresh-/) });
    expect([before.state, after.state]).toEqual(['paused', 'finished']);
  });

  test('tells a script the address instead of leading it there', async () => {
    const { ask, token } = aHub();

    const { status, body, headers } = await ask('GET /oauth/sky/start', { authorization: await token('admin'), headers: { accept: 'application/json' } });

    expect([status, body, headers['location']]).toEqual([200, { authorizeUrl: expect.stringContaining('https://app.sky.example.org/oauth/authorize?'), validUntil: '2026-11-23T09:10:00.000Z' }, undefined]);
  });

  test('goes to another host where a variable says so, on both ways', async () => {
    const { sky, begun, back } = aHub({ SKY_OAUTH_BASE_URL: 'http://127.0.0.1:9/sky/' });

    const url = await begun();
    await back(sky.consentAt(url));

    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:9\/sky\/oauth\/authorize\?/);
    expect(sky.calls).toEqual(['/sky/token']);
  });

  test('leaves neither code, state nor token in the log', async () => {
    const { sky, begun, back, lines } = aHub();

    const address = sky.consentAt(await begun());
    await back(address);

    const { searchParams } = new URL(address);
    expect(lines.join('\n')).toContain('"end":"signed in"');
    for (const secret of [searchParams.get('state') ?? '', searchParams.get('code') ?? '', 'access-', 'refresh-', 'the-app-secret']) expect(lines.join('\n')).not.toContain(secret);
  });
});

describe('who may begin it', () => {
  test.each([[[], 403], [['viewer'], 403], [['data_ops'], 403], [['admin'], 302]] as const)('%j: %i', async (roles, status) => {
    const { ask, token } = aHub();

    expect((await ask('GET /oauth/sky/start', { authorization: await token(...roles) })).status).toBe(status);
  });

  test('nobody without a token, and no machine, whose key is no admin', async () => {
    const { ask } = aHub({ CONCORD_API_KEY: 'k'.repeat(40) });

    expect([(await ask('GET /oauth/sky/start')).status, (await ask('GET /oauth/sky/start', { headers: { 'x-api-key': 'k'.repeat(40) } })).status]).toEqual([401, 403]);
  });
});

const stateIn = (url: string): string => new URL(url).searchParams.get('state') ?? '';

describe('what comes back', () => {
  test.each([['nothing', ''], ['a guessed state', '?state=guessed&code=code-1'], ['a code alone', '?code=code-1']])('with %s is refused, and the vendor is not asked', async (_what, query) => {
    const { sky, begun, back } = aHub();
    await begun();

    const { status, body } = await back(`/oauth/sky/callback${query}`);

    expect([status, body.code, sky.calls]).toEqual([400, 'E_STATE', []]);
  });

  test('a second time, or after ten minutes, is refused', async () => {
    const { clock, sky, begun, back } = aHub();
    const address = sky.consentAt(await begun());
    const late = sky.consentAt(await begun());

    const first = await back(address);
    const second = await back(address);
    clock.advance(10 * 60_000);
    const tooLate = await back(late);

    expect([first, second, tooLate].map(({ status }) => status)).toEqual([200, 400, 400]);
  });

  test('without consent, with a code that is not accepted, or for an application that is not, it says which of them', async () => {
    const { begun, back } = aHub();
    const other = aHub({ SKY_CLIENT_SECRET: 'another one' });

    const denied = await back(`/oauth/sky/callback?state=${stateIn(await begun())}&error=access_denied`);
    const badCode = await back(`/oauth/sky/callback?state=${stateIn(await begun())}&code=made-up`);
    const badApp = await other.back(`/oauth/sky/callback?state=${stateIn(await other.begun())}&code=code-1`);

    expect([denied, badCode, badApp].map(({ status, body }) => [status, body.code, body.detail])).toEqual([
      [400, 'E_CONSENT', expect.stringContaining('access_denied')], [502, 'E_SIGN_IN', expect.stringContaining('code is not accepted')], [502, 'E_SIGN_IN', expect.stringContaining('secret of the application')],
    ]);
  });
});

test('a system that nobody signs in to is not there; what is missing for one that is, and a hub that keeps nothing, are told by name', async () => {
  const { ask, token } = aHub();
  const unready = aHub({ SKY_CLIENT_ID: '', SKY_REDIRECT_URI: '', SKY_ACCESS_TOKEN: 'pasted' });
  const forgetful = aHub({ CONCORD_STATE: ':memory:' });
  const start = async (hub: ReturnType<typeof aHub>) => hub.ask('GET /oauth/sky/start', { authorization: await hub.token('admin') });

  const [unknown, missing, nowhere] = [await ask('GET /oauth/directus/start', { authorization: await token('admin') }), await start(unready), await start(forgetful)];

  expect([unknown.status, missing.status, nowhere.status]).toEqual([404, 422, 422]);
  expect(missing.body.problems).toEqual([expect.stringContaining('SKY_CLIENT_ID is not set'), expect.stringContaining('SKY_REDIRECT_URI is not set')]);
  expect(nowhere.body.detail).toContain('keeps nothing');
});

test('the description of the interface tells of it where there is such a system', async () => {
  const { ask, token } = aHub();

  const { body } = await ask('GET /api/openapi.json', { authorization: await token('viewer') });

  expect(body.paths['/oauth/{system}/start'].get).toMatchObject({ description: 'For the roles admin.', security: [{ token: [] }, { key: [] }] });
  expect(body.paths['/oauth/{system}/callback'].get).toMatchObject({ security: [], description: expect.stringContaining('comes back from a sign-in') });
});
