/**
 * Time, as everything here receives it: nothing in Concord reads the system's clock or sets a timer by itself, so that a test
 * can own both. The real one is `systemClock`.
 */
import { setImmediate as turnOfTheEventLoop, setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal } : {});
  },
};

// More than an answer from within the process needs.
const headStart = 5;

/**
 * A clock that a test moves by hand. Sleeping moves it, after everything has happened that needs no time to pass: only work that is
 * still unfinished then has to do with time at all.
 */
export function manualClock(startMs = Date.UTC(2026, 10, 23, 9)): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    sleep: async (ms, signal) => {
      for (let turn = 0; turn < headStart; turn += 1) {
        await turnOfTheEventLoop();
        signal?.throwIfAborted();
      }
      nowMs += ms;
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
