/** Some at once, all in order, and nothing left behind. */
import { expect, test } from 'vitest';
import { inParallel } from '../../shared/base/in-parallel.ts';

test('answers in the order of the items, and works on no more than that many at once', async () => {
  let [underWay, most] = [0, 0];

  const answers = await inParallel([3, 1, 2, 5], 2, async (n) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < n; turn += 1) await Promise.resolve();
    underWay -= 1;
    return n * 10;
  });

  expect([answers, most]).toEqual([[30, 10, 20, 50], 2]);
});

test('throws what failed first, after what was under way has ended, and begins nothing more', async () => {
  const { promise: later, resolve: letGo } = Promise.withResolvers<void>();
  const seen: string[] = [];

  const answer = inParallel(['slow', 'bad', 'never'], 2, async (name) => {
    seen.push(`${name} begins`);
    if (name === 'bad') throw new Error('bad');
    await later;
    seen.push(`${name} ends`);
  }).finally(() => seen.push('thrown'));
  letGo();

  await expect(answer).rejects.toThrow('bad');
  expect(seen).toEqual(['slow begins', 'bad begins', 'slow ends', 'thrown']);
});
