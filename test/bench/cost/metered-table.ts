/**
 * A table that counts what DynamoDB would bill for (developer guide, confirmed): a read unit for each 4 KB that is read consistently, half
 * of one for an index; a write unit for each KB of a row, twice that inside a transaction, and one for each index whose entry is written.
 * A listing reads whole rows, also where only heads are handed out. A put without a condition reads its row first, as our adapter does.
 */
import type { Key, Page, Row, RowDraft, Table, TableWrite } from '../../../shared/base/table.ts';

export interface Units {
  readonly reads: number;
  readonly writes: number;
  /** Stored by now, bytes: what was put, without what was deleted. */
  readonly bytes: number;
}

const readKb = 4;
const indexEntryBytes = 200; // two keys twice, and what DynamoDB adds
const rowOverheadBytes = 100 + 60; // per item, and our attributes' names and numbers

export function meteredTable(table: Table): Table & { units(): Units; reset(): void } {
  let reads = 0;
  let writes = 0;
  const sizes = new Map<string, number>();

  const read = (bytes: number, share = 1): void => void (reads += share * Math.max(1, Math.ceil(bytes / (readKb * 1024))));
  const page = (rows: readonly RowDraft[]): void => read(rows.reduce((sum, row) => sum + sizeOf(row), 0));
  const count = (group: readonly TableWrite[]): void => {
    const factor = group.length > 1 ? 2 : 1;
    for (const write of group) {
      if (write.kind === 'put') {
        const size = sizeOf(write.row);
        if (write.when === 'any') read(size);
        writes += factor * kb(size) + Object.values(write.row.index ?? {}).filter((key) => key !== undefined).length;
        sizes.set(nameOf(write.row), size);
      } else {
        writes += factor * kb(sizes.get(nameOf(write.key)) ?? 0);
        if (write.kind === 'delete') sizes.delete(nameOf(write.key));
      }
    }
  };

  return {
    get: async (key) => {
      const row = await table.get(key);
      read(row ? sizeOf(row) : 0);
      return row;
    },
    getMany: async (keys) => {
      const rows = await table.getMany(keys);
      for (const row of rows) read(sizeOf(row));
      reads += keys.length - rows.length;
      return rows;
    },
    query: async (ask) => {
      const found = await table.query(ask);
      page(found.rows);
      return found;
    },
    queryHeads: async (ask) => {
      page((await table.query(ask)).rows);
      return table.queryHeads(ask);
    },
    queryIndex: async (ask): Promise<Page<Row>> => {
      const found = await table.queryIndex(ask);
      read(found.rows.length * indexEntryBytes, 0.5);
      for (const row of found.rows) read(sizeOf(row));
      return found;
    },
    write: async (group) => {
      count(group);
      return table.write(group);
    },
    writeGroups: async (groups) => {
      groups.forEach(count);
      return table.writeGroups(groups);
    },
    units: () => ({ reads, writes, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) }),
    reset: () => {
      reads = 0;
      writes = 0;
    },
  };
}

const nameOf = ({ table, pk, sk }: Key): string => `${table} ${pk} ${sk}`;
const kb = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));
const sizeOf = (row: RowDraft): number => Buffer.byteLength(JSON.stringify(row.body)) + Buffer.byteLength(row.head ?? '') + Buffer.byteLength(row.pk) + Buffer.byteLength(row.sk) + rowOverheadBytes;
