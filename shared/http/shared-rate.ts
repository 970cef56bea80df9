/**
 * A rate over all workers of a connector, however many there are: each call leaves within a slot of its own, and slots are taken from a
 * store, one behind the other, so that no two workers hold the same one. A worker that is held up by the rate takes up to a second's
 * slots at once; one that lets slots pass takes one at a time, so that little is taken away from the others. In any second at most
 * one call more than the rate leaves (the last moment of a slot, the first of another). Workers' clocks are taken to agree.
 */
import pLimit from 'p-limit';
import type { Clock } from '../base/clock.ts';
import type { Budget } from './budget.ts';

/** The row behind a shared rate. `takeSlots` is atomic over all workers. */
export interface SlotStore {
  /**
   * Takes the next free slots.
   *
   * @param ask.everyMs  how long each lasts.
   * @param ask.nowMs    the worker's clock, epoch milliseconds; no slot begins before it.
   * @returns when the first begins, epoch milliseconds; the others follow without a gap.
   */
  takeSlots(system: string, ask: { readonly count: number; readonly everyMs: number; readonly nowMs: number }): Promise<number>;
}

interface Block {
  readonly nextAt: number;
  readonly left: number;
  readonly size: number;
  /** The rate was not what held us up. */
  readonly hasPassed: boolean;
}

const none: Block = { nextAt: 0, left: 0, size: 0, hasPassed: false };

export function sharedRate({ clock, store }: { readonly clock: Clock; readonly store: SlotStore }, { perSecond }: { readonly perSecond: number }): Budget {
  const everyMs = 1000 / perSecond;
  const sizeMax = Math.max(1, Math.floor(perSecond));
  const blocks = new Map<string, Block>();
  const oneAtATime = pLimit(1); // or parallel calls on an empty block would take a block each

  async function nextSlot(system: string): Promise<number> {
    const open = withoutPassed(blocks.get(system) ?? none, clock.now(), everyMs);
    const block = open.left > 0 ? open : await anotherBlock(system, open);
    blocks.set(system, { ...block, nextAt: block.nextAt + everyMs, left: block.left - 1 });
    return block.nextAt;
  }

  async function anotherBlock(system: string, { size: before, hasPassed }: Block): Promise<Block> {
    const size = hasPassed ? 1 : Math.min(sizeMax, Math.max(1, before * 2));
    return { nextAt: await store.takeSlots(system, { count: size, everyMs, nowMs: clock.now() }), left: size, size, hasPassed: false };
  }

  async function lastSlot(system: string, n: number): Promise<number> {
    let at = 0;
    for (let call = 0; call < n; call += 1) at = await nextSlot(system);
    return at;
  }

  return {
    take: async (system, n = 1) => {
      const waitMs = (await oneAtATime(lastSlot, system, n)) - clock.now();
      if (waitMs > 0) await clock.sleep(Math.ceil(waitMs));
    },
  };
}

/** A slot that is over is lost: whoever used it later would go out beside the holder of the next one. */
function withoutPassed(block: Block, now: number, everyMs: number): Block {
  const over = Math.min(block.left, Math.max(0, Math.floor((now - block.nextAt) / everyMs)));
  return over === 0 ? block : { ...block, nextAt: block.nextAt + over * everyMs, left: block.left - over, hasPassed: true };
}
