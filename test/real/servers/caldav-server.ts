/**
 * What the stories need of a CalDAV server, and in which points the two that we start really differ. The same promises are
 * checked against both: a difference is a figure here, asserted for its server, never an assertion that was loosened for both.
 */

export interface CaldavServer {
  /** The calendar home, with a slash at its end: what `NEXTCLOUD_URL` is for Nextcloud. */
  readonly homeUrl: string;
  readonly username: string;
  readonly password: string;
  readonly facts: ServerFacts;
  /** Puts many objects into an empty calendar at once, past HTTP, into the storage of the running server. */
  fill(calendarUrl: string, objects: readonly StoredObject[]): Promise<void>;
  /** Makes the server forget the state that a token stands for, as happens with age. Take care that it is not the newest one. */
  forgetToken(calendarUrl: string, token: string): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`: same address, same objects. */
  restart(): Promise<void>;
}

export interface StoredObject {
  readonly name: string;
  readonly text: string;
}

export interface ServerFacts {
  /** The status that carries the refusal of a second object with one UID. */
  readonly twinStatus: number;
  /** The answer to a sync token that it no longer knows. */
  readonly forgottenTokenStatus: number;
  /** Whether an object that was made and removed since a token is told as removed. Else a full reading finds it. */
  readonly tellsShortLives: boolean;
  /** Events in the large calendar. */
  readonly largeCalendar: number;
}

/** Confirmed on Debian 12's packages, by the promises that use each of them. */
export const serverFacts = {
  radicale: { twinStatus: 409, forgottenTokenStatus: 403, tellsShortLives: true, largeCalendar: 10_000 },
  // A refusal hides in a 207. An unknown token is an internal error. A token is a git tree, and two trees
  // do not tell what stood between them. It parses the calendar's whole git index for each object
  // that it reads (50 ms at 5 000 objects, twice that at 10 000: a quarter of an hour).
  xandikos: { twinStatus: 207, forgottenTokenStatus: 500, tellsShortLives: false, largeCalendar: 1000 },
} as const satisfies Record<string, ServerFacts>;
