/**
 * When a row's event takes place, from what Directus keeps to instants or dates, and back:
 *
 *   timestamp    2027-03-04T17:00:00.000Z    instant
 *   dateTime     2027-03-04T18:00:00         wall clock in the calendar's zone (confirmed: it carries none of its own)
 *   date         2027-03-04                  that day
 *
 * Whole days are dates in the calendar's zone, the last one inclusive, as people in Directus think of them. Midnight UTC is
 * read as that very date: west of Greenwich it would otherwise be the evening before, and programs that know no zone write it.
 */
import { Temporal } from 'temporal-polyfill';
import { ItemInvalid } from '../../base/errors.ts';
import type { EventTimes } from '../../vendors/nextcloud/times.ts';

export interface TimeRules {
  /** IANA name. */
  readonly calendarZone: string;
  readonly timesAs: 'timestamp' | 'dateTime';
}

/** A row's values, and what the fields are called there, for errors. */
export interface RowTimes {
  readonly start: { readonly field: string; readonly value: unknown };
  readonly end: { readonly field: string; readonly value: unknown } | undefined;
  /** Undefined where the collection has no such field: then a bare date means a whole day. */
  readonly allDay: boolean | undefined;
}

/** @throws ItemInvalid E_DATE_MISSING, E_DATE_UNREADABLE, E_END_BEFORE_START. */
export function readRowTimes({ start, end, allDay }: RowTimes, rules: TimeRules): EventTimes {
  if (isEmpty(start.value)) throw new ItemInvalid({ code: 'E_DATE_MISSING', message: `${start.field} is empty; enter when the event starts`, field: start.field });
  const isWhole = allDay ?? (typeof start.value === 'string' && bareDate.test(start.value.trim()));
  const read = isWhole ? dateIn : instantIn;
  const from = read(start.value, start.field, rules);
  const until = end === undefined || isEmpty(end.value) ? null : read(end.value, end.field, rules);
  // Both are spelt the same way (UTC, whole seconds; or dates), so text order is time order, but for years beyond 9999.
  if (until !== null && until < from) {
    throw new ItemInvalid({ code: 'E_END_BEFORE_START', message: `${end?.field} lies before ${start.field}; mend one of them`, field: end?.field ?? start.field });
  }
  return { start: from, end: until, allDay: isWhole };
}

/** One moment of an event as the row keeps it. */
export function rowTime(text: string | null, allDay: boolean, { calendarZone, timesAs }: TimeRules): string | null {
  if (text === null) return null;
  const local = allDay
    ? Temporal.PlainDate.from(text).toPlainDateTime()
    : Temporal.Instant.from(text).toZonedDateTimeISO(calendarZone).toPlainDateTime();
  if (timesAs === 'dateTime') return local.toString({ smallestUnit: 'second' });
  const instant = allDay ? local.toZonedDateTime(calendarZone).toInstant() : Temporal.Instant.from(text);
  // Always with Z: text without an offset would be taken in the server's own zone (confirmed).
  return instant.toString({ fractionalSecondDigits: 3 });
}

const bareDate = /^\d{4}-\d\d-\d\d$/;
const wallClock = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const instant = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;
const midnightUtc = /^\d{4}-\d\d-\d\d[T ]00:00(:00(\.0+)?)?(Z|[+-]00:?00)$/i;

function dateIn(value: unknown, field: string, { calendarZone }: TimeRules): string {
  const text = textIn(value, field);
  return orUnreadable(field, () => {
    if (bareDate.test(text) || wallClock.test(text) || midnightUtc.test(text)) return Temporal.PlainDate.from(text.slice(0, 10), { overflow: 'reject' }).toString();
    if (!instant.test(text)) throw new RangeError('no date');
    return Temporal.Instant.from(text).toZonedDateTimeISO(calendarZone).toPlainDate().toString();
  });
}

function instantIn(value: unknown, field: string, { calendarZone }: TimeRules): string {
  const text = textIn(value, field);
  return orUnreadable(field, () => {
    const found = instant.test(text) ? Temporal.Instant.from(text) : localInstant(text, calendarZone);
    return found.toString({ smallestUnit: 'second' });
  });
}

function localInstant(text: string, calendarZone: string): Temporal.Instant {
  if (!bareDate.test(text) && !wallClock.test(text)) throw new RangeError('no time');
  return Temporal.PlainDateTime.from(text, { overflow: 'reject' }).toZonedDateTime(calendarZone).toInstant();
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '';

function textIn(value: unknown, field: string): string {
  if (typeof value === 'string') return value.trim();
  throw unreadable(field);
}

function orUnreadable(field: string, read: () => string): string {
  try {
    return read();
  } catch (error) {
    throw unreadable(field, error);
  }
}

function unreadable(field: string, cause?: unknown): ItemInvalid {
  // Without the parser's message: it quotes the value.
  const options = cause instanceof Error ? { cause: new Error(cause.name) } : {};
  return new ItemInvalid({ code: 'E_DATE_UNREADABLE', message: `${field} holds no date or time we can read; enter it again`, field }, options);
}
