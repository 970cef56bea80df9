/**
 * The two sides over the simulated systems, through the real clients, and the writes that an engine would hand them. State only
 * what matters; the rest is an ordinary evening event.
 */
import { hash } from 'node:crypto';
import { manualClock } from '../../../shared/base/clock.ts';
import { parseSettings, type Settings } from '../../../shared/connectors/directus-nextcloud/settings.ts';
import { directusSource } from '../../../shared/connectors/directus-nextcloud/source.ts';
import { nextcloudTarget, type TargetDeps } from '../../../shared/connectors/directus-nextcloud/target.ts';
import type { Looked, Side, SideWrite, Sighting, Want, WriteResult } from '../../../shared/engine/side.ts';
import { unlimited } from '../../../shared/http/budget.ts';
import { callCounter } from '../../../shared/http/calls.ts';
import { tunedFetch } from '../../../shared/http/tuned-fetch.ts';
import { simulateDirectus, type DirectusSettings } from '../../../shared/simulators/directus.ts';
import { simulateNextcloud, type NextcloudOptions } from '../../../shared/simulators/nextcloud.ts';
import { simulatedWorld } from '../../../shared/simulators/world.ts';
import type { Entity, Item } from '../../../shared/sync/item.ts';
import type { ReadingEnd } from '../../../shared/sync/scan.ts';
import { directusClient } from '../../../shared/vendors/directus/client.ts';
import { caldavClient } from '../../../shared/vendors/nextcloud/caldav.ts';

export const digest = (text: string): string => hash('sha256', text, 'hex').slice(0, 16);

export function settingsOf(change: Record<string, unknown> = {}): Settings {
  return parseSettings({ calendarZone: 'Europe/Berlin', ...change });
}

// A start off the full second: fresh whole-second dates have a rule of their own, which has a test of its own.
const startMs = Date.UTC(2026, 10, 23, 9, 0, 0, 250);

export function aDirectus(options: { server?: Partial<DirectusSettings>; settings?: Settings; startMs?: number } = {}) {
  const clock = manualClock(options.startMs ?? startMs);
  const directus = simulateDirectus(simulatedWorld({ clock }), options.server);
  const notices: string[] = [];
  const side = () => {
    const deps = { fetch: directus.fetch, clock, budget: unlimited, calls: callCounter() };
    const client = directusClient(deps, { url: directus.url, token: directus.token, collection: 'events' });
    const given = { directus: client, directusUrl: directus.url, clock, digest, notice: (message: string) => void notices.push(message) };
    return directusSource(given, options.settings ?? settingsOf());
  };
  return { directus, clock, notices, side: side(), anotherWorker: side };
}

export function aNextcloud(options: { server?: NextcloudOptions; settings?: Settings; deps?: Partial<TargetDeps>; answers?: readonly number[] } = {}) {
  const clock = manualClock(startMs);
  const nextcloud = simulateNextcloud(simulatedWorld({ clock }), options.server);
  const notices: string[] = [];
  const settings = options.settings ?? settingsOf({ nextcloud: { parallel: 1 } });
  const sending = { fetch: nextcloud.fetch, clock, budget: unlimited, calls: callCounter() };
  const { homeUrl, user: username, password } = nextcloud;
  const fetch = tunedFetch(sending, { system: 'nextcloud', baseUrl: nextcloud.url, answers: options.answers ?? [500, 501] });
  const { calendarName, calendarUrl } = settings.nextcloud;
  const caldav = caldavClient({ fetch }, { homeUrl, username, password, calendarName, calendarUrl });
  const deps: TargetDeps = { caldav, nextcloudUrl: homeUrl, username, clock, digest, notice: (message) => void notices.push(message), ...options.deps };
  return { nextcloud, clock, notices, side: nextcloudTarget(deps, settings), objects: nextcloud.calendar('events').objects };
}

/** A place for the calendar's URL, as the hub keeps one. */
export function aMemory(url?: string) {
  const memory = { url, get: () => memory.url, set: (next: string | undefined) => void (memory.url = next) };
  return memory;
}

export async function readAll(side: Side, want: Want = { full: false }): Promise<{ sightings: readonly Sighting[]; end: ReadingEnd }> {
  const sightings: Sighting[] = [];
  const pages = side.read(want);
  for (;;) {
    const page = await pages.next();
    if (page.done === true) return { sightings, end: page.value };
    sightings.push(...page.value);
  }
}

export async function itemAt(side: Side, id: string | number): Promise<Item> {
  const [looked] = await side.lookUp([String(id)]);
  if (looked?.kind !== 'present') throw new Error(`${id} is ${looked?.kind}`);
  return looked.item;
}

export const present = (looked: Looked | undefined): Item | undefined => (looked?.kind === 'present' ? looked.item : undefined);

export function anEntity(change: Entity = {}): Entity {
  return {
    title: 'Open board meeting',
    start: '2027-03-04T18:00:00Z',
    end: '2027-03-04T19:30:00Z',
    allDay: false,
    description: 'Agenda by post.',
    location: 'Town hall, room 2',
    website: 'https://example.org/board',
    organizer: 'Ada Example',
    cost: 'free',
    categories: ['ehrenamt_engagement'],
    recurrence: null,
    ...change,
  };
}

export function aCreate(side: 'source' | 'target', key: string, entity: Entity = anEntity(), otherId = '41'): SideWrite {
  return { staged: { kind: 'create', side, key, entity, reason: 'new' }, ours: false, otherId };
}

export function anUpdate(side: 'source' | 'target', item: Item, fields: Entity): SideWrite {
  const entity = { ...item.entity, ...fields };
  return { staged: { kind: 'update', side, fields, entity, reason: 'changed' }, id: item.id, version: item.version, ours: false };
}

export function aDelete(side: 'source' | 'target', item: Pick<Item, 'id' | 'version'>): SideWrite {
  return { staged: { kind: 'delete', side, proof: { kind: 'look-up' }, reason: 'gone' }, id: item.id, version: item.version, ours: false };
}

export const kindsOf = (results: readonly WriteResult[]): readonly string[] => results.map(({ kind }) => kind);
