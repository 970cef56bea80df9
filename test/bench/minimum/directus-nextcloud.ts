/**
 * The fewest requests that Directus and a CalDAV server allow for each case: a client that knows all ids and changes already,
 * with the largest pages and batches of the vendors' sheets, plus the reads that safety demands. Imports nothing of ours.
 */

/** Ids and dates come in one page of this many rows; values and calendar objects in batches of a hundred. */
const listingRows = 10_000;
const batch = 100;
const pages = (count: number, size: number): number => Math.ceil(count / size);

export interface Sample {
  /** Approved rows of Directus. */
  readonly rows: number;
  /** Events that members made in the calendar. */
  readonly members: number;
}

/** One listing of ids and dates, one question to the calendar: how both sides are looked at, always. */
const look = (rows: number): number => Math.max(1, pages(rows, listingRows)) + 1;

export const minimum = {
  /** Find the calendar; read all values once; PUT each row; import members' events in batches. */
  firstLoad: ({ rows, members }: Sample): number => look(rows) + 1 + pages(rows, batch) + pages(members, batch) + rows + pages(members, batch),
  idle: ({ rows, members }: Sample): number => look(rows + members),
  /**
   * Values of what changed; one conditional PUT a row, one compare-and-set an imported event (both are one item a call). Before a
   * pending row follows the calendar its own values are read, in batches: it may hold an edit that was never carried over.
   */
  changed: (sample: Sample, changed: Sample): number =>
    minimum.idle(sample) + pages(changed.rows, batch) + 2 * pages(changed.members, batch) + changed.rows + changed.members,
  /** Directus' listing is authoritative: one DELETE each, no second look. */
  deleted: (sample: Sample, deleted: number): number => minimum.idle(sample) + deleted,
  /** As the first load, plus the calls in flight when it died and one look at both sides. */
  killedAtHalf: (sample: Sample, inFlight: number): number => minimum.firstLoad(sample) + inFlight + look(sample.rows),
};
