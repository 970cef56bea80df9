import { expect, test } from 'vitest';
import { planText, reportText } from '../../bin/print.ts';
import type { CatalogEntry } from '../../shared/hub/catalog.ts';
import { costOf } from '../../shared/sync/cost.ts';
import { noCounts, type RunReport } from '../../shared/sync/report.ts';

const entry: CatalogEntry = { id: 'trips', title: 'Trips', sides: { source: 'Trips', target: 'Sky' }, streams: ['people'], together: [], variables: [] };

const aReport = (rest: Partial<RunReport>): RunReport => ({
  connector: 'trips', run: 'run', state: 'finished', streams: { people: noCounts }, calls: {}, durationMs: 0, problems: [], held: [], changes: [], planned: 1, ...rest,
});

const costing = (calls: number, perDay?: number): Partial<RunReport> => ({ cost: costOf([{ system: 'sky', perSecond: 8, perDay }], new Map([['sky', calls]])) });
const costLine = (rest: Partial<RunReport>): string | undefined => planText(aReport(rest), entry).split('\n').find((line) => line.includes('Cost'))?.trim();

test.each([
  [4120, 25_000, "Cost: about 4 120 calls to sky, 8.6 minutes at 8 a second, 16 % of a day's quota."],
  [1, 25_000, "Cost: about 1 call to sky, 0.1 minutes at 8 a second, under 1 % of a day's quota."],
  [61_000, 25_000, "Cost: about 61 000 calls to sky, 127.1 minutes at 8 a second, 244 % of a day's quota: it spreads over 3 days."],
  [480, undefined, 'Cost: about 480 calls to sky, 1 minute at 8 a second.'],
])('a plan of %i calls, %s a day: %s', (calls, perDay, line) => {
  expect(costLine(costing(calls, perDay))).toBe(line);
});

test('a plan whose connector says nothing of calls, or that needs none, has no line of it', () => {
  expect(costLine({})).toBeUndefined();
  expect(costLine(costing(0))).toBeUndefined();
});

test('a run that used up the day says when it goes on', () => {
  const text = reportText(aReport({ state: 'paused', resetsAt: '2027-03-05T00:00:00.000Z', problems: [{ stream: '*', id: 'trips', code: 'E_QUOTA', message: 'sky has no calls left today' }] }));

  expect(text.split('\n').at(-1)).toBe('  the calls return at 2027-03-05T00:00:00.000Z; the first run after that goes on where this one stopped');
});
