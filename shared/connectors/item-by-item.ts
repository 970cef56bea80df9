/** Writes and looks for a system that takes one item with each call. Spread into a side, which says what a call is. */
import type { Clock } from '../base/clock.ts';
import type { Side, SideWrite, WriteResult } from '../engine/side.ts';
import type { Entity, Item, ItemId } from '../sync/item.ts';
import { refusals } from './refused-sign-in.ts';
import { writeRun } from './write-run.ts';

export interface ItemCalls {
  /** Writes under way at once. */
  readonly atOnce: number;
  /** @param otherId  The source's id. */
  readonly create: (entity: Entity, otherId: ItemId) => Promise<WriteResult>;
  /** @param fields  Those that are news; `entity` is the whole. */
  readonly update: (id: ItemId, fields: Entity, entity: Entity, otherId: ItemId) => Promise<WriteResult>;
  readonly withdraw: (id: ItemId, otherId: ItemId, reason: string) => Promise<WriteResult>;
  /** What an earlier create of this may have made. */
  readonly ours: (entity: Entity, otherId: ItemId) => Promise<readonly Item[]>;
}

export function itemByItem(clock: Clock, calls: ItemCalls): Pick<Side, 'write' | 'lookForOurs'> {
  const signIn = refusals(clock);
  const written = ({ staged, id = '', otherId = '' }: SideWrite): Promise<WriteResult> => {
    if (staged.kind === 'create') return calls.create(staged.entity, otherId);
    return staged.kind === 'update' ? calls.update(id, staged.fields, staged.entity, otherId) : calls.withdraw(id, otherId, staged.reason);
  };
  return {
    async lookForOurs(writes) {
      const found: (readonly Item[])[] = [];
      for (const { staged, otherId = '' } of writes) found.push(staged.kind === 'create' ? await calls.ours(staged.entity, otherId) : []);
      return found;
    },
    async write(writes) {
      const run = writeRun(writes.length, calls.atOnce, signIn);
      await Promise.all(writes.map((write, at) => run.add([at], async (record) => record(at, await written(write)))));
      return run.results();
    },
  };
}
