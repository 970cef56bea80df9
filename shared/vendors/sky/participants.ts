/**
 * Participants of events in Raiser's Edge NXT. NXT holds one record for each constituent and event; what the API says to a second one is not documented,
 * so that both outcomes are borne: `exists`, or a second record, which the roster then shows. `attended` is staff's.
 */
import type { LookUp } from '../rows.ts';
import { changed, filled } from './body.ts';
import { checkedId, isId, type Changed, type Created, type SkyCalls } from './calls.ts';
import { readParticipant, rosterReader, type InvitationStatus, type RsvpStatus, type SkyParticipant } from './event-schema.ts';
import { toFuzzyDate } from './fuzzy-date.ts';
import { listMs, readByOffset, type SkyListing } from './listing.ts';

export interface ParticipantData {
  readonly constituentId: string;
  readonly rsvpStatus?: RsvpStatus | undefined;
  /** `Invited` counts in NXT's number of invited people. */
  readonly invitationStatus?: InvitationStatus | undefined;
  /** `2026-01-19`, `2026-01` or `2026`. */
  readonly rsvpDate?: string | undefined;
  readonly summaryNote?: string | undefined;
}

/** Changing `constituentId` mends a wrong match without losing fees, notes and history. */
export type ParticipantChange = Partial<ParticipantData> & {
  /** Never null, which likely was what an old client's changes were refused for. */
  readonly attended?: boolean | undefined;
};

export interface SkyParticipants {
  /** The whole roster of an event; there is no way to ask for one person of it. @throws VendorRejected where the event is gone */
  list(eventId: string): Promise<SkyListing<SkyParticipant>>;
  get(id: string): Promise<LookUp<SkyParticipant>>;
  /** @throws ItemInvalid for a date that is none, here and in `patch`, before any call. */
  create(eventId: string, participant: ParticipantData): Promise<Created>;
  patch(id: string, change: ParticipantChange): Promise<Changed>;
  /** Loses fees, notes and history. */
  remove(id: string): Promise<Changed>;
}

export function skyParticipants(calls: SkyCalls, options: { readonly pageSize: number }): SkyParticipants {
  return {
    async list(eventId) {
      const place = roster('GET', eventId);
      checkedId(place.call, eventId);
      return readByOffset(calls, { ...place, timeoutMs: listMs }, options.pageSize, rosterReader(eventId));
    },
    get: (id) => calls.find(one('GET', id), id, readParticipant),
    async create(eventId, participant) {
      const body = filled(participantBody(participant));
      return isId(eventId) ? calls.create(roster('POST', eventId), body) : { kind: 'missing' };
    },
    async patch(id, change) {
      const body = changed({ ...participantBody(change), attended: change.attended });
      if (!isId(id)) return { kind: 'missing' };
      return body === undefined ? { kind: 'done' } : calls.change(one('PATCH', id), body);
    },
    remove: async (id) => (isId(id) ? calls.change(one('DELETE', id)) : { kind: 'missing' }),
  };
}

function one(method: string, id: string) {
  return { call: `${method} /event/v1/participants/{id}`, path: `/event/v1/participants/${id}` };
}

function roster(method: string, eventId: string) {
  return { call: `${method} /event/v1/events/{id}/participants`, path: `/event/v1/events/${eventId}/participants` };
}

function participantBody({ constituentId, rsvpStatus, invitationStatus, rsvpDate, summaryNote }: Partial<ParticipantData>) {
  return {
    constituent_id: constituentId,
    rsvp_status: rsvpStatus,
    invitation_status: invitationStatus,
    rsvp_date: rsvpDate === undefined ? undefined : toFuzzyDate(rsvpDate, 'rsvp_date'),
    summary_note: summaryNote,
  };
}
