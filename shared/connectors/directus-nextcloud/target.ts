/**
 * A Nextcloud calendar as a side. An unchanged calendar costs one call: what changed since the token. Objects are named by us,
 * edited in place and never deleted and made anew; a name that the server calls gone is asked for before it is believed.
 */
import type { Clock } from '../../base/clock.ts';
import { ItemInvalid } from '../../base/errors.ts';
import type { Looked, Side, SideWrite, Sighting, Want } from '../../engine/side.ts';
import type { Item, ItemId } from '../../sync/item.ts';
import type { ReadingEnd } from '../../sync/scan.ts';
import type { CaldavClient } from '../../vendors/nextcloud/caldav.ts';
import type { ObjectRead } from '../../vendors/nextcloud/objects.ts';
import { calendarPlace } from './calendar-place.ts';
import { itemOfObject, type ObjectStyle } from './map.ts';
import { objectName, writeObjects } from './object-writes.ts';
import { refusals } from '../refused-sign-in.ts';
import type { Settings } from './settings.ts';

/** What a collection may do without. A rule is not among them: where it changes, a person should look at the series. */
const optionalFields = ['end', 'description', 'location', 'website', 'organizer', 'cost', 'categories'] as const;

export interface TargetDeps {
  /** Made with the calendar's name, and its URL where the settings have one. */
  readonly caldav: CaldavClient;
  /** Name the place, no call is made with them. `NEXTCLOUD_URL`, `NEXTCLOUD_USERNAME`, `NEXTCLOUD_CALENDAR_NAME`. */
  readonly nextcloudUrl: string;
  readonly username: string;
  /** Default: as in the settings. */
  readonly calendarName?: string | undefined;
  readonly clock: Clock;
  /** Keyed digest. */
  readonly digest: (text: string) => string;
  /** Keeps the calendar's URL between runs, which saves the search. */
  readonly rememberCalendar?: { get(): string | undefined; set(url: string | undefined): void } | undefined;
  /** Whether a full reading looks first that nobody has put the calendar into the trash; one call more. Default no. */
  readonly watchesTrash?: boolean | undefined;
  /** Told what an operator should know. */
  readonly notice?: ((message: string) => void) | undefined;
}

export function nextcloudTarget(deps: TargetDeps, settings: Settings): Side {
  const { caldav, digest } = deps;
  const place = calendarPlace(deps, settings);
  const signIn = refusals(deps.clock);
  const left = optionalFields.filter((field) => settings.directus.fields[field] === null);
  const style: ObjectStyle = { calendarZone: settings.calendarZone, categories: settings.categories, labels: settings.labels, left };

  async function* read(want: Want): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    if (await place.isUnmade()) return { kind: 'scan', lastPageSeen: true, authoritative: false };
    if (want.full && deps.watchesTrash === true) await place.refuseTrashed();
    const token = want.full ? undefined : want.cursor;
    const { kind, entries, token: cursor } = await place.within((calendarUrl) => caldav.changes({ calendarUrl, token }));
    if (entries.length > 0) yield entries.map((entry): Sighting => (entry.gone === true ? { kind: 'gone', id: entry.name } : { kind: 'listed', id: entry.name, version: entry.etag }));
    return { kind: kind === 'all' ? 'scan' : 'delta', cursor, lastPageSeen: true, authoritative: false };
  }

  function looked(id: ItemId, object: ObjectRead | undefined): Looked {
    if (object === undefined) return { kind: 'absent', id };
    const { etag: version } = object;
    try {
      if (object.tooLarge === true) throw new ItemInvalid({ code: 'E_ICS_TOO_LARGE', message: 'the calendar object is over 1 MB; remove its attachments' });
      const found = itemOfObject(id, object.text, version, style, digest);
      return found === undefined ? { kind: 'other', id } : { kind: 'present', item: found.item };
    } catch (error) {
      if (!(error instanceof ItemInvalid)) throw error;
      return { kind: 'rejected', rejected: { id, version, code: error.code, message: error.message } };
    }
  }

  async function lookUp(names: readonly ItemId[]): Promise<readonly Looked[]> {
    if (names.length === 0) return [];
    const objects = await place.within((calendarUrl) => caldav.readObjects(calendarUrl, names));
    return names.map((name) => looked(name, objects.get(name)));
  }

  async function lookForOurs(writes: readonly SideWrite[]): Promise<readonly (readonly Item[])[]> {
    const names = writes.map(({ staged }) => (staged.kind === 'create' ? objectName(staged.key) : undefined));
    const asked = names.filter((name) => name !== undefined);
    const found = new Map((await lookUp(asked)).map((look, at) => [asked[at], look]));
    return names.map((name) => {
      const look = name === undefined ? undefined : found.get(name);
      return look?.kind === 'present' ? [look.item] : [];
    });
  }

  return {
    system: 'nextcloud',
    power: 'own-id',
    reads: 'delta',
    versioned: true,
    tombstones: 'ask',
    secondLook: 'look-up',
    oneWriter: true,
    batchMax: 100,
    identity: () => place.identity,
    prepare: async (mayMake) => {
      await place.prepare(mayMake);
    },
    read,
    lookUp,
    lookForOurs,
    write: (writes) => writeObjects({ caldav, place, style, digest, clock: deps.clock, parallel: settings.nextcloud.parallel, signIn }, writes),
  };
}
