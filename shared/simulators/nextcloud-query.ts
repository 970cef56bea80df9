/**
 * What a calendar-query finds: components, time ranges and text in properties, the way Nextcloud reads them (confirmed), with its
 * trap that a time range switches the other filters off.
 * A series counts from its first date to its UNTIL without being expanded: COUNT, EXDATE and gaps are left out.
 */
import { readLine, unfolded, type IcsLine } from './ics.ts';
import type { CalendarObject } from './nextcloud-calendar.ts';
import { DavRefusal, namespaces, sabreRefusal } from './nextcloud-xml.ts';
import { child, childrenOf, type XmlElement } from './xml-reader.ts';

/** The test of a `filter` element. @throws DavRefusal: 400 for no filter or an empty range, 500 for dates in another form */
export function queryTest(filter: XmlElement | undefined, timeRangeIgnoresOthers: boolean): (object: CalendarObject) => boolean {
  const calendar = child(filter, namespaces.cal, 'comp-filter');
  if (!calendar) throw sabreRefusal(400, 'BadRequest', 'The {urn:ietf:params:xml:ns:caldav}calendar-query must contain a filter');
  const component = child(calendar, namespaces.cal, 'comp-filter');
  if (!component) return () => true;

  const kind = component.attributes['name'] ?? 'VEVENT';
  const range = rangeOf(child(component, namespaces.cal, 'time-range'));
  const properties = range && timeRangeIgnoresOthers ? [] : childrenOf(component, namespaces.cal, 'prop-filter').map(propertyTest);
  return (object) => {
    if (object.component !== kind) return false;
    if (!range && properties.length === 0) return true;
    const lines = unfolded(object.text).flatMap((line) => readLine(line) ?? []);
    return (!range || overlaps(lines, range)) && properties.every((test) => test(lines));
  };
}

interface Range {
  readonly fromMs: number;
  readonly untilMs: number;
}

function rangeOf(element: XmlElement | undefined): Range | undefined {
  if (!element) return undefined;
  const at = (name: string, open: number) => {
    const text = element.attributes[name];
    if (text === undefined) return open;
    if (!/^\d{8}T\d{6}Z$/.test(text)) {
      throw new DavRefusal(500, 'Sabre\\VObject\\InvalidDataException', `The supplied iCalendar datetime value is incorrect: ${text}`);
    }
    return instantOfBasic(text, undefined);
  };
  const range = { fromMs: at('start', -Infinity), untilMs: at('end', Infinity) };
  if (range.untilMs <= range.fromMs) throw sabreRefusal(400, 'BadRequest', 'The end-date must be larger than the start-date in the time-range filter');
  return range;
}

function propertyTest(filter: XmlElement): (lines: readonly IcsLine[]) => boolean {
  const name = (filter.attributes['name'] ?? '').toUpperCase();
  const match = child(filter, namespaces.cal, 'text-match');
  const wantsNone = child(filter, namespaces.cal, 'is-not-defined') !== undefined;
  const wanted = match?.text.toLowerCase();
  const isNegated = match?.attributes['negate-condition'] === 'yes';
  return (lines) => {
    const values = lines.filter((line) => line.name === name).map(({ value }) => value.toLowerCase());
    if (wantsNone) return values.length === 0;
    if (wanted === undefined) return values.length > 0;
    return values.some((value) => value.includes(wanted)) !== isNegated; // a substring, whatever the case
  };
}

function overlaps(lines: readonly IcsLine[], range: Range): boolean {
  const lineOf = (name: string) => lines.find((line) => line.name === name);
  const start = lineOf('DTSTART');
  if (!start) return false;
  const startMs = instantOfLine(start);
  const isDate = start.value.length === 8;
  const end = lineOf('DTEND');
  const endMs = end ? instantOfLine(end) : isDate ? startMs + 86_400_000 : startMs;
  const rule = lineOf('RRULE');
  const lastMs = rule ? untilOf(rule.value) : endMs;
  if (lastMs === startMs) return startMs >= range.fromMs && startMs < range.untilMs;
  return startMs < range.untilMs && lastMs > range.fromMs;
}

function untilOf(rule: string): number {
  const until = /UNTIL=(\d{8}(?:T\d{6}Z?)?)/.exec(rule)?.[1];
  return until === undefined ? Infinity : instantOfBasic(until, undefined);
}

function instantOfLine(line: IcsLine): number {
  return instantOfBasic(line.value, /;TZID="?([^;"]+)/i.exec(line.parameters)?.[1]);
}

/** Epoch milliseconds of `20270304T180000Z`; floating times and dates are read as UTC, an unknown zone too. */
function instantOfBasic(text: string, zone: string | undefined): number {
  const part = (from: number, to: number) => Number(text.slice(from, to) || '0');
  const asUtc = Date.UTC(part(0, 4), part(4, 6) - 1, part(6, 8), part(9, 11), part(11, 13), part(13, 15));
  if (zone === undefined || text.endsWith('Z')) return asUtc;
  const guess = asUtc - offsetMs(zone, asUtc);
  return asUtc - offsetMs(zone, guess);
}

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

function offsetMs(zone: string, atMs: number): number {
  if (!formats.has(zone)) formats.set(zone, formatOf(zone));
  const name = formats.get(zone)?.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
  const size = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? -size : size;
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
}
