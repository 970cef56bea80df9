/**
 * The writing half of the table port on DynamoDB: one group, all or nothing. A group of one row is a plain conditional write, any
 * other a transaction. A put under no condition needs the revision that it follows: it is read, made the condition, and read
 * again when somebody was faster; so are conflicts of two transactions. Both a bounded number of times.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { DeleteCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailable } from '../base/errors.ts';
import type { Condition, GroupOutcome, TableWrite } from '../base/table.ts';
import { faultOf } from './aws-trouble.ts';
import { readMany } from './dynamo-reads.ts';
import type { DynamoWorld } from './dynamo-reads.ts';
import { conditionOf, itemOf } from './dynamo-rows.ts';
import { keyOf, keyText } from './row-bounds.ts';

const triesMax = 12;

export async function writeGroup(world: DynamoWorld, group: readonly TableWrite[], bodies: readonly (string | undefined)[]): Promise<GroupOutcome> {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const steps = await stepsOf(world, group, bodies);
    const faults = await send(world, steps);
    if (faults === undefined) return { ok: true, revs: steps.map((step) => step.rev) };
    const failed = group.findIndex((write, at) => faults.get(at) === 'condition' && whenOf(write) !== 'any');
    if (failed >= 0) return { ok: false, failed };
    await pause(Math.min(5 * 2 ** tries, 500));
  }
  const store = [...new Set(group.map((write) => world.names[keyOf(write).table]))].join(', ');
  throw new StoreUnavailable({ store, problem: 'has the same rows written by too many at once', advice: 'wait a little; the work goes on where it stopped' });
}

type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

interface Step {
  readonly at: number;
  readonly rev: number;
  /** Nothing to ask and nothing to write: a check under no condition. */
  readonly item: TransactItem | undefined;
}

const whenOf = (write: TableWrite): Condition => write.when;

async function stepsOf(world: DynamoWorld, group: readonly TableWrite[], bodies: readonly (string | undefined)[]): Promise<readonly Step[]> {
  const following = group.filter((write) => write.kind === 'put' && write.when === 'any').map(keyOf);
  const revs = new Map((await readMany(world, following)).map((row) => [keyText(row), row.rev]));
  const nowMs = world.now();
  return group.map((write, at): Step => {
    const { table, pk, sk } = keyOf(write);
    const place = { TableName: world.names[table], Key: { pk, sk } };
    if (write.kind === 'delete') return { at, rev: 0, item: { Delete: { ...place, ...conditionOf(write.when, nowMs) } } };
    if (write.kind === 'check') {
      const { ConditionExpression, ...values } = conditionOf(write.when, nowMs);
      return { at, rev: 0, item: ConditionExpression === undefined ? undefined : { ConditionCheck: { ...place, ConditionExpression, ...values } } };
    }
    const found = revs.get(keyText(write.row));
    const when = write.when !== 'any' ? write.when : found === undefined ? 'absent' : { rev: found };
    const rev = when === 'absent' ? 1 : when.rev + 1;
    return { at, rev, item: { Put: { TableName: world.names[table], Item: itemOf(write.row, { body: bodies[at] ?? '', rev }), ...conditionOf(when, nowMs) } } };
  });
}

type Faults = ReadonlyMap<number, 'condition' | 'conflict'>;

/** Undefined when all was written. */
async function send(world: DynamoWorld, steps: readonly Step[]): Promise<Faults | undefined> {
  const asked = steps.filter((step) => step.item !== undefined);
  const [only] = asked;
  if (only === undefined) return undefined;
  try {
    if (asked.length === 1 && only.item?.Put !== undefined) await world.client.send(new PutCommand(only.item.Put));
    else if (asked.length === 1 && only.item?.Delete !== undefined) await world.client.send(new DeleteCommand(only.item.Delete));
    else await world.client.send(new TransactWriteCommand({ TransactItems: asked.flatMap((step) => step.item ?? []) }));
    return undefined;
  } catch (error) {
    const fault = faultOf(error);
    if (fault === 'ConditionalCheckFailedException') return new Map([[only.at, 'condition']]);
    if (fault === 'TransactionConflictException') return new Map([[only.at, 'conflict']]);
    if (fault === 'TransactionCanceledException') return faultsOf(error, asked);
    throw error;
  }
}

const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** @throws the error itself when a reason is neither a condition nor one that passes: then a bound of ours is wrong. */
function faultsOf(error: unknown, asked: readonly Step[]): Faults {
  const reasons: unknown = error instanceof Error && 'CancellationReasons' in error ? error.CancellationReasons : undefined;
  const faults = new Map<number, 'condition' | 'conflict'>();
  for (const [place, step] of asked.entries()) {
    const reason: unknown = Array.isArray(reasons) ? reasons[place] : undefined;
    const code = typeof reason === 'object' && reason !== null && 'Code' in reason ? reason.Code : undefined;
    if (code === 'ConditionalCheckFailed') faults.set(step.at, 'condition');
    else if (typeof code === 'string' && passing.has(code)) faults.set(step.at, 'conflict');
  }
  if (faults.size === 0) throw error;
  return faults;
}
