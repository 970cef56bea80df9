/**
 * Where Nextcloud differs from what a plain client of the standards expects, one switch each. The defaults are a fresh 34.0.1
 * as it was observed; what there depends on luck or on other writers (late commits, races) is off until a test asks for it.
 * Every trap may be changed while the simulator runs.
 */
export interface NextcloudTraps {
  /**
   * How long DELETE keeps an object in the trash, in seconds (`calendarRetentionObligation`). 0 turns the trash off, and with it
   * every trap of the trash. Confirmed: 2 592 000.
   */
  trashRetentionSeconds: number;
  /**
   * What becomes of a create whose UID lies in this calendar's trash. `error-500`: refused with a database error until the trashed
   * copy is purged (fresh 34). `accepted-once`: stored, and the trashed copy gets one more `-deleted`, until the third delete
   * of that name is refused (31). `refused-400`: refused by name (22 to 25; inferred). `accepted`: none of it.
   */
  trashedUid: 'error-500' | 'accepted-once' | 'refused-400' | 'accepted';
  /** DELETE is 403 while `<name>-deleted.ics` is taken; off: a free name is found. */
  slotTakenRefuses: boolean;
  /** Deleted and made anew (or restored) between two readings is reported as deleted, though it exists. */
  recreatedReportedGone: boolean;
  /** Created and deleted between two readings is reported as deleted, under a name that the reader never saw. */
  vanishedReported: boolean;
  /** A renamed or recoloured calendar reports a deleted row whose address is the calendar itself, without its final slash. */
  propertyChangeReported: boolean;
  /** The share of creates that commit late: they carry a number that has been given out already, so only a full listing finds them. */
  lateCommitShare: number;
  /** Preconditions are checked before the write and outside of it, so that writers at the same moment all succeed. */
  racingWriters: boolean;
  /** A future number in a sync token is answered with no rows and the real token; off: 403, as the standard wants. */
  anyNumberAccepted: boolean;
  /** What the server mends (no DTSTAMP, no PRODID, ...) is stored changed and answered without an ETag; off: stored as sent. */
  repairs: boolean;
  /** No PUT is answered with an ETag. */
  loseEtags: boolean;
  /** The server's own rewriting of what is stored; a text that it changes is answered without an ETag. */
  rewrite: ((text: string) => string) | undefined;
  /** In a calendar-query, a time range switches every prop-filter beside it off. */
  timeRangeIgnoresOthers: boolean;
  /** calendar-multiget leaves missing objects out; off: a row with 404 for each. */
  multigetLeavesOut: boolean;
  /** A second object with a UID is 400 without any precondition element; off: 409 with `no-uid-conflict` (other servers, newest versions: read). */
  duplicateUid: 'bad-request-400' | 'conflict-409';
  /** Failed logins within 30 minutes after which every request with credentials is 429; 0: never. */
  throttleAfter: number;
  /** hrefs come back with percent-encoding in lower-case hex. */
  lowerCaseHrefs: boolean;
}

export function observedTraps(): NextcloudTraps {
  return {
    trashRetentionSeconds: 2_592_000,
    trashedUid: 'error-500',
    slotTakenRefuses: true,
    recreatedReportedGone: true,
    vanishedReported: true,
    propertyChangeReported: true,
    lateCommitShare: 0,
    racingWriters: false,
    anyNumberAccepted: true,
    repairs: true,
    loseEtags: false,
    rewrite: undefined,
    timeRangeIgnoresOthers: true,
    multigetLeavesOut: true,
    duplicateUid: 'bad-request-400',
    throttleAfter: 11,
    lowerCaseHrefs: true,
  };
}

/** A rewriting that some servers do: blanks and line breaks at the end of a description are dropped. */
export function trimsDescriptions(text: string): string {
  return text.replace(/^(DESCRIPTION(?:;[^:\r\n]*)?:[^\r\n]*?)(?:\\n|[ \t])+(?=\r?\n(?![ \t]))/gm, '$1');
}
