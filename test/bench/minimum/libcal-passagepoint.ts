/**
 * The fewest requests that LibCal, Alma and PassagePoint allow for each case: a client that knows all ids and changes already, with the
 * largest pages of the vendors' sheet, plus the reads that safety demands. Sign-in is left out. Imports nothing of ours.
 */

const pageRows = 500; // LibCal's largest page

export interface Sample {
  /** Rows of LibCal by location, cancelled ones included. */
  readonly rows: readonly number[];
  readonly patrons: number;
  readonly visits: number;
}

/**
 * A page that is full asks for the next one, because LibCal tells no total. Pages are cut from a set that moves, and a row that leaves hides another
 * one: where there are several, the last full page is read once more, or an absence would prove nothing.
 */
function listing(rows: number): number {
  const pages = Math.floor(rows / pageRows) + 1;
  return pages > 1 ? pages + 1 : pages;
}

const look = ({ rows }: Pick<Sample, 'rows'>): number => rows.reduce((sum, count) => sum + listing(count), 0);

export const minimum = {
  /** There is no call for several users, visitors or pre-registrations. */
  firstLoad: (sample: Sample): number => look(sample) + 2 * sample.patrons + sample.visits,
  idle: (sample: Sample): number => look(sample),
  /** Moved, cancelled and new visits of known patrons: one write each. */
  changed: (sample: Sample, writes: number): number => look(sample) + writes,
  /** As the first load, plus the call in flight when it died, what it may have made, and another look. */
  killedAtHalf: (sample: Sample): number => minimum.firstLoad(sample) + 2 + look(sample),
};
