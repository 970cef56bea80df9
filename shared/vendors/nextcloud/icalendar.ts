/**
 * Calendar objects (RFC 5545) and our events: reads one, makes a new one, edits one in place. Everything a person or another
 * program keeps in an object (alarms, zones, unknown properties) survives an edit. What servers store differs from what we
 * send in bytes, so compare what `readObject` gives, never texts.
 *
 * Attendees and organisers are never written: a server would send invitations (confirmed).
 */
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { ItemInvalid } from '../../base/errors.ts';
import type { CalendarEvent } from '../../model/calendar-event.ts';
import { objectText, parseObject, readText, uidOf, writeText, type EventObject } from './component.ts';
import { readDetails, writeDetails, type Wording } from './details.ts';
import { normaliseEvent, normaliseLine, normaliseTitle, textOrNull } from './text.ts';
import { normaliseTimes, readTimes, utcValue, writeTimes } from './times.ts';

export interface Style extends Wording {
  /** IANA name: where a time without a zone is meant. */
  readonly calendarZone: string;
}

/**
 * Why an object deserves care:
 * `damaged`       holds U+FFFD: bytes were lost before it reached us; it can be read, `editObject` refuses it
 * `attendees`     the server sends mail when it changes
 * `confidential`  on a shared calendar only a reduced copy may have come; writing it back would destroy the rest (confirmed)
 * `exceptions`    single dates of the series differ from the event read here
 * `no-master`     only single dates of a series, the series itself is elsewhere
 */
export type Note = 'damaged' | 'attendees' | 'confidential' | 'exceptions' | 'no-master';

export interface ReadEvent {
  readonly uid: string;
  readonly event: CalendarEvent;
  /**
   * The Directus id that the object names: in its UID, else in X-DIRECTUS-ID. The latter is a hint only: a copy that a person
   * makes in the calendar has a new UID and carries the property along.
   */
  readonly reference?: string | undefined;
  /** Whether it repeats, or is a date of something that does: its times are not ours to write. */
  readonly series: boolean;
  readonly notes: readonly Note[];
}

const detailFields = ['description', 'organizer', 'cost', 'categories', 'website'] as const;
const productId = '-//Concord//directus-nextcloud//EN';

/** The UID of an event born in Directus, as the script made it that this connector replaces. */
export function uidFor(directusId: string | number): string {
  return `nonprofit-${directusId}@directus`;
}

/**
 * @returns undefined for an object of tasks or journal entries: not an event, not ours, left alone.
 * @throws ItemInvalid E_ICS_EMPTY, E_ICS_TOO_LARGE, E_ICS_MALFORMED, E_ICS_NO_EVENT, E_ICS_SEVERAL_EVENTS, E_UID_MISSING,
 *   E_TITLE_MISSING, E_DATE_UNREADABLE, E_ZONE_UNKNOWN, E_END_BEFORE_START.
 */
export function readObject(text: string, style: Style): ReadEvent | undefined {
  const object = parseObject(text);
  if (object === undefined) return undefined;
  const uid = uidOf(object.event);
  if (uid === '') throw new ItemInvalid({ code: 'E_UID_MISSING', message: 'the event has no UID', field: 'uid' });
  return {
    uid,
    event: readEvent(object, style),
    reference: referenceOf(object.event),
    series: isSeries(object),
    notes: notesOf(object, text),
  };
}

/**
 * The text of a new object. The same arguments make the same text.
 * @param stamp  When the item last changed (instant, ISO 8601): not the clock, or every try would be another text.
 * @param sequence  How often its time or place may have moved: never less than in the text before. Default 0.
 * @throws ItemInvalid E_TITLE_MISSING, E_DATE_UNREADABLE, E_END_BEFORE_START, E_SERIES_TIMES (a recurrence cannot be written).
 */
export function newObject(item: { uid: string; event: CalendarEvent; stamp: string; directusId?: string | number; sequence?: number }, style: Style): string {
  const event = normaliseEvent(item.event);
  if (event.recurrence !== null) throw seriesTimes();
  const vevent = new ICAL.Component('vevent');
  vevent.addPropertyWithValue('uid', normaliseLine(item.uid));
  writeStamp(vevent, item.stamp);
  vevent.addPropertyWithValue('sequence', item.sequence ?? 0);
  writeTimes(vevent, undefined, event);
  writeText(vevent, 'summary', titleOf(event));
  writeText(vevent, 'location', event.location);
  writeDetails(vevent, event, style);
  if (item.directusId !== undefined) writeText(vevent, 'x-directus-id', normaliseLine(String(item.directusId)));

  const calendar = new ICAL.Component('vcalendar');
  calendar.addPropertyWithValue('version', '2.0');
  calendar.addPropertyWithValue('prodid', productId);
  calendar.addSubcomponent(vevent);
  return objectText(calendar);
}

