/** What digests, views, policies and the index of links promise at their edges. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedFields, digester } from '../../shared/sync/digest.ts';
import { SideIndex } from '../../shared/sync/link-index.ts';
import { merge } from '../../shared/sync/merge.ts';
import { mirror, moderated, oneWay, twoWay } from '../../shared/sync/policy.ts';
import { keepFields, makeBase, mixed, unseen } from '../../shared/sync/views.ts';
import { agreed, digests, rulesOf, shape } from './pages.ts';

describe('digests', () => {
  test('they are the same on every machine and in every version, since tables outlive both', () => {
    const made = digester('an invented key, long enough', ['text', 'blank', 'yes', 'no', 'count', 'list']);

    expect(made.entity({ text: 'Choir', blank: null, yes: true, no: false, count: 3, list: ['a', 'b'] })).toMatchInlineSnapshot(`
      {
        "fields": {
          "blank": "hngOiIR_UOveE6qk",
          "count": "8quOECIiLsHnimPA",
          "list": "yFaLzWEelwxy7SeJ",
          "no": "WJd7TyPgIQFstaRs",
          "text": "2HTzxyVn2n6J0hDy",
          "yes": "CqSznTycO3BmAi6C",
        },
        "whole": "EegG6-iOJsi_QLnbp8qViS",
      }
    `);
    expect(made.whole({ text: 'Choir' })).toMatchInlineSnapshot(`"8HK9Gd6KZD2auvz1JK8RWE"`);
    expect(made.text('Choir')).toMatchInlineSnapshot(`"k0d9WgQg323lEFcbzL7Dzh"`);
  });

  test('the same whole says that nothing changed, whatever the fields say', () => {
    expect(changedFields({ whole: 'w', fields: { title: 'a' } }, { whole: 'w', fields: { title: 'b' } })).toEqual([]);
  });

  test('a field that one side has never heard of is no difference', () => {
    expect(changedFields({ whole: 'v', fields: {} }, { whole: 'w', fields: { title: 'b' } })).toEqual([]);
    expect(changedFields({ whole: 'v', fields: { title: 'a' } }, { whole: 'w', fields: {} })).toEqual([]);
  });
});

describe('digests of a side that was not read again', () => {
  const old = digests.entity(agreed);

  test('a field that the stream does not know has no digest', () => {
    expect(mixed(rulesOf(oneWay), old, { colour: 'red' })).toEqual({ whole: '', fields: { ...old.fields, colour: '' } });
  });

  test('a kept field that was never known stays unknown', () => {
    expect(keepFields(old, { whole: '', fields: {} }, new Set(['title']))).toEqual({ ...old.fields, title: '' });
  });

  test('nothing was looked at, and that is all that is known', () => {
    expect(unseen).toEqual({ kind: 'unseen' });
  });

  test('what only one side was read for is only its own change', () => {
    const now = { entity: { ...agreed, title: 'Band' }, digests: digests.entity({ ...agreed, title: 'Band' }) };

    expect(merge({ source: old, target: old }, now, undefined)).toEqual({ toTarget: { title: 'Band' }, toSource: {}, collisions: [] });
    expect(merge({ source: old, target: old }, undefined, now)).toEqual({ toTarget: {}, toSource: { title: 'Band' }, collisions: [] });
  });
});

test('the four policies choose what the documentation says of them', () => {
  expect(oneWay).toEqual({
    targetNew: 'ignore', targetEdit: 'leave', targetEditWhilePending: 'leave', bothEdited: 'source', targetDeleted: 'put-back',
    targetDeletedWhilePending: 'accept', sourceGoneTargetEdited: 'withdraw', belongingTells: false, rejectedWithdraws: false,
  });
  expect(mirror).toEqual({ ...oneWay, targetEdit: 'put-back' });
  expect(twoWay).toEqual({
    targetNew: 'import', targetEdit: 'accept', targetEditWhilePending: 'accept', bothEdited: 'conflict', targetDeleted: 'withdraw',
    targetDeletedWhilePending: 'withdraw', sourceGoneTargetEdited: 'keep', belongingTells: false, rejectedWithdraws: false,
  });
  expect(moderated).toEqual({ ...twoWay, targetEdit: 'review', targetDeleted: 'put-back', targetDeletedWhilePending: 'accept', belongingTells: true });
});

describe('the index of links', () => {
  test('it has the ids that were added and no others, before and after it grew', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), (ids) => {
      const index = new SideIndex();
      for (const id of ids.slice(1)) index.add(id, 'v', 'w');

      expect(ids.map((id) => index.has(id))).toEqual(ids.map((_, at) => at > 0));
    }));
    const grown = new SideIndex(0);
    for (let n = 0; n < 5_000; n++) grown.add(`page-${n}`, '', '');
    expect([grown.has('page-0'), grown.has('page-4999'), grown.has('page-5000')]).toEqual([true, true, false]);
  });
});

test('what both sides hold alike is remembered once; what is unknown of either is not alike', () => {
  const known = digests.entity(agreed);
  const unknown = { ...known, whole: '' };

  expect(makeBase({ shape }, known, digests.entity({ ...agreed })).target).toBeUndefined();
  expect(makeBase({ shape }, unknown, unknown).target).toEqual(unknown);
});
