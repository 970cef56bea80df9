/**
 * A deployed Concord between two simulated systems, in the words of the deploy test: deploy, tick, call the HTTP side, look at the
 * calendar. Waiting is asking again until it is so, with a limit; nothing here sleeps for a length of time that was guessed.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteMessageCommand, GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildFunctions } from '../../../bin/bundles.ts';
import { servedSystems } from '../../bin/concord.ts';
import { account, region, startMinistack, type Ministack } from '../servers/ministack.ts';
import { runProgram, temporaryFolder } from '../servers/processes.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const connector = 'directus-nextcloud';
export const webhookSecret = 'a-secret-of-the-deploy-test-only';

export interface Asked {
  readonly status: number;
  readonly body: unknown;
}

/** An emulator, our stack in it for the stage `try`, and a Directus and a calendar that its secret names. */
export async function startCloud() {
  const aws = await startMinistack();
  const systems = await servedSystems();
  const config = { endpoint: aws.endpoint, region, credentials: { accessKeyId: account, secretAccessKey: 'local' } };
  const clients = { lambda: new LambdaClient(config), sqs: new SQSClient({ ...config, useQueueUrlAsEndpoint: false }), secrets: new SecretsManagerClient(config), tables: new DynamoDBClient(config) };
  await buildFunctions();
  await cdk(aws, 'bootstrap', ['bootstrap', `aws://${account}/${region}`]);
  const url = await deploy(aws, 'try', 'first');
  await addToSecret(clients.secrets, `concord/try/${connector}`, { ...systems.variables, DIRECTUS_WEBHOOK_SECRET: webhookSecret });
  const api = JSON.parse((await clients.secrets.send(new GetSecretValueCommand({ SecretId: 'concord/try/api' }))).SecretString ?? '{}');
  const calendar = systems.nextcloud.calendar('events');
  const applyQueue = `concord-try-${connector}-apply`;
  const queueUrl = async (QueueName: string): Promise<string> => (await clients.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';

  return {
    directus: systems.directus,
    url,
    jwtSecret: String(api['CONCORD_JWT_SECRET']),
    deploy: (stage: string, mark: string) => deploy(aws, stage, mark),
    /** Deploys it once more, without the protection that keeps it from being destroyed. */
    unprotect: (stage: string) => deploy(aws, stage, 'unprotected', { DEPLOY_UNPROTECTED: '1' }),
    destroy: (stage: string) => cdk(aws, `destroy ${stage}`, ['destroy', `concord-${stage}`, '--force']),
    titles: () => calendar.objects.all().map(({ text }) => /^SUMMARY:(.*?)\r?$/m.exec(text)?.[1] ?? '').sort(),
    invoke: async (name: string, event: string): Promise<unknown> => {
      const answer = await clients.lambda.send(new InvokeCommand({ FunctionName: `concord-try-${name}`, Payload: readFileSync(join(root, 'events', event)) }));
      return { failed: answer.FunctionError !== undefined, answer: JSON.parse(Buffer.from(answer.Payload ?? []).toString() || 'null') };
    },
    ask: async (method: string, path: string, options: { readonly headers?: Record<string, string>; readonly body?: string } = {}): Promise<Asked> => {
      const answer = await fetch(`${url}${path}`, { method, ...(options.headers && { headers: options.headers }), ...(options.body !== undefined && { body: options.body }) });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    /** Past our own code, as somebody with a console could. */
    send: async (body: string) => {
      await clients.sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(applyQueue), MessageBody: body }));
    },
    waiting: async (): Promise<number> => {
      const { Attributes } = await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl: await queueUrl(applyQueue), AttributeNames: ['ApproximateNumberOfMessages'] }));
      return Number(Attributes?.['ApproximateNumberOfMessages']);
    },
    /** What the platform does with a message after five tries, each an hour and a half apart: it goes to the queue of what gave up. @returns how many. */
    giveUp: async (): Promise<number> => {
      const [from, to] = [await queueUrl(applyQueue), await queueUrl('concord-try-dead-letters')];
      const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: from, MaxNumberOfMessages: 10 }));
      for (const { Body, ReceiptHandle } of Messages) {
        await clients.sqs.send(new SendMessageCommand({ QueueUrl: to, MessageBody: Body }));
        await clients.sqs.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle }));
      }
      return Messages.length;
    },
    /** Whether the queue hands messages to the apply function. */
    feed: async (on: boolean) => {
      const { EventSourceMappings: [mapping] = [] } = await clients.lambda.send(new ListEventSourceMappingsCommand({ FunctionName: `concord-try-${connector}-apply` }));
      await clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping?.UUID, Enabled: on }));
    },
    hasTable: async (stage: string): Promise<boolean> => {
      try {
        return (await clients.tables.send(new DescribeTableCommand({ TableName: `concord-${stage}-links` }))).Table !== undefined;
      } catch (error) {
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
        throw error;
      }
    },
    stop: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await systems.close();
      await aws.stop();
    },
  };
}

export type Cloud = Awaited<ReturnType<typeof startCloud>>;

const askEveryMs = 200;

/** @throws an Error that tells what was there last. */
export async function until<T>(what: string, look: () => Promise<T> | T, isSo: (found: T) => boolean, withinMs = 30_000): Promise<void> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (isSo(found)) return;
    if (performance.now() > end) throw new Error(`${what}: not after ${withinMs} ms, but ${JSON.stringify(found)}`);
    await delay(askEveryMs);
  }
}

async function deploy(aws: Ministack, stage: string, mark: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const outputs = join(temporaryFolder('outputs'), 'outputs.json');
  await cdk(aws, `deploy ${stage}`, ['deploy', `concord-${stage}`, '--outputs-file', outputs, '--require-approval', 'never'], { DEPLOY_MARK: mark, ...env });
  const found: Record<string, Record<string, string>> = JSON.parse(readFileSync(outputs, 'utf8'));
  const [, api] = /^https:\/\/(\w+)\.execute-api\./.exec(found[`concord-${stage}`]?.['Url'] ?? '') ?? [];
  if (api === undefined) throw new Error(`the stack tells no address: ${JSON.stringify(found)}`);
  return `${aws.endpoint}/_aws/execute-api/${api}/$default`;
}

async function cdk(aws: Ministack, name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  await runProgram({
    name: `cdk ${name}`,
    command: process.execPath,
    args: [join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--app', `"${process.execPath}" test/real/deploy/app.ts`, '--output', temporaryFolder('cdk')],
    folder: root,
    env: { ...aws.env, ...env },
    logFile: join(temporaryFolder('cdk-log'), `${randomUUID()}.log`),
  }, { withinMs: 5 * 60_000 });
}

async function addToSecret(client: SecretsManagerClient, id: string, values: Readonly<Record<string, string>>): Promise<void> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: id }));
  await client.send(new PutSecretValueCommand({ SecretId: id, SecretString: JSON.stringify({ ...JSON.parse(SecretString), ...values }) }));
}
