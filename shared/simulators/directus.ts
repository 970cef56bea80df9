/**
 * Directus, as far as the hub can see it: the collection `events` over REST, for one bot with a static token.
 * Faithful (confirmed, 12.4 on SQLite): filters and their nulls, paging limits, one transaction per array, update by query as
 * compare-and-set, values (timestamps in UTC, unknown fields ignored, bad dates), 403 for what is missing, stamps.
 * Left out: relations, flows, files, revisions, GraphQL, every other collection (403, as for a bare bot).
 */
import type { Call } from './call.ts';
import {
  DirectusRefusal,
  failedValidation,
  forbidden,
  invalidCredentials,
  invalidPayload,
  requestsExceeded,
  routeNotFound,
  underPressure,
} from './directus-errors.ts';
import { fieldRules, type DirectusEvent, type DirectusField, type ValueSettings } from './directus-fields.ts';
import { fieldsOf, isObject, listOf, pinned, queryOfUrl, select, type Query } from './directus-query.ts';
import { directusEditor, directusRows, type DirectusEditor, type DirectusRows } from './directus-rows.ts';
import { simulator, type Handler, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface DirectusSettings extends ValueSettings {
  /** QUERY_LIMIT_DEFAULT. */
  queryLimitDefault: number;
  /** QUERY_LIMIT_MAX: `limit=-1` is silently cut there, a higher limit refused. Absent: none. */
  queryLimitMax: number | undefined;
  /** `numbers`: 1 and 0, as for fields made over REST without `cast-boolean` on SQLite. */
  booleans: 'booleans' | 'numbers';
  timestampSeconds: boolean;
  serverOffsetMinutes: number;
  /** Fields that the collection does not have: asking for one is 403, writing one is ignored. */
  fieldsMissing: readonly DirectusField[];
  /** 503 "Under pressure" for everything but the ping. */
  pressure: boolean;
  /** What the bot's policies allow; a bot that may create but not read gets 204 for a create. */
  permissions: { create: boolean; read: boolean; update: boolean; delete: boolean };
  /** A suspended user's token is 401, like a wrong one. */
  suspended: boolean;
  /** RATE_LIMITER_POINTS per second; off by default, as in Directus. */
  pointsPerSecond: number | undefined;
  /** MAX_PAYLOAD_SIZE in bytes. */
  maxPayloadBytes: number;
}

export interface SimulatedDirectus extends Pick<Simulator, 'fetch' | 'journal' | 'faults'> {
  /** Base of the API, without a slash at its end. Any other origin is answered too. */
  readonly url: string;
  readonly token: string;
  /** The id of the bot's user, as `/users/me` and `user_updated` show it. */
  readonly botId: string;
  /** May be changed at any time. */
  readonly settings: DirectusSettings;
  readonly events: DirectusEditor;
}

const botId = '5f0c1f6e-0000-4000-8000-0000000000b0';
const token = 'simulated-directus-token';
const notForBots = /^\/(fields|collections|activity|server|license|items)\b/;

export function simulateDirectus(world: SimulatedWorld, options: Partial<DirectusSettings> = {}): SimulatedDirectus {
  const settings: DirectusSettings = { ...defaults(), ...options };
  const rows = directusRows(world.clock, () => settings);
  const directus = simulator('directus', world, {
    before: refusedEarly(world, settings),
    unknownRoute: ({ path }) => (notForBots.test(path) ? forbidden() : routeNotFound(path)).answer(),
  });
  const on = (method: string, pattern: string, handler: Handler) => directus.on(method, pattern, refusalsAnswered(handler));

  on('GET', '/server/ping', () => new Response('pong', { headers: { 'content-type': 'text/html; charset=utf-8' } }));
  on('GET', '/users/me', () => ({ data: { id: botId } }));
  itemRoutes(on, rows, settings);

  const { fetch, journal, faults } = directus;
  return { url: 'https://directus.test', token, botId, settings, events: directusEditor(rows, world.clock), fetch, journal, faults };
}

function defaults(): DirectusSettings {
  return {
    queryLimitDefault: 100,
    queryLimitMax: undefined,
    booleans: 'booleans',
    timestampSeconds: false,
    serverOffsetMinutes: 0,
    fieldsMissing: [],
    pressure: false,
    permissions: { create: true, read: true, update: true, delete: true },
    suspended: false,
    pointsPerSecond: undefined,
    maxPayloadBytes: 1_000_000,
  };
}

function itemRoutes(on: (method: string, pattern: string, handler: Handler) => void, rows: DirectusRows, settings: DirectusSettings): void {
  const limits = () => ({ fallback: settings.queryLimitDefault, max: settings.queryLimitMax, fieldsMissing: settings.fieldsMissing });
  const allow = (action: keyof DirectusSettings['permissions']) => {
    if (!settings.permissions[action]) throw forbidden();
  };
  const shown = (found: readonly DirectusEvent[], query: Query) => {
    const fields = fieldsOf(query, limits());
    return found.map((row) => shownRow(row, fields, settings));
  };

  function list(query: Query): unknown {
    allow('read');
    if (isObject(query['aggregate'])) {
      const { found } = select(candidates(rows, query), query, { ...limits(), max: undefined });
      return { data: [counted(query['aggregate'], found)] };
    }
    const { page, found } = select(candidates(rows, query), query, limits());
    const data = shown(page, query);
    const asked = query['meta'] === undefined ? [] : listOf(query['meta']);
    if (asked.length === 0) return { data };
    const all = asked.includes('*');
    const meta = {
      ...(all || asked.includes('total_count') ? { total_count: rows.size } : {}),
      ...(all || asked.includes('filter_count') ? { filter_count: found } : {}),
    };
    return { meta, data };
  }

  /** What a write answers: the rows as the token may see them. */
  function written(found: readonly DirectusEvent[], call: Call, isOne: boolean): unknown {
    if (!settings.permissions.read) return new Response(null, { status: 204 });
    const data = shown(found, queryOfUrl(call.url));
    return { data: isOne ? data[0] : data };
  }

  /** Every row that a body's `query` means; no page limit there. */
  const matching = (query: unknown) => {
    const ask = isObject(query) ? query : {};
    return select(candidates(rows, ask), ask, { ...limits(), fallback: Infinity, max: undefined }).page;
  };

  on('GET', '/items/events', (call) => list(queryOfUrl(call.url)));
  on('SEARCH', '/items/events', (call) => {
    const body = bodyOf(call, settings);
    return list(isObject(body) && isObject(body['query']) ? body['query'] : {});
  });
  on('GET', '/items/events/:id', (call) => {
    allow('read');
    const row = rows.get(idOf(call.params['id']));
    if (!row) throw forbidden();
    return { data: shown([row], queryOfUrl(call.url))[0] };
  });
  on('POST', '/items/events', (call) => {
    allow('create');
    const body = bodyOf(call, settings);
    const bodies = (Array.isArray(body) ? body : [body]).map((part) => (isObject(part) ? part : {}));
    return written(rows.insert(bodies, botId), call, !Array.isArray(body));
  });
  on('PATCH', '/items/events/:id', (call) => {
    allow('update');
    const body = bodyOf(call, settings);
    return written(rows.update([{ id: idOf(call.params['id']), body: isObject(body) ? body : {} }], botId), call, true);
  });
  on('PATCH', '/items/events', (call) => {
    allow('update');
    return written(rows.update(changesOf(bodyOf(call, settings), matching), botId), call, false);
  });
  on('DELETE', '/items/events/:id', (call) => {
    allow('delete');
    rows.delete([idOf(call.params['id'])]);
    return new Response(null, { status: 204 });
  });
  on('DELETE', '/items/events', (call) => {
    allow('delete');
    const body = bodyOf(call, settings);
    const keys = Array.isArray(body) ? body : isObject(body) ? body['keys'] : undefined;
    const byQuery = isObject(body) ? body['query'] : undefined;
    if (keys === undefined && byQuery === undefined) throw invalidPayload('"keys" or "query" is required');
    rows.delete(keys === undefined ? matching(byQuery).map(({ id }) => id) : listOf(keys).map(idOf));
    return new Response(null, { status: 204 });
  });
}

function candidates(rows: DirectusRows, query: Query): readonly DirectusEvent[] {
  const pin = pinned(query['filter']);
  if (!pin) return rows.all();
  const find = pin.field === 'id' ? (value: unknown) => rows.get(idOf(value)) : (value: unknown) => rows.byUid(String(value));
  return [...new Set(pin.values.map(find))].filter((row) => row !== undefined);
}

/** The three forms of an update of many. */
function changesOf(body: unknown, matching: (query: unknown) => readonly DirectusEvent[]): { id: number; body: Query }[] {
  if (Array.isArray(body)) {
    return body.map((part: unknown) => {
      if (!isObject(part) || part['id'] === undefined) throw invalidPayload('Item in update misses primary key');
      return { id: idOf(part['id']), body: part };
    });
  }
  if (!isObject(body) || !isObject(body['data'])) throw failedValidation([{ field: 'data', type: 'required' }]);
  const data = body['data'];
  if (body['keys'] !== undefined) return listOf(body['keys']).map((key) => ({ id: idOf(key), body: data }));
  return matching(body['query']).map(({ id }) => ({ id, body: data }));
}

function shownRow(row: DirectusEvent, fields: readonly DirectusField[], settings: DirectusSettings): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const field of fields) {
    const value = row[field];
    shown[field] = settings.booleans === 'numbers' && fieldRules[field].type === 'boolean' && typeof value === 'boolean' ? Number(value) : value;
  }
  return shown;
}

