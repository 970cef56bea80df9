/**
 * Nextcloud's trash bin, where deleted objects keep their UID for 30 days and stand in the way of a new one. Other servers
 * have none: there nothing is ever found. All confirmed on Nextcloud 31 and 34.
 */
import { davRequest } from 'tsdav';
import { VendorRejected } from '../../base/errors.ts';
import { failed, propText, readDav, type Member } from './dav-answer.ts';
import type { DavAccess } from './dav-call.ts';
import { normaliseEtag } from './etag.ts';
import { collectionUrl, lastSegment, nameIn } from './hrefs.ts';

export interface TrashedObject {
  /** Its address in the trash, for `purge` and `restore`. */
  readonly href: string;
  readonly etag: string | undefined;
  /** ISO 8601 with offset, as the server gives it. */
  readonly deletedAt: string | undefined;
  readonly text: string;
}

/** What became of a restore: back at its old name, or that name is taken, or it is not in the trash any more. */
export type RestoreOutcome = { readonly kind: 'restored' } | { readonly kind: 'taken' } | { readonly kind: 'missing' };

/** Every deleted object of the calendar with this UID, the latest first; usually none or one. */
export async function findTrashed(dav: DavAccess, homeUrl: string, ask: { calendarUrl: string; uid: string }): Promise<readonly TrashedObject[]> {
  const members = await listTrash(dav, homeUrl);
  return members
    .filter(({ props }) => propText(props['calendarUri']) === lastSegment(ask.calendarUrl))
    .map((member) => trashedOf(member, homeUrl))
    .filter(({ text }) => hasUid(text, ask.uid))
    .sort((a, b) => (b.deletedAt ?? '').localeCompare(a.deletedAt ?? ''));
}

/** Removes it for good; its UID and its slot are free then. One that is not there any more is fine. */
export async function purge(dav: DavAccess, homeUrl: string, href: string): Promise<void> {
  const { headers, fetch, fetchOptions } = dav;
  const response = await fetch(inTrash(homeUrl, href), { ...fetchOptions, method: 'DELETE', headers });
  const body = await response.text();
  if (!response.ok && response.status !== 404) throw failed('DELETE trash object', { status: response.status, body });
}

/** Puts it back where it was, with the same etag. The next sync answer calls it gone (confirmed): read it instead. */
export async function restore(dav: DavAccess, homeUrl: string, href: string): Promise<RestoreOutcome> {
  const { headers, fetch, fetchOptions } = dav;
  const destination = `${collectionUrl(homeUrl)}trashbin/restore/file`;
  const response = await fetch(inTrash(homeUrl, href), { ...fetchOptions, method: 'MOVE', headers: { ...headers, destination } });
  const body = await response.text();
  if (response.ok) return { kind: 'restored' };
  if (response.status === 403) return { kind: 'taken' };
  if (response.status === 404) return { kind: 'missing' };
  throw failed('MOVE trash object', { status: response.status, body });
}

async function listTrash(dav: DavAccess, homeUrl: string): Promise<readonly Member[]> {
  const body = {
    'calendar-query': {
      _attributes: { 'xmlns:d': 'DAV:', 'xmlns:c': 'urn:ietf:params:xml:ns:caldav', 'xmlns:n': 'http://nextcloud.com/ns' },
      'd:prop': { 'd:getetag': {}, 'n:deleted-at': {}, 'n:calendar-uri': {}, 'c:calendar-data': {} },
      filter: { 'comp-filter': { _attributes: { name: 'VCALENDAR' }, 'comp-filter': { _attributes: { name: 'VEVENT' } } } },
    },
  };
  const { headers, fetch, fetchOptions } = dav;
  const init = { method: 'REPORT' as const, namespace: 'c', headers: { ...headers, depth: '1' }, body };
  const result = readDav('REPORT trash', await davRequest({ url: trashUrl(homeUrl), init, fetch, fetchOptions }));
  if (result.kind === 'multistatus') return result.answer.members;
  // No trash bin: another server, or switched off.
  if ([403, 404, 405, 409, 415, 501].includes(result.status)) return [];
  throw failed('REPORT trash', result);
}

function trashedOf({ href, props }: Member, homeUrl: string): TrashedObject {
  return {
    href: inTrash(homeUrl, href),
    etag: normaliseEtag(propText(props['getetag'])),
    deletedAt: propText(props['deletedAt']),
    text: propText(props['calendarData']) ?? '',
  };
}

function hasUid(text: string, uid: string): boolean {
  const found = /^UID(?:;[^:]*)?:(.*)$/im.exec(text.replace(/\r?\n[ \t]/g, ''))?.[1];
  return found?.trim() === uid;
}

function trashUrl(homeUrl: string): string {
  return `${collectionUrl(homeUrl)}trashbin/objects/`;
}

/** An address in the trash of this account: our credentials go nowhere else, whatever an answer says. */
function inTrash(homeUrl: string, href: string): string {
  const name = nameIn(trashUrl(homeUrl), href);
  if (name === undefined) throw new VendorRejected({ vendor: 'nextcloud', call: 'trash object', reason: 'OTHER_ADDRESS' });
  return `${trashUrl(homeUrl)}${encodeURIComponent(name)}`;
}
