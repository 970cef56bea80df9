/**
 * A sign-in that was refused a moment ago: what is still in line is not sent then, nor is anything sent once more. Systems count failed
 * sign-ins, and several writes are under way at once.
 */
import type { Clock } from '../base/clock.ts';
import { VendorSignInFailed } from '../base/errors.ts';

export interface Refusals {
  heard(error: unknown): void;
  /** The refusal that still counts. */
  recent(): VendorSignInFailed | undefined;
}

const recentMs = 60_000; // longer than a run takes to its second try, shorter than anybody waits with a new password

export function refusals(clock: Clock): Refusals {
  let last: { readonly error: VendorSignInFailed; readonly at: number } | undefined;
  return {
    heard(error) {
      if (error instanceof VendorSignInFailed) last = { error, at: clock.now() };
    },
    recent: () => (last !== undefined && clock.now() - last.at < recentMs ? last.error : undefined),
  };
}
