/**
 * ServiceReef, as far as the hub can see it: a token, trips, their rosters and accounts, all of it read only.
 * Faithful (confirmed, from production clients): names and nulls, pages and their totals, ErrorResult, 404 for what is gone, rows
 * without an account, private fields in every participant. The token's answer is likely; limits, page sizes and time zones are
 * assumed and stand in the settings.
 * Left out: payments, activities, category lists, positions, groups, forms, the registering POST, one participant by id, signing by HMAC.
 */
import { isOpenHttp, type Call } from './call.ts';
import { emptyReef, rosterOf, type ReefEvent, type ReefState } from './servicereef-records.ts';
import { serviceReefOffice, type ServiceReefOffice } from './servicereef-office.ts';
import { errorResult, pageOf, parameter } from './servicereef-paging.ts';
import { serviceReefDefaults, type ServiceReefSettings } from './servicereef-settings.ts';
import { eventDetail, eventRow, memberRow, participantRow } from './servicereef-wire.ts';
import { json, simulator, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface SimulatedServiceReef extends Pick<Simulator, 'fetch' | 'journal' | 'faults'>, ServiceReefOffice {
  /** Origin, without a slash at its end. Any other origin is answered too. */
  readonly url: string;
  readonly appId: string;
  readonly appKey: string;
  /** May be changed at any time. */
  readonly settings: ServiceReefSettings;
  /** Every token that is out is 401 from now on; a new one may be fetched. */
  revokeTokens(): void;
}

const appId = 'simulated-servicereef-app';
const appKey = 'simulated-servicereef-key';
const retryAfterSeconds = 7;

export function simulateServiceReef(world: SimulatedWorld, options: Partial<ServiceReefSettings> = {}): SimulatedServiceReef {
  const settings: ServiceReefSettings = { ...serviceReefDefaults(), ...options };
  const state = emptyReef();
  const tokens = tokenDesk(world, settings);
  const reef = simulator('servicereef', world, {
    before: refusedEarly(world, settings, tokens),
    unknownRoute: ({ path }) => errorResult(404, `No HTTP resource was found that matches the request URI '${path}'.`),
    ignoresPathCase: true,
  });
  reef.on('POST', '/OAuth/Token', tokens.issue);
  readingRoutes(reef, state, { settings, random: world.random });
  const { fetch, journal, faults } = reef;
  return {
    ...serviceReefOffice(state, world.clock, settings),
    url: 'https://servicereef.test',
    appId,
    appKey,
    settings,
    revokeTokens: tokens.revokeAll,
    fetch,
    journal,
    faults,
  };
}

function readingRoutes(reef: Simulator, state: ReefState, how: { readonly settings: ServiceReefSettings; readonly random: () => number }): void {
  const { settings } = how;
  const eventIn = (call: Call) => state.events.get(idIn(call, 'eventId'));

  reef.on('GET', '/v1/events', (call) => {
    const wrong: Record<string, readonly string[]> = {};
    const asked = { from: dayIn(call, 'startDate', wrong), to: dayIn(call, 'endDate', wrong) };
    if (Object.keys(wrong).length > 0) return errorResult(400, 'Invalid request.', wrong);
    const chosen = [...state.events.values()].filter((event) => isWithin(event, asked, settings));
    return pageOf(call, chosen, (event) => eventRow(state, event, settings), how);
  });
  reef.on('GET', '/v1/events/:eventId', (call) => {
    const event = eventIn(call);
    return event ? eventDetail(state, event, settings) : notFound();
  });
  reef.on('GET', '/v1/events/:eventId/participants', (call) => {
    const event = eventIn(call);
    if (!event) return notFound();
    const rows = rosterOf(state, event.eventId).filter(({ status }) => settings.rosterKeepsCancelled || status !== 'Cancelled');
    return pageOf(call, rows, (row) => participantRow(state, row, settings), how);
  });
  reef.on('GET', '/v1/members', (call) => pageOf(call, [...state.members.values()], (member) => memberRow(state, member, settings), how));
  reef.on('GET', '/v1/members/:userId', (call) => {
    const asked = idIn(call, 'userId');
    const userId = settings.mergedMember === 'survivor' ? survivorOf(state, asked) : asked;
    const member = state.members.get(userId);
    if (!member) return notFound();
    const row = memberRow(state, member, settings);
    return settings.singleMember === 'object' ? row : { PageInfo: { TotalRecords: 1, Page: 1, PageSize: settings.pageSizeDefault }, Results: [row] };
  });
}

interface Tokens {
  readonly issue: (call: Call) => Response;
  readonly isLive: (token: string | undefined) => boolean;
  readonly revokeAll: () => void;
}

function tokenDesk(world: SimulatedWorld, settings: ServiceReefSettings): Tokens {
  const expiryByToken = new Map<string, number>();
  let issued = 0;
  return {
    issue(call) {
      const isForm = (call.headers.get('content-type') ?? '').startsWith('application/x-www-form-urlencoded');
      const form = new URLSearchParams(isForm ? call.body : '');
      if (form.get('grant_type') !== 'client_credentials') return json(400, { error: 'unsupported_grant_type' });
      const isKnown = form.get('client_id') === appId && form.get('client_secret') === appKey;
      if (!isKnown || settings.isKeyRevoked) return json(400, { error: 'invalid_client' });
      issued += 1;
      const token = `simulated-servicereef-token-${issued}`;
      expiryByToken.set(token, world.clock.now() + settings.tokenSeconds * 1000);
      return json(200, { access_token: token, token_type: 'bearer', ...(settings.tellsTokenLifetime ? { expires_in: settings.tokenSeconds } : {}) });
    },
    isLive: (token) => !settings.isKeyRevoked && (expiryByToken.get(token ?? '') ?? 0) > world.clock.now(),
    revokeAll: () => expiryByToken.clear(),
  };
}

function refusedEarly(world: SimulatedWorld, settings: ServiceReefSettings, tokens: Tokens): (call: Call) => Response | undefined {
  let second = { startsAt: 0, used: 0 };
  const wait = (): Record<string, string> => {
    if (settings.retryAfter === 'absent') return {};
    const until = new Date(world.clock.now() + retryAfterSeconds * 1000);
    return { 'retry-after': settings.retryAfter === 'seconds' ? String(retryAfterSeconds) : until.toUTCString() };
  };
  return (call) => {
    if (isOpenHttp(call)) return errorResult(403, 'HTTPS is required.');
    if (settings.isDown) return errorResult(503, 'The service is unavailable.', {}, wait());
    const now = world.clock.now();
    if (now - second.startsAt >= 1000) second = { startsAt: now, used: 0 };
    second.used += 1;
    if (settings.callsPerSecond !== undefined && second.used > settings.callsPerSecond) return errorResult(429, 'Too many requests.', {}, wait());
    if (call.path.toLowerCase() === '/oauth/token') return undefined;
    const token = /^Bearer (.+)$/i.exec(call.headers.get('authorization') ?? '')?.[1];
    return tokens.isLive(token) ? undefined : errorResult(401, 'Authorization has been denied for this request.');
  };
}

function notFound(): Response {
  return errorResult(404, 'The requested resource was not found.');
}

function idIn(call: Call, name: string): number {
  const sent = call.params[name] ?? '';
  return /^\d+$/.test(sent) ? Number(sent) : NaN;
}

function survivorOf(state: ReefState, userId: number): number {
  const next = state.mergedInto.get(userId);
  return next === undefined ? userId : survivorOf(state, next);
}

/** The day of an ISO-8601 text; undefined where none was sent. */
function dayIn(call: Call, name: string, wrong: Record<string, readonly string[]>): string | undefined {
  const sent = parameter(call, name);
  if (sent === undefined) return undefined;
  const day = /^\d{4}-\d{2}-\d{2}(?=T|$)/.exec(sent)?.[0];
  if (day === undefined || Number.isNaN(Date.parse(day))) wrong[name] = [`The value '${sent}' is not valid.`];
  return day;
}

function isWithin(event: ReefEvent, asked: { from: string | undefined; to: string | undefined }, settings: ServiceReefSettings): boolean {
  if (settings.dateFilter === 'ignored') return true;
  const starts = event.startsAt?.slice(0, 10);
  if (starts === undefined) return asked.from === undefined && asked.to === undefined;
  const ends = settings.dateFilter === 'overlaps' ? (event.endsAt?.slice(0, 10) ?? starts) : starts;
  return (asked.from === undefined || ends >= asked.from) && (asked.to === undefined || starts <= asked.to);
}
