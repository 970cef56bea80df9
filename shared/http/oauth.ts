/**
 * The access token of a vendor with OAuth 2.0 (authorization code, rotating refresh tokens), as a client uses it: from the connector's secret
 * until shortly before it ends or the vendor refuses it, then renewed (oauth-renewal.ts). Without a refresh token it works as well: a token that a
 * person has pasted serves until it is refused, then a person is asked for the next one.
 *
 * The secret is read anew every minute, before every renewal and before every verdict, so that a token that somebody put there in any way (consent,
 * `concord connect`, by hand) is noticed within one run. Blackbaud's SKY API is the first vendor (sheet servicereef-nxt, 2.2).
 */
import { ConcordError, VendorSignInFailed } from '../base/errors.ts';
import { digestOfToken, type KeptToken, type KeptTokens } from './kept-tokens.ts';
import { tokenRenewal, type RenewalDeps, type RenewalOptions } from './oauth-renewal.ts';

export interface OAuthTokens {
  /**
   * Makes a call with the access token. Where the token is refused (VendorSignInFailed), makes it once more with another one, if there is one or can be.
   * The call has to be one that a refused token keeps from having any effect.
   *
   * @throws VendorSignInFailed when a person has to sign in, with the way to do it; VendorUnavailable (`sent: false`) and what else keeps a token from
   * being renewed; what the call throws.
   */
  use<R>(call: (token: KeptToken) => Promise<R>): Promise<R>;
  /** What stands in the secret; no call is made. */
  look(): Promise<KeptTokens>;
}

export interface OAuthOptions extends RenewalOptions {
  /** Whether a refusal is about the token. A wrong subscription key is refused with 401 as well, and no new token mends it. Default: each is. */
  readonly refusesToken?: ((refusal: VendorSignInFailed) => boolean) | undefined;
}

const copyMs = 60_000;
const marginMs = 5 * 60_000; // no call may begin with a token and be answered after its end; also bears clocks that differ
const refusedMs = 20 * 60_000; // so long a refused token is not sent again: longer than a call that stands still in a function can last
/** After a renewal that did not work while the old token still serves. */
const restMs = 60_000;
const dayMs = 86_400_000;
/** So long before a refresh token ends somebody is warned. */
export const warnMs = 30 * dayMs;

export function oauthTokens(deps: RenewalDeps, options: OAuthOptions): OAuthTokens {
  const { clock, notice } = deps;
  const { refusesToken = () => true, system, howToSignIn } = options;
  const renewal = tokenRenewal(deps, options);
  let copy: { readonly tokens: KeptTokens; readonly at: number } | undefined;
  /** By token: when, and with which words where a second one in a row was refused, too. */
  const refusals = new Map<string, { readonly at: number; readonly last?: VendorSignInFailed | undefined }>();
  let renewing: Promise<KeptTokens> | undefined;
  let restsUntil = 0;
  let warnedOf: string | undefined;

  const refusalOf = ({ access }: KeptTokens) => {
    const refusal = access && refusals.get(access.value);
    return refusal && clock.now() - refusal.at < refusedMs ? refusal : undefined;
  };
  const isAlive = (tokens: KeptTokens): boolean => tokens.access !== undefined && refusalOf(tokens) === undefined && clock.now() < (tokens.access.until ?? Infinity);
  const isGood = (tokens: KeptTokens): boolean => isAlive(tokens) && tokens.access !== undefined && clock.now() < (tokens.access.until ?? Infinity) - marginOf(tokens.access);

  async function look(): Promise<KeptTokens> {
    const tokens = await renewal.read();
    copy = { tokens, at: clock.now() };
    warn(tokens);
    return tokens;
  }

  async function current(): Promise<KeptToken> {
    const tokens = copy !== undefined && clock.now() - copy.at < copyMs && clock.now() >= copy.at ? copy.tokens : await look();
    if (isGood(tokens) || (isAlive(tokens) && clock.now() < restsUntil)) return accessIn(tokens);
    const last = refusalOf(tokens)?.last && refusalOf(await look())?.last;
    if (last) throw last;
    try {
      return accessIn(await renewed(!isAlive(tokens)));
    } catch (error) {
      // Told when it can no longer be helped: until then the old one serves.
      if (!isAlive(tokens) || !(error instanceof ConcordError)) throw error;
      restsUntil = clock.now() + restMs;
      return accessIn(tokens);
    }
  }

  /** In one process one at a time: whoever comes meanwhile gets the same one. */
  function renewed(waits: boolean): Promise<KeptTokens> {
    renewing ??= renewal.renew({ isGood, waits }).then((tokens) => {
      copy = { tokens, at: clock.now() };
      return tokens;
    }).finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  const isAboutToken = (error: unknown): error is VendorSignInFailed => error instanceof VendorSignInFailed && refusesToken(error);

  function noteRefusal({ value }: KeptToken, last?: VendorSignInFailed): void {
    for (const [old, { at }] of refusals) if (clock.now() - at >= refusedMs) refusals.delete(old);
    refusals.set(value, { at: clock.now(), last });
  }

  function warn({ refresh }: KeptTokens): void {
    if (refresh?.until === undefined || refresh.until - clock.now() > warnMs) return;
    const digest = digestOfToken(refresh.value);
    if (digest !== warnedOf) notice?.(`${system}: its refresh token ends in ${Math.max(0, Math.floor((refresh.until - clock.now()) / dayMs))} days; then a person has to sign in again: ${howToSignIn}`);
    warnedOf = digest;
  }

  return {
    look,
    async use(call) {
      const first = await current();
      try {
        return await call(first);
      } catch (error) {
        if (!isAboutToken(error)) throw error;
      }
      noteRefusal(first);
      copy = undefined;
      const second = await current();
      try {
        return await call(second);
      } catch (error) {
        // It is not the token then: yet another one would be refused, too, and cost a refresh token each time.
        if (isAboutToken(error)) noteRefusal(second, error);
        throw error;
      }
    },
  };
}

/** A life shorter than the margin is used for its first half, or every call would renew it. */
function marginOf({ since, until }: KeptToken): number {
  return since === undefined || until === undefined ? marginMs : Math.min(marginMs, (until - since) / 2);
}

function accessIn({ access }: KeptTokens): KeptToken {
  if (access === undefined) throw new Error('a renewal ended without a token');
  return access;
}
