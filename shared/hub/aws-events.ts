/**
 * The events of the platform that hold messages of a queue, read as far as the handlers need it. What a message says is parsed by them.
 */
import { fieldsOf } from '../base/fields-of.ts';
import type { QueueRecord } from './aws-apply.ts';

/** @returns none for an event of another kind. */
export function recordsIn(event: unknown): readonly QueueRecord[] {
  const { Records } = fieldsOf(event);
  if (!Array.isArray(Records)) return [];
  return Records.flatMap((record): QueueRecord[] => {
    const { messageId, body, attributes } = fieldsOf(record);
    const { SentTimestamp, ApproximateReceiveCount } = fieldsOf(attributes);
    if (typeof messageId !== 'string' || typeof body !== 'string') return [];
    return [{ messageId, body, sentAt: numberIn(SentTimestamp, 0), receiveCount: numberIn(ApproximateReceiveCount, 1) }];
  });
}

function numberIn(text: unknown, otherwise: number): number {
  const number = typeof text === 'string' ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : otherwise;
}
