/**
 * Directus and Nextcloud as a pair of systems: the connector as it runs in the world, with its real clients, over a wire that may
 * fail in every way, between the two simulators with the traps of the observed servers.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { ItemInvalid } from '../../shared/base/errors.ts';
import { eventFields } from '../../shared/connectors/directus-nextcloud/about.ts';
import { directusNextcloud } from '../../shared/connectors/directus-nextcloud/connector.ts';
import { itemOfObject, itemOfRow, type Columns } from '../../shared/connectors/directus-nextcloud/map.ts';
import { parseSettings, type Settings } from '../../shared/connectors/directus-nextcloud/settings.ts';
import type { Connector } from '../../shared/engine/connector.ts';
import { tunedFetch } from '../../shared/http/tuned-fetch.ts';
import { simulateDirectus, type SimulatedDirectus } from '../../shared/simulators/directus.ts';
import type { DirectusEvent } from '../../shared/simulators/directus-fields.ts';
import type { CalendarObject } from '../../shared/simulators/nextcloud-calendar.ts';
import type { ObjectsByHand } from '../../shared/simulators/nextcloud-person.ts';
import { simulateNextcloud } from '../../shared/simulators/nextcloud.ts';
import { pick } from '../../shared/simulators/world.ts';
import type { GuardLimits } from '../../shared/sync/guard.ts';
import type { Entity, Item } from '../../shared/sync/item.ts';
import { directusClient } from '../../shared/vendors/directus/client.ts';
import { caldavClient } from '../../shared/vendors/nextcloud/caldav.ts';
import { faultsOfTheHub } from './faults.ts';
import type { House } from './history.ts';
import { effectsBetween, thingIn } from './seen.ts';
import { faultyFetch, wireFaults } from './wire.ts';
import type { People, ProcessDeps, Seen, SimulatedPair, Stage } from './world.ts';

const sample = z.looseObject({ directus: z.looseObject({}) }).parse(JSON.parse(readFileSync(new URL('../../config/directus-nextcloud.json', import.meta.url), 'utf8')));
const judged = ['title', 'location', 'start'] as const;
// The hours around both changes of the clocks in Berlin, and two that are ordinary.
const startsAt = ['2026-10-25T00:10:00Z', '2027-03-28T00:10:00Z', '2027-05-01T10:00:00Z', '2027-02-03T17:30:00Z'];

// Weak tags strike only a PUT whose tag was not lost already: named more often, so that they strike as often as others.
const rare: readonly string[] = ['etag-weak', 'etag-weak', 'etag-weak'];

export const calendarFaults: readonly string[] = [
  ...rare,
  ...wireFaults, 'token-expired', 'token-skips', 'etag-missing', 'etag-weak', 'etag-changing', 'server-rewrites', 'deleted-and-remade', 'dst', ...faultsOfTheHub,
];

/** What a site chooses, and a history draws. */
export interface Site {
  readonly policy: 'moderated' | 'two-way' | 'mirror';
  readonly importForeign: boolean;
  readonly deletes: House['deletes'];
  readonly rejectedWithdraws: boolean;
  readonly guard: GuardLimits;
}

