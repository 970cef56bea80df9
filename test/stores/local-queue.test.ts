/** The queue in this process keeps the queue contract; and what only it has: sizes, waking times and the switches for bad days. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import type { Json } from '../../shared/base/table.ts';
import { localQueue } from '../../shared/stores/local-queue.ts';
import type { LocalQueue, LocalQueueSettings } from '../../shared/stores/local-queue.ts';
import { describeQueueContract } from '../contracts/queue.ts';

const visibilityMs = 30_000;

describeQueueContract('The queue in this process', () => {
  const clock = manualClock();
  const dead: Json[] = [];
  const queue = localQueue<Json>({ clock, visibilityMs, maxReceiveCount: 3, deadLetter: (message) => dead.push(message) });
  return { queue, visibilityMs, advance: (ms) => clock.advance(ms), deadLetters: () => dead };
});

function aQueue(settings: Partial<LocalQueueSettings> = {}): { queue: LocalQueue<Json>; clock: ReturnType<typeof manualClock> } {
  const clock = manualClock();
  return { queue: localQueue<Json>({ clock, visibilityMs, ...settings }), clock };
}

describe('the queue in this process', () => {
  test('says how many messages are visible, in flight and delayed', async () => {
    const { queue, clock } = aQueue();
    await queue.send(['a', 'b', 'c']);
    await queue.send(['d'], { delayMs: 5000 });
    const [first] = await queue.receive(2);

    const sizes = [queue.size()];
    await queue.done(first?.receipt ?? '');
    clock.advance(5000);
    sizes.push(queue.size());
    clock.advance(visibilityMs);
    sizes.push(queue.size());

    expect(sizes).toEqual([
      { visible: 1, inFlight: 2, delayed: 1 },
      { visible: 2, inFlight: 1, delayed: 0 },
      { visible: 3, inFlight: 0, delayed: 0 },
    ]);
  });

  test('says when a waiting worker should look again', async () => {
    const { queue, clock } = aQueue();
    const start = clock.now();

    const empty = queue.nextVisibleAt();
    await queue.send(['late'], { delayMs: 5000 });
    const delayed = queue.nextVisibleAt();
    await queue.send(['now']);
    const visible = queue.nextVisibleAt();
    const [now] = await queue.receive(1);
    const besidesInFlight = queue.nextVisibleAt();
    clock.advance(5000);
    const [late] = await queue.receive(1);
    const inFlight = queue.nextVisibleAt();
    await queue.done(now?.receipt ?? '');
    await queue.later(late?.receipt ?? '', 600_000);
    const putOff = queue.nextVisibleAt();
    await queue.done(late?.receipt ?? '');

    expect({ empty, delayed, visible, besidesInFlight, inFlight, putOff, atTheEnd: queue.nextVisibleAt() }).toEqual({
      empty: undefined,
      delayed: start + 5000,
      visible: start,
      besidesInFlight: start + 5000,
      inFlight: start + visibilityMs,
      putOff: start + 605_000,
      atTheEnd: undefined,
    });
  });

  test('hands out in the order of sending when nobody shuffles', async () => {
    const { queue } = aQueue();
    await queue.send(Array.from({ length: 20 }, (_, at) => at));

    const received = [...(await queue.receive(10)), ...(await queue.receive(10))];

    expect(received.map((each) => each.message)).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });

  test('sets a message aside after five hand-outs when nobody says how many, with the count', async () => {
    const set: [Json, number][] = [];
    const { queue, clock } = aQueue({ deadLetter: (message, receiveCount) => set.push([message, receiveCount]) });
    await queue.send(['poison']);
    let handOuts = 0;

    for (let tries = 0; tries < 8; tries += 1) {
      handOuts += (await queue.receive(1)).length;
      clock.advance(visibilityMs);
    }

    expect(handOuts).toBe(5);
    expect(set).toEqual([['poison', 5]]);
    expect(queue.size()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('a receipt is good for nothing from the moment its message is visible again', async () => {
    const { queue, clock } = aQueue();
    await queue.send(['hint']);
    const [received] = await queue.receive(1);
    clock.advance(visibilityMs);

    await queue.done(received?.receipt ?? '');

    expect(await queue.receive(1)).toMatchObject([{ message: 'hint', receiveCount: 2 }]);
  });

  test('every second message comes twice, each copy on its own', async () => {
    const { queue } = aQueue({ repeatEvery: 2 });
    await queue.send(['a', 'b', 'c', 'd']);

    const received = await queue.receive(10);
    await queue.done(received[1]?.receipt ?? '');

    expect(received.map((each) => each.message)).toEqual(['a', 'b', 'b', 'c', 'd', 'd']);
    expect(queue.size().inFlight).toBe(5);
  });

  test('a shuffled queue hands out another order, the same one for the same luck', async () => {
    const numbers = Array.from({ length: 10 }, (_, at) => at);
    const order = async (): Promise<readonly Json[]> => {
      const draws = [0.99, 0.5, 0.1, 0.7, 0.3, 0.9, 0.2, 0.6, 0.4, 0];
      const { queue } = aQueue({ shuffle: () => draws.shift() ?? 0 });
      await queue.send(numbers);
      return (await queue.receive(10)).map((each) => each.message);
    };

    const [first, second] = [await order(), await order()];

    expect(first).toEqual(second);
    expect(first).not.toEqual(numbers);
    expect(first.toSorted((left, right) => Number(left) - Number(right))).toEqual(numbers);
  });

  test('a hundred thousand delayed messages do not slow down the visible ones', async () => {
    const { queue } = aQueue();
    await queue.send(Array.from({ length: 100_000 }, (_, at) => at), { delayMs: 900_000 });
    await queue.send(['visible']);
    let looks = 0;

    for (; looks < 20_000; looks += 1) {
      const [received] = await queue.receive(10);
      await queue.later(received?.receipt ?? '', 0);
      if (looks % 4 === 3) await queue.send(['visible']);
    }

    // A look that went over all delayed messages would need 2 000 000 000 steps here, and the test its time limit.
    expect(looks).toBe(20_000);
  });

  test('whatever workers do, each message is done, waiting or set aside: none is lost and none comes from nowhere', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), delayMs: fc.integer({ min: 0, max: 60_000 }) }),
      fc.record({ do: fc.constantFrom('receive' as const), max: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ do: fc.constantFrom('done' as const), which: fc.nat(50) }),
      fc.record({ do: fc.constantFrom('later' as const), which: fc.nat(50), delayMs: fc.integer({ min: 0, max: 60_000 }) }),
      fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
    );
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), async (steps, luck) => {
      let dead = 0;
      const { queue, clock } = aQueue({ maxReceiveCount: 2, deadLetter: () => { dead += 1; }, shuffle: () => luck.next().value ?? 0 });
      const held: { receipt: string; until: number; at: number }[] = [];
      let sent = 0;
      let done = 0;
      for (const each of steps) {
        if (each.do === 'advance') clock.advance(each.ms);
        if (each.do === 'send') await queue.send([(sent += 1)], { delayMs: each.delayMs });
        if (each.do === 'receive') {
          for (const { receipt, message } of await queue.receive(each.max)) held.push({ receipt, until: clock.now() + visibilityMs, at: Number(message) });
        }
        const mine = each.do === 'done' || each.do === 'later' ? held[each.which % Math.max(1, held.length)] : undefined;
        const isGood = mine !== undefined && mine.until > clock.now();
        if (each.do === 'later' && mine) {
          await queue.later(mine.receipt, each.delayMs);
          if (isGood) mine.until = clock.now() + each.delayMs;
        }
        if (each.do === 'done' && mine) {
          await queue.done(mine.receipt);
          if (isGood) done += 1;
          if (isGood) mine.until = 0;
        }
        const { visible, inFlight, delayed } = queue.size();
        expect(visible + inFlight + delayed + done + dead).toBe(sent);
        expect(inFlight).toBe(held.filter((one) => one.until > clock.now()).length);
        expect(queue.nextVisibleAt() === undefined).toBe(visible + inFlight + delayed === 0);
      }
    }), { numRuns: 300, seed: 20_261_123 });
  });
});
