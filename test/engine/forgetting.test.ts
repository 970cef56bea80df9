/** What the engine promises about items that matter only for a while, and about those that somebody needs soon. */
import { describe, expect, test } from 'vitest';
import { defaultGuard } from '../../shared/sync/guard.ts';
import type { Item } from '../../shared/sync/item.ts';
import { mirror } from '../../shared/sync/policy.ts';
import { Notebook, notebookKey } from '../samples/notebook.ts';
import { driver, notebookHub } from '../samples/notebook-hub.ts';

const dayMs = 86_400_000;

/** A hub whose source says more of its items than the notebook does. */
function aHub(more: (item: Item) => Partial<Item>) {
  const hub = notebookHub({ policy: mirror, source: { power: 'own-id' } });
  const lookUp = hub.source.lookUp.bind(hub.source);
  hub.source.lookUp = async (ids) => (await lookUp(ids)).map((looked) => (looked.kind === 'present' ? { kind: 'present', item: { ...looked.item, ...more(looked.item) } } : looked));
  return hub;
}

describe('an item that matters until an instant', () => {
  test('is forgotten then, with both its ids: one of the same name is new', async () => {
    const hub = aHub(() => ({ keepUntil: hub.clock.now() + dayMs }));
    hub.source.put('1', { title: 'Visit' });
    await hub.run();
    const before = await hub.linkOf('pages', '1');

    hub.clock.advance(dayMs);
    const after = [await hub.linkOf('pages', '1'), (await hub.links.byIds('pages', 'target', [before?.targetId ?? ''])).size];

    expect(before?.keepUntil).toBe(hub.clock.now());
    expect(after).toEqual([undefined, 0]);
  });

  test('is kept longer as soon as it says so', async () => {
    let days = 1;
    const hub = aHub(() => ({ keepUntil: hub.clock.now() + days * dayMs }));
    hub.source.put('1', { title: 'Visit' });
    await hub.run();
    const { targetId = '' } = (await hub.linkOf('pages', '1')) ?? {};

    days = 3;
    hub.source.put('1', { title: 'Longer visit' });
    await hub.run();
    hub.clock.advance(2 * dayMs);

    expect((await hub.links.byIds('pages', 'target', [targetId])).get(targetId)?.sourceId).toBe('1');
  });
});

test('what is needed within half an hour is written before everything else, child before another parent', async () => {
  const soon = 29 * 60_000;
  const neededIn: { readonly [title: string]: number } = { Late: 5 * dayMs, Tomorrow: dayMs, Soon: soon };
  const base = notebookHub();
  const order: string[] = [];
  const named = (prefix: string) => {
    const hub = aHub(({ entity }) => ({ neededBy: base.clock.now() + (neededIn[String(entity['title'])] ?? 0) }));
    for (const title of Object.keys(neededIn)) hub.source.put(`${prefix}-${title}`, { title, ...(prefix === 'visit' && { person: `person-${title}` }) });
    const target = new Notebook({ system: 'target' });
    const write = target.write.bind(target);
    target.write = (writes) => {
      for (const { staged } of writes) if (staged.kind === 'create') order.push(`${prefix} ${String(staged.entity['title'])}`);
      return write(writes);
    };
    return { source: hub.source, target };
  };
  const stream = { fields: ['title'], shape: 'n/1', policy: mirror, guard: defaultGuard, keyFor: notebookKey, fullEveryMs: dayMs };
  const streams = [{ ...stream, name: 'people', ...named('person') }, { ...stream, name: 'visits', fields: ['title', 'person'], ...named('visit') }];

  await driver({ clock: base.clock, table: base.table, streams }).run();

  expect(order).toEqual(['person Soon', 'visit Soon', 'person Tomorrow', 'person Late', 'visit Tomorrow', 'visit Late']);
});

test('a side that recalls is told what the links know, so that age alone asks for nothing', async () => {
  const hub = aHub(() => ({}));
  hub.source.put('1', { title: 'Ada' });
  Object.assign(hub.source, { recalls: true });
  const told: unknown[] = [];
  const read = hub.source.read.bind(hub.source);
  hub.source.read = (want: Parameters<typeof read>[0] & { known?: ReadonlyMap<string, string> | undefined }) => {
    told.push(Object.fromEntries(want.known ?? []));
    return read(want);
  };

  await hub.run({ full: true });
  await hub.run({ full: true });

  expect(told).toEqual([{}, { '1': '1' }]);
});

test('children follow when their parent gets another id in the target', async () => {
  const base = notebookHub();
  const people = { source: new Notebook({ system: 'source' }), target: new Notebook({ system: 'target' }) };
  const visits = {
    source: new Notebook({ system: 'source', parents: (page) => ({ person: { stream: 'people', sourceId: String(page.entity['person']) } }) }),
    target: new Notebook({ system: 'target' }),
  };
  const stream = { fields: ['title'], shape: 'n/1', policy: mirror, guard: defaultGuard, keyFor: notebookKey, fullEveryMs: dayMs };
  const hub = driver({ clock: base.clock, table: base.table, streams: [{ ...stream, name: 'people', ...people }, { ...stream, name: 'visits', fields: ['title', 'person'], ...visits }] });
  people.source.put('p1', { title: 'Ada' });
  visits.source.put('v1', { title: 'Tuesday', person: 'p1' });
  visits.source.put('v2', { title: 'Friday', person: 'p1' });
  await hub.run();
  // A new card: the target cannot change its item, so a second one takes its place.
  const write = people.target.write.bind(people.target);
  people.target.write = async (writes) => {
    const results = await write(writes);
    return results.map((result) => (result.kind === 'done' ? { ...result, id: 'copy-of-new-card' } : result));
  };

  people.source.put('p1', { title: 'Ada, new card' });
  await hub.run();
  const report = await hub.run();
  const quiet = await hub.run();

  expect([...visits.target.pages.values()].map(({ entity }) => entity['person'])).toEqual(['copy-of-new-card', 'copy-of-new-card']);
  expect([report.streams['visits']?.updated, quiet.planned]).toEqual([2, 0]);
});
