import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changedFields, digester, overlay } from '../../shared/sync/digest.ts';
import type { Entity, FieldValue } from '../../shared/sync/item.ts';

const key = 'an invented key, long enough';
const fields = ['title', 'place', 'seats'] as const;
const digests = digester(key, fields);

// Texts that look like parts of an encoding are the ones that could be mistaken for each other.
const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('s', '1', ':', '~', '-', 'n', ';', 'a', 't', 'f') }), fc.string({ unit: 'grapheme', maxLength: 3 }));
const scalar = fc.oneof(text, fc.integer(), fc.double({ noNaN: true }).map((number) => number + 0), fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<FieldValue> = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }));
const entity: fc.Arbitrary<Entity> = fc.record({ title: value, place: value, seats: value }, { requiredKeys: [], noNullPrototype: true });

/** Few values, so that two drawn entities are often equal and often nearly so. */
const alike = fc.constantFrom<FieldValue>(null, '', '-', 't', true, false, 0, 1, '0', '1', [], [''], ['', ''], [[]], [null], ['s0:'], 's0:');
const nearEntity: fc.Arbitrary<Entity> = fc.record({ title: alike, place: alike }, { requiredKeys: [], noNullPrototype: true });

const normal = (one: Entity): string => JSON.stringify(fields.map((field) => (one[field] === undefined ? 'absent' : { value: one[field] })));

describe('digests of entities', () => {
  test.each([['any entities', entity], ['entities that are nearly the same', nearEntity]])('%s have the same digest exactly if they are equal', (_, drawn) => {
    fc.assert(fc.property(drawn, drawn, (one, other) => {
      const equal = normal(one) === normal(other);

      expect(digests.whole(one) === digests.whole(other)).toBe(equal);
      expect(digests.entity(one).whole === digests.entity(other).whole).toBe(equal);
    }), { numRuns: 500 });
  });

  test('an equal copy has an equal digest, in whatever order its fields were written', () => {
    fc.assert(fc.property(entity, (one) => {
      const copy = Object.fromEntries(Object.entries(structuredClone(one)).toReversed());

      expect(digests.entity(copy)).toEqual(digests.entity(one));
    }));
  });

  test('the digest of a field tells exactly the fields that differ', () => {
    fc.assert(fc.property(nearEntity, nearEntity, (one, other) => {
      const [left, right] = [digests.entity(one).fields, digests.entity(other).fields];

      for (const field of fields) expect(left[field] === right[field]).toBe(normal({ title: one[field] }) === normal({ title: other[field] }));
    }), { numRuns: 500 });
  });

  test.each<[string, Entity, Entity]>([
    ['text that moves over the border of two fields', { title: 'ab', place: 'c' }, { title: 'a', place: 'bc' }],
    ['a letter of the encoding that moves over the border', { title: 'as', place: 'b' }, { title: 'a', place: 'sb' }],
    ['values that swap their fields', { title: 'a', place: 'b' }, { title: 'b', place: 'a' }],
    ['text that imitates an encoding', { title: 'a', place: 'b' }, { title: 'as1:b' }],
    ['a number and its text', { seats: 12 }, { seats: '12' }],
    ['a truth value and its letter', { seats: true }, { seats: 't' }],
    ['numbers that stand next to each other', { place: [1, 23] }, { place: [12, 3] }],
    ['lists that nest differently', { place: [['a'], 'b'] }, { place: [['a', 'b']] }],
    ['an empty list and an empty text', { place: [] }, { place: '' }],
    ['absent and null', {}, { title: null }],
    ['null and an empty text', { title: null }, { title: '' }],
    ['one value that moves to another field', { title: 'a' }, { place: 'a' }],
    ['a yes that moves to another field', { title: true, place: 'a' }, { title: 'a', place: true }],
    ['a no that moves to another field', { title: false, place: 'a' }, { title: 'a', place: false }],
  ])('are told apart: %s', (_, one, other) => {
    expect(digests.whole(one)).not.toBe(digests.whole(other));
  });

  test('another key gives other digests of everything', () => {
    const other = digester('another invented key, as long', fields);
    const one = { title: 'Choir', place: null, seats: 12 };

    expect(other.whole(one)).not.toBe(digests.whole(one));
    expect(other.text('Choir')).not.toBe(digests.text('Choir'));
    for (const field of fields) expect(other.entity(one).fields[field]).not.toBe(digests.entity(one).fields[field]);
  });

  test('an absent field has the empty digest, a null one has not', () => {
    const made = digests.entity({ title: null }).fields;

    expect(made['place']).toBe('');
    expect(made['title']).toHaveLength(16);
  });

  test('a field outside the list is not compared', () => {
    const one = digests.entity({ title: 'Choir', etag: '1' });

    expect(one).toEqual(digests.entity({ title: 'Choir', etag: '2' }));
    expect(Object.keys(one.fields)).toEqual([...fields]);
  });

  test('a whole is cut to 128 bits and a field to 96, in letters that are safe in keys', () => {
    const made = digests.entity({ title: 'Choir', place: 'Hall', seats: 12 });

    expect(made.whole).toMatch(/^[\w-]{22}$/);
    expect(digests.text('Choir')).toMatch(/^[\w-]{22}$/);
    for (const digest of Object.values(made.fields)) expect(digest).toMatch(/^[\w-]{16}$/);
  });
});

describe('comparing with the base', () => {
  const base = digests.entity({ title: 'Choir', place: 'Hall' });

  test.each<[string, Entity, readonly string[]]>([
    ['nothing changed', { title: 'Choir', place: 'Hall' }, []],
    ['one field changed', { title: 'Band', place: 'Hall' }, ['title']],
    ['all fields changed', { title: 'Band', place: 'Attic' }, ['title', 'place']],
    ['a field was cleared', { title: 'Choir', place: null }, ['place']],
    ['a field is not told any more', { title: 'Choir' }, []],
    ['a field was told that the base did not know', { title: 'Choir', place: 'Hall', seats: 12 }, []],
  ])('%s', (_, now, changed) => {
    expect(changedFields(base, digests.entity(now))).toEqual(changed);
  });

  test('a field that the base has no place for, because its mapping was older, is not changed', () => {
    expect(changedFields({ whole: 'an older one', fields: {} }, digests.entity({ title: 'Choir' }))).toEqual([]);
  });

  test('a base whose whole is unknown is still compared field by field', () => {
    const patched = { whole: '', fields: base.fields };

    expect(changedFields(patched, digests.entity({ title: 'Band', place: 'Hall' }))).toEqual(['title']);
    expect(changedFields(patched, digests.entity({ title: 'Choir', place: 'Hall' }))).toEqual([]);
  });

  test('two wholes that are unknown are not the same', () => {
    const now = digests.entity({ title: 'Band', place: 'Hall' });

    expect(changedFields({ whole: '', fields: base.fields }, { whole: '', fields: now.fields })).toEqual(['title']);
    expect(changedFields({ whole: 'w', fields: base.fields }, { whole: 'w', fields: now.fields })).toEqual([]);
  });
});

test('an overlay speaks where it has a value, also null, and keeps what is under it elsewhere', () => {
  const under = { title: 'Choir', place: 'Hall', seats: 12 };

  const made = overlay(digests, under, { title: 'Band', place: null, seats: undefined });

  expect(made).toEqual(digests.entity({ title: 'Band', place: null, seats: 12 }));
});
