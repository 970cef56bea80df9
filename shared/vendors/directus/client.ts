/**
 * One collection of one Directus (12.4; facts confirmed on SQLite unless marked), for a bot with a static token: complete listings,
 * reads by id, creates, conditional updates, deletes, and the questions of a start-up check. It never writes a field by itself,
 * and returns no field that was not asked for. What a refusal is called stands in VendorRejected's `reason`; `faultsOf` (refusals.ts) lists all of it.
 */
import { ConfigurationInvalid, VendorAnswerInvalid } from '../../base/errors.ts';
import { httpClient, type ClientAsk } from '../../http/client.ts';
import type { SendDeps, SendOptions } from '../../http/send.ts';
import { inGivenOrder, rowsPerCreate, type RowData } from './batches.ts';
import { readAll, type Filter, type Listing } from './listing.ts';
import { faultsIn, isForbidden, refusalWithFaults } from './refusals.ts';
import { cutTo, rowAnswer, rowAnswerIfReadable, rowsAnswer, rowsAnswerIfReadable, userAnswer } from './schema.ts';
import type { DirectusRow, RowId } from './schema.ts';

export interface DirectusOptions extends Omit<SendOptions, 'system'> {
  /** Base of the API (`DIRECTUS_API_URL`). */
  readonly url: string;
  /** A user's static token. Sent as a header only: in the address it would land in logs. */
  readonly token: string;
  readonly collection: string;
  readonly allowHttp?: boolean | undefined;
  /** The collection's fields with `special: date-updated` and `date-created`. */
  readonly stamps?: { readonly updated: string; readonly created: string } | undefined;
}

export interface DirectusClient {
  /**
   * Ids and dates of all rows, and the extra `fields`. Authoritative when `complete`: an id that is missing is gone.
   *
   * @param ask.limit  rows per page; default 10 000.
   */
  listVersions(ask?: { readonly fields?: readonly string[]; readonly limit?: number }): Promise<Listing>;
  /** Rows by id, in the order of their ids; an id that is gone (or hidden from the bot) is left out. */
  readItems(ids: readonly RowId[], fields: readonly string[]): Promise<readonly DirectusRow[]>;
  /** The first `limit` rows that a filter means, by id. */
  find(filter: Filter, fields: readonly string[], limit: number): Promise<readonly DirectusRow[]>;
  /** Never sent twice by itself. @throws VendorRejected with the reason `RECORD_NOT_UNIQUE` for what exists already. */
  createItem(data: RowData, fields: readonly string[]): Promise<DirectusRow>;
  /**
   * One transaction of at most 100 rows (see `batchesOf`): all are stored, or none. Never sent twice by itself.
   * Where ids are uuids, give each row its own: answers come in the order of ids, which is the given order only for counted ones.
   */
  createItems(batch: readonly RowData[], fields: readonly string[]): Promise<readonly DirectusRow[]>;
  /**
   * Compare-and-set by the time of the last update, as read before (null for a row never updated). `stale` means that the row has
   * changed or is gone, or that our own earlier attempt got through and its answer was lost: read the row and decide again.
   * Between the server's own comparison and its write remain some milliseconds (likely).
   */
  updateIfUnchanged(ask: {
    readonly id: RowId;
    readonly dateUpdated: string | null;
    readonly data: RowData;
    readonly fields: readonly string[];
  }): Promise<DirectusRow | 'stale'>;
  /** Unconditional. */
  update(id: RowId, data: RowData, fields: readonly string[]): Promise<DirectusRow | 'gone'>;
  deleteItem(id: RowId): Promise<'deleted' | 'gone'>;
  /** The bot's own user id. Needs a valid token and no permission: the connection test. @throws VendorSignInFailed */
  whoAmI(): Promise<string>;
  /** Whether a Directus answers at all; needs no token. @throws VendorAnswerInvalid when something else answers */
  ping(): Promise<void>;
  /**
   * The names that the collection does not have, or does not show to the bot. To be asked at start: Directus ignores unknown
   * fields in writes, so that a wrong name in the mapping is never reported later.
   *
   * @throws VendorRejected when the collection itself is missing or hidden.
   */
  checkFields(names: readonly string[]): Promise<readonly string[]>;
}

const system = 'directus';
const rowsPerPage = 10_000;
const rowsPerRead = 100;

