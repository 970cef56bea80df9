/**
 * Travellers whose constituent NXT does not have any more (merged into another, or deleted). NXT tells this only to whoever writes, so it is
 * remembered between runs: the traveller looks changed then, is matched anew, and the participants follow.
 */

export interface Memory {
  get(name: string): string | undefined;
  set(name: string, value: string | undefined): void;
}

export interface Rekeyed {
  /** How often; part of what is compared. Nought for nearly everybody. */
  asked(userId: string): number;
  /** The constituent that stands for the traveller is gone. */
  mark(userId: string): void;
}

const nameOf = (userId: string): string => `rekeyed ${userId}`;

export function rekeyedIn(memory: Memory): Rekeyed {
  const asked = (userId: string): number => Number(memory.get(nameOf(userId)) ?? 0);
  const marked = new Set<string>();
  return {
    asked,
    mark(userId) {
      if (marked.has(userId)) return; // its participants tell it one after the other
      marked.add(userId);
      memory.set(nameOf(userId), String(asked(userId) + 1));
    },
  };
}
