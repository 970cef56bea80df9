/**
 * The Event API's events: list, create, read in both versions, edit, delete, categories, groups and levels. A place cannot be given
 * on create, only by PATCH; the list is at `eventlist`, and no list is at `events` (all confirmed).
 */
import type * as z from 'zod';
import { bodyOf } from './sky-bodies.ts';
import type { Call } from './call.ts';
import { badRequest, notFound } from './sky-errors.ts';
import { eventPage } from './sky-paging.ts';
import { newStamps, timestamp, touched, type SkyEvent, type SkyState, type TableRow } from './sky-records.ts';
import type { SkySettings } from './sky-settings.ts';
import { categoryAdd, eventAdd, eventEdit, type tableWish } from './sky-shapes.ts';

type On = (method: string, pattern: string, handler: (call: Call) => unknown) => void;
type Row = Readonly<Record<string, unknown>>;

export function eventRoutes(on: On, state: SkyState): void {
  on('GET', '/event/v1/eventlist', (call) => {
    const rows = [...state.events.values()].filter((event) => isWanted(state, event, call.url.searchParams));
    return eventPage(call, sorted(rows, call.url.searchParams.get('sort')), (event) => listRow(state, event));
  });
  on('POST', '/event/v1/events', (call) => ({ id: addEvent(state, bodyOf(call, eventAdd, { bodyName: 'eventAdd' })).id }));
  on('GET', '/event/v1/events/:id', (call) => eventRow(state, eventIn(state, call), 'v1'));
  on('GET', '/event/v2/events/:id', (call) => eventRow(state, eventIn(state, call), 'v2'));
  on('PATCH', '/event/v1/events/:id', (call) => {
    const before = eventIn(state, call);
    const changes = bodyOf(call, eventEdit, { bodyName: 'eventEdit', nulls: state.settings.nullsInPatch });
    state.events.set(before.id, editedEvent(state, before, changes));
    return new Response(null, { status: 200 });
  });
  on('DELETE', '/event/v1/events/:id', (call) => {
    const event = state.events.get(call.params['id'] ?? '');
    if (!event) throw badRequest('The event does not exist.'); // the specification has no 404 here
    removeEvent(state, event.id);
    return new Response(null, { status: 200 });
  });

  const tables = { eventcategories: state.categories, eventgroups: state.groups, participationlevels: state.levels };
  for (const [path, table] of Object.entries(tables)) {
    const wire = (row: TableRow) => (path === 'eventcategories' ? row : { id: row.id, name: row.name, is_inactive: row.inactive });
    on('GET', `/event/v1/${path}`, (call) => {
      const rows = [...table.values()].filter(({ inactive }) => !inactive || call.url.searchParams.get('include_inactive') === 'true');
      return { count: rows.length, value: rows.map(wire) };
    });
  }
  on('POST', '/event/v1/eventcategories', (call) => ({ id: addToTable(state, state.categories, bodyOf(call, categoryAdd).name).id }));
}

/** What both the API and the staff's pages make of a new event. */
export function addEvent(state: SkyState, added: z.infer<typeof eventAdd>): SkyEvent {
  const { category, group, ...fields } = added;
  refuseLongTexts(state, fields);
  const event: SkyEvent = {
    ...fields,
    ...newStamps(state),
    inactive: fields.inactive ?? false,
    category_id: rowOf(state.categories, category, 'category')?.id,
    group_id: rowOf(state.groups, group, 'group')?.id,
  };
  state.events.set(event.id, event);
  return event;
}

/** Absent keys stay as they were; null empties those that may be empty. */
export function editedEvent(state: SkyState, before: SkyEvent, changes: z.infer<typeof eventEdit>): SkyEvent {
  const { category, group, ...fields } = changes;
  refuseLongTexts(state, fields);
  return touched(state, {
    ...before,
    ...fields,
    name: fields.name ?? before.name,
    start_date: fields.start_date ?? before.start_date,
    inactive: fields.inactive ?? before.inactive,
    category_id: category === undefined ? before.category_id : rowOf(state.categories, category, 'category')?.id,
    group_id: group === undefined ? before.group_id : rowOf(state.groups, group, 'group')?.id,
  });
}

export function removeEvent(state: SkyState, id: string): void {
  for (const participant of state.rosterOf(id)) state.dropParticipant(participant.id);
  state.events.delete(id);
}

export function eventIn(state: SkyState, call: Call): SkyEvent {
  const id = call.params['id'] ?? '';
  if (!/^\d+$/.test(id)) throw badRequest('The event ID is not in the appropriate format.');
  const event = state.events.get(id);
  if (!event) throw notFound();
  return event;
}

