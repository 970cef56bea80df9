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

/** @param at the parameter that holds the present time */
const live = (at: string): string => `(expires_at IS NULL OR expires_at > ${at})`;

export type SqliteStatements = ReturnType<typeof sqliteStatements>;

/** The methods say what they find; `put` gives the new revision, or undefined when its condition does not hold. */
export function sqliteStatements(database: DatabaseSync, table: TableName) {
  const prepared = preparer(database);
  const changed = (sql: string, ...values: SQLInputValue[]) => Number(prepared(sql).run(...values).changes) > 0;

  const get = (key: Key, nowMs: number): Row | undefined => {
    const cells = prepared(`SELECT ${columns} FROM ${table} WHERE pk = ? AND sk = ? AND ${live('?')}`).get(key.pk, key.sk, nowMs);
    return cells === undefined ? undefined : rowOf(table, arrayOf(cells));
  };

  const listed = (what: string, range: Range): readonly (readonly SQLOutputValue[])[] => {
    const { from, fromSign, to } = boundsOf(range);
    const order = range.reverse ? 'DESC' : 'ASC';
    const sql = `SELECT ${what} FROM ${table} WHERE pk = ? AND sk ${fromSign} ? AND sk < ? AND ${live('?')} ORDER BY sk ${order} LIMIT ?`;
    return arraysOf(prepared(sql).all(range.pk, from, to, range.nowMs, range.limit));
  };

  const holds = (key: Key, when: Condition, nowMs: number): boolean => {
    if (when === 'any') return true;
    const cells = prepared(`SELECT rev FROM ${table} WHERE pk = ? AND sk = ? AND ${live('?')}`).get(key.pk, key.sk, nowMs);
    const rev = cells === undefined ? undefined : arrayOf(cells)[0];
    return when === 'absent' ? rev === undefined : rev === when.rev;
  };

  const insert = `INSERT INTO ${table} (${columns}) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8)`;
  const replace = 'head = ?3, body = ?4, expires_at = ?5, i_open = ?6, i_match = ?7, i_parent = ?8';
  const put = (row: RowDraft, body: string, when: Condition, nowMs: number): number | undefined => {
    const values = [row.pk, row.sk, row.head ?? null, body, row.expiresAt ?? null, row.index?.open ?? null, row.index?.match ?? null, row.index?.parent ?? null, nowMs];
    if (when === 'absent') {
      const done = changed(`${insert} ON CONFLICT (pk, sk) DO UPDATE SET rev = 1, ${replace} WHERE expires_at <= ?9`, ...values);
      return done ? 1 : undefined;
    }
    if (when === 'any') {
      const next = 'CASE WHEN expires_at <= ?9 THEN 1 ELSE rev + 1 END';
      const cells = prepared(`${insert} ON CONFLICT (pk, sk) DO UPDATE SET rev = ${next}, ${replace} RETURNING rev`).get(...values);
      return Number(arrayOf(cells)[0]);
    }
    const done = changed(`UPDATE ${table} SET rev = rev + 1, ${replace} WHERE pk = ?1 AND sk = ?2 AND rev = ?10 AND ${live('?9')}`, ...values, when.rev);
    return done ? when.rev + 1 : undefined;
  };

  const remove = (key: Key, when: Condition, nowMs: number): boolean => {
    if (!holds(key, when, nowMs)) return false;
    prepared(`DELETE FROM ${table} WHERE pk = ? AND sk = ?`).run(key.pk, key.sk);
    return true;
  };

  return {
    get,
    holds,
    put,
    remove,
    rows: (range: Range): readonly Row[] => listed(columns, range).map((cells) => rowOf(table, cells)),
    heads: (range: Range): readonly RowHead[] => listed('sk, rev, head', range).map(headOf),
    indexed: (index: IndexName, ask: { key: string; after: { pk: string; sk: string }; limit: number; nowMs: number }): readonly Row[] => {
      const sql = `SELECT ${columns} FROM ${table} WHERE ${indexColumn[index]} = ? AND (pk, sk) > (?, ?) AND ${live('?')} ORDER BY pk, sk LIMIT ?`;
      const cells = prepared(sql).all(ask.key, ask.after.pk, ask.after.sk, ask.nowMs, ask.limit);
      return arraysOf(cells).map((each) => rowOf(table, each));
    },
    purge: (nowMs: number, limit: number): number => {
      const sql = `DELETE FROM ${table} WHERE (pk, sk) IN (SELECT pk, sk FROM ${table} WHERE expires_at <= ? LIMIT ?)`;
      return Number(prepared(sql).run(nowMs, limit).changes);
    },
  };
}

function preparer(database: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql, { returnArrays: true }); // an array a row: a third faster than an object a row
    statements.set(sql, statement);
    return statement;
  };
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
function boundsOf(range: Range): { readonly from: string; readonly fromSign: '>' | '>='; readonly to: SQLInputValue } {
  const { prefix, after, reverse } = range;
  const end = pastPrefix(prefix) ?? afterEveryText;
  if (after === undefined) return { from: prefix, fromSign: '>=', to: end };
  return reverse ? { from: prefix, fromSign: '>=', to: after } : { from: after, fromSign: '>', to: end };
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
