/**
 * Alma, as far as the hub can see it: the users of one or several institutions, one read-only key each, over `/almaws/v1/users`.
 * Faithful (confirmed where not marked in place): 400 with 401861 for an unknown user, codes of refusals, JSON only when it is asked
 * for, the two limits with 429, calls left on every answer. Left out: linked accounts, webhooks, every write, every other API.
 */
import { AlmaRefusal, answered, refusal, shownHit, shownUser } from './alma-answers.ts';
import { almaLimits, type AlmaLimits } from './alma-limits.ts';
import { almaUsers, searched, type AlmaUsers, type AlmaUsersByHand } from './alma-users.ts';
import type { Call } from './call.ts';
import { htmlPage } from './pages.ts';
import { simulator, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface AlmaSettings {
  callsPerSecond: number;
  callsPerDay: number;
  /** The code of the second limit is likely only. */
  dailyCode: string;
  resetHourGmt: number;
  /** What comes from in front of Alma (key, limits) is XML whatever was asked for (likely). */
  gatewayErrors: 'xml' | 'as-asked';
  /** Of `UNAUTHORIZED`: both are seen. */
  unauthorizedStatus: 400 | 401;
  /** What the keys are for; a call of another area is UNAUTHORIZED. */
  areas: readonly ('users' | 'configuration')[];
  /** Whether `view=brief` carries `user_group` (likely). */
  briefHasGroup: boolean;
  /** How a user without any identifier looks. */
  noIdentifiers: 'empty' | 'missing';
  /** The institution's own Alma address instead of the API's: a 401 page, the key being right or wrong (confirmed). */
  isOwnDomain: boolean;
  /** Every call fails so; without a code, with a page. `60101` and `402119` are general errors with 400. */
  trouble: { readonly status: number; readonly errorCode?: string } | undefined;
}

/** One institution zone: a key, its users, and what it may still ask. */
export interface AlmaInstitution {
  readonly apiKey: string;
  readonly users: AlmaUsersByHand;
  /** Calls left today. */
  readonly remaining: number;
  /** The institution's other programs use up so many of today's calls. */
  spendElsewhere(calls: number): void;
}

export interface SimulatedAlma extends Pick<Simulator, 'fetch' | 'journal' | 'faults'> {
  /** Origin of the API, without a slash at its end. Any other origin is answered too. */
  readonly url: string;
  /** Key and users of the institution `main`. */
  readonly apiKey: string;
  readonly users: AlmaUsersByHand;
  /** May be changed at any time. */
  readonly settings: AlmaSettings;
  /** By a name of your own; it is founded when it is first named. */
  institution(name: string): AlmaInstitution;
}

interface Institution {
  readonly apiKey: string;
  readonly users: AlmaUsers;
  readonly limits: AlmaLimits;
}

type Handler = (call: Call, institution: Institution) => Response;
type Area = AlmaSettings['areas'][number];

const url = 'https://alma.test';

export function simulateAlma(world: SimulatedWorld, options: Partial<AlmaSettings> = {}): SimulatedAlma {
  const settings: AlmaSettings = { ...defaults(), ...options };
  const institutions = new Map<string, Institution>();
  const named = (name: string): Institution => {
    const known = institutions.get(name) ?? { apiKey: `simulated-alma-key-${name}`, users: almaUsers(), limits: almaLimits(world.clock, settings) };
    institutions.set(name, known);
    return known;
  };
  const main = named('main');
  const alma = simulator('alma', world, {
    before: () => (settings.isOwnDomain ? htmlPage(401, 'Please sign in') : undefined),
    unknownRoute: () => htmlPage(404, 'Not found'),
  });
  routes((pattern, area, handler) => {
    alma.on('GET', `/almaws/v1${pattern}`, (call) => {
      const key = keyOf(call);
      const institution = [...institutions.values()].find(({ apiKey }) => apiKey === key);
      const answer = refusalsAnswered(call, settings, () => {
        if (!institution) throw unauthorized(settings);
        institution.limits.spend();
        if (settings.trouble) return inTrouble(settings.trouble);
        if (!settings.areas.includes(area)) throw unauthorized(settings);
        return handler(call, institution);
      });
      if (institution) answer.headers.set('x-exl-api-remaining', String(institution.limits.remaining));
      return answer;
    });
  }, settings);

  const { fetch, journal, faults } = alma;
  return { url, apiKey: main.apiKey, users: main.users.byHand, settings, institution: (name) => seen(named(name)), fetch, journal, faults };
}

function defaults(): AlmaSettings {
  return {
    callsPerSecond: 25,
    callsPerDay: 50_000,
    dailyCode: 'DAILY_THRESHOLD',
    resetHourGmt: 0,
    gatewayErrors: 'xml',
    unauthorizedStatus: 400,
    areas: ['users'],
    briefHasGroup: true,
    noIdentifiers: 'empty',
    isOwnDomain: false,
    trouble: undefined,
  };
}

function seen({ apiKey, users, limits }: Institution): AlmaInstitution {
  return {
    apiKey,
    users: users.byHand,
    get remaining() {
      return limits.remaining;
    },
    spendElsewhere: (calls) => limits.spendElsewhere(calls),
  };
}

function routes(on: (pattern: string, area: Area, handler: Handler) => void, settings: AlmaSettings): void {
  on('/users/:id', 'users', (call, { users }) => {
    const query = call.url.searchParams;
    const type = query.get('user_id_type') ?? 'all_unique';
    if (query.has('source_institution_code')) throw notFound('4019990', 'no user of the source institution'); // nobody is linked here
    if (type === 'linking_id') throw notFound('4019998', 'no linked user');
    const user = users.find(call.params['id'] ?? '', type);
    if (!user) throw type === 'all_unique' ? notFound('401861', 'no such user') : notFound('401890', 'no such user by this type');
    const view = query.get('view') === 'brief' ? 'brief' : 'full';
    return answered(call, 'user', shownUser(user, { ...settings, view, link: linkOf(user.primaryId) }));
  });
  on('/users', 'users', (call, { users }) => {
    const query = call.url.searchParams;
    const found = searched(users.byHand.all(), query.get('q'));
    const offset = Number(query.get('offset') ?? 0);
    const limit = Math.min(Number(query.get('limit') ?? 10), 100);
    const hits = found.slice(offset, offset + limit).map((user) => shownHit(user, linkOf(user.primaryId)));
    return answered(call, 'users', { user: hits, total_record_count: found.length });
  });
  for (const [pattern, area] of [['/users/operation/test', 'users'], ['/conf/test', 'configuration']] as const) {
    on(pattern, area, (call) => {
      const answer = answered(call, 'test', {});
      answer.headers.set('x-exl-api-quota', String(settings.callsPerDay)); // here only, as far as is known
      return answer;
    });
  }
}

function linkOf(primaryId: string): string {
  return `${url}/almaws/v1/users/${encodeURIComponent(primaryId)}`;
}

function keyOf(call: Call): string | null {
  const inHeader = /^apikey (\S+)$/i.exec(call.headers.get('authorization') ?? '')?.[1];
  return inHeader ?? call.url.searchParams.get('apikey');
}

function unauthorized({ unauthorizedStatus: status }: AlmaSettings): AlmaRefusal {
  return new AlmaRefusal({ status, errorCode: 'UNAUTHORIZED', message: 'the key is not known or not for this area', isGateway: true });
}

/** 400, never 404. */
function notFound(errorCode: string, message: string): AlmaRefusal {
  return new AlmaRefusal({ status: 400, errorCode, message });
}

function inTrouble({ status, errorCode }: NonNullable<AlmaSettings['trouble']>): Response {
  if (errorCode === undefined) return htmlPage(status, 'Service unavailable');
  throw new AlmaRefusal({ status, errorCode, message: 'something went wrong' });
}

function refusalsAnswered(call: Call, settings: AlmaSettings, answer: () => Response): Response {
  try {
    return answer();
  } catch (error) {
    if (error instanceof AlmaRefusal) return refusal(call, error, error.isGateway && settings.gatewayErrors === 'xml');
    throw error;
  }
}
