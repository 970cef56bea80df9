/**
 * Where ServiceReef differs from what a plain client expects, one switch each. Most of the API is not described in public: the
 * defaults are what production clients saw or, where nothing is known, what the facts' sheet assumes. Each may be changed at any time.
 */

export interface ServiceReefSettings {
  /** Likely 3600. */
  tokenSeconds: number;
  /** Off: the token answer has no `expires_in`. */
  tellsTokenLifetime: boolean;
  /** The organisation's admin has deleted the key: no new token, and those that are out are 401. */
  isKeyRevoked: boolean;
  /** Assumed 25. */
  pageSizeDefault: number;
  /** Assumed 100; larger wishes are cut without a word. */
  pageSizeMax: number;
  /** `array`: lists come as a bare array of the page's rows (an older client met or feared it). */
  lists: 'paged' | 'array';
  /** The order is not promised; `shuffled` draws a new one for every call. */
  order: 'as-kept' | 'shuffled';
  /**
   * Rows that move while somebody pages. `repeats`: each page begins with the last row of the page before, so that rows at the end
   * are never shown. `skips`: one row falls between two pages. TotalRecords stays true.
   */
  rowsMove: 'not' | 'repeats' | 'skips';
  /** The page of this number comes back without rows, though more follow. */
  emptyPage: number | undefined;
  /** Called after a page was made and before the next one is asked for: the moment in which people do things. */
  afterPage: ((page: { readonly path: string; readonly page: number }) => void) | undefined;
  /** `paged`: the single member comes in the wrapper of lists. */
  singleMember: 'object' | 'paged';
  /** A member's `Phone` is untyped in the public contract; `number` sends its digits as one. */
  memberPhone: 'text' | 'number';
  /** `address-null`: no person and no trip shows an address, whatever is kept. */
  addresses: 'as-kept' | 'address-null';
  /** How a date that nobody has set is written. Confirmed that the minimum date occurs. */
  unsetDates: 'minimum' | 'null' | 'absent';
  /** How other missing values are written. */
  emptyFields: 'null' | 'absent';
  /** `local` (assumed): wall time without offset. The others put the offset of the trip's zone to it. */
  dates: 'local' | 'utc' | 'offset';
  /** The trip's `TimeZone`. Assumed a Windows name. */
  zones: 'windows' | 'iana' | 'absent';
  /** The trip's `Status`, which the public contract leaves untyped. */
  eventStatus: 'text' | 'object-with-name' | 'object-with-value' | 'number';
  /** What `startDate` and `endDate` select. Assumed: trips that begin within them. */
  dateFilter: 'begins-within' | 'overlaps' | 'ignored';
  /** What a merge of two accounts leaves on a trip where both were registered. */
  mergedRows: 'one' | 'both';
  /** What the id of an account that was merged away answers. */
  mergedMember: 'not-found' | 'survivor';
  /** Off: rows of cancelled registrations leave the roster at once (unknown). */
  rosterKeepsCancelled: boolean;
  /** No limit is documented; above this, 429. */
  callsPerSecond: number | undefined;
  /** What 429 and 503 say about waiting. */
  retryAfter: 'seconds' | 'date' | 'absent';
  /** 503 for everything. */
  isDown: boolean;
}

export function serviceReefDefaults(): ServiceReefSettings {
  return {
    tokenSeconds: 3600,
    tellsTokenLifetime: true,
    isKeyRevoked: false,
    pageSizeDefault: 25,
    pageSizeMax: 100,
    lists: 'paged',
    order: 'as-kept',
    rowsMove: 'not',
    emptyPage: undefined,
    afterPage: undefined,
    singleMember: 'object',
    memberPhone: 'text',
    addresses: 'as-kept',
    unsetDates: 'minimum',
    emptyFields: 'null',
    dates: 'local',
    zones: 'windows',
    eventStatus: 'text',
    dateFilter: 'begins-within',
    mergedRows: 'one',
    mergedMember: 'not-found',
    rosterKeepsCancelled: true,
    callsPerSecond: undefined,
    retryAfter: 'seconds',
    isDown: false,
  };
}
