/**
 * The table port on DynamoDB. Reading is in dynamo-reads.ts (which says what an index may lag behind), writing in dynamo-writes.ts,
 * the items' shape in dynamo-rows.ts, what is refused in row-bounds.ts. Expired rows are hidden by the given clock, at once;
 * DynamoDB clears them away in its own time.
 */
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import type { Clock } from '../base/clock.ts';
import { ConditionFailed } from '../base/errors.ts';
import type { Row, RowHead, Table, TableName } from '../base/table.ts';
import { sayingWhatAwsSaid } from './aws-trouble.ts';
import { gather, readIndexed, readMany } from './dynamo-reads.ts';
import { isLive, placeOf, rowOf } from './dynamo-rows.ts';
import { writeGroup } from './dynamo-writes.ts';
import { invalidPageToken, pageToken, pageTokenParts } from './page-token.ts';
import { checkedGroup, checkedLimit } from './row-bounds.ts';

export interface DynamoTableSettings {
  readonly client: DynamoDBDocumentClient;
  /** The tables' names in the account. */
  readonly names: Readonly<Record<TableName, string>>;
  readonly clock: Clock;
}

const groupsAtOnce = 16;

/** @throws StoreUnavailable from every method when DynamoDB refuses, conflicts for too long or cannot be reached. */
export function dynamoTable(settings: DynamoTableSettings): Table {
  const { client, names, clock } = settings;
  const world = { client, names, now: () => clock.now() };
  const doing = <T>(work: () => Promise<T>): Promise<T> => sayingWhatAwsSaid(`DynamoDB (${Object.values(names).join(', ')})`, work);

  function listing(ask: { table: TableName; pk: string; prefix?: string; after?: string }) {
    const prefix = ask.prefix ?? '';
    return {
      TableName: names[ask.table],
      ConsistentRead: true,
      KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
      FilterExpression: isLive,
      ExpressionAttributeValues: { ':pk': ask.pk, ':now': clock.now(), ...(prefix === '' ? {} : { ':prefix': prefix }) },
      ...(ask.after === undefined ? {} : { ExclusiveStartKey: { pk: ask.pk, sk: startOf(ask.pk, prefix, ask.after) } }),
    };
  }

  return {
    get: (key) => doing(async () => (await readMany(world, [key]))[0]),
    getMany: (keys) => doing(() => readMany(world, keys)),
    query: (ask) => doing(async () => {
      const query = { ...listing(ask), ScanIndexForward: ask.reverse !== true };
      const { items, more } = await gather(world, query, checkedLimit(ask.limit), ask.prefix);
      const rows = items.map((item): Row => rowOf(ask.table, item));
      return { rows, ...nextOf(more, ask.pk, rows.at(-1)?.sk) };
    }),
    queryHeads: (ask) => doing(async () => {
      const query = { ...listing(ask), ProjectionExpression: 'sk, rev, head' };
      const { items, more } = await gather(world, query, checkedLimit(ask.limit), ask.prefix);
      const rows = items.map(({ sk, rev, head }): RowHead => ({ sk: String(sk), rev: Number(rev), head: typeof head === 'string' ? head : '' }));
      return { rows, ...nextOf(more, ask.pk, rows.at(-1)?.sk) };
    }),
    queryIndex: (ask) => doing(async () => {
      const [pk = '', sk = ''] = ask.after === undefined ? [] : pageTokenParts(ask.after, 2);
      const { items, more } = await gather(world, {
        TableName: names[ask.table],
        IndexName: ask.index,
        KeyConditionExpression: '#index = :key',
        ExpressionAttributeNames: { '#index': ask.index },
        ExpressionAttributeValues: { ':key': ask.key },
        ...(ask.after === undefined ? {} : { ExclusiveStartKey: { pk, sk, place: placeOf({ pk, sk }), [ask.index]: ask.key } }),
      }, checkedLimit(ask.limit));
      const last = items.at(-1);
      return { rows: await readIndexed(world, ask, items), ...nextOf(more, String(last?.['pk']), last === undefined ? undefined : String(last['sk'])) };
    }),
    write: (group) => doing(async () => {
      const outcome = await writeGroup(world, group, checkedGroup(group));
      if (!outcome.ok) throw new ConditionFailed(outcome.failed);
      return outcome.revs;
    }),
    writeGroups: (groups) => doing(async () => {
      const bodies = groups.map(checkedGroup); // before the first write: what is too large leaves nothing behind
      const limit = pLimit(groupsAtOnce);
      return Promise.all(groups.map((group, at) => limit(() => writeGroup(world, group, bodies[at] ?? []))));
    }),
  };
}

function startOf(pk: string, prefix: string, token: string): string {
  const [of, after] = pageTokenParts(token, 2);
  if (of !== pk || after === undefined || !after.startsWith(prefix)) throw invalidPageToken();
  return after;
}

function nextOf(more: boolean, pk: string, sk: string | undefined): { readonly next?: string } {
  return more && sk !== undefined ? { next: pageToken([pk, sk]) } : {};
}
