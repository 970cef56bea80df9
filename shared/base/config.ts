/**
 * The configuration, read once: what the environment says, and under it what stands in `.env`. Nothing else in Concord looks at
 * the environment. Which variables a connector needs stands in the catalog (shared/hub/catalog.ts), what a site may choose in
 * `config/<connector>.json`.
 */
import { parseEnv } from 'node:util';
import { ConfigurationInvalid } from './errors.ts';

/** What is set; an empty variable counts as not set and is left out. */
export type Variables = { readonly [name: string]: string | undefined };

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Config {
  /** The folder of all that is remembered: database, key. Or `:memory:`. */
  readonly statePath: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where the log goes; standard error when undefined. */
  readonly logFile: string | undefined;
  readonly logLevel: LogLevel;
  readonly variables: Variables;
}

/**
 * @param given.dotenv  the text of `.env`, if there is one.
 * @throws ConfigurationInvalid that lists everything that is wrong.
 */
export function readConfig(given: { readonly env: Variables; readonly dotenv?: string | undefined }): Config {
  const variables = onlySet({ ...onlySet(given.dotenv === undefined ? {} : parseEnv(given.dotenv)), ...onlySet(given.env) });
  const problems: string[] = [];
  const logFile = variables['CONCORD_LOG_FILE'];
  const config: Config = {
    statePath: variables['CONCORD_STATE'] ?? '.concord',
    port: portIn(variables, problems),
    logFile,
    // A file is read when something is wrong, a terminal all the time.
    logLevel: levelIn(variables, problems) ?? (logFile === undefined ? 'warn' : 'info'),
    variables,
  };
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return config;
}

/** What this process was started with; for the doors that are no command line. */
export const ownEnvironment = (): Variables => onlySet(process.env);

export function onlySet(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined && value.trim() !== ''));
}

function portIn(variables: Variables, problems: string[]): number {
  const text = variables['CONCORD_PORT'] ?? '8787';
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  problems.push('CONCORD_PORT is not a port number, 0 to 65535');
  return 0;
}

function levelIn(variables: Variables, problems: string[]): LogLevel | undefined {
  const text = variables['LOG_LEVEL']?.toLowerCase();
  const level = logLevels.find((one) => one === text);
  if (text !== undefined && level === undefined) problems.push(`LOG_LEVEL is none of ${logLevels.join(', ')}`);
  return level;
}
