/**
 * What ServiceReef keeps, in the words of the people who work there: trips, accounts and registrations. How it looks on the wire
 * is in servicereef-wire.ts. Nothing is edited in place: a record that was handed out stays as it was.
 */

/** Named as on the wire. */
export interface ReefAddress {
  readonly Address1: string | null;
  readonly Address2: string | null;
  readonly City: string | null;
  readonly State: string | null;
  readonly Zip: string | null;
  readonly Country: string | null;
}

export interface ReefEvent {
  readonly eventId: number;
  readonly name: string;
  /** May hold HTML. */
  readonly description: string | null;
  /** Wall time at the place of the trip, `2026-07-11T09:00:00`; null where nobody has set it. */
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  /** IANA name; whether the wire says so too is a setting. */
  readonly zone: string | null;
  readonly status: string | null;
  readonly maxRegistrations: number | null;
  readonly cost: number | null;
  readonly fundRaisingGoal: number | null;
  readonly approvalRequired: boolean;
  readonly categories: readonly { readonly categoryId: number; readonly name: string }[];
  readonly contactName: string | null;
  readonly contactEmail: string | null;
  readonly organizationId: number;
  readonly address: ReefAddress | null;
}

export interface ReefPerson {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly address: ReefAddress | null;
}

export interface ReefMember extends ReefPerson {
  readonly userId: number;
  /** `2009-05-17`. */
  readonly birthdate: string | null;
}

/** Has no id of its own (confirmed absence): its key is the trip and the account. */
export interface ReefRegistration {
  readonly eventId: number;
  /** Null or 0 where a row stands for somebody without an account (such rows exist, confirmed). */
  readonly userId: number | null;
  /** Who it is where there is no account. */
  readonly person: ReefPerson | undefined;
  /** Any text: the full list is not public. */
  readonly status: string | null;
  readonly registeredAt: string | null;
  readonly amountRaised: number;
  readonly balanceDue: number;
}

export interface ReefState {
  readonly events: Map<number, ReefEvent>;
  readonly members: Map<number, ReefMember>;
  /** By trip, in the order of arrival. */
  readonly rosters: Map<number, readonly ReefRegistration[]>;
  /** Accounts that were merged away, and into which. */
  readonly mergedInto: Map<number, number>;
}

export function emptyReef(): ReefState {
  return { events: new Map(), members: new Map(), rosters: new Map(), mergedInto: new Map() };
}

export function rosterOf(state: ReefState, eventId: number): readonly ReefRegistration[] {
  return state.rosters.get(eventId) ?? [];
}

/** How many rows of a trip have a status. */
export function countOf(state: ReefState, eventId: number, status: string): number {
  return rosterOf(state, eventId).filter((row) => row.status === status).length;
}
