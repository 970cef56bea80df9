/**
 * The reading half of the table port on DynamoDB: gets and listings, each page gathered from as many requests as it takes.
 * Everything is read consistently but an index, which DynamoDB fills a moment later. Its rows are read again from the table, and
 * those that no longer carry the key are dropped; a row that has just come to carry it can be missing for that moment.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailable } from '../base/errors.ts';
import type { IndexName, Key, Row, TableName } from '../base/table.ts';
import { rowOf } from './dynamo-rows.ts';
import type { Item } from './dynamo-rows.ts';
import { keyText } from './row-bounds.ts';

export interface DynamoWorld {
  readonly client: DynamoDBDocumentClient;
  readonly names: Readonly<Record<TableName, string>>;
  now(): number;
}

const keysAtOnce = 100; // BatchGetItem (confirmed)
const emptyAnswersMax = 8;
const requestsPerPage = 16; // of 1 MB each: a page of large rows ends early instead of filling the memory

export async function readMany(world: DynamoWorld, keys: readonly Key[]): Promise<readonly Row[]> {
  const once = [...new Map(keys.map((key) => [keyText(key), key])).values()];
  const rows: Row[] = [];
  for (let at = 0; at < once.length; at += keysAtOnce) rows.push(...await readBatch(world, once.slice(at, at + keysAtOnce)));
  return rows;
}

async function readBatch(world: DynamoWorld, keys: readonly Key[]): Promise<readonly Row[]> {
  const tables = new Map(keys.map((key) => [world.names[key.table], key.table]));
  const asked = [...tables].map(([name, table]) => {
    return [name, { ConsistentRead: true, Keys: keys.filter((key) => key.table === table).map(({ pk, sk }): Item => ({ pk, sk })) }] as const;
  });
  const rows: Row[] = [];
  let left: NonNullable<BatchGetCommand['input']['RequestItems']> = Object.fromEntries(asked);
  for (let empty = 0; Object.keys(left).length > 0;) {
    const { Responses = {}, UnprocessedKeys = {} } = await world.client.send(new BatchGetCommand({ RequestItems: left }));
    const before = rows.length;
    for (const [name, items] of Object.entries(Responses)) {
      const table = tables.get(name);
      if (table !== undefined) rows.push(...items.map((item) => rowOf(table, item)));
    }
    left = UnprocessedKeys;
    if (rows.length > before || Object.keys(left).length === 0) continue;
    empty += 1;
    if (empty === emptyAnswersMax) {
      throw new StoreUnavailable({ store: Object.keys(left).join(', '), problem: 'gives no rows', advice: 'wait a little; the work goes on where it stopped' });
    }
    await pause(10 * 2 ** empty);
  }
  return rows.filter((row) => row.expiresAt === undefined || row.expiresAt > world.now());
}

/** Items of one listing up to one more than `limit`, and whether there are more behind them. */
export async function gather(world: DynamoWorld, query: QueryCommandInput, limit: number, prefix = ''): Promise<{ readonly items: readonly Item[]; readonly more: boolean }> {
  const items: Item[] = [];
  let start = query.ExclusiveStartKey;
  for (let requests = 1; ; requests += 1) {
    const from = start === undefined ? {} : { ExclusiveStartKey: start };
    const answer = await world.client.send(new QueryCommand({ ...query, ...from, Limit: limit + 1 - items.length }));
    // DynamoDB's own begins_with is exact; dynoxide's (1.2.1) overlooks the case of letters.
    items.push(...(answer.Items ?? []).filter((item) => String(item['sk']).startsWith(prefix)));
    start = answer.LastEvaluatedKey;
    if (items.length > limit) return { items: items.slice(0, limit), more: true };
    if (start === undefined) return { items, more: false };
    if (requests >= requestsPerPage && items.length > 0) return { items, more: true };
  }
}

/** The rows behind an index's entries, in the index's order. */
export async function readIndexed(world: DynamoWorld, ask: { table: TableName; index: IndexName; key: string }, items: readonly Item[]): Promise<readonly Row[]> {
  const keys = items.map((item): Key => ({ table: ask.table, pk: String(item['pk']), sk: String(item['sk']) }));
  const rows = new Map((await readMany(world, keys)).map((row) => [keyText(row), row]));
  return keys.flatMap((key) => {
    const row = rows.get(keyText(key));
    return row?.index?.[ask.index] === ask.key ? [row] : [];
  });
}
