/**
 * How many writes at once a system bears. A server that takes one after the other (a CalDAV server on one small process) only gets
 * slower when six of them wait at its door; one at a distance, or with many workers, is idle most of the time when they come singly.
 * Neither is known beforehand, so it is measured, as TCP Vegas does for packets: an answer that takes n times as long as the
 * quickest one has waited behind others, and as many as waited are sent less. Deciding is pure; who waits is in send.ts.
 */

export interface WritePace {
  /** From 1 to the largest allowed. */
  readonly atOnce: number;
  /** A write was answered after this long, while at most `atOnce` were under way. */
  heard(ms: number): void;
}

const queueMin = 0.5; // fewer than this in the server's queue: it may have been idle
const queueMax = 1.5;
const share = 0.2; // of the newest answer in the mean

/** @param max  what the settings allow, and what it begins with: the first of a burst then shows how quick an answer can be. */
export function writePace(max: number): WritePace {
  let quickest = Infinity;
  let mean: number | undefined;
  let atOnce = max;
  return {
    get atOnce() {
      return Math.max(1, Math.floor(atOnce));
    },
    heard(ms) {
      quickest = Math.min(quickest, ms);
      mean = mean === undefined ? ms : mean + share * (ms - mean);
      const waiting = mean > 0 ? atOnce * (1 - quickest / mean) : 0;
      // One step up or down for each round of answers.
      if (waiting > queueMax) atOnce = Math.max(1, atOnce - 1 / atOnce);
      else if (waiting < queueMin) atOnce = Math.min(max, atOnce + 1 / atOnce);
    },
  };
}
