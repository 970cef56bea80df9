/**
 * What a fault of the disk or of SQLite means to the person who has to mend it. Only faults of the surroundings are named here:
 * an error that we made ourselves passes through as it is.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreUnavailable } from '../base/errors.ts';

/** Runs `work`; what the database or the disk refuses comes out as StoreUnavailable, everything else as it is. */
export function sayingWhatToDo<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const found = troubleOf(error);
    // A full disk that refuses SQLite's shared memory reads as a fault of the disk itself.
    const known = found === faulty && hasNoRoom(path) ? full : found;
    if (known === undefined) throw error;
    throw new StoreUnavailable({ store: path, ...known }, { cause: error });
  }
}

interface Trouble {
  readonly problem: string;
  readonly advice: string;
}

const full: Trouble = { problem: 'the disk is full', advice: 'free some space; the work goes on where it stopped' };
const notAllowed: Trouble = { problem: 'may not be read or written', advice: 'check the owner and permissions of the file and its folder' };
const broken: Trouble = {
  problem: 'is broken or not a database',
  advice: 'move it aside together with its -wal and -shm files and restore a backup, or start with an empty one and run "import"',
};
const faulty: Trouble = { problem: 'the disk reports an error', advice: 'check the disk; a network share cannot hold this file' };
const unusable: Trouble = { problem: 'cannot be opened', advice: 'check that the folder exists on a local disk and is writable' };

// Primary result codes of SQLite (the low byte), and the operating system's for the file itself.
const troubleBySqlite = new Map<number, Trouble>([
  [3, notAllowed],
  [5, { problem: 'stays locked by another process', advice: 'end the other Concord process, or wait until it is done' }],
  [8, notAllowed],
  [10, faulty],
  [11, broken],
  [13, full],
  [14, unusable],
  [26, broken],
]);
const troubleBySystem = new Map<string, Trouble>([
  ['EACCES', notAllowed],
  ['EPERM', notAllowed],
  ['EROFS', notAllowed],
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['EISDIR', unusable],
  ['ENOTDIR', unusable],
  ['EEXIST', unusable],
  ['ENOENT', unusable],
]);

const roomNeededBytes = 64 * 1024; // what SQLite adds to its shared memory at once is 32 KB

function hasNoRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < roomNeededBytes;
  } catch {
    return false; // then what SQLite said has to do
  }
}

function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return troubleBySqlite.get(error.errcode % 256);
  if ('syscall' in error && 'code' in error && typeof error.code === 'string') return troubleBySystem.get(error.code);
  return undefined;
}
