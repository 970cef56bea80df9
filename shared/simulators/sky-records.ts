/**
 * What a tenant of Raiser's Edge NXT keeps: constituents with what hangs on them, events with their participants, and the tenant's
 * own tables. Nothing is edited in place. Every change of a constituent goes through here, because two slow readers live on it: the
 * lists over all constituents, which show what was at their last load, and webhooks.
 */
import type * as z from 'zod';
import type { eventLocation, FuzzyDate, invitationStatuses, partShapes, rsvpStatuses } from './sky-shapes.ts';
import { SkyRefusal } from './sky-errors.ts';
import type { SkySettings } from './sky-settings.ts';
import type { SimulatedWorld } from './world.ts';

interface Stamped {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly addedAt: number;
  readonly modifiedAt: number;
}

export type PartKind = keyof typeof partShapes;
type Added<Kind extends PartKind> = Omit<z.infer<(typeof partShapes)[Kind]['add']>, 'constituent_id' | 'parent_id'>;

export interface SkyParts {
  readonly emailaddresses: readonly SkyEmail[];
  readonly phones: readonly SkyPhone[];
  readonly addresses: readonly SkyAddress[];
  readonly aliases: readonly (Stamped & Added<'aliases'>)[];
  readonly constituentcodes: readonly (Stamped & Added<'constituentcodes'>)[];
  readonly customfields: readonly (Stamped & Added<'customfields'>)[];
}
export type SkyEmail = Stamped & Added<'emailaddresses'>;
export type SkyPhone = Stamped & Added<'phones'>;
export type SkyAddress = Stamped & Added<'addresses'>;
export type SkyPart = SkyParts[PartKind][number];

type Maybe<T> = T | null | undefined;

export interface SkyConstituent extends Stamped, SkyParts {
  readonly type: 'Individual' | 'Organization';
  /** Of an organisation; a person's is made of the parts below. */
  readonly name?: Maybe<string>;
  readonly first?: Maybe<string>;
  readonly middle?: Maybe<string>;
  readonly last?: Maybe<string>;
  readonly preferred_name?: Maybe<string>;
  readonly former_name?: Maybe<string>;
  readonly title?: Maybe<string>;
  readonly suffix?: Maybe<string>;
  readonly gender?: Maybe<string>;
  readonly marital_status?: Maybe<string>;
  readonly birthdate?: Maybe<FuzzyDate>;
  readonly lookup_id: string;
  readonly import_id: string;
  readonly is_constituent: boolean;
  readonly deceased: boolean;
  readonly inactive: boolean;
  readonly requests_no_email: boolean;
  /** Another constituent's id. */
  readonly spouse_id?: string | undefined;
}

export interface SkyEvent extends Stamped {
  readonly name: string;
  readonly start_date: string;
  readonly start_time?: Maybe<string>;
  readonly end_date?: Maybe<string>;
  readonly end_time?: Maybe<string>;
  readonly lookup_id?: Maybe<string>;
  readonly description?: Maybe<string>;
  readonly capacity?: Maybe<number>;
  readonly goal?: Maybe<number>;
  readonly campaign_id?: Maybe<string>;
  readonly fund_id?: Maybe<string>;
  readonly appeal_id?: Maybe<string>;
  readonly package_id?: Maybe<string>;
  readonly inactive: boolean;
  readonly category_id?: string | undefined;
  readonly group_id?: string | undefined;
  readonly location?: Maybe<z.infer<typeof eventLocation>>;
}

export interface SkyParticipant extends Stamped {
  readonly event_id: string;
  /** Absent for an unnamed guest. */
  readonly constituent_id?: string | undefined;
  /** The participant whose guest this is. */
  readonly host_id?: string | undefined;
  readonly rsvp_status: (typeof rsvpStatuses)[number];
  readonly invitation_status: (typeof invitationStatuses)[number];
  readonly attended: boolean;
  readonly rsvp_date?: Maybe<FuzzyDate>;
  readonly invitation_date?: Maybe<FuzzyDate>;
  readonly level_id?: string | undefined;
  readonly summary_note?: Maybe<string>;
}

/** A row of one of the Event API's tables. */
export interface TableRow {
  readonly id: string;
  readonly name: string;
  readonly inactive: boolean;
}

export type Notice = { readonly type: string; readonly constituentId: string };

