/**
 * DynamoDB in a process of its own on loopback: dynoxide, one binary from a package that exists for Linux on x64 only. Started once for a
 * test file, stopped by process id. Tables get names of their own for each test, so that no test sees another's rows.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TableName } from '../../shared/base/table.ts';
import { indexKey, indexNames, indexSort } from '../../shared/stores/dynamo-rows.ts';
import { freePort } from '../real/servers/processes.ts';

export interface DynamoEmulator {
  readonly client: DynamoDBDocumentClient;
  /** @returns the names of three new, empty tables. */
  makeTables(): Promise<Readonly<Record<TableName, string>>>;
  stop(): void;
}

/** Where the binary is; undefined where the platform has none. @throws in CI on a platform that has one. */
export function dynamoBinary(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
  } catch (error) {
    if (process.env['CI'] !== undefined && process.platform === 'linux' && process.arch === 'x64') throw new Error('the DynamoDB emulator has to run in CI', { cause: error });
    process.stderr.write('SKIPPED: the table on DynamoDB did not run: there is no emulator for this platform (@dynoxide/linux-x64)\n');
    return undefined;
  }
}

const startsWithinMs = 15_000;

export async function startDynamo(binary: string): Promise<DynamoEmulator> {
  const port = await freePort();
  const emulator = spawn(binary, ['serve', '--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
  const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${port}`, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
  await answers(client, emulator);
  let tables = 0;
  return {
    client: DynamoDBDocumentClient.from(client),
    makeTables: async () => {
      tables += 1;
      const names = { links: `links-${tables}`, runs: `runs-${tables}`, hosted: `hosted-${tables}` };
      await Promise.all(Object.values(names).map((name) => client.send(new CreateTableCommand(tableOf(name)))));
      return names;
    },
    stop: () => {
      client.destroy();
      emulator.kill('SIGKILL');
    },
  };
}

async function answers(client: DynamoDBClient, emulator: { readonly exitCode: number | null }): Promise<void> {
  const until = performance.now() + startsWithinMs;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (emulator.exitCode !== null || performance.now() > until) throw new Error('the DynamoDB emulator does not start', { cause: error });
      await delay(20);
    }
  }
}

function tableOf(name: string) {
  const keys = ['pk', 'sk', ...indexNames.flatMap((index) => [indexKey(index), indexSort(index)])];
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
    KeySchema: keySchema('pk', 'sk'),
    GlobalSecondaryIndexes: indexNames.map((index) => ({ IndexName: index, KeySchema: keySchema(indexKey(index), indexSort(index)), Projection: { ProjectionType: 'KEYS_ONLY' as const } })),
  };
}

const keySchema = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: 'HASH' as const },
  { AttributeName: range, KeyType: 'RANGE' as const },
];
