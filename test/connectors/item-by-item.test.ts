/** One call for each item: results in order, and nothing that goes on when the answer has been given. */
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { QuotaExhausted, VendorRejected } from '../../shared/base/errors.ts';
import { itemByItem, type ItemCalls } from '../../shared/connectors/item-by-item.ts';
import type { SideWrite, WriteResult } from '../../shared/engine/side.ts';

const creating = (otherId: string): SideWrite => ({ staged: { kind: 'create', side: 'target', key: otherId, entity: {}, reason: 'new' }, ours: false, otherId });
const made = (id: string): WriteResult => ({ kind: 'done', id, item: { id, entity: {}, belongs: true } });

const never = (): Promise<never> => Promise.reject(new Error('not asked for'));

function aSide(create: ItemCalls['create'], atOnce = 2) {
  return itemByItem(manualClock(), { atOnce, create, update: never, withdraw: never, ours: async (_entity, otherId) => [{ id: `found-${otherId}`, entity: {}, belongs: true }] });
}

describe('writes', () => {
  test('are answered in order, and what one of them is refused for is its own', async () => {
    const side = aSide(async (_entity, id) => {
      if (id === 'b') throw new VendorRejected({ vendor: 'v', call: 'POST /x', status: 400, reason: 'NO' });
      return made(id);
    });

    expect(await side.write(['a', 'b', 'c'].map(creating))).toMatchObject([{ kind: 'done', id: 'a' }, { kind: 'refused', code: 'NO' }, { kind: 'done', id: 'c' }]);
  });

  test('end with what stops all of them, told on those that were not sent', async () => {
    const stop = new QuotaExhausted({ vendor: 'v', call: 'any call', resetsAt: 5 });
    const side = aSide(async (_entity, id) => {
      if (id === 'b') throw stop;
      return made(id);
    }, 1);

    expect(await side.write(['a', 'b', 'c'].map(creating))).toMatchObject([{ kind: 'done' }, { kind: 'lost', sent: false, stop }, { kind: 'lost', sent: false, stop }]);
  });

  test('are over when a fault of our own is thrown: what was under way has ended, and nothing new has begun', async () => {
    const { promise: later, resolve: letGo } = Promise.withResolvers<void>();
    const ended: string[] = [];
    const side = aSide(async (_entity, id) => {
      if (id === 'bug') throw new TypeError('our own fault');
      await later;
      ended.push(id);
      return made(id);
    });

    const written = side.write(['slow', 'bug', 'never'].map(creating)).finally(() => ended.push('thrown'));
    letGo();

    await expect(written).rejects.toThrow('our own fault');
    expect(ended).toEqual(['slow', 'thrown']);
  });
});

test('only creates are looked for', async () => {
  const side = aSide(async (_entity, id) => made(id));
  const gone: SideWrite = { staged: { kind: 'delete', side: 'target', proof: { kind: 'says-so' }, reason: 'over' }, ours: false, id: 'x', otherId: 'b' };

  expect(await side.lookForOurs([creating('a'), gone])).toMatchObject([[{ id: 'found-a' }], []]);
});
