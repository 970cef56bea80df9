/**
 * How one LibCal site behaves, one switch for each thing that sites, years and sources do differently. The defaults are a site of
 * today, as its clients saw it; `libcalOf2020` is what the first of them saw. Every switch may be changed while the simulator runs.
 */
import { samplePlaces, type LibCalLocation, type LibCalQuestion } from './libcal-places.ts';

export interface LibCalSettings {
  /** The site's own, IANA; days are counted in it, and its offset stands on every time (confirmed). */
  timeZone: string;
  /** Whose calendar `date` means, where a location has a zone of its own (assumed: nothing public says that one can). */
  datesIn: 'site' | 'location';
  /** `ignored`: a `date` before today counts as today. The parameter's help says so, reporting tools see the other (conflicting). */
  pastDates: 'answered' | 'ignored';
  /** Where the API answers; any other path is a 404 in HTML. */
  prefixes: readonly ('/1.1' | '/api/1.1')[];
  /** The status of `invalid_client`: 400 or 401 (likely), 200 in one client's tests. */
  invalidClientStatus: 200 | 400 | 401;
  tokenSeconds: number;
  /** Off: a new token ends the ones before it. On is likely. */
  oldTokensLive: boolean;
  /** What the application may do, as the token tells it. */
  scopes: string;
  scopeMissingStatus: 401 | 403;
  limitDefault: number;
  /** A higher `limit` is cut to it without a word (assumed), so that a full page looks like the last one. */
  limitMax: number;
  /** Off: `page` is ignored, and every page is the first one (before 2022). */
  paging: boolean;
  /** Called when a page has been read and before it is answered: the place to move rows between two pages. */
  afterPage: ((page: { readonly number: number; readonly lid: number | undefined }) => void) | undefined;
  /** `always`: without `include_cancel` too (2020). `never`: the flag has no effect. */
  cancelledRows: 'by-flag' | 'always' | 'never';
  /** Off: rows carry no `id` (2020). */
  rowIds: boolean;
  /** Off: rows carry no names of location, category and space (2020). */
  placeNames: boolean;
  /** What staff's moving of a booking leaves as it was. `same` is likely; the other two are open questions. */
  movedRows: 'same' | 'new-book-id' | 'new-row-id';
  /** What comes for an unknown id beside known ones; `status-404` refuses the whole call. All three are likely. */
  unknownBooking: 'error-element' | 'missing' | 'status-404';
  /** The status of `{"error"}` for values that make no sense. */
  logicalErrorStatus: 200 | 400;
  /** The last word on a row before it is shown, for members that are strange in a way of their own. */
  shownRow: ((row: Readonly<Record<string, unknown>>) => unknown) | undefined;
  /** Every call but the token's fails so. `errors` is the list form of `error`. */
  trouble: { readonly status: number; readonly as: 'html' | 'text' | 'error' | 'errors' } | undefined;
  /** Characters of a whole address above which it is 414. */
  urlMax: number;
  /** What an administrator has set up. */
  locations: readonly LibCalLocation[];
  questions: readonly LibCalQuestion[];
}

export function libcalOfToday(): LibCalSettings {
  return {
    timeZone: 'America/New_York',
    datesIn: 'site',
    pastDates: 'answered',
    prefixes: ['/1.1', '/api/1.1'],
    invalidClientStatus: 401,
    tokenSeconds: 3600,
    oldTokensLive: true,
    scopes: 'ev_r sp_r',
    scopeMissingStatus: 403,
    limitDefault: 20,
    limitMax: 500,
    paging: true,
    afterPage: undefined,
    cancelledRows: 'by-flag',
    rowIds: true,
    placeNames: true,
    movedRows: 'same',
    unknownBooking: 'error-element',
    logicalErrorStatus: 400,
    shownRow: undefined,
    trouble: undefined,
    urlMax: 8192,
    ...samplePlaces(),
  };
}

/** One path, no pages, at most 100 rows, no numeric ids and names, cancelled rows unasked (confirmed, a client of that year). */
export const libcalOf2020 = {
  prefixes: ['/1.1'],
  paging: false,
  limitMax: 100,
  rowIds: false,
  placeNames: false,
  cancelledRows: 'always',
} as const satisfies Partial<LibCalSettings>;
