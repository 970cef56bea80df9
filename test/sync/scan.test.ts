import { describe, expect, test } from 'vitest';
import { completeScan, covers, placedAt, proofOf, type ReadingEnd } from '../../shared/sync/scan.ts';

const end = (some: Partial<ReadingEnd> = {}): ReadingEnd => ({ kind: 'scan', lastPageSeen: true, authoritative: false, ...some });

describe('when silence may be believed', () => {
  test.each([
    { promise: 'a scan with its last page and the declared count is complete', reading: end({ declared: 3 }), complete: true },
    { promise: 'a scan with its last page is complete where nothing was declared', reading: end(), complete: true },
    { promise: 'a scan without its last page is not complete', reading: end({ lastPageSeen: false }), complete: false },
    { promise: 'a scan without its last page is not complete, though the count is right', reading: end({ lastPageSeen: false, declared: 3 }), complete: false },
    { promise: 'a scan that read less than was declared is not complete', reading: end({ declared: 4 }), complete: false },
    { promise: 'a scan that read more than was declared is not complete', reading: end({ declared: 2 }), complete: false },
    { promise: 'a scan that read something where nothing was declared to be is not complete', reading: end({ declared: 0 }), complete: false },
    { promise: 'a delta proves nothing', reading: end({ kind: 'delta' }), complete: false },
    { promise: 'a delta proves nothing, though its count is right', reading: end({ kind: 'delta', declared: 3 }), complete: false },
    { promise: 'a listing that calls itself authoritative still has to be whole', reading: end({ authoritative: true, declared: 4 }), complete: false },
  ])('$promise', ({ reading, complete }) => {
    expect(completeScan(reading, 3) !== undefined).toBe(complete);
  });

  test('an empty side that declares itself empty is complete', () => {
    expect(completeScan(end({ declared: 0 }), 0)).toEqual({ read: 0, declared: 0, authoritative: false });
  });

  test.each([true, false])('the proof carries what was read, what was declared, and whether one look is enough: %s', (authoritative) => {
    expect(completeScan(end({ declared: 3, authoritative }), 3)).toEqual({ read: 3, declared: 3, authoritative });
  });

  test('a withdrawal that rests on a scan says how much the scan had read', () => {
    expect(proofOf({ read: 412, declared: 412, authoritative: true })).toEqual({ kind: 'scan', read: 412, declared: 412 });
    expect(proofOf({ read: 7, authoritative: false })).toEqual({ kind: 'scan', read: 7, declared: undefined });
  });
});

test.each([
  { scan: undefined, item: 'hall', covered: true, why: 'a scan of everything covers an item anywhere' },
  { scan: 'hall', item: undefined, covered: true, why: 'an item without a scope is everywhere' },
  { scan: 'hall', item: 'hall', covered: true, why: 'a scan covers its own scope' },
  { scan: 'hall', item: 'attic', covered: false, why: 'an item outside the scope was never looked for' },
])('$why', ({ scan, item, covered }) => {
  expect(covers(scan, item)).toBe(covered);
});

test.each([
  { container: 'hall', at: 1000, covered: true, why: 'a span covers what begins in it, its first instant included' },
  { container: 'hall', at: 2000, covered: false, why: 'a span does not cover its end' },
  { container: 'hall', at: 999, covered: false, why: 'what began before the span was never looked for' },
  { container: 'attic', at: 1500, covered: false, why: 'a place that was not read is not covered, whatever the instant' },
  { container: 'old@hall', at: 5000, covered: true, why: 'each place has its own span, whatever its name' },
])('$why', ({ container, at, covered }) => {
  const spans = [{ container: 'hall', from: 1000, until: 2000 }, { container: 'old@hall', from: 5000, until: 6000 }];

  expect(covers(spans, placedAt(container, at))).toBe(covered);
});
