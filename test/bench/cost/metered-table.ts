/**
 * A table that counts what DynamoDB would bill for (developer guide, confirmed): a read unit for each 4 KB that is read consistently, half
 * of one for what may lag and for an index; a write unit for each KB of an item, twice that inside a transaction, and one (never two) for each index that an item enters or leaves.
 * A listing reads whole rows, also where only heads are handed out. A put without a condition reads its row first, as our adapter does.
 */
import { indexNames, itemOf } from '../../../shared/stores/dynamo-rows.ts';
import type { Key, Page, Reading, Row, RowDraft, Table, TableWrite } from '../../../shared/base/table.ts';

/** Units by what they were spent on. */
export type Spent = ReadonlyMap<string, number>;

export interface Units {
  readonly reads: Spent;
  readonly writes: Spent;
  /** Stored by now, bytes: what was put, without what was deleted. */
  readonly bytes: number;
}

const readKb = 4;
const indexEntryBytes = 200; // two keys twice, and what DynamoDB adds
const storedOverheadBytes = 100; // of each item; storage only

export function meteredTable(table: Table): Table & { units(): Units; reset(): void } {
  let reads = new Map<string, number>();
  let writes = new Map<string, number>();
  const sizes = new Map<string, number>();
  const standing = new Map<string, RowDraft>();

  const read = (what: string, bytes: number, reading: Reading = {}): void => spend(reads, what, (reading.mayLag === true ? 0.5 : 1) * Math.max(1, Math.ceil(bytes / (readKb * 1024))));
  const page = (what: string, rows: readonly RowDraft[], reading?: Reading): void => read(what, rows.reduce((sum, row) => sum + sizeOf(row), 0), reading);
  const moveIndexes = (before: RowDraft | undefined, after: RowDraft | undefined): void => {
    for (const name of indexNames) spend(writes, `index_${name}`, entriesMoved(before?.index?.[name], after?.index?.[name]));
  };
  const count = (group: readonly TableWrite[]): void => {
    const factor = group.length > 1 ? 2 : 1;
    for (const write of group) {
      if (write.kind === 'put') {
        const size = sizeOf(write.row);
        if (write.when === 'any') read(placeOf(write.row), size);
        const name = nameOf(write.row);
        spend(writes, stepOf(write.row), factor * kb(Math.max(size, sizes.get(name) ?? 0)));
        moveIndexes(standing.get(name), write.row);
        sizes.set(name, size);
        standing.set(name, write.row);
      } else {
        spend(writes, placeOf(write.key), factor * kb(sizes.get(nameOf(write.key)) ?? 0));
        if (write.kind === 'delete') {
          moveIndexes(standing.get(nameOf(write.key)), undefined);
          sizes.delete(nameOf(write.key));
          standing.delete(nameOf(write.key));
        }
      }
    }
  };

  return {
    get: async (key) => {
      const row = await table.get(key);
      read(placeOf(key), row ? sizeOf(row) : 0);
      return row;
    },
    getMany: async (keys, reading) => {
      const rows = new Map((await table.getMany(keys, reading)).map((row) => [nameOf(row), row]));
      for (const key of new Map(keys.map((one) => [nameOf(one), one])).values()) {
        const row = rows.get(nameOf(key));
        read(placeOf(key), row ? sizeOf(row) : 0, reading);
      }
      return [...rows.values()];
    },
    query: async (ask) => {
      const found = await table.query(ask);
      page('listings', found.rows);
      return found;
    },
    queryHeads: async (ask) => {
      page('heads', (await table.query(ask)).rows, ask);
      return table.queryHeads(ask);
    },
    queryIndex: async (ask): Promise<Page<Row>> => {
      const found = await table.queryIndex(ask);
      read(`index_${ask.index}`, found.rows.length * indexEntryBytes, { mayLag: true });
      for (const row of found.rows) read(`index_${ask.index}`, sizeOf(row), ask);
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
    units: () => ({ reads: new Map(reads), writes: new Map(writes), bytes: [...sizes.values()].reduce((sum, size) => sum + size + storedOverheadBytes, 0) }),
    reset: () => {
      reads = new Map();
      writes = new Map();
    },
  };
}

const spend = (on: Map<string, number>, what: string, units: number): void => void (units > 0 && on.set(what, (on.get(what) ?? 0) + units));
const nameOf = ({ table, pk, sk }: Key): string => `${table} ${pk} ${sk}`;
const kb = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** What kind of row it is, for whoever asks where the units went. */
function placeOf({ table, pk }: Key): string {
  const [, kind] = /#([a-z]+)$/.exec(pk) ?? [];
  return kind ?? (table === 'links' ? 'link' : 'state');
}

/** The same of a write; of a link's, at which step of a change it is. */
function stepOf(row: RowDraft): string {
  const place = placeOf(row);
  if (place !== 'link') return place;
  if (row.body['state'] !== 'pending') return 'link_recorded';
  return row.body['claim'] === undefined ? 'link_staged' : 'link_claimed';
}

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

/** Writes to an index whose entry is gained, lost, or changes its key; the keys alone are copied. */
function entriesMoved(old: string | undefined, next: string | undefined): number {
  return old === next ? 0 : (old === undefined ? 0 : 1) + (next === undefined ? 0 : 1);
}
