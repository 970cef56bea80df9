/**
 * Reads lists of SKY to their end: by offset in the Event API, by `next_link` in the Constituent API (confirmed). Both declare a `count`. Rows are
 * handed on once, and the end says whether everything was seen; where pages go by offset, rows move between them.
 */
import * as z from 'zod/mini';
import { VendorAnswerInvalid } from '../../base/errors.ts';
import { sorted, type ReadRow, type RejectedRow, type RowReader } from '../rows.ts';
import { tally, type ReadingProof } from '../tally.ts';
import type { Place, SkyCalls } from './calls.ts';
import { system } from './refusals.ts';

export interface SkyListing<T> {
  readonly rows: readonly T[];
  /** Whatever such a row is, it stands there. */
  readonly rejected: readonly RejectedRow[];
  readonly proof: ReadingProof;
}

/** A list of ten thousand rows takes longer than one record (our own caution). */
export const listMs = 60_000;

const count = z.int().check(z.minimum(0));
const page = z.object({ count, value: z.nullish(z.array(z.unknown())), next_link: z.nullish(z.string()) });

/** @param limit  rows per page; at most 10 000 (confirmed). */
export async function readByOffset<T>(calls: SkyCalls, place: Place, limit: number, readRow: RowReader<T>): Promise<SkyListing<T>> {
  const seen = tally();
  const read: ReadRow<T>[] = [];
  let offset = 0;
  for (;;) {
    const answer = await calls.read({ ...place, query: { ...place.query, limit, offset } }, page);
    const wires = answer.value ?? [];
    const fresh = seen.add(answer.count, wires.map(readRow));
    read.push(...fresh);
    offset += wires.length; // not the limit: a smaller one may be the server's
    if (fresh.length === 0 || offset >= answer.count) return { ...sorted(read), proof: seen.proof() };
  }
}

const linkRoot = '/constituent/v1/';

/** @param pagesMax  Default: all. */
export async function readByLink<T>(calls: SkyCalls, place: Place, readRow: RowReader<T>, { pagesMax = Infinity } = {}): Promise<SkyListing<T>> {
  const seen = tally();
  const read: ReadRow<T>[] = [];
  let next = place;
  for (let pages = 1; ; pages += 1) {
    const answer = await calls.read(next, page);
    const fresh = seen.add(answer.count, (answer.value ?? []).map(readRow));
    read.push(...fresh);
    if (fresh.length === 0 || !answer.next_link || pages === pagesMax) return { ...sorted(read), proof: seen.proof() };
    next = { call: place.call, path: pathOf(answer.next_link, place.call) };
  }
}

/** Path and query as given (they hold the place in the order); whatever host the link names, our token goes to the configured one only. */
function pathOf(link: string, call: string): string {
  const url = URL.canParse(link, 'https://sky.invalid') ? new URL(link, 'https://sky.invalid') : undefined;
  const at = url?.pathname.indexOf(linkRoot) ?? -1;
  if (url === undefined || at === -1) throw new VendorAnswerInvalid({ vendor: system, call, status: 200, reason: 'NEXT_LINK' });
  return url.pathname.slice(at) + url.search;
}
