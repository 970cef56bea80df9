import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { simulateAlma } from '../../shared/simulators/alma.ts';
import { simulateLibCal } from '../../shared/simulators/libcal.ts';
import { sampleBookings, type SampleBooking } from '../../shared/simulators/library-samples.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

const nowMs = manualClock().now();
const answerOf = ({ booking }: SampleBooking) => booking.answers?.[12_345];

test('the same seed makes the same library, another one another', () => {
  const options = { nowMs, bookings: 50, patrons: 20 };

  expect(sampleBookings(7, options)).toEqual(sampleBookings(7, options));
  expect(sampleBookings(8, options)).not.toEqual(sampleBookings(7, options));
});

test('both systems take them; they lie on the next three days, in both locations and zones', () => {
  const world = simulatedWorld();
  const [libcal, alma] = [simulateLibCal(world), simulateAlma(world)];
  const { patrons, bookings } = sampleBookings(7, { nowMs, bookings: 300, patrons: 40 });

  for (const patron of patrons) alma.users.add(patron);
  for (const { booking } of bookings) libcal.bookings.add(booking);

  expect([alma.users.size, libcal.bookings.size]).toEqual([40, 300]);
  expect(new Set(libcal.bookings.all().map(({ lid }) => lid))).toEqual(new Set([8810, 8820]));
  expect(new Set(libcal.bookings.all().map(({ startsAt }) => startsAt.slice(0, 10)))).toEqual(new Set(['2026-11-24', '2026-11-25', '2026-11-26']));
  expect(new Set(libcal.settings.locations.map(({ timeZone }) => timeZone ?? libcal.settings.timeZone)).size).toBe(2);
});

test('without oddities every booking is one visit of a patron with one active card', () => {
  const { patrons, bookings } = sampleBookings(7, { nowMs, bookings: 600, patrons: 40, oddShare: 0 });

  expect(bookings.every((sample) => sample.oddity === undefined && answerOf(sample) === sample.patron?.primaryId)).toBe(true);
  expect(new Set(bookings.map(({ booking }) => booking.status))).toEqual(new Set(['Confirmed', 'Mediated Approved']));
  expect(new Set(bookings.map(({ patron, booking }) => `${patron?.primaryId} ${booking.startsAt}`)).size).toBe(600);
  expect(patrons.every(({ barcodes }) => barcodes.filter((card) => typeof card === 'string').length === 1)).toBe(true);
  expect(new Set(patrons.flatMap(({ barcodes }) => barcodes.map((card) => (typeof card === 'string' ? card : card.value)))).size).toBeGreaterThan(40);
});

test('more bookings than the patrons have hours are refused', () => {
  expect(() => sampleBookings(7, { nowMs, bookings: 6, patrons: 1, days: 1 })).toThrow('more bookings');
});

test('each oddity comes, and is what its name says', () => {
  const { bookings } = sampleBookings(7, { nowMs, bookings: 900, patrons: 90, oddShare: 0.5 });
  const odd = (oddity: SampleBooking['oddity']) => bookings.filter((sample) => sample.oddity === oddity);
  const everyOne = (oddity: SampleBooking['oddity'], holds: (sample: SampleBooking) => boolean) => odd(oddity).length > 0 && odd(oddity).every(holds);

  expect(everyOne('cancelled', ({ booking }) => booking.status === 'Cancelled by User' && booking.cancelledAt !== undefined)).toBe(true);
  expect(everyOne('waiting', ({ booking }) => booking.status === 'Mediated Tentative')).toBe(true);
  expect(everyOne('no answer', (sample) => answerOf(sample) === undefined)).toBe(true);
  expect(everyOne('untidy id', (sample) => answerOf(sample) === ` ${sample.patron?.primaryId.toLowerCase()} `)).toBe(true);
  expect(everyOne('no account', ({ patron }) => patron === undefined)).toBe(true);
  expect(everyOne('no card', ({ patron }) => patron?.barcodes.length === 0)).toBe(true);
  expect(everyOne('six cards', ({ patron }) => patron?.barcodes.length === 6)).toBe(true);
  expect(everyOne('expired', ({ patron }) => (patron?.expiresOn ?? '') < '2026-11-23')).toBe(true);
  expect(everyOne('second seat', ({ booking }) => bookings.some((other) => other.booking.bookId === booking.bookId && other.booking.seatId !== booking.seatId))).toBe(true);
});
