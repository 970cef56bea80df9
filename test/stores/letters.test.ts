/** What gave up, as it is kept on the table. */
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { letterStore, type Letter } from '../../shared/stores/letters.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';

const letter = (id: string, at: number): Letter => ({ id, at, why: 'tried', stream: 'pages', plan: 'plan-1', keys: ['a', 'b'], tries: 5 });

function place() {
  const clock = manualClock();
  const table = sqliteTable({ path: ':memory:', clock });
  return { clock, letters: letterStore(table, 'harbour-lights', clock), others: letterStore(table, 'harbour', clock) };
}

test('letters come back whole, the oldest first, each connector its own', async () => {
  const { letters, others } = place();
  await letters.add(letter('later', 20));
  await letters.add(letter('first', 10));
  await others.add(letter('of another', 5));

  expect(await letters.list()).toEqual([letter('first', 10), letter('later', 20)]);
});

test('the same message twice is one letter', async () => {
  const { letters } = place();
  await letters.add(letter('one', 10));
  await letters.add(letter('one', 10));

  expect(await letters.list()).toHaveLength(1);
});

test('what is answered is gone, the others stay', async () => {
  const { letters } = place();
  await letters.add(letter('one', 10));
  await letters.add(letter('two', 20));

  await letters.remove([letter('one', 10), letter('never there', 0)]);

  expect((await letters.list()).map(({ id }) => id)).toEqual(['two']);
});

test('a letter that nobody answers is kept for 90 days', async () => {
  const { clock, letters } = place();
  await letters.add(letter('one', clock.now()));

  clock.advance(90 * 86_400_000 - 1);
  const before = await letters.list();
  clock.advance(1);

  expect([before.length, (await letters.list()).length]).toEqual([1, 0]);
});
