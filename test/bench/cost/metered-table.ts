/**
 * A table that counts what DynamoDB would bill for (developer guide, confirmed): a read unit for each 4 KB that is read consistently, half
 * of one for an index; a write unit for each KB of an item, twice that inside a transaction, and one (never two) for each index that an item enters or leaves.
 * A listing reads whole rows, also where only heads are handed out. A put without a condition reads its row first, as our adapter does.
 */
import { indexNames, itemOf } from '../../../shared/stores/dynamo-rows.ts';
import type { Key, Page, Row, RowDraft, Table, TableWrite } from '../../../shared/base/table.ts';

export interface Units {
  readonly reads: number;
  readonly writes: number;
  /** Stored by now, bytes: what was put, without what was deleted. */
  readonly bytes: number;
}

const readKb = 4;
const indexEntryBytes = 200; // two keys twice, and what DynamoDB adds
const storedOverheadBytes = 100; // of each item; storage only

export function meteredTable(table: Table): Table & { units(): Units; reset(): void } {
  let reads = 0;
  let writes = 0;
  const sizes = new Map<string, number>();
  const standing = new Map<string, RowDraft>();

  const read = (bytes: number, share = 1): void => void (reads += share * Math.max(1, Math.ceil(bytes / (readKb * 1024))));
  const page = (rows: readonly RowDraft[]): void => read(rows.reduce((sum, row) => sum + sizeOf(row), 0));
  const count = (group: readonly TableWrite[]): void => {
    const factor = group.length > 1 ? 2 : 1;
    for (const write of group) {
      if (write.kind === 'put') {
        const size = sizeOf(write.row);
        if (write.when === 'any') read(size);
        const name = nameOf(write.row);
        writes += factor * kb(Math.max(size, sizes.get(name) ?? 0)) + indexChanges(standing.get(name), write.row);
        sizes.set(name, size);
        standing.set(name, write.row);
      } else {
        writes += factor * kb(sizes.get(nameOf(write.key)) ?? 0);
        if (write.kind === 'delete') {
          writes += indexChanges(standing.get(nameOf(write.key)), undefined);
          sizes.delete(nameOf(write.key));
          standing.delete(nameOf(write.key));
        }
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
    units: () => ({ reads, writes, bytes: [...sizes.values()].reduce((sum, size) => sum + size + storedOverheadBytes, 0) }),
    reset: () => {
      reads = 0;
      writes = 0;
    },
  };
}

const nameOf = ({ table, pk, sk }: Key): string => `${table} ${pk} ${sk}`;
const kb = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** As the adapter would store it: names and values of all attributes. */
function sizeOf(row: RowDraft): number {
  const item = itemOf(row, { body: JSON.stringify(row.body), rev: 1, by: 'twelve-chars' });
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + bytesOf(value), 0);
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.byteLength : numberBytes;
}

const numberBytes = 8; // at most, of ours

/** Entries that an index gains, loses or has to change its key for; the keys alone are copied. */
function indexChanges(before: RowDraft | undefined, after: RowDraft | undefined): number {
  return indexNames.reduce((sum, name) => {
    const [old, next] = [before?.index?.[name], after?.index?.[name]];
    return old === next ? sum : sum + (old === undefined ? 0 : 1) + (next === undefined ? 0 : 1);
  }, 0);
}
