/**
 * Reads and writes single calendar objects. Every write carries a condition, so that nobody's edit is overwritten; a change
 * goes over the object and never through delete and create, which the trash would answer with a refusal.
 */
import { createCalendarObject, davRequest, deleteCalendarObject, updateCalendarObject } from 'tsdav';
import { objectBytesMax } from './component.ts';
import { failed, multistatusOf, propText, type Member } from './dav-answer.ts';
import type { DavAccess } from './dav-call.ts';
import { normaliseEtag } from './etag.ts';
import { collectionUrl, hrefOf, nameIn, pathOf } from './hrefs.ts';
import { answerOf, createOutcome, removeOutcome, replaceOutcome, type CreateOutcome, type RemoveOutcome, type ReplaceOutcome } from './write-outcome.ts';

export type ObjectRead =
  | { readonly etag: string | undefined; readonly text: string; readonly tooLarge?: undefined }
  | { readonly etag: string | undefined; readonly text?: undefined; readonly tooLarge: true };

// Xandikos needs 4.5 s for 100 and 24 s for 500; Radicale and Nextcloud do not mind (measured).
const multigetMax = 50;

/**
 * Reads many objects, 50 a request. What is missing from the map does not exist. Line ends are as the server likes them.
 * @throws VendorRejected CALENDAR_MISSING: Nextcloud fails the whole report when the calendar is not there.
 */
export async function readObjects(dav: DavAccess, calendarUrl: string, names: readonly string[]): Promise<ReadonlyMap<string, ObjectRead>> {
  const found = new Map<string, ObjectRead>();
  const wanted = [...new Set(names)];
  for (let from = 0; from < wanted.length; from += multigetMax) {
    const chunk = wanted.slice(from, from + multigetMax);
    for (const member of await multiget(dav, calendarUrl, chunk)) {
      const name = nameIn(calendarUrl, member.href);
      if (name === undefined || !chunk.includes(name) || member.status === 404 || member.status === 410) continue;
      const read = objectOf(member) ?? (await readObject(dav, calendarUrl, name));
      if (read !== undefined) found.set(name, read);
    }
  }
  return found;
}

/** Reads one object; undefined when there is none. */
export async function readObject(dav: DavAccess, calendarUrl: string, name: string): Promise<ObjectRead | undefined> {
  const response = await dav.fetch(hrefOf(calendarUrl, name), { ...dav.fetchOptions, method: 'GET', headers: dav.headers });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status === 404 || response.status === 410) return undefined;
  if (response.status !== 200) throw failed('GET object', { status: response.status, body: '' });
  const etag = normaliseEtag(response.headers.get('etag'));
  return bytes.length > objectBytesMax ? { etag, tooLarge: true } : { etag, text: unfolded(bytes) };
}

export async function putNew(dav: DavAccess, calendarUrl: string, name: string, text: string): Promise<CreateOutcome> {
  const calendar = { url: collectionUrl(calendarUrl) };
  return createOutcome(await answerOf(() => createCalendarObject({ calendar, filename: encodeURIComponent(name), iCalString: text, ...dav })));
}

/** @param etag  The version that the text was made from. */
export async function putOver(dav: DavAccess, calendarUrl: string, name: string, text: string, etag: string): Promise<ReplaceOutcome> {
  const calendarObject = { url: hrefOf(calendarUrl, name), data: text, etag };
  return replaceOutcome(await answerOf(() => updateCalendarObject({ calendarObject, ...dav })));
}

/** @param etag  The version that the decision was made from. */
export async function remove(dav: DavAccess, calendarUrl: string, name: string, etag: string): Promise<RemoveOutcome> {
  const calendarObject = { url: hrefOf(calendarUrl, name), etag };
  return removeOutcome(await answerOf(() => deleteCalendarObject({ calendarObject, ...dav })));
}

// tsdav's own multiget throws when one member is missing; this one leaves the members to us.
async function multiget(dav: DavAccess, calendarUrl: string, names: readonly string[]): Promise<readonly Member[]> {
  const body = {
    'calendar-multiget': {
      _attributes: { 'xmlns:d': 'DAV:', 'xmlns:c': 'urn:ietf:params:xml:ns:caldav' },
      'd:prop': { 'd:getetag': {}, 'c:calendar-data': {} },
      'd:href': names.map((name) => pathOf(calendarUrl, name)),
    },
  };
  const { headers, fetch, fetchOptions } = dav;
  const init = { method: 'REPORT' as const, namespace: 'c', headers: { ...headers, depth: '1' }, body };
  const entries = await davRequest({ url: collectionUrl(calendarUrl), init, fetch, fetchOptions });
  return multistatusOf('REPORT calendar-multiget', entries, { missing: 'CALENDAR_MISSING' }).members;
}

/** Undefined where only a GET can tell: an answer without the text, or one in which bytes were lost (see `unfolded`). */
function objectOf({ status, props }: Member): ObjectRead | undefined {
  const text = propText(props['calendarData']);
  if (status >= 300 || text === undefined || text.includes('\ufffd')) return undefined;
  const etag = normaliseEtag(propText(props['getetag']));
  return Buffer.byteLength(text) > objectBytesMax ? { etag, tooLarge: true } : { etag, text };
}

/**
 * Old programs fold lines inside a character, which the standard allows. Decoding before unfolding would lose that character,
 * so the folds come out of the bytes first.
 */
function unfolded(bytes: Buffer): string {
  return Buffer.from(bytes.toString('latin1').replace(/\r?\n[ \t]/g, ''), 'latin1').toString('utf8');
}
