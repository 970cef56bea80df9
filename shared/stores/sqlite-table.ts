/**
 * The table port on SQLite: a file on one machine, or `:memory:` in tests and simulation. Statements are in
 * sqlite-statements.ts, the file's settings in sqlite-file.ts, what is refused in row-bounds.ts.
 *
 * Everything here is synchronous inside; a call that promises has already happened when it returns its promise. So nothing
 * within a process can come between a condition and its write, and between processes the write lock sees to it.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../base/clock.ts';
import { assertNever, ConditionFailed } from '../base/errors.ts';
import type { GroupOutcome, Key, Row, RowHead, Table, TableName, TableWrite } from '../base/table.ts';
import { sayingWhatToDo } from './file-trouble.ts';
import { pageOf, pageTokenParts, rangeOf } from './page-token.ts';
import { checkedGroup, checkedLimit, keyText } from './row-bounds.ts';
import { openSqlite, tableNames } from './sqlite-file.ts';
import { sqliteStatements } from './sqlite-statements.ts';
import type { SqliteStatements } from './sqlite-statements.ts';

export interface SqliteTable extends Table {
  /** Removes up to `limit` expired rows for good and says how many. Reads never show them anyway: this only gives room back. */
  purgeExpired(limit?: number): number;
  close(): void;
}

/**
 * @throws ConfigurationInvalid when the file is not ours or from a newer release.
 * @throws StoreUnavailable here and from every method: locked for 10 s, broken, read-only, or the disk is full.
 */
export function sqliteTable(world: { readonly path: string; readonly clock: Clock }): SqliteTable {
  const { path, clock } = world;
  const database = openSqlite(path);
  const of = statementsByTable(database);
  const doing = async <T>(work: () => T): Promise<T> => sayingWhatToDo(path, work);

  return {
    get: (key) => doing(() => of[key.table].get(key, clock.now())),
    getMany: (keys) => doing(() => readMany(of, keys, clock.now())),
    query: (ask) => doing(() => {
      const limit = checkedLimit(ask.limit);
      const rows = of[ask.table].rows({ ...rangeOf(ask), pk: ask.pk, reverse: ask.reverse ?? false, limit: limit + 1, nowMs: clock.now() });
      return pageOf(rows, limit, (row) => [row.pk, row.sk]);
    }),
    queryHeads: (ask) => doing(() => {
      const limit = checkedLimit(ask.limit);
      const heads = of[ask.table].heads({ ...rangeOf(ask), pk: ask.pk, reverse: false, limit: limit + 1, nowMs: clock.now() });
      return pageOf<RowHead>(heads, limit, (head) => [ask.pk, head.sk]);
    }),
    queryIndex: (ask) => doing(() => {
      const limit = checkedLimit(ask.limit);
      const [pk = '', sk = ''] = ask.after === undefined ? [] : pageTokenParts(ask.after, 2);
      const rows = of[ask.table].indexed(ask.index, { key: ask.key, after: { pk, sk }, limit: limit + 1, nowMs: clock.now() });
      return pageOf(rows, limit, (row) => [row.pk, row.sk]);
    }),
    write: (group) => doing(() => {
      const [outcome] = writeAll({ database, of, nowMs: clock.now() }, [group]);
      if (outcome === undefined) throw new Error('a group of writes came to no outcome');
      if (!outcome.ok) throw new ConditionFailed(outcome.failed);
      return outcome.revs;
    }),
    writeGroups: (groups) => doing(() => writeAll({ database, of, nowMs: clock.now() }, groups)),
    purgeExpired: (limit = 1000) => sayingWhatToDo(path, () => purge(of, limit, clock.now())),
    close: () => database.close(),
  };
}

type StatementsByTable = Readonly<Record<TableName, SqliteStatements>>;

function statementsByTable(database: DatabaseSync): StatementsByTable {
  return { links: sqliteStatements(database, 'links'), runs: sqliteStatements(database, 'runs'), hosted: sqliteStatements(database, 'hosted') };
}

function readMany(of: StatementsByTable, keys: readonly Key[], nowMs: number): readonly Row[] {
  const once = new Map(keys.map((key) => [keyText(key), key]));
  return [...once.values()].map((key) => of[key.table].get(key, nowMs)).filter((row) => row !== undefined);
}

interface Writing {
  readonly database: DatabaseSync;
  readonly of: StatementsByTable;
  readonly nowMs: number;
}

/**
 * One transaction for all groups (one fsync however many there are), a savepoint for each, so that a failed one leaves no trace.
 * What is too large or misnamed is refused before the first write.
 */
function writeAll(writing: Writing, groups: readonly (readonly TableWrite[])[]): readonly GroupOutcome[] {
  const bodies = groups.map(checkedGroup);
  const { database } = writing;
  database.exec('BEGIN IMMEDIATE');
  try {
    const outcomes = groups.map((group, at) => writeGroup(writing, group, bodies[at] ?? []));
    database.exec('COMMIT');
    return outcomes;
  } catch (error) {
    // A full disk ends the transaction by itself, most other faults leave it open.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function writeGroup(writing: Writing, group: readonly TableWrite[], bodies: readonly (string | undefined)[]): GroupOutcome {
  const { database } = writing;
  const undoable = group.length > 1; // a single write is undone by not happening
  if (undoable) database.exec('SAVEPOINT one_group');
  const revs: number[] = [];
  for (const [position, write] of group.entries()) {
    const rev = writeOne(writing, write, bodies[position]);
    if (rev === undefined) {
      if (undoable) database.exec('ROLLBACK TO one_group; RELEASE one_group');
      return { ok: false, failed: position };
    }
    revs.push(rev);
  }
  if (undoable) database.exec('RELEASE one_group');
  return { ok: true, revs };
}

/** @returns the new revision (0 for deletes and checks), or undefined when the condition does not hold. */
function writeOne(writing: Writing, write: TableWrite, body: string | undefined): number | undefined {
  const { of, nowMs } = writing;
  switch (write.kind) {
    case 'put':
      if (body === undefined) throw new Error('a put without its body');
      return of[write.row.table].put(write.row, body, write.when, nowMs);
    case 'delete':
      return of[write.key.table].remove(write.key, write.when, nowMs) ? 0 : undefined;
    case 'check':
      return of[write.key.table].holds(write.key, write.when, nowMs) ? 0 : undefined;
    default:
      return assertNever(write);
  }
}

function purge(of: StatementsByTable, limit: number, nowMs: number): number {
  let purged = 0;
  for (const table of tableNames) {
    if (purged < limit) purged += of[table].purge(nowMs, limit - purged);
  }
  return purged;
}