function counted(aggregate: Readonly<Record<string, unknown>>, found: number): unknown {
  const [what] = listOf(aggregate['count'] ?? '*').map(String);
  return { count: what === undefined || what === '*' ? found : { [what]: found } };
}

function refusedEarly(world: SimulatedWorld, settings: DirectusSettings): (call: Call) => Response | undefined {
  let window = { startsAt: 0, used: 0 };
  return (call) => {
    if (call.path === '/server/ping') return undefined;
    if (settings.pressure) return underPressure().answer();
    const nowMs = world.clock.now();
    if (nowMs - window.startsAt >= 1000) window = { startsAt: nowMs, used: 0 };
    window.used += 1;
    const limit = settings.pointsPerSecond;
    if (limit !== undefined && window.used > limit) return requestsExceeded({ limit, resetAtMs: window.startsAt + 1000, nowMs }).answer();
    const sent = /^Bearer (.+)$/i.exec(call.headers.get('authorization') ?? '')?.[1] ?? call.url.searchParams.get('access_token');
    if (sent === null) return forbidden().answer();
    return sent === token && !settings.suspended ? undefined : invalidCredentials().answer();
  };
}

/** A body with another content type is read as empty; broken or too large ones are 400, never 413. */
function bodyOf(call: Call, settings: DirectusSettings): unknown {
  if (!(call.headers.get('content-type') ?? '').includes('json') || call.body === '') return {};
  if (call.body.length > settings.maxPayloadBytes || Buffer.byteLength(call.body) > settings.maxPayloadBytes) {
    throw invalidPayload('Request body is too large');
  }
  try {
    return JSON.parse(call.body) as unknown;
  } catch {
    throw invalidPayload('Could not parse the body as JSON');
  }
}

function idOf(value: unknown): number {
  const id = Number(value);
  if (!Number.isInteger(id)) throw forbidden();
  return id;
}

function refusalsAnswered(handler: Handler): Handler {
  return (call) => {
    try {
      return handler(call);
    } catch (error) {
      if (error instanceof DirectusRefusal) return error.answer();
      throw error;
    }
  };
}
