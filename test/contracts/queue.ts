/**
 * What every queue adapter promises (shared/engine/queue.ts): an SQS standard queue as far as the hub leans on it. Nothing here
 * assumes an order, or that a message comes only once.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../shared/base/table.ts';
import type { Queue, Received } from '../../shared/engine/queue.ts';

export interface QueueUnderTest {
  /** Empty, with `maxReceiveCount` 3 and the visibility time below. */
  readonly queue: Queue<Json>;
  readonly visibilityMs: number;
  /** Lets this much time pass for the queue. */
  advance(ms: number): Promise<void> | void;
  /** Messages that were set aside so far. */
  deadLetters(): Promise<readonly Json[]> | readonly Json[];
  close?(): Promise<void> | void;
}

export function describeQueueContract(name: string, makeQueue: () => Promise<QueueUnderTest> | QueueUnderTest): void {
  describe(`${name} as a queue`, () => {
    let made: QueueUnderTest;
    let queue: Queue<Json>;
    beforeEach(async () => {
      made = await makeQueue();
      queue = made.queue;
    });
    afterEach(async () => made.close?.());

    test('an empty queue hands out nothing', async () => {
      expect(await queue.receive(10)).toEqual([]);
    });

    test('every message sent is handed out, as it was, for the first time', async () => {
      const messages = [{ text: 'Zürich 東京 \u{1F600} \u0000\u001f', list: [1, null, true] }, 'a text', 7, null, []];

      await queue.send(messages);
      const received = await receiveAll(queue);

      expect(texts(received)).toEqual(messages.map((message) => JSON.stringify(message)).toSorted());
      expect(received.map((each) => each.receiveCount)).toEqual([1, 1, 1, 1, 1]);
    });

    test('more messages than one request could carry are sent, and at most ten received at once', async () => {
      const messages = Array.from({ length: 25 }, (_, at) => ({ at }));

      await queue.send(messages);
      const batch = await queue.receive(10);
      const rest = await receiveAll(queue);

      expect(batch.length).toBeGreaterThan(0);
      expect(batch.length).toBeLessThanOrEqual(10);
      expect(texts([...batch, ...rest])).toEqual(messages.map((message) => JSON.stringify(message)).toSorted());
    });

    test.each([0, 11, 1.5])('%d messages cannot be received at once', async (max) => {
      await expect(queue.receive(max)).rejects.toThrow(RangeError);
    });

    test('sender and receiver never share an object', async () => {
      const message = { links: ['sent'] };
      await queue.send([message]);
      message.links.push('later');

      const [received] = await queue.receive(1);

      expect(received?.message).toEqual({ links: ['sent'] });
    });

    test('a received message is hidden until its time is over, and then counted again', async () => {
      await queue.send(['hint']);
      await queue.receive(1);

      const meanwhile = await queue.receive(1);
      await made.advance(made.visibilityMs);
      const again = await queue.receive(1);

      expect(meanwhile).toEqual([]);
      expect(again).toMatchObject([{ message: 'hint', receiveCount: 2 }]);
    });

    test('a message that is done never comes back', async () => {
      await queue.send(['hint']);
      const [received] = await queue.receive(1);

      await queue.done(received?.receipt ?? '');
      await made.advance(made.visibilityMs);

      expect(await queue.receive(1)).toEqual([]);
    });

    test('a message can be put off, and comes when it was put off to', async () => {
      await queue.send(['hint']);
      const [received] = await queue.receive(1);

      await queue.later(received?.receipt ?? '', made.visibilityMs * 2);
      await made.advance(made.visibilityMs);
      const tooEarly = await queue.receive(1);
      await made.advance(made.visibilityMs);
      const inTime = await queue.receive(1);

      expect(tooEarly).toEqual([]);
      expect(inTime).toMatchObject([{ message: 'hint', receiveCount: 2 }]);
    });

    test('a message can be given back at once', async () => {
      await queue.send(['hint']);
      const [received] = await queue.receive(1);

      await queue.later(received?.receipt ?? '', 0);

      expect(await queue.receive(1)).toMatchObject([{ message: 'hint', receiveCount: 2 }]);
    });

    test('a message that was put off can still be done', async () => {
      await queue.send(['hint']);
      const [received] = await queue.receive(1);
      await queue.later(received?.receipt ?? '', made.visibilityMs * 2);

      await queue.done(received?.receipt ?? '');
      await made.advance(made.visibilityMs * 2);

      expect(await queue.receive(1)).toEqual([]);
    });

    test('a stale receipt neither ends nor delays what somebody else works on', async () => {
      await queue.send(['hint']);
      const [slow] = await queue.receive(1);
      await made.advance(made.visibilityMs);
      const [quick] = await queue.receive(1);

      await queue.later(slow?.receipt ?? '', 0);
      const stolen = await queue.receive(1);
      await queue.done(slow?.receipt ?? '');
      await made.advance(made.visibilityMs);
      const again = await queue.receive(1);

      expect(quick?.receipt).not.toBe(slow?.receipt);
      expect(stolen).toEqual([]);
      expect(again).toMatchObject([{ message: 'hint', receiveCount: 3 }]);
    });

    test('a delayed message comes after its delay', async () => {
      await queue.send(['hint'], { delayMs: made.visibilityMs });

      const tooEarly = await queue.receive(1);
      await made.advance(made.visibilityMs);
      const inTime = await queue.receive(1);

      expect(tooEarly).toEqual([]);
      expect(inTime).toMatchObject([{ message: 'hint', receiveCount: 1 }]);
    });

    test.each([-1, 900_001, Number.NaN])('a delay of %d ms is refused', async (delayMs) => {
      await expect(queue.send(['hint'], { delayMs })).rejects.toThrow(RangeError);
    });

    test('a message that was handed out too often is set aside with its content', async () => {
      await queue.send([{ link: 'poison' }]);
      for (let tries = 1; tries <= 3; tries += 1) {
        expect(await queue.receive(1)).toMatchObject([{ receiveCount: tries }]);
        await made.advance(made.visibilityMs);
      }

      const fourth = await queue.receive(1);

      expect(fourth).toEqual([]);
      expect(await made.deadLetters()).toEqual([{ link: 'poison' }]);
      await made.advance(made.visibilityMs);
      expect(await queue.receive(1)).toEqual([]);
    });

    test('a message of 256 KB is carried, a larger one refused with nothing sent', async () => {
      const largest = 'x'.repeat(256 * 1024 - 2); // and two quotes

      await queue.send([largest]);

      await expect(queue.send(['small', `${largest}x`])).rejects.toThrow(RangeError);
      expect((await receiveAll(queue)).map((each) => each.message)).toEqual([largest]);
    });
  });
}

async function receiveAll(queue: Queue<Json>): Promise<readonly Received<Json>[]> {
  const all: Received<Json>[] = [];
  for (let batch = await queue.receive(10); batch.length > 0; batch = await queue.receive(10)) all.push(...batch);
  return all;
}

function texts(received: readonly Received<Json>[]): readonly string[] {
  return received.map((each) => JSON.stringify(each.message)).toSorted();
}
