/**
 * Notes how far our clock is from each server's, by the Date header of its answers. Sync does not lean on our clock, but a
 * certificate, a log that two people compare and "in 15 minutes" do.
 */
import type { Clock } from '../base/clock.ts';

export interface DateWatch {
  readonly fetch: typeof fetch;
  /** Ours minus the server's, in ms, by host; only of servers that say what time it is. */
  skews(): ReadonlyMap<string, number>;
}

export function dateWatch(clock: Clock, fetchThrough: typeof fetch): DateWatch {
  const skews = new Map<string, number>();
  return {
    fetch: async (input, init) => {
      const answer = await fetchThrough(input, init);
      const date = Date.parse(answer.headers.get('date') ?? '');
      if (Number.isFinite(date)) skews.set(new URL(input instanceof Request ? input.url : input).host, clock.now() - date);
      return answer;
    },
    skews: () => skews,
  };
}
