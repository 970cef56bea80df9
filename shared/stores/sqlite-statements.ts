/**
 * The SQL of one table, each statement prepared once. An expired row is treated as absent everywhere here, so no caller has to
 * think of it. Texts compare by their UTF-8 bytes (SQLite's BINARY order), which is also DynamoDB's order.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { Condition, IndexName, Key, Row, RowDraft, RowHead, TableName } from '../base/table.ts';

/** The rows of a partition whose sort key starts with `prefix`, from behind `after` on. */
export interface Range {
  readonly pk: string;
  readonly prefix: string;
  readonly after: string | undefined;
  readonly reverse: boolean;
  readonly limit: number;
  readonly nowMs: number;
}

const columns = 'pk, sk, rev, head, body, expires_at, i_open, i_match, i_parent';
const indexColumn: Readonly<Record<IndexName, string>> = { open: 'i_open', match: 'i_match', parent: 'i_parent' };

// In SQLite every text sorts before every blob: the upper bound of a range that has none.
const afterEveryText = new Uint8Array(0);

// A bare parameter here is looked at by SQLite's planner, which then plans the statement anew at every call (measured: 6 µs instead of 0.4).
const bounded = '0 + ?';

/** @param at the parameter that holds the present time */
const live = (at: string): string => `(expires_at IS NULL OR expires_at > ${at})`;

export type SqliteStatements = ReturnType<typeof sqliteStatements>;

/** The methods say what they find. */
export function sqliteStatements(database: DatabaseSync, table: TableName) {
  const statement = (sql: string): (() => StatementSync) => onFirstUse(database, sql);

  const one = statement(`SELECT ${columns} FROM ${table} WHERE pk = ? AND sk = ? AND ${live('?')}`);
  const get = (key: Key, nowMs: number): Row | undefined => {
    const cells = one().get(key.pk, key.sk, nowMs);
    return cells === undefined ? undefined : rowOf(table, arrayOf(cells));
  };

  const listing = (what: string, fromSign: string, order: string) =>
    statement(`SELECT ${what} FROM ${table} WHERE pk = ? AND sk ${fromSign} ? AND sk < ? AND ${live('?')} ORDER BY sk ${order} LIMIT ${bounded}`);
  const listings = (what: string) => ({ first: listing(what, '>=', 'ASC'), further: listing(what, '>', 'ASC'), backwards: listing(what, '>=', 'DESC') });
  const listed = (of: ReturnType<typeof listings>, range: Range): readonly (readonly SQLOutputValue[])[] => {
    const { kind, from, to } = boundsOf(range);
    return arraysOf(of[kind]().all(range.pk, from, to, range.nowMs, range.limit));
  };
  const [rowListings, headListings] = [listings(columns), listings('sk, rev, head')];

  const revision = statement(`SELECT rev FROM ${table} WHERE pk = ? AND sk = ? AND ${live('?')}`);
  const holds = (key: Key, when: Condition, nowMs: number): boolean => {
    if (when === 'any') return true;
    const cells = revision().get(key.pk, key.sk, nowMs);
    const rev = cells === undefined ? undefined : arrayOf(cells)[0];
    return when === 'absent' ? rev === undefined : rev === when.rev;
  };

  const put = putting(database, table);

  const gone = statement(`DELETE FROM ${table} WHERE pk = ? AND sk = ?`);
  const remove = (key: Key, when: Condition, nowMs: number): boolean => {
    if (!holds(key, when, nowMs)) return false;
    gone().run(key.pk, key.sk);
    return true;
  };

  const inIndex = (name: IndexName) => statement(`SELECT ${columns} FROM ${table} WHERE ${indexColumn[name]} = ? AND (pk, sk) > (?, ?) AND ${live('?')} ORDER BY pk, sk LIMIT ${bounded}`);
  const indexes: Readonly<Record<IndexName, () => StatementSync>> = { open: inIndex('open'), match: inIndex('match'), parent: inIndex('parent') };
  const expired = statement(`DELETE FROM ${table} WHERE (pk, sk) IN (SELECT pk, sk FROM ${table} WHERE expires_at <= ? LIMIT ${bounded})`);

  return {
    get,
    holds,
    put,
    remove,
    rows: (range: Range): readonly Row[] => listed(rowListings, range).map((cells) => rowOf(table, cells)),
    heads: (range: Range): readonly RowHead[] => listed(headListings, range).map(headOf),
    indexed: (index: IndexName, ask: { key: string; after: { pk: string; sk: string }; limit: number; nowMs: number }): readonly Row[] =>
      arraysOf(indexes[index]().all(ask.key, ask.after.pk, ask.after.sk, ask.nowMs, ask.limit)).map((each) => rowOf(table, each)),
    purge: (nowMs: number, limit: number): number => Number(expired().run(nowMs, limit).changes),
  };
}

