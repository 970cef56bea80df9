/**
 * PassagePoint, as far as the hub can see it: API v2 of one server with persons, destinations and pre-registrations.
 * Faithful (confirmed by one client that ran): login and token header, visitors made by the query alone, only texts in a
 * pre-registration, ids as numbers, ALREADY_EXIST_UNIQUE_ID. The vendor publishes nothing: other shapes and codes are assumed and have
 * switches, and the five calls in `capabilities` are this project's assumption, off until a test turns them on.
 */
import { membersOf } from './json-body.ts';
import { htmlPage, textPage } from './pages.ts';
import { PassagePointRefusal, refuse, required, type PassagePointErrorSettings } from './passagepoint-answers.ts';
import { passagePointLogin, type PassagePointLoginSettings } from './passagepoint-login.ts';
import { passagePointVisitors, type PassagePointVisitor, type PassagePointVisitors, type PassagePointVisitorsByHand } from './passagepoint-visitors.ts';
import { passagePointPreRegs, type PassagePointPreReg, type PassagePointPreRegs, type PassagePointPreRegsByHand } from './passagepoint-visits.ts';
import { json, simulator, type Handler, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export type PassagePointCapability = 'getPreReg' | 'searchPreReg' | 'updatePreReg' | 'cancelPreReg' | 'updateVisitor';

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

export interface PassagePointSettings extends Mutable<PassagePointErrorSettings>, Mutable<PassagePointLoginSettings> {
  /** Calls that the server has; one that it has not is a 404 in HTML. */
  capabilities: Record<PassagePointCapability, boolean>;
  /** How `byUniqueId` answers: the bare array, or in the envelope of the creations. */
  personsAs: 'array' | 'envelope';
  /** Off: persons are found with their `id` alone; every other member is assumed. */
  personMembers: boolean;
  unknownUniqueId: 'empty' | 'status-404';
  /** Off: a second person with the same card is taken, as `byUniqueId`'s answering a list suggests. */
  uniqueIdsEnforced: boolean;
  /** How `getDestinations` answers; no answer was recorded. `names`: a bare array of texts. */
  destinationsAs: 'envelope' | 'array' | 'names';
  /** What an administrator has set up, by name. */
  destinations: readonly string[];
  categories: readonly string[];
  /** "Pre-Registration Auto Sign-In": 15 or 30 minutes before the start; absent: off. */
  autoSignInMinutes: number | undefined;
  /** Every call fails so, the login too: the nightly maintenance, or a server that is down behind its proxy. */
  trouble: { readonly status: number; readonly as: 'html' | 'text' | 'error' } | undefined;
}

export interface SimulatedPassagePoint extends Pick<Simulator, 'fetch' | 'journal' | 'faults'> {
  /** Origin, without a slash at its end. Any other origin is answered too. */
  readonly url: string;
  /** Base of the API: the origin and `/pp/api/v2`. */
  readonly apiUrl: string;
  readonly username: string;
  readonly password: string;
  /** May be changed at any time. */
  readonly settings: PassagePointSettings;
  readonly visitors: PassagePointVisitorsByHand;
  readonly preRegistrations: PassagePointPreRegsByHand;
  /** Every token is 401 from now on; a new login helps. */
  expireTokens(): void;
}

const url = 'https://passagepoint.test';
const base = '/pp/api/v2';
const account = { username: 'hub', password: 'simulated-passagepoint-password' };

export function simulatePassagePoint(world: SimulatedWorld, options: Partial<PassagePointSettings> = {}): SimulatedPassagePoint {
  const settings: PassagePointSettings = { ...defaults(), ...options };
  const visitors = passagePointVisitors(settings);
  const preRegs = passagePointPreRegs(world.clock, visitors.byHand, settings);
  const login = passagePointLogin(world.clock, settings, account);
  const passagePoint = simulator('passagepoint', world, {
    before: () => (settings.trouble ? inTrouble(settings.trouble) : undefined),
    unknownRoute: notThere,
  });

  passagePoint.on('POST', `${base}/auth/login`, (call) => login.signIn(membersOf(call)));
  const on = (method: string, path: string, handler: Handler) =>
    passagePoint.on(method, base + path, (call) =>
      refusalsAnswered(settings, () => {
        login.check(call);
        return handler(call);
      }),
    );
  personRoutes(on, visitors, settings);
  visitRoutes(on, preRegs, settings);

  const { fetch, journal, faults } = passagePoint;
  const byHand = { visitors: visitors.byHand, preRegistrations: preRegs.byHand, expireTokens: () => login.expireTokens() };
  return { url, apiUrl: url + base, ...account, settings, ...byHand, fetch, journal, faults };
}

function defaults(): PassagePointSettings {
  return {
    errorsAs: 'object',
    refusalsAs200: false,
    duplicateStatus: 400,
    tokenHours: 8,
    tokensReadable: true,
    isAccountLocked: false,
    tokensRefused: false,
    loginRefusedStatus: 401,
    capabilities: { getPreReg: false, searchPreReg: false, updatePreReg: false, cancelPreReg: false, updateVisitor: false },
    personsAs: 'array',
    personMembers: true,
    unknownUniqueId: 'empty',
    uniqueIdsEnforced: true,
    destinationsAs: 'envelope',
    destinations: ['LibCal Main', 'LibCal Lakeside'],
    categories: ['Student', 'Faculty', 'Staff', 'Visitor'],
    autoSignInMinutes: undefined,
    trouble: undefined,
  };
}

type On = (method: string, path: string, handler: Handler) => void;

/** All values stand in the address; a body is not looked at (confirmed). */
function personRoutes(on: On, visitors: PassagePointVisitors, settings: PassagePointSettings): void {
  on('POST', '/person/createVisitor', ({ url: { searchParams: query } }) => {
    for (const name of ['firstName', 'lastName', 'category']) required(query.get(name));
    return made(visitors.create(sentPerson(query)));
  });
  on('GET', '/person/byUniqueId', ({ url: { searchParams: query } }) => {
    const found = visitors.byHand.byUniqueId(required(query.get('uniqueId')));
    if (found.length === 0 && settings.unknownUniqueId === 'status-404') refuse(404, 'NOT_FOUND');
    const shown = found.map((visitor) => (settings.personMembers ? shownPerson(visitor) : { id: Number(visitor.id) }));
    return settings.personsAs === 'array' ? shown : { data: shown };
  });
  on('POST', '/person/updateVisitor', ({ url: { searchParams: query } }) => {
    if (!settings.capabilities.updateVisitor) return notThere();
    return made(visitors.byHand.edit(required(query.get('id')), sentPerson(query)));
  });
}

function visitRoutes(on: On, preRegs: PassagePointPreRegs, settings: PassagePointSettings): void {
  on('GET', '/visit/getDestinations', () => {
    if (settings.destinationsAs === 'names') return settings.destinations;
    const shown = settings.destinations.map((name, at) => ({ id: 12 + at, name }));
    return settings.destinationsAs === 'array' ? shown : { data: shown };
  });
  on('POST', '/visit/createPreReg', (call) => {
    const { visitorId, startTime, endTime, destination } = membersOf(call);
    const what = { visitorId: required(visitorId), startsAt: seconds(startTime), endsAt: seconds(endTime), destination: required(destination) };
    return made(preRegs.create(what));
  });

  const extension = (name: PassagePointCapability, method: string, handler: Handler) =>
    on(method, `/visit/${name}`, (call) => (settings.capabilities[name] ? handler(call) : notThere()));
  extension('getPreReg', 'GET', ({ url: { searchParams: query } }) => {
    const found = preRegs.byHand.get(required(query.get('id')));
    return { data: found ? [shownPreReg(found)] : [] };
  });
  extension('searchPreReg', 'GET', ({ url: { searchParams: query } }) => {
    const [from, to] = [seconds(query.get('startTime')), seconds(query.get('endTime'))];
    const visitorId = required(query.get('visitorId'));
    const found = preRegs.byHand.all().filter((row) => row.visitorId === visitorId && row.startsAt < to && row.endsAt > from);
    return { data: found.map(shownPreReg) };
  });
  extension('updatePreReg', 'POST', (call) => {
    const { id, startTime, endTime, destination } = membersOf(call);
    const changes = {
      ...(startTime === undefined ? {} : { startsAt: seconds(startTime) }),
      ...(endTime === undefined ? {} : { endsAt: seconds(endTime) }),
      ...(destination === undefined ? {} : { destination: required(destination) }),
    };
    return made(preRegs.byHand.edit(required(id), changes));
  });
  extension('cancelPreReg', 'POST', (call) => made(preRegs.byHand.cancel(required(membersOf(call)['id']))));
}

/** What a write answers: ids go out as numbers, and come in as texts. */
function made({ id }: { readonly id: string }): unknown {
  return { data: [{ id: Number(id) }] };
}

/** An empty value counts as none (assumed). */
function sentPerson(query: URLSearchParams): Partial<Record<(typeof personFields)[number], string>> {
  return Object.fromEntries(personFields.map((name) => [name, query.get(name) ?? '']).filter(([, value]) => value !== ''));
}

const personFields = ['firstName', 'lastName', 'category', 'uniqueId', 'email', 'mobilePhoneNo'] as const;

function shownPerson({ id, ...members }: PassagePointVisitor): unknown {
  return { id: Number(id), ...members };
}

function shownPreReg({ id, visitorId, startsAt, endsAt, destination, status }: PassagePointPreReg): unknown {
  return { id: Number(id), visitorId: Number(visitorId), startTime: String(startsAt), endTime: String(endsAt), destination, status };
}

/** Epoch seconds, as text alone. Nothing looks whether they are of this century. */
function seconds(sent: unknown): number {
  const text = required(sent);
  return /^\d+$/.test(text) ? Number(text) : refuse(400, 'INVALID_TIME');
}

function inTrouble({ status, as }: NonNullable<PassagePointSettings['trouble']>): Response {
  if (as === 'html') return htmlPage(status, 'Down for maintenance');
  if (as === 'text') return textPage(status, 'the service is stopped');
  return json(status, { error: { code: 'SERVER_ERROR', message: 'something went wrong' } });
}

function notThere(): Response {
  return htmlPage(404, 'Not found');
}

function refusalsAnswered(settings: PassagePointSettings, answer: () => unknown): unknown {
  try {
    return answer();
  } catch (error) {
    if (error instanceof PassagePointRefusal) return error.answer(settings);
    throw error;
  }
}
