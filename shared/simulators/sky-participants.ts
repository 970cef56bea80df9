/**
 * Who takes part in an event. A roster's row says `contact_id`, the single participant `constituent_id`; NXT holds one record per
 * constituent and event (both confirmed); what the API answers to a second one is assumed and a setting.
 */
import type * as z from 'zod';
import { bodyOf } from './sky-bodies.ts';
import type { Call } from './call.ts';
import { badRequest, notFound } from './sky-errors.ts';
import { eventIn, momentIn, rowOf } from './sky-events.ts';
import { eventPage } from './sky-paging.ts';
import { mainEmail, mainPhone, nameOf, newStamps, timestamp, touched, type SkyParticipant, type SkyState } from './sky-records.ts';
import { participantAdd, participantEdit } from './sky-shapes.ts';

type On = (method: string, pattern: string, handler: (call: Call) => unknown) => void;
type Row = Readonly<Record<string, unknown>>;

/** @param feesOf  what a participant owes in all. */
export function participantRoutes(on: On, state: SkyState, feesOf: (participantId: string) => number): void {
  const { settings, world } = state;
  on('GET', '/event/v1/events/:id/participants', (call) => {
    const asked = call.url.searchParams;
    const delayMs = settings.rosterDelaySeconds * 1000;
    const roster = state.rosterOf(eventIn(state, call).id);
    const guestsByHost = Map.groupBy(roster.filter(({ host_id }) => host_id !== undefined), ({ host_id }) => host_id);
    const rows = roster
      .filter((row) => delayMs === 0 || world.clock.now() - row.addedAt >= delayMs)
      .filter((row) => isWanted(state, row, asked));
    return eventPage(call, sorted(state, rows, asked.get('sort') ?? 'last_name'), (row) => rosterRow(state, row, { guests: guestsByHost.get(row.id) ?? [], totalFees: feesOf(row.id) }));
  });
  on('POST', '/event/v1/events/:id/participants', (call) => {
    const event = eventIn(state, call);
    return { id: addParticipant(state, event.id, bodyOf(call, participantAdd)).id };
  });
  on('GET', '/event/v1/participants/:id', (call) => participantRow(state, participantIn(state, call)));
  on('PATCH', '/event/v1/participants/:id', (call) => {
    const before = participantIn(state, call);
    const changes = bodyOf(call, participantEdit, { nulls: settings.nullsInPatch });
    state.keepParticipant(editedParticipant(state, before, changes));
    return new Response(null, { status: 200 });
  });
  on('DELETE', '/event/v1/participants/:id', (call) => {
    state.dropParticipant(participantIn(state, call).id);
    return new Response(null, { status: 200 });
  });
  on('GET', '/event/v1/constituents/:id/eventparticipation', (call) => {
    const id = call.params['id'] ?? '';
    const rows = [...state.participants.values()].filter((participant) => participant.constituent_id === id);
    return eventPage(call, rows, (row) => participationRow(state, row));
  });
}

/** What both the API and the staff's pages make of a new participant. */
export function addParticipant(state: SkyState, eventId: string, added: z.infer<typeof participantAdd>): SkyParticipant {
  const { participation_level: level, ...fields } = added;
  refuseBadPerson(state, { eventId, constituentId: fields.constituent_id, hostId: fields.host_id, ownId: undefined });
  const participant: SkyParticipant = {
    ...fields,
    ...newStamps(state),
    event_id: eventId,
    rsvp_status: fields.rsvp_status ?? 'NoResponse',
    invitation_status: fields.invitation_status ?? 'NotInvited',
    attended: fields.attended ?? false,
    level_id: rowOf(state.levels, level, 'participation level')?.id,
  };
  state.keepParticipant(participant);
  return participant;
}

/** The person may be changed too: a wrong match is mended without losing fees and notes (confirmed). */
export function editedParticipant(state: SkyState, before: SkyParticipant, changes: z.infer<typeof participantEdit>): SkyParticipant {
  const { participation_level: level, ...fields } = changes;
  const isOther = fields.constituent_id !== undefined && fields.constituent_id !== before.constituent_id;
  if (isOther || fields.host_id !== undefined) {
    const constituentId = fields.constituent_id ?? before.constituent_id;
    refuseBadPerson(state, { eventId: before.event_id, constituentId, hostId: fields.host_id ?? before.host_id, ownId: before.id });
  }
  return touched(state, {
    ...before,
    ...fields,
    rsvp_status: fields.rsvp_status ?? before.rsvp_status,
    invitation_status: fields.invitation_status ?? before.invitation_status,
    attended: fields.attended ?? before.attended,
    level_id: level === undefined ? before.level_id : rowOf(state.levels, level, 'participation level')?.id,
  });
}

export function participantIn(state: SkyState, call: Call): SkyParticipant {
  const participant = state.participants.get(call.params['id'] ?? '');
  if (!participant) throw notFound();
  return participant;
}

