/**
 * Requests about one object: GET, PUT and DELETE with their preconditions, and the trash bin's purge and restore.
 * Statuses and headers are confirmed (31 and 34). Left out: COPY, moving between calendars, ranges, `If-Unmodified-Since`.
 */
import { setImmediate as turnOfTheEventLoop } from 'node:timers/promises';
import type { Call } from './call.ts';
import { deleteObject, purgeObject, putObject, restoreObject, type CalendarObject, type CalendarState, type TrashedObject } from './nextcloud-calendar.ts';
import { calendarNamed, writableCalendar, type NextcloudAccount } from './nextcloud-account.ts';
import { empty, notFound, sabreRefusal } from './nextcloud-xml.ts';
import type { Handler } from './simulator.ts';

type On = (method: string, pattern: string, handler: Handler) => void;

export function objectRoutes(on: On, account: NextcloudAccount): void {
  trashRoutes(on, account);
  const address = '/remote.php/dav/calendars/:user/:calendar/:object';
  const place = (call: Call, find: typeof calendarNamed) => {
    if (call.params['user'] !== account.user) throw notFound(`Node with name '${call.params['user'] ?? ''}' could not be found`);
    const name = call.params['object'] ?? '';
    if (name.includes('/')) throw notFound('Calendar object not found');
    return { calendar: find(account, call.params['calendar'] ?? ''), name };
  };

  for (const method of ['GET', 'HEAD']) {
    on(method, address, (call) => {
      const { calendar, name } = place(call, calendarNamed);
      const object = calendar.objects.get(name) ?? calendar.trash.get(name); // trashed ones still answer under their longer name
      if (!object) throw notFound('Calendar object not found');
      if (call.headers.get('if-none-match') === object.etag) return empty(304, tagHeaders(object.etag));
      return new Response(method === 'HEAD' ? null : object.text, {
        headers: {
          'content-type': `text/calendar; charset=utf-8; component=${object.component.toLowerCase()}`,
          'last-modified': new Date(object.storedAt).toUTCString(),
          ...tagHeaders(object.etag),
        },
      });
    });
  }

  on('PUT', address, async (call) => {
    const { calendar, name } = place(call, writableCalendar);
    refuseStale(call, calendar, name);
    if (account.traps.racingWriters) await turnOfTheEventLoop(); // everybody has checked before anybody writes, and no time has passed
    const { object, isNew, showsEtag, warning } = putObject(account, calendar, { name, text: call.body });
    return empty(isNew ? 201 : 204, {
      ...(showsEtag ? tagHeaders(object.etag) : {}),
      ...(warning === undefined ? {} : { 'x-sabre-ew-gross': warning }),
    });
  });

  on('DELETE', address, async (call) => {
    const { calendar, name } = place(call, writableCalendar);
    refuseStale(call, calendar, name);
    if (account.traps.racingWriters) await turnOfTheEventLoop();
    deleteObject(account, calendar, name);
    return empty(204);
  });
}

/** Where a trashed object stands: by its number, as the trash bin's addresses have it. */
export function findTrashed(account: NextcloudAccount, id: string): { calendar: CalendarState; trashed: TrashedObject } {
  for (const calendar of account.calendars.values()) {
    for (const trashed of calendar.trash.values()) if (`${trashed.id}.ics` === id) return { calendar, trashed };
  }
  throw notFound('Calendar object not found');
}

function trashRoutes(on: On, account: NextcloudAccount): void {
  const isRestore = (call: Call) => {
    const target = new URL(call.headers.get('destination') ?? '', call.url).pathname;
    return target === `/remote.php/dav/calendars/${account.user}/trashbin/restore/file`;
  };
  on('PROPFIND', '/remote.php/dav/calendars/:user/trashbin/objects/', (call) => {
    if (call.headers.get('depth') === '0') return empty(207);
    throw sabreRefusal(501, 'NotImplemented', 'Listing the trash is done by a calendar-query');
  });
  on('GET', '/remote.php/dav/calendars/:user/trashbin/objects/:id', ({ params }) => new Response(findTrashed(account, params['id'] ?? '').trashed.text));
  on('DELETE', '/remote.php/dav/calendars/:user/trashbin/objects/:id', ({ params }) => {
    const { calendar, trashed } = findTrashed(account, params['id'] ?? '');
    purgeObject(calendar, trashed);
    return empty(204);
  });
  on('MOVE', '/remote.php/dav/calendars/:user/trashbin/objects/:id', (call) => {
    if (!isRestore(call)) throw sabreRefusal(403, 'Forbidden', 'Trashed objects can only be moved to the restore folder');
    const { calendar, trashed } = findTrashed(account, call.params['id'] ?? '');
    restoreObject(calendar, trashed);
    return empty(201);
  });
  on('MOVE', '/remote.php/dav/calendars/:user/:calendar/', (call) => {
    if (!isRestore(call)) throw sabreRefusal(405, 'MethodNotAllowed', 'Renaming calendars is not yet supported');
    calendarNamed(account, call.params['calendar'] ?? '').deletedAt = undefined;
    return empty(201);
  });
  on('MOVE', '/remote.php/dav/calendars/:user/:calendar/:object', () => {
    throw sabreRefusal(403, 'Forbidden', 'Permission denied to rename file');
  });
}

/** Tags are compared as they are: unquoted, weak or suffixed ones never fit. */
function refuseStale(call: Call, calendar: CalendarState, name: string): void {
  const object: CalendarObject | undefined = calendar.objects.get(name) ?? (call.method === 'DELETE' ? calendar.trash.get(name) : undefined);
  const fits = (header: string) => object !== undefined && (header.trim() === '*' || header.split(',').some((tag) => tag.trim() === object.etag));
  const ifMatch = call.headers.get('if-match');
  const ifNoneMatch = call.headers.get('if-none-match');
  if (ifMatch !== null && !fits(ifMatch)) throw stale('If-Match', object);
  if (ifNoneMatch !== null && fits(ifNoneMatch)) throw stale('If-None-Match', object);
}

function stale(header: string, object: CalendarObject | undefined) {
  return sabreRefusal(412, 'PreconditionFailed', `An ${header} header was specified, but the condition did not hold`, {
    element: `<s:header>${header}</s:header>`,
    headers: object ? tagHeaders(object.etag) : {},
  });
}

function tagHeaders(etag: string): Record<string, string> {
  return { etag, 'oc-etag': etag };
}
