/** A bare CalDAV client for the simulator's tests: no library between the wire and what is asserted. */
import { manualClock } from '../../shared/base/clock.ts';
import { icsOf, type IcsFields } from '../../shared/simulators/ics.ts';
import { simulateNextcloud, type NextcloudOptions } from '../../shared/simulators/nextcloud.ts';
import type { NextcloudTraps } from '../../shared/simulators/nextcloud-traps.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

export interface DavAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly headers: Headers;
  readonly text: string;
  /** Members of a multistatus by the decoded last part of their address; a calendar itself is its name. */
  readonly rows: Readonly<Record<string, 'there' | 'gone'>>;
  readonly token: number;
  /** Sabre's exception class, without its namespace. */
  readonly exception: string | undefined;
}

/** A Nextcloud with an empty calendar `events`, the human hand on it, and raw requests. */
export function aNextcloud(traps: Partial<NextcloudTraps> = {}, options: NextcloudOptions = {}) {
  const clock = manualClock();
  const nextcloud = simulateNextcloud(simulatedWorld({ clock }), { ...options, traps });
  const authorization = `Basic ${Buffer.from(`${nextcloud.user}:${nextcloud.password}`).toString('base64')}`;
  const events = nextcloud.calendar('events');

  /** @param path absolute, or relative to the calendar `events` */
  const dav = async (method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<DavAnswer> => {
    const url = new URL(path, nextcloud.calendarUrl('events'));
    const response = await nextcloud.fetch(url, { method, headers: { authorization, ...headers }, ...(body === '' ? {} : { body }), redirect: 'manual' });
    return davAnswer(response);
  };
  const sync = (number?: number | string, more = '', props = '<d:getetag/>') =>
    dav('REPORT', '', syncBody(number === undefined ? '' : `http://sabre.io/ns/sync/${number}`, more, props));
  return {
    ...nextcloud,
    clock,
    events,
    objects: events.objects,
    dav,
    sync,
    put: (name: string, text: string, headers: Record<string, string> = {}) => dav('PUT', name, text, headers),
    multiget: (hrefs: readonly string[], props = '<d:getetag/>') => dav('REPORT', '', multigetBody(hrefs, props), { depth: '1' }),
    list: () => dav('PROPFIND', '', propfindBody('<d:getetag/>'), { depth: '1' }),
    trash: () => dav('REPORT', '../trashbin/objects/', trashBody, { depth: '1' }),
  };
}

export function anEvent(fields: Partial<IcsFields> = {}): string {
  return icsOf({ uid: 'one@example.org', summary: 'Board meeting', start: '2027-03-04T18:00:00Z', end: '2027-03-04T19:30:00Z', ...fields });
}

export function propfindBody(props: string): string {
  return `<d:propfind ${allNamespaces}><d:prop>${props}</d:prop></d:propfind>`;
}

export function queryBody(filter: string): string {
  return (
    `<c:calendar-query ${allNamespaces}><d:prop><d:getetag/></d:prop><c:filter><c:comp-filter name="VCALENDAR">` +
    `<c:comp-filter name="VEVENT">${filter}</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>`
  );
}

const allNamespaces = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/" xmlns:o="http://owncloud.org/ns" xmlns:n="http://nextcloud.com/ns"';
const trashBody = `<c:calendar-query ${allNamespaces}><d:prop><d:getetag/><n:deleted-at/><n:calendar-uri/><c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR"/></c:filter></c:calendar-query>`;

function syncBody(token: string, more: string, props: string): string {
  return `<sync-collection xmlns="DAV:" ${allNamespaces}><sync-token>${token}</sync-token><sync-level>1</sync-level>${more}<prop>${props}</prop></sync-collection>`;
}

function multigetBody(hrefs: readonly string[], props: string): string {
  return `<c:calendar-multiget ${allNamespaces}><d:prop>${props}</d:prop>${hrefs.map((href) => `<d:href>${href}</d:href>`).join('')}</c:calendar-multiget>`;
}

async function davAnswer(response: Response): Promise<DavAnswer> {
  const text = await response.text();
  const rows: Record<string, 'there' | 'gone'> = {};
  for (const [, href = '', inside = ''] of text.matchAll(/<d:response><d:href>([^<]*)<\/d:href>(.*?)<\/d:response>/gs)) {
    const name = decodeURIComponent(href.replace(/\/$/, '').split('/').at(-1) ?? '');
    rows[name] = inside.startsWith('<d:status>HTTP/1.1 404') ? 'gone' : 'there';
  }
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    headers: response.headers,
    text,
    rows,
    token: Number(/<d:sync-token>[^<]*\/(\d+)<\/d:sync-token>/.exec(text)?.[1] ?? NaN),
    exception: /<s:exception>(?:.*\\)?([^<\\]*)<\/s:exception>/.exec(text)?.[1],
  };
}
