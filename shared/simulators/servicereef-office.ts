/**
 * ServiceReef as the people of an organisation work with it: trips are planned, people sign up, admins approve, move and merge.
 * No token, no journal, no faults. What is not there throws.
 */
import type { Clock } from '../base/clock.ts';
import {
  rosterOf,
  type ReefEvent,
  type ReefMember,
  type ReefPerson,
  type ReefRegistration,
  type ReefState,
} from './servicereef-records.ts';
import type { ServiceReefSettings } from './servicereef-settings.ts';

export interface ServiceReefOffice {
  readonly events: {
    /** Everything has a default, so that a test states only what matters. */
    add(draft?: Partial<ReefEvent>): ReefEvent;
    edit(eventId: number, changes: Partial<Omit<ReefEvent, 'eventId'>>): ReefEvent;
    /** The status says so; the trip and its roster stay. */
    cancel(eventId: number): ReefEvent;
    /** For good, with its roster: the list no longer has it, and its address is 404. */
    remove(eventId: number): void;
    get(eventId: number): ReefEvent | undefined;
    all(): readonly ReefEvent[];
  };
  readonly members: {
    add(draft?: Partial<ReefMember>): ReefMember;
    edit(userId: number, changes: Partial<Omit<ReefMember, 'userId'>>): ReefMember;
    /** The account alone; its registrations keep the number of somebody who is not there any more. */
    remove(userId: number): void;
    /** Two accounts of one person become one, which takes the other's registrations over. */
    merge(accounts: { readonly keptId: number; readonly goneId: number }): void;
    get(userId: number): ReefMember | undefined;
    all(): readonly ReefMember[];
  };
  readonly registrations: {
    /** A member signs up: waits for approval where the trip wants one, is approved at once where it does not. */
    register(registration: Pick<ReefRegistration, 'eventId'> & { readonly userId: number } & Partial<ReefRegistration>): ReefRegistration;
    /** A row for somebody without an account: its `UserId` is null, or 0. */
    addWithoutAccount(eventId: number, person: Partial<ReefPerson>, userId?: null | 0): ReefRegistration;
    approve(key: RegistrationKey): ReefRegistration;
    decline(key: RegistrationKey): ReefRegistration;
    cancel(key: RegistrationKey): ReefRegistration;
    /** Any text, also one that nobody knows. */
    setStatus(key: RegistrationKey, status: string | null): ReefRegistration;
    edit(key: RegistrationKey, changes: Partial<Omit<ReefRegistration, 'eventId' | 'userId'>>): ReefRegistration;
    /** To another trip: the row is on the one roster no longer, and stands on the other with the date that it had. */
    move(key: RegistrationKey, toEventId: number): ReefRegistration;
    remove(key: RegistrationKey): void;
    get(key: RegistrationKey): ReefRegistration | undefined;
    /** Of one trip, or of all. */
    all(eventId?: number): readonly ReefRegistration[];
  };
}

export interface RegistrationKey {
  readonly eventId: number;
  readonly userId: number;
}

export function serviceReefOffice(state: ReefState, clock: Clock, settings: ServiceReefSettings): ServiceReefOffice {
  return { events: eventDesk(state, clock), members: memberDesk(state, settings), registrations: registrationDesk(state, clock) };
}

function eventDesk(state: ReefState, clock: Clock): ServiceReefOffice['events'] {
  const edit: ServiceReefOffice['events']['edit'] = (eventId, changes) => {
    const edited = { ...existing(state.events, eventId, 'trip'), ...changes };
    state.events.set(eventId, edited);
    return edited;
  };
  return {
    add(draft = {}) {
      const eventId = draft.eventId ?? nextId(state.events, 31_001);
      if (state.events.has(eventId)) throw new Error(`trip ${eventId} exists already`);
      const event = { ...defaultEvent(eventId, clock), ...draft, eventId };
      state.events.set(eventId, event);
      return event;
    },
    edit,
    cancel: (eventId) => edit(eventId, { status: 'Cancelled' }),
    remove(eventId) {
      existing(state.events, eventId, 'trip');
      state.events.delete(eventId);
      state.rosters.delete(eventId);
    },
    get: (eventId) => state.events.get(eventId),
    all: () => [...state.events.values()],
  };
}

