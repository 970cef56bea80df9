/**
 * The bookings that a simulated LibCal holds, and what people do to them: patrons book and cancel, staff move, deny and correct, and the
 * system cancels who does not come. Invented data only.
 */
import type { Clock } from '../base/clock.ts';

export interface BookingRecord {
  readonly id: number;
  readonly bookId: string;
  readonly lid: number;
  readonly cid: number;
  readonly eid: number;
  readonly seatId: number | undefined;
  /** Epoch ms, as are the others. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly account: string;
  readonly status: string;
  /** Form answers by question: `{ q12505: 'G20417733' }`. */
  readonly answers: { readonly [question: string]: string | readonly string[] };
  /** Not listed any more, nor found: as a row that staff deleted. */
  readonly hidden: boolean;
}

export type BookingDraft = Partial<Omit<BookingRecord, 'createdAt' | 'changedAt' | 'hidden'>>;

export interface BookingEditor {
  add(draft?: BookingDraft): BookingRecord;
  edit(id: number, changes: BookingDraft): void;
  /** Staff move it in place: `bookId` and `id` stay (likely). */
  move(id: number, to: { readonly startsAt?: number; readonly endsAt?: number; readonly eid?: number; readonly lid?: number }): void;
  cancel(id: number, by?: 'User' | 'Admin' | 'System'): void;
  deny(id: number): void;
  approve(id: number): void;
  hide(id: number): void;
  show(id: number): void;
  get(id: number): BookingRecord | undefined;
  /** In the order in which LibCal lists them: by start. */
  all(): readonly BookingRecord[];
}

const hourMs = 3_600_000;

export function bookingEditor(clock: Clock): BookingEditor {
  const rows = new Map<number, BookingRecord>();
  let next = 48_112_901;
  const change = (id: number, changes: Partial<BookingRecord>): void => {
    const row = rows.get(id);
    if (row === undefined) throw new Error(`there is no booking ${id}`);
    rows.set(id, { ...row, ...changes, id, changedAt: clock.now() });
  };
  return {
    add(draft = {}) {
      const id = draft.id ?? next;
      next = Math.max(next, id) + 1;
      const startsAt = draft.startsAt ?? clock.now() + 24 * hourMs;
      const row: BookingRecord = {
        bookId: `cs_${id.toString(36)}`, lid: 8810, cid: 18802, eid: 70211, seatId: undefined, firstName: 'Noor', lastName: 'Haddad', email: 'nhaddad@example.edu', account: '',
        status: 'Confirmed', answers: { q12505: 'G20417733' }, endsAt: startsAt + 2 * hourMs,
        ...draft, id, startsAt, createdAt: clock.now(), changedAt: clock.now(), hidden: false,
      };
      rows.set(id, row);
      return row;
    },
    edit: change,
    move: change,
    cancel: (id, by = 'User') => change(id, { status: `Cancelled by ${by}` }),
    deny: (id) => change(id, { status: 'Mediated Denied' }),
    approve: (id) => change(id, { status: 'Mediated Approved' }),
    hide: (id) => change(id, { hidden: true }),
    show: (id) => change(id, { hidden: false }),
    get: (id) => rows.get(id),
    all: () => [...rows.values()].sort((a, b) => a.startsAt - b.startsAt || a.id - b.id),
  };
}
