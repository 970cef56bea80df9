/**
 * Visitors and pre-registrations of one STOPware PassagePoint (API v2), which usually stands on the site's own network. What belongs to one
 * item is answered; only what stops everything is thrown: sign-in, limits, no usable answer. No reference is published: the calls come
 * from a client that ran in production, those behind `capabilities` are assumed.
 */
import { ConfigurationInvalid, VendorAnswerInvalid, VendorRejected, VendorSignInFailed } from '../../base/errors.ts';
import { httpClient, type ClientAsk, type Shape } from '../../http/client.ts';
import type { SendDeps, SendOptions } from '../../http/send.ts';
import { sessionToken } from '../../http/session-token.ts';
import { withoutAddress } from '../../http/without-address.ts';
import { codeIn, isNotFound, meaningOf, refusalOf, successOf, system, type Refusal } from './refusals.ts';
import { destinationsAnswer, endOfToken, idsAnswer, loginAnswer, preRegsAnswer, secondsText, visitorsAnswer, type PreReg, type Visitor } from './schema.ts';

export interface PassagePointOptions extends Omit<SendOptions, 'system'> {
  /** With port and path: `https://<host>:2444/pp/api/v2`. */
  readonly baseUrl: string;
  readonly allowHttp?: boolean | undefined;
  readonly username: string;
  readonly password: string;
  /** What this site's PassagePoint can do beyond the confirmed calls. Default: nothing. */
  readonly capabilities?: Partial<Readonly<Record<Capability, boolean>>> | undefined;
}

export type Capability = 'updateVisitor' | 'getPreReg' | 'searchPreReg' | 'updatePreReg' | 'cancelPreReg';

export interface VisitorData {
  readonly firstName: string;
  readonly lastName: string;
  /** The name of a category that stands in PassagePoint. */
  readonly category: string;
  /** The card's barcode; unique in PassagePoint. */
  readonly uniqueId: string;
  readonly email?: string | undefined;
  readonly mobilePhoneNo?: string | undefined;
}

export interface PreRegData {
  readonly visitorId: string;
  /** Epoch milliseconds; sent in whole seconds. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** The name of a destination that stands in PassagePoint. */
  readonly destination: string;
}

export type WriteResult = { readonly kind: 'done'; readonly id: string } | Refusal;
/** `several`: the vendor says that it can happen; nobody may guess which. */
export type VisitorFound = { readonly kind: 'found'; readonly visitor: Visitor } | { readonly kind: 'missing' } | { readonly kind: 'several'; readonly ids: readonly string[] };

/**
 * Every method throws VendorSignInFailed, VendorRateLimited, QuotaExhausted, VendorUnavailable, and VendorAnswerInvalid for a success that
 * cannot be read: after a write both of these may mean that it is stored (`sent`, and always for the latter). What only reads also throws
 * VendorRejected.
 */
export interface PassagePointClient {
  /** Gets a new token: the connection test. */
  signIn(): Promise<void>;
  /** Never sent twice by itself. All values travel in the address, where PassagePoint wants them; ours stands in no log and no error. */
  createVisitor(visitor: VisitorData): Promise<WriteResult>;
  visitorByUniqueId(uniqueId: string): Promise<VisitorFound>;
  /** The names that a pre-registration may carry. */
  destinations(): Promise<readonly string[]>;
  /** Never sent twice by itself: a second one would be a second pre-registration (likely). */
  createPreReg(preReg: PreRegData): Promise<WriteResult>;

  /** From here on: undefined without the capability of that name. An absent member is left alone. */
  readonly updateVisitor: ((change: { readonly id: string } & Partial<VisitorData>) => Promise<WriteResult>) | undefined;
  readonly getPreReg: ((id: string) => Promise<PreReg | 'missing'>) | undefined;
  /** Those of a visitor that overlap a time. */
  readonly searchPreReg: ((ask: Omit<PreRegData, 'destination'>) => Promise<readonly PreReg[]>) | undefined;
  /** `refused` with `ALREADY_SIGNED_IN` when it is too late. */
  readonly updatePreReg: ((change: { readonly id: string } & Partial<Omit<PreRegData, 'visitorId'>>) => Promise<WriteResult>) | undefined;
  /** Cancelling twice is done twice. */
  readonly cancelPreReg: ((id: string) => Promise<WriteResult>) | undefined;
}

