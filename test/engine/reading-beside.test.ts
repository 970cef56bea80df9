/** A side that may be read beside the other one. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Side } from '../../shared/engine/side.ts';
import { notebookHub } from '../samples/notebook-hub.ts';

/** Something happens before a side's first page is there. */
function before(side: Side, work: () => Promise<void> | void): void {
  const read = side.read.bind(side);
  side.read = async function* reading(want) {
    await work();
    return yield* read(want);
  };
}

function aHub(readsBeside: boolean) {
  const hub = notebookHub();
  hub.source.put('1', { title: 'Page 1' });
  Object.assign(hub.source, { readsBeside });
  return hub;
}

test('is asked while the other side is still read', async () => {
  const hub = aHub(true);
  const asked = Promise.withResolvers<void>();
  before(hub.source, () => asked.resolve());
  before(hub.target, () => asked.promise); // would wait for ever if the source came after it

  await hub.run();

  expect(hub.target.titles).toEqual(['Page 1']);
});

test('is read once', async () => {
  const hub = aHub(true);
  let readings = 0;
  before(hub.source, () => void (readings += 1));

  await hub.run();

  expect(readings).toBe(1);
});

test('is read after the other one where it does not say so', async () => {
  const hub = aHub(false);
  const order: string[] = [];
  before(hub.source, () => void order.push('source'));
  before(hub.target, async () => {
    await turn();
    order.push('target');
  });

  await hub.run();

  expect(order).toEqual(['target', 'source']);
});

test('is waited for when the other one cannot be read: no call outlives its run', async () => {
  const hub = aHub(true);
  let answered = false;
  before(hub.source, async () => {
    for (let n = 0; n < 5; n += 1) await turn();
    answered = true;
  });
  before(hub.target, () => {
    throw new Error('the target is not there');
  });

  await hub.run().catch(() => undefined);

  expect(answered).toBe(true);
});

test('that cannot be read itself stops the run, and nothing is written', async () => {
  const hub = aHub(true);
  before(hub.source, () => {
    throw new Error('the source is not there');
  });

  const end = await hub.run().catch((error: unknown) => error);

  expect(end).toMatchObject({ message: 'the source is not there' });
  expect(hub.target.titles).toEqual([]);
});

test('makes no call after the one that is under way when the other one cannot be read', async () => {
  const hub = aHub(true);
  for (let n = 2; n <= 9; n += 1) hub.source.put(String(n), { title: `Page ${n}` });
  const looks: string[] = [];
  hub.source.lookUp = async (ids) => {
    looks.push(...ids);
    return [];
  };
  hub.source.read = async function* reading() {
    await turn();
    yield [{ kind: 'listed', id: '1' }];
    looks.push('second page');
    return { kind: 'scan', lastPageSeen: true, authoritative: true };
  };
  before(hub.target, () => {
    throw new Error('the target is not there');
  });

  await hub.run().catch(() => undefined);

  expect(looks).toEqual([]);
});

test('is not read at all where somebody named what to look at', async () => {
  const hub = aHub(true);
  await hub.run();
  let readings = 0;
  before(hub.source, () => void (readings += 1));

  await hub.run({ hints: [{ stream: 'pages', side: 'source', ids: ['1'] }] });

  expect(readings).toBe(0);
});
