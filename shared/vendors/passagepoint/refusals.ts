/**
 * How PassagePoint says no: an upper-case code somewhere in a failing answer (confirmed for one), or an `error` inside a success (likely).
 * Addresses carry names and card numbers here, and an answer may repeat them: nothing but codes passes this door.
 */
import { VendorRejected, VendorSignInFailed } from '../../base/errors.ts';
import { fieldsOf } from '../../base/fields-of.ts';
import { readJson, textOf, type FailingAnswer, type Shape } from '../../http/client.ts';
import type { Answer } from '../../http/send.ts';

export const system = 'passagepoint';

const alreadyExists = 'ALREADY_EXIST_UNIQUE_ID'; // confirmed; its status is not, so it counts under any
const notFound = 'NOT_FOUND'; // this and the others: assumed
const invalidToken = 'INVALID_TOKEN';
const notTheApi = 'NOT_THE_API'; // our own word for a page of HTML: a wrong path, or what stands in front of the server
const knownCodes: readonly string[] = [
  alreadyExists, notFound, invalidToken, 'MISSING_PARAMETER', 'INVALID_DESTINATION', 'INVALID_CATEGORY', 'INVALID_VISITOR', 'INVALID_TIME', 'ALREADY_SIGNED_IN',
];
const knownInText = new RegExp(String.raw`\b(?:${knownCodes.join('|')})\b`);

/** What became of one item. */
export type Refusal =
  /** A visitor has this unique id already; whether it is ours is a question for a look-up. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'missing' }
  /** PassagePoint's code, or `HTTP_400` and the like where it gives none. */
  | { readonly kind: 'refused'; readonly code: string };

/** Where an answer says its code in its own place, any code; elsewhere in the text only the known ones. */
export function codeIn(bodyText: string): string | undefined {
  return ownCode(errorIn(bodyText)) ?? knownInText.exec(bodyText)?.[0] ?? (/^\s*</.test(bodyText) ? notTheApi : undefined);
}

/** A code that decides against the status; the rest is left to the general rules. */
export function meaningOf({ call, status, reason }: FailingAnswer): VendorSignInFailed | VendorRejected | undefined {
  const facts = { vendor: system, call, status, ...(reason !== undefined && { reason }) };
  if (reason === alreadyExists) return new VendorRejected(facts);
  // 403: the account may not use the API; it would be told for every item (assumed).
  return reason === invalidToken || status === 403 ? new VendorSignInFailed(facts) : undefined;
}

/** Reads a success, which may hold an error all the same. @throws VendorRejected, VendorSignInFailed, VendorAnswerInvalid */
export function successOf<T>(answer: Answer, shape: Shape<T>, call: string): T {
  const bodyText = textOf(answer);
  if (!errorIn(bodyText)) return readJson(answer, shape, { vendor: system, call });
  const facts = { vendor: system, call, status: answer.status, reason: codeIn(bodyText) ?? 'ERROR_INSIDE' };
  throw facts.reason === invalidToken ? new VendorSignInFailed(facts) : new VendorRejected(facts);
}

/** What belongs to one item; everything else stops more than this item, and is thrown on. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof VendorRejected)) throw error;
  if (error.reason === alreadyExists) return { kind: 'exists' };
  if (error.reason === notFound) return { kind: 'missing' };
  return { kind: 'refused', code: error.reason ?? `HTTP_${error.status ?? 0}` };
}

/** Said by the API, of what was looked for: by its code, or by a bare 404 (both assumed). A page with 404 is a wrong address. */
export function isNotFound(error: unknown): boolean {
  return error instanceof VendorRejected && (error.reason === notFound || (error.status === 404 && error.reason === undefined));
}

function errorIn(bodyText: string): unknown {
  try {
    return fieldsOf(JSON.parse(bodyText))['error'];
  } catch {
    return undefined;
  }
}

function ownCode(error: unknown): string | undefined {
  const code = typeof error === 'string' ? error : fieldsOf(error)['code'];
  // Two words at least, and no digits: one word alone could be anybody's name, and digits a card's.
  return typeof code === 'string' && /^[A-Z]+(?:_[A-Z]+)+$/.test(code) ? code : undefined;
}
