/**
 * The fewest requests that ServiceReef and SKY allow for each case: a client that knows all ids and changes already, with the largest pages of the
 * vendors' sheet, plus the reads that safety demands: of a new traveller three searches (our marks, the e-mail address, likely duplicates) and the
 * record of whoever may be the same, of an event the list of those that stand, of a roster who is on it. Sign-in is left out. Imports nothing of ours.
 */

const reefPage = 100;

export interface Sample {
  readonly trips: number;
  /** Of these, with a place to set. */
  readonly placedTrips: number;
  /** Rows of each roster. */
  readonly rosters: readonly number[];
  /** Travellers whom NXT knows: name and e-mail are the same, and nothing is new. */
  readonly known: number;
  readonly unknown: number;
  readonly registrations: number;
}

const pages = (rows: number): number => Math.max(1, Math.ceil(rows / reefPage));
const look = ({ trips, rosters }: Sample): number => pages(trips) + rosters.reduce((sum, rows) => sum + pages(rows), 0);

const searches = 3;

export const minimum = {
  firstLoad: (sample: Sample): number => {
    const { trips, placedTrips, rosters, known, unknown, registrations } = sample;
    const details = trips; // zone and categories stand there only
    const events = 1 + 1 + 1 + trips + placedTrips; // whether the token serves (once a day), what stands, the categories' ids
    const people = unknown * (searches + 1) + known * (searches + 1 + 1); // made; or read, and marked
    return look(sample) + details + events + people + rosters.length + registrations;
  },
  idle: (sample: Sample): number => look(sample),
  /** New statuses are one write each; a traveller's new address is looked for in the file and added. */
  changed: (sample: Sample, changes: { readonly statuses: number; readonly emails: number }): number => look(sample) + changes.statuses + 3 * changes.emails,
  /** Gone from two complete rosters: two looks, and of each participant who answers for the place, then the cancelling. */
  deleted: (sample: Sample, gone: number): number => 2 * look(sample) + 2 * gone,
  /** As the first load, plus the calls in flight when it died, what they may have made, and another look at everything. */
  killedAtHalf: (sample: Sample, inFlight: number): number => minimum.firstLoad(sample) + 2 * inFlight + look(sample),
};
