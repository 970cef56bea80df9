/**
 * What became of a PUT or DELETE. Servers say the same thing in different ways, some inside a success:
 *
 *   UID taken        409 no-uid-conflict (Radicale, newest Nextcloud), 400 BadRequest (Nextcloud), 207 holding it (Xandikos)
 *   UID in trash     500 DbalException (Nextcloud 32 and newer), 400 "Deleted calendar object with uid ..." (before 25)
 *   trash slot taken 403 Forbidden on DELETE (Nextcloud)
 *   refused          415, 403, 400, 207 holding a refusal, 500 InvalidDataException (a recurrence rule it cannot read)
 *
 * All confirmed but the 400 before version 25 (likely). Judged by status, exception class and condition; by the English
 * message only where these two are the same for two cases.
 */
import { VendorUnavailable } from '../../base/errors.ts';
import { failed, readRefusal, reasonOf, type Refusal } from './dav-answer.ts';
import { normaliseEtag, writtenEtag } from './etag.ts';
import { lastSegment } from './hrefs.ts';

export type Stored = {
  readonly kind: 'stored';
  /** Undefined when the server changed the text or did not say: read the object before believing anything. */
  readonly etag: string | undefined;
};
/** The version is another one, or the object is gone; `etag` is the current one where the server tells (Nextcloud). */
export type Stale = { readonly kind: 'stale'; readonly etag: string | undefined };
/** The name is taken: perhaps by our own first try, whose answer got lost. */
export type Exists = { readonly kind: 'exists'; readonly etag: string | undefined };
/** Another object of the calendar has the UID; its name where the server tells. */
export type UidTaken = { readonly kind: 'uid-taken'; readonly holder: string | undefined };
/** A deleted object has the UID, or (34, rarely) another writer was faster: look in the calendar and the trash, once. */
export type UidInTrash = { readonly kind: 'uid-in-trash' };
export type TrashSlotTaken = { readonly kind: 'trash-slot-taken' };
/** No such object or no such calendar; a read-only share answers so too (confirmed). */
export type Missing = { readonly kind: 'missing' };
export type Refused = { readonly kind: 'refused'; readonly status: number; readonly reason: string | undefined };
export type NoSpace = { readonly kind: 'no-space' };

export type CreateOutcome = Stored | Exists | UidTaken | UidInTrash | Missing | Refused | NoSpace;
export type ReplaceOutcome = Stored | Stale | UidTaken | Missing | Refused | NoSpace;
export type RemoveOutcome = { readonly kind: 'removed' } | Stale | TrashSlotTaken | Missing | Refused;

interface WriteAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Reads the body to its end; an error of the given fetch that only hides a full disk becomes that outcome.
 *
 * @throws VendorUnavailable for a success with a text of anybody else's (a portal, a proxy, an error in disguise): the object may stand as it stood.
 */
export async function answerOf(call: () => Promise<Response>): Promise<WriteAnswer> {
  try {
    const response = await call();
    const body = await response.text();
    if (response.ok && isForeign(body)) throw new VendorUnavailable({ vendor: 'nextcloud', call: 'write object', status: response.status, sent: true });
    return { status: effectiveStatus(response.status, body), headers: response.headers, body };
  } catch (error) {
    if (error instanceof VendorUnavailable && error.status === 507) return { status: 507, headers: new Headers(), body: '' };
    throw error;
  }
}

/** @throws VendorUnavailable, VendorSignInFailed where the answer says nothing about the object. */
export function createOutcome(answer: WriteAnswer): CreateOutcome {
  const refusal = readRefusal(answer.body);
  if (hasConflict(refusal)) return { kind: 'uid-taken', holder: holderOf(answer) };
  if (isDamage(answer, refusal)) return refused(answer, refusal);
  if (answer.status === 412 && !isAbout(refusal, 'valid-calendar-data')) return { kind: 'exists', etag: normaliseEtag(answer.headers.get('etag')) };
  if (answer.status === 400 && refusal.exception === 'BadRequest') {
    return /\bDeleted calendar object\b/i.test(refusal.message) ? { kind: 'uid-in-trash' } : { kind: 'uid-taken', holder: undefined };
  }
  if (answer.status === 500 && refusal.exception === 'DbalException' && !/locked|deadlock|timeout/i.test(refusal.message)) return { kind: 'uid-in-trash' };
  return commonOutcome('PUT new object', answer, refusal);
}

