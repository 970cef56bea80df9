/**
 * Groups of writes on DynamoDB: one row by a conditional put, several by a transaction, each all or nothing.
 *
 * A put has to answer the new revision, and no write of DynamoDB with conditions counts up and tells. So the caller's condition names the
 * revision, or the row is read first and the put holds for that reading; who loses that race reads again.
 *
 * The SDK sends again what got no answer. A transaction carries a token for that, a single put the mark `by`: a condition that fails on a
 * row with our own mark has failed on our own work. A delete leaves nothing to mark, so one with a condition goes as a transaction.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { PutCommand, TransactWriteCommand, type DynamoDBDocumentClient, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../base/clock.ts';
import type { Condition, GroupOutcome, Key, Row, TableName, TableWrite } from '../base/table.ts';
import { itemOf, keyAttributes, type Item } from './dynamo-rows.ts';
import { keyOf, keyText } from './row-bounds.ts';

export interface DynamoWrites {
  readonly client: DynamoDBDocumentClient;
  readonly names: Readonly<Record<TableName, string>>;
  readonly clock: Clock;
  readBefore(keys: readonly Key[]): Promise<readonly Row[]>;
}

/** One write with what must hold in the table for it: the caller's condition, or what was read just before. */
interface Prepared {
  readonly write: TableWrite;
  readonly when: Condition;
  /** The caller did not ask for a condition; it failing means to read again. */
  readonly isOurs: boolean;
  readonly rev: number;
  readonly body: string | undefined;
  readonly by: string;
}

type Transaction = NonNullable<TransactWriteCommandInput['TransactItems']>;

const roundsMax = 12;
const pauseMs = 20; // doubled for each further conflict, up to a second

/** @param bodies  as `checkedGroup` has them. @throws what AWS throws, and TransactionCanceledException for a conflict that does not end. */
export async function writeGroup(deps: DynamoWrites, group: readonly TableWrite[], bodies: readonly (string | undefined)[]): Promise<GroupOutcome> {
  if (group.length === 0) return { ok: true, revs: [] };
  for (let round = 1; ; round += 1) {
    const prepared = await prepare(deps, group, bodies);
    const outcome = await attempt(deps, prepared);
    if (outcome.kind === 'written') return { ok: true, revs: prepared.map(({ rev }) => rev) };
    const asked = outcome.failed.find((at) => prepared[at]?.isOurs === false);
    if (asked !== undefined) return { ok: false, failed: asked };
    if (round === roundsMax) throw outcome.error;
    if (outcome.kind === 'conflict') await deps.clock.sleep(Math.min(1000, pauseMs * 2 ** round));
  }
}

async function prepare(deps: DynamoWrites, group: readonly TableWrite[], bodies: readonly (string | undefined)[]): Promise<readonly Prepared[]> {
  const unconditional = group.filter((write) => write.kind === 'put' && write.when === 'any').map(keyOf);
  const standing = new Map((unconditional.length === 0 ? [] : await deps.readBefore(unconditional)).map((row) => [keyText(row), row.rev]));
  return group.map((write, at): Prepared => {
    const { when } = write;
    const rest = { write, body: bodies[at], by: randomBytes(9).toString('base64url') };
    if (write.kind !== 'put') return { ...rest, when, isOurs: false, rev: 0 };
    if (when !== 'any') return { ...rest, when, isOurs: false, rev: when === 'absent' ? 1 : when.rev + 1 };
    const rev = standing.get(keyText(write.row));
    return { ...rest, when: rev === undefined ? 'absent' : { rev }, isOurs: true, rev: (rev ?? 0) + 1 };
  });
}

type Attempt =
  | { readonly kind: 'written' }
  | { readonly kind: 'refused'; readonly failed: readonly number[]; readonly error: unknown }
  /** Another transaction was at one of these rows. */
  | { readonly kind: 'conflict'; readonly failed: readonly number[]; readonly error: unknown };

