import { describe, expect, test } from 'vitest';
import { writePace } from '../../shared/http/write-pace.ts';

/** A server that takes one write after the other, each for `workMs`, at a distance. @returns how many were under way at the end */
function afterMany(facts: { workMs: number; distanceMs: number; max: number; workers?: number }): number {
  const { workMs, distanceMs, max, workers = 1 } = facts;
  const pace = writePace(max);
  // The first of a burst finds nobody before it.
  pace.heard(distanceMs + workMs);
  for (let answer = 0; answer < 300; answer += 1) {
    const ahead = Math.max(0, pace.atOnce - workers - (distanceMs * workers) / workMs);
    pace.heard(distanceMs + workMs + (ahead * workMs) / workers);
  }
  return pace.atOnce;
}

describe('writes at once', () => {
  test('begin with as many as the settings allow', () => {
    expect(writePace(6).atOnce).toBe(6);
  });

  test('become two before a near server that takes one after the other: one at work, one at the door', () => {
    expect(afterMany({ workMs: 10, distanceMs: 0, max: 6 })).toBe(2);
  });

  test('stay as many as allowed where the way takes longer than the work', () => {
    expect(afterMany({ workMs: 10, distanceMs: 100, max: 6 })).toBe(6);
  });

  test('stay as many as allowed where the server works on all of them at once', () => {
    expect(afterMany({ workMs: 50, distanceMs: 5, max: 6, workers: 8 })).toBe(6);
  });

  test.each([1, 2, 6])('are never none, nor more than %i where that is the bound, whatever is heard', (max) => {
    const pace = writePace(max);
    const seen: number[] = [];

    for (const ms of [0, 5, 90_000, 0, 1, 1, 1, 40, 15_000, 15_000, 15_000, 15_000, 0, 0, 0]) {
      pace.heard(ms);
      seen.push(pace.atOnce);
    }

    expect(Math.min(...seen)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...seen)).toBeLessThanOrEqual(max);
  });

  test('become more again when a busy hour is over', () => {
    const pace = writePace(6);
    for (let answer = 0; answer < 100; answer += 1) pace.heard(answer === 0 ? 100 : 600);
    const busy = pace.atOnce;

    for (let answer = 0; answer < 200; answer += 1) pace.heard(100);

    expect(busy).toBe(1);
    expect(pace.atOnce).toBe(6);
  });
});
