/** What a person may ask of a connector: settle, take back, look again, carry out, pause. On two notebooks, where every value shows. */
import { expect, test } from 'vitest';
import { AnotherRunActive } from '../../shared/base/errors.ts';
import { carryOutPlan, replayLinks } from '../../shared/engine/person.ts';
import { openRun } from '../../shared/engine/plan.ts';
import { pauseConnector, releasePlan, resumeConnector } from '../../shared/engine/word.ts';
import { settleConflict, undoSettled } from '../../shared/engine/settle.ts';
import type { SideName } from '../../shared/sync/link.ts';
import { twoWay } from '../../shared/sync/policy.ts';
import { notebookKey } from '../samples/notebook.ts';
import { notebookHub, type HubSettings } from '../samples/notebook-hub.ts';

const calls = () => ({});

/** Page 1 stands on both sides, and both have given it another title (and the source another place). */
async function aConflict(settings: HubSettings = { policy: twoWay }) {
  const hub = notebookHub(settings);
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  await hub.run();
  const [target] = [...hub.target.pages.keys()];
  hub.source.put('1', { title: 'Choir of the valley', place: 'Hall' });
  hub.target.put(target ?? '', { title: 'Choir rehearsal', place: 'Hall' });
  await hub.run();
  const link = await hub.linkOf('pages', '1');
  const asked = { stream: 'pages', key: link?.key ?? '', by: 'a test' };
  const settle = (take: (field: string) => SideName) => settleConflict(hub.world(), hub.connector, asked, take);
  const titles = () => [hub.source.pages.get('1')?.entity['title'], hub.target.pages.get(target ?? '')?.entity['title']];
  return { ...hub, target, notebooks: { source: hub.source, target: hub.target }, link, asked, settle, titles };
}

test.each([
  { side: 'source' as const, title: 'Choir of the valley' },
  { side: 'target' as const, title: 'Choir rehearsal' },
])('the word of the $side is written to the other side, under a released plan of its own', async ({ side, title }) => {
  const hub = await aConflict();

  const answered = await hub.settle(() => side);

  expect(hub.link?.state).toBe('parked');
  expect(answered).toMatchObject({ kind: 'done', fields: ['title'], outcomes: [{ kind: 'applied', what: 'updated' }] });
  expect(hub.titles()).toEqual([title, title]);
  expect(await hub.runs.plans()).toContainEqual(expect.objectContaining({ state: 'released', releasedBy: 'a test', changes: 1 }));
  expect(await hub.run({ full: true })).toMatchObject({ state: 'finished', planned: 0, problems: [] });
});

test('field by field, each side gives what was taken from it', async () => {
  const hub = notebookHub({ policy: twoWay });
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  await hub.run();
  const target = [...hub.target.pages.keys()][0] ?? '';
  hub.source.put('1', { title: 'Choir of the valley', place: 'Church' });
  hub.target.put(target, { title: 'Choir rehearsal', place: 'School' });
  await hub.run();
  const link = await hub.linkOf('pages', '1');

  await settleConflict(hub.world(), hub.connector, { stream: 'pages', key: link?.key ?? '', by: 'a test' }, (field) => (field === 'title' ? 'source' : 'target'));

  expect(hub.source.pages.get('1')?.entity).toMatchObject({ title: 'Choir of the valley', place: 'School' });
  expect(hub.target.pages.get(target)?.entity).toMatchObject({ title: 'Choir of the valley', place: 'School' });
  expect(await hub.run({ full: true })).toMatchObject({ planned: 0, problems: [] });
});

test('an edit that the person was not shown is neither written nor forgotten', async () => {
  const hub = notebookHub(); // moderated: edits of the target are shown first
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  await hub.run();
  const target = [...hub.target.pages.keys()][0] ?? '';
  hub.source.put('1', { title: 'Choir of the valley', place: 'Hall' });
  hub.target.put(target, { title: 'Choir rehearsal', place: 'School' });
  await hub.run();
  const link = await hub.linkOf('pages', '1');

  await settleConflict(hub.world(), hub.connector, { stream: 'pages', key: link?.key ?? '', by: 'a test' }, () => 'target');
  const next = await hub.run({ full: true });

  expect(hub.source.pages.get('1')?.entity).toMatchObject({ title: 'Choir rehearsal', place: 'Hall' });
  expect(hub.target.pages.get(target)?.entity).toMatchObject({ title: 'Choir rehearsal', place: 'School' });
  expect(next.problems).toMatchObject([{ code: 'TARGET_EDITED', message: expect.stringContaining('place') }]);
});

