/**
 * Ex Libris Alma, as far as the hub can see it: users by any unique identifier, with identifiers, group and state, of one or more institutions.
 * Faithful (confirmed unless marked): 400 with code 401861 for an unknown user, 429 above 25 calls a second of an institution, the day's
 * quota with `X-Exl-Api-Remaining` on every answer, ids in any case and percent-encoded, XML where a gateway speaks (likely).
 * Left out: searching users, writing, loans and fees, every other API.
 */
import type { Call } from './call.ts';
import { json, simulator, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface AlmaCard {
  readonly value: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly segment?: 'Internal' | 'External';
}

export interface AlmaPerson {
  readonly primaryId: string;
  readonly cards: readonly AlmaCard[];
  readonly group?: string | undefined;
  readonly status?: string;
  /** `YYYY-MM-DD`. */
  readonly expiresOn?: string;
  readonly institution: string;
}

export interface AlmaSettings {
  /** Key by institution. */
  keys: { [institution: string]: string };
  callsPerSecond: number | undefined;
  callsPerDay: number;
  /** `brief` answers carry the group (likely). */
  briefHasGroup: boolean;
  /** The gateway's own errors come as XML even where JSON was asked for. */
  gatewaySpeaks: 'xml' | 'json';
}

export interface SimulatedAlma extends Pick<Simulator, 'fetch' | 'journal' | 'faults'> {
  readonly url: string;
  readonly settings: AlmaSettings;
  readonly people: {
    add(person: Partial<AlmaPerson> & { readonly primaryId: string }): void;
    edit(primaryId: string, changes: Partial<AlmaPerson>): void;
    remove(primaryId: string): void;
    all(): readonly AlmaPerson[];
  };
  /** Refused because there were too many in a second, or in the day. */
  readonly refused: { perSecond: number; daily: number };
}

const dayMs = 86_400_000;

export function simulateAlma(world: SimulatedWorld, options: Partial<AlmaSettings> = {}): SimulatedAlma {
  const settings: AlmaSettings = { keys: { main: 'simulated-alma-key' }, callsPerSecond: 25, callsPerDay: 100_000, briefHasGroup: true, gatewaySpeaks: 'xml', ...options };
  const users = new Map<string, AlmaPerson>();
  const refused = { perSecond: 0, daily: 0 };
  const windows = new Map<string, number[]>();
  let day = { startsAt: 0, used: 0 };

  const institutionOf = ({ headers, url }: Call): string | undefined => {
    const key = /^apikey (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? url.searchParams.get('apikey');
    return Object.entries(settings.keys).find(([, value]) => value === key)?.[0];
  };
  const counted = (answer: Response): Response => {
    answer.headers.set('x-exl-api-remaining', String(Math.max(0, settings.callsPerDay - day.used)));
    return answer;
  };
  const gateway = (status: number, code: string): Response => counted(settings.gatewaySpeaks === 'xml' ? xmlError(status, code) : jsonError(status, code));

  const alma = simulator('alma', world, {
    before: (call) => {
      const now = world.clock.now();
      if (now - day.startsAt >= dayMs) day = { startsAt: Math.floor(now / dayMs) * dayMs, used: 0 };
      const institution = institutionOf(call);
      if (institution === undefined) return gateway(400, 'UNAUTHORIZED');
      const recent = (windows.get(institution) ?? []).filter((at) => at > now - 1000);
      if (settings.callsPerSecond !== undefined && recent.length >= settings.callsPerSecond) {
        refused.perSecond += 1;
        return gateway(429, 'PER_SECOND_THRESHOLD');
      }
      windows.set(institution, [...recent, now]);
      if (day.used >= settings.callsPerDay) {
        refused.daily += 1;
        return gateway(429, 'DAILY_THRESHOLD');
      }
      day.used += 1;
      return undefined;
    },
  });
  alma.on('GET', '/almaws/v1/users/operation/test', () => counted(json(200, {})));
  alma.on('GET', '/almaws/v1/users/:id', (call) => {
    const id = (call.params['id'] ?? '').toLowerCase();
    const institution = institutionOf(call);
    const found = [...users.values()].find((user) => user.institution === institution && (user.primaryId.toLowerCase() === id || user.cards.some(({ value }) => value.toLowerCase() === id)));
    const wantsJson = (call.headers.get('accept') ?? '').includes('json');
    if (found === undefined) return counted(wantsJson ? jsonError(400, '401861') : xmlError(400, '401861'));
    return counted(json(200, wireOf(found, call.url.searchParams.get('view') !== 'brief' || settings.briefHasGroup)));
  });

  const { fetch, journal, faults } = alma;
  return {
    url: 'https://alma.test', settings, refused, fetch, journal, faults,
    people: {
      add: (person) => void users.set(person.primaryId, { cards: [{ value: `2299900${users.size + 1}`.padEnd(14, '0'), status: 'ACTIVE' }], group: '10', institution: Object.keys(settings.keys)[0] ?? 'main', ...person }),
      edit: (primaryId, changes) => {
        const before = users.get(primaryId);
        if (before === undefined) throw new Error(`there is no user ${primaryId}`);
        users.set(primaryId, { ...before, ...changes });
      },
      remove: (primaryId) => void users.delete(primaryId),
      all: () => [...users.values()],
    },
  };
}

function wireOf({ primaryId, cards, group, status = 'ACTIVE', expiresOn }: AlmaPerson, hasGroup: boolean): unknown {
  return {
    record_type: { value: 'PUBLIC', desc: 'Public' }, primary_id: primaryId, first_name: 'From Alma', last_name: 'From Alma',
    ...(hasGroup && group !== undefined && { user_group: { value: group, desc: `Group ${group}` } }),
    status: { value: status, desc: status },
    ...(expiresOn !== undefined && { expiry_date: `${expiresOn}Z` }),
    contact_info: { email: [{ email_address: 'from-alma@example.edu', preferred: true }] },
    user_identifier: cards.map(({ value, status: state, segment = 'External' }) => ({ value, id_type: { value: 'BARCODE', desc: 'Barcode' }, note: null, status: state, segment_type: segment })),
  };
}

const tracking = 'E01-0000000000-SIMUL-TST000000001';

const jsonError = (status: number, errorCode: string): Response =>
  json(status, { errorsExist: true, errorList: { error: [{ errorCode, errorMessage: 'an invented text', trackingId: tracking }] }, result: null });

function xmlError(status: number, code: string): Response {
  const text = `<web_service_result xmlns="http://com/exlibris/urm/general/xmlbeans"><errorsExist>true</errorsExist><errorList><error><errorCode>${code}</errorCode><errorMessage>an invented text</errorMessage><trackingId>${tracking}</trackingId></error></errorList></web_service_result>`;
  return new Response(text, { status, headers: { 'content-type': 'application/xml; charset=utf-8' } });
}
