/**
 * One SQLite table in memory for many histories, because opening one costs as much as a tenth of a history. Each history has a
 * partition of its own and sees nothing of the others; after a few hundred the table is thrown away.
 */
import type { Clock } from '../../shared/base/clock.ts';
import type { Table } from '../../shared/base/table.ts';
import { sqliteTable, type SqliteTable } from '../../shared/stores/sqlite-table.ts';

const historiesMax = 300;

let standing: { readonly table: SqliteTable; readonly time: { clock: Clock }; histories: number } | undefined;

/** @returns the table, and a number that no other history has on it. */
export function tableFor(clock: Clock): { readonly table: Table; readonly place: number } {
  if (standing === undefined || standing.histories >= historiesMax) {
    standing?.table.close();
    const time = { clock };
    const passedOn: Clock = { now: () => time.clock.now(), sleep: (ms, signal) => time.clock.sleep(ms, signal) };
    standing = { table: sqliteTable({ path: ':memory:', clock: passedOn }), time, histories: 0 };
  }
  standing.time.clock = clock;
  standing.histories += 1;
  return { table: standing.table, place: standing.histories };
}