test('who decided on older values is not obeyed but shown the newer ones', async () => {
  const hub = await aConflict();
  hub.notebooks.target.put(hub.target ?? '', { title: 'Choir practice', place: 'Hall' });

  const answered = await hub.settle(() => 'target');

  expect(answered).toEqual({ kind: 'changed' });
  expect(hub.titles()).toEqual(['Choir of the valley', 'Choir practice']);
  expect(await hub.links.conflict('pages', hub.asked.key)).toMatchObject({ target: { title: 'Choir practice' } });
  expect(await hub.settle(() => 'target')).toMatchObject({ kind: 'done' });
  expect(hub.titles()).toEqual(['Choir practice', 'Choir practice']);
});

test('what lost comes back on both sides, and a second time the other way round', async () => {
  const hub = await aConflict();
  await hub.settle(() => 'source');

  const undone = await undoSettled(hub.world(), hub.connector, hub.asked);
  const titles = hub.titles();
  const again = await undoSettled(hub.world(), hub.connector, hub.asked);

  expect(undone).toMatchObject({ kind: 'done', fields: ['title'] });
  expect(titles).toEqual(['Choir rehearsal', 'Choir rehearsal']);
  expect(again).toMatchObject({ kind: 'done' });
  expect(hub.titles()).toEqual(['Choir of the valley', 'Choir of the valley']);
  expect(await hub.run({ full: true })).toMatchObject({ planned: 0, problems: [] });
});

test('nothing is restored over what somebody has written since, nor after 90 days', async () => {
  const hub = await aConflict();
  await hub.settle(() => 'source');
  hub.source.put('1', { title: 'Choir and orchestra', place: 'Hall' });

  const before = await undoSettled(hub.world(), hub.connector, hub.asked);
  await hub.run();
  const after = await undoSettled(hub.world(), hub.connector, hub.asked);
  hub.clock.advance(91 * 86_400_000);
  const late = await undoSettled(hub.world(), hub.connector, hub.asked);

  expect([before, after, late]).toMatchObject([{ kind: 'refused', why: expect.stringContaining('still to be written') }, { kind: 'refused', why: expect.stringContaining('changed since') }, { kind: 'refused', why: expect.stringContaining('90 days') }]);
  expect(hub.titles()).toEqual(['Choir and orchestra', 'Choir and orchestra']);
});

/** Page 1 was edited in the target while it went from the source. */
async function aSurvivor(settings: HubSettings = { policy: twoWay }) {
  const hub = await aConflict(settings);
  await hub.settle(() => 'source');
  hub.notebooks.target.put(hub.target ?? '', { title: 'Choir, as long as we live', place: 'Hall' });
  hub.source.drop('1');
  await hub.run({ full: true });
  await hub.run({ full: true });
  return hub;
}

test('an item that is gone from the source and was edited in the target goes or stays, as the person says', async () => {
  const [goes, stays] = [await aSurvivor(), await aSurvivor()];

  const mixed = await settleConflict(goes.world(), goes.connector, goes.asked, () => 'source');
  const kept = await settleConflict(stays.world(), stays.connector, stays.asked, () => 'target');

  expect(mixed).toMatchObject({ kind: 'done', outcomes: [{ what: 'deleted' }] });
  expect(goes.notebooks.target.pages.size).toBe(0);
  expect(kept).toMatchObject({ kind: 'done', outcomes: [{ what: 'created' }] });
  expect([...stays.source.pages.values()].map(({ entity }) => entity['title'])).toEqual(['Choir, as long as we live']);
  expect(await stays.run({ full: true })).toMatchObject({ planned: 0, problems: [] });
  expect(stays.notebooks.target.pages.size).toBe(1);
});

test('what is kept starts anew: a scan that missed the page that is gone does not count against the new one', async () => {
  const hub = await aSurvivor({ policy: twoWay, source: { authoritative: false, secondLook: 'second-scan' } });
  const [before] = await hub.links.byKeys('pages', [hub.asked.key]);

  await settleConflict(hub.world(), hub.connector, hub.asked, () => 'target');

  expect(before?.missing).toMatchObject({ source: expect.any(Number) });
  const [after] = await hub.links.byKeys('pages', [hub.asked.key]);
  expect(after?.state).toBe('agreed');
  expect(after?.missing).toBeUndefined();
});

test('while a run is under way nothing is settled, and the run is not asked to come again', async () => {
  const hub = await aConflict();
  const running = hub.world();
  await openRun(running, hub.connector);

  await expect(hub.settle(() => 'source')).rejects.toThrow(AnotherRunActive);

  expect(await hub.runs.state()).toMatchObject({ lease: { worker: running.worker } });
  expect((await hub.runs.state()).again).toBeUndefined();
});