/** @throws as `createOutcome`. */
export function replaceOutcome(answer: WriteAnswer): ReplaceOutcome {
  const refusal = readRefusal(answer.body);
  if (hasConflict(refusal)) return { kind: 'uid-taken', holder: holderOf(answer) };
  if (isDamage(answer, refusal)) return refused(answer, refusal);
  if (answer.status === 412 && !isAbout(refusal, 'valid-calendar-data')) return { kind: 'stale', etag: normaliseEtag(answer.headers.get('etag')) };
  return commonOutcome('PUT object', answer, refusal);
}

/** @throws as `createOutcome`. */
export function removeOutcome(answer: WriteAnswer): RemoveOutcome {
  const refusal = readRefusal(answer.body);
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'removed' };
  if (status === 412) return { kind: 'stale', etag: normaliseEtag(answer.headers.get('etag')) };
  if (status === 404 || status === 410) return { kind: 'missing' };
  if (status === 403 && refusal.exception === 'Forbidden') return { kind: 'trash-slot-taken' };
  if (status >= 400 && status < 500 && status !== 401 && status !== 429) return refused(answer, refusal);
  throw failed('DELETE object', answer);
}

/** Servers answer a write that they carried out with nothing, or with a multistatus (Radicale's DELETE, Xandikos). */
const isForeign = (body: string): boolean => body.trim() !== '' && !isMultistatus(body);

const isMultistatus = (body: string): boolean => /<(?:[\w.-]+:)?multistatus[\s>]/.test(body);

function commonOutcome(call: string, answer: WriteAnswer, refusal: Refusal): Stored | Missing | Refused | NoSpace {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'stored', etag: writtenEtag(answer.headers) };
  if (status === 507) return { kind: 'no-space' };
  // Radicale says 409 for a calendar that is not there, others 404.
  if (status === 404 || (status === 409 && reasonOf(refusal) === undefined)) return { kind: 'missing' };
  if (status >= 400 && status < 500 && status !== 401 && status !== 429) return refused(answer, refusal);
  throw failed(call, answer);
}

/** A multistatus in a success may hold a refusal (Xandikos): then its status is what counts. */
function effectiveStatus(status: number, body: string): number {
  if (status < 200 || status > 299 || !isMultistatus(body)) return status;
  const inner = Array.from(body.matchAll(/HTTP\/\d(?:\.\d)?\s+(\d{3})/g), ([, digits]) => Number(digits));
  return inner.find((candidate) => candidate >= 400) ?? status;
}

function hasConflict(refusal: Refusal): boolean {
  return refusal.elements.has('no-uid-conflict');
}

function isAbout(refusal: Refusal, condition: string): boolean {
  return refusal.elements.has(condition);
}

// An event that the server cannot read although it speaks of a fault of its own. Trying again would fail for ever.
function isDamage({ status }: WriteAnswer, refusal: Refusal): boolean {
  return status === 500 && refusal.exception === 'InvalidDataException';
}

function refused({ status }: WriteAnswer, refusal: Refusal): Refused {
  return { kind: 'refused', status, reason: reasonOf(refusal) };
}

/** The href inside the condition, not that of our own request, which Xandikos repeats as the member's. */
function holderOf({ body }: WriteAnswer): string | undefined {
  const href = /no-uid-conflict[^>]*>\s*<(?:[\w.-]+:)?href(?:\s[^>]*)?>([^<]+)</i.exec(body)?.[1];
  return href === undefined ? undefined : lastSegment(href.trim());
}
