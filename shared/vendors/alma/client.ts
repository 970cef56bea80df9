/**
 * Users of one Ex Libris Alma, looked up one at a time, because there is no call for several (confirmed). An institution may have several
 * zones with a key each; a user whom one does not know is looked up in the next. Read only. Facts: vendor documentation and clients that ran
 * against it; what to do with a user is the connector's to say.
 */
import { ConfigurationInvalid, QuotaExhausted, VendorRejected } from '../../base/errors.ts';
import { httpClient, readJson, textOf, type ClientAsk, type HttpClient } from '../../http/client.ts';
import type { Answer, SendDeps, SendOptions } from '../../http/send.ts';
import { withoutAddress } from '../../http/without-address.ts';
import { codeIn, isUnknownUser, meaningOf, remainingIn, saysDayIsGone, system } from './refusals.ts';
import { toUser, userAnswer, type AlmaUser } from './schema.ts';

export interface AlmaOptions extends Omit<SendOptions, 'system'> {
  /** The region's host: `https://api-na.hosted.exlibrisgroup.com`, `-eu`, `-ap`, `-ca`, ... */
  readonly baseUrl: string;
  readonly allowHttp?: boolean | undefined;
  /** In the order of asking. Each may read Users of its institution zone. */
  readonly apiKeys: readonly AlmaKey[];
  /** The code of the identifier type that is on the card; a table of the institution. Default `BARCODE`. */
  readonly barcodeType?: string | undefined;
  /** `brief` carries less personal data and, likely, the group: one look at the whole user finds out. Default `brief`. */
  readonly view?: 'brief' | 'full' | undefined;
  /** Told with every answer how many calls are left today, for all applications of the institution together. */
  readonly onRemaining?: ((left: { readonly zone: string; readonly remaining: number }) => void) | undefined;
}

export interface AlmaKey {
  readonly key: string;
  /** How reports call the zone. Default `1`, `2`, ... */
  readonly zone?: string | undefined;
  /** Where this zone is in another region. */
  readonly baseUrl?: string | undefined;
}

export type AlmaLookUp = { readonly kind: 'found'; readonly user: AlmaUser } | { readonly kind: 'unknown' };

export interface AlmaClient {
  /**
   * @param id  any unique identifier: primary id (in any case) or barcode.
   * @throws QuotaExhausted when the day's calls are gone (and then without a call until midnight GMT), VendorRateLimited, VendorSignInFailed
   * for a key that is not accepted: never is a user unknown because Alma did not say so.
   */
  user(id: string): Promise<AlmaLookUp>;
  /** Asks once with each key: the connection test. @throws as `user`, for the first key that fails. */
  signIn(): Promise<void>;
}

const path = '/almaws/v1/users';

/** @throws ConfigurationInvalid */
export function almaClient(deps: SendDeps, options: AlmaOptions): AlmaClient {
  const { baseUrl, apiKeys, barcodeType = 'BARCODE', onRemaining, view: wantedView = 'brief', ...sending } = options;
  if (apiKeys.length === 0 || apiKeys.some(({ key }) => key.trim() === '')) throw new ConfigurationInvalid(['a key of alma is missing or empty']);
  const zones = apiKeys.map(({ key, zone = '', baseUrl: own = baseUrl }, at) => zoneClient(deps, { ...sending, key, baseUrl: own, onRemaining, zone: zone || String(at + 1) }));
  let view = wantedView;
  let isGroupInBrief = false;

  async function read({ zone, send }: ZoneClient, id: string, shown: 'brief' | 'full'): Promise<AlmaUser> {
    const call = 'GET /users/{id}';
    const answer = await send({ call, method: 'GET', path: `${path}/${encodeURIComponent(id)}`, query: { view: shown, expand: 'none' } });
    return toUser(readJson(answer, userAnswer, { vendor: system, call }), { zone, barcodeType });
  }

  async function lookUp(zone: ZoneClient, id: string): Promise<AlmaUser> {
    const user = await read(zone, id, view);
    if (view === 'full' || isGroupInBrief) return user;
    if (user.group !== undefined) {
      isGroupInBrief = true;
      return user;
    }
    // Nobody has a group in `brief` so far: has this user none, or does `brief` not say it?
    const whole = await read(zone, id, 'full');
    if (whole.group !== undefined) view = 'full';
    return whole;
  }

  return {
    async user(id) {
      // People type ids. An empty one would list users, and one of dots is another path before it leaves.
      if (/^[.\s]*$/.test(id)) return { kind: 'unknown' };
      for (const zone of zones) {
        try {
          return { kind: 'found', user: await lookUp(zone, id) };
        } catch (error) {
          if (!isUnknownUser(error)) throw error;
        }
      }
      return { kind: 'unknown' };
    },

    async signIn() {
      for (const { zone, send } of zones) await send({ call: `GET /users/operation/test (zone ${zone})`, method: 'GET', path: `${path}/operation/test` });
    },
  };
}

interface ZoneClient {
  readonly zone: string;
  readonly send: (ask: ClientAsk) => Promise<Answer>;
}

interface ZoneOptions extends Omit<SendOptions, 'system'>, Pick<AlmaOptions, 'baseUrl' | 'allowHttp' | 'onRemaining'> {
  readonly zone: string;
  readonly key: string;
}

function zoneClient(deps: SendDeps, { key, zone, onRemaining, retry, ...options }: ZoneOptions): ZoneClient {
  let closedUntil = -Infinity;
  const http: HttpClient = httpClient(deps, {
    ...options,
    system,
    retry: { backoffMs: 1000, ...retry, unless: saysDayIsGone }, // its limit is by the second (confirmed), so a wait below one is wasted
    headers: { authorization: `apikey ${key}` }, // in the address, which Alma takes too, it would land in logs
    reasonOf: codeIn,
    classify: (failing) => {
      heard(failing.headers);
      return refused(meaningOf(failing, deps.clock.now()));
    },
  });

  function heard(headers: Headers): void {
    const remaining = remainingIn(headers);
    if (remaining !== undefined) onRemaining?.({ zone, remaining });
  }

  function refused<T>(error: T): T {
    if (error instanceof QuotaExhausted) closedUntil = error.resetsAt;
    return error;
  }

  return {
    zone,
    async send(ask) {
      if (deps.clock.now() < closedUntil) throw new QuotaExhausted({ vendor: system, call: ask.call, resetsAt: closedUntil });
      const answer = await http.send(ask).catch((error: unknown) => {
        throw withoutAddress(error);
      });
      heard(answer.headers);
      const reason = codeIn(textOf(answer));
      if (reason === undefined) return answer;
      const { status, headers } = answer;
      const meaning = meaningOf({ call: ask.call, status, headers, reason }, deps.clock.now());
      throw refused(meaning ?? new VendorRejected({ vendor: system, call: ask.call, status, reason }));
    },
  };
}
