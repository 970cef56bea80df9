/** What a link remembers after each decision, read whole, where both sides do not hold the same, and where one was not read. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../shared/sync/decide.ts';
import type { Pending, StagedWrite } from '../../shared/sync/link.ts';
import { mirror, moderated, oneWay, twoWay } from '../../shared/sync/policy.ts';
import { unseen } from '../../shared/sync/views.ts';
import { agreed, digests, rulesOf } from './pages.ts';
import { baseFor, draft, gone, linked, source, target } from './pages-of-two.ts';

const [band, duo] = [{ title: 'Band' }, { title: 'Duo' }];
const nothing = { kind: 'nothing' };
const pending = (writes: readonly StagedWrite[]): Pending => ({ id: 'p', plan: 'plan', at: 1, writes, next: { origin: 'created', state: 'gone', absent: 'gone from both sides' } });
/** The target has a title of its own, and both sides know it. */
const uneven = baseFor({}, duo);

describe('a difference that both sides know is no news', () => {
  test.each(Object.entries({ oneWay, mirror, twoWay, moderated }))('nothing is done about it (%s)', (_, policy) => {
    expect(decide(rulesOf(policy), { link: linked({ base: uneven }), source: source(), target: target(duo) })).toEqual(nothing);
  });

  test.each([
    { source: unseen, target: target(duo) }, { source: source(), target: unseen }, { source: unseen, target: unseen },
  ])('nothing is done about it where a side was not read: %#', (pair) => {
    expect(decide(rulesOf(twoWay), { link: linked({ base: uneven }), ...pair })).toEqual(nothing);
  });

  test('it is no edit that would outlive a delete', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ base: uneven }), source: gone, target: target(duo) });

    expect(decision).toMatchObject({ kind: 'change', writes: [{ kind: 'delete', side: 'target' }] });
  });

  test('it is no edit of an item that waits for approval', () => {
    const link = linked({ base: uneven, origin: 'adopted', absent: 'draft' });

    expect(decide(rulesOf(twoWay), { link, source: draft(), target: target(duo) })).toEqual(nothing);
  });

  test('it stays known while a new reason is noted without a look at the target', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ base: uneven, origin: 'adopted' }), source: draft(), target: unseen });

    expect(decision).toEqual({ kind: 'settle', what: 'rebased', next: { base: uneven, origin: 'adopted', state: 'agreed', absent: 'draft' } });
  });

  test('it stays known when the source goes and nobody looks at the target', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ base: uneven, origin: 'adopted' }), source: gone, target: unseen });

    expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: uneven, origin: 'adopted', state: 'agreed', absent: 'gone from the source' } });
  });

  test('it stays known when the target\'s item is withdrawn', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ base: uneven }), source: draft(band), target: unseen });

    expect(decision).toMatchObject({ kind: 'change', next: { base: baseFor(band, duo), absent: 'draft' } });
  });

  test('it stays known when the target\'s item is deleted there', () => {
    const decision = decide(rulesOf({ ...twoWay, targetDeleted: 'accept' }), { link: linked({ base: uneven }), source: source(), target: gone });

    expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: uneven, origin: 'created', state: 'agreed', absent: 'deleted in the target' } });
  });

  test('it stays known where only another field is written and the target was not read', () => {
    const decision = decide(rulesOf(oneWay), { link: linked({ base: uneven }), source: source({ place: 'Attic' }), target: unseen });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'update', side: 'target', fields: { place: 'Attic' }, entity: { ...agreed, place: 'Attic' }, reason: 'changed' }],
      next: {
        base: { shape: 'pages-1', source: digests.entity({ ...agreed, place: 'Attic' }), target: { whole: '', fields: digests.entity({ ...agreed, ...duo, place: 'Attic' }).fields } },
        origin: 'created', state: 'agreed', absent: undefined,
      },
    });
  });
});

