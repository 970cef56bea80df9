/** Samples of calendar objects and events; a test states only what matters to it. */
import { ConcordError } from '../../../shared/base/errors.ts';
import type { CalendarEvent } from '../../../shared/model/calendar-event.ts';
import { germanLabels } from '../../../shared/vendors/nextcloud/footer.ts';
import { readObject, type ReadEvent, type Style } from '../../../shared/vendors/nextcloud/icalendar.ts';

export const style: Style = {
  calendarZone: 'Europe/Berlin',
  labels: germanLabels,
  categories: { ehrenamt_engagement: 'Ehrenamt & Engagemententwicklung', bildung_beruf: 'Bildung, Beruf und mehr' },
};

export function anEvent(facts: Partial<CalendarEvent> = {}): CalendarEvent {
  return {
    title: 'Open board meeting',
    start: '2027-03-04T18:00:00Z',
    end: '2027-03-04T19:30:00Z',
    allDay: false,
    description: null,
    location: null,
    website: null,
    organizer: null,
    cost: null,
    categories: [],
    recurrence: null,
    ...facts,
  };
}

/** An object with these lines in its event; UID, SUMMARY and DTSTART are there unless given. */
export function anObject(lines: readonly string[], around: readonly string[] = []): string {
  const defaults = [
    ['UID', 'UID:1@x'],
    ['SUMMARY', 'SUMMARY:Open board meeting'],
    ['DTSTART', 'DTSTART:20270304T180000Z'],
  ] as const;
  const missing = defaults.filter(([name]) => !lines.some((line) => line.startsWith(name))).map(([, line]) => line);
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//x//EN', ...around, 'BEGIN:VEVENT', ...missing, ...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
}

export function read(text: string, how: Style = style): ReadEvent {
  const found = readObject(text, how);
  if (found === undefined) throw new Error('the sample holds no event');
  return found;
}

/** The logical lines of an object, unfolded. */
export function linesOf(text: string): readonly string[] {
  return text.replaceAll('\r\n ', '').split('\r\n').filter((line) => line !== '');
}

/** The code of the error that an action ends in. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof ConcordError ? error.code : String(error);
  }
  return 'nothing was thrown';
}
