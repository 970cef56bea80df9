/**
 * The folder in which one machine remembers: the database and the key of the links' digests, which belong together: with another
 * key every item would look changed once. And the secret that signs its own tokens.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationInvalid } from '../base/errors.ts';
import { inMemory } from '../stores/sqlite-file.ts';
import { sayingWhatToDo } from '../stores/file-trouble.ts';

export interface StateFolder {
  readonly databasePath: string;
  /** 64 hexadecimal digits, secret. */
  readonly digestKey: string;
  /** The same, for tokens; made when it is first asked for. @throws as `openStateFolder`. */
  readonly jwtSecret: () => string;
}

/**
 * Makes what is missing; only the owner may read it. `:memory:` keeps nothing.
 *
 * @throws StoreUnavailable when the folder cannot be made or read, ConfigurationInvalid when the key's file holds no key.
 */
export function openStateFolder(path: string, draftName: string): StateFolder {
  if (path === inMemory) {
    const jwtSecret = newKey();
    return { databasePath: inMemory, digestKey: newKey(), jwtSecret: () => jwtSecret };
  }
  const keyNamed = (name: string, whenLost: string): string => keyIn({ path: join(path, name), whenLost }, join(path, `${name}.${draftName}`));
  return sayingWhatToDo(path, () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { databasePath: join(path, 'concord.db'), digestKey: keyNamed('key', 'restore it from a backup (without it every link is compared anew, so a deleted file is made again)'), jwtSecret: () => sayingWhatToDo(path, () => keyNamed('jwt-secret', 'delete it: another one is made, and older tokens are not valid any more')) };
  });
}

// Not from a seed: whoever can guess it can find out from a digest what a field holds.
const newKey = (): string => randomBytes(32).toString('hex');

/** Written whole under a name of our own and linked: of two processes that start at once, both get the first one's key. */
function keyIn({ path, whenLost }: { readonly path: string; readonly whenLost: string }, draft: string): string {
  const found = readKey(path, whenLost);
  if (found !== undefined) return found;
  const file = openSync(draft, 'w', 0o600);
  writeSync(file, `${newKey()}\n`);
  fsyncSync(file);
  closeSync(file);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readKey(path, whenLost) ?? noKey(path, whenLost);
}

function readKey(path: string, whenLost: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
  return /^[0-9a-f]{64}$/.test(text) ? text : noKey(path, whenLost);
}

function noKey(path: string, whenLost: string): never {
  throw new ConfigurationInvalid([`${path} has to hold 64 hexadecimal digits; ${whenLost}`]);
}

const isSystemError = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
