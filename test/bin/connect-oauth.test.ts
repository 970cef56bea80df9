/** `concord connect` for a system with OAuth: in a browser that comes back to this machine, or by a token that is pasted. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { addConnect } from '../../bin/commands/connect.ts';
import { systemClock, type Clock } from '../../shared/base/clock.ts';
import { ConfigurationInvalid, VendorSignInFailed } from '../../shared/base/errors.ts';
import { signIn } from '../../shared/hub/connector-factory.ts';
import { simulatedSky, skyApp, skyEntry, skyFactory } from '../samples/sky.ts';
import { freePort } from '../real/servers/processes.ts';
import { inside, type Inside } from './inside.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function aDesk(env: { readonly [name: string]: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'concord-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const redirectUri = `http://localhost:${port}/oauth/sky/callback`;
  const sky = simulatedSky(systemClock);
  const variables = { ...skyApp, SKY_REDIRECT_URI: redirectUri, CONCORD_STATE: join(folder, 'state'), ...env };
  const connect = (args: readonly string[], place: Partial<Inside> = {}) =>
    inside((program, context) => addConnect(program, context, { entries: [skyEntry], signIn: (entry, system, parts) => signIn(skyFactory, entry, system, parts) }), { folder, env: variables, fetch: sky.fetch, ...place }, ['connect', 'sky', ...args]);
  return { sky, redirectUri, port, connect, kept: () => JSON.parse(readFileSync(join(folder, 'state/secrets.json'), 'utf8'))[skyEntry.id], mode: () => statSync(join(folder, 'state/secrets.json')).mode & 0o777 };
}

/** Follows the first address that is printed to the page of consent, as `browser` says. */
function browsing(browser: (url: string) => Promise<unknown>) {
  const went = Promise.withResolvers<unknown>();
  let hasBegun = false;
  return {
    went: went.promise,
    heard: (text: string): void => {
      const [url] = /https:\/\/app\.sky\S+/.exec(text) ?? [];
      if (url === undefined || hasBegun) return;
      hasBegun = true;
      browser(url).then(went.resolve, went.reject);
    },
  };
}

const visit = async (address: string): Promise<{ readonly status: number; readonly text: string }> => {
  const answer = await fetch(address);
  return { status: answer.status, text: await answer.text() };
};

describe('in a browser', () => {
  test('the address is printed, the browser comes back, both tokens are kept for their owner only, and one call tries them', async () => {
    const { sky, redirectUri, connect, kept, mode } = await aDesk();
    const { heard, went } = browsing((url) => visit(sky.consentAt(url)));

    const ended = await connect(['--json'], { heard });

    expect(await went).toEqual({ status: 200, text: 'Signed in. You can close this page.\n' });
    expect(JSON.parse(ended.out)).toEqual({ system: 'sky', variable: 'SKY_ACCESS_TOKEN', checked: true, kept: true });
    expect(ended.err).toContain(`redirect_uri=${encodeURIComponent(redirectUri)}`);
    expect(kept()).toMatchObject({ SKY_ACCESS_TOKEN: expect.stringMatching(/^access-/), SKY_REFRESH_TOKEN: expect.stringMatching(/^refresh-/) });
    expect([sky.calls, mode()]).toEqual([['/token', '/things'], 0o600]);
    expect(ended.out + ended.err).not.toMatch(/access-\d|refresh-\d|the-app-secret/);
  });

  test('somebody else’s state is refused and waited on; whatever else is asked for is not there', async () => {
    const { sky, redirectUri, connect } = await aDesk();
    const { heard, went } = browsing(async (url) => [
      await visit(`${redirectUri}?state=guessed&code=${sky.vendor.consentCode()}`), await visit(redirectUri), await visit(new URL('/secrets.json', redirectUri).href), await visit(sky.consentAt(url)),
    ]);

    await connect([], { heard });

    expect(await went).toMatchObject([{ status: 400 }, { status: 400 }, { status: 404 }, { status: 200 }]);
  });

  test('a person who says no there, and a code that is not accepted, end it with 5, and nothing is kept', async () => {
    for (const query of ['error=access_denied', 'code=made-up']) {
      const { redirectUri, connect, kept } = await aDesk();
      const { heard, went } = browsing((url) => visit(`${redirectUri}?state=${new URL(url).searchParams.get('state')}&${query}`));

      await expect(connect([], { heard })).rejects.toBeInstanceOf(VendorSignInFailed);

      expect(await went).toMatchObject({ status: 400 });
      expect(kept).toThrow('ENOENT');
    }
  });

  test('after ten minutes without anybody it ends', async () => {
    const { connect } = await aDesk();
    const slept: number[] = [];
    const clock: Clock = { ...systemClock, sleep: async (ms, signal) => {
      if (ms < 60_000) return systemClock.sleep(ms, signal);
      slept.push(ms);
    } };

    await expect(connect([], { clock })).rejects.toThrow('nobody came back within ten minutes');
    expect(slept[0]).toBeGreaterThan(599_000);
  });

  test('a port that somebody else has is told, with what to do', async () => {
    const { port, connect } = await aDesk();
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    cleanups.push(() => taken.close());

    await expect(connect([])).rejects.toThrow(`port ${port} cannot be listened on`);
  });

  test.each([['SKY_CLIENT_ID', '', 'SKY_CLIENT_ID is not set'], ['SKY_REDIRECT_URI', 'https://hub.example.org/oauth/sky/callback', 'does not lead to this machine'], ['CONCORD_STATE', ':memory:', 'nothing can be kept']])('where %s is "%s" it cannot be done, by name', async (name, value, message) => {
    const { connect } = await aDesk({ [name]: value });

    await expect(connect(['--browser'])).rejects.toThrow(message);
  });
});