describe('an edit of the target', () => {
  test('is written to the source with the whole item it came from', () => {
    const decision = decide(rulesOf(twoWay), { link: linked(), source: source(), target: target(duo) });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'update', side: 'source', fields: duo, entity: { ...agreed, ...duo }, reason: 'changed' }],
      next: { base: baseFor(duo), origin: 'created', state: 'agreed', absent: undefined },
    });
  });

  test('is not put back before the source was read, and not agreed on either', () => {
    expect(decide(rulesOf(mirror), { link: linked(), source: unseen, target: target(duo) })).toEqual({ kind: 'nothing' });
  });

  test('goes to the source where edits of the target count, whether the source was read or not', () => {
    expect(decide(rulesOf(twoWay), { link: linked(), source: unseen, target: target(duo) })).toMatchObject({ kind: 'change', writes: [{ side: 'source', fields: { title: 'Duo' } }] });
  });

  test('is put back, and what the source changed elsewhere goes with it', () => {
    const decision = decide(rulesOf(mirror), { link: linked(), source: source({ place: 'Attic' }), target: target(duo) });

    expect(decision).toMatchObject({ writes: [{ side: 'target', fields: { title: 'Choir', place: 'Attic' } }], next: { base: baseFor({ place: 'Attic' }) } });
  });

  test('without an edit, a mirror writes only what the source changed', () => {
    const decision = decide(rulesOf(mirror), { link: linked(), source: source(band), target: target() });

    expect(decision).toMatchObject({ writes: [{ side: 'target', fields: band }] });
  });
});

describe('while the source\'s item does not belong, and the target\'s is not ours to withdraw', () => {
  const link = linked({ origin: 'adopted', absent: 'draft' });
  const edited = { whole: '', fields: digests.entity({ ...agreed, ...duo }).fields };

  test('an edit of the target is written to the source, and both are remembered so', () => {
    const decision = decide(rulesOf(moderated), { link, source: draft(), target: target(duo) });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'update', side: 'source', fields: duo, entity: { ...agreed, ...duo }, reason: 'changed' }],
      next: { base: { shape: 'pages-1', source: edited, target: digests.entity({ ...agreed, ...duo }) }, origin: 'adopted', state: 'agreed', absent: 'draft' },
    });
  });

  test('an edit that is left for now is not remembered, so that the approval finds it', () => {
    expect(decide(rulesOf({ ...moderated, targetEditWhilePending: 'leave' }), { link, source: draft(), target: target(duo) })).toEqual(nothing);
  });

  test('an edit that is left for good is remembered as a fact of the target', () => {
    const decision = decide(rulesOf(oneWay), { link, source: draft(), target: target(duo) });

    expect(decision).toEqual({ kind: 'settle', what: 'rebased', next: { base: uneven, origin: 'adopted', state: 'agreed', absent: 'draft' } });
  });

  test('an edit that is taken while pending is remembered, also where approved edits are left', () => {
    const decision = decide(rulesOf({ ...twoWay, targetEdit: 'leave' }), { link, source: draft(), target: target(duo) });

    expect(decision).toMatchObject({ kind: 'change', next: { base: { target: digests.entity({ ...agreed, ...duo }) } } });
  });

  test('a field that both edited stays as the target was known, and its whole is unknown until it is settled', () => {
    const decision = decide(rulesOf(twoWay), { link: { ...link, base: uneven }, source: draft(band), target: target({ title: 'Trio', place: 'Attic' }) });

    expect(decision).toMatchObject({
      kind: 'change',
      writes: [{ kind: 'update', side: 'source', fields: { place: 'Attic' } }],
      next: { base: { target: { whole: '', fields: digests.entity({ ...agreed, ...duo, place: 'Attic' }).fields } } },
    });
  });

  test('the target\'s item alone keeps the reason that was given before', () => {
    expect(decide(rulesOf(moderated), { link, source: unseen, target: target() })).toEqual(nothing);
  });
});

describe('the source\'s item went, and the target\'s is not ours to withdraw', () => {
  const link = linked({ origin: 'adopted', absent: 'gone from the source' });

  test('what the target holds now is remembered', () => {
    const decision = decide(rulesOf(oneWay), { link, source: gone, target: target(duo) });

    expect(decision).toEqual({ kind: 'settle', what: 'absent', next: { base: uneven, origin: 'adopted', state: 'agreed', absent: 'gone from the source' } });
  });

  test('a link that failed in between comes to rest', () => {
    expect(decide(rulesOf(oneWay), { link: { ...link, state: 'failed' }, source: gone, target: target() })).toMatchObject({ kind: 'settle', what: 'absent' });
    expect(decide(rulesOf(oneWay), { link, source: gone, target: target() })).toEqual(nothing);
  });
});

