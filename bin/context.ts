/**
 * What every verb receives: the terminal, the environment, the clock; and how it gets from there to a hub.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Clock } from '../shared/base/clock.ts';
import { readConfig, type Config, type Variables } from '../shared/base/config.ts';
import { ConfigurationInvalid } from '../shared/base/errors.ts';
import { fileWriter, pinoLog, type Log } from '../shared/base/log.ts';
import { apiSecretNames } from '../shared/base/names.ts';
import { redactor } from '../shared/base/redact.ts';
import { secretNames } from '../shared/hub/catalog.ts';
import { credentialStore, withCredentials } from '../shared/hub/credentials.ts';
import { localHub, type LocalHub } from '../shared/hub/local.ts';
import { readSeedConfig } from '../shared/hub/seed-config.ts';
import type { AnyHub } from './hub.ts';
import type { Stops } from './signals.ts';
import type { Terminal } from './terminal.ts';

export interface Context {
  readonly clock: Clock;
  readonly env: Variables;
  /** Where `config/` is looked for. */
  readonly folder: string;
  /** The text of `.env`. */
  readonly dotenv: string | undefined;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** A person watches: progress may be shown. */
  readonly isInteractive: boolean;
  /** Where a person both reads and types. */
  readonly terminal: Terminal | undefined;
  /** Read only by verbs that are told to. */
  readonly input: AsyncIterable<Buffer | string>;
  readonly stops: Stops;
  /** Calls a deployed hub. */
  readonly fetch: typeof fetch;
  /** Where the hub is, if it is not the one of this machine. */
  remote?: RemoteFlags | undefined;
  /** What the verb ends with. */
  code: number;
}

export interface RemoteFlags {
  readonly url: string;
  readonly tokenFile?: string | undefined;
}

/** Who is remembered to have said something here. */
export const person = 'command line';

export interface Json {
  readonly json?: true;
}

export const exitCodes = `Exit codes:
  0    done, both sides agree (plan: nothing to do)
  1    error
  2    usage or configuration
  3    done, but some items failed, wait, are parked or in doubt
  4    held by the guard
  5    sign-in needed
  6    plan: there are changes
  7    another run is under way; this trigger is remembered
  130  stopped by Ctrl-C; what was done is saved`;

export function addJson(command: Command): Command {
  return command.option('--json', 'print one JSON document');
}

/** What the environment and `.env` say. @throws ConfigurationInvalid */
export function configOf(context: Context): Config {
  return readConfig(context);
}

/** The same over what `concord connect` has kept, over the files of the older script. @throws ConfigurationInvalid */
export async function wholeConfigOf(context: Context): Promise<Config> {
  const known = await withCredentials(configOf(context));
  const seed = readSeedConfig(configFolderOf(context));
  for (const notice of seed.notices((name) => known.variables[name] === undefined)) context.err(`${notice}\n`);
  return { ...known, variables: { ...seed.variables, ...known.variables } };
}

export const configFolderOf = ({ folder }: Context): string => join(folder, 'config');

export function logOf(context: Context, config: Config): Log {
  const { clock } = context;
  const write = config.logFile === undefined ? context.err : fileWriter({ path: config.logFile, instead: context.err });
  return pinoLog({ clock, level: config.logLevel, write, redact: redactor([...secretNames, ...apiSecretNames].map((name) => config.variables[name])) });
}

/** Opens the hub of this machine, or calls the one that `--remote` names. */
export async function withHub(context: Context, work: (hub: AnyHub) => Promise<number>): Promise<void> {
  const { remote } = context;
  if (remote === undefined) return withLocalHub(context, (hub) => work({ ...hub, refuseUnready: async (connector) => void (await hub.connector(connector)) }));
  const { clock, fetch, stops: { signal } } = context;
  const { remoteHub } = await import('./remote-hub.ts');
  context.code = await work(remoteHub({ url: remote.url, token: tokenFor(context, remote), clock, fetch, signal }));
}

/** Opens the hub, works, and closes it whatever happens. */
export async function withLocalHub(context: Context, work: (hub: LocalHub) => Promise<number>): Promise<void> {
  const config = await wholeConfigOf(context);
  const hub = localHub({ config, clock: context.clock, log: logOf(context, config), configFolder: configFolderOf(context), secrets: credentialStore(configOf(context)) });
  try {
    context.code = await work(hub);
  } finally {
    hub.close();
  }
}

/** @throws ConfigurationInvalid */
function tokenFor(context: Context, { tokenFile }: RemoteFlags): string {
  const token = tokenFile === undefined ? configOf(context).variables['CONCORD_TOKEN'] : textOf(resolve(context.folder, tokenFile), tokenFile);
  if (token === undefined || !/^\S+$/.test(token.trim())) throw new ConfigurationInvalid([tokenFile === undefined ? 'CONCORD_TOKEN is not set; a hub elsewhere wants a token (or --token-file)' : `${tokenFile} holds no token`]);
  return token.trim();
}

/** @throws ConfigurationInvalid */
export function textOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationInvalid([`${name} cannot be read; check its name and permissions`], { cause: error });
  }
}

export const printJson = (context: Context, value: unknown): void => context.out(`${JSON.stringify(value)}\n`);
