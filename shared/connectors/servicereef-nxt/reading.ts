/**
 * One look at ServiceReef, for all three streams: the list of trips, and the roster of each trip that is still to come or ended not long ago.
 * Nothing says what has changed, so everything is read, and digests tell. A roster that cannot be read whole is told as a problem, and nothing is
 * concluded from its silence. Passports and answers to questions never get here: the client does not let them in.
 */
import type { Clock } from '../../base/clock.ts';
import { ConcordError, QuotaExhausted, VendorRateLimited, VendorSignInFailed } from '../../base/errors.ts';
import { inParallel } from '../../base/in-parallel.ts';
import type { RejectedItem } from '../../sync/item.ts';
import { placedAt, type Span } from '../../sync/scan.ts';
import type { RejectedRow } from '../../vendors/rows.ts';
import type { ServiceReefClient } from '../../vendors/servicereef/client.ts';
import { isNotFound } from '../../vendors/servicereef/refusals.ts';
import type { ReefEvent, ReefParticipant } from '../../vendors/servicereef/schema.ts';
import type { ReadingProof } from '../../vendors/tally.ts';
import { kept } from '../kept.ts';
import { isAmong, meaningOf, type Settings } from './settings.ts';

export interface ReadingDeps {
  readonly reef: Pick<ServiceReefClient, 'events' | 'event' | 'participants' | 'member'>;
  readonly reefUrl: string;
  readonly clock: Clock;
  /** Keyed: ids of persons stand nowhere in clear. */
  readonly digest: (text: string) => string;
}

export interface Registration {
  readonly row: ReefParticipant;
  readonly trip: ReefEvent;
}

export interface Reading {
  /** Epoch ms. */
  readonly at: number;
  readonly trips: ReadonlyMap<string, ReefEvent>;
  readonly unreadableTrips: readonly RejectedItem[];
  /** Every trip was seen. */
  readonly isComplete: boolean;
  /** By `registrationId`. */
  readonly registrations: ReadonlyMap<string, Registration>;
  readonly unreadableRegistrations: readonly RejectedItem[];
  /** The rosters whose silence speaks. */
  readonly spans: readonly Span[];
  /** By `UserId`, each from the registration that was made last: what the account says today. */
  readonly travellers: ReadonlyMap<string, ReefParticipant>;
}

/** Of one run, or of a worker that looks once more: older, and it is read anew. */
export const readingAgeMs = 10 * 60_000;

export interface Readings {
  /** Reads anew; the next `latest` is this one. */
  take(): Promise<Reading>;
  latest(): Promise<Reading>;
}

export const registrationId = (eventId: string, userId: string): string => `${eventId}/${userId}`;

const dayMs = 24 * 3_600_000;
export const reefCallsAtOnce = 4;

/** A roster is read whole or not at all: it has no hours. */
export const rosterScope = (eventId: string): string => placedAt(eventId, 0);
const rosterSpan = (container: string): Span => ({ container, from: 0, until: 1 });

export function reefReadings(deps: ReadingDeps, settings: Settings): Readings {
  const whole = kept(deps.clock, readingAgeMs, () => readAll(deps, settings));
  return {
    latest: () => whole.get(),
    take() {
      whole.forget();
      return whole.get();
    },
  };
}

async function readAll(deps: ReadingDeps, settings: Settings): Promise<Reading> {
  const at = deps.clock.now();
  const trips = await drained(deps.reef.events());
  const wanted = trips.rows.filter((trip) => isRosterWanted(trip, at, settings));
  const rosters = await inParallel(wanted, reefCallsAtOnce, (trip) => rosterOf(deps, trip));
  const registrations = new Map(rosters.flatMap(({ found }) => found).map((one) => [registrationId(one.trip.eventId, one.row.userId), one]));
  return {
    at,
    trips: new Map(trips.rows.map((trip) => [trip.eventId, trip])),
    unreadableTrips: trips.rejected.map((row) => unreadable(row, 'a trip')),
    isComplete: isWhole(trips.proof),
    registrations,
    unreadableRegistrations: rosters.flatMap(({ rejected }) => rejected),
    spans: rosters.flatMap(({ span }) => span ?? []),
    travellers: travellersOf([...registrations.values()], settings),
  };
}

/** Dates are told to within a zone here, which is near enough for a month. */
function isRosterWanted({ startDate, endDate }: ReefEvent, at: number, { serviceReef: { rosterDaysAfterEnd } }: Settings): boolean {
  const end = endDate ?? startDate;
  return end === undefined || Date.parse(`${end.written}Z`) > at - (rosterDaysAfterEnd + 1) * dayMs;
}

interface Roster {
  readonly found: readonly Registration[];
  readonly rejected: readonly RejectedItem[];
  readonly span?: Span | undefined;
}

async function rosterOf({ reef }: ReadingDeps, trip: ReefEvent): Promise<Roster> {
  const { eventId } = trip;
  try {
    const { rows, rejected, proof } = await drained(reef.participants(eventId));
    return {
      found: rows.map((row) => ({ row, trip })),
      rejected: rejected.map((row) => unreadable(row, `a row of trip ${eventId}`, (userId) => registrationId(eventId, userId))),
      span: isWhole(proof) ? rosterSpan(eventId) : undefined,
    };
  } catch (error) {
    if (isNotFound(error)) return { found: [], rejected: [] }; // deleted meanwhile; the next list says so
    const stopsAll = error instanceof VendorSignInFailed || error instanceof QuotaExhausted || error instanceof VendorRateLimited;
    if (!(error instanceof ConcordError) || stopsAll) throw error;
    return { found: [], rejected: [{ id: `roster ${eventId}`, code: error.code, message: 'the roster of this trip could not be read; its registrations are left as they are' }] };
  }
}

/** Rows for somebody without an account have no id and are a habit here (confirmed): with them the sum has to come out. */
const isWhole = ({ total, distinct, unnamed, isComplete }: ReadingProof): boolean => isComplete || (unnamed > 0 && total === distinct + unnamed);

function unreadable({ id, field, reason }: RejectedRow, unnamed: string, name = (found: string) => found): RejectedItem {
  const problem = reason === 'MISSING' ? 'is missing' : 'cannot be read';
  return { id: id === undefined ? unnamed : name(id), code: `E_ROW_${reason}`, message: `${field} ${problem} in what ServiceReef says; the item is left as it is` };
}

export async function drained<T>(pages: AsyncGenerator<{ readonly rows: readonly T[]; readonly rejected: readonly RejectedRow[] }, ReadingProof>) {
  const rows: T[] = [];
  const rejected: RejectedRow[] = [];
  for (;;) {
    const page = await pages.next();
    if (page.done) return { rows, rejected, proof: page.value };
    rows.push(...page.value.rows);
    rejected.push(...page.value.rejected);
  }
}

/** Whose registration is no draft, for a trip that belongs in NXT; nobody else is anybody's donor. */
function travellersOf(registrations: readonly Registration[], settings: Settings): ReadonlyMap<string, ReefParticipant> {
  const travellers = new Map<string, ReefParticipant>();
  for (const { row, trip } of registrations) {
    const meaning = meaningOf(row.registrationStatus, settings.statuses);
    if (meaning === 'draft' || meaning === 'unknown' || isAmong(trip.status, settings.events.absentStatuses)) continue;
    const before = travellers.get(row.userId);
    if (before === undefined || (row.dateRegistered?.written ?? '') > (before.dateRegistered?.written ?? '')) travellers.set(row.userId, row);
  }
  return travellers;
}
