/**
 * Collects one result for each write of a call, whatever happens on the way. What a refusal or a lost answer means for one item
 * becomes that item's result; what stops the connector (sign-in, quota, a server that asks to slow down) is thrown, but only
 * if nothing was done yet: results of writes that took place must reach their links, so then the rest is told as not sent, with
 * the stop where it lasts (sign-in, quota).
 */
import pLimit from 'p-limit';
import { ConcordError, ItemInvalid, QuotaExhausted, VendorAnswerInvalid, VendorRateLimited, VendorRejected, VendorSignInFailed, VendorUnavailable, VersionStale } from '../base/errors.ts';
import type { WriteResult } from '../engine/side.ts';
import type { Refusals } from './refused-sign-in.ts';

export interface WriteRun {
  /** Puts work in line; it records a result for each of `places` or throws, and then the rest of them gets the error's meaning. Never rejects. */
  add(places: readonly number[], work: (record: Recorder) => Promise<void>): Promise<void>;
  /** As `add`, at once: for work inside work, and for reading before a write (`sends` false: whatever is lost, nothing was sent). */
  attempt(places: readonly number[], work: (record: Recorder) => Promise<void>, options?: { readonly sends: boolean }): Promise<void>;
  has(place: number): boolean;
  /** @throws what stopped the run, if nothing was done; a fault of our own in any case. */
  results(): readonly WriteResult[];
}

export type Recorder = (place: number, result: WriteResult) => void;

/**
 * @param signIn  Shared by the runs of one side: once refused, the next call of the engine sends nothing either.
 * @param placeGone  The vendor's reasons that say that the whole place is gone, not one item.
 */
export function writeRun(count: number, parallel: number, signIn: Refusals, placeGone: readonly string[] = []): WriteRun {
  const found: (WriteResult | undefined)[] = Array.from({ length: count });
  const inLine = pLimit(parallel);
  let stop: ConcordError | undefined = signIn.recent();
  let anyDone = false;
  /** Not about the vendor: a fault of our own. Nothing new begins, and what is under way comes to its end before it is thrown. */
  let fault: { readonly error: unknown } | undefined;

  const isPlaceGone = (error: ConcordError): boolean => error instanceof VendorRejected && placeGone.includes(error.reason ?? '');

  async function attempt(places: readonly number[], work: (record: Recorder) => Promise<void>, { sends } = { sends: true }): Promise<void> {
    const recordRest = (result: WriteResult) => {
      for (const place of places) found[place] ??= result;
    };
    if (fault) return;
    if (stop) return recordRest(notSent(stop));
    try {
      await work((place, result) => {
        found[place] = result;
        anyDone = true;
      });
    } catch (error) {
      if (!(error instanceof ConcordError)) {
        fault ??= { error };
        return;
      }
      signIn.heard(error);
      const meaning = isPlaceGone(error) ? undefined : resultOf(error, sends);
      if (meaning === undefined) stop ??= error;
      else anyDone = true;
      recordRest(meaning ?? notSent(error));
    }
  }

  return {
    attempt,
    add: (places, work) => inLine(() => attempt(places, work)),
    has: (place) => found[place] !== undefined,
    results: () => {
      if (fault) throw fault.error;
      if (stop && !anyDone) throw stop;
      return found.map((result, place) => result ?? missing(place));
    },
  };
}

/** What an error says about one item; undefined where it is about all of them. */
function resultOf(error: ConcordError, sends: boolean): WriteResult | undefined {
  if (error instanceof ItemInvalid) return { kind: 'refused', code: error.code, message: error.message };
  if (error instanceof VersionStale) return { kind: 'stale' };
  if (error instanceof VendorUnavailable) return { kind: 'lost', sent: sends && error.sent, code: error.code };
  if (error instanceof VendorAnswerInvalid) return { kind: 'lost', sent: sends, code: error.code };
  if (error instanceof VendorRejected) return { kind: 'refused', code: error.reason ?? error.code, message: error.message };
  return undefined;
}

function notSent(stop: ConcordError): WriteResult {
  const retryAt = stop instanceof VendorRateLimited ? stop.retryAt : stop instanceof QuotaExhausted ? stop.resetsAt : undefined;
  const lasts = stop instanceof QuotaExhausted || stop instanceof VendorSignInFailed;
  return { kind: 'lost', sent: false, code: stop.code, retryAt, ...(lasts && { stop }) };
}

function missing(place: number): never {
  throw new Error(`write ${place} ended without a result`);
}
