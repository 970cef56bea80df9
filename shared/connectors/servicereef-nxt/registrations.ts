/**
 * Registrations of ServiceReef as a side: who takes part in which trip, known by both numbers, because a registration has none of its own
 * (confirmed). Read only. Somebody who is missing from two complete rosters in a row has left the trip; whoever was moved stands on another one.
 */
import type { Looked, Side, Sighting } from '../../engine/side.ts';
import type { Item } from '../../sync/item.ts';
import type { ReadingEnd } from '../../sync/scan.ts';
import { readOnly } from '../manners.ts';
import { about } from './about.ts';
import { dayOf } from './map.ts';
import { registrationId, rosterScope, type ReadingDeps, type Readings, type Registration } from './reading.ts';
import { isAmong, meaningOf, type Settings, type StatusMeaning } from './settings.ts';

/** Why a registration that is there is not wanted in NXT; the target says so in its own words. */
export const draft = 'a draft in ServiceReef';

export function registrationSource(deps: ReadingDeps, readings: Readings, settings: Settings): Side {
  function looked({ row, trip }: Registration): Extract<Looked, { kind: 'present' | 'rejected' }> {
    const id = registrationId(trip.eventId, row.userId);
    const scope = rosterScope(trip.eventId);
    const meaning = meaningOf(row.registrationStatus, settings.statuses);
    if (meaning === 'unknown') return { kind: 'rejected', rejected: { id, scope, version: versionOf({ status: row.registrationStatus }), ...statusUnknown } };
    const entity = { event: trip.eventId, constituent: row.userId, rsvpStatus: meaning === 'draft' ? null : meaning, rsvpDate: dayOf(row.dateRegistered) ?? null }; // null: what comes in its place later is news
    const belongs = belonging(meaning, trip.status);
    return { kind: 'present', item: {
      id, entity, belongs, scope, version: versionOf({ entity, belongs }),
      parents: { event: { stream: about.streams.events, sourceId: trip.eventId }, constituent: { stream: about.streams.people, sourceId: row.userId } },
    } };
  }

  const versionOf = (said: object): string => deps.digest(JSON.stringify(said)).slice(0, 22);

  function belonging(meaning: StatusMeaning, tripStatus: string | undefined): Item['belongs'] {
    if (isAmong(tripStatus, settings.events.absentStatuses)) return { absentBecause: `its trip is ${tripStatus?.toLowerCase() ?? 'not public'} in ServiceReef` };
    return meaning === 'draft' ? { absentBecause: draft } : true;
  }

  async function* read(): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    const { registrations, unreadableRegistrations, spans } = await readings.latest();
    yield unreadableRegistrations.map((rejected): Sighting => ({ kind: 'rejected', rejected }));
    yield [...registrations.values()].map((one): Sighting => {
      const seen = looked(one);
      return seen.kind === 'rejected' ? seen : { kind: 'listed', id: seen.item.id, version: seen.item.version, item: seen.item };
    });
    return { kind: 'scan', lastPageSeen: spans.length > 0, authoritative: false, scope: spans };
  }

  return {
    ...readOnly, system: 'servicereef', reads: 'scan', secondLook: 'second-scan', batchMax: 500,
    identity: () => `${deps.reefUrl} ${about.streams.participants}`,
    read,
    async lookUp(ids) {
      const { registrations } = await readings.latest();
      return ids.map((id) => {
        const one = registrations.get(id);
        // The trip is long over, or the registration has gone: two readings tell, a single look does not.
        return one === undefined ? { kind: 'other', id } : looked(one);
      });
    },
  };
}

const statusUnknown = { code: 'E_STATUS_UNKNOWN', message: 'ServiceReef gives it a status that nobody has explained; say in statuses.more of the settings what it means in NXT' };
