/** The DynamoDB adapter keeps the table contract against dynoxide; and what only it can get wrong. */
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { dynamoTable } from '../../shared/stores/dynamo-table.ts';
import { keyOf } from '../contracts/table-rows.ts';
import { describeTableContract } from '../contracts/table.ts';
import { createTable, dynamoProgram, startDynamo } from '../samples/emulators.ts';

const program = dynamoProgram('the table contract on DynamoDB');

describe.skipIf(program === undefined)('with an emulator', () => {
  let emulator: Awaited<ReturnType<typeof startDynamo>>;
  let made = 0;
  beforeAll(async () => {
    emulator = await startDynamo(program ?? '');
  });
  afterAll(() => emulator.stop());

  describeTableContract('DynamoDB', async () => {
    made += 1;
    const names = { links: `links-${made}`, runs: `runs-${made}`, hosted: `hosted-${made}` };
    await Promise.all(Object.values(names).map((name) => createTable(emulator.client, name)));
    const clock = manualClock();
    return { table: dynamoTable({ client: DynamoDBDocumentClient.from(emulator.client), names, clock }), clock };
  });

  test('a table that is not there says what to do', async () => {
    const names = { links: 'missing', runs: 'missing-too', hosted: 'missing-as-well' };
    const table = dynamoTable({ client: DynamoDBDocumentClient.from(emulator.client), names, clock: manualClock() });

    await expect(table.get(keyOf('row'))).rejects.toMatchObject({ code: 'E_STORE', advice: expect.stringContaining('deploy first') });
  });
});
