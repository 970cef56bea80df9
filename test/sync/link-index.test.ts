import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SideIndex, fingerprint, headText, parseHead } from '../../shared/sync/link-index.ts';

interface Known {
  version: string;
  whole: string;
  seen: boolean;
}

/** The index as it is meant: a map from id to what the link last knew. */
class Model {
  readonly links = new Map<string, Known>();

  add(id: string, version: string, whole: string): void {
    this.links.set(id, { version, whole, seen: this.links.get(id)?.seen ?? false });
  }

  see(id: string, version: string, whole: string): 'same' | 'changed' | 'unknown' {
    const known = this.links.get(id);
    if (!known) return 'unknown';
    known.seen = true;
    if (version !== '') return version === known.version ? 'same' : 'changed';
    return whole !== '' && whole === known.whole ? 'same' : 'changed';
  }

  wasSeen(id: string): boolean {
    return this.links.get(id)?.seen ?? false;
  }
}

const id = fc.oneof(fc.constantFrom('1', '2', '10', '01', 'a', 'A', ''), fc.string(), fc.uuid());
const version = fc.constantFrom('', '"1"', '"2"', '3');
const whole = fc.constantFrom('', 'whole one', 'whole two');
const step = fc.record({ kind: fc.constantFrom('add' as const, 'see' as const, 'wasSeen' as const), id, version, whole });

