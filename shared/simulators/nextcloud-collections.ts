/**
 * Requests about collections: PROPFIND on every level, MKCALENDAR, PROPPATCH and DELETE of calendars. Answers are confirmed
 * (34.0.1). Left out: the limit of new calendars (it needs session cookies), moving and exporting calendars.
 */
import type { Call } from './call.ts';
import { newCalendar, recordPropertyChange, type CalendarState } from './nextcloud-calendar.ts';
import {
  calendarHref,
  calendarNamed,
  calendarNode,
  displayNameKey,
  homeExtras,
  homeNode,
  objectNode,
  principalNode,
  rootNode,
  type NextcloudAccount,
} from './nextcloud-account.ts';
import {
  askedIn,
  empty,
  escapeXml,
  multistatus,
  namespaces,
  notFound,
  propertiesRow,
  propstat,
  sabreRefusal,
  type AskedProperty,
  type DavNode,
} from './nextcloud-xml.ts';
import type { Handler } from './simulator.ts';
import { child, childrenOf, readXml, type XmlElement } from './xml-reader.ts';

type On = (method: string, pattern: string, handler: Handler) => void;

export function collectionRoutes(on: On, account: NextcloudAccount): void {
  const own = (call: Call): void => {
    if (call.params['user'] !== account.user) throw notFound(`Node with name '${call.params['user'] ?? ''}' could not be found`);
  };

  on('PROPFIND', '/remote.php/dav/', (call) => found(call, rootNode(account)));
  on('PROPFIND', '/remote.php/dav/calendars/', unlisted);
  on('PROPFIND', '/remote.php/dav/principals/users/', unlisted);
  on('PROPFIND', '/remote.php/dav/principals/users/:user/', (call) => {
    own(call);
    return found(call, principalNode(account));
  });
  on('PROPFIND', '/remote.php/dav/calendars/:user/', (call) => {
    own(call);
    const calendars = () => [...account.calendars.values()].map((calendar) => calendarNode(account, calendar));
    return found(call, homeNode(account), () => [...calendars(), ...homeExtras(account)]);
  });
  on('PROPFIND', '/remote.php/dav/calendars/:user/:calendar/', (call) => {
    own(call);
    const extra = homeExtras(account).find(({ href }) => href.endsWith(`/${call.params['calendar'] ?? ''}/`));
    if (extra) return found(call, extra);
    const calendar = calendarNamed(account, call.params['calendar'] ?? '');
    return found(call, calendarNode(account, calendar), () => calendar.objects.values().map((object) => objectNode(account, calendar, object)));
  });
  on('PROPFIND', '/remote.php/dav/calendars/:user/:calendar/:object', (call) => {
    own(call);
    const calendar = calendarNamed(account, call.params['calendar'] ?? '');
    const object = calendar.objects.get(call.params['object'] ?? '');
    if (!object) throw notFound('Calendar object not found');
    return found(call, objectNode(account, calendar, object));
  });
  for (const method of ['MKCALENDAR', 'MKCOL']) {
    on(method, '/remote.php/dav/calendars/:user/:calendar/', (call) => {
      own(call);
      makeCalendar(account, call.params['calendar'] ?? '', readXml(call.body), method);
      return empty(201);
    });
  }
  on('PROPPATCH', '/remote.php/dav/calendars/:user/:calendar/', (call) => {
    own(call);
    return patchProperties(account, calendarNamed(account, call.params['calendar'] ?? ''), readXml(call.body));
  });
  on('DELETE', '/remote.php/dav/calendars/:user/:calendar/', (call) => {
    own(call);
    deleteCalendar(account, call.params['calendar'] ?? '', call.headers.get('x-nc-caldav-no-trashbin') === '1');
    return empty(204);
  });
  on('PUT', '/remote.php/dav/calendars/:user/:calendar/', () => {
    throw sabreRefusal(409, 'Conflict', 'PUT is not allowed on non-files.');
  });
}

/** The lists of all users and of all principals are closed. */
function unlisted(call: Call): Response {
  if (call.headers.get('depth') !== '0') throw sabreRefusal(405, 'MethodNotAllowed', 'Listing members of this collection is disabled');
  return found(call, { href: call.path, property: (key) => (key === `{${d}}resourcetype` ? '<d:collection/>' : undefined) });
}

/** Moves a calendar to the trash, or with `isForGood`, or without a trash, removes it with all that it holds. */
export function deleteCalendar(account: NextcloudAccount, name: string, isForGood: boolean): void {
  const calendar = calendarNamed(account, name);
  if (isForGood || account.traps.trashRetentionSeconds === 0) account.calendars.delete(name);
  else calendar.deletedAt ??= account.world.clock.now();
}

