/** When a pair counts as going to and fro: what the log alone must show. */
import { expect, test } from 'vitest';
import { flips } from '../../shared/sync/flips.ts';
import type { Outcome, SideName } from '../../shared/sync/link.ts';

const now = 10_000_000;
const minuteMs = 60_000;
const updated = (side: SideName, minutesAgo: number, why = 'changed'): Outcome => ({ at: now - minutesAgo * minuteMs, run: `run-${minutesAgo}`, kind: 'applied', what: 'updated', side, why });

test.each<[string, readonly Outcome[], number]>([
  ['a first update turns nothing', [], 0],
  ['updates in one direction turn nothing', [updated('target', 30), updated('target', 20)], 0],
  ['one back is one turn', [updated('source', 30)], 1],
  ['there, back and there again are three with what is about to happen', [updated('target', 30), updated('source', 20), updated('target', 10), updated('source', 5)], 4],
  ['what is an hour old does not count any more', [updated('source', 61), updated('target', 60), updated('source', 59)], 1],
  ["a person's word starts it anew", [updated('source', 30), updated('target', 20), updated('source', 10, 'told')], 0],
  ['creations, failures and what was only agreed on turn nothing', [{ ...updated('source', 30), what: 'created' }, { ...updated('source', 20), kind: 'failed' }, { ...updated('source', 10), side: undefined }], 0],
])('%s', (_promise, log, turns) => {
  expect(flips(log, 'target', now)).toBe(turns);
});