async function attempt(deps: DynamoWrites, prepared: readonly Prepared[]): Promise<Attempt> {
  const [first] = prepared;
  return prepared.length === 1 && first?.write.kind === 'put' ? putOne(deps, first) : transact(deps, prepared);
}

async function putOne(deps: DynamoWrites, one: Prepared): Promise<Attempt> {
  const put = putOf(deps, one);
  try {
    await deps.client.send(new PutCommand({ ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }));
    return { kind: 'written' };
  } catch (error) {
    if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
    const stands: unknown = 'Item' in error ? error.Item : undefined;
    return markOf(stands) === one.by ? { kind: 'written' } : { kind: 'refused', failed: [0], error };
  }
}

/** The mark of an item as the SDK hands it over within an error: there it is not unmarshalled. */
function markOf(item: unknown): unknown {
  const by: unknown = typeof item === 'object' && item !== null && 'by' in item ? item.by : undefined;
  return typeof by === 'object' && by !== null && 'S' in by ? by.S : by;
}

async function transact(deps: DynamoWrites, prepared: readonly Prepared[]): Promise<Attempt> {
  // A check that holds whatever stands there is none, and DynamoDB does not take it.
  const places = [...prepared.keys()].filter((at) => !(prepared[at]?.write.kind === 'check' && prepared[at].when === 'any'));
  const items = places.flatMap((at): Transaction => (prepared[at] === undefined ? [] : [stepOf(deps, prepared[at])]));
  if (items.length === 0) return { kind: 'written' };
  try {
    await deps.client.send(new TransactWriteCommand({ TransactItems: items, ClientRequestToken: randomUUID() }));
    return { kind: 'written' };
  } catch (error) {
    if (isNamed(error, 'TransactionConflictException') || isNamed(error, 'TransactionInProgressException')) return { kind: 'conflict', failed: [], error };
    if (!isNamed(error, 'TransactionCanceledException')) throw error;
    const reasons = reasonsOf(error);
    const failed = places.filter((_, at) => reasons[at] === 'ConditionalCheckFailed');
    if (failed.length > 0) return { kind: 'refused', failed, error };
    if (reasons.some((reason) => passing.has(reason))) return { kind: 'conflict', failed: [], error };
    throw error;
  }
}

const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

function stepOf(deps: DynamoWrites, one: Prepared): Transaction[number] {
  const { write, when } = one;
  if (write.kind === 'put') return { Put: putOf(deps, one) };
  const place = { TableName: deps.names[write.key.table], Key: keyAttributes(write.key) };
  if (write.kind === 'delete') return { Delete: { ...place, ...conditionOf(deps, when) } };
  return { ConditionCheck: { ...place, ConditionExpression: 'attribute_exists(pk)', ...conditionOf(deps, when) } };
}

function putOf(deps: DynamoWrites, { write, when, rev, body, by }: Prepared): { TableName: string; Item: Item } & ReturnType<typeof conditionOf> {
  if (write.kind !== 'put' || body === undefined) throw new Error('a put without its body');
  return { TableName: deps.names[write.row.table], Item: itemOf(write.row, { body, rev, by }), ...conditionOf(deps, when) };
}

/** An expired row is as good as none, although it may stand there for days. */
function conditionOf({ clock }: DynamoWrites, when: Condition): { ConditionExpression?: string; ExpressionAttributeValues?: Item } {
  if (when === 'any') return {};
  const now = { ':now': clock.now() };
  if (when === 'absent') return { ConditionExpression: 'attribute_not_exists(pk) OR expiresMs <= :now', ExpressionAttributeValues: now };
  return { ConditionExpression: 'rev = :rev AND (attribute_not_exists(expiresMs) OR expiresMs > :now)', ExpressionAttributeValues: { ...now, ':rev': when.rev } };
}

const isNamed = (error: unknown, name: string): error is Error => error instanceof Error && error.name === name;

function reasonsOf(error: Error): readonly string[] {
  const reasons: unknown = 'CancellationReasons' in error ? error.CancellationReasons : undefined;
  return Array.isArray(reasons) ? reasons.map((reason: { Code?: unknown }) => String(reason.Code)) : [];
}