describe('a token that is pasted', () => {
  test('from standard input is tried with one call and kept; no refresh token is needed, and none is made up', async () => {
    const { sky, connect, kept } = await aDesk();
    const { access } = sky.vendor.consent();

    const ended = await connect(['--token-stdin'], { input: `${access}\n` });

    expect([ended.code, ended.out]).toEqual([0, expect.stringContaining('sky has accepted it')]);
    expect([kept(), sky.calls]).toEqual([{ SKY_ACCESS_TOKEN: access }, ['/things']]);
  });

  test('at a terminal is asked for without echo, also by default where a browser cannot be used', async () => {
    for (const [args, env] of [[['--paste'], {}], [[], { SKY_CLIENT_ID: '' }]] as const) {
      const { sky, connect, kept } = await aDesk(env);
      const { access } = sky.vendor.consent();

      const ended = await connect(args, { answers: [access] });

      expect(ended.asked).toEqual([expect.stringContaining('access token of Sky (it is not shown)')]);
      expect(kept()).toEqual({ SKY_ACCESS_TOKEN: access });
    }
  });

  test('may be the whole answer of the token endpoint, with its refresh token', async () => {
    const { sky, connect, kept } = await aDesk();
    const { access, refresh } = sky.vendor.consent();

    await connect(['--token-stdin'], { input: JSON.stringify({ access_token: access, refresh_token: refresh, expires_in: 3600 }) });

    expect(kept()).toMatchObject({ SKY_ACCESS_TOKEN: access, SKY_REFRESH_TOKEN: refresh, SKY_ACCESS_TOKEN_FACTS: expect.stringContaining('until') });
  });

  test('that is refused is not kept, and no refresh token is spent on it', async () => {
    const { sky, connect, kept } = await aDesk({ SKY_REFRESH_TOKEN: 'refresh-of-the-environment' });

    await expect(connect(['--token-stdin'], { input: 'made-up' })).rejects.toBeInstanceOf(VendorSignInFailed);

    expect(sky.calls).toEqual(['/things']);
    expect(kept).toThrow('ENOENT');
  });

  test.each([['two words', 'two words', 'more than one word'], ['an answer without a token', '{"error":"hush"}', 'no token'], ['half an answer', '{"access_token":"hush', 'no token'], ['nothing', '\n', 'nothing was given']])('that is %s is refused without being quoted', async (_what, input, message) => {
    const { connect } = await aDesk();

    const error: unknown = await connect(['--token-stdin'], { input }).catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(ConfigurationInvalid);
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain('hush');
  });

  test('two ways at once, and a browser for a system without one, are refused; without a terminal it says what to do', async () => {
    const { connect } = await aDesk({ SKY_CLIENT_ID: '' });

    await expect(connect(['--paste', '--browser'])).rejects.toThrow('say one of');
    await expect(connect([])).rejects.toThrow('--token-stdin');
    await expect(inside(addConnect, { folder: tmpdir(), env: {} }, ['connect', 'directus', '--browser'])).rejects.toThrow('no sign-in in a browser');
  });
});
