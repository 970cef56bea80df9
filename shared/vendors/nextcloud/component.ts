/**
 * A calendar object as ical.js holds it: from text to the one event in it, and small helpers for its properties. Nothing here
 * knows what the properties mean. Work happens on components, not on `ICAL.Event`: a component gives back every line that
 * it read, in order, so that what other programs stored survives our edits.
 */
import ICAL from 'ical.js';
import { ItemInvalid } from '../../base/errors.ts';

/** Bounds on what is given to the parser: parsers are not shields. */
export const objectBytesMax = 1024 * 1024;
const propertiesMax = 1000;

export interface EventObject {
  readonly calendar: ICAL.Component;
  /** The master, or the first exception where the object has no master. */
  readonly event: ICAL.Component;
  readonly hasMaster: boolean;
  readonly hasExceptions: boolean;
}

/**
 * @returns undefined for an object that holds tasks or journal entries only: those are somebody else's.
 * @throws ItemInvalid E_ICS_EMPTY, E_ICS_TOO_LARGE, E_ICS_MALFORMED, E_ICS_NO_EVENT, E_ICS_SEVERAL_EVENTS.
 */
export function parseObject(text: string): EventObject | undefined {
  const calendar = parseCalendar(text);
  const events = calendar.getAllSubcomponents('vevent');
  if (events.length === 0) {
    if (calendar.getFirstSubcomponent('vtodo') ?? calendar.getFirstSubcomponent('vjournal')) return undefined;
    throw new ItemInvalid({ code: 'E_ICS_NO_EVENT', message: 'the calendar object holds no event' });
  }
  const masters = events.filter((event) => !event.hasProperty('recurrence-id'));
  if (masters.length > 1 || new Set(events.map(uidOf)).size > 1) {
    throw new ItemInvalid({ code: 'E_ICS_SEVERAL_EVENTS', message: 'the calendar object holds several events; split it in the calendar' });
  }
  const event = masters[0] ?? events[0]!;
  if (event.getAllProperties().length > propertiesMax) {
    throw new ItemInvalid({ code: 'E_ICS_TOO_LARGE', message: `the event has more than ${propertiesMax} properties` });
  }
  return { calendar, event, hasMaster: masters.length === 1, hasExceptions: events.length > masters.length };
}

export function uidOf(event: ICAL.Component): string {
  return String(event.getFirstPropertyValue('uid') ?? '').trim();
}

/** As it stands on the wire: CRLF, folded at 75 octets, with a last line end. */
export function objectText(calendar: ICAL.Component): string {
  // ical.js folds too, but forgets to count the blank that begins a continuation: 76 octets (seen in 2.2.1).
  const lines = calendar.toString().replaceAll('\r\n ', '').split('\r\n');
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** The unescaped text of the first property of that name. Names of our own (X-) are text too, though ical.js does not know. */
export function readText(event: ICAL.Component, name: string): string | undefined {
  const property = event.getFirstProperty(name);
  if (property === null) return undefined;
  const value = property.getFirstValue();
  return property.type === 'unknown' ? unescapeText(String(value ?? '')) : String(value ?? '');
}

/** Sets or, with null, removes a text property. One that already has this text keeps its parameters and its place. */
export function writeText(event: ICAL.Component, name: string, value: string | null): void {
  if (value === null) {
    event.removeAllProperties(name);
    return;
  }
  if (readText(event, name) === value) return;
  const wire = name.startsWith('x-') && event.getFirstProperty(name)?.type !== 'text' ? escapeText(value) : value;
  event.updatePropertyWithValue(name, wire);
}

const lineOctetsMax = 75;

/** Never inside a character, because old programs decode before they unfold. */
function folded(line: string): string {
  if (Buffer.byteLength(line) <= lineOctetsMax) return line;
  let text = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > lineOctetsMax) {
      text += '\r\n ';
      octets = 1;
    }
    text += character;
    octets += size;
  }
  return text;
}

function parseCalendar(text: string): ICAL.Component {
  const bytes = Buffer.byteLength(text);
  if (bytes > objectBytesMax) {
    throw new ItemInvalid({ code: 'E_ICS_TOO_LARGE', message: `the calendar object has ${bytes} bytes, over the limit of ${objectBytesMax}` });
  }
  const body = text.replace(/^\ufeff/, '').trim();
  if (body === '') throw new ItemInvalid({ code: 'E_ICS_EMPTY', message: 'the calendar object is empty' });
  const roots = parseRoots(body);
  // Several calendars in one object parse to a list of roots; one root is the list `[name, properties, components]` itself.
  if (typeof roots[0] !== 'string') {
    throw new ItemInvalid({ code: 'E_ICS_SEVERAL_EVENTS', message: 'the object holds several calendars; split it in the calendar' });
  }
  if (roots[0] !== 'vcalendar') throw new ItemInvalid({ code: 'E_ICS_MALFORMED', message: 'the object is not a calendar' });
  return new ICAL.Component(roots);
}

function parseRoots(body: string): unknown[] {
  try {
    const roots: unknown = ICAL.parse(body);
    if (Array.isArray(roots)) return roots;
  } catch (error) {
    // Without the parser's own text as message: it quotes the line, and the line is somebody's data.
    throw new ItemInvalid({ code: 'E_ICS_MALFORMED', message: 'the calendar object cannot be parsed; save the event again in the calendar' }, { cause: parserFault(error) });
  }
  throw new ItemInvalid({ code: 'E_ICS_MALFORMED', message: 'the calendar object cannot be parsed' });
}

function parserFault(error: unknown): Error {
  return new Error(error instanceof Error ? error.name : 'parser fault');
}

function escapeText(text: string): string {
  return text.replace(/[\\;,]/g, '\\$&').replaceAll('\n', '\\n');
}

function unescapeText(wire: string): string {
  return wire.replace(/\\([\\;,nN])/g, (_, character: string) => (character.toLowerCase() === 'n' ? '\n' : character));
}