export function calendarPair(stage: Stage, site: Site = drawn(stage.random)): SimulatedPair {
  const { random, scheduler, box } = stage;
  const world = { clock: scheduler.worldClock, random };
  const directus = simulateDirectus(world);
  const nextcloud = simulateNextcloud(world, { traps: { throttleAfter: 0, ...(box.isArmed('server-rewrites') && { rewrite: stampedByServer(stage) }) } });
  const { policy, importForeign, deletes, rejectedWithdraws, guard } = site;
  const settings = parseSettings({ ...sample, policy, importForeign, rejectedWithdraws, directus: { ...sample.directus, deletes } });
  const house: House = { policy, imports: importForeign, deletes, rejectedWithdraws, power: 'own-id' };
  const eyes = eyesOn({ directus, objects: () => nextcloud.calendar('events').objects, settings });
  let calendarUrl: string | undefined;

  function connector({ process, clock, calls, budget, digest }: ProcessDeps): Connector {
    const watched = (side: 'source' | 'target', vendor: typeof fetch): typeof fetch => {
      let before = eyes.standing(side);
      const look = ({ method, headers, path, isLate }: { method: string; headers: Headers; path: string; isLate: boolean }) => {
        const named = method === 'PUT' || method === 'DELETE' ? decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)) : undefined;
        const after = eyes.standing(side);
        const guarded = side === 'source' || method !== 'PUT' && method !== 'DELETE' || headers.has('if-match') || headers.has('if-none-match');
        for (const effect of effectsBetween(before, after)) stage.onEffect({ process, side, guarded, isLate, named, ...effect });
      };
      return faultyFetch(stage, process, side, (input, init) => {
        before = eyes.standing(side);
        return vendor(input, init);
      }, look);
    };
    const send = { clock, budget, calls };
    const dav = tunedFetch({ ...send, fetch: watched('target', nextcloud.fetch) }, { system: 'nextcloud', baseUrl: nextcloud.homeUrl, parallelMax: 4, answers: [500, 501, 507] });
    const { streams, ...rest } = directusNextcloud(
      {
        directus: directusClient({ ...send, fetch: watched('source', directus.fetch) }, { url: directus.url, token: directus.token, collection: 'events' }),
        directusUrl: directus.url,
        caldav: caldavClient({ fetch: dav }, { homeUrl: nextcloud.homeUrl, username: nextcloud.user, password: nextcloud.password, calendarName: 'nonprofit-events' }),
        nextcloudUrl: nextcloud.homeUrl, username: nextcloud.user, clock, digest,
        rememberCalendar: { get: () => calendarUrl, set: (url) => { calendarUrl = url; } },
      },
      settings,
    );
    return { ...rest, streams: streams.map((stream) => ({ ...stream, guard })) };
  }

  const objects = nextcloud.calendar('events').objects;
  return {
    name: 'directus-nextcloud', house, power: 'own-id', fields: judged, compared: eventFields,
    connector,
    standing: (side) => eyes.standing(side),
    entity: (side, id) => eyes.entity(side, id),
    typed: (field, thing, value, n) => (field === 'title' ? `${thing} ${value}` : field === 'location' ? value : instant(stage, n)),
    people: peopleOf({ directus, objects, stage }),
    misbehave() {
      const object = objects.all().at(0);
      if (object === undefined) return false;
      const strikes = box.pick(['etag-changing', 'deleted-and-remade']);
      if (strikes === 'etag-changing') objects.edit(object.name, {});
      else if (strikes !== undefined) {
        objects.remove(object.name);
        objects.restore(object.name);
      }
      return strikes !== undefined;
    },
    calm: () => {
      nextcloud.traps.rewrite = undefined;
    },
  };
}

function drawn(random: () => number): Site {
  const policy = pick(random, ['moderated', 'two-way', 'mirror'] as const);
  return {
    policy, importForeign: policy === 'mirror' ? random() < 0.2 : random() < 0.9, deletes: pick(random, ['never', 'never', 'archive', 'withdraw'] as const), rejectedWithdraws: random() < 0.3,
    guard: pick(random, [{ shareMax: 0.2, countMax: 5 }, { shareMax: 0.2, countMax: 0 }, { shareMax: 0.4, countMax: 1 }]),
  };
}

function instant({ random, box }: Stage, n: number): string {
  const isAtChange = box.strikes('dst');
  const from = isAtChange ? startsAt.slice(0, 2) : startsAt.slice(2);
  return new Date(Date.parse(pick(random, from)) + n * 60_000).toISOString().replace('.000Z', 'Z');
}

/** A server that puts a line of its own into what it stores, once. */
const stampedByServer = ({ box }: Stage) => (text: string): string => (text.includes('X-SERVER') || !box.strikes('server-rewrites') ? text : text.replace('END:VEVENT', 'X-SERVER:seen\r\nEND:VEVENT'));

interface Systems {
  readonly directus: SimulatedDirectus;
  readonly objects: () => ObjectsByHand;
  readonly settings: Settings;
}

const text = (entity: Entity | undefined, field: string) => (typeof entity?.[field] === 'string' ? entity[field] : null);
const fieldsOf = (entity: Entity | undefined) => Object.fromEntries(judged.map((field) => [field, text(entity, field)]));

