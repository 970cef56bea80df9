/**
 * The first connector as it runs in the cloud, in one process: the handlers of its functions on the SQLite table, a queue in this process
 * that hands its messages out as the platform does, and the sample world as vendors.
 */
import { manualClock } from '../../shared/base/clock.ts';
import type { Log } from '../../shared/base/log.ts';
import { digestKeyName, type MetricName } from '../../shared/base/names.ts';
import type { Json, Table } from '../../shared/base/table.ts';
import { applyBatch, type BatchAnswer, type QueueRecord } from '../../shared/hub/aws-apply.ts';
import { recordLetters } from '../../shared/hub/aws-dead-letters.ts';
import { planOnTrigger, type PlanAnswer } from '../../shared/hub/aws-plan.ts';
import type { Life, PlanParts } from '../../shared/hub/aws-plane.ts';
import { catalog } from '../../shared/hub/catalog.ts';
import { directusNextcloudFactory } from '../../shared/hub/directus-nextcloud.ts';
import { memoryOf } from '../../shared/hub/memory.ts';
import { sampleWorld } from '../../shared/hub/sample.ts';
import type { AddressedLook, RunTrigger } from '../../shared/hub/trigger.ts';
import { localQueue } from '../../shared/stores/local-queue.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';

export interface CloudSettings {
  readonly wrapTable?: (table: Table) => Table;
  readonly secret?: { readonly [name: string]: string };
}

export const connector = 'directus-nextcloud';
const visibilityMs = 90 * 60_000;

export function cloudHub(settings: CloudSettings = {}) {
  const clock = manualClock();
  const sample = sampleWorld(clock);
  const plain = sqliteTable({ path: ':memory:', clock });
  const table = settings.wrapTable?.(plain) ?? plain;
  const gaveUp: { readonly message: Json; readonly tries: number }[] = [];
  const queue = localQueue<AddressedLook>({ clock, visibilityMs, deadLetter: (message, tries) => gaveUp.push({ message, tries }) });
  const values: { [name: string]: string } = { ...definedOf(sample.variables), [digestKeyName]: 'invented key for tests only '.repeat(2), ...settings.secret };
  const starts: RunTrigger[] = [];
  const lines: { readonly level: string; readonly facts: object; readonly message: string }[] = [];
  const figures: { readonly name: MetricName; readonly value: number }[] = [];
  const told = (level: string) => (facts: object, message: string): void => void lines.push({ level, facts, message });
  const log: Log = { debug: told('debug'), info: told('info'), warn: told('warn'), error: told('error') };
  const parts: PlanParts = {
    factory: directusNextcloudFactory, table, queue, clock, log, fetch: sample.fetch,
    rhythms: [{ connector, everyMinutes: 60 }],
    secret: async () => ({ values, version: '1' }),
    startAgain: async (trigger) => void starts.push(trigger),
    metrics: { tell: (name, value) => void figures.push({ name, value }) },
  };
  let invocations = 0;
  const life = (remainingMs = (): number => 900_000): Life => ({ remainingMs, worker: `invocation-${++invocations}` });
  const entry = catalog.find(({ id }) => id === connector);
  if (entry === undefined) throw new Error('the sample connector has no entry');

  const plan = (event: unknown, remainingMs?: () => number): Promise<PlanAnswer> => planOnTrigger(parts, event, life(remainingMs));
  const apply = (records: readonly QueueRecord[], remainingMs?: () => number): Promise<BatchAnswer> => applyBatch(parts, records, life(remainingMs));

  /** Hands the visible messages out in batches, and takes back what the answer says, until there are none. @returns the answers. */
  async function applyAll(): Promise<readonly BatchAnswer[]> {
    const answers: BatchAnswer[] = [];
    for (;;) {
      const received = await queue.receive(10);
      if (received.length === 0) return answers;
      const records = received.map(({ message, receiveCount, receipt }): QueueRecord => ({ messageId: receipt, body: JSON.stringify(message), sentAt: clock.now(), receiveCount }));
      const answer = await apply(records);
      const back = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { receipt } of received) if (!back.has(receipt)) await queue.done(receipt);
      answers.push(answer);
    }
  }

  return {
    clock, sample, table, queue, parts, values, starts, lines, figures, plan, apply, applyAll, gaveUp,
    memory: memoryOf({ table, clock }, entry),
    tick: () => plan({ trigger: 'schedule', connector }),
    bury: () => recordLetters({ table, clock, log }, gaveUp.splice(0).map(({ message, tries }, at): QueueRecord => ({ messageId: `dead-${at}`, body: JSON.stringify(message), sentAt: clock.now(), receiveCount: tries }))),
    titles: () => sample.calendar.objects.all().map(({ text }) => /SUMMARY:(.*)/.exec(text)?.[1]?.trim()),
  };
}

const definedOf = (variables: { readonly [name: string]: string | undefined }): { [name: string]: string } =>
  Object.fromEntries(Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined));
