/**
 * Blackbaud's sign-in: the authorize page, where a person consents, and the token endpoint with its rotation. There is no client
 * credentials grant (confirmed). A refresh token that was used is dead, and with it whoever did not store the new one (likely).
 */
import { createHash } from 'node:crypto';
import type { Call } from './call.ts';
import type { SkySettings } from './sky-settings.ts';
import { json } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface SkyTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface OAuthDesk {
  readonly authorize: (call: Call) => Response;
  readonly token: (call: Call) => Response;
  readonly isLive: (accessToken: string | undefined) => boolean;
  /** Tokens as after a consent, for a client that was connected before. */
  readonly connect: () => SkyTokens;
  /** Everything that was given out is dead. */
  readonly disconnect: () => void;
}

export const clientId = 'simulated-nxt-application';
export const environmentId = 'p-simulated-environment';

interface GivenCode {
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly expiresAt: number;
}

export function oauthDesk(world: SimulatedWorld, settings: SkySettings): OAuthDesk {
  const { clock } = world;
  const codes = new Map<string, GivenCode>();
  const refreshExpiry = new Map<string, number>();
  const accessExpiry = new Map<string, number>();
  let given = 0;
  const newText = (kind: string) => `simulated-nxt-${kind}-${(given += 1)}`;

  function newAccess(): string {
    const accessToken = newText('access');
    accessExpiry.set(accessToken, clock.now() + settings.accessTokenSeconds * 1000);
    return accessToken;
  }

  function newRefresh(): string {
    const refreshToken = newText('refresh');
    refreshExpiry.set(refreshToken, clock.now() + settings.refreshTokenDays * 86_400_000);
    return refreshToken;
  }

  function answer(accessToken: string, refreshToken: string | undefined): Response {
    const expiresAt = refreshExpiry.get(refreshToken ?? '');
    return json(200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: settings.accessTokenSeconds,
      ...(expiresAt === undefined ? {} : { refresh_token: refreshToken, refresh_token_expires_in: Math.floor((expiresAt - clock.now()) / 1000) }),
      environment_id: environmentId,
      environment_name: 'Simulated Environment 1',
      legal_entity_id: 'p-simulated-entity',
      legal_entity_name: 'Open Door Missions',
      user_id: 'simulated-service-user',
      email: 'service-user@example.org',
      mode: 'Full',
    });
  }

  function byCode(form: URLSearchParams): Response {
    const code = form.get('code') ?? '';
    const found = codes.get(code);
    codes.delete(code);
    if (!found || found.expiresAt <= clock.now()) return refused('invalid_grant', 'The code is expired, used or unknown.');
    if (found.redirectUri !== form.get('redirect_uri')) return refused('invalid_grant', 'redirect_uri differs from the one of the authorization.');
    if (found.challenge !== null && found.challenge !== challengeOf(form.get('code_verifier') ?? '')) return refused('invalid_grant', 'code_verifier does not fit.');
    return answer(newAccess(), newRefresh());
  }

  function byRefresh(form: URLSearchParams): Response {
    const sent = form.get('refresh_token') ?? '';
    if ((refreshExpiry.get(sent) ?? 0) <= clock.now()) return refused('invalid_grant', 'The refresh token is expired, used or revoked.');
    if (form.get('preserve_refresh_token') === 'true') return answer(newAccess(), settings.preservingOmitsToken ? undefined : sent);
    if (settings.rotatesRefreshTokens) refreshExpiry.delete(sent);
    return answer(newAccess(), newRefresh());
  }

  function refused(error: string, description: string): Response {
    return json(settings.oauthErrorStatus, { error, error_description: description });
  }

  return {
    authorize(call) {
      const asked = call.url.searchParams;
      const redirectUri = asked.get('redirect_uri') ?? '';
      if (asked.get('client_id') !== clientId) return refused('invalid_client', 'The application is unknown.');
      if (asked.get('response_type') !== 'code') return refused('unsupported_response_type', 'Only response_type=code is supported.');
      if (!mayRedirectTo(redirectUri, settings)) return refused('invalid_redirect_uri', 'The redirect_uri is not one of the application.');
      if (settings.consent === 'connection-limit') return page(403, 'The application has reached its connection limit.');
      if (settings.consent === 'waits') return page(200, 'An application wants to connect to Simulated Environment 1. Do you consent?');
      const back = new URL(redirectUri);
      if (settings.consent === 'granted') {
        const code = newText('code');
        codes.set(code, { redirectUri, challenge: asked.get('code_challenge'), expiresAt: clock.now() + settings.codeSeconds * 1000 });
        back.searchParams.set('code', code);
      } else {
        back.searchParams.set('error', 'access_denied');
      }
      const stateSent = asked.get('state');
      if (stateSent !== null) back.searchParams.set('state', stateSent);
      return new Response(null, { status: 302, headers: { location: back.href } });
    },
    token(call) {
      const isForm = (call.headers.get('content-type') ?? '').startsWith('application/x-www-form-urlencoded');
      const form = new URLSearchParams(isForm ? call.body : '');
      const { id, secret } = credentialsIn(call, form);
      if (id !== clientId || !settings.clientSecrets.includes(secret)) return refused('invalid_client', 'The application id or secret is wrong.');
      const grant = form.get('grant_type');
      if (grant === 'authorization_code') return byCode(form);
      if (grant === 'refresh_token') return byRefresh(form);
      return refused('unsupported_grant_type', 'Only authorization_code and refresh_token are supported.');
    },
    isLive: (accessToken) => (accessExpiry.get(accessToken ?? '') ?? 0) > clock.now(),
    connect: () => ({ accessToken: newAccess(), refreshToken: newRefresh() }),
    disconnect() {
      codes.clear();
      refreshExpiry.clear();
      accessExpiry.clear();
    },
  };
}

/** From the Authorization header or from the body (both confirmed). */
function credentialsIn(call: Call, form: URLSearchParams): { id: string; secret: string } {
  const basic = /^Basic (.+)$/i.exec(call.headers.get('authorization') ?? '')?.[1];
  if (basic === undefined) return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  const [id = '', ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { id, secret: secret.join(':') };
}

function mayRedirectTo(uri: string, settings: SkySettings): boolean {
  if (!URL.canParse(uri)) return false;
  if (settings.redirectUris !== undefined) return settings.redirectUris.includes(uri);
  const { protocol, hostname } = new URL(uri);
  return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1'));
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function page(status: number, text: string): Response {
  return new Response(`<!doctype html><html><body><p>${text}</p></body></html>`, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}
