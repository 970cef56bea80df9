/**
 * A small invented library beside the sample of sample.ts: bookings in LibCal, patrons with cards in Alma, and a PassagePoint that can do
 * everything but what nobody has confirmed: so that the worklist is seen too. All behind `fetch`; with the process it is gone.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { simulateAlma } from '../simulators/alma.ts';
import { sampleBookings } from '../simulators/library-samples.ts';
import { simulateLibCal, type SimulatedLibCal } from '../simulators/libcal.ts';
import { simulatePassagePoint } from '../simulators/passagepoint.ts';
import { simulatedWorld } from '../simulators/world.ts';

export interface LibraryWorld {
  readonly variables: Variables;
  readonly systems: readonly { readonly name: string; readonly origin: string; readonly fetch: typeof fetch }[];
  /** Something happens. @returns what, in words. */
  change(): string;
}

const hourMs = 3_600_000;

export function libraryWorld(clock: Clock): LibraryWorld {
  const world = simulatedWorld({ clock, seed: 11 });
  const [libcal, alma, passagePoint] = [simulateLibCal(world), simulateAlma(world), simulatePassagePoint(world)];
  const { patrons, bookings } = sampleBookings(11, { nowMs: clock.now(), patrons: 6, bookings: 9, oddShare: 0 });
  for (const patron of patrons) alma.users.add(patron);
  for (const { booking } of bookings) libcal.bookings.add(booking);
  libcal.bookings.add({ answers: {}, firstName: 'Gil', lastName: 'Guest', email: 'gil@example.org' });
  const life = story(libcal, clock);
  return {
    variables: {
      LIBCAL_BASE_URL: libcal.url, LIBCAL_CLIENT_ID: libcal.clientId, LIBCAL_CLIENT_SECRET: libcal.clientSecret,
      ALMA_BASE_URL: alma.url, ALMA_API_KEY: alma.apiKey,
      PASSAGEPOINT_BASE_URL: passagePoint.apiUrl, PASSAGEPOINT_USERNAME: passagePoint.username, PASSAGEPOINT_PASSWORD: passagePoint.password,
    },
    systems: [
      { name: 'LibCal', origin: libcal.url, fetch: libcal.fetch },
      { name: 'Alma', origin: alma.url, fetch: alma.fetch },
      { name: 'PassagePoint', origin: new URL(passagePoint.url).origin, fetch: passagePoint.fetch },
    ],
    change: () => life.next().value,
  };
}

function* story({ bookings }: SimulatedLibCal, clock: Clock): Generator<string, never> {
  const [first] = bookings.all();
  if (first === undefined) throw new Error('the sample library has no booking');
  const { answers, firstName, lastName, email } = first;
  const book = (hours: number) => bookings.add({ answers, firstName, lastName, email, startsAt: new Date(clock.now() + hours * hourMs).toISOString() });
  const made = book(5);
  yield 'a patron with a card books a room for this afternoon';
  bookings.cancel(made.id);
  yield 'the booking is cancelled; this PassagePoint cannot cancel by our hand, so it goes to the worklist';
  for (let days = 1; ; days += 1) {
    book(24 + days);
    yield 'the patron books once more';
  }
}