/** @throws ConfigurationInvalid */
export function passagePointClient(deps: SendDeps, options: PassagePointOptions): PassagePointClient {
  const { username, password, capabilities: can = {}, ...sending } = options;
  if (username.trim() === '' || password === '') throw new ConfigurationInvalid(['the user name or password of passagepoint is empty']);
  const http = httpClient(deps, {
    parallelMax: 1, // a server on the site's own network, of unknown strength: one at a time is our own caution (assumed)
    ...sending,
    system,
    reasonOf: codeIn,
    classify: meaningOf,
  });

  const session = sessionToken({
    clock: deps.clock,
    async signIn() {
      const call = 'POST /auth/login';
      try {
        // Safe to repeat: a further token leaves the others good (assumed).
        const answer = await http.send({ call, method: 'POST', path: '/auth/login', json: { username, password }, safe: true });
        const { token: value } = successOf(answer, loginAnswer, call);
        return { value, endsAt: endOfToken(value) };
      } catch (error) {
        // Whatever the login is refused with, it is no matter of the item for which it was made.
        if (!(error instanceof VendorRejected)) throw error;
        throw new VendorSignInFailed({ vendor: system, call, status: error.status ?? 0, ...(error.reason !== undefined && { reason: error.reason }) });
      }
    },
  });

  async function ask<T>(asked: Omit<ClientAsk, 'call'>, shape: Shape<T>): Promise<T> {
    const call = `${asked.method} ${asked.path}`;
    try {
      return await session.use(async ({ value }) => {
        const headers = { token: value, 'content-type': 'application/json' };
        return successOf(await http.send({ ...asked, call, headers }), shape, call);
      });
    } catch (error) {
      throw withoutAddress(error);
    }
  }

  async function write(asked: Omit<ClientAsk, 'call' | 'method'>): Promise<WriteResult> {
    try {
      const [made] = await ask({ ...asked, method: 'POST' }, idsAnswer);
      if (made) return { kind: 'done', id: made.id };
    } catch (error) {
      return refusalOf(error);
    }
    throw new VendorAnswerInvalid({ vendor: system, call: `POST ${asked.path}`, status: 200, reason: 'EMPTY' });
  }

  const again = { safe: true }; // the same values once more change nothing

  return {
    async signIn() {
      await session.signIn();
    },

    createVisitor: (visitor) => write({ path: '/person/createVisitor', query: visitorQuery(visitor) }),

    async visitorByUniqueId(uniqueId) {
      if (uniqueId.trim() === '') return { kind: 'missing' }; // it might find everybody who has none
      const persons = await ask({ method: 'GET', path: '/person/byUniqueId', query: { uniqueId } }, visitorsAnswer).catch(noneIfNotFound);
      const found = persons.filter((person) => isCalled(uniqueId, person));
      const [visitor, ...others] = found;
      if (!visitor) return { kind: 'missing' };
      return others.length === 0 ? { kind: 'found', visitor } : { kind: 'several', ids: found.map(({ id }) => id) };
    },

    destinations: () => ask({ method: 'GET', path: '/visit/getDestinations' }, destinationsAnswer),

    createPreReg: (preReg) => write({ path: '/visit/createPreReg', json: preRegBody(preReg) }),

    updateVisitor: can.updateVisitor === true ? ({ id, ...change }) => write({ ...again, path: '/person/updateVisitor', query: { id, ...visitorQuery(change) } }) : undefined,

    getPreReg:
      can.getPreReg === true
        ? async (id) => (await ask({ method: 'GET', path: '/visit/getPreReg', query: { id } }, preRegsAnswer).catch(noneIfNotFound))[0] ?? 'missing'
        : undefined,

    searchPreReg:
      can.searchPreReg === true
        ? ({ visitorId, startsAt, endsAt }) =>
            ask({ method: 'GET', path: '/visit/searchPreReg', query: { visitorId, startTime: secondsText(startsAt), endTime: secondsText(endsAt) } }, preRegsAnswer)
        : undefined,

    updatePreReg: can.updatePreReg === true ? ({ id, ...change }) => write({ ...again, path: '/visit/updatePreReg', json: { id, ...preRegBody(change) } }) : undefined,

    cancelPreReg: can.cancelPreReg === true ? (id) => write({ ...again, path: '/visit/cancelPreReg', json: { id } }) : undefined,
  };
}

/** By name, so that nothing else gets into an address; that an empty value would clear something is not known, so none is sent. */
function visitorQuery({ firstName, lastName, category, uniqueId, email = '', mobilePhoneNo = '' }: Partial<VisitorData>) {
  return { firstName, lastName, category, uniqueId, email: email === '' ? undefined : email, mobilePhoneNo: mobilePhoneNo === '' ? undefined : mobilePhoneNo };
}

/** Texts only: numbers were refused (confirmed). */
function preRegBody({ visitorId, startsAt, endsAt, destination }: Partial<PreRegData>) {
  return { visitorId, startTime: startsAt === undefined ? undefined : secondsText(startsAt), endTime: endsAt === undefined ? undefined : secondsText(endsAt), destination };
}

function noneIfNotFound(error: unknown): readonly never[] {
  if (isNotFound(error)) return [];
  throw error;
}

/** A server that looked for something else, or for nothing, must not open a door to another person. */
function isCalled(uniqueId: string, visitor: Visitor): boolean {
  return visitor.uniqueId === undefined || visitor.uniqueId.toLowerCase() === uniqueId.toLowerCase();
}
