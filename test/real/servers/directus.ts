/**
 * A real Directus on SQLite, loopback only: installed once into its own folder (never part of what Concord ships), its
 * database prepared once and copied for every start. See ../directus/package.json for the pins and the licence's folder.
 *
 * First time: about two minutes, most of it compiling sqlite3. Afterwards a start takes three to five seconds.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directusAccess, directusCalls, fillTemplate, idOf, templateVersion } from './directus-template.ts';
import { digest, ensureNpmInstalled } from './packages.ts';
import { baseEnvironment, cacheFolder, freePort, runProgram, startServer, temporaryFolder } from './processes.ts';
import type { Program, ServerProcess } from './processes.ts';

/** An item of `events` as the server answers it; null where nothing is set. */
export type EventItem = Readonly<Record<string, unknown>> & { readonly id: number };

/** A person at the keyboard: everything goes through the admin's own token, so that `user_updated` is not the bot. */
export interface Editor {
  create(fields: Readonly<Record<string, unknown>>): Promise<EventItem>;
  edit(id: number, fields: Readonly<Record<string, unknown>>): Promise<EventItem>;
  remove(id: number): Promise<void>;
  /** All items, ordered by id. */
  list(): Promise<readonly EventItem[]>;
}

export interface DirectusServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** The bot's: may list, create and update `events`. */
  readonly token: string;
  readonly adminToken: string;
  readonly editor: Editor;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`: same address, same data. */
  restart(): Promise<void>;
}

const installation = join(import.meta.dirname, '..', 'directus');
const readyWithinMs = 90_000; // 3 to 5 s on an idle machine with two cores

/** @throws PackagesUnreachable when the registry cannot be reached; ProgramFailed when the build breaks. */
export async function ensureDirectusInstalled(): Promise<void> {
  await ensureNpmInstalled({ server: 'Directus', folder: installation, build: ['sqlite3'] });
}

/** @param options.env  Further settings of Directus, for example `QUERY_LIMIT_MAX` or `RATE_LIMITER_ENABLED`. */
export async function startDirectus(options: { env?: Readonly<Record<string, string>> } = {}): Promise<DirectusServer> {
  await ensureDirectusInstalled();
  const folder = directusFolder();
  copyFileSync(await ensureTemplate(), join(folder, 'data.db'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let server: ServerProcess = await serve({ folder, port, env: options.env ?? {} });
  return {
    url,
    token: directusAccess.botToken,
    adminToken: directusAccess.adminToken,
    editor: editorOf(url),
    stop: async () => server.stop(),
    kill: async () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await serve({ folder, port, env: options.env ?? {} });
    },
  };
}

/** The prepared database's file. Named for all that went into it, and moved into place whole, so that no half of one is used. */
async function ensureTemplate(): Promise<string> {
  const file = join(cacheFolder(), `directus-${digest(readFileSync(join(installation, 'package-lock.json')), String(templateVersion))}.db`);
  if (existsSync(file)) return file;

  const folder = directusFolder();
  const port = await freePort();
  await runProgram(directus(['bootstrap'], { folder, port, env: {} }), { withinMs: 2 * readyWithinMs });
  const server = await serve({ folder, port, env: {} });
  try {
    await fillTemplate(`http://127.0.0.1:${port}`);
  } finally {
    await server.stop();
  }
  copyFileSync(join(folder, 'data.db'), `${file}.${process.pid}`);
  renameSync(`${file}.${process.pid}`, file);
  return file;
}

async function serve(place: { folder: string; port: number; env: Readonly<Record<string, string>> }): Promise<ServerProcess> {
  return startServer(directus(['start'], place), {
    readyWithinMs,
    isReady: async () => (await (await fetch(`http://127.0.0.1:${place.port}/server/ping`)).text()) === 'pong',
  });
}

function directus(args: readonly string[], place: { folder: string; port: number; env: Readonly<Record<string, string>> }): Program {
  return {
    name: `Directus (${args.join(' ')})`,
    command: process.execPath,
    args: [join(installation, 'node_modules', 'directus', 'cli.js'), ...args],
    folder: place.folder,
    env: {
      ...baseEnvironment(),
      HOME: place.folder,
      HOST: '127.0.0.1',
      PORT: String(place.port),
      PUBLIC_URL: `http://127.0.0.1:${place.port}`,
      DB_CLIENT: 'sqlite3',
      DB_FILENAME: join(place.folder, 'data.db'),
      SECRET: directusAccess.secret,
      ADMIN_EMAIL: directusAccess.adminEmail,
      ADMIN_PASSWORD: directusAccess.adminPassword,
      ADMIN_TOKEN: directusAccess.adminToken,
      TELEMETRY: 'false',
      SERVE_APP: 'false',
      WEBSOCKETS_ENABLED: 'false',
      PRESSURE_LIMITER_ENABLED: 'false', // else it answers 503 while a small machine is busy with all the servers
      LOG_LEVEL: 'warn',
      NO_UPDATE_NOTIFIER: '1',
      IMPORT_IP_DENY_LIST: '169.254.169.254', // its default also forbids flows to call loopback
      CONFIG_PATH: join(place.folder, 'none'), // else it would read an .env file of whoever runs the tests
      ...place.env,
    },
    logFile: join(place.folder, 'directus.log'),
  };
}

/** A folder with what Directus complains about when it is missing. */
function directusFolder(): string {
  const folder = temporaryFolder('directus');
  mkdirSync(join(folder, 'uploads'));
  mkdirSync(join(folder, 'extensions'));
  writeFileSync(join(folder, 'package.json'), '{}\n');
  return folder;
}

function editorOf(url: string): Editor {
  const call = directusCalls({ url, token: directusAccess.adminToken });
  return {
    create: async (fields) => asEvent(await call('POST', '/items/events', fields)),
    edit: async (id, fields) => asEvent(await call('PATCH', `/items/events/${id}`, fields)),
    remove: async (id) => {
      await call('DELETE', `/items/events/${id}`);
    },
    list: async () => {
      const items = await call('GET', '/items/events?sort=id&limit=-1');
      if (!Array.isArray(items)) throw new Error('Directus answered no list');
      return items.map(asEvent);
    },
  };
}

function asEvent(item: unknown): EventItem {
  const id = idOf(item);
  if (typeof id !== 'number' || typeof item !== 'object') throw new Error('an event is an object with a number as id');
  return { ...item, id };
}
