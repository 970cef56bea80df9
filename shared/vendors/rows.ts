/**
 * Rows of a listing, each read by itself: a row that does not fit is told by its id, the place and what is wrong there, never by its value,
 * and takes no other row with it. Common to the vendors whose lists come as JSON.
 */
import { fieldsOf } from '../base/fields-of.ts';
import type { Shape } from '../http/client.ts';

export interface RejectedRow {
  /** Undefined where not even that can be read: then any row may be meant. */
  readonly id: string | undefined;
  /** As the vendor names it, with a dot into what is nested: `Address.Zip`; `the whole` where the row is none. */
  readonly field: string;
  readonly reason: 'MISSING' | 'UNREADABLE';
}

export type ReadRow<T> =
  | { readonly id: string; readonly row: T; readonly rejected?: undefined }
  | { readonly id: string | undefined; readonly row?: undefined; readonly rejected: RejectedRow };

/** What became of one thing that was asked for by its id. */
export type LookUp<T> = { readonly kind: 'found'; readonly row: T } | { readonly kind: 'missing' } | { readonly kind: 'rejected'; readonly rejected: RejectedRow };

export type RowReader<T> = (wire: unknown) => ReadRow<T>;

/**
 * @param idField  the member that names a row.
 * @param id       how it is read; a row whose id it does not take has none.
 */
export function rowReader<T>(shape: Shape<T>, idField: string, id: Shape<string>): RowReader<T> {
  return (wire) => {
    const named = id.safeParse(fieldsOf(wire)[idField]);
    if (!named.success) return { id: undefined, rejected: { id: undefined, ...fault(wire, [idField]) } };
    const parsed = shape.safeParse(wire);
    if (parsed.success) return { id: named.data, row: parsed.data };
    return { id: named.data, rejected: { id: named.data, ...fault(wire, parsed.error.issues[0]?.path ?? []) } };
  };
}

export function lookUpOf<T>(read: ReadRow<T>): LookUp<T> {
  return read.rejected === undefined ? { kind: 'found', row: read.row } : { kind: 'rejected', rejected: read.rejected };
}

/** The rows that can be read, and those that cannot. */
export function sorted<T>(read: readonly ReadRow<T>[]): { readonly rows: readonly T[]; readonly rejected: readonly RejectedRow[] } {
  return {
    rows: read.flatMap((one) => (one.rejected === undefined ? [one.row] : [])),
    rejected: read.flatMap(({ rejected }) => (rejected === undefined ? [] : [rejected])),
  };
}

function fault(wire: unknown, path: readonly PropertyKey[]): Pick<RejectedRow, 'field' | 'reason'> {
  const isRow = typeof wire === 'object' && wire !== null && !Array.isArray(wire);
  if (!isRow || path.length === 0) return { field: 'the whole', reason: 'UNREADABLE' };
  let value: unknown = wire;
  for (const name of path) value = Array.isArray(value) ? value[Number(name)] : fieldsOf(value)[String(name)];
  const isMissing = value === undefined || value === null || value === '';
  return { field: path.map(String).join('.'), reason: isMissing ? 'MISSING' : 'UNREADABLE' };
}
