/**
 * The account's calendars and the addresses of everything in it, as nodes with properties. Which properties there are, and where
 * they are missing, is confirmed (34.0.1); scheduling, sharing links and subscriptions are left out.
 */
import type { CalendarObject, CalendarServer, CalendarState, TrashedObject } from './nextcloud-calendar.ts';
import { encodeSegment, escapeXml, namespaces, notFound, type DavNode } from './nextcloud-xml.ts';

export interface NextcloudAccount extends CalendarServer {
  readonly user: string;
  readonly displayName: string;
  /** By the last part of their address, trashed ones included. */
  readonly calendars: Map<string, CalendarState>;
}

export const davRoot = '/remote.php/dav/';
const { d, cal, cs, oc, nextcloud, apple } = namespaces;

export const displayNameKey = `{${d}}displayname`;
export const colourKey = `{${apple}}calendar-color`;

export function homeHref(account: NextcloudAccount): string {
  return `${davRoot}calendars/${encodeSegment(account.user, account.traps.lowerCaseHrefs)}/`;
}

export function calendarHref(account: NextcloudAccount, calendar: CalendarState): string {
  return `${homeHref(account)}${encodeSegment(calendar.name, account.traps.lowerCaseHrefs)}/`;
}

export function objectHref(account: NextcloudAccount, calendar: CalendarState, name: string): string {
  return calendarHref(account, calendar) + encodeSegment(name, account.traps.lowerCaseHrefs);
}

export function tokenOf(calendar: CalendarState): string {
  return `http://sabre.io/ns/sync/${calendar.token}`;
}

/** The calendar of that name. @throws DavRefusal 404 */
export function calendarNamed(account: NextcloudAccount, name: string): CalendarState {
  const calendar = account.calendars.get(name);
  if (!calendar) throw notFound(`Calendar with name '${name}' could not be found`);
  return calendar;
}

/** As `calendarNamed`, for writing: a share that may only be read answers as if it were not there. */
export function writableCalendar(account: NextcloudAccount, name: string): CalendarState {
  const calendar = calendarNamed(account, name);
  if (calendar.isReadOnly) throw notFound(`Calendar with name '${name}' could not be found`);
  return calendar;
}

export function rootNode(account: NextcloudAccount): DavNode {
  return nodeOf(davRoot, {
    [`{${d}}current-user-principal`]: hrefElement(principalHref(account)),
    [`{${d}}resourcetype`]: '<d:collection/>',
  });
}

export function principalNode(account: NextcloudAccount): DavNode {
  const principal = principalHref(account);
  return nodeOf(principal, {
    [`{${d}}current-user-principal`]: hrefElement(principal),
    [`{${d}}principal-URL`]: hrefElement(principal),
    [`{${d}}resourcetype`]: '<d:principal/>',
    [displayNameKey]: escapeXml(account.displayName),
    [`{${cal}}calendar-home-set`]: hrefElement(homeHref(account)),
    [`{${cal}}calendar-user-address-set`]: hrefElement(`mailto:${account.user}@nextcloud.test`) + hrefElement(principal),
    [`{${cal}}schedule-inbox-URL`]: hrefElement(`${homeHref(account)}inbox/`),
    [`{${cal}}schedule-outbox-URL`]: hrefElement(`${homeHref(account)}outbox/`),
  });
}

export function homeNode(account: NextcloudAccount): DavNode {
  return nodeOf(homeHref(account), { ...ownedBy(account), [`{${d}}resourcetype`]: '<d:collection/>' });
}

/** What a home lists beside the calendars. */
export function homeExtras(account: NextcloudAccount): readonly DavNode[] {
  const home = homeHref(account);
  const box = (name: string) =>
    nodeOf(`${home}${name}/`, { ...ownedBy(account), [`{${d}}resourcetype`]: `<d:collection/><cal:schedule-${name}/>` });
  const trash = nodeOf(`${home}trashbin/`, {
    ...ownedBy(account),
    [`{${d}}resourcetype`]: `<d:collection/><x1:trash-bin xmlns:x1="${nextcloud}"/>`,
    [`{${nextcloud}}trash-bin-retention-duration`]: String(account.traps.trashRetentionSeconds),
  });
  return [box('inbox'), box('outbox'), trash];
}

