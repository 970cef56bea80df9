/** A timeline is compared with the plain way to have one: a list that is sorted again each time. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeline } from '../../shared/stores/timeline.ts';

test('an empty timeline has no first', () => {
  const empty = timeline<string>();

  expect([empty.first(), empty.takeFirst(), empty.takeAt(0), empty.size()]).toEqual([undefined, undefined, undefined, 0]);
});

test('a place that is not there gives nothing and takes nothing', () => {
  const one = timeline<string>();
  one.add(1, 'stays');

  expect([one.takeAt(1), one.takeAt(-1), one.size(), one.takeFirst()]).toEqual([undefined, undefined, 1, 'stays']);
});

test('values come in the order of their time and then of their arrival, whatever was taken out between', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), at: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('takeFirst' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('takeAt' as const), place: fc.nat(40) }) },
  );
  fc.assert(fc.property(fc.array(step, { minLength: 30, maxLength: 120, size: 'max' }), (steps) => {
    const tried = timeline<{ at: number; arrival: number }>();
    let plain: { at: number; arrival: number }[] = [];
    for (const [arrival, each] of steps.entries()) {
      if (each.do === 'add') {
        tried.add(each.at, { at: each.at, arrival });
        plain.push({ at: each.at, arrival });
        continue;
      }
      const expected = inOrder(plain)[0];
      const taken = each.do === 'takeFirst' ? tried.takeFirst() : tried.takeAt(each.place % Math.max(1, tried.size()));
      expect(each.do === 'takeAt' || taken?.arrival === expected?.arrival).toBe(true);
      plain = plain.filter((one) => one.arrival !== taken?.arrival);
      expect(tried.size()).toBe(plain.length);
    }
    const rest = Array.from({ length: tried.size() }, () => tried.takeFirst());
    expect(rest).toEqual(inOrder(plain));
  }), { numRuns: 1000, seed: 20_261_123 });
});

interface Moment {
  readonly at: number;
  readonly arrival: number;
}

function inOrder<T extends Moment>(moments: readonly T[]): readonly T[] {
  return moments.toSorted((left, right) => left.at - right.at || left.arrival - right.arrival);
}
