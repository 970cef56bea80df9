/**
 * Events and their participants as SKY's Event API answers them (confirmed, its specification), cut down to the members named here. People's names and
 * addresses on a roster are not: a participant is known by the record it points to. What keeps no row from being known is read leniently, because a row
 * that is not seen would be made again.
 */
import * as z from 'zod/mini';
import { fieldsOf } from '../../base/fields-of.ts';
import { rowReader, type RowReader } from '../rows.ts';
import { fuzzyDateOrNone } from './fuzzy-date.ts';
import { dayOrNone, flagOrNone, id, idOrNone, lenient, numberOrNone, textOrNone, timeOrNone } from './wire.ts';

export interface SkyEvent {
  readonly id: string;
  readonly lookupId: string | undefined;
  readonly name: string | undefined;
  /** `YYYY-MM-DD` and `HH:mm`, without a zone; as are the others. */
  readonly startDate: string | undefined;
  readonly startTime: string | undefined;
  readonly endDate: string | undefined;
  readonly endTime: string | undefined;
  readonly capacity: number | undefined;
  readonly goal: number | undefined;
  readonly inactive: boolean | undefined;
  readonly categoryId: string | undefined;
  /** As SKY writes it. */
  readonly dateModified: string | undefined;
}

export interface SkyEventDetail extends SkyEvent {
  readonly description: string | undefined;
  readonly location: SkyLocation | undefined;
}

/** What is undefined is blank or missing. */
export interface SkyLocation {
  readonly name?: string | undefined;
  readonly addressLines?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly country?: string | undefined;
  readonly phone?: string | undefined;
  readonly contact?: string | undefined;
  readonly notes?: string | undefined;
}

export const rsvpStatuses = ['NoResponse', 'Attending', 'Declined', 'Interested', 'Canceled', 'Waitlisted', 'NotApplicable'] as const;
export type RsvpStatus = (typeof rsvpStatuses)[number];
export type InvitationStatus = 'NotApplicable' | 'NotInvited' | 'Invited';

export interface SkyParticipant {
  readonly id: string;
  readonly eventId: string;
  /** The constituent, or the record of somebody who is none; undefined for a guest without a name. */
  readonly contactId: string | undefined;
  /** Told on a roster only. */
  readonly isConstituent: boolean | undefined;
  /** One of `RsvpStatus`, as far as we know. */
  readonly rsvpStatus: string | undefined;
  readonly invitationStatus: string | undefined;
  /** Entered by staff. */
  readonly attended: boolean | undefined;
  /** `2026-01-19`, or less of it. */
  readonly rsvpDate: string | undefined;
  /** The participant whose guest this is. */
  readonly hostId: string | undefined;
  readonly summaryNote: string | undefined;
  readonly dateModified: string | undefined;
}

export interface SkyCategory {
  readonly id: string;
  readonly name: string;
  readonly inactive: boolean | undefined;
}

const reference = z.object({ id: z.optional(idOrNone) });
const eventMembers = {
  id,
  lookup_id: z.optional(idOrNone),
  name: z.optional(textOrNone),
  start_date: lenient(dayOrNone),
  start_time: lenient(timeOrNone),
  end_date: lenient(dayOrNone),
  end_time: lenient(timeOrNone),
  capacity: lenient(numberOrNone),
  goal: lenient(numberOrNone),
  inactive: lenient(flagOrNone),
  category: lenient(reference),
  date_modified: lenient(textOrNone),
};
const eventRow = z.object(eventMembers);

/** A text in `v2`; in `v1` an object with several, of which the first is what a write would say (`SC`, `US`; the vendor's examples). */
function tableWord(...names: readonly string[]) {
  return z.pipe(
    z.unknown(),
    z.transform((given) => [given, ...names.map((name) => fieldsOf(given)[name])].map((one) => textOrNone.safeParse(one).data).find((word) => word !== undefined)),
  );
}

