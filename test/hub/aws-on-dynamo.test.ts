/** The handlers on the table that they have in the cloud: a plan, its messages, a run that finds nothing new, on a DynamoDB emulator. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/base/clock.ts';
import { dynamoTable } from '../../shared/stores/dynamo-table.ts';
import { cloudHub } from '../samples/cloud-hub.ts';
import { dynamoBinary, startDynamo } from '../samples/emulators.ts';

const program = dynamoBinary();

describe.skipIf(program === undefined)('with an emulator', () => {
  let emulator: Awaited<ReturnType<typeof startDynamo>>;
  beforeAll(async () => {
    emulator = await startDynamo(program ?? '');
  });
  afterAll(() => emulator.stop());

  test('a tick and its messages bring both sides together, and the next tick finds nothing to do', async () => {
    const names = await emulator.makeTables();
    const hub = cloudHub({ wrapTable: () => dynamoTable({ client: emulator.client, names, clock: systemClock }) });

    const first = await hub.tick();
    const batches = await hub.applyAll();
    hub.clock.advance(3_600_000);
    const second = await hub.tick();

    expect([first, second]).toMatchObject([{ report: { state: 'finished', planned: 8 } }, { report: { state: 'finished', planned: 0 } }]);
    expect(batches).toEqual([{ batchItemFailures: [] }]);
    expect(hub.titles()).toHaveLength(8);
  });
});
