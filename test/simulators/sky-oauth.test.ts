import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { SkySettings } from '../../shared/simulators/sky-settings.ts';
import { connected } from './sky-caller.ts';

const wireTokens = z.looseObject({ access_token: z.string(), token_type: z.string(), expires_in: z.number(), refresh_token: z.string().optional() });
const redirectUri = 'https://hub.example.org/oauth/nxt/callback';
const dayMs = 86_400_000;

/** An application at Blackbaud's sign-in. */
function application(settings: Partial<SkySettings> = {}) {
  const sky = connected(settings);
  const authorize = async (changes: Record<string, string> = {}, page = sky.authorizeUrl) => {
    const query = new URLSearchParams({ client_id: sky.clientId, response_type: 'code', redirect_uri: redirectUri, state: 'a state', ...changes });
    return sky.fetch(`${page}?${query.toString()}`, { redirect: 'manual' });
  };
  const token = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const sent = {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${sky.clientId}:${sky.clientSecret}`).toString('base64')}`,
      ...headers,
    };
    return sky.fetch(`${sky.oauthUrl}/token`, { method: 'POST', headers: sent, body: new URLSearchParams(form).toString() });
  };
  const newCode = async (changes: Record<string, string> = {}) => {
    const location = (await authorize(changes)).headers.get('location') ?? '';
    return new URL(location).searchParams.get('code') ?? '';
  };
  const byCode = (code: string, more: Record<string, string> = {}) => token({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...more });
  const refresh = (refreshToken: string, more: Record<string, string> = {}) => token({ grant_type: 'refresh_token', refresh_token: refreshToken, ...more });
  const opens = async (accessToken: string) => (await sky.ask('GET', '/event/v1/eventlist', undefined, { authorization: `Bearer ${accessToken}` })).status === 200;
  return { sky, authorize, token, newCode, byCode, refresh, opens };
}

const tokensOf = async (answer: Response) => wireTokens.parse(await answer.json());
const errorOf = async (answer: Response) => {
  const { error } = z.strictObject({ error: z.string(), error_description: z.string() }).parse(await answer.json());
  return [answer.status, error];
};

describe('the authorize page', () => {
  test.each(['authorizeUrl', 'older'] as const)('a consent leads back with a code and the state: %s', async (page) => {
    const { sky, authorize } = application();

    const answer = await authorize({}, page === 'older' ? `${sky.oauthUrl}/authorization` : sky.authorizeUrl);

    const back = new URL(answer.headers.get('location') ?? '');
    expect([answer.status, back.origin + back.pathname]).toEqual([302, redirectUri]);
    expect(back.searchParams.get('state')).toBe('a state');
    expect(back.searchParams.get('code')).toBeTruthy();
  });

  test('a refusal leads back with access_denied and no code', async () => {
    const back = new URL((await application({ consent: 'denied' }).authorize()).headers.get('location') ?? '');

    expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual(['access_denied', null]);
  });

  test('without an answer the page only stands there', async () => {
    const answer = await application({ consent: 'waits' }).authorize();

    expect([answer.status, answer.headers.get('location')]).toEqual([200, null]);
  });

  test('a tenant without a free connection is told so on the page, not by a redirect', async () => {
    const answer = await application({ consent: 'connection-limit' }).authorize();

    expect(answer.headers.get('location')).toBeNull();
    expect(await answer.text()).toContain('connection limit');
  });

  test.each([
    { changes: { client_id: 'wrong' }, error: 'invalid_client' },
    { changes: { response_type: 'token' }, error: 'unsupported_response_type' },
    { changes: { redirect_uri: 'http://hub.example.org/callback' }, error: 'invalid_redirect_uri' },
    { changes: { redirect_uri: 'nowhere' }, error: 'invalid_redirect_uri' },
  ])('$changes is $error', async ({ changes, error }) => {
    expect(await errorOf(await application().authorize(changes))).toEqual([400, error]);
  });

  test('localhost may do without TLS; registered addresses have to fit exactly', async () => {
    const { sky, authorize } = application();
    const local = await authorize({ redirect_uri: 'http://localhost:8787/oauth/nxt/callback' });
    sky.settings.redirectUris = [`${redirectUri}/`];

    expect(local.status).toBe(302);
    expect(await errorOf(await authorize())).toEqual([400, 'invalid_redirect_uri']);
  });
});

