/**
 * What a simulator needs from outside itself: time and luck. Both are given, so that a history can be told again exactly:
 * the same clock and the same seed make the same answers.
 */
import { manualClock, type Clock } from '../base/clock.ts';

export interface SimulatedWorld {
  readonly clock: Clock;
  /** Between 0 (included) and 1 (excluded), from a seed. */
  readonly random: () => number;
  /** How long every answer takes, slept on the clock; none when absent. */
  readonly latencyMs?: number | undefined;
}

/** A world with a clock that stands still until a test moves it, and luck from `seed`. */
export function simulatedWorld(options: { seed?: number; clock?: Clock; latencyMs?: number } = {}): SimulatedWorld {
  return {
    clock: options.clock ?? manualClock(),
    random: seededRandom(options.seed ?? 1),
    latencyMs: options.latencyMs,
  };
}

/** The generator mulberry32: 32 bits of state, evenly spread, the same on every machine. Not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of `choices`; throws when there is none. */
export function pick<T>(random: () => number, choices: readonly T[]): T {
  const chosen = choices[Math.floor(random() * choices.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
}

/** `length` hexadecimal digits, for file names and ids that people's programs would make up. */
export function randomHex(random: () => number, length: number): string {
  let text = '';
  while (text.length < length) text += Math.floor(random() * 16).toString(16);
  return text;
}
