/**
 * Events, rosters and members of one organisation's ServiceReef, read only: the vendor offers its API for pulling one's own data, and there is no way
 * to ask what has changed. What a status means, and what becomes of somebody who is no longer listed, is the connector's to say. Facts: the
 * vendor's overview and clients that ran against it, each with how sure it is.
 */
import * as z from 'zod/mini';
import { VendorAnswerInvalid } from '../../base/errors.ts';
import { httpClient, type Shape } from '../../http/client.ts';
import type { SendDeps, SendOptions } from '../../http/send.ts';
import { withoutAddress } from '../../http/without-address.ts';
import { lookUpOf, type LookUp, type RowReader } from '../rows.ts';
import type { ReadingProof } from '../tally.ts';
import { pageAnswer, readPages, rowsOf, type ReefPage } from './pages.ts';
import { isNotFound, reasonIn, signInRefusal, system } from './refusals.ts';
import { memberReader, readEvent, readEventDetail, readParticipant, type ReefEvent, type ReefEventDetail, type ReefMember, type ReefParticipant } from './schema.ts';
import { reefSession, type ReefKeys } from './session.ts';

export interface ServiceReefOptions extends Omit<SendOptions, 'system'>, ReefKeys {
  /** `https://api.servicereef.com` (confirmed); plain http is refused there. */
  readonly baseUrl: string;
  readonly allowHttp?: boolean | undefined;
  /** Rows per page. Default 100, which clients use (confirmed); more is cut to 100 (assumed). */
  readonly pageSize?: number | undefined;
  /** Lets dates of birth in. Default false: minors are common. */
  readonly birthdates?: boolean | undefined;
}

/**
 * Every method throws VendorSignInFailed, VendorRateLimited, QuotaExhausted, VendorUnavailable, VendorAnswerInvalid and VendorRejected. A listing that
 * throws has not ended: what it brought before proves no absence.
 */
export interface ServiceReefClient {
  /** Gets a new token: the connection test. @throws VendorSignInFailed */
  signIn(): Promise<void>;
  /** All events, past and cancelled ones too, as far as ServiceReef lists them. */
  events(): AsyncGenerator<ReefPage<ReefEvent>, ReadingProof>;
  /** The roster of an event. @throws VendorRejected for an event that is not there; see `isNotFound` (refusals.ts). */
  participants(eventId: string): AsyncGenerator<ReefPage<ReefParticipant>, ReadingProof>;
  event(eventId: string): Promise<LookUp<ReefEventDetail>>;
  /** `missing` also after ServiceReef has merged the account into another one (assumed). */
  member(userId: string): Promise<LookUp<ReefMember>>;
}

interface Place {
  readonly call: string;
  readonly path: string;
}

const anything = z.unknown();

/** @throws ConfigurationInvalid */
export function serviceReefClient(deps: SendDeps, options: ServiceReefOptions): ServiceReefClient {
  const { appId, appSecret, pageSize = 100, birthdates = false, ...sending } = options;
  const http = httpClient(deps, { parallelMax: 4, ...sending, system, reasonOf: reasonIn, classify: signInRefusal }); // 4: assumed, as 5 calls a second are
  const session = reefSession({ clock: deps.clock, http }, { appId, appSecret });
  const readMember = memberReader({ withBirthdate: birthdates });

  async function get<T>(ask: Place & { readonly query?: Readonly<Record<string, number>> }, shape: Shape<T>): Promise<T> {
    try {
      return await session.use(({ value }) => http.json({ ...ask, method: 'GET', headers: { authorization: `Bearer ${value}` } }, shape));
    } catch (error) {
      throw withoutAddress(error); // it names a person's id
    }
  }

  function list<T>(place: Place, readRow: RowReader<T>) {
    return readPages(pageSize, readRow, ({ page, pageSize: size }) => get({ ...place, query: { page, pageSize: size } }, pageAnswer));
  }

  /** One object (confirmed for members), or a page that holds it (an old client copes with that). */
  async function one<T>(place: Place, id: string, readRow: RowReader<T>): Promise<LookUp<T>> {
    if (!isId(id)) return { kind: 'missing' };
    let answer: unknown;
    try {
      answer = await get(place, anything);
    } catch (error) {
      if (isNotFound(error)) return { kind: 'missing' };
      throw error;
    }
    const page = pageAnswer.safeParse(answer).data;
    const { total, wires } = page === undefined ? { total: 1, wires: [answer] } : rowsOf(page);
    const found = wires.map(readRow).find((row) => row.id === id);
    if (found) return lookUpOf(found);
    if (total === 0) return { kind: 'missing' };
    // The first row of a list that nobody filtered is somebody else.
    throw new VendorAnswerInvalid({ vendor: system, call: place.call, status: 200, reason: 'OTHER_ID' });
  }

  return {
    async signIn() {
      await session.signIn();
    },
    events: () => list({ call: 'GET /v1/events', path: '/v1/events' }, readEvent),
    participants(eventId) {
      if (!isId(eventId)) throw new RangeError('no id of an event');
      return list({ call: 'GET /v1/events/{eventId}/participants', path: `/v1/events/${eventId}/participants` }, readParticipant);
    },
    event: (eventId) => one({ call: 'GET /v1/events/{eventId}', path: `/v1/events/${eventId}` }, eventId, readEventDetail),
    member: (userId) => one({ call: 'GET /v1/members/{userId}', path: `/v1/members/${userId}` }, userId, readMember),
  };
}

/** Links that came from an old program's files name `None` and the like. */
const isId = (id: string): boolean => /^[1-9]\d*$/.test(id);
