/**
 * One renewal of a system's access token, so that no refresh token is spent twice and none is lost that need not be. An answer that is lost on its
 * way to the secret takes the new refresh token with it, which no client can help: then the old one is refused, once, and a person has to sign in.
 *
 *   take the lease     its note says that this refresh token may be spent; where that was said before, a request may still be on its way: wait
 *   read once more     another worker has renewed it, or a person has edited it: that counts, and nothing is spent
 *   ask                once more where no answer came; a refusal is believed only if the secret still holds the refused token
 *   store              over the version that was read. A person's edit stands; only a refresh token that is dead by our doing is replaced
 */
import type { Clock } from '../base/clock.ts';
import { ConditionFailed, StoreUnavailable, VendorRejected, VendorSignInFailed, VendorUnavailable } from '../base/errors.ts';
import { digestOfToken, granted, keptIn, type KeptToken, type KeptTokens, type TokenNames } from './kept-tokens.ts';
import type { TokenEndpoint } from './oauth-endpoint.ts';
import { arrivalMs, askTwice, isLost } from './refresh-request.ts';
import type { RenewalHold, RenewalLease } from './renewal-lease.ts';
import type { SecretStore } from './secrets.ts';
import { tokenSaving } from './token-saving.ts';

export interface RenewalDeps {
  readonly clock: Clock;
  /** As it stands, not a copy of some minutes. */
  readonly secrets: SecretStore;
  readonly lease: RenewalLease;
  readonly endpoint: TokenEndpoint;
  /** Told what an operator should know. */
  readonly notice?: ((message: string) => void) | undefined;
}

export interface RenewalOptions {
  readonly system: string;
  readonly secretName: string;
  readonly names: TokenNames;
  /** For the person who has to: a command or an address. */
  readonly howToSignIn: string;
  /** How long the vendor's refresh tokens live. Default: nobody knows. */
  readonly refreshLifeMs?: number | undefined;
  /** The vendor lets a refresh token be kept: then it is exchanged for a new one when it is so old. Default: each renewal exchanges it. */
  readonly exchangeAfterMs?: number | undefined;
}

export interface Want {
  /** What need not be renewed. */
  readonly isGood: (tokens: KeptTokens) => boolean;
  /** For another worker that is renewing it. */
  readonly waits: boolean;
}

export interface Renewal {
  read(): Promise<KeptTokens>;
  /**
   * @returns what stands in the secret, with a good access token, or with one that was just given.
   * @throws VendorSignInFailed with the reason `invalid_grant` or `invalid_client`, or none where there is nothing to renew it with; VendorUnavailable
   * with `sent: false`, for whatever call waits for the token was not sent; VendorRateLimited, StoreUnavailable.
   */
  renew(want: Want): Promise<KeptTokens>;
}

const pollMs = 2000;
const waitMaxMs = 150_000; // longer than two requests without an answer take
const giveUpBeforeMs = 60_000; // before the lease ends: then others may take it
const lateSaveMs = 30_000;

