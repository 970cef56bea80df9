/**
 * What changed in a calendar since a token, or all that it holds. A server's answer is believed only as far as the three
 * servers deserve it:
 *
 *   - a `gone` entry is a question, not a proof: Nextcloud reports an object that was deleted and put back as gone, and objects
 *     that we never saw (confirmed). Look with `readObjects` before acting on it.
 *   - tokens are never too old for Nextcloud: a change may be left out for good (confirmed), so full readings stay necessary.
 *   - `limit` is never sent: Nextcloud cuts the answer and gives the newest token with it (confirmed).
 */
import { propfind, syncCollection } from 'tsdav';
import { VendorAnswerInvalid, VendorUnavailable } from '../../base/errors.ts';
import { failed, multistatusOf, propText, readDav, type DavResult, type Member, type Multistatus } from './dav-answer.ts';
import type { DavAccess } from './dav-call.ts';
import { normaliseEtag } from './etag.ts';
import { collectionUrl, isSameAddress, nameIn } from './hrefs.ts';

export type Entry = { readonly name: string; readonly etag?: string | undefined; readonly gone?: undefined } | { readonly name: string; readonly gone: true };

export interface Changes {
  /** `all`: every object that there is, so whatever is not listed does not exist. */
  readonly kind: 'delta' | 'all';
  /** For the next time; undefined where the server has none, then the next reading is a full one too. */
  readonly token: string | undefined;
  readonly entries: readonly Entry[];
  /**
   * Whether anything here was not ours; undefined if not asked. Changes that commit while others write can be skipped for good
   * (seen in 0.6 to 3 % of creates), so a full reading soon after is wise.
   */
  readonly othersWrote?: boolean | undefined;
}

export interface ChangesAsk {
  readonly calendarUrl: string;
  readonly token?: string | undefined;
  /** Knows the entries that our own writes made. */
  readonly isOurs?: ((entry: Entry) => boolean) | undefined;
}

/**
 * One request; two when the token is refused, answered without a token, or ahead of the server (restored from a backup).
 * @throws VendorRejected CALENDAR_MISSING (404).
 */
export async function readChanges(dav: DavAccess, ask: ChangesAsk): Promise<Changes> {
  const calendarUrl = collectionUrl(ask.calendarUrl);
  const changes = (ask.token === undefined ? undefined : await readDelta(dav, calendarUrl, ask.token)) ?? (await readAll(dav, calendarUrl));
  const { isOurs } = ask;
  return isOurs === undefined ? changes : { ...changes, othersWrote: !changes.entries.every(isOurs) };
}

/** Undefined when we have to start over. */
async function readDelta(dav: DavAccess, calendarUrl: string, token: string): Promise<Changes | undefined> {
  const result = await sync(dav, calendarUrl, token);
  if (result.kind === 'other') {
    // Refused tokens: 403 by the standard, 409 and 410 by others, 500 by Xandikos. If the server is ill, the full reading says so.
    if ([400, 403, 409, 410, 415, 500, 501].includes(result.status)) return undefined;
    throw failed('REPORT sync-collection', result, { missing: 'CALENDAR_MISSING' });
  }
  const { answer } = result;
  if (answer.token === undefined || wentBack(token, answer.token) || isCut(answer, calendarUrl)) return undefined;
  return { kind: 'delta', token: answer.token, entries: answer.members.flatMap((member) => entryOf(calendarUrl, member)) };
}

async function readAll(dav: DavAccess, calendarUrl: string): Promise<Changes> {
  const result = await sync(dav, calendarUrl, '');
  if (result.kind === 'multistatus' && result.answer.token !== undefined) {
    if (isCut(result.answer, calendarUrl)) throw new VendorAnswerInvalid({ vendor: 'nextcloud', call: 'REPORT sync-collection', reason: 'CUT_OFF' });
    return { kind: 'all', token: result.answer.token, entries: presentIn(calendarUrl, result.answer.members) };
  }
  const canList = result.kind === 'multistatus' || [400, 403, 405, 415, 501].includes(result.status);
  if (!canList) throw failed('REPORT sync-collection', result, { missing: 'CALENDAR_MISSING' });
  return listAll(dav, calendarUrl);
}

/** For servers without sync-collection. The token is taken from the same answer, so nothing can slip in between. */
async function listAll(dav: DavAccess, calendarUrl: string): Promise<Changes> {
  const props = { 'd:getetag': {}, 'd:sync-token': {}, 'd:resourcetype': {} };
  const { members } = multistatusOf('PROPFIND calendar', await propfind({ url: calendarUrl, props, depth: '1', ...dav }), { missing: 'CALENDAR_MISSING' });
  const itself = members.find(({ href }) => isSameAddress(href, calendarUrl));
  if (itself === undefined) throw new VendorAnswerInvalid({ vendor: 'nextcloud', call: 'PROPFIND calendar', reason: 'NO_COLLECTION' });
  return { kind: 'all', token: propText(itself.props['syncToken']), entries: presentIn(calendarUrl, members) };
}

async function sync(dav: DavAccess, calendarUrl: string, syncToken: string): Promise<DavResult> {
  try {
    const entries = await syncCollection({ url: calendarUrl, props: { 'd:getetag': {} }, syncLevel: 1, syncToken, ...dav });
    return readDav('REPORT sync-collection', entries);
  } catch (error) {
    // The given fetch may turn these into an error before we can look at them.
    if (error instanceof VendorUnavailable && (error.status === 501 || (error.status === 500 && syncToken !== ''))) {
      return { kind: 'other', status: error.status, body: '' };
    }
    throw error;
  }
}

const goneStatuses = new Set([404, 410, 418]); // 418 is Nextcloud's mark for a name in the trash

function entryOf(calendarUrl: string, member: Member): readonly Entry[] {
  const name = nameIn(calendarUrl, member.href);
  if (name === undefined) return [];
  if (goneStatuses.has(member.status)) return [{ name, gone: true }];
  const etag = normaliseEtag(propText(member.props['getetag']));
  return [{ name, ...(etag !== undefined && { etag }) }];
}

/** A name that is gone was never here for a first reading (trashed names are listed by some versions). */
function presentIn(calendarUrl: string, members: readonly Member[]): readonly Entry[] {
  return members.flatMap((member) => entryOf(calendarUrl, member)).filter((entry) => entry.gone !== true);
}

/** RFC 6578, 3.6: a 507 for the calendar itself among the members says that the rest is missing. */
function isCut({ members }: Multistatus, calendarUrl: string): boolean {
  return members.some(({ href, status }) => status === 507 && isSameAddress(href, calendarUrl));
}

function wentBack(before: string, after: string): boolean {
  const [ours, theirs] = [counterOf(before), counterOf(after)];
  return ours !== undefined && theirs !== undefined && theirs < ours;
}

function counterOf(token: string): number | undefined {
  const digits = /^http:\/\/sabre\.io\/ns\/sync\/(\d+)$/.exec(token)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
