/**
 * What Nextcloud accepts, repairs and refuses of an iCalendar text (confirmed for 31 and 34). Scans lines; it is no calendar library.
 * Left out: other character sets, jCal, rules whose every date is excluded, and the copies that scheduling makes for others.
 */
import { folded, readLine, unfolded, type IcsLine } from './ics.ts';
import { DavRefusal, sabreRefusal } from './nextcloud-xml.ts';

export interface CheckedText {
  /** What is stored. */
  readonly text: string;
  readonly uid: string;
  readonly component: 'VEVENT' | 'VTODO' | 'VJOURNAL';
  /** False where the stored bytes differ from those sent: then the answer has no ETag. */
  readonly isAsSent: boolean;
  /** The value of the header `x-sabre-ew-gross`. */
  readonly warning?: string | undefined;
}

export interface CheckSettings {
  readonly components: ReadonlySet<string>;
  readonly repairs: boolean;
  /** For a DTSTAMP that the server adds. */
  readonly nowMs: number;
  /** For a UID that the server makes. */
  newUid(): string;
}

const objectBytesMax = 10_485_760; // what is enforced; 10 000 000 is what is advertised
const kinds = ['VEVENT', 'VTODO', 'VJOURNAL'] as const;
const onceOnly = new Set(
  ('UID DTSTART DTEND DTSTAMP DURATION SUMMARY DESCRIPTION LOCATION URL CLASS CREATED LAST-MODIFIED SEQUENCE STATUS TRANSP ' +
    'ORGANIZER RECURRENCE-ID PRIORITY GEO').split(' '),
);
const frequencies = /(?:^|;)FREQ=(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)/i;
// eslint-disable-next-line no-control-regex -- control characters are the very thing that is looked for
const controlChars = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** @throws DavRefusal, as the server answers it */
export function checkedText(sent: string, settings: CheckSettings): CheckedText {
  if (sent.length > objectBytesMax / 4 && Buffer.byteLength(sent) > objectBytesMax) {
    throw sabreRefusal(403, 'Forbidden', `VEvent or VTodo object exceeds ${objectBytesMax} bytes`);
  }
  const scan = scanned(sent);
  const component = onlyKind(scan, settings.components);
  refuseBadComponents(scan);
  const repaired = settings.repairs ? repair(sent, scan, settings) : { text: sent, uid: scan.uids[0] ?? '', warning: undefined };
  const scheduled = hasAttendees(scan) ? withScheduleStatus(repaired.text) : repaired.text;
  return { text: scheduled, uid: repaired.uid, component, isAsSent: scheduled === sent && !hasAttendees(scan), warning: repaired.warning };
}

interface Scan {
  readonly calendar: readonly IcsLine[];
  readonly components: readonly { readonly kind: string; readonly lines: readonly IcsLine[] }[];
  readonly uids: readonly string[];
}

function scanned(text: string): Scan {
  const stack: string[] = [];
  const calendar: IcsLine[] = [];
  const components: { kind: string; lines: IcsLine[] }[] = [];
  for (const raw of unfolded(text)) {
    const line = readLine(raw.replace(controlChars, ''));
    if (!line) throw notCalendar('Invalid Mimedir file. Line starting at 1 did not follow iCalendar/vCard conventions');
    const value = line.value.toUpperCase();
    if (line.name === 'BEGIN') {
      if (stack.length === 0 && value !== 'VCALENDAR') throw notCalendar('This resource only supports valid iCalendar 2.0 data');
      if (stack.length === 1) components.push({ kind: value, lines: [] });
      stack.push(value);
    } else if (line.name === 'END') {
      if (stack.pop() !== value) throw notCalendar('Invalid MimeDir file. Unmatched END');
    } else if (stack.length === 0) {
      throw notCalendar('Invalid MimeDir file. Unexpected component');
    } else if (stack.length === 1) calendar.push(line);
    else if (stack.length === 2) components.at(-1)?.lines.push(line);
  }
  if (stack.length > 0) throw notCalendar('End of document reached prematurely');
  if (components.length === 0) throw notCalendar('An iCalendar object must have at least 1 component.');
  const own = components.filter(({ kind }) => isKind(kind));
  const uids = [...new Set(own.flatMap(({ lines }) => lines.filter(({ name }) => name === 'UID').map(({ value }) => value)))];
  return { calendar, components: own, uids };
}

