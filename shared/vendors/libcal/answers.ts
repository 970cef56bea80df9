/**
 * How LibCal says no: by status, by an `error` inside a success, by plain text or a page of HTML; texts change over the years
 * (confirmed), so only statuses and OAuth's codes are read, and texts, which may quote a person's data, are left behind at this door.
 */
import { VendorAnswerInvalid, VendorSignInFailed } from '../../base/errors.ts';
import { fieldsOf } from '../../base/fields-of.ts';
import type { FailingAnswer, Shape } from '../../http/client.ts';
import { readJson, textOf } from '../../http/client.ts';
import type { Answer } from '../../http/send.ts';

export const system = 'libcal';
export const tokenCall = 'POST /oauth/token';

/** OAuth's own codes (RFC 6749 and 6750); `expired_token` is what the PHP library behind answers of this look says (assumed). */
const signInCodes: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'invalid_token', 'expired_token', 'insufficient_scope']);

/** The code in an error's body, where it is one and not a sentence. */
export function codeIn(bodyText: string): string | undefined {
  return codeOf(jsonOf(bodyText));
}

/**
 * What a failing answer means where the general rules do not say it: a missing scope comes as 401 or 403 (likely), a wrong id or secret as
 * 400 or 401 (likely). 401 is the general rules' own.
 */
export function signInRefusal({ call, status, reason }: FailingAnswer): VendorSignInFailed | undefined {
  const isRefused = status === 403 || (reason !== undefined && signInCodes.has(reason)) || (call === tokenCall && status === 400);
  return isRefused ? new VendorSignInFailed({ vendor: system, call, status, ...(reason !== undefined && { reason }) }) : undefined;
}

/** Reads a success, which may hold an error all the same. @throws VendorAnswerInvalid, VendorSignInFailed */
export function successOf<T>(answer: Answer, shape: Shape<T>, call: string): T {
  const body = jsonOf(textOf(answer));
  if (saysError(body)) {
    const facts = { vendor: system, call, status: answer.status };
    const code = codeOf(body);
    if (code !== undefined && signInCodes.has(code)) throw new VendorSignInFailed({ ...facts, reason: code });
    throw new VendorAnswerInvalid({ ...facts, reason: code ?? 'ERROR_INSIDE' });
  }
  return readJson(answer, shape, { vendor: system, call });
}

/** A page of HTML: what answered is not the API (a wrong prefix, confirmed; maintenance, likely). */
export function isPage(bodyText: string): boolean {
  return /^\s*</.test(bodyText);
}

function jsonOf(bodyText: string): unknown {
  try {
    return JSON.parse(bodyText);
  } catch {
    return undefined;
  }
}

function saysError(body: unknown): boolean {
  const { error, errors } = fieldsOf(body);
  return [error, errors].some((said) => Boolean(said) && !(Array.isArray(said) && said.length === 0));
}

function codeOf(body: unknown): string | undefined {
  const { error } = fieldsOf(body);
  // Two words at least: one alone could be anybody's name.
  return typeof error === 'string' && /^[a-z]+(?:_[a-z]+)+$/.test(error) ? error : undefined;
}
