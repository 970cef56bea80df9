/**
 * Which days of a location are asked for, and until when a reading of them speaks about bookings. LibCal takes a date in the location's own
 * zone and a number of days; everything else is instants, so that both days of the year on which clocks change have all their hours.
 */
import { Temporal } from 'temporal-polyfill';

export interface ReadingWindow {
  /** `YYYY-MM-DD` in the location's zone: yesterday, because a booking may run over midnight. */
  readonly date: string;
  readonly days: number;
  /** Epoch ms, excluded: where the last of these days ends. */
  readonly until: number;
}

export function windowOf({ timeZone }: { readonly timeZone: string }, nowMs: number, daysAhead: number): ReadingWindow {
  const today = dayOf(timeZone, nowMs);
  return {
    date: today.subtract({ days: 1 }).toString(),
    days: daysAhead + 1,
    until: today.add({ days: daysAhead + 1 }).toZonedDateTime(timeZone).epochMilliseconds,
  };
}

/** `YYYY-MM-DD` there. */
export const dateIn = (timeZone: string, nowMs: number): string => dayOf(timeZone, nowMs).toString();

const dayOf = (timeZone: string, nowMs: number): Temporal.PlainDate => Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate();
