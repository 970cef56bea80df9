/** The guard by parent (rule 10): a roster that breaks is a small part of its stream, and still waits for a person. */
import { describe, expect, test } from 'vitest';
import { rostersOf } from '../../shared/engine/rosters.ts';
import { newLink } from '../../shared/engine/stage.ts';
import { releasePlan } from '../../shared/engine/word.ts';
import { defaultGuard } from '../../shared/sync/guard.ts';
import type { Link, StagedWrite } from '../../shared/sync/link.ts';
import { rostersInStep, type rosterHub } from '../samples/roster-hub.ts';

const hourMs = 3_600_000;

type Hub = Awaited<ReturnType<typeof rosterHub>>;

function cancel(hub: Hub, event: string, from: number, to: number): void {
  for (let n = from; n <= to; n++) hub.participants.source.put(`${event}-${n}`, {}, false);
}

const standing = (hub: Hub, event: string): number => hub.participants.target.titles.filter((title) => title.startsWith(`${event} `)).length;

async function release(hub: Hub): Promise<void> {
  const held = (await hub.runs.plans()).find(({ state }) => state === 'held');
  await releasePlan(hub.world(), held?.id ?? '', 'a person');
}

describe('withdrawals are counted by parent', () => {
  test('a broken roster holds the plan though the stream as a whole loses little, and a person may release it', async () => {
    const hub = await rostersInStep({ 31877: 24, 31878: 40 });
    cancel(hub, '31877', 1, 7);

    const held = await hub.run();
    const whileHeld = standing(hub, '31877');
    await release(hub);
    await hub.run();

    expect(held.state).toBe('held');
    expect(held.held).toEqual([{ stream: 'participants', code: 'TOO_MANY_WITHDRAWALS', message: '7 of 24 of events 31877 would be withdrawn within 24 hours (29 %, limit 20 %)' }]);
    expect([whileHeld, standing(hub, '31877'), standing(hub, '31878')]).toEqual([24, 17, 40]);
  });

  test('the same number spread over the rosters goes', async () => {
    const hub = await rostersInStep({ e1: 24, e2: 40 });
    cancel(hub, 'e1', 1, 4);
    cancel(hub, 'e2', 1, 8);

    const report = await hub.run();

    expect([report.state, standing(hub, 'e1'), standing(hub, 'e2')]).toEqual(['finished', 20, 32]);
  });

  test('a small roster that loses all of its five goes', async () => {
    const hub = await rostersInStep({ e1: 5, e2: 40 });
    cancel(hub, 'e1', 1, 5);

    const report = await hub.run();

    expect([report.state, standing(hub, 'e1'), standing(hub, 'e2')]).toEqual(['finished', 0, 40]);
  });

  test('withdrawals of a roster are counted over a day, in whatever small plans they come', async () => {
    const hub = await rostersInStep({ e1: 10, e2: 40 });
    cancel(hub, 'e1', 1, 4);
    await hub.run();
    hub.clock.advance(hourMs);
    cancel(hub, 'e1', 5, 6);

    const second = await hub.run();

    expect(second.held.map(({ message }) => message)).toEqual(['6 of 10 of events e1 would be withdrawn within 24 hours (60 %, limit 20 %)']);
    expect(standing(hub, 'e1')).toBe(6);
  });

  test('what was withdrawn more than a day ago counts no more', async () => {
    const hub = await rostersInStep({ e1: 10, e2: 40 });
    cancel(hub, 'e1', 1, 4);
    await hub.run();
    hub.clock.advance(25 * hourMs);
    cancel(hub, 'e1', 5, 6);

    const second = await hub.run();

    expect([second.state, standing(hub, 'e1')]).toEqual(['finished', 4]);
  });

  test('what was withdrawn from one roster is not counted against another', async () => {
    const hub = await rostersInStep({ e1: 10, e2: 40 });
    cancel(hub, 'e1', 1, 5);
    await hub.run();
    cancel(hub, 'e2', 1, 3);

    const second = await hub.run();

    expect([second.state, standing(hub, 'e2')]).toEqual(['finished', 37]);
  });

  test('a withdrawal that is held counts as long as it stands, and one that waits for a worker counts too', async () => {
    const hub = await rostersInStep({ e1: 24, e2: 40, e3: 40 });
    cancel(hub, 'e2', 1, 4);
    await hub.run({ applies: 'elsewhere' });
    cancel(hub, 'e1', 1, 6);
    const first = await hub.run({ applies: 'elsewhere' });
    hub.clock.advance(hourMs);
    cancel(hub, 'e1', 7, 7);
    cancel(hub, 'e2', 5, 9);

    const second = await hub.run({ applies: 'elsewhere' });

    expect(first.held.map(({ message }) => message)).toEqual([expect.stringContaining('6 of 24 of events e1')]);
    expect(second.held.map(({ message }) => message)).toEqual([expect.stringContaining('9 of 40 of events e2'), expect.stringContaining('7 of 24 of events e1')]);
  });

  test('a dry run says the same and holds nothing', async () => {
    const hub = await rostersInStep({ e1: 24, e2: 40 });
    cancel(hub, 'e1', 1, 7);

    const shown = await hub.run({ dry: true });

    expect(shown.held.map(({ message }) => message)).toEqual([expect.stringContaining('7 of 24 of events e1')]);
    expect((await hub.runs.plans()).filter(({ state }) => state === 'held')).toEqual([]);
  });

  test('where the whole stream loses too much, it is said once, and no roster is read', async () => {
    const hub = await rostersInStep({ e1: 10, e2: 10 });
    cancel(hub, 'e1', 1, 9);
    const asked: string[] = [];
    const children = hub.links.children.bind(hub.links);
    hub.links.children = async (parent) => {
      asked.push(parent);
      return children(parent);
    };

    const report = await hub.run();

    expect(report.held.map(({ message }) => message)).toEqual([expect.stringContaining('9 of 20 would')]);
    expect(asked).toEqual([]);
  });

  test('rosters are read only where a parent may be over the limit', async () => {
    const hub = await rostersInStep({ e1: 24, e2: 40, e3: 40 });
    const asked: string[] = [];
    const children = hub.links.children.bind(hub.links);
    hub.links.children = async (parent) => {
      asked.push(parent);
      return children(parent);
    };
    hub.participants.source.put('e1-1', { title: 'e1 renamed' });
    await hub.run({ applies: 'elsewhere' });
    const whileNothingGoes = [...asked];
    cancel(hub, 'e1', 2, 6);
    cancel(hub, 'e2', 1, 6);

    await hub.run({ applies: 'elsewhere' });

    expect([whileNothingGoes, asked]).toEqual([[], ['events|e2']]);
  });
});

