/**
 * Events of NXT as a side that is written and not read: one carries the trip's number as its lookup id and is found by that. Withdrawn, it becomes
 * inactive; it is never deleted, and one that staff has deleted is not made again. Its place is set by a second call, because a create takes none
 * (confirmed); where NXT refuses the place, the event stands without it.
 */
import type { Side, WriteResult } from '../../engine/side.ts';
import type { Entity, Item } from '../../sync/item.ts';
import type { SkyEvent } from '../../vendors/sky/event-schema.ts';
import type { EventChange } from '../../vendors/sky/events.ts';
import { itemByItem } from '../item-by-item.ts';
import { kept } from '../kept.ts';
import { blind } from '../manners.ts';
import { about } from './about.ts';
import { markOf } from './ids.ts';
import { placeIn, textIn } from './map.ts';
import { callsAtOnce, done, itemOf, refused, stopped, type NxtDeps } from './nxt.ts';

/** What is kept of the events that stand there. */
type Standing = Pick<SkyEvent, 'id' | 'lookupId' | 'name' | 'startDate'>;

const copyMs = 10 * 60_000;

const askedNote = 'nxt asked';

export function eventTarget({ sky, skyUrl, clock, notice, memory }: NxtDeps): Side {
  const standing = kept(clock, copyMs, async (): Promise<Standing[]> => [...(await sky.events.list()).rows]);
  const categories = kept(clock, copyMs, async () => new Map((await sky.tables.eventCategories()).rows.filter(({ inactive }) => inactive !== true).map(({ id, name }) => [name.toLowerCase(), id])));

  async function create(entity: Entity, tripId: string): Promise<WriteResult> {
    const all = await standing.get();
    const marked = all.filter(({ lookupId }) => lookupId === markOf(tripId));
    if (marked.length > 1) return stopped('E_EVENT_TWICE', `several events in NXT have the lookup id ${markOf(tripId)}: ${idsOf(marked)}; keep it on one of them, then try again`);
    if (marked[0] !== undefined) return update(marked[0].id, entity, entity);
    const alike = all.filter(({ name, startDate, lookupId }) => name === entity['name'] && startDate === entity['startDate'] && lookupId?.startsWith(markOf('')) !== true);
    if (alike.length > 0) return stopped('E_EVENT_EXISTS', `NXT has an event of this name and day, made by somebody else: ${idsOf(alike)}; if it is this trip, give it the lookup id ${markOf(tripId)} in NXT and try again, else rename it`);
    const data = await eventData(entity);
    const made = await sky.events.create({ ...data, name: textIn(entity, 'name') ?? '', startDate: textIn(entity, 'startDate') ?? '', lookupId: markOf(tripId) });
    if (made.kind !== 'done') return refused('event', made);
    all.push({ id: made.id, lookupId: markOf(tripId), name: data.name, startDate: data.startDate ?? undefined });
    await place(made.id, entity);
    return done(made.id, entity);
  }

  async function update(id: string, fields: Entity, entity: Entity): Promise<WriteResult> {
    const changed = await sky.events.patch(id, await eventData(fields));
    if (changed.kind === 'missing') return stopped('E_EVENT_GONE', `NXT has no event ${id} any more, and what staff has deleted is not made again; if another event stands for this trip, resolve it with --done and its number`);
    if (changed.kind !== 'done') return refused('event', changed);
    await place(id, fields);
    return done(id, entity);
  }

  async function place(id: string, fields: Entity): Promise<void> {
    const location = placeIn(fields, 'location');
    if (location === undefined) return;
    const set = await sky.events.setLocation(id, location);
    if (set.kind === 'refused') notice(`NXT refused the place of event ${id} (${set.fault.code}); the event stands without it`);
  }

  async function eventData(fields: Entity): Promise<EventChange> {
    const hour = (name: string) => (fields[name] === null ? null : textIn(fields, name));
    const number = (name: string) => (typeof fields[name] === 'number' ? fields[name] : undefined);
    return {
      name: textIn(fields, 'name'), startDate: textIn(fields, 'startDate'), endDate: textIn(fields, 'endDate'),
      startTime: hour('startTime'), endTime: hour('endTime'), description: textIn(fields, 'description'),
      capacity: number('capacity'), goal: number('goal'), categoryId: await categoryIdOf(textIn(fields, 'category')),
      inactive: typeof fields['inactive'] === 'boolean' ? fields['inactive'] : undefined,
    };
  }

  async function categoryIdOf(name: string | undefined): Promise<string | undefined> {
    if (name === undefined) return undefined;
    const id = (await categories.get()).get(name.toLowerCase());
    if (id === undefined) notice(`NXT has no active category of events called ${name}; name another one in events.categories of config/${about.id}.json`);
    return id;
  }

  async function withdraw(id: string): Promise<WriteResult> {
    const changed = await sky.events.patch(id, { inactive: true });
    return changed.kind === 'done' || changed.kind === 'missing' ? { kind: 'done', id } : refused('event', changed);
  }

  /** What stands there may be half made, or the event of an earlier life that is still inactive: it is told everything once more. */
  async function ours(entity: Entity, tripId: string): Promise<readonly Item[]> {
    const { rows } = await sky.events.list({ lookupId: markOf(tripId) });
    const [only] = rows;
    if (only === undefined || rows.length > 1) return rows.map(({ id }) => itemOf(id, entity, tripId));
    return (await update(only.id, entity, entity)).kind === 'done' ? [itemOf(only.id, entity, tripId)] : [];
  }

  return {
    ...blind, system: 'nxt', power: 'find', indexDelayMs: about.rosterDelayMs, oneWriter: false, batchMax: 50,
    identity: () => skyUrl,
    /** Weeks without news would ask NXT nothing: a token that has died would not be noticed, and one that is not used is not renewed. */
    async prepare(mayMake) {
      if (!mayMake || clock.now() - Number(memory.get(askedNote) ?? 0) < about.askEveryMs) return;
      await sky.tables.emailTypes();
      memory.set(askedNote, String(clock.now()));
    },
    ...itemByItem(clock, { atOnce: callsAtOnce, create, update, withdraw, ours }),
  };
}

const idsOf = (events: readonly Standing[]): string => events.map(({ id }) => id).join(', ');
