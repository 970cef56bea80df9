/**
 * Trips of ServiceReef as a side. The list says which there are; zone, categories and goal stand only in a trip's detail, which is read when its
 * row has changed and once a day. Read only. A trip that is gone from the list is asked for by its number before anything is believed.
 */
import { ItemInvalid } from '../../base/errors.ts';
import type { Looked, Side, Sighting } from '../../engine/side.ts';
import type { Item } from '../../sync/item.ts';
import type { ReadingEnd } from '../../sync/scan.ts';
import type { ReefEvent, ReefEventDetail } from '../../vendors/servicereef/schema.ts';
import { readOnly } from '../manners.ts';
import { about } from './about.ts';
import { eventOf } from './map.ts';
import type { ReadingDeps, Readings } from './reading.ts';
import { isAmong, type Settings } from './settings.ts';

export function tripSource(deps: ReadingDeps, readings: Readings, settings: Settings): Side {
  /** Changes with the row, and once a day: each trip at an hour of its own, so that not all are asked for at once. */
  function versionOf(trip: ReefEvent): string {
    const day = Math.floor(deps.clock.now() / about.detailMs + Number(trip.eventId) * 0.618);
    return deps.digest(JSON.stringify([rowOf(trip), day])).slice(0, 22);
  }

  async function* read(): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    const { trips, unreadableTrips, isComplete } = await readings.take();
    yield unreadableTrips.map((rejected): Sighting => ({ kind: 'rejected', rejected }));
    yield [...trips.values()].map((trip): Sighting => ({ kind: 'listed', id: trip.eventId, version: versionOf(trip) }));
    return { kind: 'scan', lastPageSeen: isComplete, authoritative: false };
  }

  async function looked(id: string): Promise<Looked> {
    const answer = await deps.reef.event(id);
    if (answer.kind === 'missing') return { kind: 'absent', id };
    if (answer.kind === 'rejected') return refused(id, { code: 'E_ROW_UNREADABLE', message: `${answer.rejected.field} cannot be read in what ServiceReef says; the trip is left as it is` });
    return present(answer.row);
  }

  function present(trip: ReefEventDetail): Looked {
    try {
      const absent = isAmong(trip.status, settings.events.absentStatuses);
      const belongs: Item['belongs'] = absent ? { absentBecause: `${trip.status?.toLowerCase() ?? 'not public'} in ServiceReef` } : true;
      return { kind: 'present', item: { id: trip.eventId, version: versionOf(trip), entity: eventOf(trip, settings), belongs } };
    } catch (error) {
      if (error instanceof ItemInvalid) return refused(trip.eventId, error, versionOf(trip));
      throw error;
    }
  }

  return {
    ...readOnly, system: 'servicereef', reads: 'scan', secondLook: 'look-up', batchMax: 50,
    identity: () => deps.reefUrl,
    read,
    lookUp: (ids) => Promise.all(ids.map(looked)),
  };
}

const refused = (id: string, { code, message }: { readonly code: string; readonly message: string }, version?: string): Looked => ({ kind: 'rejected', rejected: { id, version, code, message } });

/** What the list says of a trip, cut down to what matters: places that are left change with every registration. A detail holds the same. */
function rowOf({ eventId, name, description, startDate, endDate, maxRegistrations, status, url, address }: ReefEvent) {
  return { eventId, name, description, startDate, endDate, maxRegistrations, status, url, address };
}
