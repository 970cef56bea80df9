/**
 * iCalendar text as a person's calendar program would write it, and read line by line. The simulator's own code, independent of
 * the hub's parser and writer. Left out: time zone definitions (a TZID stands alone) and alarms.
 */
export interface IcsFields {
  readonly uid: string;
  readonly summary: string;
  /** `2027-03-04T18:00:00Z` (instant), `2027-03-04T18:00:00` (floating, or in `timeZone`), or with `allDay` `2027-03-04`. */
  readonly start: string;
  /** As `start`. All-day: exclusive, as iCalendar has it. */
  readonly end?: string | undefined;
  readonly allDay?: boolean | undefined;
  /** An IANA name, written as TZID. */
  readonly timeZone?: string | undefined;
  readonly description?: string | undefined;
  readonly location?: string | undefined;
  readonly url?: string | undefined;
  readonly categories?: readonly string[] | undefined;
  readonly rrule?: string | undefined;
  readonly sequence?: number | undefined;
  /** An instant; default 2026-11-01T08:00:00Z. */
  readonly stampedAt?: string | undefined;
  /** Further lines of the event as they are: `X-COLOR:red`, `ATTENDEE:mailto:...`. */
  readonly lines?: readonly string[] | undefined;
}

export interface IcsLine {
  /** In capitals. */
  readonly name: string;
  /** With the leading semicolon; empty when there are none. */
  readonly parameters: string;
  readonly value: string;
}

/** One VCALENDAR with one VEVENT, CRLF line ends, folded at 75 octets. */
export function icsOf(fields: IcsFields): string {
  const stamp = basicTime(fields.stampedAt ?? '2026-11-01T08:00:00Z');
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Example Calendar//EN',
    'BEGIN:VEVENT',
    `UID:${fields.uid}`,
    `DTSTAMP:${stamp}`,
    `LAST-MODIFIED:${stamp}`,
    `SEQUENCE:${fields.sequence ?? 0}`,
    ...eventLines(fields),
    ...(fields.lines ?? []),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ];
  return lines.map(folded).join('\r\n');
}

/**
 * The text with some fields of its first event changed, as a program does on saving: everything else stays, SEQUENCE rises.
 * An empty text removes the property.
 */
export function withFields(text: string, fields: Partial<Omit<IcsFields, 'uid' | 'sequence'>>): string {
  const wanted = new Map<string, string>();
  for (const line of eventLines(fields)) wanted.set(line.split(/[;:]/)[0] ?? '', line);
  if (fields.stampedAt !== undefined) {
    wanted.set('DTSTAMP', `DTSTAMP:${basicTime(fields.stampedAt)}`);
    wanted.set('LAST-MODIFIED', `LAST-MODIFIED:${basicTime(fields.stampedAt)}`);
  }
  const changed: string[] = [];
  let isInFirst = false;
  let isDone = false;
  for (const line of unfolded(text)) {
    const name = (line.split(/[;:]/)[0] ?? '').toUpperCase();
    if (line === 'BEGIN:VEVENT' && !isDone) isInFirst = true;
    if (line === 'END:VEVENT' && isInFirst) {
      changed.push(...[...wanted.values()].filter((added) => !added.endsWith(':')), ...(fields.lines ?? []));
      isInFirst = false;
      isDone = true;
    }
    const replacement = isInFirst ? wanted.get(name) : undefined;
    if (isInFirst && name === 'SEQUENCE') changed.push(`SEQUENCE:${Number(line.slice(9)) + 1}`);
    else if (replacement === undefined) changed.push(line);
    else if (!replacement.endsWith(':')) changed.push(replacement);
    if (replacement !== undefined) wanted.delete(name);
  }
  return [...changed, ''].map(folded).join('\r\n');
}

/** The logical lines, without empty ones; takes LF and CRLF, and a byte order mark. */
export function unfolded(text: string): string[] {
  const joined = text.replace(/^\uFEFF/, '').replace(/\r?\n[ \t]/g, '');
  return joined.split(/\r?\n/).filter((line) => line !== '');
}

/** A logical line in its parts; undefined where it is none. */
export function readLine(line: string): IcsLine | undefined {
  const match = /^([A-Za-z0-9-]+)((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)$/s.exec(line);
  if (!match) return undefined;
  const [, name = '', parameters = '', value = ''] = match;
  return { name: name.toUpperCase(), parameters, value };
}

/** A line cut so that no part has more than 75 octets, never inside a character. */
export function folded(line: string): string {
  if (line.length <= 75 && Buffer.byteLength(line) <= 75) return line;
  const parts: string[] = [];
  let part = '';
  let bytes = 0;
  for (const char of line) {
    const size = Buffer.byteLength(char);
    if (bytes + size > (parts.length === 0 ? 75 : 74)) {
      parts.push(part);
      part = '';
      bytes = 0;
    }
    part += char;
    bytes += size;
  }
  return [...parts, part].join('\r\n ');
}

function eventLines(fields: Partial<IcsFields>): string[] {
  const time = (name: string, value: string | undefined) => (value === undefined ? [] : [timeLine(name, value, fields)]);
  const text = (name: string, value: string | undefined) => (value === undefined ? [] : [`${name}:${escaped(value)}`]);
  return [
    ...time('DTSTART', fields.start),
    ...time('DTEND', fields.end),
    ...text('SUMMARY', fields.summary),
    ...text('DESCRIPTION', fields.description),
    ...text('LOCATION', fields.location),
    ...(fields.url === undefined ? [] : [`URL:${fields.url}`]),
    ...(fields.categories === undefined ? [] : [`CATEGORIES:${fields.categories.map(escaped).join(',')}`]),
    ...(fields.rrule === undefined ? [] : [`RRULE:${fields.rrule}`]),
  ];
}

function timeLine(name: string, value: string, fields: Partial<IcsFields>): string {
  if (fields.allDay ?? !value.includes('T')) return `${name};VALUE=DATE:${basicTime(value).slice(0, 8)}`;
  return fields.timeZone === undefined ? `${name}:${basicTime(value)}` : `${name};TZID=${fields.timeZone}:${basicTime(value)}`;
}

function basicTime(iso: string): string {
  return iso.replace(/\.\d+/, '').replace(/[-:]/g, '');
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, String.raw`\$&`).replace(/\r?\n/g, String.raw`\n`);
}
