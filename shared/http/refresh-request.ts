/**
 * The one request that spends a refresh token, sent once more where no answer came: if it was not spent, this renews it after all; if it
 * was, the refusal tells so now instead of in the next run. Before a second request the first one gets time to arrive, for a vendor that
 * sees a spent token come again may end everything that was given for it (RFC 9700, 4.14).
 */
import type { Clock } from '../base/clock.ts';
import { VendorAnswerInvalid, VendorUnavailable } from '../base/errors.ts';
import type { OAuthClient, TokenAnswer, TokenEndpoint } from './oauth-endpoint.ts';

export type Asked =
  /** `isUnsure`: an earlier request may have spent the token. */
  | { readonly kind: 'answered'; readonly answer: TokenAnswer; readonly isUnsure: boolean }
  /** `isSent`: the token may be spent. */
  | { readonly kind: 'unanswered'; readonly error: unknown; readonly isSent: boolean }
  /** A person has put another token there while we waited: there is no use in asking again. */
  | { readonly kind: 'overtaken'; readonly isSent: boolean };

/** Within it a request that was given up has arrived, or never will: gateways keep none longer (assumed). */
export const arrivalMs = 60_000;
const againAfterMs = 2000;

export interface AskDeps {
  readonly clock: Clock;
  readonly endpoint: TokenEndpoint;
  /** Whether the secret still wants it. */
  readonly isStillWanted: () => Promise<boolean>;
}

export async function askTwice(deps: AskDeps, client: OAuthClient, grant: { readonly refreshToken: string; readonly preserve: boolean }): Promise<Asked> {
  let isSent = false;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { kind: 'answered', answer: await deps.endpoint.refresh(client, grant), isUnsure: isSent };
    } catch (error) {
      isSent ||= !(error instanceof VendorUnavailable) || error.sent;
      if (!isLost(error) || attempt === 2) return { kind: 'unanswered', error, isSent };
    }
    await deps.clock.sleep(isSent ? arrivalMs : againAfterMs);
    if (!(await deps.isStillWanted())) return { kind: 'overtaken', isSent };
  }
}

export const isLost = (error: unknown): error is VendorUnavailable | VendorAnswerInvalid => error instanceof VendorUnavailable || error instanceof VendorAnswerInvalid;
