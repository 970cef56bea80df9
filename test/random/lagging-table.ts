/**
 * A table of several copies: for some seconds after a write, a reading that may lag shows now the new row and now the one before it, as a
 * cheap reading of DynamoDB can. All others show the newest. Its luck is its own, so that a history without it is not changed.
 */
import type { Key, Row, Table, TableWrite } from '../../shared/base/table.ts';
import { keyOf, keyText } from '../../shared/stores/row-bounds.ts';

const lagMs = 3000; // far longer than usual: most rows that a run reads have not been written for minutes

interface Before {
  readonly row: Row | undefined;
  readonly until: number;
}

/** @param onLag  Told of every row that was shown as it was. */
export function laggingTable(table: Table, { now, random, onLag }: { readonly now: () => number; readonly random: () => number; readonly onLag?: (() => void) | undefined }): Table {
  const before = new Map<string, Before>();

  async function remembering<T>(group: readonly TableWrite[], work: () => Promise<T>, isWritten: (outcome: T) => boolean): Promise<T> {
    const keys = group.filter(({ kind }) => kind !== 'check').map(keyOf);
    const rows = new Map((await table.getMany(keys)).map((row) => [keyText(row), row]));
    const outcome = await work();
    if (isWritten(outcome)) for (const key of keys) before.set(keyText(key), { row: rows.get(keyText(key)), until: now() + lagMs });
    return outcome;
  }

  /** The row, or what stood there before it. */
  function shown(key: Key, row: Row | undefined): Row | undefined {
    const old = before.get(keyText(key));
    if (old === undefined || old.until < now() || random() < 0.5) return row;
    onLag?.();
    return old.row;
  }

  return {
    ...table,
    getMany: async (keys, reading) => {
      const rows = await table.getMany(keys, reading);
      if (reading?.mayLag !== true) return rows;
      const found = new Map(rows.map((row) => [keyText(row), row]));
      return keys.flatMap((key) => shown(key, found.get(keyText(key))) ?? []);
    },
    queryHeads: async (ask) => {
      const page = await table.queryHeads(ask);
      if (ask.mayLag !== true) return page;
      const rows = page.rows.flatMap((head) => {
        const row = shown({ table: ask.table, pk: ask.pk, sk: head.sk }, { table: ask.table, pk: ask.pk, body: {}, ...head });
        return row === undefined ? [] : [{ sk: row.sk, rev: row.rev, head: row.head ?? '' }];
      });
      return { ...page, rows };
    },
    queryIndex: async (ask) => {
      const page = await table.queryIndex(ask);
      if (ask.mayLag !== true) return page;
      return { ...page, rows: page.rows.flatMap((row) => shown(row, row) ?? []).filter((row) => row.index?.[ask.index] === ask.key) };
    },
    write: (group) => remembering(group, () => table.write(group), () => true),
    writeGroups: async (groups) => {
      const outcomes = [];
      for (const group of groups) outcomes.push(...(await remembering(group, () => table.writeGroups([group]), ([outcome]) => outcome?.ok === true)));
      return outcomes;
    },
  };
}
