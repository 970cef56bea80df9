/** What a link becomes when a decision is carried out: the reasons that people read later, who brought the item, and when nothing moves. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../shared/sync/decide.ts';
import type { Link, Origin } from '../../shared/sync/link.ts';
import { mirror, moderated, oneWay, twoWay, type Policy } from '../../shared/sync/policy.ts';
import { unseen, type View } from '../../shared/sync/views.ts';
import { agreed, bareLink, baseOn, claim, gone, kept, linked, nextOf, rulesOf, scanned, sourceHolds, targetHolds, writesOf } from './pages.ts';

describe('a pair without a common past', () => {
  test('a new item is ours once we have made it, and both sides hold what was written', () => {
    expect(nextOf(decide(rulesOf(oneWay), { source: sourceHolds(agreed), target: unseen }))).toEqual({ base: baseOn(agreed), origin: 'created', state: 'agreed' });
  });

  test.each<[string, Link | undefined, Origin]>([['no link', undefined, 'created'], ['a link of an adopted item', { ...bareLink, origin: 'adopted' }, 'adopted']])(
    'an item that does not belong is agreed to be absent for its own reason: with %s',
    (_, link, origin) => {
      const decision = decide(rulesOf(oneWay), { link, source: kept('draft'), target: unseen });

      expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: baseOn(agreed), origin, state: 'agreed', absent: 'draft' } });
    },
  );

  test.each<{ name: string; policy: Policy; reference: string | undefined; absent: string }>([
    { name: 'two ways', policy: twoWay, reference: 's9', absent: 'its source is gone' },
    { name: 'one way', policy: oneWay, reference: 's9', absent: 'not imported' },
    { name: 'one way', policy: oneWay, reference: undefined, absent: 'not imported' },
  ])('what only the target has stays the target\'s, $name, naming $reference: $absent', ({ policy, reference, absent }) => {
    const decision = decide(rulesOf(policy), { source: unseen, target: targetHolds(agreed, { reference }) });

    expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: baseOn(agreed), origin: 'adopted', state: 'agreed', absent } });
  });

  test.each<[string, Link | undefined, Origin]>([['no link', undefined, 'created'], ['a link of an adopted item', { ...bareLink, origin: 'adopted' }, 'adopted']])(
    'what is taken away says why, and keeps who brought it: with %s',
    (_, link, origin) => {
      const decision = decide(rulesOf({ ...oneWay, targetNew: 'remove' }), { link, source: unseen, target: targetHolds(agreed) });

      expect(nextOf(decision)).toEqual({ origin, state: 'gone', absent: 'not in the source' });
    },
  );

  test.each<[string, Link | undefined]>([['no link', undefined], ['a link', bareLink]])('nothing was seen of either side: nothing happens (%s)', (_, link) => {
    expect(decide(rulesOf(twoWay), { link, source: unseen, target: unseen })).toEqual({ kind: 'nothing' });
  });

  test('a thing that went before anybody linked it leaves no trace', () => {
    expect(decide(rulesOf(twoWay), { source: gone, target: unseen })).toEqual({ kind: 'nothing' });
  });

  test('a link that never agreed on anything ends with its reason', () => {
    const decision = decide(rulesOf(twoWay), { link: bareLink, source: gone, target: unseen });

    expect(decision).toEqual({ kind: 'settle', what: 'gone', next: { origin: 'created', state: 'gone', absent: 'gone before it was linked' } });
  });

  test('blanks are filled on both sides, and the writes say that it was for that', () => {
    const [ours, theirs] = [{ ...agreed, notes: null }, { ...agreed, place: '' }];

    const decision = decide(rulesOf(twoWay), { source: sourceHolds(ours), target: targetHolds(theirs) });

    expect(writesOf(decision)).toEqual([
      { kind: 'update', side: 'target', fields: { place: 'Hall' }, entity: ours, reason: 'filled' },
      { kind: 'update', side: 'source', fields: { notes: 'Bring chairs' }, entity: theirs, reason: 'filled' },
    ]);
  });
});

describe('a pair with an open create', () => {
  test('what we made without recording its id is recognised, and not made again', () => {
    const decision = decide(rulesOf(oneWay), { link: linked({ targetId: undefined, claim }), source: sourceHolds(agreed), target: targetHolds(agreed) });

    expect(decision).toEqual({ kind: 'settle', what: 'rebased', next: { base: baseOn(agreed), origin: 'created', state: 'agreed' } });
  });

  test('what we made in the source without recording its id is recognised, and the target keeps its own', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ sourceId: undefined, claim }), source: sourceHolds(agreed), target: targetHolds(agreed) });

    expect(decision).toEqual({ kind: 'settle', what: 'rebased', next: { base: baseOn(agreed), origin: 'created', state: 'agreed' } });
  });
});

test('an item of ours whose source nobody can name is taken away after one more look', () => {
  const decision = decide(rulesOf(oneWay), { link: linked({ sourceId: undefined }), source: unseen, target: targetHolds(agreed) });

  expect(writesOf(decision)).toEqual([{ kind: 'delete', side: 'target', proof: { kind: 'look-up' }, reason: 'gone from the source' }]);
});

describe('a pair that ends', () => {
  test('a tombstone says that both sides lost it', () => {
    const decision = decide(rulesOf(twoWay), { link: linked(), source: gone, target: gone });

    expect(decision).toEqual({ kind: 'settle', what: 'gone', next: { base: baseOn(agreed), origin: 'created', state: 'gone', absent: 'gone from both sides' } });
  });

  test('a withdrawal of the source ends in a tombstone', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ origin: 'told' }), source: sourceHolds(agreed), target: gone });

    expect(nextOf(decision)).toEqual({ origin: 'told', state: 'gone', absent: 'gone from both sides' });
  });
});

describe('absent from the target', () => {
  test('a deletion there of an item that does not belong is agreed for the source\'s reason', () => {
    expect(nextOf(decide(rulesOf(moderated), { link: linked(), source: kept('draft'), target: gone }))).toMatchObject({ state: 'agreed', absent: 'draft' });
  });

  test('what was absent before is still absent for that reason when only its deletion is seen', () => {
    const decision = decide(rulesOf(moderated), { link: linked({ absent: 'draft' }), source: unseen, target: gone });

    expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: baseOn(agreed), origin: 'created', state: 'agreed', absent: 'draft' } });
  });

  test.each<[string, Partial<Link>, string]>([
    ['nothing moves where all is known', {}, 'nothing'],
    ['a new reason is remembered', { absent: 'cancelled' }, 'settle'],
    ['an attempt that had failed is over', { state: 'failed' }, 'settle'],
  ])('%s', (_, some, kind) => {
    const link = linked({ targetId: undefined, absent: 'draft', ...some });

    const decision = decide(rulesOf(moderated), { link, source: kept('draft'), target: unseen });

    expect(decision.kind).toBe(kind);
    expect(nextOf(decision)?.absent).toBe(kind === 'nothing' ? undefined : 'draft');
  });
});

describe('an adopted item whose source went', () => {
  const known: Partial<Link> = { origin: 'adopted', absent: 'gone from the source' };

  test.each<[string, Partial<Link>, View, string]>([
    ['stays as it is', {}, targetHolds(agreed), 'nothing'],
    ['is settled anew after a failed attempt', { state: 'failed' }, targetHolds(agreed), 'settle'],
    ['is remembered with what its people made of it', {}, targetHolds({ ...agreed, title: 'Duo' }), 'settle'],
  ])('%s', (_, some, target, kind) => {
    expect(decide(rulesOf(oneWay), { link: linked({ ...known, ...some }), source: gone, target }).kind).toBe(kind);
  });
});

describe('a pair that stands on both sides', () => {
  test('nothing moves where both versions are the known ones', () => {
    const link = linked({ versions: { source: '1', target: '2' } });

    expect(decide(rulesOf(twoWay), { link, source: sourceHolds(agreed, { version: '1' }), target: targetHolds(agreed, { version: '2' }) })).toEqual({ kind: 'nothing' });
  });

  test('an edit of the target is carried to the source with the target\'s whole entity', () => {
    const theirs = { ...agreed, title: 'Duo' };

    const decision = decide(rulesOf(twoWay), { link: linked(), source: sourceHolds(agreed), target: targetHolds(theirs) });

    expect(writesOf(decision)).toEqual([{ kind: 'update', side: 'source', fields: { title: 'Duo' }, entity: theirs, reason: 'changed' }]);
  });

  test('a field that the source stopped saying is remembered without a call, once', () => {
    const source = sourceHolds({ title: 'Choir', place: 'Hall' });

    const first = decide(rulesOf(oneWay), { link: linked(), source, target: targetHolds(agreed) });
    const second = decide(rulesOf(oneWay), { link: linked({ base: nextOf(first)?.base }), source, target: targetHolds(agreed) });

    expect(first).toMatchObject({ kind: 'settle', what: 'rebased' });
    expect(second).toEqual({ kind: 'nothing' });
  });

  test('nothing is put back while the source was not seen', () => {
    expect(writesOf(decide(rulesOf(mirror), { link: linked(), source: unseen, target: targetHolds({ ...agreed, title: 'Duo' }) }))).toEqual([]);
  });
});

describe('while it is pending', () => {
  const pending = linked({ origin: 'adopted', absent: 'pending' });

  test('an edit of the target goes to the source, and the pair stays as pending as it was', () => {
    const theirs = { ...agreed, title: 'Duo' };

    const decision = decide(rulesOf(moderated), { link: pending, source: kept('pending'), target: targetHolds(theirs) });

    expect(decision).toMatchObject({
      kind: 'change',
      writes: [{ kind: 'update', side: 'source', fields: { title: 'Duo' }, entity: theirs, reason: 'changed' }],
      next: { origin: 'adopted', state: 'agreed', absent: 'pending' },
    });
  });
});

describe('made by us before it was linked, and not approved', () => {
  test('it is taken away because the source says so, and both wordings are remembered', () => {
    const theirs = { ...agreed, title: 'Duo' };

    const decision = decide(rulesOf(moderated), { source: kept('rejected'), target: targetHolds(theirs, { reference: 's1' }) });

    expect(writesOf(decision)).toEqual([{ kind: 'delete', side: 'target', proof: { kind: 'says-so' }, reason: 'rejected' }]);
    expect(nextOf(decision)).toEqual({ base: baseOn(agreed, theirs), origin: 'created', state: 'agreed', absent: 'rejected' });
  });
});

test('what nobody looked at is neither there nor gone', () => {
  const decision = decide(rulesOf(twoWay), { link: linked(), source: unseen, target: { kind: 'gone', proof: scanned } });

  expect(unseen).toEqual({ kind: 'unseen' });
  expect(writesOf(decision)).toMatchObject([{ side: 'source', proof: scanned }]);
});
