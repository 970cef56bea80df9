/** A target that words what we send in its own way: each side is judged by what it held itself, and stays remembered so. */
import { describe, expect, test } from 'vitest';
import { decide } from '../../shared/sync/decide.ts';
import type { Link } from '../../shared/sync/link.ts';
import { moderated, oneWay, twoWay } from '../../shared/sync/policy.ts';
import { unseen } from '../../shared/sync/views.ts';
import { agreed, baseOn, digests, gone, kept, linked, nextOf, rewritten, rulesOf, sourceHolds, targetHolds, writesOf } from './pages.ts';

const worded = (some: Partial<Link> = {}): Link => linked({ base: baseOn(agreed, rewritten), ...some });

test('a rewritten text is no edit: nothing moves', () => {
  expect(decide(rulesOf(twoWay), { link: worded(), source: sourceHolds(agreed), target: targetHolds(rewritten) })).toEqual({ kind: 'nothing' });
});

test('a rewritten text is no edit that could outlive its source', () => {
  const decision = decide(rulesOf(twoWay), { link: worded(), source: gone, target: targetHolds(rewritten) });

  expect(writesOf(decision)).toMatchObject([{ kind: 'delete', side: 'target' }]);
});

test('a rewritten text is no edit that a pending source could learn', () => {
  const pending = worded({ origin: 'adopted', absent: 'pending' });

  expect(decide(rulesOf(moderated), { link: pending, source: kept('pending'), target: targetHolds(rewritten) })).toEqual({ kind: 'nothing' });
});

describe('a side that was not seen stays remembered as it was', () => {
  test('when the source is pending for another reason', () => {
    const decision = decide(rulesOf(moderated), { link: worded({ origin: 'adopted', absent: 'pending' }), source: kept('rejected'), target: unseen });

    expect(nextOf(decision)).toEqual({ base: baseOn(agreed, rewritten), origin: 'adopted', state: 'agreed', absent: 'rejected' });
  });

  test('when the source of an adopted item went', () => {
    const decision = decide(rulesOf(oneWay), { link: worded({ origin: 'adopted' }), source: gone, target: unseen });

    expect(nextOf(decision)?.base).toEqual(baseOn(agreed, rewritten));
  });

  test('when the target is withdrawn', () => {
    const decision = decide(rulesOf(oneWay), { link: worded(), source: kept('draft', { ...agreed, title: 'Band' }), target: unseen });

    expect(nextOf(decision)?.base).toEqual(baseOn({ ...agreed, title: 'Band' }, rewritten));
  });

  test('when the target deleted what does not belong', () => {
    const decision = decide(rulesOf(moderated), { link: worded(), source: kept('draft', { ...agreed, title: 'Band' }), target: gone });

    expect(nextOf(decision)?.base).toEqual(baseOn({ ...agreed, title: 'Band' }, rewritten));
  });

  test('when the source stopped saying a field', () => {
    const { notes: _, ...rest } = agreed;

    const decision = decide(rulesOf(oneWay), { link: worded(), source: sourceHolds(rest), target: unseen });

    expect(nextOf(decision)?.base).toEqual(baseOn(rest, rewritten));
  });
});

test('an update of a target that was not seen moves the written field and leaves the others; its whole is unknown until it is seen', () => {
  const changed = { ...agreed, title: 'Band' };

  const decision = decide(rulesOf(oneWay), { link: worded(), source: sourceHolds(changed), target: unseen });

  expect(nextOf(decision)?.base?.target).toEqual({ whole: '', fields: digests.entity({ ...rewritten, title: 'Band' }).fields });
});

test('a collision while pending keeps what that field was, and the whole is unknown', () => {
  const pending = worded({ origin: 'adopted', absent: 'pending' });
  const theirs = { ...rewritten, notes: 'No chairs', place: 'Attic' };

  const decision = decide(rulesOf(moderated), { link: pending, source: kept('pending', { ...agreed, notes: 'More chairs' }), target: targetHolds(theirs) });

  expect(nextOf(decision)?.base?.target).toEqual({ whole: '', fields: digests.entity({ ...rewritten, place: 'Attic' }).fields });
  expect(nextOf(decision)?.base?.source).toEqual({ whole: '', fields: digests.entity({ ...agreed, place: 'Attic' }).fields });
});
