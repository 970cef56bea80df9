/**
 * Reads every row that a filter means, and says whether it got them all. Pages go by key (`sort=id`, `id > last`), because offsets
 * skip and repeat rows when somebody writes meanwhile. Every page also says how many rows were left for it, so that a page
 * that the operator's QUERY_LIMIT_MAX cut in silence (confirmed for `limit=-1`) is seen and read on.
 */
import { VendorRejected } from '../../base/errors.ts';
import type { HttpClient } from '../../http/client.ts';
import { cutTo, pageAnswer, type DirectusRow, type RowId } from './schema.ts';

export type Filter = { readonly [key: string]: unknown };

export interface Listing {
  /** By id, each once. */
  readonly rows: readonly DirectusRow[];
  /** How many rows the filter meant when the first page was read. */
  readonly declaredTotal: number;
  /** Every row that stood there all the time is among `rows`. If not, absence proves nothing. */
  readonly complete: boolean;
}

export interface ListingAsk {
  readonly filter?: Filter | undefined;
  readonly fields: readonly string[];
  /** Rows per page. A page size over the server's maximum is refused; then all pages are asked without one. */
  readonly pageSize: number;
}

/** Beyond this a query goes into the body (method SEARCH): proxies commonly refuse addresses over 4 to 8 KB. */
const queryCharsMax = 2000;

export async function readAll(http: HttpClient, collection: string, ask: ListingAsk): Promise<Listing> {
  const rows: DirectusRow[] = [];
  const ids = new Set<RowId>();
  let declaredTotal: number | undefined;
  let pageSize = ask.pageSize;
  for (;;) {
    const page = await readPage(http, collection, { ...ask, filter: after(rows.at(-1)?.id, ask.filter), pageSize });
    if (page === 'limit refused') {
      pageSize = -1;
      continue;
    }
    declaredTotal ??= page.left;
    const fresh = page.rows.filter(({ id }) => !ids.has(id));
    for (const row of fresh) {
      ids.add(row.id);
      rows.push(cutTo(ask.fields, row));
    }
    if (page.rows.length === page.left) return { rows, declaredTotal, complete: true };
    // Rows are left, and this page brought none: a server that answers so would be asked for ever.
    if (fresh.length === 0) return { rows, declaredTotal, complete: false };
  }
}

async function readPage(
  http: HttpClient,
  collection: string,
  ask: ListingAsk,
): Promise<{ rows: readonly DirectusRow[]; left: number } | 'limit refused'> {
  try {
    const { data, meta } = await http.json(pageCall(collection, ask), pageAnswer);
    return { rows: data, left: meta.filter_count };
  } catch (error) {
    if (ask.pageSize !== -1 && error instanceof VendorRejected && error.reason === 'INVALID_QUERY') return 'limit refused';
    throw error;
  }
}

function pageCall(collection: string, { filter, fields, pageSize }: ListingAsk) {
  const path = `/items/${encodeURIComponent(collection)}`;
  const wanted = ['id', ...fields.filter((field) => field !== 'id')];
  const filterText = filter === undefined ? undefined : JSON.stringify(filter);
  if (filterText !== undefined && encodeURIComponent(filterText).length > queryCharsMax) {
    const query = { filter, fields: wanted, sort: ['id'], limit: pageSize, meta: ['filter_count'] };
    return { call: `SEARCH /items/${collection}`, method: 'SEARCH', path, json: { query } };
  }
  const query = { filter: filterText, fields: wanted.join(','), sort: 'id', limit: pageSize, meta: 'filter_count' };
  return { call: `GET /items/${collection}`, method: 'GET', path, query };
}

function after(lastId: RowId | undefined, filter: Filter | undefined): Filter | undefined {
  if (lastId === undefined) return filter;
  const beyond = { id: { _gt: lastId } };
  return filter === undefined ? beyond : { _and: [filter, beyond] };
}
