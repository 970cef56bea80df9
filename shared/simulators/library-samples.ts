/**
 * An invented library for demonstrations and benchmarks: patrons with cards in Alma, and their bookings of the next days at two locations in
 * two zones. The same seed and counts make the same ones. No real place, person or card is meant.
 */
import type { AlmaPerson } from './alma.ts';
import type { BookingDraft } from './libcal-bookings.ts';
import { pick, seededRandom } from './world.ts';

export interface LibrarySample {
  readonly people: readonly AlmaPerson[];
  readonly bookings: readonly BookingDraft[];
}

const firstNames = ['Noor', 'Ilse', 'Theo', 'Mina', 'Jonas', 'Ada', 'Pavel', 'Rosa', 'Kofi', 'Lin', 'Sven', 'Amal'] as const;
const lastNames = ['Haddad', 'Brandt', 'Okafor', 'Lindqvist', 'Moreau', 'Tanaka', 'Novak', 'Silva', 'Mensah', 'Weber', 'Rossi', 'Kaya'] as const;
const groups = ['10', '10', '10', '20', '30'] as const;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Each patron has at least one booking; they begin on full hours within the next six days. @param from  Epoch ms. */
export function libraryOf(ask: { readonly seed: number; readonly patrons: number; readonly bookings: number; readonly from: number }): LibrarySample {
  const random = seededRandom(ask.seed);
  const people = Array.from({ length: ask.patrons }, (_, at): AlmaPerson => ({
    primaryId: `G${String(20_000_000 + at)}`,
    cards: [{ value: `2299900${String(1_000_000 + at)}`, status: 'ACTIVE' }],
    group: pick(random, groups),
    institution: 'main',
  }));
  const names = people.map(() => ({ firstName: pick(random, firstNames), lastName: pick(random, lastNames) }));
  const firstHour = Math.ceil(ask.from / hourMs) * hourMs;
  const bookings = Array.from({ length: ask.bookings }, (_, at): BookingDraft => {
    const who = at % ask.patrons;
    const startsAt = firstHour + Math.floor(random() * 6) * dayMs + (1 + (at % 23)) * hourMs;
    return {
      ...names[who], email: `patron${who}@example.edu`, answers: { q12505: people[who]?.primaryId ?? '' },
      lid: at % 2 === 0 ? 8810 : 8811, eid: 70_000 + at, startsAt, endsAt: startsAt + 2 * hourMs, status: at % 3 === 0 ? 'Mediated Approved' : 'Confirmed',
    };
  });
  return { people, bookings };
}
