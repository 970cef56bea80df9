/**
 * What the apply function of a connector does with a batch of messages: looks at the links that each names. What became of them stands on
 * the links, so a message goes back to the queue only when recording failed. One that nobody can read becomes a letter at once.
 */
import { ConcordError, ConditionFailed, ConfigurationInvalid, QuotaExhausted, RowTooLarge, StoreUnavailable, VendorRateLimited, VendorSignInFailed } from '../base/errors.ts';
import { metrics } from '../base/names.ts';
import { applyMessage } from '../engine/work.ts';
import { letterStore } from '../stores/letters.ts';
import type { LinkOutcome } from '../sync/report.ts';
import { openPlane, type Life, type Plane, type PlaneParts } from './aws-plane.ts';
import { lookIn, type AddressedLook } from './trigger.ts';

/** A message as the platform hands it out. */
export interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
  /** Epoch ms. */
  readonly sentAt: number;
  readonly receiveCount: number;
}

export interface BatchAnswer {
  /** Those that come back; the others are done. */
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Longer than a hundred writes to a slow system. */
const stopBeforeMs = 120_000;
/** Somebody else writes there: a run that is about to end, or another worker with a batch. */
const busyRetryMs = 20_000;
const delayMsMax = 900_000; // as SQS has it

export async function applyBatch(parts: PlaneParts, records: readonly QueueRecord[], life: Life): Promise<BatchAnswer> {
  const back: string[] = [];
  const readable: { readonly record: QueueRecord; readonly message: AddressedLook }[] = [];
  for (const record of records) {
    const message = lookIn(record.body);
    if (message?.connector === parts.factory.id) readable.push({ record, message });
    else if (!(await isSetAside(parts, record))) back.push(record.messageId);
  }
  const worked = readable.length === 0 ? [] : await workOn(parts, readable, life);
  return { batchItemFailures: [...back, ...worked].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** What cannot be read stays unreadable however often it is tried. Its text is not kept: nobody knows what stands in it. */
async function isSetAside({ table, clock, log, factory: { id: connector } }: PlaneParts, record: QueueRecord): Promise<boolean> {
  try {
    await letterStore(table, connector, clock).add({ id: record.messageId, at: record.sentAt, why: 'unreadable', keys: [], tries: record.receiveCount });
    log.error({ connector, message: record.messageId }, 'a message that is none of ours was set aside');
    return true;
  } catch (error) {
    log.error({ connector, message: record.messageId, code: codeOf(error) }, 'a message could not be set aside and comes back');
    return false;
  }
}

/** @returns the ids of the messages that have to come back. */
async function workOn(parts: PlaneParts, batch: readonly { readonly record: QueueRecord; readonly message: AddressedLook }[], life: Life): Promise<readonly string[]> {
  const { log, factory: { id: connector } } = parts;
  let plane: Plane;
  try {
    plane = await openPlane(parts, life);
    if ((await plane.memory.runs.state()).paused) return left(parts, 'paused by a person; its work is kept on the links');
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return left(parts, error.message);
    log.error({ connector, code: codeOf(error) }, 'a batch could not be begun and comes back');
    return batch.map(({ record }) => record.messageId);
  }
  const back: string[] = [];
  try {
    for (const { record, message } of batch) {
      if (life.remainingMs() < stopBeforeMs) {
        await parts.queue.send([message]);
        continue;
      }
      const end = await applied(parts, plane, record, message);
      if (end === 'back') back.push(record.messageId);
      if (end === 'refused') break; // what follows would be refused, too, and some systems lock out who keeps trying
    }
  } finally {
    await plane.notes.save();
  }
  return back;
}

/** The work stands on the links, and the next tick fans it out again: a message more or less changes nothing. */
function left({ log, factory: { id: connector } }: PlaneParts, why: string): readonly string[] {
  log.warn({ connector, why }, 'a batch was left undone');
  return [];
}

async function applied(parts: PlaneParts, plane: Plane, record: QueueRecord, message: AddressedLook): Promise<'done' | 'back' | 'refused'> {
  const { log } = parts;
  const facts = { connector: message.connector, run: message.plan, message: record.messageId, stream: message.stream };
  let before: readonly LinkOutcome[] = [];
  try {
    const outcomes = await applyMessage(plane.world, plane.connector, message.plan, message, (made) => { before = made; });
    log.info({ ...facts, links: message.keys.length, outcomes: counted(outcomes) }, 'links were looked at');
    const byHand = outcomes.filter(({ problem }) => problem?.code.endsWith('_BY_HAND') === true).length;
    if (byHand > 0) parts.metrics.tell(metrics.personNeeded, byHand, { connector: message.connector, run: message.plan });
    const busy = await sendBusy(parts, message, outcomes);
    await plane.memory.outcomes.record(message.plan, record.messageId, outcomes.filter(({ link }) => !busy.includes(link)));
    return 'done';
  } catch (error) {
    log.error({ ...facts, code: codeOf(error) }, 'looking at links ended early');
    if (!isOfVendor(error)) return 'back';
    await plane.memory.outcomes.record(message.plan, record.messageId, before);
    return stoppedBy(parts, plane, message, error);
  }
}

async function sendBusy({ queue }: PlaneParts, message: AddressedLook, outcomes: readonly LinkOutcome[]): Promise<readonly string[]> {
  const busy = outcomes.filter(({ problem }) => problem?.code === 'WRITER_BUSY' || problem?.code === 'CLAIMED').map(({ link }) => link);
  if (busy.length > 0) await queue.send([{ ...message, keys: busy }], { delayMs: busyRetryMs });
  return busy;
}

/** Not recording failed but a system: what was not done stays staged, and the next tick fans it out. */
function isOfVendor(error: unknown): error is ConcordError {
  return error instanceof ConcordError && !(error instanceof StoreUnavailable || error instanceof ConditionFailed || error instanceof RowTooLarge);
}

async function stoppedBy({ queue, metrics: figures, clock }: PlaneParts, { signIns }: Plane, message: AddressedLook, error: ConcordError): Promise<'done' | 'refused'> {
  const facts = { connector: message.connector, run: message.plan };
  if (error instanceof VendorSignInFailed) {
    signIns.refused();
    figures.tell(metrics.signInNeeded, 1, facts);
    return 'refused';
  }
  if (error instanceof QuotaExhausted) {
    figures.tell(metrics.quotaUsedUp, 1, facts);
    return 'refused';
  }
  if (error instanceof VendorRateLimited && error.retryAt - clock.now() <= delayMsMax) await queue.send([message], { delayMs: Math.max(0, error.retryAt - clock.now()) });
  return 'done';
}

function counted(outcomes: readonly LinkOutcome[]): { readonly [kind: string]: number } {
  const counts: { [kind: string]: number } = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const codeOf = (error: unknown): string => (error instanceof ConcordError ? error.code : error instanceof Error ? error.name : typeof error);
