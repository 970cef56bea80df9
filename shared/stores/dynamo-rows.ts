/**
 * A row of the Table port as an item of DynamoDB, and back. The body is one text, so that it comes back byte for byte and a listing need
 * not parse it; a longer one is packed (row-packing.ts). Limits: DynamoDB's developer guide, confirmed (item 400 KB, sort key 1 024 bytes).
 *
 *   pk, sk                        the key
 *   rev, head, body               as in the port; a longer body is packed against the key and the head, too
 *   <index>Key, <index>Sort       for each index that the row stands in; Sort is the row's key, so that an index is ordered by it
 *   expiresMs, ttl                when it expires, to the millisecond for us and to the second for DynamoDB, which deletes it some day
 *   by                            which write made it: one whose answer was lost knows its own work again
 */
import type { IndexName, Json, JsonObject, Key, Row, RowDraft, TableName } from '../base/table.ts';
import { packed, unpacked, type InClear } from './row-packing.ts';

export type Item = Record<string, unknown>;

export const indexNames: readonly IndexName[] = ['open', 'match', 'parent'];
export const indexKey = (index: IndexName): string => `${index}Key`;
export const indexSort = (index: IndexName): string => `${index}Sort`;
/** The attribute that DynamoDB's time to live looks at. */
export const ttlAttribute = 'ttl';

/** A filter; `:now` in epoch ms. An index holds keys alone, so there it lets all through. */
export const liveOnly = 'attribute_not_exists(expiresMs) OR expiresMs > :now';

export function itemOf(row: RowDraft, made: { readonly body: string; readonly rev: number; readonly by: string }): Item {
  const item: Item = { pk: row.pk, sk: row.sk, rev: made.rev, body: made.body.length > plainCharsMax ? packed(made.body, row) : made.body, by: made.by };
  if (row.head !== undefined) item['head'] = row.head;
  for (const index of indexNames) {
    const key = row.index?.[index];
    if (key === undefined) continue;
    item[indexKey(index)] = key;
    item[indexSort(index)] = sortText(row);
  }
  if (row.expiresAt !== undefined) {
    item['expiresMs'] = row.expiresAt;
    item[ttlAttribute] = Math.ceil(row.expiresAt / 1000);
  }
  return item;
}

export function rowOf(table: TableName, item: Item): Row {
  const index = Object.fromEntries(indexNames.flatMap((name) => (typeof item[indexKey(name)] === 'string' ? [[name, String(item[indexKey(name)])]] : [])));
  const inClear = { pk: textOf(item, 'pk'), sk: textOf(item, 'sk'), ...(typeof item['head'] === 'string' && { head: item['head'] }) };
  return {
    table,
    ...inClear,
    body: parsedBody(bodyText(item['body'], inClear)),
    rev: Number(item['rev']),
    ...(Object.keys(index).length > 0 && { index }),
    ...(item['expiresMs'] !== undefined && { expiresAt: Number(item['expiresMs']) }),
  };
}

export const isLive = (item: Item, nowMs: number): boolean => item['expiresMs'] === undefined || Number(item['expiresMs']) > nowMs;

export const keyAttributes = ({ pk, sk }: Pick<Key, 'pk' | 'sk'>): { pk: string; sk: string } => ({ pk, sk });

const sortBytesMax = 1024;

/**
 * U+0000 stands in no key, so this text is ordered as the pair is. Of longer pairs the beginning counts: which of two comes first whose
 * first 1 024 bytes are the same is then not promised, and such keys do not occur (ours are shorter than 200).
 */
export function sortText({ pk, sk }: Pick<Key, 'pk' | 'sk'>): string {
  const text = `${pk}\0${sk}`;
  if (Buffer.byteLength(text) <= sortBytesMax) return text;
  const cut = new TextDecoder().decode(Buffer.from(text).subarray(0, sortBytesMax));
  return cut.replace(/\uFFFD+$/, ''); // half a character at the end
}

const plainCharsMax = 500; // packing less gains nothing

function bodyText(body: unknown, inClear: InClear): string {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return unpacked(body, inClear);
  throw new Error('an item lacks its body: another program has written to this table');
}

function textOf(item: Item, name: string): string {
  const value = item[name];
  if (typeof value !== 'string') throw new Error(`an item lacks ${name}: another program has written to this table`);
  return value;
}

function parsedBody(text: string): JsonObject {
  const body: Json = JSON.parse(text);
  if (!isObject(body)) throw new Error('a row without an object for its body');
  return body;
}

const isObject = (body: Json): body is JsonObject => typeof body === 'object' && body !== null && !Array.isArray(body);
