/**
 * When an event takes place: from DTSTART, DTEND and DURATION to instants or dates, and back.
 *
 *   calendar                          ours
 *   Z, or TZID                        instant
 *   floating                          instant, in the calendar's configured zone
 *   VALUE=DATE, DTEND exclusive       dates, the last one inclusive; no local midnight in between
 *   no DTEND, no DURATION             end null (a timed event of no length, an all-day event of one day; RFC 5545)
 *   DURATION                          end; written as DTEND once times change
 */
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { ItemInvalid } from '../../base/errors.ts';
import type { CalendarEvent } from '../../model/calendar-event.ts';
import { localIn, zoneNamed } from './zones.ts';

export type EventTimes = Pick<CalendarEvent, 'start' | 'end' | 'allDay'>;

type Moment = { readonly kind: 'date'; readonly date: Temporal.PlainDate } | { readonly kind: 'instant'; readonly instant: Temporal.Instant };

interface WallTime {
  readonly local: Temporal.PlainDateTime;
  readonly instantOf: (local: Temporal.PlainDateTime) => Temporal.Instant;
}

/**
 * @param calendarZone  IANA name: where floating times are meant.
 * @throws ItemInvalid E_DATE_UNREADABLE, E_ZONE_UNKNOWN, E_END_BEFORE_START.
 */
export function readTimes(event: ICAL.Component, where: { calendar: ICAL.Component; calendarZone: string }): EventTimes {
  const start = event.getFirstProperty('dtstart');
  if (start === null) throw unreadable('start');
  const end = event.getFirstProperty('dtend');
  const duration = event.getFirstProperty('duration');
  if (isDate(start)) return allDayTimes(dateOf(start, 'start'), end, duration);

  const begins = wallTime(start, 'start', where);
  const from = begins.instantOf(begins.local);
  const until = end !== null ? endInstant(end, where) : duration !== null ? afterDuration(begins, durationOf(duration)) : null;
  if (until !== null && Temporal.Instant.compare(until, from) < 0) throw endsBeforeStart();
  return { start: textOf(from), end: until === null ? null : textOf(until), allDay: false };
}

/**
 * The same times in the one spelling in which they are compared.
 * @throws ItemInvalid E_DATE_UNREADABLE.
 */
export function normaliseTimes(times: EventTimes): EventTimes {
  const { allDay } = times;
  return {
    start: spelt(momentOf(times.start, allDay, 'start')),
    end: times.end === null ? null : spelt(momentOf(times.end, allDay, 'end')),
    allDay,
  };
}

function spelt(moment: Moment): string {
  return moment.kind === 'date' ? moment.date.toString() : textOf(moment.instant);
}

/**
 * Writes times into the event. A moment that does not change keeps its spelling; one that does stays in its named zone where
 * the zone has a clock reading for it, and is written in UTC otherwise. A DURATION gives way to DTEND.
 * @throws ItemInvalid E_DATE_UNREADABLE, E_END_BEFORE_START.
 */
export function writeTimes(event: ICAL.Component, before: EventTimes | undefined, after: EventTimes): void {
  const start = momentOf(after.start, after.allDay, 'start');
  const end = after.end === null ? null : momentOf(after.end, after.allDay, 'end');
  if (end !== null && isBefore(end, start)) throw endsBeforeStart();

  const sameForm = before?.allDay === after.allDay;
  if (!sameForm || before.start !== after.start) writeMoment(event, 'dtstart', start);
  const endStays = sameForm && before.end === after.end && !event.hasProperty('duration');
  if (endStays) return;
  event.removeAllProperties('duration');
  if (end === null) event.removeAllProperties('dtend');
  else writeMoment(event, 'dtend', end.kind === 'date' ? { kind: 'date', date: end.date.add({ days: 1 }) } : end);
}

function allDayTimes(first: Temporal.PlainDate, end: ICAL.Property | null, duration: ICAL.Property | null): EventTimes {
  const start = first.toString();
  const days = end !== null ? daysUntil(first, end) : duration !== null ? wholeDays(durationOf(duration)) : null;
  if (days === null) return { start, end: null, allDay: true };
  if (days < 0) throw endsBeforeStart();
  // The end is exclusive, so it lies after the start. Programs that write the same day for both mean that one day.
  return { start, end: first.add({ days: Math.max(days, 1) - 1 }).toString(), allDay: true };
}

function daysUntil(first: Temporal.PlainDate, end: ICAL.Property): number {
  if (!isDate(end)) throw unreadable('end');
  return first.until(dateOf(end, 'end'), { largestUnit: 'days' }).days;
}

function endInstant(end: ICAL.Property, where: { calendar: ICAL.Component; calendarZone: string }): Temporal.Instant {
  if (isDate(end)) throw unreadable('end');
  const ends = wallTime(end, 'end', where);
  return ends.instantOf(ends.local);
}

// Days of a duration are days of the calendar (a day with 23 hours counts as one), hours are hours on a stop watch.
function afterDuration(begins: WallTime, duration: ICAL.Duration): Temporal.Instant {
  const sign = duration.isNegative ? -1 : 1;
  const days = sign * (duration.weeks * 7 + duration.days);
  const seconds = sign * (duration.hours * 3600 + duration.minutes * 60 + duration.seconds);
  return begins.instantOf(begins.local.add({ days })).add({ seconds });
}