export interface SkyState {
  readonly world: SimulatedWorld;
  readonly settings: SkySettings;
  readonly constituents: ReadonlyMap<string, SkyConstituent>;
  readonly events: Map<string, SkyEvent>;
  readonly participants: ReadonlyMap<string, SkyParticipant>;
  readonly categories: Map<string, TableRow>;
  readonly groups: Map<string, TableRow>;
  readonly levels: Map<string, TableRow>;
  newId(): string;
  /** Stores it whole, in place of what had its id. */
  keep(constituent: SkyConstituent, notice?: string): void;
  drop(constituentId: string): void;
  /** All constituents as they were when the slow lists were last loaded, and when that was. */
  loaded(): { readonly at: number; readonly constituents: ReadonlyMap<string, SkyConstituent> };
  keepParticipant(participant: SkyParticipant): void;
  dropParticipant(id: string): void;
  rosterOf(eventId: string): readonly SkyParticipant[];
  /** Called with everything that webhooks tell of. */
  onNotice: (notice: Notice) => void;
}

const firstId = 20_001;

export function skyState(world: SimulatedWorld, settings: SkySettings): SkyState {
  const constituents = new Map<string, SkyConstituent>();
  const participants = new Map<string, SkyParticipant>();
  const rosters = new Map<string, Map<string, SkyParticipant>>();
  let nextId = firstId;
  let load = { at: -Infinity, constituents: new Map<string, SkyConstituent>() };

  /** Loads happen on a fixed rhythm; what the last one saw is what stood before the first write after it. */
  function loadWhenDue(): void {
    const rhythmMs = settings.listLoadSeconds * 1000;
    const now = world.clock.now();
    const at = rhythmMs === 0 ? now : Math.floor(now / rhythmMs) * rhythmMs;
    if (at > load.at || rhythmMs === 0) load = { at, constituents: new Map(constituents) };
  }

  const state: SkyState = {
    world,
    settings,
    constituents,
    participants,
    events: new Map(),
    categories: new Map(),
    groups: new Map(),
    levels: new Map(),
    onNotice: () => undefined,
    newId: () => String(nextId++),
    keep(constituent, notice) {
      if (settings.listLoadSeconds > 0) loadWhenDue();
      const type = notice ?? `com.blackbaud.constituent.${constituents.has(constituent.id) ? 'change' : 'add'}.v1`;
      constituents.set(constituent.id, constituent);
      state.onNotice({ type, constituentId: constituent.id });
    },
    drop(constituentId) {
      if (settings.listLoadSeconds > 0) loadWhenDue();
      constituents.delete(constituentId);
      state.onNotice({ type: 'com.blackbaud.constituent.delete.v1', constituentId });
    },
    loaded() {
      loadWhenDue();
      return load;
    },
    keepParticipant(participant) {
      participants.set(participant.id, participant);
      const roster = rosters.get(participant.event_id) ?? new Map<string, SkyParticipant>();
      rosters.set(participant.event_id, roster.set(participant.id, participant));
    },
    dropParticipant(id) {
      const gone = participants.get(id);
      participants.delete(id);
      rosters.get(gone?.event_id ?? '')?.delete(id);
    },
    rosterOf: (eventId) => [...(rosters.get(eventId)?.values() ?? [])],
  };
  return state;
}

/** With the stamps that a change has. */
export function touched<Kept extends Stamped>(state: SkyState, record: Kept): Kept {
  return { ...record, modifiedAt: state.world.clock.now() };
}

export function newStamps(state: SkyState): Stamped {
  const now = state.world.clock.now();
  return { id: state.newId(), addedAt: now, modifiedAt: now };
}

/** ISO-8601 with an offset, as SKY writes it. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}

/** The full name as lists show it. */
export function nameOf(person: SkyConstituent): string {
  if (person.type === 'Organization') return person.name ?? '';
  const middle = person.middle ? `${person.middle.slice(0, 1)}.` : undefined;
  return [person.first, middle, person.last, person.suffix].filter((part) => part).join(' ');
}

/** Primary, or the first that is in use. */
export function mainEmail(person: SkyConstituent): SkyEmail | undefined {
  return person.emailaddresses.find(({ primary }) => primary === true) ?? person.emailaddresses.find(({ inactive }) => inactive !== true);
}

export function mainPhone(person: SkyConstituent): SkyPhone | undefined {
  return person.phones.find(({ primary }) => primary === true) ?? person.phones.find(({ inactive }) => inactive !== true);
}

export function mainAddress(person: SkyConstituent): SkyAddress | undefined {
  return person.addresses.find(({ preferred }) => preferred === true) ?? person.addresses[0];
}

/** A value of one of the tenant's lists. @throws SkyRefusal where the list does not have it */
export function inTable(words: readonly string[], value: string | null | undefined, what: string): void {
  if (value !== null && value !== undefined && !words.includes(value)) throw new SkyRefusal(400, `${what} '${value}' is not a value of its table.`);
}