/** What stands in both systems; each version of an item is read once. */
function eyesOn({ directus, objects, settings }: Systems) {
  const columns: Columns = Object.fromEntries(Object.entries(settings.directus.fields).filter(([, name]) => name !== null));
  const style = { calendarZone: settings.calendarZone, categories: settings.categories, labels: settings.labels };
  const rows = new WeakMap<DirectusEvent, { seen: Seen; item: Item | undefined }>();
  const texts = new WeakMap<CalendarObject, { seen: Seen; item: Item | undefined } | 'other'>();
  const names = new Map<number, string>(); // what an imported row was called before somebody emptied its title

  function row(event: DirectusEvent) {
    const known = rows.get(event);
    if (known) return known;
    const item = readable(() => itemOfRow({ ...event }, '', columns, settings, (wire) => wire));
    const extra = JSON.stringify(event.tags);
    const thing = /thing-\d+/.exec(extra)?.[0] ?? (event.title === '' ? names.get(event.id) : undefined) ?? thingIn(event.title);
    names.set(event.id, thing);
    const isApproved = event.approved === true && event.status !== 'archived' && event.status !== 'rejected';
    const seen: Seen = { id: String(event.id), thing, version: `${event.date_created} ${event.date_updated ?? ''}`, fields: fieldsOf(item?.entity), belongs: isApproved, readable: item !== undefined, extra };
    rows.set(event, { seen, item });
    return { seen, item };
  }

  function object(one: CalendarObject) {
    const known = texts.get(one);
    if (known) return known;
    const item = readable(() => itemOfObject(one.name, one.text, one.etag, style, (wire) => wire)?.item);
    const extra = /X-EXTRA:(.*)/.exec(one.text)?.[1]?.trim() ?? '';
    const title = text(item?.entity, 'title') ?? /SUMMARY:(thing-\d+)/.exec(one.text)?.[1] ?? '';
    const made = { seen: { id: one.name, thing: thingIn(title), version: one.etag, fields: fieldsOf(item?.entity), belongs: true, readable: item !== undefined, extra }, item };
    texts.set(one, made);
    return made;
  }

  const standing = (side: 'source' | 'target'): ReadonlyMap<string, Seen> => {
    const all = side === 'source' ? directus.events.all().map(row) : objects().all().map(object);
    return new Map(all.flatMap((one) => (one === 'other' ? [] : [[one.seen.id, one.seen]])));
  };
  const entity = (side: 'source' | 'target', id: string): Entity | undefined => {
    const event = side === 'source' ? directus.events.get(Number(id)) : undefined;
    if (side === 'source') return event && row(event).item?.entity;
    const one = objects().get(id);
    const made = one && object(one);
    return made === undefined || made === 'other' ? undefined : made.item?.entity;
  };
  return { standing, entity };
}

function readable<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ItemInvalid) return undefined;
    throw error;
  }
}

const verdicts = { approve: { approved: true, status: 'published' }, unapprove: { approved: false }, reject: { status: 'rejected' }, archive: { status: 'archived' } } as const;

const rowFields = ({ title, location, start }: { readonly [field: string]: string | null }) => ({
  ...(title !== undefined && { title: title ?? '' }), ...(location !== undefined && { location }), ...(start !== undefined && { start_date: start ?? '' }),
});
const typed = ({ title, location, start }: { readonly [field: string]: string | null }) => ({
  ...(title !== undefined && { summary: title ?? '' }), ...(location !== undefined && { location: location ?? '' }), ...(start !== undefined && { start: start ?? '' }),
});

function peopleOf({ directus, objects, stage }: { directus: SimulatedDirectus; objects: ObjectsByHand; stage: Stage }): People {
  return {
    verdicts: ['approve', 'unapprove', 'reject', 'archive'],
    canSpoil: ['source'],
    add(side, thing, fields, approved) {
      if (side === 'source') directus.events.add({ ...rowFields(fields), approved, status: 'published', tags: [thing] });
      else objects.put({ uid: `${thing}@example.org`, ...typed(fields), lines: [`X-EXTRA:${thing}`] }, `${thing}.ics`, { commitsLate: stage.box.strikes('token-skips') });
    },
    edit(side, id, fields) {
      if (side === 'source') directus.events.edit(Number(id), rowFields(fields));
      else objects.edit(id, typed(fields));
    },
    remove(side, id) {
      if (side === 'source') directus.events.remove(Number(id));
      else objects.remove(id);
    },
    judge: (id, verdict) => void directus.events.edit(Number(id), verdicts[verdict]),
    spoil: (_side, id) => void directus.events.edit(Number(id), { title: '' }),
    mend: (_side, id, title) => void directus.events.edit(Number(id), { title }),
  };
}
