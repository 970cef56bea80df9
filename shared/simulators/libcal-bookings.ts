/**
 * The bookings of a site, and the hands of people in it: patrons who book and cancel, staff who move, mediate and rename, the
 * system itself that cancels. No token, no journal, no faults. A booking changes in place and keeps its ids (likely).
 */
import { placeOf, spacesOf, type LibCalPlace } from './libcal-places.ts';
import type { LibCalSettings } from './libcal-settings.ts';
import { pick, type SimulatedWorld } from './world.ts';

/** One booked space or seat. `bookId` may stand on several: seats booked in one go, occurrences of a recurring one (confirmed). */
export interface LibCalBooking extends LibCalPlace {
  /** Number of the row; people's hands go by it, also where the API does not show it. */
  readonly id: number;
  readonly bookId: string;
  readonly seatId: number | undefined;
  /** Instants in UTC, to the second: `2026-11-23T14:00:00Z`. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdAt: string;
  readonly cancelledAt: string | undefined;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** The login; empty for a booking without one. */
  readonly account: string;
  /** As LibCal spells it: `Confirmed`, `Mediated Approved`, `Cancelled by User`, ... */
  readonly status: string;
  /** What the patron wrote into the form, by the number of the question; none, empty, padded and lists are all seen. */
  readonly answers: Readonly<Record<number, string | readonly string[]>>;
  readonly checkIn: 'in' | 'out' | '-';
  /** Out of every list, and still there by its id. */
  readonly isHidden: boolean;
  /** Came in from Outlook, Exchange or Google. */
  readonly isRemote: boolean;
  /** Further locations whose lists show it too: one client saw that. */
  readonly alsoIn: readonly number[];
}

/** What is left out has a default: tomorrow at this hour, for two hours, in the first space, confirmed. Times in any ISO form. */
export type LibCalDraft = Partial<LibCalBooking>;
export type LibCalMove = Partial<Pick<LibCalBooking, 'startsAt' | 'endsAt' | 'lid' | 'cid' | 'eid' | 'seatId'>>;

export interface LibCalBookingsByHand {
  readonly size: number;
  add(draft?: LibCalDraft): LibCalBooking;
  /** Staff give it another time, space or seat. By `settings.movedRows` its ids change; the answer carries the new ones. */
  move(id: number, to: LibCalMove): LibCalBooking;
  rename(id: number, person: Partial<Pick<LibCalBooking, 'firstName' | 'lastName' | 'email' | 'account'>>): LibCalBooking;
  /** Any other change in place: answers, status, check-in. */
  edit(id: number, changes: Partial<Omit<LibCalBooking, 'id'>>): LibCalBooking;
  cancel(id: number, by?: 'User' | 'Admin' | 'System'): LibCalBooking;
  approve(id: number): LibCalBooking;
  deny(id: number): LibCalBooking;
  hide(id: number): LibCalBooking;
  show(id: number): LibCalBooking;
  /** As if it had never been. */
  remove(id: number): void;
  get(id: number): LibCalBooking | undefined;
  byBookId(bookId: string): readonly LibCalBooking[];
  /** By start, then by row. */
  all(): readonly LibCalBooking[];
}

const hourMs = 3_600_000;
const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'.split('');

