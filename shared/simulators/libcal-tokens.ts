/**
 * Who may call LibCal: one application with id and secret, and the tokens that it was given. Form and JSON are both taken; a token
 * lives an hour of the world's clock, has no refresh token, and does not end the ones before it (likely).
 */
import type { Call } from './call.ts';
import { membersOf } from './json-body.ts';
import type { LibCalSettings } from './libcal-settings.ts';
import { json } from './simulator.ts';
import { randomHex, type SimulatedWorld } from './world.ts';

export interface LibCalTokens {
  /** Answers `POST oauth/token`. */
  issue(call: Call): Response;
  /** The scopes of the token that a call carries; undefined: none, unknown, expired or revoked. */
  scopesOf(call: Call): readonly string[] | undefined;
  revokeAll(): void;
}

export function libcalTokens(world: SimulatedWorld, settings: LibCalSettings, application: { clientId: string; clientSecret: string }): LibCalTokens {
  const tokens = new Map<string, { endsAtMs: number; scopes: readonly string[] }>();
  return {
    issue(call) {
      const fields = fieldsOf(call);
      const isKnown = fields['client_id'] === application.clientId && fields['client_secret'] === application.clientSecret;
      if (!isKnown) return refused(settings.invalidClientStatus, 'invalid_client', 'The client credentials are invalid');
      if (fields['grant_type'] !== 'client_credentials') return refused(400, 'unsupported_grant_type', 'The grant type is not supported');
      if (!settings.oldTokensLive) tokens.clear();
      const token = randomHex(world.random, 40);
      tokens.set(token, { endsAtMs: world.clock.now() + settings.tokenSeconds * 1000, scopes: settings.scopes.split(' ') });
      return json(200, { access_token: token, expires_in: settings.tokenSeconds, token_type: 'Bearer', scope: settings.scopes });
    },
    scopesOf(call) {
      const sent = /^Bearer (\S+)$/i.exec(call.headers.get('authorization') ?? '')?.[1];
      const token = tokens.get(sent ?? '');
      return token !== undefined && world.clock.now() < token.endsAtMs ? token.scopes : undefined;
    },
    revokeAll: () => tokens.clear(),
  };
}

function refused(status: number, error: string, description: string): Response {
  return json(status, { error, error_description: description });
}

/** Any other content type brings no fields. */
function fieldsOf(call: Call): Readonly<Record<string, string>> {
  const isForm = (call.headers.get('content-type') ?? '').startsWith('application/x-www-form-urlencoded');
  if (isForm) return Object.fromEntries(new URLSearchParams(call.body));
  return Object.fromEntries(Object.entries(membersOf(call)).map(([name, value]) => [name, String(value)])); // an id may come as a number
}
