/**
 * A short, fixed part of the proof. `npm run prove` plays as many histories as there is time for; seeds that once broke a promise
 * stand in the museum (test/museum/histories.ts), each with the defence that it led to.
 */
import { describe, expect, test } from 'vitest';
import { pairs } from './pairs.ts';
import { playSeed } from './play-seed.ts';
import { invariants } from './watch.ts';

describe('random histories', () => {
  test.each(Object.keys(pairs))('%s: a fixed hundred breaks no promise', async (pair) => {
    const broken: string[] = [];
    const checked = new Set<string>();
    for (let seed = 1; seed <= 100; seed++) {
      const played = await playSeed(seed, pair);
      for (const name of played.checked.keys()) checked.add(name);
      broken.push(...played.broken.map(({ invariant, detail }) => `seed ${seed}: ${invariant}: ${detail}`));
    }

    expect(broken).toEqual([]);
    expect(checked.size).toBeGreaterThan(15);
  });

  test.each(Object.keys(pairs))('%s: a fixed hundred on tables whose cheap readings lag breaks no promise', async (pair) => {
    const broken: string[] = [];
    let lagged = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const played = await playSeed(seed, pair, undefined, () => (lagged += 1));
      broken.push(...played.broken.map(({ invariant, detail }) => `seed ${seed}: ${invariant}: ${detail}`));
    }

    expect(broken).toEqual([]);
    expect(lagged).toBeGreaterThan(100);
  });

  test('one seed makes one trace, byte for byte', async () => {
    for (const pair of Object.keys(pairs)) {
      const [first, second] = [await playSeed(7, pair), await playSeed(7, pair)];

      expect(second.trace).toEqual(first.trace);
      expect(first.trace.length).toBeGreaterThan(50);
      expect((await playSeed(8, pair)).hash).not.toBe(first.hash);
    }
  });

  test('what is looked at has a name and a sentence, and there are more than twenty', () => {
    expect(Object.keys(invariants).length).toBeGreaterThanOrEqual(20);
    expect(Object.values(invariants).every((sentence) => sentence.length > 20)).toBe(true);
  });
});
