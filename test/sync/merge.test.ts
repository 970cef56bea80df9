import { describe, expect, test } from 'vitest';
import { digester } from '../../shared/sync/digest.ts';
import type { Entity } from '../../shared/sync/item.ts';
import { firstMerge, isEmpty, merge, pick, type Held } from '../../shared/sync/merge.ts';
import { makeBase } from '../../shared/sync/views.ts';

const digests = digester('an invented key, long enough', ['title', 'place', 'notes']);
const held = (entity: Entity): Held => ({ entity, digests: digests.entity(entity) });
const agreed: Entity = { title: 'Choir', place: 'Hall', notes: 'Bring chairs' };
const base = { source: digests.entity(agreed), target: digests.entity(agreed) };

describe('merging what both sides changed since they agreed', () => {
  test.each<{ promise: string; source: Entity | undefined; target: Entity | undefined; toTarget?: Entity; toSource?: Entity; collisions?: string[] }>([
    { promise: 'nothing moves where nothing changed', source: agreed, target: agreed },
    { promise: 'what the source changed goes to the target', source: { ...agreed, title: 'Band' }, target: agreed, toTarget: { title: 'Band' } },
    { promise: 'what the target changed goes to the source', source: agreed, target: { ...agreed, place: 'Attic' }, toSource: { place: 'Attic' } },
    {
      promise: 'different fields go both ways at once', source: { ...agreed, title: 'Band' }, target: { ...agreed, place: 'Attic' },
      toTarget: { title: 'Band' }, toSource: { place: 'Attic' },
    },
    { promise: 'a field that both changed differently goes nowhere', source: { ...agreed, title: 'Band' }, target: { ...agreed, title: 'Duo' }, collisions: ['title'] },
    { promise: 'a field that both changed to the same is no difference', source: { ...agreed, title: 'Band' }, target: { ...agreed, title: 'Band' } },
    {
      promise: 'a collision does not hold back the other fields', source: { title: 'Band', place: 'Attic', notes: 'Bring chairs' },
      target: { title: 'Duo', place: 'Hall', notes: null }, toTarget: { place: 'Attic' }, toSource: { notes: null }, collisions: ['title'],
    },
    { promise: 'a cleared field is carried over as null', source: { ...agreed, notes: null }, target: agreed, toTarget: { notes: null } },
    { promise: 'clearing on one side and editing on the other collides', source: { ...agreed, notes: null }, target: { ...agreed, notes: 'No chairs' }, collisions: ['notes'] },
    { promise: 'a field that a side does not say is left alone', source: { title: 'Choir', place: 'Hall' }, target: { title: 'Choir' } },
    { promise: 'a side that was not read counts as unchanged', source: undefined, target: { ...agreed, title: 'Duo' }, toSource: { title: 'Duo' } },
    { promise: 'the other side, too', source: { ...agreed, title: 'Band' }, target: undefined, toTarget: { title: 'Band' } },
  ])('$promise', ({ source, target, toTarget = {}, toSource = {}, collisions = [] }) => {
    expect(merge(base, source && held(source), target && held(target))).toEqual({ toTarget, toSource, collisions });
  });

  test('each side is compared with what it held itself, not with what the other held', () => {
    // The server had rewritten our text; both have agreed on that.
    const rewritten = { ...agreed, notes: 'Bring chairs\n' };

    const merged = merge({ source: base.source, target: digests.entity(rewritten) }, held({ ...agreed, title: 'Band' }), held(rewritten));

    expect(merged).toEqual({ toTarget: { title: 'Band' }, toSource: {}, collisions: [] });
  });
});

describe('the first merge of a pair that never agreed', () => {
  test.each([
    ['null', null],
    ['an empty text', ''],
    ['an empty list', []],
  ])('a blank (%s) is filled from the other side, whichever it is', (_, blank) => {
    const first = firstMerge(held({ title: blank, place: 'Hall' }), held({ title: 'Choir', place: blank }));

    expect(first).toEqual({ toTarget: { place: 'Hall' }, toSource: { title: 'Choir' }, collisions: [], differing: [] });
  });

  test('where both speak and differ, neither is filled and the field is named', () => {
    const first = firstMerge(held(agreed), held({ ...agreed, title: 'Duo' }));

    expect(first).toEqual({ toTarget: {}, toSource: {}, collisions: [], differing: ['title'] });
  });

  test.each<[string, Entity, Entity]>([
    ['the source', { title: 'Choir' }, { title: 'Choir', place: 'Hall' }],
    ['the target', { title: 'Choir', place: 'Hall' }, { title: 'Choir' }],
  ])('a field that %s does not say is no blank', (_, source, target) => {
    expect(firstMerge(held(source), held(target))).toEqual({ toTarget: {}, toSource: {}, collisions: [], differing: [] });
  });

  test('a list with something in it is no blank', () => {
    expect(firstMerge(held({ title: ['Choir'] }), held({ title: ['Duo'] })).differing).toEqual(['title']);
  });

  test('zero and false are values, not blanks', () => {
    expect(firstMerge(held({ title: 0, place: false }), held({ title: 1, place: true })).differing).toEqual(['title', 'place']);
  });
});

test('picking leaves out what the entity does not say, and keeps null', () => {
  expect(pick({ title: 'Choir', place: null, notes: undefined }, ['place', 'notes', 'seats'])).toEqual({ place: null });
  expect(pick(undefined, ['title'])).toEqual({});
  expect('notes' in pick({ notes: undefined }, ['notes'])).toBe(false);
});

test('no fields are empty, a null field is not', () => {
  expect(isEmpty({})).toBe(true);
  expect(isEmpty({ notes: null })).toBe(false);
});

test('two sides whose whole digest is unknown keep a base each', () => {
  const source = { whole: '', fields: { notes: 'one' } };
  const target = { whole: '', fields: { notes: 'two' } };

  const kept = makeBase({ shape: 'notes/1' }, source, target);

  expect(kept.target).toEqual(target);
});

test('a blank is not filled with another kind of blank', () => {
  const first = firstMerge(held({ title: 'Choir', place: null, notes: '' }), held({ title: 'Choir', place: '', notes: null }));

  expect([first.toTarget, first.toSource, first.differing]).toEqual([{}, {}, []]);
});
