/**
 * Creating many rows in one transaction: how large a batch may be, and which stored row is which of ours.
 */
import { groupsWithin } from '../../base/groups.ts';
import type { DirectusRow } from './schema.ts';

export type RowData = Readonly<Record<string, unknown>>;

/** 1 000 in one transaction take 3.5 s, while nobody else can write (run, SQLite). */
export const rowsPerCreate = 100;

/** Under MAX_PAYLOAD_SIZE, which is 1 MB unless the operator says otherwise. */
const bytesPerCreate = 800_000;

/** Cuts rows into batches that `createItems` takes and the server's body limit lets through. */
export function batchesOf<T extends RowData>(rows: readonly T[]): readonly (readonly T[])[] {
  return groupsWithin(rows, (row) => Buffer.byteLength(JSON.stringify(row)) + 1, { countMax: rowsPerCreate, sizeMax: bytesPerCreate });
}

/**
 * The stored rows in the order of the batch, or undefined where it cannot be told: Directus answers in the order of ids, which
 * is the given order only where ids are counted (rows are inserted one after another, likely) or came with the rows.
 */
export function inGivenOrder(batch: readonly RowData[], stored: readonly DirectusRow[]): readonly DirectusRow[] | undefined {
  if (stored.length !== batch.length) return undefined;
  if (batch.every(({ id }) => id !== undefined)) {
    const byId = new Map(stored.map((row) => [String(row.id), row]));
    const ordered = batch.map(({ id }) => byId.get(String(id)));
    return ordered.every((row) => row !== undefined) ? ordered : undefined;
  }
  if (stored.length > 1 && !stored.every(({ id }) => typeof id === 'number')) return undefined;
  return stored.toSorted((one, other) => Number(one.id) - Number(other.id));
}
