/**
 * How many writes at once a system bears. A server that takes one after the other (a CalDAV server on one small process) only gets
 * slower when six of them wait at its door; one at a distance, or with many workers, is idle most of the time when they come singly.
 * Neither is known beforehand, so it is measured, as TCP Vegas does for packets: an answer that takes n times as long as that to a write
 * that went alone has waited behind others, and as many as waited are sent less. Deciding is pure; who waits is in send.ts.
 */

export interface WritePace {
  /** From 1 to the largest allowed. */
  readonly atOnce: number;
  /** A write was answered after this long, while at most `atOnce` were under way. */
  heard(ms: number): void;
}

const queueMin = 0.5; // fewer than this in the server's queue: it may have been idle
const queueMax = 2;
const share = 0.2; // of the newest answer in the mean
const validFor = 40; // answers: a calendar that fills takes longer for each object, and what "alone" means has to be measured anew
/** A burst of new connections: small servers (Python's, Radicale among them) hold five at the door, and the next one waits a second for its second knock. */
const firstMax = 4;
const costShare = 1 / 60; // of the time: while one write goes alone to a distant server, it is idle

/** @param max  What the settings allow. It begins with as many, at most four: the first answer of a burst shows how quick one can be. */
export function writePace(max: number): WritePace {
  let alone = Infinity;
  let age = 0;
  let mean: number | undefined;
  let wanted = Math.min(max, firstMax);
  /** While measuring: answers still to come to writes that were under way when it began, and the one to the write that then goes alone. */
  let measuring = 0;

  function measure(ms: number): void {
    measuring -= 1;
    if (measuring > 0) return;
    alone = ms;
    age = 0;
  }

  function settle(ms: number): void {
    age += 1;
    alone = Math.min(alone, ms);
    mean = mean === undefined ? ms : mean + share * (ms - mean);
    const waiting = mean > 0 ? wanted * (1 - alone / mean) : 0;
    // One step up or down for each round of answers. Before a step down on the word of an old measure: a new one.
    const isOld = age > validFor + (wanted * (alone / mean)) / costShare;
    if (waiting > queueMax && isOld) measuring = Math.floor(wanted);
    else if (waiting > queueMax) wanted = Math.max(1, wanted - 1 / wanted);
    else if (waiting < queueMin) wanted = Math.min(max, wanted + 1 / wanted);
  }

  return {
    get atOnce() {
      return measuring > 0 ? 1 : Math.max(1, Math.floor(wanted));
    },
    heard: (ms) => (measuring > 0 ? measure(ms) : settle(ms)),
  };
}