export function libcalBookings(world: SimulatedWorld, settings: LibCalSettings): LibCalBookingsByHand {
  const rows = new Map<number, LibCalBooking>();
  let sorted: readonly LibCalBooking[] | undefined;
  let lastId = 48_112_900;

  const now = () => instantText(world.clock.now());
  const newBookId = () => `cs_${Array.from({ length: 8 }, () => pick(world.random, letters)).join('')}`;
  const existing = (id: number) => rows.get(id) ?? missing(id);

  function keep(row: LibCalBooking): LibCalBooking {
    rows.set(row.id, row);
    sorted = undefined;
    return row;
  }

  function drop(id: number): void {
    rows.delete(existing(id).id);
    sorted = undefined;
  }

  function edit(id: number, changes: Partial<LibCalBooking>): LibCalBooking {
    return keep(inUtc({ ...existing(id), ...changes }));
  }

  return {
    get size() {
      return rows.size;
    },
    add(draft = {}) {
      lastId = Math.max(lastId + 1, draft.id ?? 0);
      const startsAt = draft.startsAt ?? instantText(Math.floor(world.clock.now() / hourMs) * hourMs + 24 * hourMs);
      const email = draft.email ?? `patron.${lastId}@example.edu`;
      return keep(
        inUtc({
          ...blank,
          ...placeOf(settings.locations, draft),
          id: lastId,
          bookId: newBookId(),
          startsAt,
          endsAt: instantText(Date.parse(startsAt) + 2 * hourMs),
          createdAt: now(),
          lastName: `Patron ${lastId}`,
          email,
          account: email,
          ...draft,
        }),
      );
    },
    move(id, to) {
      const before = existing(id);
      const isElsewhere = to.eid !== undefined || to.cid !== undefined || to.lid !== undefined;
      const place = isElsewhere ? placeOf(settings.locations, to) : before;
      const seatId = place.eid === before.eid ? before.seatId : undefined; // seats belong to their space
      const moved = { ...before, seatId, ...to, lid: place.lid, cid: place.cid, eid: place.eid };
      if (settings.movedRows === 'same') return keep(inUtc(moved));
      if (settings.movedRows === 'new-book-id') return keep(inUtc({ ...moved, bookId: newBookId() }));
      drop(id);
      lastId += 1;
      return keep(inUtc({ ...moved, id: lastId }));
    },
    rename: edit,
    edit,
    cancel: (id, by = 'User') => edit(id, { status: `Cancelled by ${by}`, cancelledAt: now() }),
    approve: (id) => edit(id, { status: 'Mediated Approved' }),
    deny: (id) => edit(id, { status: 'Mediated Denied' }),
    hide: (id) => edit(id, { isHidden: true }),
    show: (id) => edit(id, { isHidden: false }),
    remove: drop,
    get: (id) => rows.get(id),
    byBookId: (bookId) => [...rows.values()].filter((row) => row.bookId === bookId),
    all: () => (sorted ??= [...rows.values()].sort(byStart)),
  };
}

/** The names of everything that a row points at; undefined where it points nowhere. */
export function namesOf(settings: LibCalSettings, row: LibCalBooking): { location?: string; category?: string; space?: string; seat?: string } {
  const found = spacesOf(settings.locations).find(({ space, location }) => space.eid === row.eid && location.lid === row.lid);
  if (!found) return {};
  const seat = found.space.seats.find(({ id }) => id === row.seatId)?.name;
  return { location: found.location.name, category: found.category.name, space: found.space.name, ...(seat === undefined ? {} : { seat }) };
}

const blank = {
  seatId: undefined,
  cancelledAt: undefined,
  firstName: 'Sample',
  status: 'Confirmed',
  answers: {},
  checkIn: '-',
  isHidden: false,
  isRemote: false,
  alsoIn: [],
} as const satisfies Partial<LibCalBooking>;

function inUtc(row: LibCalBooking): LibCalBooking {
  const { startsAt, endsAt, createdAt, cancelledAt } = row;
  return {
    ...row,
    startsAt: instantText(Date.parse(startsAt)),
    endsAt: instantText(Date.parse(endsAt)),
    createdAt: instantText(Date.parse(createdAt)),
    cancelledAt: cancelledAt === undefined ? undefined : instantText(Date.parse(cancelledAt)),
  };
}

function instantText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function byStart(left: LibCalBooking, right: LibCalBooking): number {
  if (left.startsAt !== right.startsAt) return left.startsAt < right.startsAt ? -1 : 1;
  return left.id - right.id;
}

function missing(id: number): never {
  throw new Error(`there is no booking ${id}`);
}
