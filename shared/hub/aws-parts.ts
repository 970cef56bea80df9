/**
 * What the cloud's functions are made of, once for the life of a sandbox: clients of AWS, tables, log, a copy of each secret. What the
 * handlers do with it stands in aws-plan.ts, aws-apply.ts and aws-dead-letters.ts; the doors in aws-functions.ts and aws-http.ts.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { systemClock, type Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import { lineLog } from '../base/line-log.ts';
import { apiSecretNames } from '../base/names.ts';
import { redactor } from '../base/redact.ts';
import type { Table } from '../base/table.ts';
import type { Secret, SecretStore } from '../http/secrets.ts';
import { dynamoTable } from '../stores/dynamo-table.ts';
import { lambdaInvoker, type FunctionInvoker } from '../stores/lambda-invoker.ts';
import { secretsManager } from '../stores/secrets-manager.ts';
import type { AwsEnvironment } from './aws-environment.ts';
import { secretNames } from './catalog.ts';
import { heardSecrets, keptSecrets } from './kept-secret.ts';

export interface AwsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly table: Table;
  /** One whole line of the log. */
  readonly write: (line: string) => void;
}

export function awsParts({ region, tables, logLevel }: AwsEnvironment): AwsParts & { readonly keepsSecret: (variables: Variables) => void } {
  const clock = systemClock;
  const secrets = new Set<string>();
  const log = lineLog({ clock, level: logLevel, write, redact: (text) => redactor([...secrets])(text) });
  return {
    clock, log, write,
    table: dynamoTable({ client: DynamoDBDocumentClient.from(new DynamoDBClient({ region })), names: tables, clock }),
    keepsSecret: (variables) => {
      for (const name of [...secretNames, ...apiSecretNames]) secrets.add(variables[name] ?? '');
    },
  };
}

const write = (line: string): void => void process.stdout.write(line);

export interface AwsSecrets {
  /** By the secret's name: as it was some minutes ago, at most. */
  readonly kept: (secretId: string) => Promise<Secret>;
  /** As it stands. */
  readonly store: SecretStore;
}

/** Values that were read are taken out of every later line of the log. */
export function awsSecrets({ region, clock, keepsSecret }: { readonly region: string; readonly clock: Clock; readonly keepsSecret: (variables: Variables) => void }): AwsSecrets {
  const store = heardSecrets(secretsManager({ client: new SecretsManagerClient({ region }), idOf: (name) => name }), ({ values }) => keepsSecret(values));
  return { kept: keptSecrets({ clock, read: (name) => store.read(name) }), store };
}

/** Credentials of the sandbox, which live as long as it. */
export function ownInvoker({ region, clock, variables }: { readonly region: string; readonly clock: Clock; readonly variables: Variables }): FunctionInvoker {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = variables;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }) };
  return lambdaInvoker({ fetch, clock, region, credentials, endpoint: variables['AWS_ENDPOINT_URL_LAMBDA'] ?? variables['AWS_ENDPOINT_URL'] });
}
