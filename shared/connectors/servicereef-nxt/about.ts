/**
 * What is fixed about this connector, as plain data. What a site may choose stands in settings.ts.
 */

export const about = {
  id: 'servicereef-nxt',
  title: 'ServiceReef trips and Raiser’s Edge NXT',
  streams: { events: 'events', people: 'people', participants: 'participants' },
  /** Names the mapping; raise it when map.ts starts to read the same trip, traveller or registration differently. */
  shape: 'servicereef-nxt/1',
  // ServiceReef is listed whole in every run, NXT is looked up when something is written.
  fullEveryMs: 24 * 3_600_000,
  /** Zone and categories of a trip stand only in its detail, a call of its own: read when its row changes, and so often. */
  detailMs: 24 * 3_600_000,
  /** NXT is asked at least so often, whatever there is to do. */
  askEveryMs: 24 * 3_600_000,
  /** How long NXT's search may not show a new record: its lists lag by half an hour (confirmed), of the search nobody says (assumed). */
  searchDelayMs: 30 * 60_000,
  /** The same of a roster (assumed). */
  rosterDelayMs: 60_000,
} as const;

/** In the order in which they are digested. A new order would make every item look changed. */
export const eventFields = ['name', 'startDate', 'startTime', 'endDate', 'endTime', 'description', 'capacity', 'category', 'goal', 'location', 'inactive'] as const;
/** `asked`: see rekeyed.ts. */
export const personFields = ['firstName', 'lastName', 'email', 'phone', 'address', 'asked'] as const;
export const participantFields = ['event', 'constituent', 'rsvpStatus', 'rsvpDate'] as const;
