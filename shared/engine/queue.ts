/**
 * The queue between planning and applying, with the semantics of an SQS standard queue: at least once, in no order, hidden
 * while somebody works on it, counted each time it is handed out, and set aside after too many tries.
 * A message is a hint ("look at these links again"), never an order, so a copy or a loss does no harm.
 */
import type { Json } from '../base/table.ts';

export interface Received<M extends Json> {
  readonly message: M;
  /** Good for `done` and `later` until the message becomes visible again; after that it is a stranger's. */
  readonly receipt: string;
  /** 1 on the first delivery. */
  readonly receiveCount: number;
}

export interface Queue<M extends Json> {
  /** @param delayMs until the first delivery; at most 900 000, as SQS has it. */
  send(messages: readonly M[], options?: { readonly delayMs?: number }): Promise<void>;
  /** Up to `max` (1 to 10) visible messages, each hidden for the queue's visibility time; empty when there are none. */
  receive(max: number): Promise<readonly Received<M>[]>;
  /** Deletes the message; a stale receipt is ignored. */
  done(receipt: string): Promise<void>;
  /** Makes the message visible again after `delayMs`; a stale receipt is ignored. */
  later(receipt: string, delayMs: number): Promise<void>;
}
