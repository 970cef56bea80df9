/**
 * One look at all locations, for both streams: who will come, and for which visits. Each location is read on its own: one that cannot be read
 * is told as a problem, and nothing is concluded about its bookings. What a booking means for a door: map.ts.
 */
import type { Clock } from '../../base/clock.ts';
import { ConcordError, VendorSignInFailed } from '../../base/errors.ts';
import type { RejectedItem } from '../../sync/item.ts';
import type { Span } from '../../sync/scan.ts';
import type { LibcalClient } from '../../vendors/libcal/client.ts';
import type { LibcalBooking, RejectedBooking } from '../../vendors/libcal/schema.ts';
import { classOf, primaryIdOf } from './map.ts';
import type { Location, Settings } from './settings.ts';
import { windowOf } from './window.ts';

export interface ReadingDeps {
  readonly libcal: Pick<LibcalClient, 'bookings'>;
  readonly clock: Clock;
  /** Keyed: ids of persons stand nowhere in clear. */
  readonly digest: (text: string) => string;
}

/** Somebody with at least one booking that opens a door. */
export interface Patron {
  readonly key: string;
  /** Missing for a guest. */
  readonly primaryId: string | undefined;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** Epoch ms: the first visit's start, and the last one's end. */
  readonly from: number;
  readonly until: number;
  readonly timeZone: string;
}

export interface PlacedBooking {
  readonly booking: LibcalBooking;
  readonly location: Location;
  readonly patron: string;
  readonly isGuest: boolean;
}

export interface Reading {
  /** Epoch ms. */
  readonly at: number;
  /** By the row's key, first visit first; what is over is left out. */
  readonly bookings: ReadonlyMap<string, PlacedBooking>;
  readonly rejected: readonly RejectedItem[];
  /** What its silence speaks about. */
  readonly spans: readonly Span[];
  readonly patrons: ReadonlyMap<string, Patron>;
}

/** Of one run, or of a worker that looks once more: older, and it is read anew. */
export const readingAgeMs = 120_000;

export interface Readings {
  /** Reads anew; the next `latest` is this one. */
  take(): Promise<Reading>;
  /** The last one where it is younger than `maxAgeMs`, else a new one. */
  latest(maxAgeMs: number): Promise<Reading>;
}

export function bookingReadings(deps: ReadingDeps, settings: Settings): Readings {
  let last: Reading | undefined;
  const take = async (): Promise<Reading> => (last = await readAll(deps, settings));
  return {
    take,
    latest: async (maxAgeMs) => (last !== undefined && deps.clock.now() - last.at <= maxAgeMs ? last : take()),
  };
}

async function readAll(deps: ReadingDeps, settings: Settings): Promise<Reading> {
  const at = deps.clock.now();
  const found: PlacedBooking[] = [];
  const rejected: RejectedItem[] = [];
  const spans: Span[] = [];
  const failures: ConcordError[] = [];
  for (const location of settings.locations) {
    const { date, days, until } = windowOf(location, at, settings.daysAhead);
    const container = String(location.lid);
    try {
      const scan = await deps.libcal.bookings({ lid: location.lid, date, days });
      found.push(...scan.bookings.filter(({ lid, endsAt }) => lid === location.lid && endsAt > at).map((booking) => placed(deps, settings, booking, location)));
      rejected.push(...scan.rejected.map((row) => unreadable(row, container)));
      if (scan.proof.isComplete) spans.push({ container, from: at, until });
    } catch (error) {
      if (!(error instanceof ConcordError) || error instanceof VendorSignInFailed) throw error;
      failures.push(error);
      rejected.push({ id: `location ${container}`, code: error.code, message: 'the bookings of this location could not be read; they are left as they are' });
    }
  }
  if (failures[0] !== undefined && failures.length === settings.locations.length) throw failures[0];
  found.sort((a, b) => a.booking.startsAt - b.booking.startsAt);
  const bookings = new Map(found.map((one) => [one.booking.key, one]));
  return { at, bookings, rejected, spans, patrons: patronsOf([...bookings.values()], settings) };
}

function placed(deps: ReadingDeps, settings: Settings, booking: LibcalBooking, location: Location): PlacedBooking {
  const primaryId = primaryIdOf(booking, settings);
  const email = booking.email.trim().toLowerCase();
  const guest = email === '' ? `guest of booking ${booking.key}` : `guest ${email}`;
  return { booking, location, isGuest: primaryId === undefined, patron: primaryId === undefined ? deps.digest(guest) : accountKey(deps.digest, primaryId) };
}

/** A patron's id in our own words, however it is spelt. */
export const accountKey = (digest: (text: string) => string, primaryId: string): string => digest(`account ${primaryId.toLowerCase()}`);

/** A row that cannot be read is told by its key alone, and its visit stays as it is. */
function unreadable({ key, code, fields }: RejectedBooking, container: string): RejectedItem {
  return { id: key ?? `a row of location ${container}`, code: `E_BOOKING_${code}`, message: `LibCal's answer cannot be read: ${fields.join(', ')}` };
}

function patronsOf(bookings: readonly PlacedBooking[], settings: Settings): ReadonlyMap<string, Patron> {
  const patrons = new Map<string, Patron>();
  const newest = new Map<string, LibcalBooking>();
  for (const { booking, location, patron: key, isGuest } of bookings) {
    if (isGuest && !isRegistered(booking, settings)) continue;
    if (classOf(booking.status, settings.libcal.activeStatuses) !== 'active') continue;
    // People type their names anew each time: the last booking they made says how they write themselves today.
    const spelt = newest.get(key);
    const isNewer = spelt === undefined || (booking.createdAt ?? 0) > (spelt.createdAt ?? 0);
    if (isNewer) newest.set(key, booking);
    const { firstName, lastName, email } = isNewer ? booking : spelt;
    const before = patrons.get(key);
    patrons.set(key, {
      key,
      primaryId: before?.primaryId ?? primaryIdOf(booking, settings),
      firstName: firstName.trim(), lastName: lastName.trim(), email: email.trim(),
      from: Math.min(before?.from ?? Infinity, booking.startsAt), until: Math.max(before?.until ?? 0, booking.endsAt),
      timeZone: location.timeZone,
    });
  }
  return patrons;
}

/** A guest gets an id of our making, which needs an address to make it from. */
export const isRegistered = ({ email }: Pick<LibcalBooking, 'email'>, { accounts }: Pick<Settings, 'accounts'>): boolean => accounts.guests === 'register' && email.trim() !== '';
