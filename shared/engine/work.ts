/**
 * The queue between planning and applying, as the engine uses it: link keys go in by the hundred, and come out as hints. On one
 * machine a run works its own queue empty; on AWS each message wakes a function that calls `applyMessage`.
 */
import type { Link } from '../sync/link.ts';
import type { LinkOutcome } from '../sync/report.ts';
import { applyLinks, type Collect } from './apply.ts';
import type { Connector } from './connector.ts';
import { leaseKeeper } from './leases.ts';
import type { LookMessage, World } from './ports.ts';

const keysPerMessage = 100;
const receivedAtOnce = 10; // as many as SQS hands out

/** Asks for another look at these links, under the plan that their changes belong to. */
export async function fanOut(world: World, asks: Iterable<{ readonly stream: string; readonly plan: string; readonly keys: readonly string[] }>): Promise<void> {
  for (const { stream, plan, keys } of asks) {
    for (let at = 0; at < keys.length; at += keysPerMessage) await world.queue.send([{ stream, plan, keys: keys.slice(at, at + keysPerMessage) }]);
  }
}

export async function fanOutLinks(world: World, links: readonly Link[]): Promise<void> {
  for (const mine of Map.groupBy(links, (link) => `${link.stream} ${link.pending?.plan ?? ''}`).values()) {
    const [first] = mine;
    if (first) await fanOut(world, [{ stream: first.stream, plan: first.pending?.plan ?? '', keys: mine.map((link) => link.key) }]);
  }
}

/**
 * Looks at the links that a message names, and sends on what that woke. A stream that is not there any more asks for nothing.
 * @param stopped  Told what was done before something stopped the connector.
 */
export async function applyMessage(world: World, connector: Connector, run: string, message: LookMessage, stopped?: Collect): Promise<readonly LinkOutcome[]> {
  const stream = connector.streams.find((one) => one.name === message.stream);
  if (!stream) return [];
  const { outcomes, woken } = await applyLinks(world, stream, run, message.keys, stopped);
  await fanOutLinks(world, woken);
  return outcomes;
}

/** Works until the queue shows nothing more. A message goes back only if recording failed. */
export async function workQueue(world: World, connector: Connector, run: string, collect: Collect, signal: AbortSignal | undefined): Promise<void> {
  const keepLease = leaseKeeper(world, connector.id);
  for (;;) {
    signal?.throwIfAborted();
    const received = await world.queue.receive(receivedAtOnce);
    if (received.length === 0) return;
    for (const { message, receipt } of received) {
      await keepLease();
      collect(await applyMessage(world, connector, run, message, collect));
      await world.queue.done(receipt);
    }
  }
}