describe('the target\'s item was deleted there', () => {
  const accepting = rulesOf({ ...twoWay, targetDeleted: 'accept', targetDeletedWhilePending: 'accept' });
  const deleted = linked({ targetId: undefined, absent: 'deleted in the target' });

  test.each([source(), unseen])('once that is accepted, a look at the untouched source changes nothing: %#', (view) => {
    expect(decide(accepting, { link: deleted, source: view, target: unseen })).toEqual(nothing);
  });

  test('an edit of the source makes it again, with all its fields', () => {
    const decision = decide(accepting, { link: deleted, source: source(band), target: unseen });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'create', side: 'target', key: 'target/s1/0', entity: { ...agreed, ...band }, reason: 'reappeared' }],
      next: { base: baseFor(band), origin: 'created', state: 'agreed', absent: undefined },
    });
  });

  test('one that was absent for another reason is made again as soon as it belongs', () => {
    expect(decide(accepting, { link: { ...deleted, absent: 'draft' }, source: source(), target: unseen })).toMatchObject({ writes: [{ kind: 'create', reason: 'reappeared' }] });
  });

  test('one that a policy puts back is made again, though its absence was accepted before', () => {
    expect(decide(rulesOf(oneWay), { link: deleted, source: source(), target: unseen })).toMatchObject({ writes: [{ kind: 'create', reason: 'reappeared' }] });
  });

  test('it is settled with the reason for which the source\'s item does not belong', () => {
    expect(decide(accepting, { link: linked(), source: draft(), target: gone })).toMatchObject({ kind: 'settle', what: 'absent', next: { absent: 'draft' } });
  });

  test('a reason that is known stays, where the source was not read', () => {
    expect(decide(accepting, { link: linked({ absent: 'draft' }), source: unseen, target: gone })).toMatchObject({ kind: 'settle', what: 'absent', next: { absent: 'draft', base: baseFor() } });
  });

  test('another reason, another standing or another content is remembered', () => {
    const known = linked({ targetId: undefined, absent: 'draft' });

    expect(decide(accepting, { link: known, source: draft(), target: unseen })).toEqual(nothing);
    expect(decide(accepting, { link: { ...known, absent: 'rejected' }, source: draft(), target: unseen })).toMatchObject({ kind: 'settle', next: { absent: 'draft' } });
    expect(decide(accepting, { link: { ...known, state: 'failed' }, source: draft(), target: unseen })).toMatchObject({ kind: 'settle', next: { state: 'agreed' } });
    expect(decide(accepting, { link: known, source: draft(band), target: unseen })).toMatchObject({ kind: 'settle', next: { base: { source: baseFor(band).source } } });
  });

  test('the withdrawal of the source\'s item says that both are gone', () => {
    const decision = decide(rulesOf(twoWay), { link: linked(), source: source(), target: gone });

    expect(decision).toEqual({
      kind: 'change',
      writes: [{ kind: 'delete', side: 'source', proof: { kind: 'tombstone' }, reason: 'gone from the target' }],
      next: { origin: 'created', state: 'gone', absent: 'gone from both sides' },
    });
  });

  const write: StagedWrite = { kind: 'delete', side: 'source', proof: { kind: 'look-up' }, reason: 'gone from the target' };
  const others: readonly StagedWrite[] = [
    { kind: 'update', side: 'source', fields: band, entity: agreed, reason: 'changed' },
    { kind: 'delete', side: 'target', proof: { kind: 'says-so' }, reason: 'draft' },
  ];

  test('a withdrawal of the source that is staged stays staged as it is, though the target\'s id has left the link', () => {
    const link = linked({ targetId: undefined, state: 'pending', pending: pending([...others, write]) });

    expect(decide(rulesOf(twoWay), { link, source: source(), target: unseen })).toEqual({
      kind: 'change', writes: [write], next: { origin: 'created', state: 'gone', absent: 'gone from both sides' },
    });
  });

  test('a policy that does not withdraw any more lets the staged withdrawal go', () => {
    const link = linked({ targetId: undefined, state: 'pending', pending: pending([write]) });

    expect(decide(accepting, { link, source: source(), target: unseen })).toMatchObject({ writes: [{ kind: 'create', side: 'target' }] });
  });

  test('other staged writes are no withdrawal of the source', () => {
    const link = linked({ targetId: undefined, state: 'pending', pending: pending(others) });

    expect(decide(rulesOf(twoWay), { link, source: source(), target: unseen })).toMatchObject({ writes: [{ kind: 'create', side: 'target' }] });
  });
});

test.each<[string, string, boolean]>([['1', '2', true], ['0', '2', false], ['1', '0', false]])('versions %s and %s, where 1 and 2 are known: at rest %s', (ours, theirs, atRest) => {
  const link = linked({ versions: { source: '1', target: '2' } });

  const decision = decide(rulesOf(twoWay), { link, source: source({}, { version: ours }), target: target({}, { version: theirs }) });

  expect(decision.kind).toBe(atRest ? 'nothing' : 'settle');
});
