/**
 * Raiser's Edge NXT as an organisation's staff works with it: donors are edited, merged and deleted, people are put on events by hand.
 * No token, no journal, no faults, the same rules; what NXT would refuse throws.
 */
import type * as z from 'zod';
import { addConstituent, edited } from './sky-constituents.ts';
import { notFound } from './sky-errors.ts';
import { addEvent, addToTable, editedEvent, removeEvent } from './sky-events.ts';
import { addParticipant, editedParticipant } from './sky-participants.ts';
import { addPart, editPart, removePart } from './sky-parts.ts';
import { touched, type PartKind, type SkyConstituent, type SkyEvent, type SkyParticipant, type SkyState, type TableRow } from './sky-records.ts';
import type { constituentAdd, constituentEdit, eventAdd, eventEdit, participantAdd, participantEdit } from './sky-shapes.ts';

/** As the API takes it, and what only staff can say. */
export type ConstituentDraft = Partial<z.infer<typeof constituentAdd>> & {
  /** A person who is known only as somebody's guest or contact. */
  readonly is_constituent?: boolean;
  readonly deceased?: boolean;
};

/** Fields of a row that hangs on a constituent, by the names of the wire. */
export type PartDraft = Readonly<Record<string, unknown>>;

export interface NxtStaff {
  readonly constituents: {
    /** Type and last name have a default, so that a test states only what matters. */
    add(draft?: ConstituentDraft): SkyConstituent;
    edit(id: string, changes: z.infer<typeof constituentEdit>): SkyConstituent;
    /** @returns the row's id */
    addPart(id: string, kind: PartKind, draft: PartDraft): string;
    editPart(id: string, kind: PartKind, partId: string, changes: PartDraft): void;
    removePart(id: string, kind: PartKind, partId: string): void;
    marry(ids: readonly [string, string]): void;
    /**
     * The one takes over what hangs on the other and its places on events; the other's id is 404 from then on. Where both are on one
     * event, the kept one's place stays.
     */
    merge(ids: { readonly keptId: string; readonly goneId: string }): void;
    remove(id: string): void;
    get(id: string): SkyConstituent | undefined;
    all(): readonly SkyConstituent[];
  };
  readonly events: {
    add(draft?: Partial<z.infer<typeof eventAdd>>): SkyEvent;
    edit(id: string, changes: z.infer<typeof eventEdit>): SkyEvent;
    remove(id: string): void;
    get(id: string): SkyEvent | undefined;
    all(): readonly SkyEvent[];
  };
  readonly participants: {
    add(eventId: string, draft: z.infer<typeof participantAdd>): SkyParticipant;
    edit(id: string, changes: z.infer<typeof participantEdit>): SkyParticipant;
    remove(id: string): void;
    get(id: string): SkyParticipant | undefined;
    /** Of one event, or of all. */
    all(eventId?: string): readonly SkyParticipant[];
  };
  /** The tenant's own rows; each tenant has other ids. */
  addCategory(name: string): TableRow;
  addGroup(name: string): TableRow;
  addLevel(name: string): TableRow;
  setCategoryInactive(id: string, inactive: boolean): void;
}

export function nxtStaff(state: SkyState): NxtStaff {
  return {
    constituents: constituentDesk(state),
    events: eventDesk(state),
    participants: participantDesk(state),
    addCategory: (name) => addToTable(state, state.categories, name),
    addGroup: (name) => addToTable(state, state.groups, name),
    addLevel: (name) => addToTable(state, state.levels, name),
    setCategoryInactive(id, inactive) {
      state.categories.set(id, { ...existing(state.categories, id), inactive });
    },
  };
}

function constituentDesk(state: SkyState): NxtStaff['constituents'] {
  const needed = (id: string) => existing(state.constituents, id);
  return {
    add({ is_constituent: isConstituent, deceased, ...draft } = {}) {
      const added = addConstituent(state, { type: 'Individual', last: 'Example', ...draft });
      if (isConstituent === undefined && deceased === undefined) return added;
      const known = { ...added, is_constituent: isConstituent ?? true, deceased: deceased ?? false };
      state.keep(known);
      return known;
    },
    edit(id, changes) {
      const after = edited(state, needed(id), changes);
      state.keep(after);
      return after;
    },
    addPart: (id, kind, draft) => addPart(state, needed(id), kind, draft),
    editPart: (id, kind, partId, changes) => editPart(state, needed(id), kind, partId, changes),
    removePart: (id, kind, partId) => removePart(state, needed(id), kind, partId),
    marry([left, right]) {
      state.keep(touched(state, { ...needed(left), spouse_id: right }));
      state.keep(touched(state, { ...needed(right), spouse_id: left }));
    },
    merge({ keptId, goneId }) {
      const kept = needed(keptId);
      const gone = needed(goneId);
      for (const place of [...state.participants.values()].filter(({ constituent_id: id }) => id === goneId)) {
        const isTaken = state.rosterOf(place.event_id).some(({ constituent_id: id }) => id === keptId);
        if (isTaken) state.dropParticipant(place.id);
        else state.keepParticipant(touched(state, { ...place, constituent_id: keptId }));
      }
      state.drop(goneId);
      state.keep(touched(state, withPartsOf(kept, gone)));
    },
    remove(id) {
      needed(id);
      if (state.settings.deletedLeaves === 'nothing') {
        for (const place of [...state.participants.values()].filter((one) => one.constituent_id === id)) state.dropParticipant(place.id);
      }
      state.drop(id);
    },
    get: (id) => state.constituents.get(id),
    all: () => [...state.constituents.values()],
  };
}

/** What hung on the other comes along, without the flag that only one row may carry. */
function withPartsOf(kept: SkyConstituent, gone: SkyConstituent): SkyConstituent {
  return {
    ...kept,
    emailaddresses: [...kept.emailaddresses, ...gone.emailaddresses.map((row) => ({ ...row, primary: false }))],
    phones: [...kept.phones, ...gone.phones.map((row) => ({ ...row, primary: false }))],
    addresses: [...kept.addresses, ...gone.addresses.map((row) => ({ ...row, preferred: false }))],
    aliases: [...kept.aliases, ...gone.aliases],
    constituentcodes: [...kept.constituentcodes, ...gone.constituentcodes],
    customfields: [...kept.customfields, ...gone.customfields],
  };
}

function eventDesk(state: SkyState): NxtStaff['events'] {
  return {
    add: (draft = {}) => addEvent(state, { name: 'An event', start_date: new Date(state.world.clock.now()).toISOString().slice(0, 10), ...draft }),
    edit(id, changes) {
      const after = editedEvent(state, existing(state.events, id), changes);
      state.events.set(id, after);
      return after;
    },
    remove: (id) => removeEvent(state, existing(state.events, id).id),
    get: (id) => state.events.get(id),
    all: () => [...state.events.values()],
  };
}

function participantDesk(state: SkyState): NxtStaff['participants'] {
  return {
    add: (eventId, draft) => addParticipant(state, existing(state.events, eventId).id, draft),
    edit(id, changes) {
      const after = editedParticipant(state, existing(state.participants, id), changes);
      state.keepParticipant(after);
      return after;
    },
    remove: (id) => state.dropParticipant(existing(state.participants, id).id),
    get: (id) => state.participants.get(id),
    all: (eventId) => (eventId === undefined ? [...state.participants.values()] : state.rosterOf(eventId)),
  };
}

function existing<T>(map: ReadonlyMap<string, T>, id: string): T {
  const found = map.get(id);
  if (found === undefined) throw notFound();
  return found;
}
