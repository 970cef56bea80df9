/**
 * Reads the memory of the older Python tool that did this work: one SQLite file with `users(primary_id, barcode, visitor_id)` and
 * `appts(appt_id, prereg_id)` (confirmed). It is opened read-only and checked whole before anything is believed. What its rows mean here:
 * take-over.ts.
 */
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationInvalid } from '../../base/errors.ts';

export interface PythonCache {
  readonly users: readonly { readonly primaryId: string; readonly barcode: string; readonly visitorId: string }[];
  /** `apptId` is a `bookId` of LibCal. */
  readonly appts: readonly { readonly apptId: string; readonly preRegId: string }[];
}

const layout = { users: ['primary_id', 'barcode', 'visitor_id'], appts: ['appt_id', 'prereg_id'] } as const;
const locked = 5; // SQLITE_BUSY
const notOpened = 14; // SQLITE_CANTOPEN

/** What a row has not is an empty text. @param name  How the file is called in messages. @throws ConfigurationInvalid */
export function readPythonCache(path: string, name: string): PythonCache {
  const database = sayingWhy(name, () => new DatabaseSync(path, { readOnly: true }));
  try {
    return sayingWhy(name, () => {
      refuseDamaged(database, name);
      refuseOtherLayout(database, name);
      return {
        users: rowsOf(database, 'users', ([primaryId = '', barcode = '', visitorId = '']) => ({ primaryId, barcode, visitorId })),
        appts: rowsOf(database, 'appts', ([apptId = '', preRegId = '']) => ({ apptId, preRegId })),
      };
    });
  } finally {
    database.close();
  }
}

function sayingWhy<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigurationInvalid || !(error instanceof Error) || !('errcode' in error)) throw error;
    const code = Number(error.errcode) % 256; // the low byte is the kind of trouble
    if (code === locked) throw new ConfigurationInvalid([`${name} is being written to; stop the older tool first`], { cause: error });
    throw new ConfigurationInvalid([code === notOpened ? `${name} cannot be read; check its name and permissions` : damaged(name)], { cause: error });
  }
}

const damaged = (name: string): string => `${name} is damaged, or no SQLite database; take another copy of the older tool's cache`;

function refuseDamaged(database: DatabaseSync, name: string): void {
  const found = database.prepare('PRAGMA integrity_check(1)').get()?.['integrity_check'];
  if (found !== 'ok') throw new ConfigurationInvalid([damaged(name)]);
}

function refuseOtherLayout(database: DatabaseSync, name: string): void {
  const problems = Object.entries(layout).flatMap(([table, columns]) => {
    const there = new Set(database.prepare('SELECT name FROM pragma_table_info(?)').all(table).map((column) => column['name']));
    return columns.every((column) => there.has(column)) ? [] : [`${name} has no table ${table} (${columns.join(', ')}); it is not the older tool's cache`];
  });
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
}

function rowsOf<T>(database: DatabaseSync, table: keyof typeof layout, read: (cells: readonly string[]) => T): readonly T[] {
  const columns = layout[table];
  return database.prepare(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY 1`).all().map((row) => read(columns.map((column) => textOf(row[column]))));
}

const textOf = (cell: unknown): string => (typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'bigint' ? String(cell).trim() : '');
