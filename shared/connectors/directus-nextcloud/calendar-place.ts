/**
 * Which calendar is ours, and where. The search costs a call, so its answer is remembered. A calendar is made only where none
 * was ever known: one that we knew and that is gone is a finding for a person, never silently replaced by an empty one.
 */
import { ConfigurationInvalid, VendorRejected } from '../../base/errors.ts';
import type { CaldavClient } from '../../vendors/nextcloud/caldav.ts';
import type { FoundCalendar } from '../../vendors/nextcloud/calendars.ts';
import type { Settings } from './settings.ts';

export interface CalendarPlace {
  /** Home, name and account, in clear. */
  readonly identity: string;
  /** Makes the calendar where none was ever known, if it may. No call where its URL is known. */
  prepare(mayMake: boolean): Promise<void>;
  /** There is no calendar yet, and this run may not make one: it reads as empty. */
  isUnmade(): Promise<boolean>;
  /** Runs work in the calendar; searches it once more when the server says that it is not there. */
  within<T>(work: (calendarUrl: string) => Promise<T>): Promise<T>;
  /** That the calendar is not in the trash, where Nextcloud goes on taking reads and writes (confirmed). One call. @throws VendorRejected CALENDAR_MISSING. */
  refuseTrashed(): Promise<void>;
  /**
   * Why a write found nothing: a read-only share answers so (confirmed). One call, until it is known to be so.
   * @throws VendorRejected CALENDAR_MISSING.
   */
  isReadOnly(): Promise<boolean>;
}

interface PlaceDeps {
  readonly caldav: CaldavClient;
  readonly nextcloudUrl: string;
  readonly username: string;
  readonly calendarName?: string | undefined;
  readonly rememberCalendar?: { get(): string | undefined; set(url: string | undefined): void } | undefined;
  readonly notice?: ((message: string) => void) | undefined;
}

export function calendarPlace(deps: PlaceDeps, settings: Settings): CalendarPlace {
  const { caldav, rememberCalendar } = deps;
  const configured = settings.nextcloud.calendarUrl;
  const name = deps.calendarName ?? settings.nextcloud.calendarName;
  let known: string | undefined;
  let mayMake = true;
  let searching: Promise<string> | undefined;
  let isKnownReadOnly = false;
  let asking: Promise<boolean> | undefined;

  function keep(url: string): string {
    known = url;
    if (configured === undefined && rememberCalendar?.get() !== url) rememberCalendar?.set(url);
    return url;
  }

  function take(found: FoundCalendar): string {
    if (found.readOnly) deps.notice?.(`the calendar ${name} is read-only for ${deps.username}: nothing can be written`);
    else if (!found.owned) deps.notice?.(`the calendar ${name} is shared with ${deps.username}: its owner's private events are hidden`);
    return keep(found.url);
  }

  async function search(mayCreate: boolean): Promise<string> {
    const found = await caldav.findCalendar();
    if (found !== undefined) return take(found);
    if (configured !== undefined) throw new ConfigurationInvalid(['nextcloud.calendarUrl: there is no calendar']);
    if (mayCreate) return keep(await caldav.createCalendar());
    throw missing();
  }

  async function address(): Promise<string> {
    const url = known ?? configured ?? rememberCalendar?.get();
    if (url !== undefined) return url;
    searching ??= search(mayMake).finally(() => {
      searching = undefined;
    });
    return searching;
  }

  async function askReadOnly(): Promise<boolean> {
    const found = await caldav.findCalendar();
    if (found === undefined) throw missing();
    isKnownReadOnly = found.readOnly;
    return isKnownReadOnly;
  }

  async function within<T>(work: (calendarUrl: string) => Promise<T>): Promise<T> {
    const url = await address();
    try {
      return await work(url);
    } catch (error) {
      if (!isMissing(error) || configured !== undefined) throw error;
      const moved = await search(false);
      if (moved === url) throw error;
      return work(moved);
    }
  }

  return {
    identity: `${(configured ?? deps.nextcloudUrl).replace(/\/+$/, '')} ${configured === undefined ? name : ''} ${deps.username}`,
    prepare: async (may) => {
      mayMake = may;
      if (may) await address();
    },
    isUnmade: async () => {
      if (mayMake || (known ?? configured ?? rememberCalendar?.get()) !== undefined) return false;
      const found = await caldav.findCalendar();
      if (found !== undefined) take(found);
      return found === undefined;
    },
    within,
    refuseTrashed: () =>
      within(async (calendarUrl) => {
        if ((await caldav.calendarAt(calendarUrl)) === undefined) throw missing();
      }),
    isReadOnly: async () => {
      if (isKnownReadOnly) return true;
      asking ??= askReadOnly().finally(() => {
        asking = undefined;
      });
      return asking;
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof VendorRejected && error.reason === 'CALENDAR_MISSING';
}

function missing(): VendorRejected {
  return new VendorRejected({ vendor: 'nextcloud', call: 'find calendar', status: 404, reason: 'CALENDAR_MISSING' });
}