describe('a code', () => {
  test('becomes tokens: an hour of access, a year of refresh, and whom they are for', async () => {
    const { sky, newCode, byCode, opens } = application();

    const tokens = await tokensOf(await byCode(await newCode()));

    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, refresh_token_expires_in: 365 * 86_400, environment_id: sky.environmentId });
    expect(await opens(tokens.access_token)).toBe(true);
  });

  test('can be used once, for five minutes, with the same redirect_uri', async () => {
    const { sky, newCode, byCode } = application();
    const used = await newCode();
    await byCode(used);
    const again = await byCode(used);
    const late = await newCode();
    const other = await newCode();
    const elsewhere = await byCode(other, { redirect_uri: `${redirectUri}?x=1` });
    sky.clock.advance(300_000);

    for (const answer of [again, await byCode(late), elsewhere]) expect(await errorOf(answer)).toEqual([400, 'invalid_grant']);
  });

  test('with a challenge wants its verifier', async () => {
    const { newCode, byCode } = application();
    const proof = { code_challenge: createHash('sha256').update('a long verifier').digest('base64url'), code_challenge_method: 'S256' };

    const without = await byCode(await newCode(proof));
    const withIt = await byCode(await newCode(proof), { code_verifier: 'a long verifier' });

    expect(await errorOf(without)).toEqual([400, 'invalid_grant']);
    expect(withIt.status).toBe(200);
  });
});

describe('tokens', () => {
  test('a refresh gives a new refresh token, and the old one is dead', async () => {
    const { sky, refresh } = application();

    const first = await tokensOf(await refresh(sky.tokens.refreshToken));
    const again = await refresh(sky.tokens.refreshToken);

    expect(first.refresh_token).not.toBe(sky.tokens.refreshToken);
    expect(await errorOf(again)).toEqual([400, 'invalid_grant']);
    expect((await refresh(first.refresh_token ?? '')).status).toBe(200);
  });

  test('whoever loses the answer of a refresh has no token any more', async () => {
    const { sky, refresh } = application();
    sky.faults.add({ kind: 'lost-answer', when: { pathPart: '/token', nth: 1 } });

    await expect(refresh(sky.tokens.refreshToken)).rejects.toThrow('fetch failed');

    expect(await errorOf(await refresh(sky.tokens.refreshToken))).toEqual([400, 'invalid_grant']);
  });

  test('each refresh opens a new year; left alone, the token dies after one', async () => {
    const { sky, refresh } = application();
    const left = sky.connect();
    sky.clock.advance(364 * dayMs);
    const renewed = await tokensOf(await refresh(sky.tokens.refreshToken));
    sky.clock.advance(2 * dayMs);

    expect(await errorOf(await refresh(left.refreshToken))).toEqual([400, 'invalid_grant']);
    expect((await refresh(renewed.refresh_token ?? '')).status).toBe(200);
  });

  test('preserve_refresh_token keeps the token and its old expiry; the answer may leave it out', async () => {
    const { sky, refresh } = application();
    const preserve = { preserve_refresh_token: 'true' };
    const silent = await tokensOf(await refresh(sky.tokens.refreshToken, preserve));
    sky.settings.preservingOmitsToken = false;
    const telling = await tokensOf(await refresh(sky.tokens.refreshToken, preserve));
    sky.clock.advance(365 * dayMs);

    expect([silent.refresh_token, telling.refresh_token]).toEqual([undefined, sky.tokens.refreshToken]);
    expect(await errorOf(await refresh(sky.tokens.refreshToken))).toEqual([400, 'invalid_grant']);
  });

  test('without rotation old refresh tokens stay good', async () => {
    const { sky, refresh } = application({ rotatesRefreshTokens: false });
    await refresh(sky.tokens.refreshToken);

    expect((await refresh(sky.tokens.refreshToken)).status).toBe(200);
  });

  test('an access token lives an hour', async () => {
    const { sky, opens } = application();
    sky.clock.advance(3_599_000);
    const before = await opens(sky.tokens.accessToken);
    sky.clock.advance(1000);

    expect([before, await opens(sky.tokens.accessToken)]).toEqual([true, false]);
  });

  test('credentials may stand in the body, and the secondary secret works', async () => {
    const { sky, token } = application();

    const answer = await token(
      { grant_type: 'refresh_token', refresh_token: sky.tokens.refreshToken, client_id: sky.clientId, client_secret: sky.settings.clientSecrets[1] ?? '' },
      { authorization: '' },
    );

    expect(answer.status).toBe(200);
  });

  test('a secret that was replaced is invalid_client, whatever the token', async () => {
    const { sky, refresh } = application();
    sky.settings.clientSecrets = ['another'];

    expect(await errorOf(await refresh(sky.tokens.refreshToken))).toEqual([400, 'invalid_client']);
  });

  test.each(['client_credentials', 'password'])('there is no grant %s', async (grant) => {
    expect(await errorOf(await application().token({ grant_type: grant }))).toEqual([400, 'unsupported_grant_type']);
  });

  test('refusals may be 401', async () => {
    expect((await application({ oauthErrorStatus: 401 }).refresh('unknown')).status).toBe(401);
  });

  test('a disconnected application has nothing that works', async () => {
    const { sky, refresh, opens } = application();

    sky.disconnect();

    expect(await opens(sky.tokens.accessToken)).toBe(false);
    expect(await errorOf(await refresh(sky.tokens.refreshToken))).toEqual([400, 'invalid_grant']);
    expect(await opens(sky.connect().accessToken)).toBe(true);
  });
});
