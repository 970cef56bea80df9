/**
 * Rows as DynamoDB items and back, and the port's conditions in DynamoDB's words. Layout: dynamo-schema.ts.
 * An index's sort key holds at most 1 024 bytes (DynamoDB documentation, confirmed), so `place` is the beginning of partition and sort
 * key: rows of one index key that agree in all of these bytes stand in no promised order.
 */
import type { Condition, IndexName, Key, Row, RowDraft, TableName } from '../base/table.ts';
import { keyBytesMax } from './row-bounds.ts';
import { dynamoSchema } from './dynamo-schema.ts';

export type Item = Record<string, unknown>;

export function itemOf(row: RowDraft, stored: { readonly body: string; readonly rev: number }): Item {
  const keys = Object.entries(row.index ?? {}).filter(([, key]) => key !== undefined);
  return {
    pk: row.pk,
    sk: row.sk,
    rev: stored.rev,
    body: stored.body,
    ...(row.head === undefined ? {} : { head: row.head }),
    ...Object.fromEntries(keys),
    ...(keys.length === 0 ? {} : { place: placeOf(row) }),
    // Rounded up: what DynamoDB clears away has to be expired to the millisecond.
    ...(row.expiresAt === undefined ? {} : { expiresMs: row.expiresAt, expires: Math.ceil(row.expiresAt / 1000) }),
  };
}

export function rowOf(table: TableName, item: Item): Row {
  const { pk, sk, rev, head, body, expiresMs } = item;
  const index: { [name in IndexName]?: string } = {};
  for (const name of dynamoSchema.indexNames) {
    const key = item[name];
    if (typeof key === 'string') index[name] = key;
  }
  return {
    table,
    pk: String(pk),
    sk: String(sk),
    rev: Number(rev),
    body: JSON.parse(String(body)),
    ...(typeof head === 'string' ? { head } : {}),
    ...(Object.keys(index).length === 0 ? {} : { index }),
    ...(typeof expiresMs === 'number' ? { expiresAt: expiresMs } : {}),
  };
}

/** Where a row stands in an index. */
export function placeOf(key: Pick<Key, 'pk' | 'sk'>): Uint8Array {
  return Buffer.from(`${key.pk}\0${key.sk}`).subarray(0, keyBytesMax);
}

export const isLive = 'attribute_not_exists(expiresMs) OR expiresMs > :now';

/** Empty for `any`: DynamoDB then asks nothing. */
export function conditionOf(when: Condition, nowMs: number): { ConditionExpression?: string; ExpressionAttributeValues?: Item } {
  if (when === 'any') return {};
  if (when === 'absent') {
    return { ConditionExpression: 'attribute_not_exists(pk) OR expiresMs <= :now', ExpressionAttributeValues: { ':now': nowMs } };
  }
  return { ConditionExpression: `rev = :rev AND (${isLive})`, ExpressionAttributeValues: { ':rev': when.rev, ':now': nowMs } };
}
