/** A withdrawal of our own that was staged, and perhaps carried out by somebody who could not record it. */
import { describe, expect, test } from 'vitest';
import { decide, notInSource } from '../../shared/sync/decide.ts';
import type { Link, Pending, StagedWrite } from '../../shared/sync/link.ts';
import { oneWay, twoWay, type Policy } from '../../shared/sync/policy.ts';
import { unseen } from '../../shared/sync/views.ts';
import { agreed, baseOn, gone, linked, rulesOf, sourceHolds, targetHolds, writesOf } from './pages.ts';

const withdrawal: StagedWrite = { kind: 'delete', side: 'target', proof: { kind: 'says-so' }, reason: 'not approved' };
const archiving: StagedWrite = { kind: 'delete', side: 'source', proof: { kind: 'tombstone' }, reason: 'gone from the target' };
const update: StagedWrite = { kind: 'update', side: 'target', fields: { title: 'Duo' }, entity: { ...agreed, title: 'Duo' }, reason: 'changed' };
const pending = (...writes: StagedWrite[]): Pending => ({ id: 'p', plan: 'plan', at: 1, writes, next: { base: baseOn(agreed), origin: 'created', state: 'agreed', absent: undefined } });
const staged = (...writes: StagedWrite[]): Link => linked({ state: 'pending', lives: 2, pending: pending(...writes) });
const asked = (...writes: StagedWrite[]): Link => linked({ state: 'pending', sourceId: undefined, base: undefined, versions: { target: '4' }, pending: pending(...writes) });
const keeping: Policy = { ...twoWay, targetDeleted: 'accept' };

describe('the target\'s item is gone, and the source\'s belongs (again)', () => {
  test.each([['two ways', twoWay], ['two ways, rows are kept', keeping], ['one way', oneWay]])('with our withdrawal staged it is made again, in a new life: %s', (_, policy) => {
    const decision = decide(rulesOf(policy), { link: staged(withdrawal), source: sourceHolds(agreed), target: gone });

    expect(writesOf(decision)).toEqual([{ kind: 'create', side: 'target', key: 'target/s1/3', entity: agreed, reason: 'reappeared' }]);
  });

  test('that one among other writes says so as well', () => {
    expect(writesOf(decide(rulesOf(keeping), { link: staged(update, withdrawal), source: sourceHolds(agreed), target: gone }))).toMatchObject([{ kind: 'create', side: 'target' }]);
  });

  test.each<[string, Link]>([['nothing', linked()], ['an update of it', staged(update)]])('with %s staged somebody else has deleted it', (_, link) => {
    expect(writesOf(decide(rulesOf(twoWay), { link, source: sourceHolds(agreed), target: gone }))).toMatchObject([{ kind: 'delete', side: 'source' }]);
    expect(decide(rulesOf(keeping), { link, source: sourceHolds(agreed), target: gone })).toMatchObject({ kind: 'settle', what: 'absent' });
  });

  test('with the source\'s withdrawal staged, that is still what is wanted, and nothing is made again where rows are kept', () => {
    const link = staged(archiving);

    expect(writesOf(decide(rulesOf(twoWay), { link, source: sourceHolds(agreed), target: gone }))).toEqual([archiving]);
    expect(writesOf(decide(rulesOf(keeping), { link, source: sourceHolds(agreed), target: gone }))).toEqual([]);
  });
});

test('an item that comes to the source is named for the life that the target\'s has, not for the next', () => {
  const decision = decide(rulesOf(twoWay), { link: { ...linked({ lives: 2, sourceId: undefined, base: undefined }) }, source: unseen, target: targetHolds(agreed) });

  expect(writesOf(decision)).toMatchObject([{ kind: 'create', side: 'source', key: 'source/t1/2' }]);
});

describe('a removal that a cleaning run has asked about', () => {
  const removal: StagedWrite = { kind: 'delete', side: 'target', proof: { kind: 'look-up' }, reason: notInSource };
  const standing = targetHolds(agreed, { version: '4' });

  test('stays as it was asked, also where the usual rules would import the item', () => {
    expect(writesOf(decide(rulesOf(twoWay), { link: asked(removal), source: unseen, target: standing }))).toEqual([removal]);
    expect(writesOf(decide(rulesOf(twoWay), { link: asked(removal), source: unseen, target: unseen }))).toEqual([removal]);
  });

  test('is decided anew once the item was edited', () => {
    expect(writesOf(decide(rulesOf(twoWay), { link: asked(removal), source: unseen, target: targetHolds(agreed, { version: '5' }) }))).toMatchObject([{ kind: 'create', side: 'source' }]);
  });

  test('is one by its reason, and by being a deletion: others are decided anew', () => {
    const create: StagedWrite = { kind: 'create', side: 'source', key: 'k', entity: agreed, reason: 'new' };

    expect(writesOf(decide(rulesOf(twoWay), { link: asked(create), source: unseen, target: standing }))).toMatchObject([{ kind: 'create', key: 'source/t1/0' }]);
    expect(writesOf(decide(rulesOf(twoWay), { link: asked({ ...removal, reason: 'gone from the source' }), source: unseen, target: standing }))).toMatchObject([{ kind: 'create', side: 'source' }]);
    expect(writesOf(decide(rulesOf(twoWay), { link: asked(create, removal), source: unseen, target: standing }))).toEqual([create, removal]);
  });
});
