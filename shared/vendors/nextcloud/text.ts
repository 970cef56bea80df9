/**
 * Text as both sides of the calendar connector agree to write it, so that a comparison never finds a difference that no
 * person made: one spelling for characters, line ends and margins, and nothing that a calendar server or XML cannot carry.
 */
import type { CalendarEvent } from '../../model/calendar-event.ts';

/** Longest title, in characters (code points): what a plain Directus text column holds. */
const titleCharactersMax = 255;

// Sabre drops the C0 controls on arrival (confirmed), and XML 1.0 cannot carry them or the two non-characters at all: one of
// them in one object would make the whole answer unreadable. Tab and line feed stay.
// oxlint-disable no-control-regex -- these are the characters that must go
const unsendable = /[\u0000-\u0008\u000e-\u001f\u007f\ufffe\uffff]/g;
// Some servers (Xandikos, confirmed in its library) also break lines at these, in the middle of a property.
const lineEnds = /\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g;
// oxlint-enable no-control-regex

/**
 * NFC, LF line ends, no margins, no unsendable characters. Half a surrogate pair and U+FFFD become `?`: then a U+FFFD in a
 * calendar object always means that somebody else damaged it. Applying it twice changes nothing.
 */
export function normaliseText(text: string): string {
  return text.toWellFormed().replaceAll('\ufffd', '?').replace(lineEnds, '\n').replace(unsendable, '').normalize('NFC').trim();
}

/** As `normaliseText`, on one line: line ends and tabs become blanks. */
export function normaliseLine(text: string): string {
  return normaliseText(text).replace(/\s*[\n\t]\s*/g, ' ');
}

/** Normalised text, or null where nothing is left. */
export function textOrNull(text: string | null | undefined): string | null {
  const normal = normaliseText(text ?? '');
  return normal === '' ? null : normal;
}

/** As `textOrNull`, on one line. */
export function lineOrNull(text: string | null | undefined): string | null {
  const normal = normaliseLine(text ?? '');
  return normal === '' ? null : normal;
}

/** A title on one line, cut at 255 characters; empty when there is none. */
export function normaliseTitle(text: string): string {
  const line = normaliseLine(text);
  const characters = Array.from(line);
  return characters.length <= titleCharactersMax ? line : characters.slice(0, titleCharactersMax).join('').trimEnd();
}

/** The address, or null for anything but an http or https address without blanks. */
export function websiteOrNull(text: string | null | undefined): string | null {
  const normal = normaliseText(text ?? '');
  return /^https?:\/\/[^\s/]\S*$/i.test(normal) ? normal : null;
}

/** Without blanks around, empty ones and repeats; sorted, so that order is never a difference. */
export function normaliseCategories(keys: readonly string[]): readonly string[] {
  return [...new Set(keys.map(normaliseLine))].filter((key) => key !== '').sort();
}

/** Every text of an event as the calendar would give it back. Times are left alone. */
export function normaliseEvent(event: CalendarEvent): CalendarEvent {
  return {
    ...event,
    title: normaliseTitle(event.title),
    description: textOrNull(event.description),
    location: textOrNull(event.location),
    website: websiteOrNull(event.website),
    organizer: textOrNull(event.organizer),
    cost: textOrNull(event.cost),
    categories: normaliseCategories(event.categories),
  };
}

/**
 * What an unlinked event looks like to the match rule: equal texts on both sides mean the same title (after NFKC, letter
 * case and blanks) at the same start, all-day or not.
 */
export function matchText(event: Pick<CalendarEvent, 'title' | 'start'>): string {
  const title = event.title.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/gu, ' ').trim();
  return `${title}\n${event.start}`;
}
