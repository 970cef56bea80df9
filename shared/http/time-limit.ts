/** A time limit that runs on the given clock. */
import type { Clock } from '../base/clock.ts';

export class TimeLimitReached extends Error {
  override readonly name = 'TimeLimitReached';

  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`);
  }
}

/**
 * Runs `work` and gives it up after `limitMs`: its signal aborts, and the call rejects even if the work ignores the signal.
 *
 * @throws TimeLimitReached
 */
export async function withTimeLimit<T>(
  clock: Clock,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const finished = new AbortController();
  const timer = expire(clock, limitMs, finished.signal);
  // Rejected at the latest when the work is finished, which nobody waits for then.
  const expired = timer.catch((error: unknown) => {
    limit.abort(error);
    throw error;
  });
  try {
    return await Promise.race([work(signal ? AbortSignal.any([signal, limit.signal]) : limit.signal), expired]);
  } finally {
    finished.abort(new Error('the work is finished'));
    expired.catch(() => {});
  }
}

async function expire(clock: Clock, limitMs: number, finished: AbortSignal): Promise<never> {
  await clock.sleep(limitMs, finished);
  throw new TimeLimitReached(limitMs);
}
