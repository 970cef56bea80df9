/**
 * One real Directus, one real CalDAV server and Concord between them, in the words of the stories: start afresh, run, look at
 * both sides. A desk's state folder, calendar and rows belong to one story; `afresh` begins the next.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concord, type Place, type Ran } from './concord.ts';
import { calendarMember, type CalendarMember } from '../servers/calendar-member.ts';
import type { CaldavServer } from '../servers/caldav-server.ts';
import { directusCalls } from '../servers/directus-template.ts';
import type { DirectusServer, Editor, EventItem } from '../servers/directus.ts';
import { temporaryFolder } from '../servers/processes.ts';

export interface Desk {
  readonly place: Place;
  /** With a slash at its end. */
  readonly calendar: string;
  readonly member: CalendarMember;
  readonly editor: Editor;
  readonly directus: DirectusServer;
  readonly server: CaldavServer;
  run(...words: string[]): Promise<Ran>;
  /** Every object of the calendar with its text. */
  shown(): Promise<readonly { readonly url: string; readonly text: string }[]>;
  /** The titles in the calendar, in order. */
  titles(): Promise<readonly string[]>;
  rowCalled(title: string): Promise<EventItem>;
  objectCalled(title: string): Promise<{ readonly url: string; readonly text: string }>;
}

/** The parts of a report that a run at rest has; what it read differs. */
export const atRest = { created: 0, updated: 0, deleted: 0, linked: 0, failed: 0, parked: 0 };

/** No rows, a new and empty calendar, a new state folder. */
export async function afresh(servers: { directus: DirectusServer; server: CaldavServer }, name: string): Promise<Desk> {
  const { directus, server } = servers;
  await removeAllRows(directus);
  const member = calendarMember(server);
  const calendar = await member.makeCalendar(name);
  return deskAt({ ...servers, calendar }, {
    directus: { url: directus.url, token: directus.token },
    calendar: { homeUrl: server.homeUrl, username: server.username, password: server.password, name },
    state: temporaryFolder('state'),
  });
}

export function deskAt(facts: { directus: DirectusServer; server: CaldavServer; calendar: string }, place: Place): Desk {
  const { directus, server, calendar } = facts;
  const member = calendarMember(server);
  const shown = async () => {
    const objects: { url: string; text: string }[] = [];
    // One after another: Radicale takes eight connections and lets the ninth wait until it is reset.
    for (const url of await member.list(calendar)) objects.push({ url, text: (await member.read(url)) ?? '' });
    return objects;
  };
  return {
    place,
    calendar,
    member,
    editor: directus.editor,
    directus,
    server,
    run: async (...words) => concord(place, ['run', 'directus-nextcloud', ...words]),
    shown,
    titles: async () => (await shown()).map(({ text }) => titleOf(text)).sort((a, b) => a.localeCompare(b)),
    rowCalled: async (title) => found((await directus.editor.list()).find((row) => row['title'] === title), title),
    objectCalled: async (title) => found((await shown()).find(({ text }) => titleOf(text) === title), title),
  };
}

/** The same desk with other settings: a `config/` folder of its own. */
export function withSettings(desk: Desk, settings: Readonly<Record<string, unknown>>): Desk {
  const folder = mkdtempSync(join(temporaryFolder('settings'), 'site-'));
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config', 'directus-nextcloud.json'), JSON.stringify({ calendarZone: 'Europe/Berlin', ...settings }));
  return deskAt(desk, { ...desk.place, folder });
}

/** Rows made in one request, approved unless said otherwise. */
export async function addRows(desk: Pick<Desk, 'directus'>, titles: readonly string[], fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const admin = directusCalls({ url: desk.directus.url, token: desk.directus.adminToken });
  await admin('POST', '/items/events', titles.map((title) => aRow({ title, approved: true, ...fields })));
}

export function aRow(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { title: 'An event', start_date: '2027-03-04T18:00:00Z', end_date: '2027-03-04T19:30:00Z', ...fields };
}

/** `Added 1`, `Added 2`, ... */
export function numbered(word: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${word} ${index + 1}`);
}

async function removeAllRows(directus: DirectusServer): Promise<void> {
  const admin = directusCalls({ url: directus.url, token: directus.adminToken });
  await admin('DELETE', '/items/events', { query: { limit: -1 } });
}

function titleOf(text: string): string {
  return /^SUMMARY:(.*?)\r?$/m.exec(text)?.[1] ?? '';
}

function found<T>(item: T | undefined, title: string): T {
  if (item === undefined) throw new Error(`nothing is called ${title}`);
  return item;
}