function refuseBadPerson(
  state: SkyState,
  wish: { eventId: string; constituentId: string | undefined; hostId: string | undefined; ownId: string | undefined },
): void {
  const roster = state.rosterOf(wish.eventId);
  if (wish.hostId !== undefined && !roster.some(({ id }) => id === wish.hostId)) throw badRequest('The host is not a participant of this event.');
  if (wish.constituentId === undefined) {
    if (wish.hostId === undefined) throw badRequest('The constituent_id field is required.');
    return;
  }
  const person = state.constituents.get(wish.constituentId);
  if (!person) throw badRequest('The constituent does not exist.');
  if (!person.is_constituent && wish.hostId === undefined) throw badRequest('A participant without a host must be a constituent.');
  const isSecond = roster.some((row) => row.constituent_id === wish.constituentId && row.id !== wish.ownId);
  if (isSecond && state.settings.secondParticipant === 'refused') throw badRequest('The constituent is already a participant of this event.');
}

function isWanted(state: SkyState, row: SkyParticipant, asked: URLSearchParams): boolean {
  const among = (name: string, value: string) => {
    const wanted = asked.getAll(name).flatMap((text) => text.split(','));
    return wanted.length === 0 || wanted.includes(value);
  };
  const person = state.constituents.get(row.constituent_id ?? '');
  const name = asked.get('name')?.toLowerCase();
  return (
    among('rsvp_status', row.rsvp_status) &&
    among('invitation_status', row.invitation_status) &&
    (name === undefined || (person !== undefined && nameOf(person).toLowerCase().includes(name))) &&
    row.addedAt >= momentIn(asked, 'date_added') &&
    row.modifiedAt >= momentIn(asked, 'last_modified')
  );
}

/** By last name unless told otherwise; a `-` before the field turns it round. */
function sorted(state: SkyState, rows: readonly SkyParticipant[], sort: string): readonly SkyParticipant[] {
  const sign = sort.startsWith('-') ? -1 : 1;
  const field = sort.replace(/^-/, '');
  const keyOf = (row: SkyParticipant): string => {
    if (field === 'date_added') return timestamp(row.addedAt);
    const person = state.constituents.get(row.constituent_id ?? '');
    return (field === 'first_name' ? person?.first : person?.last) ?? '';
  };
  return [...rows].sort((left, right) => sign * keyOf(left).localeCompare(keyOf(right)));
}

function rosterRow(state: SkyState, row: SkyParticipant, more: { readonly guests: readonly SkyParticipant[]; readonly totalFees: number }): Row {
  const person = state.constituents.get(row.constituent_id ?? '');
  const email = person && mainEmail(person);
  const phone = person && mainPhone(person);
  const level = state.levels.get(row.level_id ?? '');
  const summary = (other: SkyParticipant | undefined) => {
    const who = state.constituents.get(other?.constituent_id ?? '');
    return other && { participant_id: other.id, contact_id: other.constituent_id, name: who ? nameOf(who) : 'Unnamed guest' };
  };
  return {
    id: row.id,
    [state.settings.rosterPerson]: row.constituent_id,
    is_constituent: person?.is_constituent ?? false,
    lookup_id: person?.lookup_id,
    name: person ? nameOf(person) : 'Unnamed guest',
    first_name: person?.first,
    middle_name: person?.middle,
    last_name: person?.last,
    preferred_name: person?.preferred_name,
    email: email?.address,
    phone: phone?.number,
    do_not_email: email?.do_not_email ?? false,
    do_not_call: phone?.do_not_call ?? false,
    rsvp_status: row.rsvp_status,
    invitation_status: row.invitation_status,
    attended: row.attended,
    rsvp_date: row.rsvp_date,
    participation_level: level && { id: level.id, name: level.name, is_inactive: level.inactive },
    host: summary(state.participants.get(row.host_id ?? '')),
    guests: more.guests.map(summary),
    summary_note: row.summary_note,
    total_fees: more.totalFees,
    total_paid: 0,
    donations: 0,
    revenue: 0,
    online_data_health: 'NotApplicable',
    date_added: timestamp(row.addedAt),
    date_modified: timestamp(row.modifiedAt),
  };
}

function participantRow(state: SkyState, participant: SkyParticipant): Row {
  const { level_id: levelId, addedAt, modifiedAt, ...fields } = participant;
  const level = state.levels.get(levelId ?? '');
  return {
    ...fields,
    participation_level: level && { id: level.id, name: level.name, is_inactive: level.inactive },
    date_added: timestamp(addedAt),
    date_modified: timestamp(modifiedAt),
  };
}

function participationRow(state: SkyState, row: SkyParticipant): Row {
  const event = state.events.get(row.event_id);
  const { id: participant_id, event_id, rsvp_status, invitation_status, attended } = row;
  return { participant_id, event_id, event_name: event?.name, event_start_date: event?.start_date, rsvp_status, invitation_status, attended };
}
