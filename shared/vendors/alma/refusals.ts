/**
 * How Alma says no: a list of errors with a code each, as JSON, or as XML even where JSON was asked for (its gateway: bad keys, limits;
 * likely). Only codes are read; messages are translated and may quote a person's data. The status says little: an unknown user is 400,
 * a bad key 400 or 401 (confirmed).
 */
import { QuotaExhausted, VendorRateLimited, VendorRejected, VendorSignInFailed, VendorUnavailable, type ConcordError } from '../../base/errors.ts';
import { fieldsOf } from '../../base/fields-of.ts';
import { textOf, type FailingAnswer } from '../../http/client.ts';
import type { Answer } from '../../http/send.ts';

export const system = 'alma';

/** Not found; not found for this type of identifier; linked or source user not found (all confirmed). */
const unknownUserCodes: ReadonlySet<string> = new Set(['401861', '401890', '4019990', '4019998']);
/** "General error", with 400; passes by itself (confirmed). */
const generalErrorCodes: ReadonlySet<string> = new Set(['60101', '402119']);
const perSecond = 'PER_SECOND_THRESHOLD'; // more than 25 calls in a second, of all applications of the institution (confirmed)
const perDay = 'DAILY_THRESHOLD'; // likely; that the day's end comes as 429 is confirmed

const dayMs = 24 * 60 * 60 * 1000;
const perSecondWaitMs = 5000; // after the quick retries: somebody else is busy, for longer than a second

/** The code that decides, where there are several: a user is unknown only if nothing else is wrong. */
export function codeIn(bodyText: string): string | undefined {
  const codes = codesIn(bodyText);
  return codes.find((code) => !unknownUserCodes.has(code)) ?? codes[0];
}

function codesIn(bodyText: string): readonly string[] {
  // XML is not parsed: no parser is among our packages, and only this one element of known form is wanted. Where an answer hides it behind
  // entities or sections there is no code, and that is an error all the same.
  if (/^\s*</.test(bodyText)) return [...bodyText.matchAll(/<(?:\w+:)?errorCode>\s*(\w{1,64})\s*<\//g)].flatMap(([, code]) => code ?? []);
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch {
    return [];
  }
  const errors = [fieldsOf(fieldsOf(body)['errorList'])['error']].flat(); // one error may stand without its list
  return errors.flatMap((error) => {
    const { errorCode } = fieldsOf(error);
    return typeof errorCode === 'string' && /^\w{1,64}$/.test(errorCode) ? [errorCode] : [];
  });
}

/** The day's calls of the institution that are left; on every answer (confirmed). */
export function remainingIn(headers: Headers): number | undefined {
  const text = headers.get('x-exl-api-remaining')?.trim() ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** No quick retry helps. */
export function saysDayIsGone({ status, headers, body }: Answer): boolean {
  return isDayGone({ status, headers, reason: status === 429 ? codeIn(textOf({ status, headers, body })) : undefined });
}

/** What a refusal means where its code or header says it; the rest is left to the general rules. */
export function meaningOf(failing: Omit<FailingAnswer, 'bodyText'>, nowMs: number): ConcordError | undefined {
  const { call, status, reason } = failing;
  const facts = { vendor: system, call, status, ...(reason !== undefined && { reason }) };
  // Midnight GMT: likely.
  if (isDayGone(failing)) return new QuotaExhausted({ ...facts, resetsAt: (Math.floor(nowMs / dayMs) + 1) * dayMs });
  if (reason === perSecond) return new VendorRateLimited({ ...facts, retryAt: nowMs + perSecondWaitMs });
  // 403 is not among the answers that were seen; a key that may not is meant if it comes (assumed).
  if (reason === 'UNAUTHORIZED' || status === 403) return new VendorSignInFailed(facts);
  if (reason !== undefined && generalErrorCodes.has(reason)) return new VendorUnavailable({ ...facts, sent: true });
  return undefined;
}

export function isUnknownUser(error: unknown): boolean {
  return error instanceof VendorRejected && error.reason !== undefined && unknownUserCodes.has(error.reason);
}

function isDayGone({ status, headers, reason }: Pick<FailingAnswer, 'status' | 'headers' | 'reason'>): boolean {
  return reason === perDay || (status === 429 && reason !== perSecond && remainingIn(headers) === 0);
}
