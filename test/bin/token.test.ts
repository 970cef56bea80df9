/** `concord token`: what it signs is what a hub with the same secret accepts, and no other. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { addToken } from '../../bin/commands/token.ts';
import { manualClock, systemClock } from '../../shared/base/clock.ts';
import { readConfig } from '../../shared/base/config.ts';
import { callerOf } from '../../shared/hub/api/sign-in.ts';
import { localSecrets } from '../../shared/hub/api/local-api.ts';
import { localHub } from '../../shared/hub/local.ts';
import { inside } from './inside.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function aPlace(more: { readonly [name: string]: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'concord-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const env = { CONCORD_STATE: join(folder, 'state'), ...more };
  const who = async (token: string, afterMs = 0) => {
    const hub = localHub({ config: readConfig({ env }) });
    try {
      const secrets = localSecrets(hub, env);
      return await callerOf({ clock: manualClock(systemClock.now() + afterMs), secrets: async () => secrets })({ method: 'GET', path: '/', query: {}, headers: { authorization: `Bearer ${token}` }, body: new Uint8Array(), isTooLarge: false, requestId: 'r' });
    } finally {
      hub.close();
    }
  };
  return { folder, env, who, token: async (...args: readonly string[]) => (await inside(addToken, { folder, env }, ['token', ...args])).out.trim() };
}

test('with the secret of the state folder, made when it is first needed and readable to its owner only', async () => {
  const place = aPlace();

  const [first, second] = [await place.token('--role', 'admin', '--name', 'ada'), await place.token()];
  const file = join(place.env.CONCORD_STATE, 'jwt-secret');

  expect(await place.who(first)).toEqual({ name: 'ada', roles: ['admin'], kind: 'token' });
  expect(await place.who(second)).toEqual({ name: 'concord token', roles: ['viewer'], kind: 'token' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(first + second).not.toContain(readFileSync(file, 'utf8').trim());
});

test('with CONCORD_JWT_SECRET where it is set, and then the secret of the folder opens nothing', async () => {
  const place = aPlace();
  const withSecret = aPlace({ CONCORD_STATE: place.env.CONCORD_STATE, CONCORD_JWT_SECRET: 'x'.repeat(48) });

  const [folders, sites] = [await place.token(), await withSecret.token('--role', 'admin,viewer')];

  expect(await withSecret.who(sites)).toMatchObject({ roles: ['admin', 'viewer'] });
  expect(await withSecret.who(folders)).toBeUndefined();
});

test('for as long as it was asked for', async () => {
  const place = aPlace();

  const { token, roles, validUntil } = JSON.parse(await place.token('--role', 'data_ops', '--for', '30m', '--json'));

  expect(roles).toEqual(['data_ops']);
  expect(Date.parse(validUntil) - systemClock.now()).toBeGreaterThan(29 * 60_000);
  expect(await place.who(token, 29 * 60_000)).toBeDefined();
  expect(await place.who(token, 31 * 60_000)).toBeUndefined();
});

test('a role that there is not, and a state that no other process knows, are refused', async () => {
  const place = aPlace();

  await expect(place.token('--role', 'root')).rejects.toThrow(/admin, data_ops, viewer/);
  await expect(aPlace({ CONCORD_STATE: ':memory:' }).token()).rejects.toThrow(/CONCORD_JWT_SECRET/);
});
