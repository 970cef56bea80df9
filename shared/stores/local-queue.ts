/**
 * The queue port within one process: an SQS standard queue as far as the hub can see it, on the given clock. What is in it dies
 * with the process; that loses nothing, because a message is only a hint and the work list is in the table.
 *
 * Faithful (SQS documentation, confirmed): hidden while received, handed out again afterwards, counted, set aside when it would be
 * received once too often, delay up to 15 minutes, 256 KB a message. Left out: long polling, retention, FIFO queues.
 */
import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/table.ts';
import type { Queue } from '../engine/queue.ts';
import { timeline } from './timeline.ts';

export interface LocalQueueSettings {
  readonly clock: Clock;
  /** How long a received message stays hidden, 0 to 43 200 000 ms; SQS wants six times the function's time limit. */
  readonly visibilityMs: number;
  /** Hand-outs before a message is set aside; default 5. */
  readonly maxReceiveCount?: number | undefined;
  /** Gets each message that was set aside, instead of its next delivery; without it such messages are dropped. */
  readonly deadLetter?: ((message: Json, receiveCount: number) => void) | undefined;
  /** For tests: every n-th message sent is in the queue twice. The real one does so rarely, and then on a bad day. */
  readonly repeatEvery?: number | undefined;
  /** For tests: 0 <= value < 1; messages come out in an order drawn from it. Without it in the order they became visible. */
  readonly shuffle?: (() => number) | undefined;
}

export interface LocalQueue<M extends Json> extends Queue<M> {
  size(): { readonly visible: number; readonly inFlight: number; readonly delayed: number };
  /** Epoch ms from which `receive` has something to look at (now or earlier: at once); undefined when the queue is empty. */
  nextVisibleAt(): number | undefined;
}

const delayMsMax = 900_000;
const hiddenMsMax = 43_200_000;
const messageBytesMax = 256 * 1024;

interface Entry {
  readonly text: string;
  state: 'visible' | 'inFlight' | 'delayed' | 'gone';
  visibleAt: number;
  receiveCount: number;
  receipt: string | undefined;
}

export function localQueue<M extends Json>(settings: LocalQueueSettings): LocalQueue<M> {
  const { clock, visibilityMs, maxReceiveCount = 5, deadLetter, repeatEvery, shuffle } = settings;
  checkMs('visibilityMs', visibilityMs, hiddenMsMax);
  const hidden = timeline<Entry>();
  const ready = timeline<Entry>(); // by the moment they became visible, then by arrival
  const byReceipt = new Map<string, Entry>();
  const counts = { visible: 0, inFlight: 0, delayed: 0 };
  let sent = 0;
  let received = 0;

  function move(entry: Entry, state: Entry['state']): void {
    if (entry.state !== 'gone') counts[entry.state] -= 1;
    entry.state = state;
    if (state !== 'gone') counts[state] += 1;
  }

  function hide(entry: Entry, ms: number): void {
    entry.visibleAt = clock.now() + ms;
    hidden.add(entry.visibleAt, entry);
  }

  /** Moves over what became visible. An entry whose time was changed stands in the timeline twice; only its last time counts. */
  function wake(): void {
    for (let next = hidden.first(); next !== undefined && next.at <= clock.now(); next = hidden.first()) {
      hidden.takeFirst();
      const entry = next.value;
      if (entry.visibleAt !== next.at || (entry.state !== 'inFlight' && entry.state !== 'delayed')) continue;
      forget(entry);
      move(entry, 'visible');
      ready.add(next.at, entry);
    }
  }

  function forget(entry: Entry): void {
    if (entry.receipt !== undefined) byReceipt.delete(entry.receipt);
    entry.receipt = undefined;
  }

  function handOut(entry: Entry): string {
    received += 1;
    const receipt = `receipt-${received}`;
    entry.receipt = receipt;
    entry.receiveCount += 1;
    byReceipt.set(receipt, entry);
    move(entry, 'inFlight');
    hide(entry, visibilityMs);
    return receipt;
  }

  return {
    send: async (messages, options = {}) => {
      const delayMs = checkMs('delayMs', options.delayMs ?? 0, delayMsMax);
      for (const text of messages.map(checkedText)) {
        sent += 1;
        const copies = repeatEvery !== undefined && sent % repeatEvery === 0 ? 2 : 1;
        for (let copy = 0; copy < copies; copy += 1) {
          const entry: Entry = { text, state: 'gone', visibleAt: 0, receiveCount: 0, receipt: undefined };
          move(entry, 'delayed');
          hide(entry, delayMs);
        }
      }
    },
    receive: async (max) => {
      if (!Number.isSafeInteger(max) || max < 1 || max > 10) throw new RangeError(`${max} messages cannot be received at once, 1 to 10 can`);
      wake();
      const batch = [];
      while (batch.length < max && ready.size() > 0) {
        const entry = shuffle === undefined ? ready.takeFirst() : ready.takeAt(Math.floor(shuffle() * ready.size()));
        if (entry === undefined) break;
        const message: M = JSON.parse(entry.text);
        if (entry.receiveCount >= maxReceiveCount) {
          move(entry, 'gone');
          deadLetter?.(message, entry.receiveCount);
          continue;
        }
        batch.push({ message, receipt: handOut(entry), receiveCount: entry.receiveCount });
      }
      return batch;
    },
    done: async (receipt) => {
      wake();
      const entry = byReceipt.get(receipt);
      if (entry === undefined) return;
      forget(entry);
      move(entry, 'gone');
    },
    later: async (receipt, delayMs) => {
      checkMs('delayMs', delayMs, hiddenMsMax);
      wake();
      const entry = byReceipt.get(receipt);
      if (entry !== undefined) hide(entry, delayMs);
    },
    size: () => {
      wake();
      return { ...counts };
    },
    nextVisibleAt: () => {
      wake();
      for (let next = hidden.first(); next !== undefined; next = hidden.first()) {
        if (ready.size() > 0) break;
        const { state, visibleAt } = next.value;
        if (visibleAt === next.at && state !== 'gone') return next.at;
        hidden.takeFirst();
      }
      return ready.size() > 0 ? clock.now() : undefined;
    },
  };
}

/** Messages travel as text, so that sender and receiver never share an object. */
function checkedText(message: Json): string {
  const text = JSON.stringify(message);
  const bytes = Buffer.byteLength(text);
  if (bytes > messageBytesMax) throw new RangeError(`a message of ${bytes} bytes is over the limit of ${messageBytesMax}`);
  return text;
}

function checkMs(name: string, ms: number, max: number): number {
  if (!(ms >= 0 && ms <= max)) throw new RangeError(`${name} is ${ms}, it has to be between 0 and ${max}`);
  return ms;
}
