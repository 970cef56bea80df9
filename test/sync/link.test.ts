import { describe, expect, test } from 'vitest';
import { baseOf, idOn, isOpen, logged, otherSide, type Link, type LinkState, type Outcome } from '../../shared/sync/link.ts';

const outcome = (run: string, some: Partial<Outcome> = {}): Outcome => ({ at: 1, run, kind: 'applied', what: 'updated', ...some });
const runs = (log: readonly Outcome[]): string[] => log.map((entry) => entry.run);
const aLink = (some: Partial<Link> = {}): Link => ({ stream: 'pages', key: 'k', origin: 'created', versions: {}, state: 'agreed', lives: 0, log: [], touched: 0, rev: 1, ...some });

describe('the log of a link', () => {
  test('an outcome of another run is added at the end', () => {
    expect(runs(logged([outcome('run 1')], outcome('run 2')))).toEqual(['run 1', 'run 2']);
  });

  test('a second outcome of the same run replaces the first and adds nothing', () => {
    const log = [outcome('run 1'), outcome('run 2', { kind: 'failed', what: 'E_VENDOR_REJECTED' })];

    expect(logged(log, outcome('run 2', { at: 5 }))).toEqual([outcome('run 1'), outcome('run 2', { at: 5 })]);
  });

  test('a late outcome of an earlier run replaces that one and becomes the last word', () => {
    const log = [outcome('run 1', { kind: 'failed' }), outcome('run 2')];

    expect(logged(log, outcome('run 1', { at: 9 }))).toEqual([outcome('run 2'), outcome('run 1', { at: 9 })]);
  });

  test('it keeps the last ten runs and forgets the oldest first', () => {
    let log: readonly Outcome[] = [];
    for (let n = 1; n <= 10; n++) log = logged(log, outcome(`run ${n}`));
    const ten = log;
    log = logged(log, outcome('run 11'));

    expect(ten).toHaveLength(10);
    expect(runs(log)).toEqual(Array.from({ length: 10 }, (_, n) => `run ${n + 2}`));
  });

  test('a repeated outcome does not push the oldest out', () => {
    let log: readonly Outcome[] = [];
    for (let n = 1; n <= 10; n++) log = logged(log, outcome(`run ${n}`));

    expect(runs(logged(log, outcome('run 10'))).toSorted()).toEqual(runs(log).toSorted());
  });

  test('the log that was given is not changed', () => {
    const log = [outcome('run 1')];

    logged(log, outcome('run 1', { kind: 'failed' }));

    expect(log).toEqual([outcome('run 1')]);
  });
});

test.each<[LinkState, boolean]>([
  ['agreed', false], ['gone', false],
  ['pending', true], ['waiting', true], ['failed', true], ['parked', true], ['doubt', true],
])('a link that is %s is work to do: %s', (state, open) => {
  expect(isOpen(aLink({ state }))).toBe(open);
});

test('the target has the base of the source, unless it has its own', () => {
  const [source, target] = [{ whole: 's', fields: {} }, { whole: 't', fields: {} }];

  expect(baseOf({ shape: 'pages-1', source }, 'target')).toBe(source);
  expect(baseOf({ shape: 'pages-1', source, target }, 'target')).toBe(target);
  expect(baseOf({ shape: 'pages-1', source, target }, 'source')).toBe(source);
});

test('each side has its own id, and the other side is the other one', () => {
  const link = aLink({ sourceId: 's1', targetId: 't1' });

  expect([idOn(link, 'source'), idOn(link, 'target')]).toEqual(['s1', 't1']);
  expect([otherSide('source'), otherSide('target')]).toEqual(['target', 'source']);
});
