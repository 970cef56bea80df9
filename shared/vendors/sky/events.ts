/**
 * Events of Raiser's Edge NXT: found, read, made and changed. Never deleted here: NXT keeps fees, notes and history on them. A place can be given only to an
 * event that stands (confirmed), hence a call of its own.
 */
import type { LookUp } from '../rows.ts';
import { changed, filled } from './body.ts';
import { isId, type Changed, type Created, type SkyCalls } from './calls.ts';
import { readEvent, readEventDetail, type SkyEvent, type SkyEventDetail, type SkyLocation } from './event-schema.ts';
import { listMs, readByOffset, type SkyListing } from './listing.ts';

export interface EventData {
  readonly name: string;
  /** `YYYY-MM-DD` and `HH:mm`, on the clock where the event is; as are the others. */
  readonly startDate: string;
  readonly startTime?: string | null | undefined;
  readonly endDate?: string | null | undefined;
  readonly endTime?: string | null | undefined;
  /** Ours to choose; whether NXT keeps it unique is not documented. */
  readonly lookupId?: string | undefined;
  readonly description?: string | null | undefined;
  readonly capacity?: number | null | undefined;
  readonly goal?: number | null | undefined;
  readonly categoryId?: string | undefined;
  readonly inactive?: boolean | undefined;
}

export type EventChange = { readonly [Field in keyof EventData]?: EventData[Field] | undefined };

export interface SkyEvents {
  /**
   * All events, or those that are called exactly so: whether the vendor's filter means equal or contains is not said. Inactive ones too, because ours
   * may be among them. `proof` is about what the filter let through.
   */
  list(by?: { readonly lookupId: string } | { readonly name: string }): Promise<SkyListing<SkyEvent>>;
  get(id: string): Promise<LookUp<SkyEventDetail>>;
  create(event: EventData): Promise<Created>;
  /** What is absent is left alone, null clears (assumed). */
  patch(id: string, change: EventChange): Promise<Changed>;
  /** Blank parts are left alone. */
  setLocation(id: string, location: SkyLocation): Promise<Changed>;
}

/** @param options.eventVersion  `v1` is deprecated, `v2` a preview (confirmed); they differ in the form of a place. */
export function skyEvents(calls: SkyCalls, options: { readonly pageSize: number; readonly eventVersion: 'v1' | 'v2' }): SkyEvents {
  async function patch(id: string, body: Readonly<Record<string, unknown>> | undefined): Promise<Changed> {
    if (!isId(id)) return { kind: 'missing' };
    return body === undefined ? { kind: 'done' } : calls.change({ call: 'PATCH /event/v1/events/{id}', path: `/event/v1/events/${id}` }, body);
  }

  return {
    async list(by) {
      const [name, wanted] = by === undefined ? [] : 'name' in by ? ['name' as const, by.name.trim()] : ['lookup_id' as const, by.lookupId.trim()];
      if (wanted === '') return { rows: [], rejected: [], proof: { total: 0, distinct: 0, unnamed: 0, isComplete: true } }; // it would mean all
      const query = { include_inactive: 'true', ...(name !== undefined && { [name]: wanted }) };
      const listing = await readByOffset(calls, { call: 'GET /event/v1/eventlist', query, timeoutMs: listMs }, options.pageSize, readEvent);
      if (name === undefined) return listing;
      return { ...listing, rows: listing.rows.filter((row) => (name === 'name' ? row.name : row.lookupId) === wanted) };
    },
    get: (id) => calls.find({ call: `GET /event/${options.eventVersion}/events/{id}`, path: `/event/${options.eventVersion}/events/${id}` }, id, readEventDetail),
    create: (event) => calls.create({ call: 'POST /event/v1/events' }, filled(eventBody(event))),
    patch: (id, change) => patch(id, changed(eventBody(change))),
    setLocation: (id, location) => patch(id, emptyAsNone(filled({ location: locationBody(location) }))),
  };
}

const emptyAsNone = (body: Readonly<Record<string, unknown>>) => (Object.keys(body).length === 0 ? undefined : body);

function eventBody({ name, startDate, startTime, endDate, endTime, lookupId, description, capacity, goal, categoryId, inactive }: EventChange) {
  return {
    name,
    start_date: startDate,
    start_time: startTime,
    end_date: endDate,
    end_time: endTime,
    lookup_id: lookupId,
    description,
    capacity,
    goal,
    category: categoryId === undefined ? undefined : { id: categoryId },
    inactive,
  };
}

function locationBody({ name, addressLines, city, state, postalCode, country, phone, contact, notes }: SkyLocation) {
  return { name, address_lines: addressLines, locality: city, administrative_area: state, postal_code: postalCode, country, phone, contact, notes };
}
