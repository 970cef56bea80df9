/** The SQLite adapter keeps the table contract in memory and in a file, and what only a file can break. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { ConfigurationInvalid, StoreUnavailable } from '../../shared/base/errors.ts';
import { sayingWhatToDo } from '../../shared/stores/file-trouble.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import type { SqliteTable } from '../../shared/stores/sqlite-table.ts';
import { allPages, keyOf, put } from '../contracts/table-rows.ts';
import { describeTableContract } from '../contracts/table.ts';

let folder: string;
let path: string;
const opened: SqliteTable[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-'));
  path = join(folder, 'concord.db');
});

afterEach(() => {
  for (const table of opened.splice(0)) table.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(clock = manualClock()): SqliteTable {
  const table = sqliteTable({ path, clock });
  opened.push(table);
  return table;
}

describeTableContract('SQLite in memory', () => {
  const clock = manualClock();
  const table = sqliteTable({ path: ':memory:', clock });
  return { table, clock, close: () => table.close() };
});

describeTableContract('SQLite in a file', () => {
  const clock = manualClock();
  return { table: open(clock), clock };
});

describe('a SQLite file', () => {
  test('keeps its rows after it was closed', async () => {
    const first = sqliteTable({ path, clock: manualClock() });
    await first.write([put({ body: { kept: true } })]);
    first.close();

    const row = await open().get(keyOf('row'));

    expect(row).toMatchObject({ rev: 1, body: { kept: true } });
  });

  test('is readable to its owner only, with its folder made on the way', () => {
    path = join(folder, 'made', 'on', 'the', 'way', 'concord.db');

    open();

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o700);
  });

  test('two handles see each other at once, and only one wins a condition', async () => {
    const [first, second] = [open(), open()];
    await first.write([put()]);

    const outcomes = await Promise.all([first, second].map((table, at) => table.writeGroups([[put({ body: { winner: at } }, { rev: 1 })]])));

    expect(outcomes.flat().filter((outcome) => outcome.ok)).toHaveLength(1);
    expect(await first.get(keyOf('row'))).toStrictEqual(await second.get(keyOf('row')));
  });

  test('the last page of a listing does not point further', async () => {
    const table = open();
    await table.write([put({ sk: 'a' }), put({ sk: 'b' })]);

    const page = await table.query({ table: 'links', pk: 'partition', limit: 2 });

    expect(page.rows).toHaveLength(2);
    expect(page.next).toBeUndefined();
  });

  test('expired rows are removed for good, no more than asked for at a time', async () => {
    const clock = manualClock();
    const table = open(clock);
    const passing = { expiresAt: clock.now() + 1000 };
    await table.write(Array.from({ length: 10 }, (_, at) => put({ sk: `row-${at}`, table: at % 2 === 0 ? 'links' : 'runs', ...passing })));
    await table.write([put({ sk: 'lasting' })]);

    const early = table.purgeExpired();
    clock.advance(1000);
    const purged = [table.purgeExpired(7), table.purgeExpired(7), table.purgeExpired(7)];

    expect({ early, purged }).toEqual({ early: 0, purged: [7, 3, 0] });
    expect(await table.get(keyOf('lasting'))).toBeDefined();
  });
});

describe('several processes on one file', () => {
  const child = join(import.meta.dirname, 'sqlite-writer.ts');
  const start = (task: string) => fork(child, [task, path], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: ['--disable-warning=ExperimentalWarning'] });

  test('opening a new file and counting on one row at once, they lose nothing', { timeout: 60_000 }, async () => {
    const workers = Array.from({ length: 4 }, () => start('count'));

    const exits = await Promise.all(workers.map((worker) => once(worker, 'exit')));

    expect(exits.map(([code]) => code)).toEqual([0, 0, 0, 0]);
    expect(await open().get(keyOf('counter'))).toMatchObject({ rev: 400, body: { count: 400 } });
  });

  test('a process killed while it writes leaves whole groups only, and each one that it was promised', { timeout: 60_000 }, async () => {
    const writer = start('write-pairs');
    let promised = 0;
    writer.on('message', (message) => {
      promised = Number(message);
      if (promised >= 200) writer.kill('SIGKILL');
    });

    const [code, signal] = await once(writer, 'exit');
    const table = open();
    const left = await allPages((after) => table.queryHeads({ table: 'links', pk: 'partition', ...(after === undefined ? {} : { after }) }));
    const right = await allPages((after) => table.queryHeads({ table: 'runs', pk: 'partition', ...(after === undefined ? {} : { after }) }));

    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
    expect(left.rows.length).toBeGreaterThanOrEqual(promised);
    expect(left.rows).toEqual(right.rows);
    await expect(table.write([put()])).resolves.toEqual([1]);
  });
});

describe('a SQLite file that cannot be used says what to do', () => {
  test('a file of a newer release is left alone', () => {
    open().close();
    opened.pop();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();

    const error = failure(() => open());

    expect(error).toBeInstanceOf(ConfigurationInvalid);
    expect(String(error)).toMatch(/newer release \(layout 99, this one knows \d+\); run that release/);
  });

  test('a database of another program is left alone', () => {
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE bookmarks (url TEXT)');
    database.close();

    const error = failure(() => open());

    expect(error).toBeInstanceOf(ConfigurationInvalid);
    expect(String(error)).toContain('another program');
  });

  test('a file that is no database is not overwritten', () => {
    writeFileSync(path, 'these are somebody\'s notes, '.repeat(100));

    const error = failure(() => open());

    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error).toMatchObject({ code: 'E_STORE', retryable: true });
    expect(String(error)).toContain('restore a backup');
  });

  test('a file broken in the middle is named when its rows are read', async () => {
    const table = open();
    for (let at = 0; at < 50; at += 1) await table.write([put({ sk: `row-${at}`, body: { text: 'x'.repeat(5000) } })]);
    table.close();
    opened.pop();
    breakPages(path);

    const reading = async (): Promise<unknown> => open().query({ table: 'links', pk: 'partition' });

    await expect(reading()).rejects.toMatchObject({ code: 'E_STORE', advice: expect.stringContaining('restore a backup') });
  });

  test('a folder that is a file', () => {
    writeFileSync(path, '');
    path = join(path, 'concord.db');

    expect(failure(() => open())).toMatchObject({ code: 'E_STORE' });
  });

  test('a full disk', () => {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA max_page_count = 4; CREATE TABLE filling (text TEXT)');

    const error = failure(() => sayingWhatToDo(path, () => database.prepare('INSERT INTO filling VALUES (?)').run('x'.repeat(100_000))));
    database.close();

    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(String(error)).toContain('free some space');
  });

  test('a mistake of our own is not dressed up as a fault of the disk', () => {
    const ours = new TypeError('ours');

    expect(failure(() => sayingWhatToDo(path, () => { throw ours; }))).toBe(ours);
  });

  test.skipIf(process.getuid?.() === 0)('a file of another owner', () => {
    writeFileSync(path, '');
    chmodSync(path, 0o000);

    expect(failure(() => open())).toMatchObject({ code: 'E_STORE', advice: expect.stringContaining('permissions') });
  });
});

/** What `work` throws, or what it returns when it does not. */
function failure(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

/** Overwrites the first page of the rows; the layout stays readable. */
function breakPages(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const root = Number(database.prepare("SELECT rootpage FROM sqlite_master WHERE name = 'links'").get()?.['rootpage']);
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  const content = database.serialize();
  database.close();
  content.fill(0xff, (root - 1) * pageBytes, root * pageBytes);
  writeFileSync(file, content);
}
