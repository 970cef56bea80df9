/**
 * Springshare LibCal, as far as the hub can see it: bookings of spaces over API 1.1, for one application with client credentials.
 * Faithful (confirmed unless marked): both path prefixes, tokens of an hour, filters, inclusive days in the site's zone, page size 20 to 500,
 * bare arrays, cancelled rows hidden by default (likely), one bookId on several rows, errors as 200, plain text or HTML, 414.
 * Left out: events, appointments, equipment, reserving and cancelling over the API.
 */
import { fieldsOf } from '../base/fields-of.ts';
import type { Call } from './call.ts';
import { bookingEditor, type BookingEditor, type BookingRecord } from './libcal-bookings.ts';
import { json, simulator, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface LibcalSettings {
  /** IANA name of each location's zone; `date` and `days` are counted in it, and times are written with its offset. */
  zones: { [lid: number]: string };
  prefixes: readonly string[];
  tokenSeconds: number;
  /** `200`: a refusal of a token is told with the status of a success. */
  invalidClient: 400 | 401 | 200;
  /** As in 2020: rows without `id`, cancelled ones always listed and without a mark. */
  year: 2020 | 2026;
  pageSizeMax: number;
  /** Called after each page: rows may come, go and move between pages. */
  afterPage: ((page: number) => void) | undefined;
  unknownBooking: 'left-out' | 'error-element' | '404';
  /** Locations whose listing fails, and how. */
  broken: { [lid: number]: 'html' | 'text' | 'error-200' | 500 };
  scope: string;
}

export interface SimulatedLibcal extends Pick<Simulator, 'fetch' | 'journal' | 'faults'> {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly settings: LibcalSettings;
  readonly bookings: BookingEditor;
  /** Every token that is out stops working at once. */
  revokeTokens(): void;
}

const clientId = '417';
const clientSecret = 'simulated-libcal-secret';

export function simulateLibcal(world: SimulatedWorld, options: Partial<LibcalSettings> = {}): SimulatedLibcal {
  const settings: LibcalSettings = {
    zones: { 8810: 'America/New_York', 8811: 'America/Chicago' }, prefixes: ['/1.1', '/api/1.1'], tokenSeconds: 3600, invalidClient: 401, year: 2026, pageSizeMax: 500,
    afterPage: undefined, unknownBooking: 'left-out', broken: {}, scope: 'ev_r sp_r', ...options,
  };
  const { clock } = world;
  const bookings = bookingEditor(clock);
  const tokens = new Map<string, number>();
  let issued = 0;
  const libcal = simulator('libcal', world, {
    before: (call) => {
      if (call.url.href.length > 8192) return new Response('Request-URI Too Long', { status: 414, headers: { 'content-type': 'text/plain' } });
      if (!settings.prefixes.some((prefix) => call.path.startsWith(`${prefix}/`))) return page404();
      if (call.path.endsWith('/oauth/token')) return undefined;
      const token = /^Bearer (.+)$/.exec(call.headers.get('authorization') ?? '')?.[1] ?? '';
      return (tokens.get(token) ?? 0) > clock.now() ? undefined : new Response('Unauthorized', { status: 401 });
    },
    unknownRoute: page404,
  });
  const on = (method: string, path: string, handler: (call: Call) => unknown) => {
    for (const prefix of ['/1.1', '/api/1.1']) libcal.on(method, `${prefix}${path}`, handler);
  };

  on('POST', '/oauth/token', (call) => {
    const asked = fieldsIn(call);
    if (asked['client_id'] !== clientId || asked['client_secret'] !== clientSecret) return json(settings.invalidClient, { error: 'invalid_client', error_description: 'The client is not known' });
    if (asked['grant_type'] !== 'client_credentials') return json(400, { error: 'unsupported_grant_type', error_description: 'Not here' });
    issued += 1;
    const token = issued.toString(16).padStart(40, '5f0c');
    tokens.set(token, clock.now() + settings.tokenSeconds * 1000);
    return { access_token: token, expires_in: settings.tokenSeconds, token_type: 'Bearer', scope: settings.scope };
  });

  on('GET', '/space/bookings', (call) => {
    const query = call.url.searchParams;
    const lid = Number(query.get('lid') ?? 0);
    const broken = settings.broken[lid];
    if (broken !== undefined) return brokenAnswer(broken);
    const limit = Math.min(settings.pageSizeMax, Math.max(1, Number(query.get('limit') ?? 20)));
    const page = Math.max(1, Number(query.get('page') ?? 1));
    const shown = bookings.all().filter((row) => isListed(row, query, settings, clock.now()));
    const rows = shown.slice((page - 1) * limit, page * limit).map((row) => wireOf(row, query, settings));
    settings.afterPage?.(page);
    return json(200, rows);
  });

  on('GET', '/space/booking/:ids', (call) => {
    const ids = (call.params['ids'] ?? '').split(',');
    const found = ids.flatMap((id): unknown[] => {
      const rows = bookings.all().filter((row) => !row.hidden && (row.bookId === id || String(row.id) === id));
      if (rows.length > 0) return rows.map((row) => wireOf(row, call.url.searchParams, settings));
      return settings.unknownBooking === 'error-element' ? [{ error: 'no such booking' }] : [];
    });
    return found.length === 0 && settings.unknownBooking === '404' ? json(404, { error: 'no such booking' }) : json(200, found);
  });

  on('GET', '/space/locations', () => Object.keys(settings.zones).map((lid) => ({ lid: Number(lid), name: `Location ${lid}`, public: 1 })));
  on('GET', '/space/question/:ids', (call) => (call.params['ids'] ?? '').split(',').map((id) => (id === '12505' ? { id: 12505, label: 'University id', type: 'string', required: true } : { error: 'no such question' })));

  const { fetch, journal, faults } = libcal;
  return { url: 'https://libcal.test', clientId, clientSecret, settings, bookings, fetch, journal, faults, revokeTokens: () => tokens.clear() };
}

function fieldsIn({ headers, body }: Call): { readonly [name: string]: string } {
  const isJson = (headers.get('content-type') ?? '').includes('json');
  const entries: [string, unknown][] = isJson ? Object.entries(fieldsOf(JSON.parse(body))) : [...new URLSearchParams(body)];
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

function brokenAnswer(how: 'html' | 'text' | 'error-200' | 500): Response {
  if (how === 'html') return page404();
  if (how === 'text') return new Response('Something went wrong, please try again.', { status: 200, headers: { 'content-type': 'text/plain' } });
  return how === 'error-200' ? json(200, { error: 'The location could not be loaded' }) : new Response('<html><body>500</body></html>', { status: 500, headers: { 'content-type': 'text/html' } });
}

const page404 = (): Response => new Response('<!doctype html><html><body><h1>Not found</h1></body></html>', { status: 404, headers: { 'content-type': 'text/html; charset=utf-8' } });

function isListed(row: BookingRecord, query: URLSearchParams, { zones, year }: LibcalSettings, nowMs: number): boolean {
  const zone = zones[row.lid] ?? 'UTC';
  const first = query.get('date') ?? dayIn(zone, nowMs);
  const days = Math.min(365, Number(query.get('days') ?? 0));
  const day = dayIn(zone, row.startsAt);
  const named = (name: string, value: number | undefined): boolean => !query.has(name) || (query.get(name) ?? '').split(',').includes(String(value));
  const asked = (flag: string): boolean => query.get(flag) === '1';
  if (row.hidden || day < first || day > daysLater(first, days)) return false;
  if (!named('lid', row.lid) || !named('cid', row.cid) || !named('eid', row.eid) || !named('seat_id', row.seatId)) return false;
  if (query.has('email') && query.get('email') !== row.email) return false;
  if (row.status.startsWith('Cancelled')) return year === 2020 || asked('include_cancel');
  if (/Denied/.test(row.status)) return asked('include_denied');
  return !/Tentative|^Mediated Pending/.test(row.status) || asked('include_tentative');
}

function wireOf(row: BookingRecord, query: URLSearchParams, { zones, year }: LibcalSettings): unknown {
  const zone = zones[row.lid] ?? 'UTC';
  const isCancelled = row.status.startsWith('Cancelled');
  return {
    bookId: row.bookId, ...(year === 2026 && { id: row.id }), eid: row.eid, cid: row.cid, lid: row.lid,
    ...(row.seatId !== undefined && { seat_id: row.seatId, seat_name: `Seat ${row.seatId}` }),
    fromDate: localText(zone, row.startsAt), toDate: localText(zone, row.endsAt), created: localText(zone, row.createdAt),
    firstName: row.firstName, lastName: row.lastName, email: row.email, account: row.account,
    status: year === 2020 && isCancelled ? 'Confirmed' : row.status,
    ...(year === 2026 && { location_name: `Location ${row.lid}`, category_name: `Category ${row.cid}`, item_name: `Space ${row.eid}` }),
    ...(year === 2026 && isCancelled && { cancelled: localText(zone, row.changedAt) }),
    ...(query.get('formAnswers') === '1' && row.answers),
  };
}

/** `YYYY-MM-DD` there. */
const dayIn = (zone: string, ms: number): string => new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);

function daysLater(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** ISO 8601 with the offset of that zone on that day. */
function localText(zone: string, ms: number): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'longOffset' }).formatToParts(ms);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  const offset = part('timeZoneName').replace('GMT', '') || '+00:00';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}${offset}`;
}
