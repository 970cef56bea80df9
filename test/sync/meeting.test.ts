/** Links that know only one of their two items: when the other one turns up, when it does not, and while a create is open. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../shared/sync/decide.ts';
import type { Link } from '../../shared/sync/link.ts';
import { oneWay, twoWay } from '../../shared/sync/policy.ts';
import { unseen } from '../../shared/sync/views.ts';
import { agreed, rulesOf } from './pages.ts';
import { baseFor, draft, gone, linked, source, target } from './pages-of-two.ts';

const claim: Link['claim'] = { worker: 'one', until: 9, key: 'target/s1/0' };
const [band, duo] = [{ title: 'Band' }, { title: 'Duo' }];

describe('an item turns up beside a link that knew only the other one', () => {
  test.each([{ targetId: undefined }, { sourceId: undefined }])('they met, so the source\'s word counts and nobody is asked: %o', (some) => {
    const decision = decide(rulesOf(twoWay), { link: linked(some), source: source(band), target: target(duo) });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'update', side: 'target', fields: band, entity: { ...agreed, ...band }, reason: 'filled' }],
      next: { base: baseFor(band), origin: 'adopted', state: 'agreed', absent: undefined },
    });
  });

  test.each([{ targetId: undefined }, { sourceId: undefined }])('while a create of ours is open, it is what we made, and two edits are two edits: %o', (some) => {
    const decision = decide(rulesOf(twoWay), { link: linked({ ...some, claim }), source: source(band), target: target(duo) });

    expect(decision).toEqual({ kind: 'conflict', code: 'BOTH_EDITED', fields: ['title'] });
  });

  test.each([{ targetId: undefined }, { sourceId: undefined }])('what our open create made is agreed on without another write: %o', (some) => {
    const decision = decide(rulesOf(twoWay), { link: linked({ ...some, claim }), source: source(), target: target() });

    expect(decision).toEqual({ kind: 'settle', what: 'rebased', next: { base: baseFor(), origin: 'created', state: 'agreed', absent: undefined } });
  });

  test('a link that knows both of its items never adopts', () => {
    const decision = decide(rulesOf(twoWay), { link: linked(), source: source(band), target: target(duo) });

    expect(decision.kind).toBe('conflict');
  });

  test('the target\'s item alone is only noted, as long as nobody looked at the source', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ targetId: undefined }), source: unseen, target: target() });

    expect(decision).toMatchObject({ kind: 'settle', what: 'rebased' });
  });
});

describe('the source went, and the target\'s item is on nobody\'s link', () => {
  const link = linked({ targetId: undefined, lives: 3 });

  test('it is new: imported under its first name, and the target\'s own', () => {
    const decision = decide(rulesOf(twoWay), { link, source: gone, target: target() });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'create', side: 'source', key: 'source/t1/0', entity: agreed, reason: 'new' }],
      next: { base: baseFor(), origin: 'adopted', state: 'agreed', absent: 'pending' },
    });
  });

  test('one that names a row of ours is no news to the source', () => {
    const decision = decide(rulesOf(twoWay), { link, source: gone, target: target({}, { reference: 's1' }) });

    expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: baseFor(), origin: 'adopted', state: 'agreed', absent: 'its source is gone' } });
  });

  test('where our create is open, it is ours, and goes with the source', () => {
    const decision = decide(rulesOf(twoWay), { link: { ...link, claim }, source: gone, target: target() });

    expect(decision).toMatchObject({ kind: 'change', writes: [{ kind: 'delete', side: 'target', proof: { kind: 'tombstone' }, reason: 'gone from the source' }] });
  });

  test('where the link knows it, it goes with the source', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ sourceId: undefined }), source: gone, target: target() });

    expect(decision).toMatchObject({ kind: 'change', writes: [{ kind: 'delete', side: 'target', reason: 'gone from the source' }] });
  });

  test('where nothing stands in the target either, the pair ends', () => {
    const decision = decide(rulesOf(twoWay), { link, source: gone, target: unseen });

    expect(decision).toEqual({ kind: 'settle', what: 'gone', next: { base: baseFor(), origin: 'created', state: 'gone', absent: 'gone from both sides' } });
  });
});

test('a link without a source item is one whose source is gone, which a look at it has to confirm', () => {
  const decision = decide(rulesOf(oneWay), { link: linked({ sourceId: undefined }), source: unseen, target: target() });

  expect(decision).toEqual({
    kind: 'change',
    writes: [{ kind: 'delete', side: 'target', proof: { kind: 'look-up' }, reason: 'gone from the source' }],
    next: { base: baseFor(), origin: 'created', state: 'gone', absent: 'gone from the source' },
  });
});

describe('an item without a link', () => {
  test('one that belongs is made in the target, and is ours', () => {
    const decision = decide(rulesOf(oneWay), { source: source(), target: unseen });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'create', side: 'target', key: 'target/s1/0', entity: agreed, reason: 'new' }],
      next: { base: baseFor(), origin: 'created', state: 'agreed', absent: undefined },
    });
  });

  test.each(['created', 'adopted', 'told'] as const)('one that does not belong is remembered with its reason, and stays %s', (origin) => {
    const link = { ...linked(), base: undefined, origin };

    const decision = decide(rulesOf(oneWay), { link, source: draft(), target: unseen });

    expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: baseFor(), origin, state: 'agreed', absent: 'draft' } });
  });

  test('one that does not belong and was never linked would be ours', () => {
    expect(decide(rulesOf(oneWay), { source: draft(), target: unseen })).toMatchObject({ next: { origin: 'created', absent: 'draft' } });
  });

  test.each([undefined, 's9'])('what the target alone has is left there where nothing is imported, also one that names %s', (reference) => {
    const decision = decide(rulesOf(oneWay), { source: unseen, target: target({}, { reference }) });

    expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: baseFor(), origin: 'adopted', state: 'agreed', absent: 'not imported' } });
  });

  test.each([undefined, 's9'])('what the target alone has is taken away where the policy says so, also one that names %s', (reference) => {
    const decision = decide(rulesOf({ ...oneWay, targetNew: 'remove' }), { source: unseen, target: target({}, { reference }) });

    expect(decision).toMatchObject({ kind: 'change', next: { origin: 'created', state: 'gone', absent: 'not in the source' } });
  });

  test('one that names its source and does not belong is withdrawn on its own word', () => {
    const decision = decide(rulesOf(twoWay), { source: draft(band), target: target(duo, { reference: 's1' }) });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'delete', side: 'target', proof: { kind: 'says-so' }, reason: 'draft' }],
      next: { base: baseFor(band, duo), origin: 'created', state: 'agreed', absent: 'draft' },
    });
  });

  test('two that match fill each other\'s blanks, each write with the whole item it came from', () => {
    const decision = decide(rulesOf(twoWay), { source: source({ notes: null }), target: target({ place: '' }) });

    expect(decision).toMatchObject({
      kind: 'change',
      writes: [
        { kind: 'update', side: 'target', fields: { place: 'Hall' }, entity: { ...agreed, notes: null }, reason: 'filled' },
        { kind: 'update', side: 'source', fields: { notes: 'Bring chairs' }, entity: { ...agreed, place: '' }, reason: 'filled' },
      ],
    });
  });

  test.each([[gone, unseen], [unseen, gone]])('what goes before it was linked is remembered as gone', (one, other) => {
    const link = { ...linked(), base: undefined };

    const decision = decide(rulesOf(twoWay), { link, source: one, target: other });

    expect(decision).toEqual({ kind: 'settle', what: 'gone', next: { base: undefined, origin: 'created', state: 'gone', absent: 'gone before it was linked' } });
  });

  test('nothing is remembered of what has no link and is gone, nor of a link that nobody looked at', () => {
    expect(decide(rulesOf(twoWay), { source: gone, target: gone })).toEqual({ kind: 'nothing' });
    expect(decide(rulesOf(twoWay), { link: { ...linked(), base: undefined }, source: unseen, target: unseen })).toEqual({ kind: 'nothing' });
  });

  test('a reason that is known already is not remembered again, but one of another standing is', () => {
    const known = linked({ absent: 'not imported' });
    const half = { ...known, base: undefined };

    expect(decide(rulesOf(oneWay), { link: half, source: unseen, target: target() })).toMatchObject({ kind: 'settle', what: 'absent', next: { base: baseFor() } });
    expect(decide(rulesOf(oneWay), { link: { ...half, state: 'failed' }, source: unseen, target: target() })).toMatchObject({ kind: 'settle' });
  });
});

test('an adopted item whose source is gone comes to rest, though it reads otherwise than the source did', () => {
  const edited = target({ title: 'Duo' });
  const first = decide(rulesOf(oneWay), { link: linked({ origin: 'adopted' }), source: gone, target: edited });
  const next = 'next' in first ? first.next : undefined;

  const second = decide(rulesOf(oneWay), { link: linked({ origin: 'adopted', ...next }), source: gone, target: edited });

  expect(first).toMatchObject({ kind: 'settle', what: 'absent' });
  expect(second).toEqual({ kind: 'nothing' });
});
