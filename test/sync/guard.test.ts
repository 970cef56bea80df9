import { describe, expect, test } from 'vitest';
import { defaultGuard, guard, guardRosters, type GuardFacts, type Roster } from '../../shared/sync/guard.ts';

const facts = (some: Partial<GuardFacts>): GuardFacts => ({ stream: 'pages', planned: 0, recent: 0, linked: 100, emptied: [], changedSides: [], ...some });
const codes = (some: Partial<GuardFacts>, limits = defaultGuard): string[] => guard(limits, facts(some)).map((held) => held.code);
const told = (...rosters: readonly Roster[]) => guardRosters(defaultGuard, 'participants', rosters).map(({ message }) => message);

describe('too many withdrawals need more than five and more than a fifth', () => {
  test.each([
    { planned: 5, recent: 0, linked: 10, held: false, why: 'five of ten are few, though half' },
    { planned: 6, recent: 0, linked: 10, held: true, why: 'six of ten' },
    { planned: 5, recent: 0, linked: 5, held: false, why: 'five of five: nobody asks about a small table' },
    { planned: 6, recent: 0, linked: 30, held: false, why: 'six of thirty are exactly a fifth' },
    { planned: 6, recent: 0, linked: 29, held: true, why: 'six of twenty-nine are a little more than a fifth' },
    { planned: 6, recent: 0, linked: 31, held: false, why: 'six of thirty-one are less than a fifth' },
    { planned: 20, recent: 0, linked: 100, held: false, why: 'twenty of a hundred are exactly a fifth' },
    { planned: 21, recent: 0, linked: 100, held: true, why: 'twenty-one of a hundred' },
    { planned: 1, recent: 5, linked: 10, held: true, why: 'one more after five of the same day' },
    { planned: 1, recent: 4, linked: 10, held: false, why: 'one more after four of the same day' },
    { planned: 11, recent: 10, linked: 100, held: true, why: 'two plans of a day that are too many together' },
    { planned: 0, recent: 50, linked: 100, held: false, why: 'a plan without withdrawals may always go' },
    { planned: 6, recent: 0, linked: 0, held: true, why: 'six, where nothing is known to be linked' },
  ])('$why: $planned planned, $recent recent, $linked linked, held: $held', ({ planned, recent, linked, held }) => {
    expect(codes({ planned, recent, linked })).toEqual(held ? ['TOO_MANY_WITHDRAWALS'] : []);
  });

  test('the figures are the limits that the stream gives', () => {
    const strict = { shareMax: 0.1, countMax: 1 };

    expect(codes({ planned: 2, linked: 19 }, strict)).toEqual(['TOO_MANY_WITHDRAWALS']);
    expect(codes({ planned: 2, linked: 20 }, strict)).toEqual([]);
    expect(codes({ planned: 1, linked: 1 }, strict)).toEqual([]);
  });

  test('the share is a number also where nothing is linked', () => {
    expect(guard(defaultGuard, facts({ planned: 6, linked: 0 }))).toMatchObject([{ message: expect.stringContaining('(600 %') }]);
  });

  test('the message says how many of how many, in per cent, against which limit, recent ones included', () => {
    const [held] = guard(defaultGuard, facts({ planned: 20, recent: 4, linked: 96 }));

    expect(held).toEqual({ stream: 'pages', code: 'TOO_MANY_WITHDRAWALS', message: '24 of 96 would be withdrawn within 24 hours (25 %, limit 20 %)' });
  });
});

describe('a side that is not what it was', () => {
  test('a side that became empty holds even one withdrawal, and is named', () => {
    const held = guard(defaultGuard, facts({ planned: 1, emptied: ['source'] }));

    expect(held).toEqual([{ stream: 'pages', code: 'SIDE_EMPTY', message: expect.stringContaining('source') }]);
  });

  test('a side with another address holds even one withdrawal, and is named', () => {
    const held = guard(defaultGuard, facts({ planned: 1, changedSides: ['target'] }));

    expect(held).toEqual([{ stream: 'pages', code: 'SIDE_CHANGED', message: expect.stringContaining('target') }]);
  });

  test('even one withdrawal of what we did not make holds the plan, and their number is told', () => {
    const [one, more] = [guard(defaultGuard, facts({ planned: 1, foreign: 1 })), guard(defaultGuard, facts({ planned: 5, foreign: 3 }))];

    expect(one).toEqual([{ stream: 'pages', code: 'FOREIGN_ITEMS', message: expect.stringMatching(/^1 item that/) }]);
    expect(more).toEqual([{ stream: 'pages', code: 'FOREIGN_ITEMS', message: expect.stringMatching(/^3 items that/) }]);
    expect(codes({ planned: 5, foreign: 0 })).toEqual([]);
  });

  test('all reasons are told at once, each side by itself', () => {
    expect(codes({ planned: 60, emptied: ['source', 'target'], changedSides: ['source'] })).toEqual(['TOO_MANY_WITHDRAWALS', 'SIDE_EMPTY', 'SIDE_EMPTY', 'SIDE_CHANGED']);
  });

  test('a plan that withdraws nothing goes, whatever became of the sides', () => {
    expect(codes({ planned: 0, recent: 60, emptied: ['source'], changedSides: ['target'] })).toEqual([]);
  });
});

describe('a roster is judged by the same figures as its stream', () => {
  test.each([
    { withdrawn: 5, linked: 5, held: false, why: 'five of five are few' },
    { withdrawn: 6, linked: 30, held: false, why: 'six of thirty are exactly a fifth' },
    { withdrawn: 6, linked: 29, held: true, why: 'six of twenty-nine are a little more' },
  ])('$why: held: $held', ({ withdrawn, linked, held }) => {
    expect(told({ name: 'events 1', withdrawn, linked })).toHaveLength(held ? 1 : 0);
  });

  test('each broken one is named with its figures, the worst first', () => {
    const rosters = [{ name: 'events 1', withdrawn: 6, linked: 20 }, { name: 'events 2', withdrawn: 1, linked: 20 }, { name: 'events 3', withdrawn: 9, linked: 20 }];

    expect(told(...rosters)).toEqual(['9 of 20 of events 3 would be withdrawn within 24 hours (45 %, limit 20 %)', '6 of 20 of events 1 would be withdrawn within 24 hours (30 %, limit 20 %)']);
  });

  test('of very many the worst ten are named, and how many more there are', () => {
    const rosters = Array.from({ length: 13 }, (_, at) => ({ name: `events ${at}`, withdrawn: 10 + at, linked: 30 }));

    const messages = told(...rosters);

    expect(messages).toHaveLength(11);
    expect(messages[0]).toContain('events 12 ');
    expect(messages[10]).toBe('and 3 more like these, each above the limit');
    expect(told(...rosters.slice(0, 10))).toHaveLength(10);
  });
});
