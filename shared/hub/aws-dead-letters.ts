/**
 * What the dead-letter function does: whatever gave up, of any connector, becomes a letter that `status` counts and `replay` answers. It
 * holds which links were meant, when and how often; never the message itself.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Table } from '../base/table.ts';
import { letterStore, type Letter } from '../stores/letters.ts';
import type { BatchAnswer, QueueRecord } from './aws-apply.ts';
import { connectorIn, lookIn, startIn } from './trigger.ts';

export interface LetterParts {
  readonly table: Table;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where letters stand that name no connector. */
export const ofNobody = 'unknown';

export async function recordLetters({ table, clock, log }: LetterParts, records: readonly QueueRecord[]): Promise<BatchAnswer> {
  const back: string[] = [];
  for (const record of records) {
    const { connector, letter } = letterOf(record);
    try {
      await letterStore(table, connector, clock).add(letter);
      log.error({ connector, message: letter.id, why: letter.why, stream: letter.stream, plan: letter.plan, links: letter.keys.length, tries: letter.tries }, 'gave up');
    } catch (error) {
      log.error({ connector, message: letter.id, error: error instanceof Error ? error.name : typeof error }, 'a letter could not be kept and comes back');
      back.push(record.messageId);
    }
  }
  return { batchItemFailures: back.map((itemIdentifier) => ({ itemIdentifier })) };
}

function letterOf({ messageId: id, body, sentAt: at, receiveCount: tries }: QueueRecord): { readonly connector: string; readonly letter: Letter } {
  const look = lookIn(body);
  if (look) return { connector: look.connector, letter: { id, at, why: 'tried', stream: look.stream, plan: look.plan, keys: look.keys, tries } };
  const start = startIn(body);
  if (start) return { connector: start.connector, letter: { id, at, why: 'not-started', keys: [], tries } };
  return { connector: connectorIn(body) ?? ofNobody, letter: { id, at, why: 'unreadable', keys: [], tries } };
}
