import { describe, expect, test } from 'vitest';
import { groupsWithin } from '../../shared/base/groups.ts';

const own = (item: number): number => item;

describe('groups', () => {
  test('hold everything, once and in order, within both limits', () => {
    expect(groupsWithin([3, 3, 4, 1, 1, 1, 1, 9], own, { countMax: 3, sizeMax: 10 })).toEqual([[3, 3, 4], [1, 1, 1], [1, 9]]);
  });

  test('may be filled to the last unit, and no further', () => {
    expect(groupsWithin([5, 5, 1], own, { sizeMax: 10 })).toEqual([[5, 5], [1]]);
  });

  test('give an item that is too large a place of its own', () => {
    expect(groupsWithin([1, 99, 1], own, { sizeMax: 10 })).toEqual([[1], [99], [1]]);
  });

  test('of nothing are none', () => {
    expect(groupsWithin([], own, { sizeMax: 10 })).toEqual([]);
  });
});