function wholeDays(duration: ICAL.Duration): number {
  return Math.floor(duration.toSeconds() / 86_400);
}

function durationOf(property: ICAL.Property): ICAL.Duration {
  const value = property.getFirstValue();
  if (value instanceof ICAL.Duration) return value;
  throw unreadable('end');
}

/** The value as the parser leaves it: `2027-03-04`, `2027-03-04T18:00:00Z`, or `2027-03-04T::` for a date that is not declared as one. */
function wireValue(property: ICAL.Property): string {
  return String(property.jCal[3] ?? '');
}

function isDate(property: ICAL.Property): boolean {
  return /^\d{4}-\d\d-\d\d(T::)?$/.test(wireValue(property));
}

function dateOf(property: ICAL.Property, field: 'start' | 'end'): Temporal.PlainDate {
  return orUnreadable(field, () => Temporal.PlainDate.from(wireValue(property).slice(0, 10), { overflow: 'reject' }));
}

function wallTime(property: ICAL.Property, field: 'start' | 'end', where: { calendar: ICAL.Component; calendarZone: string }): WallTime {
  const value = wireValue(property);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?$/.test(value)) throw unreadable(field);
  const local = orUnreadable(field, () => Temporal.PlainDateTime.from(value.replace('Z', ''), { overflow: 'reject' }));
  if (value.endsWith('Z')) return { local, instantOf: (time) => time.toZonedDateTime('UTC').toInstant() };
  const tzid = property.getFirstParameter('tzid') as string | undefined;
  const zone = zoneNamed(tzid ?? where.calendarZone, tzid === undefined ? undefined : where.calendar);
  return { local, instantOf: zone.instantOf };
}

function momentOf(text: string, allDay: boolean, field: 'start' | 'end'): Moment {
  if (allDay) {
    if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw unreadable(field);
    return { kind: 'date', date: orUnreadable(field, () => Temporal.PlainDate.from(text, { overflow: 'reject' })) };
  }
  if (!/^\d{4}-\d\d-\d\dT/.test(text)) throw unreadable(field);
  return { kind: 'instant', instant: orUnreadable(field, () => Temporal.Instant.from(text)) };
}

function isBefore(end: Moment, start: Moment): boolean {
  if (end.kind === 'date' && start.kind === 'date') return Temporal.PlainDate.compare(end.date, start.date) < 0;
  if (end.kind === 'instant' && start.kind === 'instant') return Temporal.Instant.compare(end.instant, start.instant) < 0;
  return true;
}

function writeMoment(event: ICAL.Component, name: 'dtstart' | 'dtend', moment: Moment): void {
  const property = event.getFirstProperty(name) ?? event.addProperty(new ICAL.Property(name));
  // An end that was a DURATION so far takes the zone of the start.
  const tzid = (property.getFirstParameter('tzid') ?? event.getFirstProperty('dtstart')?.getFirstParameter('tzid')) as string | undefined;
  const local = moment.kind === 'instant' && tzid !== undefined ? localInNamed(tzid, moment.instant) : undefined;
  if (local === undefined) property.removeParameter('tzid');
  else property.setParameter('tzid', tzid!);
  property.removeParameter('value');
  property.setValue(moment.kind === 'date' ? dateValue(moment.date) : local === undefined ? utcValue(moment.instant) : timeValue(local, false));
}

function localInNamed(tzid: string, instant: Temporal.Instant): Temporal.PlainDateTime | undefined {
  try {
    const { iana } = zoneNamed(tzid);
    return iana === undefined ? undefined : localIn(iana, instant);
  } catch {
    return undefined; // A zone that only the object itself describes: UTC says the same without guessing its rules.
  }
}

function dateValue(date: Temporal.PlainDate): ICAL.Time {
  return new ICAL.Time({ year: date.year, month: date.month, day: date.day, isDate: true }, ICAL.Timezone.localTimezone);
}

/** An instant as the calendar writes it, in UTC and whole seconds. */
export function utcValue(instant: Temporal.Instant): ICAL.Time {
  return timeValue(instant.toZonedDateTimeISO('UTC').toPlainDateTime(), true);
}

function timeValue(local: Temporal.PlainDateTime, isUtc: boolean): ICAL.Time {
  const { year, month, day, hour, minute, second } = local;
  return new ICAL.Time({ year, month, day, hour, minute, second, isDate: false }, isUtc ? ICAL.Timezone.utcTimezone : ICAL.Timezone.localTimezone);
}

function textOf(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: 'second' });
}

function orUnreadable<T>(field: 'start' | 'end', read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(field, error);
  }
}

function unreadable(field: 'start' | 'end', cause?: unknown): ItemInvalid {
  return new ItemInvalid({ code: 'E_DATE_UNREADABLE', message: `the ${field} is not a date or time we can read; set it again in the calendar`, field }, { cause });
}

function endsBeforeStart(): ItemInvalid {
  return new ItemInvalid({ code: 'E_END_BEFORE_START', message: 'the event ends before it starts', field: 'end' });
}
