/**
 * The table port on DynamoDB: reads here, writes in dynamo-writes.ts, what an item looks like in dynamo-rows.ts, what is refused in
 * row-bounds.ts. Reads are strongly consistent but for those that may lag and for the way into an index: its rows are read again from the table, so that none is
 * shown which has left it, while one that was written some milliseconds ago may still be missing (usually well under a second, AWS says).
 * Whoever asks an index looks again in the next run.
 */
import { BatchGetCommand, GetCommand, QueryCommand, type BatchGetCommandInput, type BatchGetCommandOutput, type DynamoDBDocumentClient, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import type { Clock } from '../base/clock.ts';
import { ConditionFailed } from '../base/errors.ts';
import type { IndexName, Key, Page, Reading, Row, RowHead, Table, TableName } from '../base/table.ts';
import { sayingWhatToDoOnAws } from './aws-trouble.ts';
import { indexKey, indexSort, isLive, keyAttributes, liveOnly, rowOf, sortText, type Item } from './dynamo-rows.ts';
import { writeGroup } from './dynamo-writes.ts';
import { pageOf, pageTokenParts, rangeOf } from './page-token.ts';
import { checkedGroup, checkedLimit, keyText } from './row-bounds.ts';

export interface DynamoTableDeps {
  readonly client: DynamoDBDocumentClient;
  /** How each table is called in the account. */
  readonly names: Readonly<Record<TableName, string>>;
  readonly clock: Clock;
}

const keysPerBatch = 100; // BatchGetItem's bound, confirmed
const batchRounds = 8;
const batchPauseMs = 25;
const groupsAtOnce = 16;

/** @throws StoreUnavailable from every method: throttled for long, not allowed, missing, or no answer. */
export function dynamoTable(deps: DynamoTableDeps): Table {
  const { clock, names } = deps;
  const writing = { ...deps, readBefore: (keys: readonly Key[]) => getMany(deps, keys) };
  const inLine = pLimit(groupsAtOnce);
  const all: readonly TableName[] = ['links', 'runs', 'hosted'];
  const doing = <T>(work: () => Promise<T>, asked: readonly TableName[] = all): Promise<T> => sayingWhatToDoOnAws(`table ${asked.map((table) => names[table]).join(', ')}`, work);

  return {
    get: (key) => doing(async () => {
      const { Item: item } = await deps.client.send(new GetCommand({ TableName: names[key.table], Key: keyAttributes(key), ConsistentRead: true }));
      return item !== undefined && isLive(item, clock.now()) ? rowOf(key.table, item) : undefined;
    }, [key.table]),
    getMany: (keys, reading) => doing(() => getMany(deps, keys, reading)),
    query: (ask) => doing(async () => {
      const limit = checkedLimit(ask.limit);
      const items = await queried(deps, { ...partitionOf(deps, ask), ScanIndexForward: ask.reverse !== true, ConsistentRead: true }, limit + 1);
      return pageOf(items.map((item) => rowOf(ask.table, item)), limit, (row) => [row.pk, row.sk]);
    }, [ask.table]),
    queryHeads: (ask) => doing(async () => {
      const limit = checkedLimit(ask.limit);
      const items = await queried(deps, { ...partitionOf(deps, ask), ConsistentRead: isNewest(ask), ProjectionExpression: 'sk, rev, head' }, limit + 1);
      return pageOf(items.map(headOf), limit, (head) => [ask.pk, head.sk]);
    }, [ask.table]),
    queryIndex: (ask) => doing(() => indexed(deps, ask), [ask.table]),
    write: (group) => doing(async () => {
      const outcome = await writeGroup(writing, group, checkedGroup(group));
      if (!outcome.ok) throw new ConditionFailed(outcome.failed);
      return outcome.revs;
    }),
    writeGroups: (groups) => doing(async () => {
      const bodies = groups.map(checkedGroup); // refused before the first write, as on one machine
      return Promise.all(groups.map((group, at) => inLine(() => writeGroup(writing, group, bodies[at] ?? []))));
    }),
  };
}

const isNewest = (reading?: Reading): boolean => reading?.mayLag !== true;

async function getMany(deps: DynamoTableDeps, keys: readonly Key[], reading?: Reading): Promise<readonly Row[]> {
  const once = [...new Map(keys.map((key) => [keyText(key), key])).values()];
  const rows: Row[] = [];
  for (let at = 0; at < once.length; at += keysPerBatch) rows.push(...(await getBatch(deps, once.slice(at, at + keysPerBatch), isNewest(reading))));
  return rows;
}

/** What one answer has no room for (16 MB) is asked for again. */
async function getBatch({ client, names, clock }: DynamoTableDeps, keys: readonly Key[], consistent: boolean): Promise<readonly Row[]> {
  const tables = ['links', 'runs', 'hosted'] as const;
  let asked: BatchGetCommandInput['RequestItems'] = Object.fromEntries(
    [...Map.groupBy(keys, (key) => key.table)].map(([table, some]) => [names[table], { Keys: some.map(keyAttributes), ConsistentRead: consistent }]));
  const rows: Row[] = [];
  for (let round = 1; asked !== undefined && Object.keys(asked).length > 0; round += 1) {
    if (round > 1) await clock.sleep(batchPauseMs * round);
    const { Responses: responses = {}, UnprocessedKeys: left }: BatchGetCommandOutput = await client.send(new BatchGetCommand({ RequestItems: asked }));
    const found = tables.flatMap((table) => (responses[names[table]] ?? []).map((item) => ({ table, item })));
    rows.push(...found.filter(({ item }) => isLive(item, clock.now())).map(({ table, item }) => rowOf(table, item)));
    if (found.length === 0 && round >= batchRounds) throw Object.assign(new Error('keys stay unprocessed'), { name: 'ThrottlingException' });
    asked = left;
  }
  return rows;
}

/** Live items of a query, up to `wanted`; DynamoDB's own pages end at 1 MB, and at rows that a filter leaves out. */
async function queried(deps: DynamoTableDeps, input: QueryCommandInput, wanted: number): Promise<readonly Item[]> {
  const found: Item[] = [];
  const prefix = String(input.ExpressionAttributeValues?.[':prefix'] ?? '');
  let start = input.ExclusiveStartKey;
  do {
    const answer = await deps.client.send(new QueryCommand({
      ...input,
      FilterExpression: liveOnly,
      ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ':now': deps.clock.now() },
      ExclusiveStartKey: start,
      Limit: wanted - found.length,
    }));
    // begins_with is exact at AWS; an emulator on SQLite takes LINK# for link#.
    found.push(...(answer.Items ?? []).filter((item) => prefix === '' || String(item['sk']).startsWith(prefix)));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined && found.length < wanted);
  return found;
}

