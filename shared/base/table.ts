/**
 * The one small port under everything Concord remembers: rows with a partition key, a sort key, a revision, a few sparse
 * index keys and an expiry. Nothing above it knows whether DynamoDB or SQLite answers; both pass one contract suite
 * (test/contracts/table.ts). The shape is the part of DynamoDB that SQLite can also promise.
 */

export type TableName = 'links' | 'runs' | 'hosted';

/**
 * Sparse secondary orders over a table: a row stands in an index only while it carries a key for it.
 * `open` is the work list, `match` finds one-sided links by what they look like, `parent` finds the children of a link.
 */
export type IndexName = 'open' | 'match' | 'parent';

export interface Key {
  readonly table: TableName;
  /** Partition key, 1 to 1 024 bytes. Never holds personal data. */
  readonly pk: string;
  /** Sort key, 1 to 1 024 bytes; rows of a partition are ordered by its UTF-8 bytes. */
  readonly sk: string;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };
export type JsonObject = { readonly [key: string]: Json | undefined };

/** What a caller hands over; the store adds the revision. */
export interface RowDraft extends Key {
  /** A short text (at most 2 KB) that a listing can return without reading the body. */
  readonly head?: string | undefined;
  readonly body: JsonObject;
  readonly index?: { readonly [name in IndexName]?: string | undefined } | undefined;
  /** Epoch milliseconds; from then on the row is as good as deleted: no read shows it and `absent` holds. */
  readonly expiresAt?: number | undefined;
}

export interface Row extends RowDraft {
  /** 1 after the first put, one more after every further put. */
  readonly rev: number;
}

/** A listing's short form: everything that was asked for without the body. */
export interface RowHead {
  readonly sk: string;
  readonly rev: number;
  readonly head: string;
}

/** What must hold for a write to take place: the row's revision, or that there is none, or nothing at all. */
export type Condition = { readonly rev: number } | 'absent' | 'any';

export type TableWrite =
  | { readonly kind: 'put'; readonly row: RowDraft; readonly when: Condition }
  | { readonly kind: 'delete'; readonly key: Key; readonly when: Condition }
  | { readonly kind: 'check'; readonly key: Key; readonly when: Condition };

/** What became of one group of writes: all of it stored, with the new revisions in order (0 for deletes and checks), or none. */
export type GroupOutcome = { readonly ok: true; readonly revs: readonly number[] } | { readonly ok: false; readonly failed: number };

export interface Page<T> {
  readonly rows: readonly T[];
  /** Pass as `after` to go on; absent on the last page. */
  readonly next?: string | undefined;
}

/**
 * `mayLag`: a row may be shown as it was a moment ago (usually well under a second), where the store keeps copies: half the price in the
 * cloud. For whoever has what he decides on it checked by a condition once more, or counts in the large.
 */
export interface Reading {
  readonly mayLag?: boolean | undefined;
}

export interface Table {
  get(key: Key): Promise<Row | undefined>;
  /** Any number of keys, in any tables; missing rows are left out, the order is not promised. */
  getMany(keys: readonly Key[], reading?: Reading): Promise<readonly Row[]>;
  /** Rows of a partition whose sort key starts with `prefix`, in order. @param limit default 1 000 */
  query(ask: { table: TableName; pk: string; prefix?: string; after?: string; limit?: number; reverse?: boolean }): Promise<Page<Row>>;
  /** As `query`, without bodies: the cheap way over a million rows. Rows without a head have an empty one. */
  queryHeads(ask: { table: TableName; pk: string; prefix?: string; after?: string; limit?: number } & Reading): Promise<Page<RowHead>>;
  /** Rows that carry this key in this index, ordered by partition and sort key. */
  queryIndex(ask: { table: TableName; index: IndexName; key: string; after?: string; limit?: number } & Reading): Promise<Page<Row>>;
  /**
   * Writes one group, all or nothing, at most 100 rows, across tables.
   * @returns the new revisions in order.
   * @throws ConditionFailed with the place of the first write whose condition did not hold; then nothing was written.
   */
  write(group: readonly TableWrite[]): Promise<readonly number[]>;
  /** Many independent groups, each all or nothing; one group's failed condition does not touch the others. */
  writeGroups(groups: readonly (readonly TableWrite[])[]): Promise<readonly GroupOutcome[]>;
}

/** Rows above this many bytes are refused (RowTooLarge): DynamoDB stops at 400 KB, and an index copy needs room. */
export const rowBytesMax = 350 * 1024;
