/** The DynamoDB adapter keeps the table contract against an emulator, and what only DynamoDB can do to it. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { StoreUnavailable } from '../../shared/base/errors.ts';
import type { Reading } from '../../shared/base/table.ts';
import { sortText } from '../../shared/stores/dynamo-rows.ts';
import { dynamoTable } from '../../shared/stores/dynamo-table.ts';
import { keyOf, put } from '../contracts/table-rows.ts';
import { describeTableContract } from '../contracts/table.ts';
import { dynamoBinary, startDynamo, type DynamoEmulator } from '../samples/emulators.ts';

const binary = dynamoBinary();

describe.skipIf(binary === undefined)('against an emulator', () => {
  let emulator: DynamoEmulator;
  beforeAll(async () => {
    emulator = await startDynamo(binary ?? '');
  });
  afterAll(() => emulator.stop());

  async function aTable(client?: DynamoDBDocumentClient) {
    const clock = manualClock();
    const names = await emulator.makeTables();
    return { table: dynamoTable({ client: client ?? emulator.client, names, clock }), clock, names };
  }

  /** The emulator's client, with something happening before or after each call. */
  function around(call: (send: () => Promise<unknown>, command: object) => Promise<unknown>): DynamoDBDocumentClient {
    const send = (command: Parameters<DynamoDBDocumentClient['send']>[0]) => call(() => emulator.client.send(command), command);
    return Object.assign(Object.create(emulator.client), { send });
  }

  describeTableContract('DynamoDB', aTable);

  test('a put whose answer was lost and that is sent again knows its own work', async () => {
    // As the SDK does it: the same command twice, and only the second answer is seen.
    const twice = around(async (send, command) => {
      if (command instanceof PutCommand) await send();
      return send();
    });
    const { table } = await aTable(twice);

    const made = await table.writeGroups([[put({}, 'absent')]]);
    const raised = await table.writeGroups([[put({ body: { second: true } }, { rev: 1 })]]);

    expect([made, raised]).toEqual([[{ ok: true, revs: [1] }], [{ ok: true, revs: [2] }]]);
    expect(await table.get(keyOf('row'))).toMatchObject({ rev: 2, body: { second: true } });
  });

  test('a put without a condition that another writer overtakes is put on top, with the revision after theirs', async () => {
    const { names, table: other } = await aTable();
    let overtaken = false;
    const racing = around(async (send, command) => {
      if (command instanceof PutCommand && !overtaken) {
        overtaken = true;
        await other.write([put({ body: { whose: 'theirs' } })]);
      }
      return send();
    });
    const table = dynamoTable({ client: racing, names, clock: manualClock() });

    const revs = await table.write([put({ body: { whose: 'ours' } })]);

    expect(revs).toEqual([2]);
    expect(await table.get(keyOf('row'))).toMatchObject({ rev: 2, body: { whose: 'ours' } });
  });

  test.each([
    ['TransactionConflict', 'two transactions at one row'],
    ['ThrottlingError', 'a busy table'],
  ])('%s within a transaction is tried again: %s', async (Code) => {
    let calls = 0;
    const busy = around(async (send) => {
      calls += 1;
      if (calls < 4) throw Object.assign(new Error('cancelled'), { name: 'TransactionCanceledException', CancellationReasons: [{ Code: 'None' }, { Code }] });
      return send();
    });
    const { table } = await aTable(busy);

    const revs = await table.write([put({ sk: 'a' }, 'absent'), put({ sk: 'b' }, 'absent')]);

    expect(revs).toEqual([1, 1]);
    expect(calls).toBe(4);
  });

  test('a conflict that does not end is told after a dozen tries', async () => {
    const busy = around(async () => {
      throw Object.assign(new Error('busy'), { name: 'TransactionConflictException' });
    });
    const { table } = await aTable(busy);

    await expect(table.write([put({ sk: 'a' }, 'absent'), put({ sk: 'b' }, 'absent')])).rejects.toThrow(/is asked more than it allows/);
  });

  test('keys that one answer has no room for are asked for again', async () => {
    const { names, table: plain } = await aTable();
    await plain.write(['a', 'b', 'c'].map((sk) => put({ sk })));
    let calls = 0;
    const halving = around(async (send, command) => {
      calls += 1;
      if (calls > 1) return send();
      if (!(command instanceof BatchGetCommand)) return send();
      const [first, ...rest] = command.input.RequestItems?.[names.links]?.Keys ?? [];
      const answer = await emulator.client.send(new BatchGetCommand({ RequestItems: { [names.links]: { Keys: [first ?? {}] } } }));
      return { ...answer, UnprocessedKeys: { [names.links]: { Keys: rest, ConsistentRead: true } } };
    });

    const rows = await dynamoTable({ client: halving, names, clock: manualClock() }).getMany(['a', 'b', 'c'].map((sk) => keyOf(sk)));

    expect(rows.map(({ sk }) => sk).toSorted()).toEqual(['a', 'b', 'c']);
    expect(calls).toBe(2);
  });

  test('a row that has left an index since it was listed is not shown', async () => {
    const { names, table: other } = await aTable();
    await other.write(['stays', 'leaves'].map((sk) => put({ sk, index: { open: 'work' } })));
    let queried = false;
    const late = around(async (send, command) => {
      const answer = await send();
      if (!queried && command instanceof QueryCommand) {
        queried = true;
        await other.write([put({ sk: 'leaves' })]);
      }
      return answer;
    });

    const { rows } = await dynamoTable({ client: late, names, clock: manualClock() }).queryIndex({ table: 'links', index: 'open', key: 'work' });

    expect(rows.map(({ sk }) => sk)).toEqual(['stays']);
  });

  test('only what may lag is read at half the price; everything else is read as it is now', async () => {
    const asked: boolean[] = [];
    const watched = around((send, command) => {
      if (command instanceof BatchGetCommand) asked.push(...Object.values(command.input.RequestItems ?? {}).map(({ ConsistentRead }) => ConsistentRead === true));
      if ((command instanceof QueryCommand && command.input.IndexName === undefined) || command instanceof GetCommand) asked.push(command.input.ConsistentRead === true);
      return send();
    });
    const { table } = await aTable(watched);
    await table.write([put({ index: { open: 'work' } }, 'absent')]);
    const readAll = async (reading: Reading) => {
      await table.getMany([keyOf('row')], reading);
      await table.queryHeads({ table: 'links', pk: 'partition', ...reading });
      await table.queryIndex({ table: 'links', index: 'open', key: 'work', ...reading });
      return asked.splice(0);
    };

    const [lagging, newest] = [await readAll({ mayLag: true }), await readAll({})];
    await table.get(keyOf('row'));
    await table.query({ table: 'links', pk: 'partition' });
    await table.write([put()]);

    expect(lagging).toEqual([false, false, false]);
    expect([...newest, ...asked]).toEqual([true, true, true, true, true, true]);
  });

  test('a long body is stored short, and comes back as it was', async () => {
    const { table, names } = await aTable();
    const body = { text: 'the same words again and again. '.repeat(2000), few: 'ä' };
    await table.write([put({ body })]);

    const { Item: stored } = await emulator.client.send(new GetCommand({ TableName: names.links, Key: { pk: 'partition', sk: 'row' } }));

    const bytes: unknown = stored?.['body'];
    expect(bytes instanceof Uint8Array && bytes.byteLength).toBeLessThan(2000);
    expect((await table.get(keyOf('row')))?.body).toEqual(body);
  });

  test('a row as the release before packed it is read in every way, and its next write packs it anew', async () => {
    const { table, names } = await aTable();
    const body = { state: 'agreed', text: 'said before '.repeat(100) };
    const before = { pk: 'partition', sk: 'row', rev: 3, by: 'twelve-chars', head: 'short form', openKey: 'work', openSort: sortText({ pk: 'partition', sk: 'row' }), body: deflateRawSync(JSON.stringify(body)) };
    await emulator.client.send(new PutCommand({ TableName: names.links, Item: before }));

    const read = [await table.get(keyOf('row')), ...(await table.getMany([keyOf('row')])), ...(await table.query({ table: 'links', pk: 'partition' })).rows, ...(await table.queryIndex({ table: 'links', index: 'open', key: 'work' })).rows];
    await table.write([put({ head: 'short form', body: { ...body, state: 'pending' } }, { rev: 3 })]);
    const { Item: stored } = await emulator.client.send(new GetCommand({ TableName: names.links, Key: { pk: 'partition', sk: 'row' } }));

    expect(read).toEqual(Array.from({ length: 4 }, () => ({ ...keyOf('row'), rev: 3, head: 'short form', index: { open: 'work' }, body })));
    expect(() => inflateRawSync(stored?.['body'])).toThrow(/too far back/);
    expect(await table.get(keyOf('row'))).toMatchObject({ rev: 4, body: { ...body, state: 'pending' } });
  });

  test('a table that is not there says what to do', async () => {
    const table = dynamoTable({ client: emulator.client, names: { links: 'nowhere', runs: 'nowhere', hosted: 'nowhere' }, clock: manualClock() });

    const asking = table.get(keyOf('row'));

    await expect(asking).rejects.toThrow(StoreUnavailable);
    await expect(asking).rejects.toThrow(/nowhere: does not exist; deploy the stack/);
  });

  test('a mistake of our own is not dressed up as a fault of AWS', async () => {
    const { table } = await aTable(around(async () => {
      throw Object.assign(new Error('One or more parameter values were invalid'), { name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
    }));

    await expect(table.get(keyOf('row'))).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

test('an endpoint where nobody answers is a store that cannot be used', async () => {
  const client = new DynamoDBClient({ endpoint: 'http://127.0.0.1:9', region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
  const table = dynamoTable({ client: DynamoDBDocumentClient.from(client), names: { links: 'l', runs: 'r', hosted: 'h' }, clock: manualClock() });

  await expect(table.get(keyOf('row'))).rejects.toThrow(/does not answer/);
});

describe('the order of an index', () => {
  test('is that of the pairs of partition and sort key', () => {
    const pairs = [{ pk: 'a', sk: 'z' }, { pk: 'a!', sk: 'a' }, { pk: 'b', sk: 'a' }];

    expect(pairs.map(sortText).toSorted()).toEqual(pairs.map(sortText));
  });

  test('a pair that is too long for DynamoDB is cut between two characters', () => {
    const text = sortText({ pk: 'é'.repeat(400), sk: 'x' + '東'.repeat(300) });

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(1020);
    expect(text).not.toContain('\uFFFD');
  });
});