function partitionOf({ names }: DynamoTableDeps, ask: { table: TableName; pk: string; prefix?: string; after?: string }): QueryCommandInput {
  const { prefix, after } = rangeOf(ask);
  return {
    TableName: names[ask.table],
    KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': ask.pk, ...(prefix !== '' && { ':prefix': prefix }) },
    ...(after !== undefined && { ExclusiveStartKey: { pk: ask.pk, sk: after } }),
  };
}

const headOf = (item: Item): RowHead => ({ sk: String(item['sk']), rev: Number(item['rev']), head: typeof item['head'] === 'string' ? item['head'] : '' });

async function indexed(deps: DynamoTableDeps, ask: { table: TableName; index: IndexName; key: string; after?: string; limit?: number } & Reading): Promise<Page<Row>> {
  const limit = checkedLimit(ask.limit);
  const [pk, sk] = ask.after === undefined ? [] : pageTokenParts(ask.after, 2);
  const start = pk === undefined || sk === undefined ? undefined : { pk, sk, [indexKey(ask.index)]: ask.key, [indexSort(ask.index)]: sortText({ pk, sk }) };
  const items = await queried(deps, {
    TableName: deps.names[ask.table],
    IndexName: ask.index,
    KeyConditionExpression: `${indexKey(ask.index)} = :key`,
    ExpressionAttributeValues: { ':key': ask.key },
    ProjectionExpression: 'pk, sk',
    ExclusiveStartKey: start,
  }, limit + 1);
  const page = pageOf(items.map((item) => ({ pk: String(item['pk']), sk: String(item['sk']) })), limit, (key) => [key.pk, key.sk]);
  const rows = new Map((await getMany(deps, page.rows.map((key) => ({ table: ask.table, ...key })), ask)).map((row) => [keyText(row), row]));
  const there = page.rows.flatMap((key) => rows.get(keyText({ table: ask.table, ...key })) ?? []).filter((row) => row.index?.[ask.index] === ask.key);
  return { ...page, rows: there };
}
