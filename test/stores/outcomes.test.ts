/** What workers made of a run's changes, as it is kept on the table. */
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { outcomeStore } from '../../shared/stores/outcomes.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import type { LinkOutcome } from '../../shared/sync/report.ts';

const outcome = (link: string, kind: LinkOutcome['kind'] = 'applied'): LinkOutcome => ({ stream: 'pages', link, id: link, kind, what: kind === 'applied' ? 'created' : kind });

function place() {
  const clock = manualClock();
  return { clock, outcomes: outcomeStore(sqliteTable({ path: ':memory:', clock }), 'harbour-lights', clock) };
}

test('the outcomes of a run are those of all its messages, and of no other run', async () => {
  const { outcomes } = place();
  await outcomes.record('run-1', 'message-1', [outcome('a'), outcome('b', 'failed')]);
  await outcomes.record('run-1', 'message-2', [outcome('c')]);
  await outcomes.record('run-10', 'message-3', [outcome('d')]);

  expect((await outcomes.of('run-1')).map(({ link, kind }) => `${link} ${kind}`)).toEqual(['a applied', 'b failed', 'c applied']);
});

test('a message that comes again says nothing twice, and takes nothing back by being silent', async () => {
  const { outcomes } = place();
  await outcomes.record('run-1', 'message-1', [outcome('a'), outcome('b', 'failed')]);
  await outcomes.record('run-1', 'message-1', []);
  await outcomes.record('run-1', 'message-1', [outcome('b')]);

  expect((await outcomes.of('run-1')).map(({ link, kind }) => `${link} ${kind}`)).toEqual(['a applied', 'b applied']);
});

test('of two messages about one link the younger one counts', async () => {
  const { clock, outcomes } = place();
  await outcomes.record('run-1', 'z-first', [outcome('a', 'failed')]);
  clock.advance(1000);
  await outcomes.record('run-1', 'a-second', [outcome('a')]);

  expect(await outcomes.of('run-1')).toEqual([outcome('a')]);
});
