/**
 * What the stack tells a function through its environment: names of tables, queue and secret, never a value that is secret. Parsed once
 * and whole, before anything else happens; the stack sets them under the same names (shared/base/names.ts).
 */
import { logLevels, type LogLevel, type Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import { stagePattern, variable } from '../base/names.ts';
import type { TableName } from '../base/table.ts';

export interface Rhythm {
  readonly connector: string;
  readonly everyMinutes: number;
}

export interface AwsEnvironment {
  readonly stage: string;
  readonly region: string;
  readonly tables: { readonly [table in TableName]: string };
  readonly logLevel: LogLevel;
  /** The connectors that are switched on. */
  readonly rhythms: readonly Rhythm[];
}

/** Of a function that belongs to one connector. */
export interface ConnectorEnvironment extends AwsEnvironment {
  readonly queueUrl: string;
  readonly secretId: string;
}

/** @throws ConfigurationInvalid that lists everything that is missing or wrong. */
export function readAwsEnvironment(variables: Variables): AwsEnvironment {
  return checked(variables, common);
}

/** @throws as `readAwsEnvironment` */
export function readConnectorEnvironment(variables: Variables): ConnectorEnvironment {
  return checked(variables, (given) => ({ ...common(given), queueUrl: given.text(variable.queueUrl), secretId: given.text(variable.secretId) }));
}

interface Given {
  text(name: string): string;
  optional(name: string): string | undefined;
  problem(problem: string): void;
}

function checked<T>(variables: Variables, read: (given: Given) => T): T {
  const problems: string[] = [];
  const environment = read({
    text: (name) => {
      const value = variables[name];
      if (value === undefined) problems.push(`${name} is not set; the stack sets it`);
      return value ?? '';
    },
    optional: (name) => variables[name],
    problem: (problem) => problems.push(problem),
  });
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return environment;
}

function common(given: Given): AwsEnvironment {
  const stage = given.text(variable.stage);
  if (stage !== '' && !stagePattern.test(stage)) given.problem(`${variable.stage} is no name of a stage: small letters and digits, at most 12`);
  const table = (name: TableName): string => given.text(variable.table(name));
  const level = given.optional('LOG_LEVEL')?.toLowerCase() ?? 'info';
  const logLevel = logLevels.find((one) => one === level);
  if (logLevel === undefined) given.problem(`LOG_LEVEL is none of ${logLevels.join(', ')}`);
  return {
    stage,
    region: given.text('AWS_REGION'), // Lambda sets it
    tables: { links: table('links'), runs: table('runs'), hosted: table('hosted') },
    logLevel: logLevel ?? 'info',
    rhythms: rhythmsIn(given),
  };
}

function rhythmsIn(given: Given): readonly Rhythm[] {
  const text = given.optional(variable.rhythms) ?? '';
  return text.split(',').filter((part) => part !== '').flatMap((part): Rhythm[] => {
    const [, connector, minutes] = /^([a-z][a-z0-9-]*)=([1-9]\d{0,4})$/.exec(part) ?? [];
    if (connector !== undefined && minutes !== undefined) return [{ connector, everyMinutes: Number(minutes) }];
    given.problem(`${variable.rhythms} has to read <connector>=<minutes>, with commas between them`);
    return [];
  });
}
