/**
 * A calendar event in our shape, between Directus and a calendar. Times are instants or dates, never a local time without a
 * zone; text is NFC, trimmed, with LF line ends. Zones, recurrence details and foreign properties stay in the calendar
 * object itself, which is edited in place.
 */

export type CalendarEvent = {
  /** 1 to 255 characters. */
  readonly title: string;
  /** `2027-03-04T18:00:00Z` for a timed event, `2027-03-04` for an all-day one. */
  readonly start: string;
  /** Same form as `start`. All-day: the last day, inclusive (iCalendar's DTEND minus one day). Null: no duration. */
  readonly end: string | null;
  readonly allDay: boolean;
  readonly description: string | null;
  readonly location: string | null;
  /** http or https only. */
  readonly website: string | null;
  readonly organizer: string | null;
  readonly cost: string | null;
  /** Keys as Directus has them, sorted, without repeats. */
  readonly categories: readonly string[];
  /** The RRULE value of a series' master as it stands in the calendar; null for a single event. Never written back. */
  readonly recurrence: string | null;
};
