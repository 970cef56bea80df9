/**
 * Hands and eyes for a simulated library, in the units and words of the tests: instants in milliseconds, cards, doors. What the systems do
 * with it is theirs (shared/simulators/libcal.ts, alma.ts, passagepoint.ts).
 */
import type { FaultRule } from '../../shared/simulators/faults.ts';
import type { AlmaUser } from '../../shared/simulators/alma-users.ts';
import type { SimulatedAlma } from '../../shared/simulators/alma.ts';
import type { LibCalBooking } from '../../shared/simulators/libcal-bookings.ts';
import type { SimulatedLibCal } from '../../shared/simulators/libcal.ts';
import type { SimulatedPassagePoint } from '../../shared/simulators/passagepoint.ts';
import type { PassagePointPreReg } from '../../shared/simulators/passagepoint-visits.ts';

/** Times in epoch ms; answers by the name of the member, `{ q12345: 'G20417733' }`. */
export interface BookingDraft {
  readonly bookId?: string;
  readonly lid?: number;
  readonly cid?: number;
  readonly eid?: number;
  readonly seatId?: number;
  readonly startsAt?: number;
  readonly endsAt?: number;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly account?: string;
  readonly status?: string;
  readonly answers?: { readonly [question: string]: string | readonly string[] };
}

export interface BookingRecord {
  readonly id: number;
  readonly bookId: string;
  readonly lid: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly status: string;
  readonly hidden: boolean;
  readonly answers: { readonly [question: string]: string | readonly string[] };
}

const hourMs = 3_600_000;
export const usualPatron = 'G20417733';

const shownBooking = ({ id, bookId, lid, startsAt, endsAt, status, isHidden, answers }: LibCalBooking): BookingRecord => ({
  id, bookId, lid, startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt), status, hidden: isHidden,
  answers: Object.fromEntries(Object.entries(answers).map(([number, answer]) => [`q${number}`, answer])),
});
const wire = ({ startsAt, endsAt, answers, ...rest }: BookingDraft): Partial<LibCalBooking> => ({
  ...rest,
  ...(startsAt !== undefined && { startsAt: new Date(startsAt).toISOString() }),
  ...(endsAt !== undefined && { endsAt: new Date(endsAt).toISOString() }),
  ...(answers !== undefined && { answers: Object.fromEntries(Object.entries(answers).map(([name, answer]) => [Number(name.slice(1)), answer])) }),
});

export function bookingHands({ bookings }: SimulatedLibCal, clock: { readonly now: () => number }) {
  return {
    add(draft: BookingDraft = {}): BookingRecord {
      const startsAt = draft.startsAt ?? clock.now() + 24 * hourMs;
      return shownBooking(bookings.add(wire({ firstName: 'Noor', lastName: 'Haddad', email: 'nhaddad@example.edu', account: '', answers: { q12345: usualPatron }, endsAt: startsAt + 2 * hourMs, ...draft, startsAt })));
    },
    edit: (id: number, changes: BookingDraft) => void bookings.edit(id, wire(changes)),
    move: (id: number, to: BookingDraft) => void bookings.edit(id, wire(to)), // staff write over it in place: nothing else changes
    cancel: (id: number, by: 'User' | 'Admin' | 'System' = 'User') => void bookings.cancel(id, by),
    deny: (id: number) => void bookings.deny(id),
    approve: (id: number) => void bookings.approve(id),
    hide: (id: number) => void bookings.hide(id),
    show: (id: number) => void bookings.show(id),
    all: (): readonly BookingRecord[] => bookings.all().map(shownBooking),
  };
}

export interface Card {
  readonly value: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly segment?: 'Internal' | 'External';
}

export interface Person {
  readonly primaryId: string;
  readonly cards: readonly Card[];
}

export interface PersonDraft {
  readonly primaryId: string;
  /** Without it one active card. */
  readonly cards?: readonly Card[];
  readonly group?: string;
  readonly expiresOn?: string;
  readonly institution?: string;
}

const cardsOf = ({ identifiers }: AlmaUser): readonly Card[] => identifiers.filter(({ type }) => type === 'BARCODE').map(({ value, status, segment }) => ({ value, status, segment }));

export function peopleHands(alma: SimulatedAlma) {
  let added = 0;
  return {
    add({ primaryId, cards, group = '10', expiresOn, institution = 'main' }: PersonDraft): void {
      added += 1;
      const barcodes = cards ?? [{ value: `2299900${String(added).padStart(7, '0')}`, status: 'ACTIVE' as const }];
      alma.institution(institution).users.add({ primaryId, barcodes, group: { value: group, desc: `Group ${group}` }, ...(expiresOn !== undefined && { expiresOn }) });
    },
    /** All cards at once. */
    edit: (primaryId: string, { cards }: { readonly cards: readonly Card[] }) => void alma.users.setBarcodes(primaryId, cards),
    all: (): readonly Person[] => alma.users.all().map((user) => ({ primaryId: user.primaryId, cards: cardsOf(user) })),
  };
}

/** A pre-registration; times in epoch seconds, as PassagePoint counts. */
export interface PreRegRecord {
  readonly id: string;
  readonly visitorId: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly destination: string;
  readonly status: string;
}

const shownPreReg = ({ id, visitorId, startsAt, endsAt, destination, status }: PassagePointPreReg): PreRegRecord => ({ id, visitorId, startTime: startsAt, endTime: endsAt, destination, status });

export function preRegistrationHands({ preRegistrations }: SimulatedPassagePoint) {
  return {
    all: () => preRegistrations.all().map(shownPreReg),
    /** Those that let somebody in, now or later. */
    standing: () => preRegistrations.standing().map(shownPreReg),
    add: ({ visitorId, startTime, endTime, destination }: Pick<PreRegRecord, 'visitorId' | 'startTime' | 'endTime' | 'destination'>) => shownPreReg(preRegistrations.add({ visitorId, startsAt: startTime, endsAt: endTime, destination })),
    cancelByHand: (id: string) => void preRegistrations.cancel(id),
    changeByHand: (id: string, { startTime, endTime }: { readonly startTime: number; readonly endTime: number }) => void preRegistrations.edit(id, { startsAt: startTime, endsAt: endTime }),
    signIn: (id: string) => void preRegistrations.signIn(id),
  };
}

export type Broken = { readonly [lid: number]: 'html' | 'text' | 'error-200' | 500 };

/** Locations whose listing fails, and how; what was broken before is whole again. */
export function breaker({ faults }: SimulatedLibCal): (broken: Broken) => void {
  let whole: readonly (() => void)[] = [];
  return (broken) => {
    for (const mend of whole) mend();
    whole = Object.entries(broken).map(([lid, how]) => faults.add(brokenAs(lid, how)));
  };
}

function brokenAs(lid: string, how: Broken[number]): FaultRule {
  const when: FaultRule['when'] = ({ path, url }) => path.endsWith('/space/bookings') && url.searchParams.get('lid') === lid;
  const html = { 'content-type': 'text/html; charset=utf-8' };
  if (how === 'html') return { kind: 'status', status: 404, headers: html, body: '<html><body><h1>Page not found</h1></body></html>', when };
  if (how === 500) return { kind: 'status', status: 500, headers: html, body: '<html><body>500</body></html>', when };
  if (how === 'text') return { kind: 'wrong-body', body: 'No result for this request.', when };
  return { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body: '{"error":"the location could not be loaded"}', when };
}
