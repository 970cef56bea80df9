/**
 * What things are called in the cloud: the stack makes them under these names, and the functions find them by these variables. One
 * place, because a name that two files spell is a name that will differ one day. Nothing here is read or called.
 */
import type { TableName } from './table.ts';

/** Which deployment: `dev`, `test`, `prod`. Short, because it is part of names that AWS bounds (a function's: 64 letters). */
export const stagePattern = /^[a-z][a-z0-9]{0,11}$/;

const prefix = (stage: string): string => `concord-${stage}`;

export const stackName = prefix;
export const tableName = (stage: string, table: TableName): string => `${prefix(stage)}-${table}`;
export const queueName = (stage: string, connector: string): string => `${prefix(stage)}-${connector}-apply`;
/** What gave up ends here, of all connectors: another queue that is polled day and night would cost as much as all else at rest. */
export const deadLetterQueueName = (stage: string): string => `${prefix(stage)}-dead-letters`;
export const functionName = (stage: string, name: string): string => `${prefix(stage)}-${name}`;
export const planFunction = (connector: string): string => `${connector}-plan`;
export const applyFunction = (connector: string): string => `${connector}-apply`;
export const scheduleName = (stage: string, connector: string): string => `${prefix(stage)}-${connector}`;
export const secretName = (stage: string, connector: string): string => `concord/${stage}/${connector}`;
/** The tokens and keys of the HTTP side. */
export const apiSecretName = (stage: string): string => secretName(stage, 'api');
export const metricNamespace = (stage: string): string => `Concord/${stage}`;

/** Names of the environment's variables that the stack sets. None holds a secret: those are read from the secret at the first call. */
export const variable = {
  stage: 'CONCORD_STAGE',
  table: (table: TableName): string => `CONCORD_TABLE_${table.toUpperCase()}`,
  /** Where a plan's changes are sent, and what gave up comes from. */
  queueUrl: 'CONCORD_QUEUE_URL',
  secretId: 'CONCORD_SECRET',
  /** `<connector>=<minutes>` with commas between them: what is switched on, and how often each runs. */
  rhythms: 'CONCORD_RHYTHMS',
} as const;

/** In a connector's secret: the key of its links' digests. Made with the secret; another one would make everything look changed. */
export const digestKeyName = 'CONCORD_DIGEST_KEY';

/** What signs people and machines in to the HTTP side: variables whose values are shown nowhere. */
export const apiSecretNames: readonly string[] = ['CONCORD_JWT_SECRET', 'CONCORD_API_KEY', 'CONCORD_API_KEY_NEXT', 'CONCORD_TOKEN'];

/** At most four, because each costs as much a month as a million requests. All without dimensions: which connector, the log says. */
export const metrics = {
  signInNeeded: 'SignInNeeded',
  /** A plan waits to be released, or something has to be done by hand in a system. */
  personNeeded: 'PersonNeeded',
  quotaUsedUp: 'QuotaUsedUp',
  /** How many connectors have had no successful run for two of their intervals. Told by every run of any of them, also when it is 0. */
  connectorsLate: 'ConnectorsLate',
} as const;
export type MetricName = (typeof metrics)[keyof typeof metrics];
