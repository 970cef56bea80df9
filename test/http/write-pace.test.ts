import { describe, expect, test } from 'vitest';
import { writePace } from '../../shared/http/write-pace.ts';

interface Server {
  /** How long the nth write takes, ms. */
  readonly workMs: (n: number) => number;
  /** There and back, ms. */
  readonly distanceMs: number;
  /** How many it works on at once. */
  readonly workers?: number;
}

/** Writes one thousand, with as many under way as `atOnce` says at each moment. */
function written(server: Server, atOnce: () => number, heard: (ms: number) => void = () => undefined) {
  const { workMs, distanceMs, workers = 1 } = server;
  const free = Array.from({ length: workers }, () => 0);
  const underWay: { sentAt: number; answeredAt: number }[] = [];
  let now = 0;
  let depth = 0;
  for (let n = 0; n < 1000 || underWay.length > 0; ) {
    if (n < 1000 && underWay.length < atOnce()) {
      const worker = free.indexOf(Math.min(...free));
      free[worker] = Math.max(free[worker] ?? 0, now + distanceMs / 2) + workMs(n);
      underWay.push({ sentAt: now, answeredAt: (free[worker] ?? 0) + distanceMs / 2 });
      underWay.sort((a, b) => a.answeredAt - b.answeredAt);
      n += 1;
      depth += underWay.length;
      continue;
    }
    const next = underWay.shift();
    if (next === undefined) break;
    now = next.answeredAt;
    heard(now - next.sentAt);
  }
  return { ms: now, meanDepth: depth / 1000 };
}

function paced(server: Server, max = 6) {
  const pace = writePace(max);
  return { ...written(server, () => pace.atOnce, (ms) => pace.heard(ms)), pace };
}

const growing = (n: number): number => 5 + n / 20; // as a calendar that is looked through for each new object

describe('writes at once', () => {
  test.each([[1, 1], [4, 4], [6, 4], [8, 4]])('of %i that the settings allow, %i begin: a small server does not hear a larger burst of new connections', (max, first) => {
    expect(writePace(max).atOnce).toBe(first);
  });

  test.each([{ workMs: () => 10, name: 'always as long' }, { workMs: growing, name: 'longer each time' }])('are about two before a near server that takes one after the other, $name: one at work, one at the door', ({ workMs }) => {
    const { meanDepth } = paced({ workMs, distanceMs: 0 });

    expect(meanDepth).toBeGreaterThan(1.4);
    expect(meanDepth).toBeLessThan(2.6);
  });

  test.each([0, 20, 50, 100, 200])('take at most a tenth longer than six at once, %i ms away, while the server gets slower', (distanceMs) => {
    const six = written({ workMs: growing, distanceMs }, () => 6).ms;

    expect(paced({ workMs: growing, distanceMs }).ms).toBeLessThan(1.1 * six);
  });

  test('stay many where the server works on all of them at once', () => {
    const server = { workMs: () => 50, distanceMs: 5, workers: 8 };

    const { ms, pace } = paced(server);

    expect(pace.atOnce).toBe(6);
    expect(ms).toBeLessThan(1.1 * written(server, () => 6).ms);
  });

  test.each([1, 2, 6])('are never none, nor more than %i where that is the bound, whatever is heard', (max) => {
    const pace = writePace(max);
    const seen: number[] = [];

    for (let n = 0; n < 500; n += 1) {
      pace.heard([0, 5, 90_000, 1, 40, 15_000][(n * 7) % 6] ?? 0);
      seen.push(pace.atOnce);
    }

    expect(Math.min(...seen)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...seen)).toBeLessThanOrEqual(max);
  });

  test('become many again when a busy hour is over', () => {
    const pace = writePace(6);
    pace.heard(100);
    for (let answer = 0; answer < 30; answer += 1) pace.heard(600);
    const busy = pace.atOnce;

    for (let answer = 0; answer < 200; answer += 1) pace.heard(100);

    expect(busy).toBeLessThan(3);
    expect(pace.atOnce).toBe(6);
  });
});
