/**
 * Manners that several sides share: a system that can only be written, and one that is only read. Spread into a side, which says the rest
 * of itself.
 */
import type { Looked, Side, Sighting } from '../engine/side.ts';
import type { ReadingEnd } from '../sync/scan.ts';

/** It cannot be listed, and shows none of its items: what it holds is what we last agreed on. */
export const blind = {
  reads: 'blind',
  versioned: false,
  tombstones: 'ask',
  secondLook: 'second-scan',
  read: nothingListed,
  lookUp: async (ids: readonly string[]): Promise<readonly Looked[]> => ids.map((id) => ({ kind: 'other', id })),
} as const satisfies Partial<Side>;

async function* nothingListed(): AsyncGenerator<readonly Sighting[], ReadingEnd> {
  yield [];
  return { kind: 'delta', lastPageSeen: false, authoritative: false };
}

/** Whatever a stream decides, nothing is written there. */
export const readOnly = {
  power: 'none',
  versioned: false,
  tombstones: 'ask',
  oneWriter: false,
  lookForOurs: async (writes: readonly unknown[]) => writes.map(() => []),
  write: async () => {
    throw new Error('a side that is only read was asked to write');
  },
} as const satisfies Partial<Side>;