const line = lenient(textOrNone);
const location = z.pipe(
  z.nullish(
    z.object({
      name: line,
      address_lines: line,
      locality: z.optional(tableWord('name')),
      administrative_area: z.optional(tableWord('short_description', 'name')),
      postal_code: line,
      country: z.optional(tableWord('iso_alpha2_code', 'display_name', 'name')),
      phone: line,
      contact: line,
      notes: line,
    }),
  ),
  z.transform((wire): SkyLocation | undefined => {
    if (!wire || Object.values(wire).every((part) => part === undefined)) return undefined;
    const { name, address_lines: addressLines, locality: city, administrative_area: state, postal_code: postalCode, country, phone, contact, notes } = wire;
    return { name, addressLines, city, state, postalCode, country, phone, contact, notes };
  }),
);
const eventDetail = z.object({ ...eventMembers, description: z.optional(textOrNone), location: z.optional(location) });

const participantMembers = {
  id,
  rsvp_status: lenient(textOrNone),
  invitation_status: lenient(textOrNone),
  attended: lenient(flagOrNone),
  rsvp_date: lenient(fuzzyDateOrNone),
  summary_note: lenient(textOrNone),
  date_modified: lenient(textOrNone),
  constituent_id: z.optional(idOrNone),
};
const participant = z.object(participantMembers);
/** `contact_id` (confirmed); one text of the specification also speaks of `constituent_id`. */
const rosterRow = z.object({ ...participantMembers, contact_id: z.optional(idOrNone), is_constituent: lenient(flagOrNone), host: lenient(z.object({ participant_id: z.optional(idOrNone) })) });
const participantDetail = z.object({ ...participantMembers, event_id: id, host_id: lenient(idOrNone) });

const category = z.object({ id, name: z.string(), inactive: z.optional(flagOrNone) });

export const readEvent: RowReader<SkyEvent> = rowReader(z.pipe(eventRow, z.transform(toEvent)), 'id', id);

export const readEventDetail: RowReader<SkyEventDetail> = rowReader(
  z.pipe(eventDetail, z.transform((wire): SkyEventDetail => ({ ...toEvent(wire), description: wire.description, location: wire.location }))),
  'id',
  id,
);

export function rosterReader(eventId: string): RowReader<SkyParticipant> {
  const shape = z.pipe(
    rosterRow,
    z.transform((wire): SkyParticipant => ({
      ...toParticipant(wire),
      eventId,
      contactId: wire.contact_id ?? wire.constituent_id,
      isConstituent: wire.is_constituent,
      hostId: wire.host?.participant_id,
    })),
  );
  return rowReader(shape, 'id', id);
}

export const readParticipant: RowReader<SkyParticipant> = rowReader(
  z.pipe(
    participantDetail,
    z.transform((wire): SkyParticipant => ({ ...toParticipant(wire), eventId: wire.event_id, contactId: wire.constituent_id, isConstituent: undefined, hostId: wire.host_id })),
  ),
  'id',
  id,
);

export const readCategory: RowReader<SkyCategory> = rowReader(z.pipe(category, z.transform(({ inactive, ...rest }): SkyCategory => ({ ...rest, inactive }))), 'id', id);

function toEvent(wire: z.infer<typeof eventRow>): SkyEvent {
  return {
    id: wire.id,
    lookupId: wire.lookup_id,
    name: wire.name,
    startDate: wire.start_date,
    startTime: wire.start_time,
    endDate: wire.end_date,
    endTime: wire.end_time,
    capacity: wire.capacity,
    goal: wire.goal,
    inactive: wire.inactive,
    categoryId: wire.category?.id,
    dateModified: wire.date_modified,
  };
}

function toParticipant(wire: z.infer<typeof participant>) {
  return {
    id: wire.id,
    rsvpStatus: wire.rsvp_status,
    invitationStatus: wire.invitation_status,
    attended: wire.attended,
    rsvpDate: wire.rsvp_date,
    summaryNote: wire.summary_note,
    dateModified: wire.date_modified,
  };
}