/** A put by its condition: the new revision, or undefined when the condition does not hold. */
function putting(database: DatabaseSync, table: TableName) {
  const insert = `INSERT INTO ${table} (${columns}) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8)`;
  const replace = 'head = ?3, body = ?4, expires_at = ?5, i_open = ?6, i_match = ?7, i_parent = ?8';
  const next = 'CASE WHEN expires_at <= ?9 THEN 1 ELSE rev + 1 END';
  const ifAbsent = onFirstUse(database, `${insert} ON CONFLICT (pk, sk) DO UPDATE SET rev = 1, ${replace} WHERE expires_at <= ?9`);
  const always = onFirstUse(database, `${insert} ON CONFLICT (pk, sk) DO UPDATE SET rev = ${next}, ${replace} RETURNING rev`);
  const ifSame = onFirstUse(database, `UPDATE ${table} SET rev = rev + 1, ${replace} WHERE pk = ?1 AND sk = ?2 AND rev = ?10 AND ${live('?9')}`);
  return (row: RowDraft, body: string, when: Condition, nowMs: number): number | undefined => {
    const values = [row.pk, row.sk, row.head ?? null, body, row.expiresAt ?? null, row.index?.open ?? null, row.index?.match ?? null, row.index?.parent ?? null, nowMs];
    if (when === 'absent') return Number(ifAbsent().run(...values).changes) > 0 ? 1 : undefined;
    if (when === 'any') return Number(arrayOf(always().get(...values))[0]);
    return Number(ifSame().run(...values, when.rev).changes) > 0 ? when.rev + 1 : undefined;
  };
}

/** Prepared when it is first needed, and once. */
function onFirstUse(database: DatabaseSync, sql: string): () => StatementSync {
  let statement: StatementSync | undefined;
  return () => (statement ??= database.prepare(sql, { returnArrays: true })); // an array a row: a third faster than an object a row
}

// The types of node:sqlite do not follow `returnArrays`; these two are the only places that know better.
function arrayOf(cells: unknown): readonly SQLOutputValue[] {
  if (!Array.isArray(cells)) throw new Error('SQLite returned no row where there has to be one');
  return cells;
}

function arraysOf(rows: unknown): readonly (readonly SQLOutputValue[])[] {
  if (!Array.isArray(rows)) throw new Error('SQLite returned no rows');
  return rows;
}

/** Only one lower bound is given to SQLite, the higher one: with two it may seek to the wrong one and read every page from the start. */
function boundsOf(range: Range): { readonly kind: 'first' | 'further' | 'backwards'; readonly from: string; readonly to: SQLInputValue } {
  const { prefix, after, reverse } = range;
  const end = pastPrefix(prefix) ?? afterEveryText;
  if (reverse) return { kind: 'backwards', from: prefix, to: after ?? end };
  return after === undefined ? { kind: 'first', from: prefix, to: end } : { kind: 'further', from: after, to: end };
}

/** The first text that sorts behind all that start with `prefix`: its last character raised by one. */
function pastPrefix(prefix: string): string | undefined {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const code = last.codePointAt(0) ?? 0;
    if (code === 0x10_ffff) continue; // nothing follows it: raise the one before
    const next = code === 0xd7ff ? 0xe000 : code + 1; // between these stand halves of pairs, which UTF-8 cannot say
    return characters.join('') + String.fromCodePoint(next);
  }
  return undefined;
}

function headOf(cells: readonly SQLOutputValue[]): RowHead {
  return { sk: textOf(cells[0]) ?? '', rev: Number(cells[1]), head: textOf(cells[2]) ?? '' };
}

/** What was not put is not there when it comes back: no entry is undefined. */
function rowOf(table: TableName, cells: readonly SQLOutputValue[]): Row {
  const [pk, sk, rev, head, body, expiresAt] = cells;
  const row: { -readonly [name in keyof Row]: Row[name] } = {
    table,
    pk: textOf(pk) ?? '',
    sk: textOf(sk) ?? '',
    rev: Number(rev),
    body: JSON.parse(textOf(body) ?? '{}'),
  };
  if (head !== null) row.head = textOf(head);
  if (expiresAt !== null) row.expiresAt = Number(expiresAt);
  const index = indexOf(cells);
  if (index !== undefined) row.index = index;
  return row;
}

function indexOf(cells: readonly SQLOutputValue[]): Row['index'] {
  const [open, match, parent] = [textOf(cells[6]), textOf(cells[7]), textOf(cells[8])];
  if (open === undefined && match === undefined && parent === undefined) return undefined;
  return { ...(open === undefined ? {} : { open }), ...(match === undefined ? {} : { match }), ...(parent === undefined ? {} : { parent }) };
}

function textOf(cell: SQLOutputValue | undefined): string | undefined {
  return typeof cell === 'string' ? cell : undefined;
}