/**
 * Changes the fields given and nothing else, SEQUENCE and stamps apart. Where no field really differs the text comes back as
 * it was. Only the master of a series is touched, and never its times.
 * @param stamp  When the change was made (instant, ISO 8601).
 * @throws ItemInvalid as `readObject`, and E_DAMAGED_TEXT (a text with U+FFFD is not stored again), E_SERIES_TIMES, E_NOT_AN_EVENT.
 */
export function editObject(text: string, changed: Partial<CalendarEvent>, { stamp, ...style }: Style & { stamp: string }): string {
  const object = parseObject(text);
  if (object === undefined) throw new ItemInvalid({ code: 'E_NOT_AN_EVENT', message: 'the calendar object is not an event' });
  if (text.includes('\ufffd')) {
    throw new ItemInvalid({ code: 'E_DAMAGED_TEXT', message: 'the object lost characters before it reached us; mend it in the calendar' });
  }
  const before = readEvent(object, style);
  const merged = normaliseEvent({ ...before, ...withoutAbsent(changed) });
  const after = { ...merged, ...normaliseTimes(merged) };
  const differs = (fields: readonly (keyof CalendarEvent)[]): boolean => fields.some((field) => !isEqual(before[field], after[field]));
  const timesDiffer = differs(['start', 'end', 'allDay']);
  if (differs(['recurrence']) || (timesDiffer && isSeries(object))) throw seriesTimes();
  if (!timesDiffer && !differs(['title', 'location', ...detailFields])) return text;

  const { event } = object;
  if (timesDiffer) writeTimes(event, before, after);
  if (differs(['title'])) writeText(event, 'summary', titleOf(after));
  if (differs(['location'])) writeText(event, 'location', after.location);
  if (differs(detailFields)) writeDetails(event, after, style);
  event.updatePropertyWithValue('sequence', sequenceOf(event) + 1);
  writeStamp(event, stamp);
  return objectText(object.calendar);
}

function readEvent({ calendar, event }: EventObject, style: Style): CalendarEvent {
  const title = normaliseTitle(readText(event, 'summary') ?? '');
  return {
    ...readTimes(event, { calendar, calendarZone: style.calendarZone }),
    ...readDetails(event, style, idInUid(uidOf(event)) !== undefined),
    title: title === '' ? titleMissing() : title,
    location: textOrNull(readText(event, 'location')),
    recurrence: recurrenceOf(event),
  };
}

function recurrenceOf(event: ICAL.Component): string | null {
  const rule = event.getFirstPropertyValue('rrule');
  return rule === null ? null : String(rule);
}

function isSeries({ event, hasExceptions }: EventObject): boolean {
  return hasExceptions || ['rrule', 'rdate', 'recurrence-id'].some((name) => event.hasProperty(name));
}

function notesOf({ event, hasMaster, hasExceptions }: EventObject, text: string): readonly Note[] {
  const notes: readonly [boolean, Note][] = [
    [text.includes('\ufffd'), 'damaged'],
    [event.hasProperty('attendee'), 'attendees'],
    [readText(event, 'class')?.toUpperCase() === 'CONFIDENTIAL', 'confidential'],
    [hasExceptions, 'exceptions'],
    [!hasMaster, 'no-master'],
  ];
  return notes.flatMap(([holds, note]) => (holds ? [note] : []));
}

function referenceOf(event: ICAL.Component): string | undefined {
  return idInUid(uidOf(event)) ?? textOrNull(readText(event, 'x-directus-id')) ?? undefined;
}

function idInUid(uid: string): string | undefined {
  return /^nonprofit-(.+)@directus$/.exec(uid)?.[1];
}

function writeStamp(event: ICAL.Component, stamp: string): void {
  const value = utcValue(Temporal.Instant.from(stamp));
  event.updatePropertyWithValue('dtstamp', value);
  event.updatePropertyWithValue('last-modified', value.clone());
}

function sequenceOf(event: ICAL.Component): number {
  const value = Number(event.getFirstPropertyValue('sequence'));
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function withoutAbsent(changed: Partial<CalendarEvent>): Partial<CalendarEvent> {
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
}

function isEqual(a: CalendarEvent[keyof CalendarEvent], b: CalendarEvent[keyof CalendarEvent]): boolean {
  return Array.isArray(a) && Array.isArray(b) ? a.join('\n') === b.join('\n') : a === b;
}

function titleOf(event: CalendarEvent): string {
  return event.title === '' ? titleMissing() : event.title;
}

function titleMissing(): never {
  throw new ItemInvalid({ code: 'E_TITLE_MISSING', message: 'the event has no title', field: 'title' });
}

function seriesTimes(): ItemInvalid {
  return new ItemInvalid({ code: 'E_SERIES_TIMES', message: 'times and rules of a series are changed in the calendar only', field: 'start' });
}
