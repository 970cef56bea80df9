/**
 * Bookings by id: is one that is no longer listed cancelled, moved or gone? LibCal has three ways of not knowing an id: it is missing from
 * the answer, an element with an `error` stands in its place, or the call meets 404 (all likely). A page of HTML is none of them: a wrong
 * prefix would otherwise make every booking unknown.
 */
import { VendorRejected } from '../../base/errors.ts';
import { groupsWithin } from '../../base/groups.ts';
import { isErrorElement, readBooking, type BookingRules, type LibcalBooking, type RejectedBooking } from './schema.ts';

export type BookingLookUp =
  /** One `bookId` may stand for several rows: seats, or the occurrences of a recurring booking. */
  | { readonly id: string; readonly kind: 'found'; readonly bookings: readonly LibcalBooking[]; readonly rejected: readonly RejectedBooking[] }
  | { readonly id: string; readonly kind: 'unknown' }
  /** A row of the answer cannot be named, and it may be this one. */
  | { readonly id: string; readonly kind: 'unclear' };

/** 80 ids are known to work; 12 000 characters met 414, and 2 000 are safe (confirmed for a sister endpoint). */
const groupLimits = { countMax: 80, sizeMax: 2000 };

/** @param readIds  the elements that one call answers with, or `not found` for 404. */
export async function lookUpBookings(ids: readonly string[], rules: BookingRules, readIds: (joined: string) => Promise<readonly unknown[] | 'not found'>): Promise<readonly BookingLookUp[]> {
  const found: BookingLookUp[] = [];
  const groups = groupsWithin([...new Set(ids)], (id) => encodeURIComponent(id).length + 1, groupLimits);
  for (const group of groups) found.push(...(await lookUpGroup(group, rules, readIds)));
  return found;
}

async function lookUpGroup(group: readonly string[], rules: BookingRules, readIds: (joined: string) => Promise<readonly unknown[] | 'not found'>): Promise<readonly BookingLookUp[]> {
  const elements = await readIds(group.map((id) => encodeURIComponent(id)).join(','));
  if (elements !== 'not found') return sorted(group, elements, rules);
  if (group.length === 1) return group.map((id) => ({ id, kind: 'unknown' }));
  // Nobody says whether one unknown id makes the whole call fail. Halves tell, in few calls where few are unknown.
  const half = Math.ceil(group.length / 2);
  return [...(await lookUpGroup(group.slice(0, half), rules, readIds)), ...(await lookUpGroup(group.slice(half), rules, readIds))];
}

function sorted(group: readonly string[], elements: readonly unknown[], rules: BookingRules): readonly BookingLookUp[] {
  const rows = elements.filter((element) => !isErrorElement(element)).map((element) => readBooking(element, rules));
  const isUnclear = rows.some(({ rejected }) => rejected !== undefined && rejected.bookId === undefined && rejected.key === undefined);
  return group.map((id): BookingLookUp => {
    // A row's number serves as an id too (likely).
    const bookings = rows.flatMap(({ booking }) => (booking && (booking.bookId === id || String(booking.id) === id) ? [booking] : []));
    const rejected = rows.flatMap(({ rejected: unfit }) => (unfit && (unfit.bookId === id || unfit.key === id) ? [unfit] : []));
    if (bookings.length + rejected.length > 0) return { id, kind: 'found', bookings, rejected };
    return { id, kind: isUnclear ? 'unclear' : 'unknown' };
  });
}

/** Whether the API, and not whatever stands in front of it, says that it does not know the id. */
export function isNotFound(error: unknown): boolean {
  return error instanceof VendorRejected && error.status === 404 && error.reason !== notTheApi;
}

/** The reason of a 404 that is a page. */
export const notTheApi = 'NOT_THE_API';
