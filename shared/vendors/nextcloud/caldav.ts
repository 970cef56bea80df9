/**
 * A calendar over CalDAV, as far as the hub needs it: Nextcloud first, Radicale and Xandikos too. This file is the contents
 * page; each story has its own file. tsdav's free functions build and parse the requests; its client object is not used,
 * because it spends 3 to 5 requests before it has done anything.
 *
 * Every method throws VendorSignInFailed, VendorRateLimited, VendorUnavailable as the given fetch does, VendorAnswerInvalid for
 * an answer in a shape that we do not know or that was cut off, and VendorRejected for a refusal that is not an outcome.
 */
import { calendarAt, createCalendar, findCalendar, type FoundCalendar } from './calendars.ts';
import { readChanges, type Changes, type ChangesAsk } from './changes.ts';
import { davAccess } from './dav-call.ts';
import { putNew, putOver, readObject, readObjects, remove, type ObjectRead } from './objects.ts';
import { findTrashed, purge, restore, type RestoreOutcome, type TrashedObject } from './trash.ts';
import type { CreateOutcome, RemoveOutcome, ReplaceOutcome } from './write-outcome.ts';

export interface CaldavOptions {
  /** The calendar home: `https://host/remote.php/dav/calendars/user/`. */
  readonly homeUrl: string;
  /** The account's name, not its e-mail address: app passwords accept no other (confirmed). */
  readonly username: string;
  readonly password: string;
  readonly calendarName: string;
  /** Skips the search by name. */
  readonly calendarUrl?: string | undefined;
}

export interface CaldavClient {
  findCalendar(): Promise<FoundCalendar | undefined>;
  calendarAt(calendarUrl: string): Promise<FoundCalendar | undefined>;
  /** @returns its URL; also when it exists already. */
  createCalendar(): Promise<string>;
  changes(ask: ChangesAsk): Promise<Changes>;
  readObjects(calendarUrl: string, names: readonly string[]): Promise<ReadonlyMap<string, ObjectRead>>;
  readObject(calendarUrl: string, name: string): Promise<ObjectRead | undefined>;
  putNew(calendarUrl: string, name: string, text: string): Promise<CreateOutcome>;
  putOver(calendarUrl: string, name: string, text: string, etag: string): Promise<ReplaceOutcome>;
  remove(calendarUrl: string, name: string, etag: string): Promise<RemoveOutcome>;
  readonly trash: {
    findTrashed(ask: { calendarUrl: string; uid: string }): Promise<readonly TrashedObject[]>;
    purge(href: string): Promise<void>;
    restore(href: string): Promise<RestoreOutcome>;
  };
}

export function caldavClient(deps: { readonly fetch: typeof fetch }, options: CaldavOptions): CaldavClient {
  const dav = davAccess(deps, options);
  const { homeUrl } = options;
  return {
    findCalendar: () => findCalendar(dav, options),
    calendarAt: (calendarUrl) => calendarAt(dav, options, calendarUrl),
    createCalendar: () => createCalendar(dav, options),
    changes: (ask) => readChanges(dav, ask),
    readObjects: (calendarUrl, names) => readObjects(dav, calendarUrl, names),
    readObject: (calendarUrl, name) => readObject(dav, calendarUrl, name),
    putNew: (calendarUrl, name, text) => putNew(dav, calendarUrl, name, text),
    putOver: (calendarUrl, name, text, etag) => putOver(dav, calendarUrl, name, text, etag),
    remove: (calendarUrl, name, etag) => remove(dav, calendarUrl, name, etag),
    trash: {
      findTrashed: (ask) => findTrashed(dav, homeUrl, ask),
      purge: (href) => purge(dav, homeUrl, href),
      restore: (href) => restore(dav, homeUrl, href),
    },
  };
}
