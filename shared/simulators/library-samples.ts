/**
 * Invented patrons and bookings of a library for demonstrations and benchmarks: the same seed and options make the same ones, as users
 * for Alma and as bookings for LibCal in its two sample locations. No real person, card or library is meant.
 */
import type { AlmaBarcode, AlmaCode, AlmaUserDraft } from './alma-users.ts';
import type { LibCalDraft } from './libcal-bookings.ts';
import { placeOf, samplePlaces, spacesOf } from './libcal-places.ts';
import { pick, randomHex, seededRandom } from './world.ts';

/**
 * What is strange about a booking, or else about its patron's account (the last three). `untidy id` names a known patron in small letters
 * between blanks; `second seat` repeats the good booking before it, bookId and all, for one more seat.
 */
export type LibraryOddity = 'cancelled' | 'waiting' | 'no answer' | 'untidy id' | 'second seat' | 'no account' | 'no card' | 'six cards' | 'expired';

export interface SampleBooking {
  readonly booking: LibCalDraft & { readonly bookId: string; readonly startsAt: string; readonly endsAt: string };
  /** Undefined: nobody has an account with the id in this booking. */
  readonly patron: SamplePatron | undefined;
  /** Absent: confirmed, with the id of a patron who has one good card. */
  readonly oddity: LibraryOddity | undefined;
}

export type SamplePatron = AlmaUserDraft & { readonly primaryId: string; readonly firstName: string; readonly lastName: string; readonly barcodes: readonly AlmaBarcode[] };

export interface SampleLibraryOptions {
  readonly nowMs: number;
  readonly bookings: number;
  readonly patrons: number;
  /** Bookings start on this many days after today's, in UTC, five times a day; default 3. */
  readonly days?: number;
  /** The chance of a booking, and of a patron, to be strange in some way; default 0.1. With 0 every booking is good. */
  readonly oddShare?: number;
}

const firstNames = ['Noor', 'Ilse', 'Tomas', 'Amara', 'Juno', 'Pavel', 'Mina', 'Otto', 'Lena', 'Rafi'] as const;
const lastNames = ['Haddad', 'Brandt', 'Okafor', 'Silva', 'Larsen', 'Novak', 'Moreau', 'Tanaka', 'Weiss', 'Quinn'] as const;
const groups: readonly AlmaCode[] = [{ value: '10', desc: 'Undergraduate' }, { value: '20', desc: 'Graduate' }, { value: '30', desc: 'Faculty' }, { value: '40', desc: 'Staff' }];
const oddBookings = ['cancelled', 'waiting', 'no answer', 'untidy id', 'second seat', 'no account'] as const;
const oddPatrons = ['no card', 'six cards', 'expired'] as const;
const startHours = [14, 16, 18, 20, 22] as const; // UTC: the working day of both locations
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/**
 * No patron is in two places at once, so that with `oddShare: 0` every booking is one visit.
 *
 * @throws where there are more bookings than the patrons have hours
 */
export function sampleBookings(seed: number, options: SampleLibraryOptions): { patrons: readonly SamplePatron[]; bookings: readonly SampleBooking[] } {
  const random = seededRandom(seed);
  const oddShare = options.oddShare ?? 0.1;
  const slots = (options.days ?? 3) * startHours.length;
  if (options.bookings > options.patrons * slots) throw new Error('more bookings than these patrons have hours');
  const people = Array.from({ length: options.patrons }, (_, at) => samplePatron(random, { number: at + 1, oddShare, nowMs: options.nowMs }));

  const bookings: SampleBooking[] = [];
  for (let at = 0; at < options.bookings; at += 1) {
    const person = people[at % options.patrons];
    if (!person) break;
    const slot = (at + Math.floor(at / options.patrons)) % slots; // each round of patrons is one slot further
    const startsAtMs = Math.floor(options.nowMs / dayMs + 1 + Math.floor(slot / startHours.length)) * dayMs + (startHours[slot % startHours.length] ?? 0) * hourMs;
    const oddity = random() < oddShare ? pick(random, oddBookings) : undefined;
    const before = bookings.at(-1);
    const made = sampleBooking(random, { person, oddity, startsAtMs, nowMs: options.nowMs });
    const isAnotherSeat = oddity === 'second seat' && before?.booking.seatId !== undefined && before.oddity === undefined;
    bookings.push(isAnotherSeat ? withSecondSeat(before) : made);
  }
  return { patrons: people.map(({ patron }) => patron), bookings };
}

