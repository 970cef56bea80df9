/**
 * Nextcloud, as far as the hub can see it: one account's calendars over CalDAV, with the eleven traps of the observed servers.
 * Faithful (confirmed, 31.0.6 and 34.0.1): discovery, ETags and preconditions, sync tokens, the trash, what is repaired and
 * refused, throttling. Each trap is a switch in `traps` (nextcloud-traps.ts).
 * Left out: cookies, scheduling, making shares, COPY and MOVE between calendars, free-busy, expanded series.
 */
import type { Call } from './call.ts';
import { newCalendar, expireTrash, type CalendarState } from './nextcloud-calendar.ts';
import { displayNameKey, homeHref, type NextcloudAccount } from './nextcloud-account.ts';
import { collectionRoutes } from './nextcloud-collections.ts';
import { loginDesk } from './nextcloud-login.ts';
import { objectRoutes } from './nextcloud-objects.ts';
import { calendarByHand, type CalendarByHand } from './nextcloud-person.ts';
import { reportRoutes } from './nextcloud-reports.ts';
import { observedTraps, type NextcloudTraps } from './nextcloud-traps.ts';
import { DavRefusal, empty, escapeXml, notFound, sabreRefusal } from './nextcloud-xml.ts';
import { json, simulator, type Handler, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface NextcloudOptions {
  /** What differs from the observed server. */
  readonly traps?: Partial<NextcloudTraps>;
  readonly user?: string;
  readonly password?: string;
  /** Calendars that exist from the start; default one, `events`, shown as `nonprofit-events`. */
  readonly calendars?: readonly { readonly name: string; readonly displayName?: string; readonly components?: readonly string[] }[];
}

export interface SimulatedNextcloud extends Pick<Simulator, 'fetch' | 'journal' | 'faults'> {
  /** Origin, without a slash at its end. Any other origin is answered too. */
  readonly url: string;
  /** The calendar home, `https://host/remote.php/dav/calendars/<user>/`. */
  readonly homeUrl: string;
  readonly user: string;
  /** An app password. */
  readonly password: string;
  /** May be changed at any time. */
  readonly traps: NextcloudTraps;
  /** `isMaintenance`: DAV answers 503, `status.php` 200. `isAccountDisabled`: 503 after a right password. */
  readonly settings: { isMaintenance: boolean; isAccountDisabled: boolean };
  /** All of them, trashed ones left out. */
  calendars(): readonly CalendarByHand[];
  /** One calendar as a person sees it; may be named before it exists. */
  calendar(name: string): CalendarByHand;
  calendarUrl(name: string): string;
  /** A person makes a calendar in the web pages. */
  addCalendar(calendar: { readonly name: string; readonly displayName?: string; readonly components?: readonly string[] }): CalendarByHand;
  /** Keeps a copy of everything, tokens included; `restoreBackup` goes back to the last one. */
  takeBackup(): void;
  restoreBackup(): void;
  /** The daily job: trash that is too old is purged. */
  runHousekeeping(): void;
  /** Clears the list of failed logins, as an administrator can. */
  forgiveFailedLogins(): void;
}

export function simulateNextcloud(world: SimulatedWorld, options: NextcloudOptions = {}): SimulatedNextcloud {
  const user = options.user ?? 'hub';
  const password = options.password ?? 'simulated-app-password';
  const traps: NextcloudTraps = { ...observedTraps(), ...options.traps };
  const settings = { isMaintenance: false, isAccountDisabled: false };
  let lastId = 0;
  const account: NextcloudAccount = { world, traps, user, displayName: 'Hub Example', calendars: new Map(), newId: () => (lastId += 1) };
  const desk = loginDesk(() => world.clock.now(), () => ({
    user,
    password,
    maintenance: settings.isMaintenance,
    isAccountDisabled: settings.isAccountDisabled,
    throttleAfter: traps.throttleAfter,
  }));
  const nextcloud = simulator('nextcloud', world, {
    before: (call) => (call.path.startsWith('/remote.php/') ? desk.check(call)?.answer() : undefined),
    unknownRoute: unknownAddress,
  });
  routes(nextcloud, account, settings);

  const addCalendar: SimulatedNextcloud['addCalendar'] = ({ name, displayName, components }) => {
    const calendar = newCalendar({ id: account.newId(), name, ...(components ? { components } : {}) });
    if (displayName !== undefined) calendar.properties.set(displayNameKey, escapeXml(displayName));
    account.calendars.set(name, calendar);
    return calendarByHand(account, name);
  };
  for (const calendar of options.calendars ?? [{ name: 'events', displayName: 'nonprofit-events' }]) addCalendar(calendar);

  let backup: ReadonlyMap<string, CalendarState> | undefined;
  const url = 'https://nextcloud.test';
  const { fetch, journal, faults } = nextcloud;
  return {
    fetch,
    journal,
    faults,
    url,
    homeUrl: url + homeHref(account),
    user,
    password,
    traps,
    settings,
    calendars: () => [...account.calendars.values()].filter(({ deletedAt }) => deletedAt === undefined).map(({ name }) => calendarByHand(account, name)),
    calendar: (name) => calendarByHand(account, name),
    calendarUrl: (name) => `${url}${homeHref(account)}${encodeURIComponent(name)}/`,
    addCalendar,
    takeBackup() {
      backup = structuredClone(account.calendars);
    },
    restoreBackup() {
      if (!backup) throw new Error('there is no backup to restore');
      account.calendars.clear();
      for (const [name, calendar] of structuredClone(backup)) account.calendars.set(name, calendar);
    },
    runHousekeeping() {
      for (const calendar of account.calendars.values()) expireTrash(account, calendar);
    },
    forgiveFailedLogins: desk.forget,
  };
}

function routes(nextcloud: Simulator, account: NextcloudAccount, settings: { readonly isMaintenance: boolean }): void {
  /** Collections answer with and without their final slash. */
  const on = (method: string, pattern: string, handler: Handler) => {
    nextcloud.on(method, pattern, refusalsAnswered(handler));
    if (pattern.endsWith('/')) nextcloud.on(method, pattern.slice(0, -1), refusalsAnswered(handler));
  };
  nextcloud.on('*', '/.well-known/caldav', () => empty(301, { location: '/remote.php/dav/' }));
  nextcloud.on('GET', '/status.php', () =>
    json(200, { installed: true, maintenance: settings.isMaintenance, needsDbUpgrade: false, version: '34.0.1.2', versionstring: '34.0.1' }),
  );
  reportRoutes(on, account);
  objectRoutes(on, account);
  collectionRoutes(on, account);
}

function unknownAddress(call: Call): Response {
  if (!call.path.startsWith('/remote.php/dav/')) return new Response('<!doctype html><html><body>Not here</body></html>', { status: 405 });
  if (call.method === 'OPTIONS') return empty(200, { dav: '1, 3, extended-mkcol, access-control, calendar-access, nc-calendar-trashbin' });
  if (call.method === 'PROPFIND' || call.method === 'GET') return notFound('File not found').answer();
  return sabreRefusal(501, 'NotImplemented', `There was no plugin in the system that was willing to handle this ${call.method} method.`).answer();
}

function refusalsAnswered(handler: Handler): Handler {
  return async (call) => {
    try {
      return await handler(call);
    } catch (error) {
      if (error instanceof DavRefusal) return error.answer();
      throw error;
    }
  };
}
