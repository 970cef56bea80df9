/**
 * Whoever is registered for a trip, as a side: one item for an account of ServiceReef. The rosters name everybody with name, e-mail, phone and
 * address, so that no further call is needed; the account itself is asked only about somebody whom no roster names any more. Read only.
 * Nobody is ever withdrawn: a donor is not ours, and an account that is silent says nothing.
 */
import { ItemInvalid } from '../../base/errors.ts';
import { inParallel } from '../../base/in-parallel.ts';
import type { Looked, Side, Sighting } from '../../engine/side.ts';
import type { ReadingEnd } from '../../sync/scan.ts';
import { readOnly } from '../manners.ts';
import { about } from './about.ts';
import { personOf, type Traveller } from './map.ts';
import { reefCallsAtOnce, type ReadingDeps, type Readings } from './reading.ts';
import type { Rekeyed } from './rekeyed.ts';

export function travellerSource(deps: ReadingDeps, readings: Readings, rekeyed: Rekeyed): Side {
  const { digest } = deps;

  function looked(traveller: Traveller): Extract<Looked, { kind: 'present' | 'rejected' }> {
    const id = traveller.userId;
    try {
      const entity = { ...personOf(traveller), asked: rekeyed.asked(id) };
      return { kind: 'present', item: { id, entity, belongs: true, version: digest(JSON.stringify(entity)).slice(0, 22) } };
    } catch (error) {
      if (!(error instanceof ItemInvalid)) throw error;
      return { kind: 'rejected', rejected: { id, version: digest(error.code).slice(0, 22), code: error.code, message: error.message } };
    }
  }

  async function lookUp(id: string): Promise<Looked> {
    const { travellers } = await readings.latest();
    const known = travellers.get(id);
    if (known !== undefined) return looked(known);
    const account = await deps.reef.member(id);
    return account.kind === 'found' ? looked(account.row) : { kind: 'other', id };
  }

  async function* read(): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    const { travellers } = await readings.latest();
    yield [...travellers.values()].map((traveller): Sighting => {
      const seen = looked(traveller);
      return seen.kind === 'rejected' ? seen : { kind: 'listed', id: seen.item.id, version: seen.item.version, item: seen.item };
    });
    return { kind: 'delta', lastPageSeen: true, authoritative: false };
  }

  return {
    ...readOnly, system: 'servicereef', reads: 'scan', secondLook: 'second-scan', batchMax: 50,
    identity: () => `${deps.reefUrl} ${about.streams.people}`,
    read,
    lookUp: (ids) => inParallel(ids, reefCallsAtOnce, lookUp),
  };
}
