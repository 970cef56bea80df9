/** Something that was read, for as long as it is fresh: whoever asks meanwhile waits for the same reading. */
import type { Clock } from '../base/clock.ts';

export interface Kept<T> {
  /** @param withinMs  No older than that. */
  get(withinMs?: number): Promise<T>;
  /** The next `get` reads anew. */
  forget(): void;
}

export function kept<T>(clock: Clock, forMs: number, read: () => Promise<T>): Kept<T> {
  let last: { readonly at: number; readonly value: Promise<T> } | undefined;
  const forget = (): void => { last = undefined; };
  return {
    forget,
    get(withinMs = forMs) {
      if (last !== undefined && clock.now() - last.at < withinMs) return last.value;
      const value = read();
      last = { at: clock.now(), value };
      value.catch(forget);
      return value;
    },
  };
}
