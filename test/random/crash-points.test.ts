/**
 * Each small story, cut at every await in five ways (notebooks), and killed at every await (Directus and Nextcloud, with their real
 * clients). `npm run prove` cuts the second pair in all five ways too, and two stories at every two awaits.
 */
import { describe, expect, test } from 'vitest';
import { crashPoints, cutKinds, type CutKind } from './crash-points.ts';
import { stories } from './stories.ts';

describe.each(stories)('$name', (story) => {
  test.each<{ pair: 'notebooks' | 'directus-nextcloud'; kinds: readonly CutKind[] }>([
    { pair: 'notebooks', kinds: cutKinds },
    { pair: 'directus-nextcloud', kinds: ['killed before', 'answered, not recorded'] },
  ])('cut at every await ($pair): nothing is doubled, lost or brought back, and it comes to rest', async ({ pair, kinds }) => {
    const { awaits, tried, wrong } = await crashPoints(pair, story, kinds);

    expect(wrong).toEqual([]);
    expect(tried).toBe(awaits * kinds.length);
    expect(awaits).toBeGreaterThan(12);
  });
});