interface Person {
  readonly patron: SamplePatron;
  readonly oddity: (typeof oddPatrons)[number] | undefined;
}

function samplePatron(random: () => number, facts: { number: number; oddShare: number; nowMs: number }): Person {
  const { number, oddShare, nowMs } = facts;
  const oddity = random() < oddShare ? pick(random, oddPatrons) : undefined;
  const [firstName, lastName] = [pick(random, firstNames), pick(random, lastNames)];
  const cardNumber = (issue: number) => `22999${String(number * 10 + issue).padStart(9, '0')}`;
  const oldCards = oddity === 'six cards' ? 5 : random() < 0.3 ? 1 : 0;
  const old = Array.from({ length: oldCards }, (_, issue) => ({ value: cardNumber(issue), status: 'INACTIVE' as const }));
  return {
    oddity,
    patron: {
      primaryId: `G${20_000_000 + number}`,
      firstName,
      lastName,
      group: pick(random, groups),
      emails: [`${firstName}.${lastName}.${number}@example.edu`.toLowerCase()],
      barcodes: oddity === 'no card' ? [] : [...old, cardNumber(9)],
      expiresOn: new Date(nowMs + (oddity === 'expired' ? -30 : 300) * dayMs).toISOString().slice(0, 10),
    },
  };
}

function sampleBooking(random: () => number, facts: { person: Person; oddity: SampleBooking['oddity']; startsAtMs: number; nowMs: number }): SampleBooking {
  const { person, startsAtMs, nowMs } = facts;
  const oddity = facts.oddity === 'second seat' ? undefined : facts.oddity;
  const { locations, questions } = samplePlaces();
  const { location, space } = pick(random, spacesOf(locations));
  const seat = space.seats.length === 0 ? undefined : pick(random, space.seats.slice(0, -1)); // the last one is for second seats
  const { primaryId, firstName, lastName, emails = [] } = person.patron;
  const [question] = questions;
  const written = oddity === 'no account' ? `G9${randomHex(random, 7).toUpperCase()}` : oddity === 'untidy id' ? ` ${primaryId.toLowerCase()} ` : primaryId;
  const status = random() < 0.5 ? 'Confirmed' : 'Mediated Approved';
  const booking = {
    ...placeOf(locations, { lid: location.lid, eid: space.eid }),
    bookId: `cs_${randomHex(random, 8)}`,
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: new Date(startsAtMs + (random() < 0.5 ? 1 : 2) * hourMs).toISOString(),
    createdAt: new Date(nowMs - Math.floor(random() * 72) * hourMs).toISOString(),
    firstName,
    lastName,
    email: emails[0] ?? '',
    account: emails[0] ?? '',
    status: oddity === 'waiting' ? 'Mediated Tentative' : status,
    ...(seat ? { seatId: seat.id } : {}),
    ...(oddity === 'no answer' || !question ? {} : { answers: { [question.id]: written } }),
    ...(oddity === 'cancelled' ? { status: 'Cancelled by User', cancelledAt: new Date(nowMs).toISOString() } : {}),
  };
  return { booking, patron: oddity === 'no account' ? undefined : person.patron, oddity: oddity ?? person.oddity };
}

function withSecondSeat(before: SampleBooking): SampleBooking {
  const seatId = (before.booking.seatId ?? 0) + 1;
  return { ...before, booking: { ...before.booking, seatId }, oddity: 'second seat' };
}
