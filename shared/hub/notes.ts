/**
 * Small facts that a connector found out and would otherwise have to ask again, such as a calendar's address. One row for a
 * connector; read before a run, written when something changed.
 */
import type { Table } from '../base/table.ts';

export interface Notes {
  get(name: string): string | undefined;
  set(name: string, value: string | undefined): void;
  /** Reads what another process may have noted. */
  load(): Promise<void>;
  /** Writes what was set since; nothing when nothing was. */
  save(): Promise<void>;
}

export function notesOf(table: Table, connector: string): Notes {
  const key = { table: 'runs', pk: `${connector}#notes`, sk: 'notes' } as const;
  let notes = new Map<string, string>();
  let isChanged = false;
  return {
    get: (name) => notes.get(name),
    set: (name, value) => {
      if (notes.get(name) === value) return;
      if (value === undefined) notes.delete(name);
      else notes.set(name, value);
      isChanged = true;
    },
    load: async () => {
      const body = (await table.get(key))?.body ?? {};
      notes = new Map(Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
      isChanged = false;
    },
    save: async () => {
      if (!isChanged) return;
      // Whoever writes last is right: both have just asked the same server.
      await table.write([{ kind: 'put', row: { ...key, body: Object.fromEntries(notes) }, when: 'any' }]);
      isChanged = false;
    },
  };
}
