/**
 * STOPware PassagePoint, as far as the hub can see it: visitors and pre-registrations over API v2, for one account.
 * Faithful (confirmed unless marked): the `token` header and its life, createVisitor by query string alone, ALREADY_EXIST_UNIQUE_ID,
 * texts instead of numbers in pre-registrations, ids of 15 digits, a second call makes a second one (likely), answers in an envelope or bare
 * (likely). What can be changed, cancelled and searched is assumed, and each such call is off by default.
 * Left out: sign-in of visitors by kiosks, photos, hosts, every other API.
 */
import { fieldsOf } from '../base/fields-of.ts';
import type { Call } from './call.ts';
import { json, simulator, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface PassagePointSettings {
  capabilities: { updateVisitor: boolean; getPreReg: boolean; searchPreReg: boolean; updatePreReg: boolean; cancelPreReg: boolean };
  /** How lists are answered. */
  envelope: boolean;
  /** Two persons with one unique id may stand there. */
  uniqueIdsRepeat: boolean;
  tokenHours: number;
  /** Every login is refused. */
  locked: boolean;
  /** The nightly maintenance: HTML with 503. */
  isDown: boolean;
  destinations: string[];
  categories: string[];
}

export interface VisitorRecord {
  readonly id: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly category: string;
  readonly uniqueId: string;
  readonly email: string;
}

export type PreRegStatus = 'PREREGISTERED' | 'SIGNED_IN' | 'SIGNED_OUT' | 'CANCELLED';

export interface PreRegRecord {
  readonly id: number;
  readonly visitorId: number;
  /** Epoch seconds. */
  readonly startTime: number;
  readonly endTime: number;
  readonly destination: string;
  readonly status: PreRegStatus;
}

export interface SimulatedPassagePoint extends Pick<Simulator, 'fetch' | 'journal' | 'faults'> {
  /** With path, as a site writes it. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly settings: PassagePointSettings;
  readonly visitors: { add(visitor: Omit<VisitorRecord, 'id'>): VisitorRecord; remove(id: number): void; all(): readonly VisitorRecord[] };
  readonly preRegistrations: { add(preReg: Omit<PreRegRecord, 'id'>): PreRegRecord; cancelByHand(id: number): void; changeByHand(id: number, changes: Partial<PreRegRecord>): void; signIn(id: number): void; all(): readonly PreRegRecord[] };
  /** Every token that is out stops working at once. */
  revokeTokens(): void;
}

const username = 'simulated-hub';
const password = 'simulated-passagepoint-password';
const base = '/pp/api/v2';

export function simulatePassagePoint(world: SimulatedWorld, options: Partial<PassagePointSettings> = {}): SimulatedPassagePoint {
  const { clock } = world;
  const settings: PassagePointSettings = {
    capabilities: { updateVisitor: false, getPreReg: false, searchPreReg: false, updatePreReg: false, cancelPreReg: false },
    envelope: true, uniqueIdsRepeat: false, tokenHours: 8, locked: false, isDown: false,
    destinations: ['LibCal Main', 'LibCal Science'], categories: ['Student', 'Faculty', 'Staff', 'Visitor'], ...options,
  };
  const visitors = new Map<number, VisitorRecord>();
  const preRegs = new Map<number, PreRegRecord>();
  const tokens = new Map<string, number>();
  let next = 137_505_000_000_101;

  const pp = simulator('passagepoint', world, {
    before: ({ path, headers }) => {
      if (settings.isDown) return new Response('<html><body>Maintenance</body></html>', { status: 503, headers: { 'content-type': 'text/html' } });
      if (path === `${base}/auth/login`) return undefined;
      return (tokens.get(headers.get('token') ?? '') ?? 0) > clock.now() ? undefined : failed(401, 'INVALID_TOKEN');
    },
    unknownRoute: () => new Response('<html><body>404</body></html>', { status: 404, headers: { 'content-type': 'text/html' } }),
  });
  const listed = (rows: readonly unknown[]): unknown => (settings.envelope ? { data: rows } : rows);
  const can = (name: keyof PassagePointSettings['capabilities'], handler: (call: Call) => unknown) => (call: Call): unknown =>
    (settings.capabilities[name] ? handler(call) : new Response('<html><body>404</body></html>', { status: 404, headers: { 'content-type': 'text/html' } }));
  const byUniqueId = (uniqueId: string): readonly VisitorRecord[] => [...visitors.values()].filter((one) => one.uniqueId === uniqueId);

  pp.on('POST', `${base}/auth/login`, ({ body }) => {
    const asked = textsIn(body, ['username', 'password']);
    if (settings.locked || asked?.['username'] !== username || asked['password'] !== password) return failed(401, 'INVALID_TOKEN');
    const exp = clock.now() + settings.tokenHours * 3_600_000;
    const token = Buffer.from(JSON.stringify({ exp, username, serial: tokens.size })).toString('base64');
    tokens.set(token, exp);
    return { token };
  });
  pp.on('POST', `${base}/person/createVisitor`, ({ url }) => {
    const query = Object.fromEntries(url.searchParams);
    const visitor = { firstName: query['firstName'] ?? '', lastName: query['lastName'] ?? '', category: query['category'] ?? '', uniqueId: query['uniqueId'] ?? '', email: query['email'] ?? '' };
    const problem = visitorProblem(visitor, settings);
    if (problem !== undefined) return failed(400, problem);
    if (!settings.uniqueIdsRepeat && byUniqueId(visitor.uniqueId).length > 0) return failed(400, 'ALREADY_EXIST_UNIQUE_ID');
    const id = next++;
    visitors.set(id, { id, ...visitor });
    return made(id);
  });
  pp.on('GET', `${base}/person/byUniqueId`, ({ url }) => listed(byUniqueId(url.searchParams.get('uniqueId') ?? '')));
  pp.on('POST', `${base}/person/updateVisitor`, can('updateVisitor', ({ url }) => {
    const { id = '', ...changes } = Object.fromEntries(url.searchParams);
    const before = visitors.get(Number(id));
    if (before === undefined) return failed(404, 'NOT_FOUND');
    const after = { ...before, ...changes, id: before.id };
    const problem = visitorProblem(after, settings);
    if (problem !== undefined) return failed(400, problem);
    if (byUniqueId(after.uniqueId).some((other) => other.id !== before.id)) return failed(400, 'ALREADY_EXIST_UNIQUE_ID');
    visitors.set(before.id, after);
    return made(before.id);
  }));
  pp.on('GET', `${base}/visit/getDestinations`, () => listed(settings.destinations.map((name, at) => ({ id: 12 + at, name }))));
  pp.on('POST', `${base}/visit/createPreReg`, ({ body }) => {
    const asked = textsIn(body, ['visitorId', 'startTime', 'endTime', 'destination']);
    if (asked === undefined) return failed(400, 'MISSING_PARAMETER');
    const preReg = { visitorId: Number(asked['visitorId']), startTime: Number(asked['startTime']), endTime: Number(asked['endTime']), destination: asked['destination'] ?? '', status: 'PREREGISTERED' } as const;
    if (!visitors.has(preReg.visitorId)) return failed(400, 'INVALID_VISITOR');
    const problem = preRegProblem(preReg, settings);
    if (problem !== undefined) return failed(400, problem);
    const id = next++;
    preRegs.set(id, { id, ...preReg });
    return made(id);
  });
  pp.on('GET', `${base}/visit/getPreReg`, can('getPreReg', ({ url }) => listed([preRegs.get(Number(url.searchParams.get('id')))].filter((one) => one !== undefined).map(shown))));
  pp.on('GET', `${base}/visit/searchPreReg`, can('searchPreReg', ({ url }) => {
    const [visitorId, from, until] = ['visitorId', 'startTime', 'endTime'].map((name) => Number(url.searchParams.get(name)));
    return listed([...preRegs.values()].filter((one) => one.visitorId === visitorId && one.startTime < (until ?? 0) && one.endTime > (from ?? 0)).map(shown));
  }));
  pp.on('POST', `${base}/visit/updatePreReg`, can('updatePreReg', ({ body }) => changed(body, (before, asked) => ({
    ...before,
    ...(asked['startTime'] !== undefined && { startTime: Number(asked['startTime']) }),
    ...(asked['endTime'] !== undefined && { endTime: Number(asked['endTime']) }),
    ...(asked['destination'] !== undefined && { destination: asked['destination'] }),
  }))));
  pp.on('POST', `${base}/visit/cancelPreReg`, can('cancelPreReg', ({ body }) => changed(body, (before) => ({ ...before, status: 'CANCELLED' }))));

  function changed(body: string, change: (before: PreRegRecord, asked: { readonly [name: string]: string }) => PreRegRecord): unknown {
    const asked = textsIn(body, ['id']);
    const before = preRegs.get(Number(asked?.['id']));
    if (asked === undefined) return failed(400, 'MISSING_PARAMETER');
    if (before === undefined) return failed(404, 'NOT_FOUND');
    if (before.status === 'SIGNED_IN' || before.status === 'SIGNED_OUT') return failed(409, 'ALREADY_SIGNED_IN');
    const after = change(before, asked);
    const problem = preRegProblem(after, settings);
    if (problem !== undefined) return failed(400, problem);
    preRegs.set(before.id, after);
    return made(before.id);
  }

  function byHand(id: number, changes: Partial<PreRegRecord>): void {
    const before = preRegs.get(id);
    if (before === undefined) throw new Error(`there is no pre-registration ${id}`);
    preRegs.set(id, { ...before, ...changes, id });
  }

  const { fetch, journal, faults } = pp;
  return {
    url: `https://passagepoint.test:2444${base}`, username, password, settings, fetch, journal, faults,
    visitors: {
      add: (visitor) => {
        const record = { id: next++, ...visitor };
        visitors.set(record.id, record);
        return record;
      },
      remove: (id) => void visitors.delete(id),
      all: () => [...visitors.values()],
    },
    preRegistrations: {
      add: (preReg) => {
        const record = { id: next++, ...preReg };
        preRegs.set(record.id, record);
        return record;
      },
      cancelByHand: (id) => byHand(id, { status: 'CANCELLED' }),
      changeByHand: byHand,
      signIn: (id) => byHand(id, { status: 'SIGNED_IN' }),
      all: () => [...preRegs.values()],
    },
    revokeTokens: () => tokens.clear(),
  };
}

/** Those that open a door at some time: not cancelled, and not over. @param nowMs epoch ms. */
export const openDoors = (preRegs: readonly PreRegRecord[], nowMs: number): readonly PreRegRecord[] =>
  preRegs.filter(({ status, endTime }) => status === 'PREREGISTERED' && endTime * 1000 > nowMs);

const made = (id: number): unknown => ({ data: [{ id }] });

const failed = (status: number, code: string): Response => json(status, { error: { code, message: 'an invented text' } });

/** Ids and times as they are answered: numbers, and seconds as text. */
const shown = ({ startTime, endTime, ...rest }: PreRegRecord): unknown => ({ ...rest, startTime: String(startTime), endTime: String(endTime) });

/** The members as texts; undefined where one that is needed is missing or no text: numbers were refused (confirmed). */
function textsIn(body: string, needed: readonly string[]): { readonly [name: string]: string } | undefined {
  const entries = Object.entries(fieldsOf(JSON.parse(body === '' ? '{}' : body)));
  const texts = Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  return entries.some(([, value]) => typeof value !== 'string') || needed.some((name) => (texts[name] ?? '') === '') ? undefined : texts;
}

function visitorProblem({ firstName, lastName, category, uniqueId }: Omit<VisitorRecord, 'id'>, { categories }: PassagePointSettings): string | undefined {
  if (firstName === '' || lastName === '' || category === '' || uniqueId === '') return 'MISSING_PARAMETER';
  return categories.includes(category) ? undefined : 'INVALID_CATEGORY';
}

function preRegProblem({ startTime, endTime, destination }: Pick<PreRegRecord, 'startTime' | 'endTime' | 'destination'>, { destinations }: PassagePointSettings): string | undefined {
  if (!destinations.includes(destination)) return 'INVALID_DESTINATION';
  return Number.isInteger(startTime) && Number.isInteger(endTime) && startTime < endTime ? undefined : 'INVALID_TIME';
}
