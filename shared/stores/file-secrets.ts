/**
 * Credentials on one machine: a JSON file that only its owner may read, `{ "<secret>": { "<NAME>": "<value>" } }`. A person may
 * edit it by hand between two reads; the version, a digest of the secret's values, then differs and a refreshed token is not
 * written over the edit. Values from `.env` come in through layered-secrets.ts.
 *
 * Written whole to a second file and moved over the first, so that a crash leaves the old one or the new one. One process writes at a
 * time; the lock (an empty SQLite file beside it) is the operating system's, so it dies with a killed process.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConditionFailed, ConfigurationInvalid } from '../base/errors.ts';
import type { Secret, SecretStore } from '../http/secrets.ts';
import { sayingWhatToDo } from './file-trouble.ts';

/** A store that can also be asked for a secret that may not be there. */
export interface FindableSecrets {
  find(name: string): Promise<Secret | undefined>;
}

export interface FileSecrets extends SecretStore, FindableSecrets {}

/** The version of a secret that is not there: `write` with it creates the secret. */
export const noSecretYet = 'none';

const lockTimeoutMs = 10_000; // a write takes milliseconds

type Values = Readonly<Record<string, string>>;
type AllSecrets = Readonly<Record<string, Values>>;

/**
 * @throws ConfigurationInvalid from every method when others may read the file, or it is not of the form above; it never quotes the file.
 * @throws StoreUnavailable when the disk is full or the file may not be written.
 */
export function fileSecrets(world: { readonly path: string }): FileSecrets {
  const { path } = world;
  const doing = async <T>(work: () => T): Promise<T> => sayingWhatToDo(path, work);
  const findNow = (name: string): Secret | undefined => secretIn(parsed(path, readPrivately(path)), name);

  return {
    find: (name) => doing(() => findNow(name)),
    read: (name) => doing(() => findNow(name) ?? noCredentials(name)),
    write: (name, values, options) => doing(() => locked(path, () => {
      const before = readPrivately(path);
      const all = parsed(path, before);
      const stored = secretIn(all, name);
      if ((stored?.version ?? noSecretYet) !== options.ifVersion) throw new ConditionFailed(0);
      const merged = { ...stored?.values, ...values };
      replaceFile(path, before, `${JSON.stringify({ ...all, [name]: merged }, undefined, 2)}\n`);
      return versionOf(merged);
    })),
  };
}

/** @throws ConfigurationInvalid that says how to get credentials for this secret. */
export function noCredentials(name: string): never {
  throw new ConfigurationInvalid([`there are no credentials for ${name}; set its variables in .env, or run "concord connect"`]);
}

/** Equal values have equal versions, in whatever order they stand. */
export function versionOf(values: Values): string {
  const sorted = Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url').slice(0, 22);
}

function secretIn(all: AllSecrets, name: string): Secret | undefined {
  const values = Object.hasOwn(all, name) ? all[name] : undefined;
  return values === undefined ? undefined : { values, version: versionOf(values) };
}

/** @returns the file's text, undefined when there is no file. */
function readPrivately(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const mode = fstatSync(file).mode & 0o777;
    const othersMayRead = (mode & 0o077) !== 0 && process.platform !== 'win32'; // Windows has no such bits
    if (othersMayRead) {
      throw new ConfigurationInvalid([`${path} holds credentials and can be read by others (mode ${mode.toString(8)}); run: chmod 600 ${path}`]);
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function parsed(path: string, text: string | undefined): AllSecrets {
  if (text === undefined || text.trim() === '') return {};
  const all = parsedJson(path, text);
  if (!isRecord(all)) throw new ConfigurationInvalid([`${path} has to be an object of secrets`]);
  const problems: string[] = [];
  const secrets: Record<string, Values> = Object.create(null);
  for (const [name, values] of Object.entries(all)) {
    if (isTexts(values)) secrets[name] = values;
    else problems.push(`${path}: ${name} has to be an object whose values are all texts`);
  }
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return secrets;
}

function parsedJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: the parser's message quotes the text, and the text is a password.
    throw new ConfigurationInvalid([`${path} is not valid JSON; look for a missing comma or quote where it was last edited`]);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is Values {
  return isRecord(value) && Object.values(value).every((each) => typeof each === 'string');
}

function locked<T>(path: string, work: () => T): T {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = new DatabaseSync(`${path}.lock`, { timeout: lockTimeoutMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return work();
  } finally {
    lock.close();
  }
}

/** @throws ConditionFailed when the file is no longer what it was `before`: an editor knows nothing of our lock. */
function replaceFile(path: string, before: string | undefined, text: string): void {
  const target = before === undefined ? path : realpathSync(path); // a link stays a link
  const draft = `${target}.new`;
  try {
    writeDurably(draft, text);
    if (readPrivately(path) !== before) throw new ConditionFailed(0);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(target));
}

function writeDurably(path: string, text: string): void {
  rmSync(path, { force: true }); // left by a process that was killed
  const file = openSync(path, 'wx', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The new name is safe only when the folder is: a rotated refresh token exists nowhere else. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
