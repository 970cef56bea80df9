/** A process that dies at one of its awaits, before or after the effect: then nothing of it reaches anybody any more. */
import type { Table } from '../../shared/base/table.ts';

/** Where a process dies: at its n-th await, before or after the effect. */
export interface Death {
  readonly at: number;
  readonly isAfter: boolean;
}

export function mortal() {
  let steps = 0;
  let death: Death | undefined;
  let isDead = false;
  const guard = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isDead) throw new Error('killed');
    steps += 1;
    const dies = death !== undefined && steps >= death.at;
    if (!dies) return work();
    isDead = true;
    if (death?.isAfter === true) await work();
    throw new Error('killed');
  };
  return {
    guard,
    get steps() {
      return steps;
    },
    get isDead() {
      return isDead;
    },
    begin(next: Death | undefined) {
      steps = 0;
      death = next;
      isDead = false;
    },
    wrapFetch: (fetcher: typeof fetch): typeof fetch => (input, init) => guard(() => fetcher(input, init)),
    wrapTable: (table: Table): Table => ({
      get: (key) => guard(() => table.get(key)),
      getMany: (keys, reading) => guard(() => table.getMany(keys, reading)),
      query: (ask) => guard(() => table.query(ask)),
      queryHeads: (ask) => guard(() => table.queryHeads(ask)),
      queryIndex: (ask) => guard(() => table.queryIndex(ask)),
      write: (group) => guard(() => table.write(group)),
      writeGroups: (groups) => guard(() => table.writeGroups(groups)),
    }),
  };
}