const deleted = (at: number): Partial<Link> => ({ targetId: undefined, log: [{ at, run: 'r', kind: 'applied', what: 'deleted', side: 'target' }] });

describe('who counts as a child of the roster', () => {
  const dayMs = 24 * hourMs;
  const now = 10 * dayMs;
  const stream = { name: 'participants', guard: defaultGuard, guardPer: 'event' };
  const aChild = (facts: Partial<Link>): Link => ({ ...newLink(stream.name, 'a', 'created'), sourceId: '1', targetId: '2', parents: { event: 'events|1' }, ...facts });
  const deletion: StagedWrite = { kind: 'delete', side: 'target', proof: { kind: 'tombstone' }, reason: 'gone from the source' };
  const staged = (at: number): Partial<Link> => ({ pending: { id: 'p/1/1', plan: 'p', at, writes: [deletion], next: { base: undefined, origin: 'created', absent: 'gone', state: 'gone' } } });

  /** One child as told, and six more that the plan withdraws. */
  async function counted(facts: Partial<Link>, held: readonly string[] = []) {
    const planned = Array.from({ length: 6 }, (_, at) => aChild({ key: `planned-${at}` }));
    const links = { children: async () => [...planned, aChild(facts)] };
    const [roster] = await rostersOf({ links }, stream, { planned, held: new Set(held), recent: 0 }, now);
    return roster && { withdrawn: roster.withdrawn - planned.length, linked: roster.linked - planned.length };
  }

  test.each([
    { why: 'a pair that stands', facts: {}, withdrawn: 0, linked: 1 },
    { why: 'a child of another stream', facts: { stream: 'sessions' }, withdrawn: 0, linked: 0 },
    { why: 'one that has this parent by another field', facts: { parents: { event: 'events|2', series: 'events|1' } }, withdrawn: 0, linked: 0 },
    { why: 'one that was never written', facts: { targetId: undefined }, withdrawn: 0, linked: 0 },
    { why: 'one that is gone', facts: { state: 'gone' as const }, withdrawn: 0, linked: 0 },
    { why: 'one that was withdrawn an hour ago', facts: deleted(now - hourMs), withdrawn: 1, linked: 1 },
    { why: 'one that was withdrawn a day ago', facts: deleted(now - dayMs), withdrawn: 0, linked: 0 },
    { why: 'a withdrawal that was staged an hour ago', facts: staged(now - hourMs), withdrawn: 1, linked: 1 },
    { why: 'a withdrawal that was staged a day ago, and is stuck', facts: staged(now - dayMs), withdrawn: 0, linked: 1 },
    { why: 'one that was staged long ago, and is held', facts: { ...staged(now - 3 * dayMs), key: 'held' }, withdrawn: 1, linked: 1 },
  ])('$why: withdrawn $withdrawn, linked $linked', async ({ facts, withdrawn, linked }) => {
    expect(await counted(facts, ['held'])).toEqual({ withdrawn, linked });
  });

  test('a stream that names no field has no rosters, and a link without that parent is in none', async () => {
    const links = { children: async () => [] };
    const planned = Array.from({ length: 9 }, (_, at) => aChild({ key: String(at), parents: { person: 'people|1' } }));
    const withdrawals = { planned, held: new Set<string>(), recent: 9 };

    expect(await rostersOf({ links }, { ...stream, guardPer: undefined }, { ...withdrawals, planned: [aChild({})] }, now)).toEqual([]);
    expect(await rostersOf({ links }, stream, withdrawals, now)).toEqual([]);
  });
});