describe('the index of a side', () => {
  test('it answers as a map would, whatever is added and seen in whatever order', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const index = new SideIndex();
      const model = new Model();

      const answers = steps.map((one) => index[one.kind](one.id, one.version, one.whole));
      const meant = steps.map((one) => model[one.kind](one.id, one.version, one.whole));

      expect(answers).toEqual(meant);
      expect(index.count).toBe(model.links.size);
    }), { numRuns: 300 });
  });

  test.each<{ known: [string, string]; sighting: [string, string]; answer: string; why: string }>([
    { known: ['"1"', 'w'], sighting: ['"1"', 'other'], answer: 'same', why: 'the known version, whatever its content' },
    { known: ['"1"', 'w'], sighting: ['"2"', 'w'], answer: 'changed', why: 'another version, though the content is the same' },
    { known: ['', 'w'], sighting: ['', 'w'], answer: 'same', why: 'no versions, the known content' },
    { known: ['', 'w'], sighting: ['', 'other'], answer: 'changed', why: 'no versions, another content' },
    { known: ['', ''], sighting: ['', ''], answer: 'changed', why: 'nothing to compare' },
    { known: ['', 'w'], sighting: ['"1"', 'w'], answer: 'changed', why: 'a version where none was known' },
  ])('a sighting is $answer with $why', ({ known, sighting, answer }) => {
    const index = new SideIndex();
    index.add('1', ...known);

    expect(index.see('1', ...sighting)).toBe(answer);
  });

  test('an id that no link knows stays unknown and is not remembered as seen', () => {
    const index = new SideIndex();

    expect([index.see('1', '"1"', 'w'), index.see('1', '"1"', 'w')]).toEqual(['unknown', 'unknown']);
    expect(index.wasSeen('1')).toBe(false);
  });

  test('it grows far beyond its first size and forgets neither a link nor what was seen', () => {
    const count = 100_000;
    const index = new SideIndex();
    const wrong: string[] = [];

    for (let n = 0; n < count; n++) {
      index.add(`event-${n}`, `"${n}"`, '');
      if (n % 3 === 0) index.see(`event-${n}`, `"${n}"`, '');
    }
    for (let n = 0; n < count; n++) if (index.wasSeen(`event-${n}`) !== (n % 3 === 0)) wrong.push(`seen ${n}`);
    for (let n = 0; n < count; n++) {
      if (index.see(`event-${n}`, `"${n}"`, '') !== 'same') wrong.push(`same ${n}`);
      if (index.see(`event-${n}`, `"${n + 1}"`, '') !== 'changed') wrong.push(`changed ${n}`);
      if (index.see(`other-${n}`, `"${n}"`, '') !== 'unknown') wrong.push(`unknown ${n}`);
    }

    expect(wrong).toEqual([]);
    expect(index.count).toBe(count);
  });

  test('half a million ids stay as many, though some share half of their fingerprint', () => {
    const index = new SideIndex();

    for (let n = 0; n < 500_000; n++) index.add(`event-${n}`, '', '');

    expect(index.count).toBe(500_000);
  });

  // Found by search: half of the fingerprint is the same, and in a small table both begin at the same slot.
  test.each([
    ['event-2613038', 'event-3399805', 0x9e3779b1],
    ['event-685205', 'event-1433283', 0x85ebca77],
  ])('two ids that share half of their fingerprint are two: %s and %s', (one, other, seed) => {
    const index = new SideIndex();
    index.add(one, '"1"', '');

    expect(fingerprint(one, seed)).toBe(fingerprint(other, seed));
    expect(index.see(other, '"1"', '')).toBe('unknown');
  });

  test.each([
    ['version', '"154002"', '"294184"', 3], ['version', '"193343"', '"278651"', 5],
    ['whole', '"123173"', '"126196"', 7], ['whole', '"61005"', '"114976"', 11],
  ] as const)('a %s that shares half of its fingerprint with the known one is another: %s and %s', (what, one, other, seed) => {
    const index = new SideIndex();
    const put = (text: string): [string, string] => (what === 'version' ? [text, ''] : ['', text]);
    index.add('1', ...put(one));

    expect(fingerprint(one, seed)).toBe(fingerprint(other, seed));
    expect([index.see('1', ...put(one)), index.see('1', ...put(other))]).toEqual(['same', 'changed']);
  });

  test('a link that is added again is counted once and known by its newest version', () => {
    const index = new SideIndex();
    for (let n = 0; n < 5_000; n++) index.add('1', `"${n}"`, '');

    expect(index.count).toBe(1);
    expect([index.see('1', '"0"', ''), index.see('1', '"4999"', '')]).toEqual(['changed', 'same']);
  });

  test('the size that is expected changes no answer', () => {
    for (const expected of [0, 1, 3_000, 50_000]) {
      const index = new SideIndex(expected);
      for (let n = 0; n < 4_000; n++) index.add(String(n), 'v', '');

      expect(Array.from({ length: 4_000 }, (_, n) => index.see(String(n), 'v', '')).every((answer) => answer === 'same')).toBe(true);
    }
  });
});

describe('fingerprints', () => {
  test('they are whole numbers of 32 bits, and another seed gives another one', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      const made = fingerprint(text, 3);

      expect(made).toBe(made >>> 0);
      expect(made).toBe(fingerprint(text, 3));
    }));
    expect(fingerprint('event-1', 3)).not.toBe(fingerprint('event-1', 5));
  });

  test('a hundred thousand counted ids hardly ever share one', () => {
    const made = new Set(Array.from({ length: 100_000 }, (_, n) => fingerprint(`event-${n}`, 7)));

    expect(100_000 - made.size).toBeLessThan(30); // by chance one or two
  });
});

describe('the short form of a link', () => {
  const part = fc.string({ unit: 'grapheme-ascii' });

  test('it reads back as it was written', () => {
    const sides = fc.record({ source: part, target: part });
    fc.assert(fc.property(fc.record({ ids: sides, versions: sides, wholes: sides, shape: part, state: part }), (head) => {
      expect(parseHead('k', headText(head))).toEqual({ key: 'k', ...head });
    }));
  });

  test('a text that ends early gives empty parts', () => {
    expect(parseHead('k', 's1')).toEqual({
      key: 'k', ids: { source: 's1', target: '' }, versions: { source: '', target: '' }, wholes: { source: '', target: '' }, shape: '', state: '',
    });
  });
});
