/**
 * Kills a process at a chosen boundary: every call to the table and every request is one. A process that was killed does
 * nothing any more: all its later boundaries fail too. Used with `calendarHub({wrapTable, wrapFetch})`.
 */
import type { Table } from '../../shared/base/table.ts';

export class Killed extends Error {}

/** `before`: the call never leaves. `after`: it takes effect, and nobody hears the answer. */
export type KillKind = 'before' | 'after';

export function killer() {
  let count = 0;
  let killAt: { readonly at: number; readonly kind: KillKind } | undefined;
  let isDead = false;

  async function boundary<T>(call: () => Promise<T>): Promise<T> {
    if (isDead) throw new Killed('the process is dead');
    count++;
    const dies = killAt?.at === count;
    if (dies && killAt?.kind === 'before') die();
    const answer = await call();
    if (dies) die();
    if (isDead) throw new Killed('the process is dead');
    return answer;
  }

  function die(): never {
    isDead = true;
    throw new Killed(`killed at boundary ${count}`);
  }

  return {
    /** Counts from zero, and dies at that boundary if one is given. */
    arm(next?: { at: number; kind: KillKind }): void {
      count = 0;
      isDead = false;
      killAt = next;
    },
    boundaries: () => count,
    wrapTable: (table: Table): Table => ({
      get: (key) => boundary(() => table.get(key)),
      getMany: (keys) => boundary(() => table.getMany(keys)),
      query: (ask) => boundary(() => table.query(ask)),
      queryHeads: (ask) => boundary(() => table.queryHeads(ask)),
      queryIndex: (ask) => boundary(() => table.queryIndex(ask)),
      write: (group) => boundary(() => table.write(group)),
      writeGroups: (groups) => boundary(() => table.writeGroups(groups)),
    }),
    wrapFetch: (fetcher: typeof fetch): typeof fetch => (input, init) => boundary(() => fetcher(input, init)),
  };
}
