/**
 * How every call to SKY is made: with the subscription key and an access token from whoever keeps it, a success read or an empty one borne, and a
 * refusal either this item's or everybody's. Addresses carry names and e-mail addresses here (the search); none gets into an error.
 */
import * as z from 'zod/mini';
import { ConfigurationInvalid, QuotaExhausted, VendorAnswerInvalid, VendorRejected, VendorUnavailable } from '../../base/errors.ts';
import { httpClient, readJson, textOf, type ClientAsk, type Shape } from '../../http/client.ts';
import type { Answer, SendDeps, SendOptions } from '../../http/send.ts';
import { withoutAddress } from '../../http/without-address.ts';
import { lookUpOf, type LookUp, type RowReader } from '../rows.ts';
import { faultOf, meaningOf, refusalOf, system, type Refusal } from './refusals.ts';
import { id as idShape } from './wire.ts';

/** Keeps and renews access tokens. Tell it which refusals are about the token: `refusesToken` (refusals.ts). */
export interface AccessTokens {
  /** Makes the call with a token, and once more with another one where the first is refused (VendorSignInFailed). A refused call has had no effect. */
  use<R>(call: (token: { readonly value: string }) => Promise<R>): Promise<R>;
}

export interface SkyOptions extends Omit<SendOptions, 'system'> {
  /** `https://api.sky.blackbaud.com` (confirmed). */
  readonly baseUrl: string;
  readonly allowHttp?: boolean | undefined;
  /** The primary or the secondary one of the developer subscription; both work (confirmed). */
  readonly subscriptionKey: string;
  readonly tokens: AccessTokens;
}

export type Created = { readonly kind: 'done'; readonly id: string } | Refusal;
export type Changed = { readonly kind: 'done' } | Refusal;

/** A call, named by its path's pattern. `path` is the pattern where no id stands in it. */
export interface Place {
  readonly call: string;
  readonly path?: string;
  readonly query?: ClientAsk['query'];
  readonly timeoutMs?: number;
}

export interface SkyCalls {
  /** @throws VendorRejected too. */
  read<T>(place: Place, shape: Shape<T>): Promise<T>;
  find<T>(place: Place, id: string, readRow: RowReader<T>): Promise<LookUp<T>>;
  /** Never sent twice by itself. @throws VendorAnswerInvalid where it may be stored and its id is not told. */
  create(place: Place, json: unknown): Promise<Created>;
  /** Safe to repeat: the same values once more change nothing, and a second delete finds nothing. The answer is empty (confirmed). */
  change(place: Place, json?: unknown): Promise<Changed>;
}

const created = z.object({ id: idShape });

/** @throws ConfigurationInvalid */
export function skyCalls(deps: SendDeps, options: SkyOptions): SkyCalls {
  const { subscriptionKey, tokens, ...sending } = options;
  if (subscriptionKey.trim() === '') throw new ConfigurationInvalid(['the subscription key of NXT is empty']);
  const http = httpClient(deps, {
    ...sending,
    system,
    headers: { 'bb-api-subscription-key': subscriptionKey.trim() },
    classify: (failing) => meaningOf(failing, deps.clock.now()),
  });
  let closedUntil = -Infinity;

  async function send({ call, path, ...more }: Place & Partial<ClientAsk>): Promise<Answer> {
    if (deps.clock.now() < closedUntil) throw new QuotaExhausted({ vendor: system, call, reason: 'QUOTA', resetsAt: closedUntil });
    const [method = '', pattern = ''] = call.split(' ');
    try {
      return await tokens.use(({ value }) => http.send({ ...more, call, method, path: path ?? pattern, headers: { authorization: `Bearer ${value}` } }));
    } catch (error) {
      if (error instanceof QuotaExhausted && error.reason === 'QUOTA') closedUntil = error.resetsAt;
      throw withoutAddress(error);
    }
  }

  async function read<T>(place: Place, shape: Shape<T>): Promise<T> {
    return readJson(await send(place), shape, { vendor: system, call: place.call });
  }

  return {
    read,

    async find(place, id, readRow) {
      if (!isId(id)) return { kind: 'missing' };
      try {
        const row = readRow(await read(place, z.unknown()));
        if (row.id === id) return lookUpOf(row);
      } catch (error) {
        if (faultOf(error)?.code === 'NOT_FOUND') return { kind: 'missing' };
        throw error;
      }
      throw new VendorAnswerInvalid({ vendor: system, call: place.call, status: 200, reason: 'OTHER_ID' });
    },

    async create(place, json) {
      try {
        const { id } = readJson(await send({ ...place, json }), created, { vendor: system, call: place.call });
        return { kind: 'done', id };
      } catch (error) {
        return refusalOf(error);
      }
    },

    async change(place, json) {
      try {
        const answer = await send({ ...place, ...(json !== undefined && { json }), safe: true });
        if (/^\s*</.test(textOf(answer))) throw new VendorUnavailable({ vendor: system, call: place.call, status: answer.status, sent: true }); // a portal's page, not SKY
        return { kind: 'done' };
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

/** Links that came from an old program's files name `None` and the like; an empty one would be another call. */
export const isId = (id: string): boolean => /^\d+$/.test(id);

/** For calls that cannot answer `missing`. @throws VendorRejected, without a call. */
export function checkedId(call: string, id: string): string {
  if (!isId(id)) throw new VendorRejected({ vendor: system, call, status: 0, reason: 'NO_ID' });
  return id;
}
