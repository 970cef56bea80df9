/**
 * A DynamoDB on this machine for tests: dynoxide, started on a free loopback port, ended by its process id. It is an optional package;
 * where it is missing a suite says so loudly and is skipped, but not where CI counts on it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoSchema } from '../../shared/stores/dynamo-schema.ts';

/** The emulator's program; undefined where it is not installed. @throws Error in CI on a machine that could have it. */
export function dynamoProgram(suite: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
  } catch (error) {
    const couldHaveIt = process.platform === 'linux' && process.arch === 'x64';
    if (couldHaveIt && process.env['CI']) throw new Error(`${suite} needs @dynoxide/linux-x64, which is not installed`, { cause: error });
    process.stderr.write(`\nNOT RUN: ${suite}. It needs the optional package @dynoxide/linux-x64.\n\n`);
    return undefined;
  }
}

export async function startDynamo(program: string): Promise<{ readonly client: DynamoDBClient; stop(): Promise<void> }> {
  const port = await freePort();
  const emulator = spawn(program, ['serve', '--host', '127.0.0.1', '--port', String(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
  await Promise.race([once(emulator.stdout, 'data'), once(emulator.stderr, 'data')]);
  const client = new DynamoDBClient({ region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  return {
    client,
    stop: async () => {
      client.destroy();
      const ended = once(emulator, 'exit');
      emulator.kill('SIGKILL');
      await ended;
    },
  };
}

const keys = (hash: string, range: string) => [{ AttributeName: hash, KeyType: 'HASH' as const }, { AttributeName: range, KeyType: 'RANGE' as const }];

/** Makes a table with the keys and indexes of ours. */
export async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  const { partitionKey, sortKey, indexNames, indexSortKey } = dynamoSchema;
  await client.send(new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      ...[partitionKey, sortKey, ...indexNames].map((each) => ({ AttributeName: each, AttributeType: 'S' as const })),
      { AttributeName: indexSortKey, AttributeType: 'B' },
    ],
    KeySchema: keys(partitionKey, sortKey),
    GlobalSecondaryIndexes: indexNames.map((each) => ({ IndexName: each, KeySchema: keys(each, indexSortKey), Projection: { ProjectionType: 'KEYS_ONLY' as const } })),
  }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port was given');
  return address.port;
}
