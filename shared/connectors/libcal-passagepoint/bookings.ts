/**
 * Bookings as a side: each row of LibCal is one visit, or a reason why there is none. Read only. A row that is no longer listed counts as cancelled
 * when two complete readings in a row did not show it: LibCal counts nothing, and a page that moved looks the same.
 */
import type { Looked, Side, Sighting } from '../../engine/side.ts';
import type { Item } from '../../sync/item.ts';
import { placedAt, type ReadingEnd } from '../../sync/scan.ts';
import { readOnly } from '../manners.ts';
import { about } from './about.ts';
import { classOf, visitOf } from './map.ts';
import type { Admission } from './people.ts';
import { isRegistered, readingAgeMs, type PlacedBooking, type Reading, type Readings } from './reading.ts';
import type { Settings } from './settings.ts';
import { dateIn } from './window.ts';

export interface BookingDeps {
  readonly libcalUrl: string;
  readonly digest: (text: string) => string;
}

const dayMs = 86_400_000;

export function bookingSource(deps: BookingDeps, readings: Readings, settings: Settings, admission: Admission): Side {
  function looked(one: PlacedBooking, firstOfVisit: ReadonlyMap<string, string>): Extract<Looked, { kind: 'present' | 'rejected' }> {
    const { booking, location, patron } = one;
    const scope = placedAt(placeOf(one), booking.endsAt);
    const keepUntil = booking.endsAt + settings.keepDays * dayMs;
    const problem = problemOf(one);
    if (problem !== undefined) return { kind: 'rejected', rejected: { id: booking.key, version: versionOf(problem), scope, keepUntil, ...problem } };
    const entity = visitOf(booking, location, patron, settings);
    const belongs = belonging(one, firstOfVisit);
    const item: Item = {
      id: booking.key, entity, belongs, scope, keepUntil,
      version: versionOf({ entity, belongs }),
      neededBy: belongs === true ? booking.startsAt : undefined,
      parents: { visitor: { stream: about.streams.visitors, sourceId: patron } },
    };
    return { kind: 'present', item };
  }

  const versionOf = (said: object): string => deps.digest(JSON.stringify(said)).slice(0, 22);

  function problemOf({ booking, isGuest }: PlacedBooking): { readonly code: string; readonly message: string } | undefined {
    const status = classOf(booking.status, settings.libcal.activeStatuses);
    if (status === 'unknown') return { code: 'E_STATUS_UNKNOWN', message: 'LibCal gives it a status that is not in libcal.activeStatuses; nothing is changed until somebody says what it means' };
    return status === 'active' && isGuest && settings.accounts.guests !== 'skip' && !isRegistered(booking, settings) ? guest : undefined;
  }

  function belonging({ booking, isGuest, patron }: PlacedBooking, firstOfVisit: ReadonlyMap<string, string>): Item['belongs'] {
    const status = classOf(booking.status, settings.libcal.activeStatuses);
    if (status === 'inactive') return { absentBecause: 'cancelled or denied in LibCal' };
    if (status === 'waiting') return { absentBecause: 'not confirmed yet in LibCal' };
    if (isGuest && settings.accounts.guests === 'skip') return { absentBecause: 'booked without a university id' };
    if (admission(patron) === 'none') return { absentBecause: 'its patron has no card that counts; explain the visitor' };
    const first = firstOfVisit.get(booking.key);
    return first === undefined ? true : { absentBecause: `the same visit as booking ${first}` };
  }

  async function* read(): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    const reading = await readings.latest(readingAgeMs);
    const same = sameVisits(reading, settings);
    yield reading.rejected.map((rejected): Sighting => ({ kind: 'rejected', rejected }));
    yield [...reading.bookings.values()].map((one): Sighting => {
      const seen = looked(one, same);
      return seen.kind === 'rejected' ? seen : { kind: 'listed', id: seen.item.id, version: seen.item.version, item: seen.item };
    });
    return { kind: 'scan', lastPageSeen: reading.spans.length > 0, authoritative: false, scope: reading.spans };
  }

  return {
    ...readOnly, system: 'libcal', reads: 'scan', secondLook: 'second-scan', batchMax: 500,
    identity: () => deps.libcalUrl,
    read,
    async lookUp(ids) {
      const reading = await readings.latest(readingAgeMs);
      const same = sameVisits(reading, settings);
      return ids.map((id) => {
        const one = reading.bookings.get(id);
        // Not in the window, or over, or hidden: two scans tell, a single look does not.
        return one === undefined ? { kind: 'other', id } : looked(one, same);
      });
    },
  };
}

/**
 * A booking that runs over midnight began on a day that LibCal may refuse to list (conflicting sources): no reading covers it, and its absence says
 * nothing. Where it is cancelled, its row says so.
 */
function placeOf({ booking: { startsAt, endsAt }, location: { lid, timeZone } }: PlacedBooking): string {
  return dateIn(timeZone, startsAt) === dateIn(timeZone, endsAt - 1) ? String(lid) : `${lid} over midnight`;
}

const guest = { code: 'E_GUEST', message: 'booked without a university id; announce this guest by hand' };

/** Staff book several seats for one person and time: one visit. @returns for each row but the first of its visit, which row that is. */
function sameVisits({ bookings }: Reading, settings: Settings): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const others = new Map<string, string>();
  for (const { booking, location, patron } of [...bookings.values()].sort((a, b) => (a.booking.key < b.booking.key ? -1 : 1))) {
    if (classOf(booking.status, settings.libcal.activeStatuses) !== 'active') continue;
    const visit = JSON.stringify(visitOf(booking, location, patron, settings));
    const standing = first.get(visit);
    if (standing === undefined) first.set(visit, booking.key);
    else others.set(booking.key, standing);
  }
  return others;
}
