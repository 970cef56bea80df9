/**
 * A fixed part of the proof about refresh tokens: random histories of several workers, crashes and pauses at every await, a person's edits,
 * lost answers and a store that refuses, against a vendor with real rotation. `npm run prove -- --tokens` plays as many as are wanted; what
 * is looked at stands in test/random/token-oracle.ts.
 */
import { describe, expect, test } from 'vitest';
import { playTokens } from '../random/token-history.ts';

const histories = 2500;

describe('random histories of tokens', () => {
  test('no refresh token is spent twice, nobody is asked for a sign-in in vain, and one is lost only with its answer, with one alarm', { timeout: 300_000 }, async () => {
    const broken: string[] = [];
    const sums = { spentTwice: 0, falseAlarms: 0, lost: 0, alarms: 0, presented: 0, triedAgain: 0 };
    const fired = new Set<string>();
    for (let seed = 1; seed <= histories; seed += 1) {
      const played = await playTokens(seed);
      broken.push(...played.broken.map((what) => `seed ${seed}: ${what}`));
      for (const name of played.fired.keys()) fired.add(name);
      sums.spentTwice += played.spentTwice;
      sums.falseAlarms += played.falseAlarms;
      sums.lost += played.lost;
      sums.alarms += played.alarms;
      sums.presented += played.presented;
      sums.triedAgain += played.triedAgain;
    }

    expect(broken).toEqual([]);
    expect(sums).toMatchObject({ spentTwice: 0, falseAlarms: 0, alarms: sums.lost });
    // The world was unkind enough for this to mean something.
    expect(fired.size).toBe(12);
    expect(sums.presented).toBeGreaterThan(2 * histories);
    expect(sums.lost).toBeGreaterThan(histories / 20);
    expect(sums.triedAgain).toBeGreaterThanOrEqual(sums.lost);
  });

  test('one seed makes one history, step for step', async () => {
    const [first, second, other] = [await playTokens(7), await playTokens(7), await playTokens(8)];

    expect(second.trace).toEqual(first.trace);
    expect(other.hash).not.toBe(first.hash);
  });
});
