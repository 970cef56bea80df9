/**
 * What every table adapter promises, sentence by sentence of the port (shared/base/table.ts). An adapter's own test file calls
 * `describeTableContract` with a way to make an empty table on a clock that a test moves by hand.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Table } from '../../shared/base/table.ts';
import { bounds, expiry } from './table-limits.ts';
import { indexes, listings } from './table-listings.ts';
import { keyOf, put } from './table-rows.ts';
import type { TableUnderTest } from './table-rows.ts';
import { conditions, groups, oneRowAtATime } from './table-writes.ts';

export function describeTableContract(name: string, makeTable: () => Promise<TableUnderTest> | TableUnderTest): void {
  describe(`${name} as a table`, () => {
    let made: TableUnderTest;
    let table: Table;
    beforeEach(async () => {
      made = await makeTable();
      table = made.table;
    });
    afterEach(async () => made.close?.());
    const world = (): TableUnderTest => made;

    oneRowAtATime(world);
    conditions(world);
    groups(world);
    listings(world);
    indexes(world);
    expiry(world);
    bounds(world);

    test('concurrent increments by compare-and-set lose nothing', async () => {
      const increment = async (): Promise<void> => {
        for (;;) {
          const before = await table.get(keyOf('counter'));
          const count = Number(before?.body['count'] ?? 0) + 1;
          const [outcome] = await table.writeGroups([[put({ sk: 'counter', body: { count } }, before ? { rev: before.rev } : 'absent')]]);
          if (outcome?.ok) return;
        }
      };

      await Promise.all(Array.from({ length: 20 }, increment));

      expect(await table.get(keyOf('counter'))).toMatchObject({ body: { count: 20 }, rev: 20 });
    });
  });
}
