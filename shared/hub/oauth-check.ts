/**
 * What `doctor` says of the tokens of a system with OAuth: whether they renew themselves, and for how long that will go well. No call is
 * made; whether they are accepted is the connector's own check.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { warnMs, type OAuthTokens } from '../http/oauth.ts';
import type { CatalogEntry } from './catalog.ts';
import { check, type Check } from './checks.ts';
import { howToSignIn, oauthOf } from './oauth-system.ts';

export function tokenCheck(entry: CatalogEntry, { tokens, variables, clock }: { readonly tokens: OAuthTokens; readonly variables: Variables; readonly clock: Clock }): Promise<Check> {
  const oauth = oauthOf(entry);
  const advice = `sign in: ${howToSignIn(oauth, variables)}`;
  return check(`Token of ${oauth.system}`, async () => {
    const { access, refresh } = await tokens.look();
    if (access === undefined && refresh === undefined) return { ok: false, detail: 'there is none yet', advice };
    if (refresh === undefined) return { ok: true, detail: 'there is no refresh token: a person puts the next access token there when this one is refused' };
    if (refresh.until === undefined) return { ok: true, detail: 'it renews itself; how long its refresh token lives is not known' };
    const detail = `it renews itself; its refresh token ends on ${new Date(refresh.until).toISOString().slice(0, 10)}`;
    return refresh.until - clock.now() > warnMs ? { ok: true, detail: `${detail}, unless it is exchanged before` } : { ok: false, detail, advice };
  });
}
