/**
 * A queue as one process reaches it: every call is a step. Between sending and receiving a message may be doubled, kept back,
 * overtaken, shown again while its worker still works, or be no message of ours at all.
 */
import { StoreUnavailable } from '../../shared/base/errors.ts';
import type { LookMessage } from '../../shared/engine/ports.ts';
import type { Queue } from '../../shared/engine/queue.ts';
import type { LocalQueue } from '../../shared/stores/local-queue.ts';
import type { Process } from './scheduler.ts';
import type { Stage } from './world.ts';

export type OnMessage = (message: LookMessage) => void;

const lost = () => new StoreUnavailable({ store: 'the queue', problem: 'the connection broke', advice: 'try again' });

export function steppedQueue(queue: LocalQueue<LookMessage>, process: Process, { scheduler, box }: Stage, onMessage: OnMessage): Queue<LookMessage> {
  return {
    send: (messages, options) =>
      scheduler.step(process, `queue send ${messages.length}`, async () => {
        for (const message of messages) {
          onMessage(message);
          await queue.send([message], box.strikes('message-late') ? { delayMs: 600_000 } : options);
          if (box.strikes('message-repeated')) await queue.send([message], { delayMs: 1000 });
          if (box.strikes('message-poison')) await queue.send([{ stream: 'nothing of ours', plan: '', keys: ['?'] }]);
        }
      }, lost),
    receive: (max) =>
      scheduler.step(process, 'queue receive', async () => {
        const received = [...(await queue.receive(max))];
        if (received.length > 1 && box.strikes('message-out-of-order')) received.reverse();
        // Its time was over before its worker was: somebody else gets it too.
        for (const { receipt } of received) if (box.strikes('message-visible-again')) await queue.later(receipt, 0);
        return received;
      }, lost),
    done: (receipt) => scheduler.step(process, 'queue done', () => queue.done(receipt), lost),
    later: (receipt, delayMs) => scheduler.step(process, 'queue later', () => queue.later(receipt, delayMs), lost),
  };
}