export function calendarNode(account: NextcloudAccount, calendar: CalendarState): DavNode {
  const isTrashed = calendar.deletedAt !== undefined;
  const token = tokenOf(calendar);
  const principal = calendar.isReadOnly ? `${davRoot}principals/users/owner/` : principalHref(account);
  const properties: Record<string, string> = {
    ...ownedBy(account),
    [displayNameKey]: escapeXml(calendar.name),
    ...Object.fromEntries(calendar.properties),
    [`{${d}}owner`]: hrefElement(principal),
    [`{${oc}}owner-principal`]: escapeXml(principal.slice(davRoot.length, -1)),
    [`{${nextcloud}}owner-displayname`]: escapeXml(calendar.isReadOnly ? 'Owner Example' : account.displayName),
    [`{${d}}resourcetype`]: `<d:collection/>${isTrashed ? `<x1:deleted-calendar xmlns:x1="${nextcloud}"/>` : '<cal:calendar/>'}`,
    [`{${d}}sync-token`]: token,
    [`{${cs}}getctag`]: token,
    [`{${cal}}supported-calendar-component-set`]: [...calendar.components].map((name) => `<cal:comp name="${escapeXml(name)}"/>`).join(''),
    [`{${cal}}max-resource-size`]: '10000000',
    [`{${d}}supported-report-set`]: reportSet,
    [`{${d}}current-user-privilege-set`]: (calendar.isReadOnly ? ['read'] : ['read', 'write', 'write-content', 'bind', 'unbind'])
      .map((name) => `<d:privilege><d:${name}/></d:privilege>`)
      .join(''),
  };
  if (calendar.isReadOnly) properties[`{${oc}}read-only`] = '1';
  if (calendar.deletedAt !== undefined) properties[`{${nextcloud}}deleted-at`] = atomTime(calendar.deletedAt);
  return nodeOf(calendarHref(account, calendar), properties);
}

/** Written as a question and not as a table: a listing of ten thousand asks each for one property. */
export function objectNode(account: NextcloudAccount, calendar: CalendarState, object: CalendarObject): DavNode {
  return {
    href: objectHref(account, calendar, object.name),
    property: (key) => objectProperty(account, object, key),
  };
}

export function trashedNode(account: NextcloudAccount, calendar: CalendarState, trashed: TrashedObject): DavNode {
  return {
    href: `${homeHref(account)}trashbin/objects/${trashed.id}.ics`,
    property: (key) => {
      if (key === `{${nextcloud}}calendar-uri`) return escapeXml(calendar.name);
      if (key === `{${nextcloud}}source-calendar-uri`) return escapeXml(calendar.name);
      if (key === `{${nextcloud}}deleted-at`) return atomTime(trashed.deletedAt);
      return objectProperty(account, trashed, key);
    },
  };
}

const etagKey = `{${d}}getetag`;
const dataKey = `{${cal}}calendar-data`;

function objectProperty(account: NextcloudAccount, object: CalendarObject, key: string): string | undefined {
  if (key === etagKey) return escapeXml(object.etag);
  if (key === dataKey) return escapeXml(object.text.replace(/\r\n/g, '\n')); // LF inside XML, CRLF in a GET
  if (key === `{${d}}resourcetype`) return '';
  if (key === `{${d}}getcontenttype`) return `text/calendar; charset=utf-8; component=${object.component.toLowerCase()}`;
  if (key === `{${d}}getcontentlength`) return String(Buffer.byteLength(object.text));
  if (key === `{${d}}getlastmodified`) return new Date(object.storedAt).toUTCString();
  return key === `{${d}}owner` ? hrefElement(principalHref(account)) : undefined;
}

const reportSet = ['<d:sync-collection/>', '<cal:calendar-multiget/>', '<cal:calendar-query/>', '<cal:free-busy-query/>', '<d:expand-property/>']
  .map((name) => `<d:supported-report><d:report>${name}</d:report></d:supported-report>`)
  .join('');

function nodeOf(href: string, properties: Readonly<Record<string, string>>): DavNode {
  return { href, property: (key) => properties[key] };
}

function ownedBy(account: NextcloudAccount): Record<string, string> {
  const principal = hrefElement(principalHref(account));
  return { [`{${d}}owner`]: principal, [`{${d}}current-user-principal`]: principal };
}

function principalHref(account: NextcloudAccount): string {
  return `${davRoot}principals/users/${encodeSegment(account.user, account.traps.lowerCaseHrefs)}/`;
}

function hrefElement(href: string): string {
  return `<d:href>${href}</d:href>`;
}

function atomTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
