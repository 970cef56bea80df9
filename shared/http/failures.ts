/**
 * What a status means wherever it comes from: sign-in, limits, an ill server. Refusals of one request (other 4xx, redirects)
 * are the caller's to read, see client.ts.
 */
import { VendorRateLimited, VendorSignInFailed, VendorUnavailable, type ConcordError } from '../base/errors.ts';
import { retryAfterMs } from './retry-after.ts';
import { isSafeToRepeat, type Answer, type Ask } from './send.ts';

/** Our own caution where a vendor says "too many" and not for how long. */
const unknownWaitMs = 60_000;

/** The error that a status stands for after the quick retries, or undefined where it is not one of these. */
export function failureOf(
  answer: Answer,
  about: {
    readonly system: string;
    readonly ask: Ask;
    readonly nowMs: number;
    readonly retryAfterMaxMs: number;
    readonly silentWaitMs?: number | undefined;
    readonly reason?: string | undefined;
  },
): ConcordError | undefined {
  const { ask, nowMs } = about;
  const { status } = answer;
  const facts = { vendor: about.system, call: ask.call, status, ...(about.reason !== undefined && { reason: about.reason }) };
  if (status === 401) return new VendorSignInFailed(facts);
  const waitMs = retryAfterMs(answer.headers, nowMs);
  if (status === 429) return new VendorRateLimited({ ...facts, retryAt: nowMs + (waitMs ?? about.silentWaitMs ?? unknownWaitMs) });
  // Under maintenance for a stated while: as good as a limit, unless the call may have had an effect.
  if (status === 503 && waitMs !== undefined && waitMs > about.retryAfterMaxMs && isSafeToRepeat(ask)) {
    return new VendorRateLimited({ ...facts, retryAt: nowMs + waitMs });
  }
  if (status >= 500 || status === 408 || status === 425) return new VendorUnavailable({ ...facts, sent: true });
  return undefined;
}