/** A row that a body means by id or by name. @throws 400 where the tenant has none */
export function rowOf(table: ReadonlyMap<string, TableRow>, wish: z.infer<typeof tableWish> | null | undefined, what: string): TableRow | undefined {
  if (wish === null || wish === undefined) return undefined;
  const row = wish.id === undefined ? [...table.values()].find(({ name }) => name === wish.name) : table.get(wish.id);
  if (!row) throw badRequest(`The ${what} does not exist.`);
  return row;
}

export function addToTable(state: SkyState, table: Map<string, TableRow>, name: string): TableRow {
  const row = { id: state.newId(), name, inactive: false };
  table.set(row.id, row);
  return row;
}

function isWanted(state: SkyState, event: SkyEvent, asked: URLSearchParams): boolean {
  const isMatch = (sent: string | null, value: string | null | undefined) => {
    if (sent === null) return true;
    return state.settings.eventListMatch === 'equals' ? value === sent : (value ?? '').toLowerCase().includes(sent.toLowerCase());
  };
  const equals = (name: string, value: string | undefined) => asked.get(name) === null || asked.get(name) === value;
  return (
    (!event.inactive || asked.get('include_inactive') === 'true') &&
    isMatch(asked.get('name'), event.name) &&
    isMatch(asked.get('lookup_id'), event.lookup_id) &&
    equals('event_id', event.id) &&
    equals('category', event.category_id) &&
    equals('group', event.group_id) &&
    event.start_date >= (asked.get('start_date_from') ?? '') &&
    event.start_date <= (asked.get('start_date_to') ?? '9999') &&
    event.addedAt >= momentIn(asked, 'date_added') &&
    event.modifiedAt >= momentIn(asked, 'last_modified')
  );
}

/** The moment of a filter "on or after"; the beginning of time where none was sent. */
export function momentIn(asked: URLSearchParams, name: string): number {
  const sent = asked.get(name);
  if (sent === null) return -Infinity;
  const ms = Date.parse(sent);
  if (Number.isNaN(ms)) throw badRequest(`The value '${sent}' is not valid for ${name}.`);
  return ms;
}

function sorted(events: readonly SkyEvent[], sort: string | null): readonly SkyEvent[] {
  if (sort === null) return events;
  const sign = sort.startsWith('-') ? -1 : 1;
  const keyOf = (event: SkyEvent) => (sort.replace(/^-/, '') === 'name' ? event.name : event.start_date);
  return [...events].sort((left, right) => sign * keyOf(left).localeCompare(keyOf(right)));
}

function listRow(state: SkyState, event: SkyEvent): Row {
  const { id, lookup_id, name, start_date, start_time, end_date, end_time, capacity, inactive, goal } = event;
  const roster = state.rosterOf(id);
  const group = state.groups.get(event.group_id ?? '');
  return {
    id, lookup_id, name, start_date, start_time, end_date, end_time, capacity, inactive,
    category: state.categories.get(event.category_id ?? ''),
    group: group && { id: group.id, name: group.name, is_inactive: group.inactive },
    location_name: event.location?.name,
    attending_count: roster.filter(({ rsvp_status }) => rsvp_status === 'Attending').length,
    invited_count: roster.filter(({ invitation_status }) => invitation_status === 'Invited').length,
    attended_count: roster.filter(({ attended }) => attended).length,
    goal,
    revenue: 0, percent_of_goal: 0, expenses: 0, net: 0, payments_balance: 0,
    date_added: timestamp(event.addedAt),
    date_modified: timestamp(event.modifiedAt),
  };
}

/** The first version nests the parts of a place in objects of their own, the second has plain texts. */
function eventRow(state: SkyState, event: SkyEvent, version: 'v1' | 'v2'): Row {
  const { category_id: categoryId, group_id: groupId, location, addedAt, modifiedAt, ...fields } = event;
  const group = state.groups.get(groupId ?? '');
  return {
    ...fields,
    category: state.categories.get(categoryId ?? ''),
    group: group && { id: group.id, name: group.name, is_inactive: group.inactive },
    location: version === 'v2' || !location ? location : nested(location),
    date_added: timestamp(addedAt),
    date_modified: timestamp(modifiedAt),
  };
}

function nested(location: NonNullable<SkyEvent['location']>): Row {
  const { locality, administrative_area, country, dependent_locality, ...texts } = location;
  return {
    ...texts,
    locality: named(locality),
    administrative_area: named(administrative_area),
    sub_administrative_area: named(dependent_locality),
    country: named(country),
  };
}

function named(name: string | null | undefined): { name: string } | undefined {
  return name ? { name } : undefined;
}

function refuseLongTexts({ settings }: SkyState, fields: { readonly [Name in keyof SkySettings['eventTextMax']]?: string | null | undefined }): void {
  for (const name of ['name', 'lookup_id', 'description'] as const) {
    const max = settings.eventTextMax[name];
    if ((fields[name]?.length ?? 0) > max) throw badRequest(`The field ${name} must be a string with a maximum length of ${max}.`);
  }
}
