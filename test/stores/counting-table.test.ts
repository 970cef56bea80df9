/** A counting table is the table it counts, and its figures are what the bench leans on. */
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { ConditionFailed } from '../../shared/base/errors.ts';
import { countingTable } from '../../shared/stores/counting-table.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { keyOf, put } from '../contracts/table-rows.ts';
import { describeTableContract } from '../contracts/table.ts';

describeTableContract('A counting table', () => {
  const clock = manualClock();
  const table = sqliteTable({ path: ':memory:', clock });
  return { table: countingTable(table), clock, close: () => table.close() };
});

function aCountingTable() {
  return countingTable(sqliteTable({ path: ':memory:', clock: manualClock() }));
}

test('one put or delete that was stored is one write; checks and failed groups are none', async () => {
  const table = aCountingTable();

  await table.write([put({ sk: 'a' }), put({ sk: 'b' }), { kind: 'check', key: keyOf('c'), when: 'absent' }]);
  await table.write([{ kind: 'delete', key: keyOf('b'), when: 'any' }]);
  await table.writeGroups([[put({ sk: 'd' })], [put({ sk: 'e' }), put({ sk: 'a' }, 'absent')]]);
  await expect(table.write([put({ sk: 'a' }, 'absent')])).rejects.toThrow(ConditionFailed);

  expect(table.counts()).toEqual({ reads: 0, writes: 4 });
});

test('one row handed out is one read, and asking in vain is one too', async () => {
  const table = aCountingTable();
  await table.write(['a', 'b', 'c'].map((sk) => put({ sk, index: { open: 'work' } })));
  table.reset();

  const reads: number[] = [];
  const reading = async (read: Promise<unknown>): Promise<void> => {
    await read;
    reads.push(table.counts().reads);
    table.reset();
  };
  await reading(table.get(keyOf('missing')));
  await reading(table.getMany([keyOf('a'), keyOf('missing')]));
  await reading(table.query({ table: 'links', pk: 'partition' }));
  await reading(table.queryHeads({ table: 'links', pk: 'empty' }));
  await reading(table.queryIndex({ table: 'links', index: 'open', key: 'work', limit: 2 }));

  expect(reads).toEqual([1, 2, 3, 1, 2]);
  expect(table.counts()).toEqual({ reads: 0, writes: 0 });
});
