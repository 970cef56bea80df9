/**
 * Trips of ServiceReef as a side. The list says which there are; zone, categories and goal stand only in a trip's detail, which is read when its
 * row has changed, and once a day with all others. Read only. A trip that is gone from the list is asked for by its number before anything is believed.
 */
import { ItemInvalid } from '../../base/errors.ts';
import { inParallel } from '../../base/in-parallel.ts';
import type { Looked, Side, Sighting, Want } from '../../engine/side.ts';
import type { Item } from '../../sync/item.ts';
import type { ReadingEnd } from '../../sync/scan.ts';
import type { ReefEvent, ReefEventDetail } from '../../vendors/servicereef/schema.ts';
import { readOnly } from '../manners.ts';
import { about } from './about.ts';
import { eventOf } from './map.ts';
import { reefCallsAtOnce, type ReadingDeps, type Readings } from './reading.ts';
import { isAmong, type Settings } from './settings.ts';

export function tripSource(deps: ReadingDeps, readings: Readings, settings: Settings): Side {
  const isAbsent = ({ status }: ReefEvent): boolean => isAmong(status, settings.events.absentStatuses);

  const rowDigest = (trip: ReefEvent): string => deps.digest(JSON.stringify(rowOf(trip))).slice(0, 22);
  /** When the detail was read, and of which row. */
  const versionOf = (trip: ReefEvent, at: number): string => `${at} ${rowDigest(trip)}`;

  /** What the link knows, as long as that is fresh. */
  function freshVersion(trip: ReefEvent, known: string | undefined): string | undefined {
    const [at, row] = known?.split(' ') ?? [];
    const isFresh = row === rowDigest(trip) && Number(at) > 0 && deps.clock.now() - Number(at) < about.detailMs;
    return isFresh ? known : undefined;
  }

  async function* read({ known }: Want): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    const { trips, unreadableTrips, isComplete } = await readings.take();
    yield unreadableTrips.map((rejected): Sighting => ({ kind: 'rejected', rejected }));
    yield [...trips.values()].map((trip): Sighting => {
      // Of a trip that is not wanted nothing more need be known.
      const seen = isAbsent(trip) ? present({ ...trip, ...withoutDetail }, 0) : undefined;
      if (seen?.kind === 'present') return { kind: 'listed', id: trip.eventId, version: seen.item.version, item: seen.item };
      return { kind: 'listed', id: trip.eventId, version: freshVersion(trip, known?.get(trip.eventId)) };
    });
    return { kind: 'scan', lastPageSeen: isComplete, authoritative: false };
  }

  async function looked(id: string): Promise<Looked> {
    const answer = await deps.reef.event(id);
    if (answer.kind === 'missing') return { kind: 'absent', id };
    if (answer.kind === 'rejected') return refused(id, { code: 'E_ROW_UNREADABLE', message: `${answer.rejected.field} cannot be read in what ServiceReef says; the trip is left as it is` });
    return present(answer.row, deps.clock.now());
  }

  function present(trip: ReefEventDetail, at: number): Looked {
    try {
      const belongs: Item['belongs'] = isAbsent(trip) ? { absentBecause: `${trip.status?.toLowerCase() ?? 'not public'} in ServiceReef` } : true;
      return { kind: 'present', item: { id: trip.eventId, version: versionOf(trip, at), entity: eventOf(trip, settings), belongs } };
    } catch (error) {
      if (error instanceof ItemInvalid) return refused(trip.eventId, error, versionOf(trip, at));
      throw error;
    }
  }

  return {
    ...readOnly, system: 'servicereef', reads: 'scan', recalls: true, secondLook: 'look-up', batchMax: 50,
    identity: () => deps.reefUrl,
    read,
    lookUp: (ids) => inParallel(ids, reefCallsAtOnce, looked),
  };
}

const refused = (id: string, { code, message }: { readonly code: string; readonly message: string }, version?: string): Looked => ({ kind: 'rejected', rejected: { id, version, code, message } });

const withoutDetail = { timeZone: undefined, categories: [], approvalRequired: undefined, registrantsWaitingApproval: undefined, approvedRegistrants: undefined, fundRaisingGoal: undefined };

/** What the list says of a trip, cut down to what matters: places that are left change with every registration. A detail holds the same. */
function rowOf({ eventId, name, description, startDate, endDate, maxRegistrations, status, url, address }: ReefEvent) {
  return { eventId, name, description, startDate, endDate, maxRegistrations, status, url, address };
}
