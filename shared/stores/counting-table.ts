/**
 * A table that counts what passes through it, for the bench and for promises such as "an idle run costs two writes".
 * A read is one row handed out, at least one for every row or page asked for; a write is one put or delete that was stored.
 * Checks are not counted: they change nothing.
 */
import type { Page, Table, TableWrite } from '../base/table.ts';

export interface TableCounts {
  readonly reads: number;
  readonly writes: number;
}

export function countingTable(table: Table): Table & { counts(): TableCounts; reset(): void } {
  let reads = 0;
  let writes = 0;

  const countPage = <T>(page: Page<T>): Page<T> => {
    reads += Math.max(1, page.rows.length);
    return page;
  };
  const countGroup = (group: readonly TableWrite[]): void => {
    writes += group.filter((write) => write.kind !== 'check').length;
  };

  return {
    get: async (key) => {
      reads += 1;
      return table.get(key);
    },
    getMany: async (keys, reading) => {
      reads += keys.length;
      return table.getMany(keys, reading);
    },
    query: async (ask) => countPage(await table.query(ask)),
    queryHeads: async (ask) => countPage(await table.queryHeads(ask)),
    queryIndex: async (ask) => countPage(await table.queryIndex(ask)),
    write: async (group) => {
      const revs = await table.write(group);
      countGroup(group);
      return revs;
    },
    writeGroups: async (groups) => {
      const outcomes = await table.writeGroups(groups);
      groups.filter((_, at) => outcomes[at]?.ok === true).forEach(countGroup);
      return outcomes;
    },
    counts: () => ({ reads, writes }),
    reset: () => {
      reads = 0;
      writes = 0;
    },
  };
}
