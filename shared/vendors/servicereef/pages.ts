/**
 * Reads a list of ServiceReef to its end. Its order is not promised, rows move between pages meanwhile, and the page size may be another than the
 * one that was asked for (all sheet facts): the next page is computed from what the answer covers, each row is handed on once, and the end says
 * whether everything was seen.
 */
import * as z from 'zod/mini';
import { sorted, type RejectedRow, type RowReader } from '../rows.ts';
import { tally, type ReadingProof } from '../tally.ts';

/** Rows that were on no page before. */
export interface ReefPage<T> {
  readonly rows: readonly T[];
  readonly rejected: readonly RejectedRow[];
}

export interface PageAsk {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

const count = z.int().check(z.minimum(0));

/** In its wrapper, or bare (an old client met that, or feared it). Rows are read one by one. */
export const pageAnswer = z.union([
  z.object({ PageInfo: z.object({ TotalRecords: count, Page: z.int().check(z.minimum(1)), PageSize: count }), Results: z.nullish(z.array(z.unknown())) }),
  z.array(z.unknown()),
]);

/** After so many pages in a row without a new row a server is not asked any further. */
const barrenMax = 2;

export async function* readPages<T>(
  pageSizeWanted: number,
  readRow: RowReader<T>,
  readPage: (ask: PageAsk) => Promise<z.infer<typeof pageAnswer>>,
): AsyncGenerator<ReefPage<T>, ReadingProof> {
  const seen = tally();
  let ask: PageAsk = { page: 1, pageSize: pageSizeWanted };
  let covered = 0; // rows from the start without a gap
  let barren = 0;
  for (;;) {
    const { total, wires, page = ask.page, pageSize = ask.pageSize } = rowsOf(await readPage(ask));
    const fresh = seen.add(total, wires.map(readRow));
    if (fresh.length > 0) yield sorted(fresh);
    if ((page - 1) * pageSize <= covered) covered = Math.max(covered, page * pageSize);
    barren = fresh.length > 0 ? 0 : barren + 1;
    if (wires.length === 0 || covered >= (total ?? Infinity) || barren === barrenMax) return seen.proof();
    ask = { page: Math.floor(covered / pageSize) + 1, pageSize };
  }
}

/** What an answer holds; a bare one says nothing of a total, and is taken for the page that was asked. */
export function rowsOf(answer: z.infer<typeof pageAnswer>): { readonly total?: number; readonly page?: number; readonly pageSize?: number; readonly wires: readonly unknown[] } {
  if (!('PageInfo' in answer)) return { wires: answer };
  const { TotalRecords: total, Page: page, PageSize: pageSize } = answer.PageInfo;
  const wires = answer.Results ?? [];
  return { total, page, pageSize: pageSize || wires.length, wires };
}