/** @throws ConfigurationInvalid */
export function directusClient(deps: SendDeps, options: DirectusOptions): DirectusClient {
  const { url, token, collection, stamps = { updated: 'date_updated', created: 'date_created' }, ...sending } = options;
  if (token.trim() === '') throw new ConfigurationInvalid(['the token of directus is empty']);
  const http = httpClient(deps, {
    ...sending,
    system,
    baseUrl: url,
    // no-store: a Directus with a data cache would answer from before our own write (read; only where the operator allows it).
    headers: { authorization: `Bearer ${token}`, 'cache-control': 'no-store' },
    reasonOf: (bodyText) => faultsIn(bodyText)[0]?.code,
    classify: (failing) => refusalWithFaults(system, failing),
  });
  const path = `/items/${encodeURIComponent(collection)}`;
  const items = (method: string, more: Partial<ClientAsk> = {}): ClientAsk => ({ call: `${method} /items/${collection}`, method, path, ...more });
  const item = (method: string, id: RowId, more: Partial<ClientAsk> = {}): ClientAsk => ({
    call: `${method} /items/${collection}/{id}`,
    method,
    path: `${path}/${encodeURIComponent(id)}`,
    ...more,
  });

  async function readChunk(ids: readonly RowId[], fields: readonly string[]): Promise<readonly DirectusRow[]> {
    const { rows, complete } = await readAll(http, collection, { filter: { id: { _in: ids } }, fields, pageSize: ids.length });
    // A row that a cut page left out must not read as gone.
    if (!complete) throw new VendorAnswerInvalid({ vendor: system, call: `GET /items/${collection}`, reason: 'INCOMPLETE' });
    return rows;
  }

  /** 403 means "missing" or "not allowed"; a listing that may be asked and is empty settles that it is missing. */
  async function orGone<T>(id: RowId, work: Promise<T>): Promise<T | 'gone'> {
    try {
      return await work;
    } catch (error) {
      if (!isForbidden(error)) throw error;
      const stands = await readChunk([id], []).then(
        (rows) => rows.length > 0,
        () => true,
      );
      if (stands) throw error;
      return 'gone';
    }
  }

  return {
    listVersions: ({ fields = [], limit = rowsPerPage } = {}) =>
      readAll(http, collection, { fields: [stamps.updated, stamps.created, ...fields], pageSize: limit }),

    async readItems(ids, fields) {
      const found: DirectusRow[] = [];
      for (let at = 0; at < ids.length; at += rowsPerRead) found.push(...(await readChunk(ids.slice(at, at + rowsPerRead), fields)));
      return found;
    },

    async find(filter, fields, limit) {
      const query = { filter: JSON.stringify(filter), fields: fieldList(fields), sort: 'id', limit };
      const { data } = await http.json(items('GET', { query }), rowsAnswer);
      return data.map((row) => cutTo(fields, row));
    },

    async createItem(data, fields) {
      const answer = await http.json(items('POST', { query: { fields: fieldList(fields) }, json: data }), rowAnswerIfReadable);
      if (!answer) throw notReadable(collection);
      return cutTo(fields, answer.data);
    },

    async createItems(batch, fields) {
      if (batch.length > rowsPerCreate) throw new RangeError(`a batch of ${batch.length} rows is over ${rowsPerCreate}`);
      if (batch.length === 0) return [];
      const answer = await http.json(items('POST', { query: { fields: fieldList(fields) }, json: batch }), rowsAnswerIfReadable);
      if (!answer) throw notReadable(collection);
      const ordered = inGivenOrder(batch, answer.data);
      if (!ordered) throw new VendorAnswerInvalid({ vendor: system, call: `POST /items/${collection}`, status: 200, reason: 'ORDER_UNKNOWN' });
      return ordered.map((row) => cutTo(fields, row));
    },

    async updateIfUnchanged({ id, dateUpdated, data, fields }) {
      const unchanged = { [stamps.updated]: dateUpdated === null ? { _null: true } : { _eq: dateUpdated } };
      const json = { query: { filter: { _and: [{ id: { _eq: id } }, unchanged] } }, data };
      // Safe to repeat: if the first attempt got through, the stamp has moved and the second one writes nothing.
      const ask = items('PATCH', { query: { fields: fieldList(fields) }, json, safe: true });
      const [row] = (await http.json(ask, rowsAnswer)).data;
      return row ? cutTo(fields, row) : 'stale';
    },

    update: (id, data, fields) =>
      orGone(
        id,
        http.json(item('PATCH', id, { query: { fields: fieldList(fields) }, json: data }), rowAnswer).then((answer) => cutTo(fields, answer.data)),
      ),

    deleteItem: (id) =>
      // Safe to repeat: ids are not used again, and a second attempt after a lost answer finds the row gone.
      orGone(
        id,
        http.send(item('DELETE', id, { safe: true })).then(() => 'deleted' as const),
      ),

    async whoAmI() {
      const ask: ClientAsk = { call: 'GET /users/me', method: 'GET', path: '/users/me', query: { fields: 'id' } };
      return (await http.json(ask, userAnswer)).data.id;
    },

    async ping() {
      const ask: ClientAsk = { call: 'GET /server/ping', method: 'GET', path: '/server/ping', headers: { accept: 'text/plain, */*' } };
      if ((await http.text(ask)).trim() !== 'pong') throw new VendorAnswerInvalid({ vendor: system, call: ask.call, status: 200 });
    },

    async checkFields(names) {
      const isKnown = async (fields: readonly string[]) => {
        try {
          await http.json(items('GET', { query: { fields: fields.join(','), limit: 0 } }), rowsAnswer);
          return true;
        } catch (error) {
          if (isForbidden(error)) return false;
          throw error;
        }
      };
      if (names.length === 0 || (await isKnown(names))) return [];
      await http.json(items('GET', { query: { fields: 'id', limit: 0 } }), rowsAnswer); // throws if it is the collection itself
      const unknown: string[] = [];
      for (const name of names) if (!(await isKnown([name]))) unknown.push(name);
      return unknown;
    },
  };
}

function fieldList(fields: readonly string[]): string {
  return [...new Set(['id', ...fields])].join(',');
}

/** The rows are stored; only what they are called is unknown. */
function notReadable(collection: string): VendorAnswerInvalid {
  return new VendorAnswerInvalid({ vendor: system, call: `POST /items/${collection}`, status: 204, reason: 'NOT_READABLE' });
}
