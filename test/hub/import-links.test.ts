/** Pairs that somebody knows: linked after both were looked at, told one by one, and nothing written to any system. */
import { expect, test } from 'vitest';
import { importPairs } from '../../shared/hub/import-links.ts';
import { twoWay } from '../../shared/sync/policy.ts';
import { notebookHub } from '../samples/notebook-hub.ts';

function aHub() {
  const hub = notebookHub({ policy: twoWay });
  const importing = (pairs: readonly [string, string][], dry = false) =>
    importPairs(hub.world(), hub.connector, hub.stream, pairs.map(([source, target]) => ({ source, target })), dry);
  return { ...hub, source: hub.source, target: hub.target, importing };
}

test('each pair is told by itself: equal, different, gone, unreadable', async () => {
  const hub = aHub();
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  hub.target.put('a', { title: 'Choir', place: 'Hall' });
  hub.source.put('2', { title: 'Garden', place: 'Riverside' });
  hub.target.put('b', { title: 'Garden morning', place: 'Riverside' });
  hub.source.put('3', { title: 'Library', place: 'Hall' });
  hub.source.put('4', { title: 'Film', place: 'Hall' });
  hub.target.put('d', { title: null });

  const told = await hub.importing([['1', 'a'], ['2', 'b'], ['3', 'gone'], ['4', 'd']]);

  expect(told).toEqual([
    { source: '1', target: 'a', stream: 'pages', verdict: 'linked', where: [] },
    { source: '2', target: 'b', stream: 'pages', verdict: 'differs', where: ['title'] },
    { source: '3', target: 'gone', stream: 'pages', verdict: 'missing', where: ['target'] },
    { source: '4', target: 'd', stream: 'pages', verdict: 'unreadable', where: ['target'] },
  ]);
  expect([...hub.source.calls, ...hub.target.calls].filter((call) => call !== 'look-up')).toEqual([]);
});

test('a pair whose titles say nothing of each other is one thing from then on, and the next run brings it together', async () => {
  const hub = aHub();
  hub.source.put('1', { title: 'Choir of the valley', place: 'Hall' });
  hub.target.put('a', { title: 'Singing', place: 'Hall' });

  await hub.importing([['1', 'a']]);
  const report = await hub.run();

  expect(report).toMatchObject({ state: 'finished', streams: { pages: { created: 0, updated: 1 } } });
  expect([hub.source.titles, hub.target.titles]).toEqual([['Choir of the valley'], ['Choir of the valley']]);
  expect(await hub.run({ full: true })).toMatchObject({ planned: 0 });
});

test('also where runs have been before, whose next reading would have been a short one', async () => {
  const hub = aHub();
  hub.source.put('9', { title: 'Older', place: 'Hall' });
  await hub.run();
  hub.source.put('1', { title: 'Choir of the valley', place: 'Hall' }, false);
  hub.target.put('a', { title: 'Singing', place: 'Hall' });

  await hub.importing([['1', 'a']]);
  await hub.run();

  expect(hub.source.pages.size).toBe(2);
  expect(await hub.linkOf('pages', '1')).toMatchObject({ targetId: 'a', state: 'agreed' });
});

test('who is linked stays linked: the same pair is known, another partner is refused', async () => {
  const hub = aHub();
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  hub.target.put('a', { title: 'Choir', place: 'Hall' });
  hub.target.put('b', { title: 'Other', place: 'Hall' });
  await hub.importing([['1', 'a']]);

  const again = await hub.importing([['1', 'a']]);
  const other = await hub.importing([['1', 'b']]);

  expect(again).toMatchObject([{ verdict: 'known' }]);
  expect(other).toMatchObject([{ verdict: 'taken', where: ['source'] }]);
});

test('it answers what was parked because it could be several things', async () => {
  const hub = aHub();
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  hub.source.put('2', { title: 'Choir', place: 'School' });
  hub.target.put('a', { title: 'Choir', place: 'Hall' });
  await hub.run();

  const told = await hub.importing([['1', 'a']]);

  expect(told).toMatchObject([{ verdict: 'linked' }]);
  expect(await hub.linkOf('pages', '1')).toMatchObject({ targetId: 'a', state: 'agreed' });
});

test('tried only, it tells the same and links nothing', async () => {
  const hub = aHub();
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  hub.target.put('a', { title: 'Choir', place: 'Hall' });

  const told = await hub.importing([['1', 'a']], true);

  expect(told).toMatchObject([{ verdict: 'linked' }]);
  expect(await hub.linkOf('pages', '1')).toBeUndefined();
});