function onlyKind(scan: Scan, allowed: ReadonlySet<string>): CheckedText['component'] {
  const present = new Set(scan.components.map(({ kind }) => kind));
  const refused = [...present].find((kind) => !allowed.has(kind));
  const [kind] = present;
  if (refused !== undefined || !isKind(kind)) {
    throw new DavRefusal(403, 'Sabre\\CalDAV\\Exception\\InvalidComponentType', 'This calendar only supports other components', {
      element: '<cal:supported-calendar-component xmlns:cal="urn:ietf:params:xml:ns:caldav"/>',
    });
  }
  if (present.size > 1) throw notCalendar('A calendar object may only have one type of component');
  return kind;
}

function refuseBadComponents(scan: Scan): void {
  if (scan.calendar.some(({ name }) => name === 'METHOD')) throw notCalendar('A calendar object MUST NOT have a METHOD property');
  if (scan.uids.length > 1) throw notCalendar('All components in a calendar object must have the same UID');
  for (const { kind, lines } of scan.components) {
    const seen = new Set<string>();
    for (const { name, value } of lines) {
      if (seen.has(name) && onceOnly.has(name)) throw notCalendar(`${name} MUST NOT appear more than once in a ${kind} component`);
      seen.add(name);
      if (/^(DTSTART|DTEND|RECURRENCE-ID)$/.test(name) && !/^\d{8}(T\d{6}Z?)?$/.test(value)) throw notCalendar(`The supplied value (${name}) is not a date`);
      if (name === 'RRULE' && !frequencies.test(value)) throw new DavRefusal(500, 'Sabre\\VObject\\InvalidDataException', 'Unknown value for FREQ');
    }
    if (kind === 'VEVENT' && !seen.has('DTSTART')) throw notCalendar('DTSTART MUST appear exactly once in a VEVENT component');
  }
}

function repair(sent: string, scan: Scan, settings: CheckSettings): { text: string; uid: string; warning: string | undefined } {
  const warnings: string[] = [];
  const mended: string[] = [];
  const uid = scan.uids[0] ?? settings.newUid();
  const calendarHas = (wanted: string) => scan.calendar.some(({ name }) => name === wanted);
  if (sent.search(controlChars) !== -1) warnings.push('Text contains invalid control characters');
  if (!calendarHas('VERSION')) mended.push('VERSION:2.0');
  if (!calendarHas('PRODID')) mended.push('PRODID:-//Sabre//Sabre VObject 4.5.6//EN');
  for (const line of mended) warnings.push(`${line.split(':')[0]} MUST appear exactly once in a VCALENDAR component`);

  const stamp = `${new Date(settings.nowMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  const added = scan.components.map(({ kind, lines }) => {
    const lacks = (wanted: string) => !lines.some(({ name }) => name === wanted);
    for (const name of ['UID', 'DTSTAMP'].filter(lacks)) warnings.push(`${name} MUST appear exactly once in a ${kind} component`);
    return [...(lacks('UID') ? [`UID:${uid}`] : []), ...(lacks('DTSTAMP') ? [`DTSTAMP:${stamp}`] : [])];
  });
  if (warnings.length === 0) return { text: sent, uid, warning: undefined };

  let component = -1;
  const lines = unfolded(sent.replace(controlChars, '')).flatMap((line) => {
    if (/^BEGIN:VCALENDAR$/i.test(line)) return [line, ...mended];
    if (/^END:(VEVENT|VTODO|VJOURNAL)$/i.test(line)) return [...(added[(component += 1)] ?? []), line];
    return [line];
  });
  return { text: joined(lines), uid, warning: `iCalendar validation warning: ${warnings[0] ?? ''}` };
}

/** A server that schedules writes down what it did about each attendee. */
function hasAttendees(scan: Scan): boolean {
  const lines = scan.components.flatMap((component) => component.lines);
  return (
    lines.some(({ name }) => name === 'ORGANIZER') &&
    lines.some(({ name, parameters }) => name === 'ATTENDEE' && !/;SCHEDULE-AGENT=CLIENT/i.test(parameters))
  );
}

function withScheduleStatus(text: string): string {
  return joined(unfolded(text).map(answeredAttendee));
}

function answeredAttendee(line: string): string {
  return /SCHEDULE-(AGENT=CLIENT|STATUS=)/i.test(line) ? line : line.replace(/^ATTENDEE(?=[;:])/i, 'ATTENDEE;SCHEDULE-STATUS=1.1');
}

function joined(lines: readonly string[]): string {
  return [...lines, ''].map(folded).join('\r\n');
}

function isKind(kind: string | undefined): kind is CheckedText['component'] {
  return kinds.some((known) => known === kind);
}

function notCalendar(message: string): DavRefusal {
  return sabreRefusal(415, 'UnsupportedMediaType', `Validation error in iCalendar: ${message}`);
}
