/**
 * A short-lived token that is got with fixed credentials (an OAuth client, a user's login): kept until shortly before its end, got
 * by one caller at a time, and renewed once where a system no longer takes it. Not for tokens whose renewal uses them up.
 *
 * It lives in this process's memory only. Notes and tables are no place for a secret, and a secret store must not be written as often
 * as these tokens change; a new one costs each worker one call, and the others' tokens stay good (how sure that is, each client says).
 */
import type { Clock } from '../base/clock.ts';
import { VendorSignInFailed } from '../base/errors.ts';

export interface IssuedToken {
  readonly value: string;
  /** Epoch milliseconds. What lies in the past counts as unknown: one of the two clocks is wrong. */
  readonly endsAt?: number | undefined;
}

export interface SessionToken<T extends IssuedToken> {
  /**
   * Makes a call with a token. If the call is told that its token is not good (VendorSignInFailed), signs in once more, makes it once more
   * and returns, or throws, what came of that. The call has to be one that a refused token keeps from having any effect.
   *
   * @throws what signing in throws, without a call.
   */
  use<R>(call: (token: T) => Promise<R>): Promise<R>;
  /** Signs in now, whatever is kept: the connection test. */
  signIn(): Promise<T>;
}

export interface SessionTokenDeps<T extends IssuedToken> {
  readonly clock: Clock;
  /** One call to the system. @throws VendorSignInFailed where the credentials are not accepted. */
  readonly signIn: () => Promise<T>;
}

const marginMs = 5 * 60_000; // no call may begin with a token and be answered after its end; also bears clocks that differ
const unknownLifeMs = 60 * 60_000;

export function sessionToken<T extends IssuedToken>({ clock, signIn }: SessionTokenDeps<T>): SessionToken<T> {
  let held: { readonly token: T; readonly goodUntil: number } | undefined;
  let signingIn: Promise<T> | undefined;

  async function getNew(): Promise<T> {
    const askedAt = clock.now();
    const token = await signIn();
    const declaredMs = (token.endsAt ?? 0) - askedAt;
    const lifeMs = declaredMs > 0 ? declaredMs : unknownLifeMs;
    // A life shorter than the margin is used for its first half, or every call would sign in.
    held = { token, goodUntil: askedAt + lifeMs - Math.min(marginMs, lifeMs / 2) };
    return token;
  }

  function newToken(): Promise<T> {
    signingIn ??= getNew().finally(() => {
      signingIn = undefined;
    });
    return signingIn;
  }

  async function currentToken(): Promise<T> {
    return held !== undefined && clock.now() < held.goodUntil ? held.token : newToken();
  }

  return {
    async use(call) {
      const token = await currentToken();
      try {
        return await call(token);
      } catch (error) {
        if (!(error instanceof VendorSignInFailed)) throw error;
      }
      // Another caller may have renewed it meanwhile; then that one is tried.
      if (held?.token === token) held = undefined;
      return call(await currentToken());
    },
    signIn: newToken,
  };
}
