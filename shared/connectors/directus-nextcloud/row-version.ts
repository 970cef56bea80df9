/**
 * The version of a row: the time of its last update, `created:` and the time of its making before the first one, or, where the
 * collection has no such dates, a digest of its values.
 *
 * Some databases keep whole seconds only (MySQL, likely). A row that we read within the second of its change may change once
 * more without another date, and that would never be seen. So a fresh date in whole seconds carries a `~`, which falls away
 * later: the version then differs from the one remembered, and the row is looked at once more.
 */
import type { Clock } from '../../base/clock.ts';
import type { DirectusRow } from '../../vendors/directus/schema.ts';
import type { Columns } from './map.ts';

export interface RowVersions {
  of(row: DirectusRow, columns: Columns): string;
  /** Learns from a listing whether this database keeps fractions of a second. */
  learn(rows: readonly DirectusRow[], columns: Columns): void;
  /** What a version says about the last update, for compare-and-set: null for a row never updated. */
  updatedAt(version: string): string | null;
}

const settledAfterMs = 60_000; // one second is what it is about; the rest is for two clocks that disagree
const createdMark = 'created:';
const freshMark = '~';

export function rowVersions(deps: { readonly clock: Clock; readonly digest: (text: string) => string }): RowVersions {
  let keepsFractions = false;

  const isFresh = (stamp: string): boolean => !keepsFractions && isWholeSecond(stamp) && Date.parse(stamp) > deps.clock.now() - settledAfterMs;

  return {
    of: (row, columns) => {
      if (columns.dateUpdated === undefined) return deps.digest(JSON.stringify(row));
      const updated = row[columns.dateUpdated];
      const stamp = textOf(updated) ?? textOf(row[columns.dateCreated ?? '']) ?? '';
      return `${textOf(updated) === undefined ? createdMark : ''}${stamp}${isFresh(stamp) ? freshMark : ''}`;
    },
    learn: (rows, { dateUpdated, dateCreated }) => {
      const stampsOf = (row: DirectusRow) => [dateUpdated, dateCreated].flatMap((column) => textOf(row[column ?? '']) ?? []);
      keepsFractions ||= rows.some((row) => stampsOf(row).some((stamp) => !isWholeSecond(stamp)));
    },
    updatedAt: (version) => (version.startsWith(createdMark) ? null : version.replace(/~$/, '')),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const isWholeSecond = (stamp: string): boolean => !/\.\d*[1-9]/.test(stamp);