test('a paused connector makes no call, says since when and why, and goes on when it is resumed', async () => {
  const hub = notebookHub();
  hub.source.put('1', { title: 'Choir', place: 'Hall' });

  const isNew = [await pauseConnector(hub.runs, { by: 'a test', at: hub.clock.now(), why: 'moving house' }), await pauseConnector(hub.runs, { by: 'another', at: 0, why: '' })];
  const paused = await hub.run();
  const planned = await hub.run({ dry: true });
  const before = hub.target.pages.size;
  const wasPaused = [await resumeConnector(hub.runs), await resumeConnector(hub.runs)];
  const resumed = await hub.run();

  expect(isNew).toEqual([true, false]);
  expect(paused).toMatchObject({ state: 'paused', planned: 0, problems: [{ stream: '*', code: 'E_PAUSED', message: expect.stringContaining('2026-11-23T09:00:00.000Z by a test (moving house)') }] });
  expect(planned).toMatchObject({ state: 'finished', planned: 1 });
  expect(before).toBe(0);
  expect(wasPaused).toEqual([true, false]);
  expect(resumed).toMatchObject({ state: 'finished', streams: { pages: { created: 1 } } });
});

test('a failed item is tried again at once, long before it is due', async () => {
  const hub = notebookHub();
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  hub.target.troubles.set(notebookKey('target', { id: '1', entity: {}, belongs: true }, 0), 'refuse');
  await hub.run();
  const failed = await hub.linkOf('pages', '1');

  const tooEarly = await hub.run();
  const replayed = await replayLinks(hub.world(), hub.connector, failed ? [failed] : [], { calls });

  expect(failed?.state).toBe('failed');
  expect(tooEarly.streams['pages']).toMatchObject({ failed: 1, created: 0 });
  expect(replayed.streams['pages']).toMatchObject({ failed: 0, created: 1 });
});

test('looking again never lets a withdrawal go that the guard holds', async () => {
  const hub = notebookHub();
  for (let id = 1; id <= 20; id += 1) hub.source.put(String(id), { title: `Page ${id}`, place: 'Hall' });
  await hub.run();
  for (let id = 1; id <= 12; id += 1) hub.source.drop(String(id));
  const held = await hub.run({ full: true });
  const links = [...(await hub.links.byIds('pages', 'source', ['1', '2'])).values()];

  const replayed = await replayLinks(hub.world(), hub.connector, links, { calls });

  expect(held.state).toBe('held');
  expect(replayed.state).toBe('held');
  expect(hub.target.pages.size).toBe(20);
});

test('a released plan can be carried out alone, without reading for news', async () => {
  const hub = notebookHub();
  for (let id = 1; id <= 20; id += 1) hub.source.put(String(id), { title: `Page ${id}`, place: 'Hall' });
  await hub.run();
  for (let id = 1; id <= 12; id += 1) hub.source.drop(String(id));
  await hub.run({ full: true });
  hub.source.put('21', { title: 'News', place: 'Hall' });
  const [plan] = (await hub.runs.plans()).filter(({ state }) => state === 'held');
  await releasePlan(hub.world(), plan?.id ?? '', 'a test');

  const { outcomes } = await carryOutPlan(hub.world(), hub.connector, plan?.id ?? '');

  expect(outcomes.filter(({ what }) => what === 'deleted')).toHaveLength(12);
  expect(hub.target.pages.size).toBe(8);
});

test('what could be several things is matched anew once a person has made a difference, and makes no double', async () => {
  const hub = notebookHub({ policy: twoWay });
  hub.source.put('1', { title: 'Choir', place: 'Hall' });
  hub.source.put('2', { title: 'Choir', place: 'School' });
  hub.target.put('theirs', { title: 'Choir', place: 'Hall' });
  const first = await hub.run();
  hub.source.put('2', { title: 'Choir of the school', place: 'School' });
  const one = await hub.linkOf('pages', '1');

  const replayed = await replayLinks(hub.world(), hub.connector, one ? [one] : [], { calls });

  expect(first.problems.map(({ code }) => code)).toEqual(['AMBIGUOUS_MATCH', 'AMBIGUOUS_MATCH', 'AMBIGUOUS_MATCH']);
  expect(replayed).toMatchObject({ state: 'finished', problems: [] });
  expect(hub.source.titles).toEqual(['Choir', 'Choir of the school']);
  expect(hub.target.titles).toEqual(['Choir', 'Choir of the school']);
});
