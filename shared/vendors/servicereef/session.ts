/**
 * Signs in to ServiceReef with an organisation's APP ID and KEY (client credentials; no refresh token): the token is kept in this process, renewed
 * before its end, and once where it is refused. Each worker may have its own.
 */
import * as z from 'zod/mini';
import { ConfigurationInvalid } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import type { HttpClient } from '../../http/client.ts';
import { sessionToken, type IssuedToken, type SessionToken } from '../../http/session-token.ts';
import { tokenCall } from './refusals.ts';

export interface ReefKeys {
  readonly appId: string;
  readonly appSecret: string;
}

const tokenAnswer = z.object({ access_token: z.string().check(z.minLength(1)), expires_in: z.nullish(z.number()) });

/** @throws ConfigurationInvalid for an empty key. */
export function reefSession({ clock, http }: { readonly clock: Clock; readonly http: HttpClient }, { appId, appSecret }: ReefKeys): SessionToken<IssuedToken> {
  if (appId.trim() === '' || appSecret.trim() === '') throw new ConfigurationInvalid(['the app id or secret of servicereef is empty']);
  return sessionToken({
    clock,
    async signIn() {
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: appId, client_secret: appSecret }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      // Safe to repeat: a further token leaves the others good (assumed).
      const answer = await http.json({ call: tokenCall, method: 'POST', path: '/OAuth/Token', headers, body, safe: true }, tokenAnswer);
      return { value: answer.access_token, endsAt: typeof answer.expires_in === 'number' ? clock.now() + answer.expires_in * 1000 : undefined };
    },
  });
}
