import { expect, test } from 'vitest';
import { costOf, type CallBudget } from '../../shared/sync/cost.ts';

const sky: CallBudget = { system: 'sky', perSecond: 8, perDay: 25_000 };
const at = (calls: number, budget = sky) => costOf([budget], new Map([[budget.system, calls]]))?.[budget.system];

test('calls become minutes at the rate rounded up, and a share of the day', () => {
  expect(at(4120)).toEqual({ calls: 4120, perSecond: 8, minutes: 8.6, shareOfDay: 0.165 });
  expect(at(1)).toEqual({ calls: 1, perSecond: 8, minutes: 0.1, shareOfDay: 0 });
});

test('more than a day has spreads over days; exactly a day does not', () => {
  expect(at(25_000)).toEqual({ calls: 25_000, perSecond: 8, minutes: 52.1, shareOfDay: 1 });
  expect(at(25_001)).toMatchObject({ shareOfDay: 1, days: 2 });
  expect(at(61_000)).toMatchObject({ shareOfDay: 2.44, days: 3 });
});

test('where no day counts calls, only minutes are told', () => {
  expect(at(480, { system: 'near', perSecond: 4 })).toEqual({ calls: 480, perSecond: 4, minutes: 2 });
});

test('systems that nothing is called at, or that do not count calls, are left out', () => {
  expect(costOf([sky, { system: 'near', perSecond: 4 }], new Map([['sky', 0], ['elsewhere', 9]]))).toBeUndefined();
  expect(Object.keys(costOf([sky, { system: 'near', perSecond: 4 }], new Map([['near', 3]])) ?? {})).toEqual(['near']);
});
