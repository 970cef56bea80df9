/** What goes out to a token endpoint, and the address of the consent. What comes back: oauth.test.ts. */
import { describe, expect, test } from 'vitest';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { authorizeUrl, tokenEndpoint } from '../../shared/http/oauth-endpoint.ts';
import { given, tokenUrl } from './token-samples.ts';
import { answer, world } from './stubs.ts';

const grant = { refreshToken: 'refresh-0', preserve: false };

describe('a request', () => {
  test('is one form with the application in its header, encoded as the standard wants it', async () => {
    const deps = world(given(1));

    await tokenEndpoint(deps, { system: 'sky', tokenUrl }).refresh({ id: 'an app', secret: 'a:b+c%' }, grant);

    const [seen] = deps.seen;
    expect(seen).toMatchObject({ method: 'POST', url: tokenUrl, body: 'grant_type=refresh_token&refresh_token=refresh-0' });
    expect(seen?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(atob(seen?.headers.get('authorization')?.replace('Basic ', '') ?? '')).toBe('an+app:a%3Ab%2Bc%25');
    expect(deps.calls.totals()).toEqual({ sky: 1 });
  });

  test('names an application without a secret in the form', async () => {
    const deps = world(given(1));

    await tokenEndpoint(deps, { system: 'sky', tokenUrl }).exchange({ id: 'an-app', secret: undefined }, { code: 'the-code', redirectUri: 'http://localhost:8787/oauth/sky/callback' });

    expect(Object.fromEntries(new URLSearchParams(String(deps.seen[0]?.body)))).toEqual({ grant_type: 'authorization_code', code: 'the-code', redirect_uri: 'http://localhost:8787/oauth/sky/callback', client_id: 'an-app' });
    expect(deps.seen[0]?.headers.has('authorization')).toBe(false);
  });

  test('is never sent twice by itself, whatever is answered', async () => {
    for (const status of [408, 429, 502, 503, 504]) {
      const deps = world(answer(status), given(1));

      await expect(tokenEndpoint(deps, { system: 'sky', tokenUrl }).refresh({ id: 'an-app', secret: 's' }, grant)).rejects.toMatchObject({ vendor: 'sky', call: 'POST /token' });

      expect(deps.seen).toHaveLength(1);
    }
  });

  test('does not go out in the clear', () => {
    expect(() => tokenEndpoint(world(given(1)), { system: 'sky', tokenUrl: 'http://oauth.example.org/token' })).toThrow(ConfigurationInvalid);
  });
});

test('the address of the consent carries what the vendor needs, and keeps what stands in it', () => {
  const url = new URL(authorizeUrl('https://app.example.org/oauth/authorize?tenant=7', { clientId: 'the-app', redirectUri: 'https://hub.example.org/oauth/sky/callback', state: 'a-state' }));

  expect(url.origin + url.pathname).toBe('https://app.example.org/oauth/authorize');
  expect(Object.fromEntries(url.searchParams)).toEqual({ tenant: '7', response_type: 'code', client_id: 'the-app', redirect_uri: 'https://hub.example.org/oauth/sky/callback', state: 'a-state' });
});
