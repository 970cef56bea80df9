import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutcomeKind } from '../../shared/sync/link.ts';
import { countOutcomes, exitCode, noCounts, problemsOf, worstOf, type LinkOutcome, type RunReport, type StreamCounts } from '../../shared/sync/report.ts';

const outcome = (kind: OutcomeKind, what: string): LinkOutcome => ({ stream: 'pages', link: 'k', id: '1', kind, what });

const aReport = (state: RunReport['state'], open: Partial<StreamCounts>, planned: number): RunReport => ({
  connector: 'notebook', run: 'run', state, streams: { calm: { ...noCounts, unchanged: 4 }, pages: { ...noCounts, ...open } },
  calls: {}, durationMs: 1, problems: [], held: [], changes: [], planned,
});

describe('counting outcomes', () => {
  test.each<[OutcomeKind, string, keyof StreamCounts]>([
    ['applied', 'created', 'created'], ['applied', 'updated', 'updated'], ['applied', 'deleted', 'deleted'], ['applied', 'linked', 'linked'],
    ['applied', 'rebased', 'unchanged'], ['applied', 'absent', 'unchanged'],
    ['skipped', 'created', 'unchanged'], ['skipped', 'absent', 'unchanged'],
    ['waiting', 'PARENT_MISSING', 'waiting'], ['failed', 'created', 'failed'], ['parked', 'BOTH_EDITED', 'parked'], ['doubt', 'CREATE_IN_DOUBT', 'doubt'],
  ])('%s (%s) counts as %s, and as nothing else', (kind, what, field) => {
    expect(countOutcomes(7, 0, [outcome(kind, what)])).toEqual({ ...noCounts, read: 7, [field]: 1 });
  });

  test('every outcome is counted exactly once, on top of what was unchanged, whatever it is called', () => {
    const kind = fc.constantFrom<OutcomeKind>('applied', 'skipped', 'waiting', 'failed', 'parked', 'doubt');
    const what = fc.oneof(fc.constantFrom('created', 'updated', 'deleted', 'linked', 'read', 'unchanged', 'constructor'), fc.string());
    fc.assert(fc.property(fc.nat(), fc.nat(), fc.array(fc.tuple(kind, what)), (read, unchanged, drawn) => {
      const { read: lines, ...counts } = countOutcomes(read, unchanged, drawn.map(([one, other]) => outcome(one, other)));

      expect(lines).toBe(read);
      expect(Object.keys(counts)).toHaveLength(9);
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(unchanged + drawn.length);
    }));
  });

  test('counting starts at nothing each time', () => {
    countOutcomes(3, 2, [outcome('applied', 'created')]);

    expect(countOutcomes(0, 0, [])).toEqual({ read: 0, created: 0, updated: 0, deleted: 0, linked: 0, unchanged: 0, waiting: 0, failed: 0, parked: 0, doubt: 0 });
  });
});

test('the problems are the outcomes that have one, in their order', () => {
  const failed = { ...outcome('failed', 'E_VENDOR_REJECTED'), id: '301', problem: { code: 'E_VENDOR_REJECTED', message: 'the fee is not a number' } };
  const parked = { ...outcome('parked', 'BOTH_EDITED'), id: '302', problem: { code: 'BOTH_EDITED', message: 'both sides changed title' } };

  const problems = problemsOf([failed, outcome('applied', 'created'), parked]);

  expect(problems).toEqual([
    { stream: 'pages', id: '301', code: 'E_VENDOR_REJECTED', message: 'the fee is not a number' },
    { stream: 'pages', id: '302', code: 'BOTH_EDITED', message: 'both sides changed title' },
  ]);
});

describe('the exit code', () => {
  test.each<{ state: RunReport['state']; open: Partial<StreamCounts>; planned: number; planOnly: boolean; code: number; why: string }>([
    { state: 'paused', open: { failed: 1 }, planned: 9, planOnly: true, code: 5, why: 'sign-in is needed, before anything else' },
    { state: 'held', open: { failed: 1 }, planned: 9, planOnly: true, code: 4, why: 'held, before what failed' },
    { state: 'failed', open: { failed: 1 }, planned: 9, planOnly: true, code: 1, why: 'an error, before what is open' },
    { state: 'finished', open: { failed: 1 }, planned: 9, planOnly: true, code: 3, why: 'something failed, before changes of a plan' },
    { state: 'finished', open: { waiting: 1 }, planned: 0, planOnly: false, code: 3, why: 'something waits' },
    { state: 'finished', open: { parked: 1 }, planned: 0, planOnly: false, code: 3, why: 'something is parked' },
    { state: 'finished', open: { doubt: 1 }, planned: 0, planOnly: false, code: 3, why: 'something is in doubt' },
    { state: 'finished', open: { created: 1 }, planned: 1, planOnly: true, code: 6, why: 'a plan has changes' },
    { state: 'finished', open: {}, planned: 0, planOnly: true, code: 0, why: 'a plan has nothing to do' },
    { state: 'finished', open: { created: 2, updated: 3, deleted: 1, linked: 1 }, planned: 7, planOnly: false, code: 0, why: 'a run made its changes' },
    { state: 'paused', open: {}, planned: 0, planOnly: false, code: 5, why: 'sign-in is needed in a run' },
    { state: 'held', open: {}, planned: 0, planOnly: false, code: 4, why: 'a run is held' },
    { state: 'failed', open: {}, planned: 0, planOnly: false, code: 1, why: 'a run failed' },
  ])('is $code when $why', ({ state, open, planned, planOnly, code }) => {
    expect(exitCode(aReport(state, open, planned), planOnly)).toBe(code);
  });

  test.each([
    [[], 0],
    [[0, 0], 0],
    [[0, 3], 3],
    [[3, 1, 0], 1],
    [[1, 4], 4],
    [[4, 0, 5], 5],
    [[6, 0], 6],
  ])('of several, %j, is %i', (codes, worst) => {
    expect(worstOf(codes)).toBe(worst);
  });
});