function found(call: Call, node: DavNode, members: () => Iterable<DavNode> = () => []): Response {
  const asked = askedBy(call);
  const isMinimal = call.headers.get('prefer') === 'return=minimal';
  const rows = [propertiesRow(node, asked, isMinimal)];
  if (call.headers.get('depth') !== '0') for (const member of members()) rows.push(propertiesRow(member, asked, isMinimal));
  return multistatus(rows);
}

const { d, cal, cs } = namespaces;
const basicNames = ['displayname', 'resourcetype', 'getetag', 'getcontenttype', 'getlastmodified'];
const basicProperties: readonly AskedProperty[] = basicNames.map((name) => ({ ns: d, name }));

function askedBy(call: Call): readonly AskedProperty[] {
  if (call.body.trim() === '') return basicProperties;
  const root = readXml(call.body);
  if (root?.name !== 'propfind') throw sabreRefusal(400, 'BadRequest', 'The request body could not be read');
  const prop = child(root, d, 'prop');
  return prop ? askedIn(prop) : basicProperties;
}

const takenNames = new Set(['inbox', 'outbox', 'trashbin']);

function makeCalendar(account: NextcloudAccount, name: string, body: XmlElement | undefined, method: string): void {
  const props = setIn(body);
  const isCalendar = method === 'MKCALENDAR' || props.some((prop) => prop.name === 'resourcetype' && child(prop, cal, 'calendar') !== undefined);
  if (!isCalendar) throw sabreRefusal(403, 'InvalidResourceType', 'You may only create calendars here');
  if (account.calendars.has(name) || takenNames.has(name)) {
    throw sabreRefusal(405, 'MethodNotAllowed', 'The resource you tried to create already exists');
  }
  if (name === 'contact_birthdays' || name.startsWith('app-generated--')) {
    throw sabreRefusal(405, 'MethodNotAllowed', `The resource you tried to create has a reserved name: ${name}`);
  }
  const set = props.find((prop) => prop.name === 'supported-calendar-component-set');
  const components = childrenOf(set, cal, 'comp').map(({ attributes }) => attributes['name'] ?? '');
  const calendar = newCalendar({ id: account.newId(), name, ...(components.length > 0 ? { components } : {}) });
  for (const prop of props) if (!computed.has(prop.name)) calendar.properties.set(keyOf(prop), escapeXml(prop.text));
  if (!calendar.properties.get(displayNameKey)) calendar.properties.delete(displayNameKey);
  account.calendars.set(name, calendar);
}

/** Properties that the server keeps itself. */
const computed = new Set(['resourcetype', 'supported-calendar-component-set', 'sync-token', 'getctag', 'getetag', 'owner', 'current-user-principal']);

function patchProperties(account: NextcloudAccount, calendar: CalendarState, body: XmlElement | undefined): Response {
  const wanted = setIn(body);
  const removed = childrenOf(body, d, 'remove').flatMap((part) => child(part, d, 'prop')?.children ?? []);
  const all = [...wanted, ...removed];
  const isRefused = ({ ns, name }: XmlElement) => (ns === d || ns === cs || ns === cal) && computed.has(name);
  const href = calendarHref(account, calendar).replace(/\/$/, '');
  if (all.some(isRefused)) {
    const [refused, others] = [all.filter(isRefused), all.filter((prop) => !isRefused(prop))];
    return multistatus([`<d:response><d:href>${href}</d:href>${rowFor(refused, '403 Forbidden')}${rowFor(others, '424 Failed Dependency')}</d:response>`]);
  }
  for (const prop of wanted) calendar.properties.set(keyOf(prop), escapeXml(prop.text));
  for (const prop of removed) calendar.properties.delete(keyOf(prop));
  recordPropertyChange(account, calendar);
  return multistatus([`<d:response><d:href>${href}</d:href>${rowFor(all, '200 OK')}</d:response>`]);
}

function rowFor(props: readonly XmlElement[], status: string): string {
  return props.map(({ ns, name }) => propstat(`<x1:${name} xmlns:x1="${escapeXml(ns)}"/>`, status)).join('');
}

function setIn(body: XmlElement | undefined): readonly XmlElement[] {
  return childrenOf(body, d, 'set').flatMap((part) => child(part, d, 'prop')?.children ?? []);
}

function keyOf({ ns, name }: XmlElement): string {
  return `{${ns}}${name}`;
}
