/**
 * Finds the one calendar that we keep, among what else a home holds (inbox, trash, shares, subscriptions), or makes it.
 * Known from Nextcloud 31 and 34, Radicale 3.1 and Xandikos 0.2, all confirmed.
 */
import { makeCalendar, propfind } from 'tsdav';
import { VendorRejected } from '../../base/errors.ts';
import { field, failed, isSameText, multistatusOf, propText, readDav, type Member } from './dav-answer.ts';
import type { DavAccess } from './dav-call.ts';
import { collectionUrl, hasSegment, isSameAddress, lastSegment } from './hrefs.ts';

export interface FoundCalendar {
  readonly url: string;
  readonly displayName: string;
  /** False for a share: there private events are hidden and confidential ones reduced, which looks like edits (confirmed). */
  readonly owned: boolean;
  readonly readOnly: boolean;
}

export interface CalendarChoice {
  /** The account's calendar home. */
  readonly homeUrl: string;
  /** Display name, else the last part of the path. */
  readonly calendarName: string;
  /** Where it is configured; then nothing is searched. */
  readonly calendarUrl?: string | undefined;
  readonly username: string;
}

const wantedProps = {
  'd:displayname': {},
  'd:resourcetype': {},
  'd:owner': {},
  'd:current-user-privilege-set': {},
  'oc:owner-principal': { _attributes: { 'xmlns:oc': 'http://owncloud.org/ns' } },
  'oc:read-only': { _attributes: { 'xmlns:oc': 'http://owncloud.org/ns' } },
  'nc:deleted-at': { _attributes: { 'xmlns:nc': 'http://nextcloud.com/ns' } },
};

/** One request. @throws VendorRejected HOME_MISSING when the home address answers 404. */
export async function findCalendar(dav: DavAccess, choice: CalendarChoice): Promise<FoundCalendar | undefined> {
  if (choice.calendarUrl !== undefined) return calendarAt(dav, choice, choice.calendarUrl);
  const calendars = await listCalendars(dav, choice);
  const byName = calendars.filter(({ props }) => isSameText(props['displayname'], choice.calendarName));
  const byPath = calendars.filter(({ href }) => lastSegment(href) === choice.calendarName);
  // Xandikos may refuse a display name; then the path that we made of it is all there is.
  const bySlug = calendars.filter(({ href, props }) => propText(props['displayname']) === undefined && lastSegment(href) === slugOf(choice.calendarName));
  const found = [byName, byPath, bySlug].find((list) => list.length > 0)?.map((member) => described(member, choice));
  return found?.find(({ owned, readOnly }) => owned && !readOnly) ?? found?.[0];
}

// A taken address may be a calendar in the trash (405 there too, confirmed), so others are tried, but not for ever: Nextcloud
// limits new calendars to about ten an hour.
const slugsMax = 3;

/** @throws VendorRejected CALENDAR_NOT_CREATED when no free address was found. */
export async function createCalendar(dav: DavAccess, choice: CalendarChoice): Promise<string> {
  const slug = slugOf(choice.calendarName);
  for (let attempt = 1; attempt <= slugsMax; attempt += 1) {
    const url = `${collectionUrl(choice.homeUrl)}${attempt === 1 ? slug : `${slug}-${attempt}`}/`;
    const result = readDav('MKCALENDAR', await makeCalendar({ url, props: { 'd:displayname': choice.calendarName }, ...dav }));
    const status = result.kind === 'multistatus' ? 207 : result.status;
    const isTaken = status === 405 || status === 409 || (status === 207 && isRefused(result));
    if (!isTaken && (status < 200 || status > 299) && result.kind === 'other') throw failed('MKCALENDAR', result, { missing: 'HOME_MISSING' });
    // Taken may mean: made a moment ago, by an answer of ours that got lost.
    const found = await findCalendar(dav, choice);
    if (found !== undefined) return found.url;
    if (!isTaken) return url;
  }
  throw new VendorRejected({ vendor: 'nextcloud', call: 'MKCALENDAR', reason: 'CALENDAR_NOT_CREATED' });
}

async function listCalendars(dav: DavAccess, { homeUrl }: CalendarChoice): Promise<readonly Member[]> {
  const entries = await propfind({ url: collectionUrl(homeUrl), props: wantedProps, depth: '1', ...dav });
  return multistatusOf('PROPFIND home', entries, { missing: 'HOME_MISSING' }).members.filter(isCalendar);
}

/** One request. Undefined where there is none, and for one in the trash, which goes on taking reads and writes there (confirmed). */
export async function calendarAt(dav: DavAccess, choice: CalendarChoice, calendarUrl: string): Promise<FoundCalendar | undefined> {
  const result = readDav('PROPFIND calendar', await propfind({ url: collectionUrl(calendarUrl), props: wantedProps, depth: '0', ...dav }));
  if (result.kind === 'other') {
    if (result.status === 404) return undefined;
    throw failed('PROPFIND calendar', result);
  }
  const member = result.answer.members.find(({ href }) => isSameAddress(href, calendarUrl));
  return member === undefined || !isCalendar(member) ? undefined : described(member, choice);
}

function isCalendar({ props }: Member): boolean {
  const type = props['resourcetype'];
  const isGone = field(type, 'deletedCalendar') !== undefined || propText(props['deletedAt']) !== undefined;
  return field(type, 'calendar') !== undefined && field(type, 'subscribed') === undefined && !isGone;
}

function described({ href, props }: Member, choice: CalendarChoice): FoundCalendar {
  const url = collectionUrl(new URL(href, choice.homeUrl).href);
  return {
    // The host as configured: behind a proxy a server may name another one.
    url: new URL(new URL(url).pathname, choice.homeUrl).href,
    displayName: propText(props['displayname']) ?? lastSegment(href),
    owned: isOwned(props, choice),
    readOnly: isSameText(props['readOnly'], '1') || lacksWrite(props['currentUserPrivilegeSet']),
  };
}

/** Whether the owner is the account: by the name it signs in with, or as its home has it (letter case differs at times). */
function isOwned(props: Member['props'], { homeUrl, username }: CalendarChoice): boolean {
  const owner = propText(props['ownerPrincipal']) ?? propText(field(props['owner'], 'href'));
  if (owner === undefined) return true;
  const name = lastSegment(owner);
  return name.toLowerCase() === username.toLowerCase() || hasSegment(homeUrl, name);
}

function lacksWrite(set: unknown): boolean {
  const listed = field(set, 'privilege');
  if (listed === undefined) return false;
  const privileges = (Array.isArray(listed) ? listed : [listed]).flatMap((privilege: unknown) => Object.keys(privilege ?? {}));
  return !privileges.some((privilege) => ['all', 'write', 'writeContent', 'bind'].includes(privilege));
}

// Names that Nextcloud keeps for itself (confirmed): they answer as if taken.
const reserved = /^(inbox|outbox|trashbin|contact_birthdays|app-generated--.*)$/;

function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 100);
  return slug === '' || reserved.test(slug) ? `calendar-${slug}`.replace(/-$/, '') : slug;
}

function isRefused(result: ReturnType<typeof readDav>): boolean {
  return result.kind === 'multistatus' && result.answer.members.some(({ status }) => status >= 400);
}
