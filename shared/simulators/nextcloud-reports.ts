/**
 * The three questions that a client asks a calendar: sync-collection, calendar-multiget and calendar-query, with what Nextcloud
 * makes of odd tokens, limits and addresses (confirmed, 31 and 34). Left out: free-busy, `expand`, jCal.
 */
import type { Call } from './call.ts';
import { changesSince, type CalendarState } from './nextcloud-calendar.ts';
import { calendarHref, calendarNamed, homeHref, objectHref, objectNode, tokenOf, trashedNode, type NextcloudAccount } from './nextcloud-account.ts';
import { queryTest } from './nextcloud-query.ts';
import { askedIn, DavRefusal, goneRow, multistatus, namespaces, notFound, propertiesRow, sabreRefusal } from './nextcloud-xml.ts';
import type { Handler } from './simulator.ts';
import { child, childrenOf, readXml, type XmlElement } from './xml-reader.ts';

type On = (method: string, pattern: string, handler: Handler) => void;
const { d, cal } = namespaces;

export function reportRoutes(on: On, account: NextcloudAccount): void {
  on('REPORT', '/remote.php/dav/calendars/:user/trashbin/objects/', (call) => trashQuery(account, call, reportIn(call)));
  on('REPORT', '/remote.php/dav/calendars/:user/:calendar/', (call) => {
    if (call.params['user'] !== account.user) throw notFound(`Node with name '${call.params['user'] ?? ''}' could not be found`);
    const calendar = calendarNamed(account, call.params['calendar'] ?? '');
    const report = reportIn(call);
    if (report.name === 'sync-collection') return syncCollection(account, calendar, report);
    if (report.name === 'calendar-multiget') return multiget(account, call, report);
    if (report.name === 'calendar-query') return query(account, calendar, call, report);
    throw unknownReport();
  });
  on('REPORT', '/remote.php/dav/calendars/:user/', (call) => {
    if (reportIn(call).name === 'calendar-query') return multistatus([]);
    throw unknownReport();
  });
}

const tokenPrefix = 'http://sabre.io/ns/sync/';

function syncCollection(account: NextcloudAccount, calendar: CalendarState, report: XmlElement): Response {
  const sent = child(report, d, 'sync-token');
  if (!sent) throw sabreRefusal(400, 'BadRequest', 'You must specify a {DAV:}sync-token element');
  const asked = askedIn(child(report, d, 'prop'));
  const limit = child(child(report, d, 'limit'), d, 'nresults')?.text.trim();
  const tail = `<d:sync-token>${tokenOf(calendar)}</d:sync-token>`;
  const rowOf = (name: string) => {
    const object = calendar.objects.get(name);
    return object ? propertiesRow(objectNode(account, calendar, object), asked, false) : goneRow(objectHref(account, calendar, name));
  };

  const number = numberIn(account, calendar, sent.text.trim());
  if (number === 'everything') {
    if (limit !== undefined) throw sabreRefusal(507, 'InsufficientStorage', '', { element: '<d:number-of-matches-within-limits/>' });
    return multistatus([...calendar.objects.keys()].map(rowOf), tail);
  }
  const rows = changesSince(account, calendar, number).map(({ name, isGone }) => {
    if (name === '') return goneRow(calendarHref(account, calendar).replace(/\/$/, ''));
    return isGone ? goneRow(objectHref(account, calendar, name)) : rowOf(name);
  });
  return multistatus(limit === undefined ? rows : rows.slice(0, Number(limit)), tail); // cut, and the rest is lost
}

/** Zero, negative numbers and what is no number give everything; a future number gives nothing. */
function numberIn(account: NextcloudAccount, calendar: CalendarState, token: string): number | 'everything' {
  if (token === '') return 'everything';
  const number = Number(token.slice(tokenPrefix.length));
  const isIssued = number <= calendar.token;
  if (!token.startsWith(tokenPrefix) || (!account.traps.anyNumberAccepted && !(number >= 1 && isIssued))) {
    throw sabreRefusal(403, 'InvalidSyncToken', 'Invalid or unknown sync token', { element: '<d:valid-sync-token/>' });
  }
  return number > 0 ? number : 'everything';
}

function multiget(account: NextcloudAccount, call: Call, report: XmlElement): Response {
  const asked = askedIn(child(report, d, 'prop'));
  const rows = new Map<string, string>();
  for (const { text } of childrenOf(report, d, 'href')) {
    const { calendar, name } = addressed(account, call, text.trim());
    const object = calendar.objects.get(name);
    const href = objectHref(account, calendar, name);
    if (object) rows.set(href, propertiesRow(objectNode(account, calendar, object), asked, false));
    else if (!account.traps.multigetLeavesOut) rows.set(href, goneRow(href));
  }
  return multistatus([...rows.values()]);
}

/** Absolute addresses and names relative to the calendar are fine, other hosts are not looked at. */
function addressed(account: NextcloudAccount, call: Call, href: string): { calendar: CalendarState; name: string } {
  const base = new URL(call.url.href.endsWith('/') ? call.url.href : `${call.url.href}/`);
  const path = new URL(href, base).pathname;
  const segments = path.split('/').map((segment) => decodeURIComponent(segment));
  if (!path.startsWith('/remote.php/dav/')) throw sabreRefusal(403, 'Forbidden', `Requested uri (${href}) is out of base uri`);
  const [, , , kind, user, calendar = '', name = ''] = segments;
  if (kind !== 'calendars' || user !== account.user) throw notFound(`Node with name '${user ?? ''}' could not be found`);
  return { calendar: calendarNamed(account, calendar), name };
}

function query(account: NextcloudAccount, calendar: CalendarState, call: Call, report: XmlElement): Response {
  const depth = call.headers.get('depth') ?? '0';
  if (depth === '0') throw sabreRefusal(400, 'BadRequest', 'A calendar-query REPORT on a calendar with a Depth: 0 is undefined. Set Depth to 1');
  if (depth === 'infinity') return multistatus([]);
  const test = queryTest(child(report, cal, 'filter'), account.traps.timeRangeIgnoresOthers);
  const asked = askedIn(child(report, d, 'prop'));
  const rows: string[] = [];
  for (const object of calendar.objects.values()) if (test(object)) rows.push(propertiesRow(objectNode(account, calendar, object), asked, false));
  return multistatus(rows);
}

function trashQuery(account: NextcloudAccount, call: Call, report: XmlElement): Response {
  if (report.name !== 'calendar-query' || call.headers.get('depth') !== '1') throw unknownReport();
  if (!call.path.startsWith(homeHref(account))) throw notFound('Node could not be found');
  const asked = askedIn(child(report, d, 'prop'));
  const rows: string[] = [];
  for (const calendar of account.calendars.values()) {
    for (const trashed of calendar.trash.values()) rows.push(propertiesRow(trashedNode(account, calendar, trashed), asked, false));
  }
  return multistatus(rows);
}

function reportIn(call: Call): XmlElement {
  const report = readXml(call.body);
  if (report) return report;
  const exception = call.body.trim() === '' ? 'Sabre\\Xml\\ParseException' : 'Sabre\\Xml\\LibXMLException';
  throw new DavRefusal(500, exception, 'The body could not be read');
}

function unknownReport(): DavRefusal {
  return sabreRefusal(415, 'ReportNotSupported', 'The requested report is not known here', { element: '<d:supported-report/>' });
}
