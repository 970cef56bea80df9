/**
 * Opens the SQLite file under `sqliteTable`: its settings and its layout. What is in the tables: sqlite-table.ts.
 *
 * Several processes may share one file on a local disk (write-ahead log; readers never wait, writers queue up). Not on a network share.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConfigurationInvalid } from '../base/errors.ts';
import type { TableName } from '../base/table.ts';
import { sayingWhatToDo } from './file-trouble.ts';

export const tableNames: readonly TableName[] = ['links', 'runs', 'hosted'];
export const inMemory = ':memory:';

// Stands in the file's header as `user_version`. Raise it with every change of the layout that an older release would misread.
const layoutVersion = 1;
const applicationId = 0x436f_6e63; // "Conc": tells our file from somebody else's database
const busyTimeoutMs = 10_000; // the longest writer is a batch of 10 000 groups, well under a second

/**
 * @throws ConfigurationInvalid when the file is not ours or from a newer release.
 * @throws StoreUnavailable when it cannot be opened, is broken, or stays locked for 10 s.
 */
export function openSqlite(path: string): DatabaseSync {
  return sayingWhatToDo(path, () => {
    if (path !== inMemory) createPrivately(path);
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    try {
      prepareFile(database, path);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

// SQLite would create the file readable to everybody; its log and index files copy the mode of this one.
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

function prepareFile(database: DatabaseSync, path: string): void {
  // Asked first: nothing may be written into a file that is not ours.
  refuseForeignFile(database, path);
  database.exec('PRAGMA journal_mode = WAL');
  // FULL, one fsync per transaction (measured: 6 800 a second here, 34 000 with NORMAL). NORMAL loses the last transactions in a
  // power cut, and a lost claim means that a call whose answer never came is sent again blindly. A killed process loses nothing either way.
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA cache_size = -16000'); // 16 MB
  database.exec('PRAGMA journal_size_limit = 67108864'); // a log that a large batch has blown up is cut back to 64 MB
  if (pragma(database, 'user_version') === layoutVersion) return;
  database.exec('BEGIN IMMEDIATE'); // several processes may start at once on a new file
  for (const table of tableNames) database.exec(layoutOf(table));
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${layoutVersion}; COMMIT`);
}

function refuseForeignFile(database: DatabaseSync, path: string): void {
  const version = pragma(database, 'user_version');
  const objects = database.prepare('SELECT count(*) AS n FROM sqlite_master').get()?.['n'];
  if (objects !== 0 && pragma(database, 'application_id') !== applicationId) {
    throw new ConfigurationInvalid([`${path} is a database of another program; point CONCORD_STATE to another folder`]);
  }
  if (version > layoutVersion) {
    throw new ConfigurationInvalid([
      `${path} was written by a newer release (layout ${version}, this one knows ${layoutVersion}); run that release, or point CONCORD_STATE to another folder`,
    ]);
  }
}

/**
 * WITHOUT ROWID keeps rows in key order on disk: with a million links that arrived in random order a listing reads 1 700 000
 * heads a second, against 360 000 from a table with row ids (measured; in-order arrival is equal).
 */
function layoutOf(table: TableName): string {
  return `
    CREATE TABLE IF NOT EXISTS ${table} (
      pk TEXT NOT NULL, sk TEXT NOT NULL, rev INTEGER NOT NULL, head TEXT, body TEXT NOT NULL,
      expires_at INTEGER, i_open TEXT, i_match TEXT, i_parent TEXT,
      PRIMARY KEY (pk, sk)
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS ${table}_open ON ${table} (i_open, pk, sk) WHERE i_open IS NOT NULL;
    CREATE INDEX IF NOT EXISTS ${table}_match ON ${table} (i_match, pk, sk) WHERE i_match IS NOT NULL;
    CREATE INDEX IF NOT EXISTS ${table}_parent ON ${table} (i_parent, pk, sk) WHERE i_parent IS NOT NULL;
    CREATE INDEX IF NOT EXISTS ${table}_expires ON ${table} (expires_at) WHERE expires_at IS NOT NULL;
  `;
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