function memberDesk(state: ReefState, settings: ServiceReefSettings): ServiceReefOffice['members'] {
  return {
    add(draft = {}) {
      const userId = draft.userId ?? nextId(state.members, 70_001);
      if (state.members.has(userId)) throw new Error(`account ${userId} exists already`);
      const member = { ...defaultMember(userId), ...draft, userId };
      state.members.set(userId, member);
      return member;
    },
    edit(userId, changes) {
      const edited = { ...existing(state.members, userId, 'account'), ...changes };
      state.members.set(userId, edited);
      return edited;
    },
    remove(userId) {
      existing(state.members, userId, 'account');
      state.members.delete(userId);
    },
    merge({ keptId, goneId }) {
      existing(state.members, keptId, 'account');
      existing(state.members, goneId, 'account');
      for (const [eventId, rows] of state.rosters) {
        const keeperStands = rows.some(({ userId }) => userId === keptId);
        const merged = rows
          .filter(({ userId }) => userId !== goneId || !keeperStands || settings.mergedRows === 'both')
          .map((row) => (row.userId === goneId ? { ...row, userId: keptId } : row));
        state.rosters.set(eventId, merged);
      }
      state.members.delete(goneId);
      state.mergedInto.set(goneId, keptId);
    },
    get: (userId) => state.members.get(userId),
    all: () => [...state.members.values()],
  };
}

function registrationDesk(state: ReefState, clock: Clock): ServiceReefOffice['registrations'] {
  const find = ({ eventId, userId }: RegistrationKey) => rosterOf(state, eventId).find((row) => row.userId === userId);
  const stored = (row: ReefRegistration): ReefRegistration => {
    state.rosters.set(row.eventId, [...rosterOf(state, row.eventId), row]);
    return row;
  };
  const needed = (key: RegistrationKey): ReefRegistration => {
    const row = find(key);
    if (!row) throw new Error(`${key.userId} is not registered for trip ${key.eventId}`);
    return row;
  };
  const edit: ServiceReefOffice['registrations']['edit'] = (key, changes) => {
    const before = needed(key);
    const after = { ...before, ...changes };
    state.rosters.set(key.eventId, rosterOf(state, key.eventId).map((row) => (row === before ? after : row)));
    return after;
  };
  const remove = (key: RegistrationKey): ReefRegistration => {
    const gone = needed(key);
    state.rosters.set(key.eventId, rosterOf(state, key.eventId).filter((row) => row !== gone));
    return gone;
  };
  const now = () => new Date(clock.now()).toISOString().slice(0, 19);
  return {
    register(registration) {
      const { approvalRequired } = existing(state.events, registration.eventId, 'trip');
      existing(state.members, registration.userId, 'account');
      if (find(registration)) throw new Error(`${registration.userId} is registered for trip ${registration.eventId} already`);
      return stored({ ...defaultRegistration(now(), approvalRequired ? 'WaitingApproval' : 'Approved'), ...registration });
    },
    addWithoutAccount(eventId, person, userId = null) {
      existing(state.events, eventId, 'trip');
      return stored({ ...defaultRegistration(now(), 'Registered'), eventId, userId, person: { ...nobody, ...person } });
    },
    approve: (key) => edit(key, { status: 'Approved' }),
    decline: (key) => edit(key, { status: 'Declined' }),
    cancel: (key) => edit(key, { status: 'Cancelled' }),
    setStatus: (key, status) => edit(key, { status }),
    edit,
    move(key, toEventId) {
      existing(state.events, toEventId, 'trip');
      if (find({ ...key, eventId: toEventId })) throw new Error(`${key.userId} is registered for trip ${toEventId} already`);
      return stored({ ...remove(key), eventId: toEventId });
    },
    remove: (key) => void remove(key),
    get: find,
    all: (eventId) => (eventId === undefined ? [...state.rosters.values()].flat() : rosterOf(state, eventId)),
  };
}

const nobody: ReefPerson = { firstName: null, lastName: null, email: null, phone: null, address: null };

function defaultEvent(eventId: number, clock: Clock): ReefEvent {
  const monthMs = 30 * 86_400_000;
  const day = (ms: number) => new Date(clock.now() + ms).toISOString().slice(0, 10);
  return {
    eventId,
    name: `Trip ${eventId}`,
    description: null,
    startsAt: `${day(monthMs)}T09:00:00`,
    endsAt: `${day(monthMs + 7 * 86_400_000)}T17:30:00`,
    zone: 'America/Chicago',
    status: 'Published',
    maxRegistrations: null,
    cost: null,
    fundRaisingGoal: null,
    approvalRequired: true,
    categories: [],
    contactName: null,
    contactEmail: null,
    organizationId: 912,
    address: null,
  };
}

function defaultMember(userId: number): ReefMember {
  return { ...nobody, userId, firstName: 'Person', lastName: `Number ${userId}`, email: `person-${userId}@example.org`, birthdate: null };
}

function defaultRegistration(registeredAt: string, status: string): Omit<ReefRegistration, 'eventId' | 'userId'> {
  return { status, registeredAt, person: undefined, amountRaised: 0, balanceDue: 0 };
}

function existing<T>(map: ReadonlyMap<number, T>, id: number, what: string): T {
  const found = map.get(id);
  if (found === undefined) throw new Error(`there is no ${what} ${id}`);
  return found;
}

function nextId(map: ReadonlyMap<number, unknown>, first: number): number {
  return Math.max(first - 1, ...map.keys()) + 1;
}
