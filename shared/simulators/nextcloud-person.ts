/**
 * Calendars as a person works with them in a calendar program: no login, no journal, no faults, but the same rules, so that what
 * the server refuses throws. Everything is looked up when it is asked, so that it stays true after a restored backup.
 */
import {
  deleteObject,
  purgeObject,
  putObject,
  recordPropertyChange,
  restoreObject,
  type CalendarObject,
  type CalendarState,
  type TrashedObject,
} from './nextcloud-calendar.ts';
import { calendarNamed, colourKey, displayNameKey, type NextcloudAccount } from './nextcloud-account.ts';
import { deleteCalendar } from './nextcloud-collections.ts';
import { icsOf, withFields, type IcsFields } from './ics.ts';
import { escapeXml, notFound } from './nextcloud-xml.ts';
import { randomHex } from './world.ts';

/** What a person types; the rest has a default. */
export type TypedEvent = Partial<IcsFields>;

export interface ObjectsByHand {
  readonly size: number;
  /**
   * Stores a text, or an event from a few fields (title and start have a default), under `name` or a made-up one.
   *
   * @param options.commitsLate  the change gets a number that readers have passed already (trap 2).
   */
  put(content: string | TypedEvent, name?: string, options?: { readonly commitsLate?: boolean }): CalendarObject;
  /** Changes the text by a function, or some of its fields as a program does on saving. */
  edit(name: string, change: ((text: string) => string) | TypedEvent): CalendarObject;
  /** To the trash, or for good where there is none. */
  remove(name: string): void;
  /** Out of the trash again, by the name that it had. */
  restore(name: string): CalendarObject;
  get(name: string): CalendarObject | undefined;
  byUid(uid: string): CalendarObject | undefined;
  all(): readonly CalendarObject[];
  trash(): readonly TrashedObject[];
  /** Purges the whole trash of this calendar, as the button does. */
  emptyTrash(): void;
}

export interface CalendarByHand {
  readonly name: string;
  readonly displayName: string;
  /** The number in the sync token. */
  readonly token: number;
  readonly objects: ObjectsByHand;
  rename(displayName: string): void;
  recolour(colour: string): void;
  /** Makes it a share of somebody else's, which this account may only read; or ends that. */
  setReadOnly(isReadOnly: boolean): void;
  /** To the trash, or for good. */
  remove(options?: { readonly forGood?: boolean }): void;
  /** Leaves only the last `kept` changes in the log: old tokens then get a shortened answer, without a word. */
  cutChangeLog(kept: number): void;
}

export function calendarByHand(account: NextcloudAccount, name: string): CalendarByHand {
  const state = () => calendarNamed(account, name);
  const setProperty = (key: string, value: string) => {
    state().properties.set(key, escapeXml(value));
    recordPropertyChange(account, state());
  };
  return {
    name,
    get displayName() {
      return unescaped(state().properties.get(displayNameKey) ?? name);
    },
    get token() {
      return state().token;
    },
    objects: objectsByHand(account, state),
    rename: (displayName) => setProperty(displayNameKey, displayName),
    recolour: (colour) => setProperty(colourKey, colour),
    setReadOnly: (isReadOnly) => {
      state().isReadOnly = isReadOnly;
    },
    remove: (options) => deleteCalendar(account, name, options?.forGood ?? false),
    cutChangeLog: (kept) => {
      state().changes = kept === 0 ? [] : state().changes.slice(-kept);
    },
  };
}

function objectsByHand(account: NextcloudAccount, state: () => CalendarState): ObjectsByHand {
  const { clock, random } = account.world;
  const existing = (name: string) => state().objects.get(name) ?? missing(name);
  const stamp = () => ({ stampedAt: new Date(clock.now()).toISOString() });
  return {
    get size() {
      return state().objects.size;
    },
    put(content, name = `${randomHex(random, 16).toUpperCase()}.ics`, options = {}) {
      const text = typeof content === 'string' ? content : icsOf({ ...typedDefaults(account, name), ...stamp(), ...content });
      return putObject(account, state(), { name, text, isLate: options.commitsLate ?? false }).object;
    },
    edit(name, change) {
      const { text } = existing(name);
      const edited = typeof change === 'function' ? change(text) : withFields(text, { ...stamp(), ...change });
      return putObject(account, state(), { name, text: edited }).object;
    },
    remove: (name) => deleteObject(account, state(), existing(name).name),
    restore(name) {
      const trashed = [...state().trash.values()].findLast((entry) => entry.name.replaceAll('-deleted', '') === name);
      return restoreObject(state(), trashed ?? missing(name));
    },
    get: (name) => state().objects.get(name),
    byUid: (uid) => state().objects.get(state().nameByUid.get(uid) ?? ''),
    all: () => [...state().objects.values()],
    trash: () => [...state().trash.values()],
    emptyTrash() {
      for (const trashed of state().trash.values()) purgeObject(state(), trashed);
    },
  };
}

function typedDefaults(account: NextcloudAccount, name: string): IcsFields {
  const weekMs = 7 * 86_400_000;
  const start = new Date(account.world.clock.now() + weekMs).toISOString();
  return { uid: `${randomHex(account.world.random, 24)}@example.org`, summary: `Event ${name}`, start };
}

function missing(name: string): never {
  throw notFound(`no object ${name}`);
}

function unescaped(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&');
}