export function tokenRenewal(deps: RenewalDeps, options: RenewalOptions): Renewal {
  const { clock, secrets, lease, endpoint, notice } = deps;
  const { system, secretName, names, howToSignIn } = options;
  const saving = tokenSaving(deps, options);

  const read = async (): Promise<KeptTokens> => keptIn(await secrets.read(secretName), names);

  const signInNeeded = (why: string, reason?: string): VendorSignInFailed =>
    new VendorSignInFailed({ vendor: system, call: `any call: ${why}. To sign in: ${howToSignIn}`, ...(reason !== undefined && { reason }) });

  async function renew({ isGood, waits }: Want): Promise<KeptTokens> {
    await saving.saveLeftover(clock.now() + lateSaveMs);
    const startedAt = clock.now();
    for (;;) {
      const before = await read();
      if (isGood(before)) return before;
      const { refresh, client } = before;
      if (refresh === undefined) throw signInNeeded(before.access === undefined ? 'there is no token yet' : 'its access token has ended, and there is no refresh token to renew it with');
      if (client === undefined) throw signInNeeded(`its access token has ended, and without ${names.clientId} it cannot be renewed`);
      const hold = await lease.take(digestOfToken(refresh.value));
      if (hold === 'refused') {
        const now = await read();
        if (!isGood(now) && now.refresh?.value === refresh.value) throw signInNeeded('its refresh token is no longer good', 'invalid_grant');
      } else if (hold === 'busy') {
        if (!waits || clock.now() - startedAt >= waitMaxMs) throw new VendorUnavailable({ vendor: system, call: 'any call (another worker is renewing its token)', sent: false });
        await clock.sleep(pollMs);
      } else {
        const renewed = await underLease(hold, refresh.value, isGood);
        if (renewed) return renewed;
      }
    }
  }

  /** @returns undefined where the secret has changed meanwhile: look again. */
  async function underLease(hold: RenewalHold, token: string, isGood: Want['isGood']): Promise<KeptTokens | undefined> {
    const now = await readUnder(hold);
    const { client, refresh } = now;
    if (isGood(now) || refresh?.value !== token || client === undefined) {
      await givenBack(hold, 'unspent');
      return isGood(now) ? now : undefined;
    }
    const askedAt = clock.now();
    const isStillWanted = async (): Promise<boolean> => {
      const seen = await read().catch(() => now);
      return seen.refresh?.value === token && !isGood(seen);
    };
    const asked = await askTwice({ clock, endpoint, isStillWanted }, client, { refreshToken: token, preserve: isKept(refresh) });
    if (asked.kind !== 'answered') {
      await givenBack(hold, asked.isSent ? 'unknown' : 'unspent');
      if (asked.kind === 'overtaken') return undefined;
      throw asOfThisCall(asked.error);
    }
    const { answer, isUnsure } = asked;
    if (answer.kind === 'granted') {
      const ours = granted(answer, { askedAt, spent: refresh, lifeMs: options.refreshLifeMs });
      const stands = await saving.save({ seen: now, spent: now, ours }, hold.until - giveUpBeforeMs);
      await givenBack(hold, 'settled');
      return stands;
    }
    if (answer.kind === 'invalid_client') {
      await givenBack(hold, isUnsure ? 'unknown' : 'unspent');
      throw signInNeeded(`${names.clientId} or ${names.clientSecret} is not accepted; they have to be mended in the secret, signing in again does not help`, 'invalid_client');
    }
    return refused(hold, { token, isUnsure: isUnsure || hold.isBegun, isGood });
  }

  async function readUnder(hold: RenewalHold): Promise<KeptTokens> {
    if (hold.isBegun) await clock.sleep(arrivalMs);
    try {
      return await read();
    } catch (error) {
      await givenBack(hold, 'unspent');
      throw error;
    }
  }

  const isKept = ({ since }: KeptToken): boolean => options.exchangeAfterMs !== undefined && since !== undefined && clock.now() - since < options.exchangeAfterMs;

  /** Whoever wanted a token has not sent anything yet. */
  function asOfThisCall(error: unknown): unknown {
    if (!isLost(error)) return error instanceof VendorRejected ? signInNeeded(`its token cannot be renewed (${error.reason ?? error.status})`, error.reason) : error;
    const { call, status, reason } = error;
    return new VendorUnavailable({ vendor: system, call: `any call (its token could not be renewed: ${call})`, ...(status !== undefined && { status }), ...(reason !== undefined && { reason }), sent: false }, { cause: error });
  }

  async function refused(hold: RenewalHold, { token, isUnsure, isGood }: { readonly token: string; readonly isUnsure: boolean; readonly isGood: Want['isGood'] }): Promise<KeptTokens | undefined> {
    const until = hold.until - giveUpBeforeMs;
    const now = await insisting(read, until);
    if (now.refresh?.value !== token) {
      await givenBack(hold, 'settled');
      return undefined;
    }
    await insisting(() => hold.end('refused'), until);
    const why = isUnsure ? 'it was renewed once, and the answer with the new refresh token was lost' : 'its refresh token has ended, was revoked, or was used by somebody else';
    notice?.(`${system}: a person has to sign in: ${why}`);
    if (isGood(now)) return now; // pasted while we asked: it serves until it ends
    throw signInNeeded(why, 'invalid_grant');
  }

  /** What is not written down here would be asked, or told, once more by the next worker. */
  async function insisting<T>(work: () => Promise<T>, until: number): Promise<T> {
    for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 15_000)) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof ConditionFailed || clock.now() + waitMs > until) throw error;
      }
      await clock.sleep(waitMs);
    }
  }

  return { read, renew };
}

/** What matters is stored by now, or there is nothing: a lease that could not be given back ends by itself. */
async function givenBack(hold: RenewalHold, what: 'unspent' | 'unknown' | 'settled'): Promise<void> {
  try {
    await hold.end(what);
  } catch (error) {
    if (!(error instanceof StoreUnavailable || error instanceof ConditionFailed)) throw error;
  }
}
