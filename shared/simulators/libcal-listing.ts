/**
 * What `space/bookings` and `space/booking/{ids}` answer: which rows a question finds, which page of them, and how a row looks.
 * A bare array without total or cursor; unknown parameters are ignored without a word, and flags are on for `1` alone.
 * A booking belongs to the day on which it starts (assumed), so one that runs over midnight is missing on the second day.
 */
import { namesOf, type LibCalBooking } from './libcal-bookings.ts';
import type { LibCalSettings } from './libcal-settings.ts';
import { daysLater, isDate, localDate, localText } from './local-times.ts';

/** A value that makes no sense. That LibCal refuses it, rather than taking the default without a word, is assumed. */
export class LibCalRefusal extends Error {}

type Test = (row: LibCalBooking) => boolean;

/** @throws LibCalRefusal for a value that makes no sense */
export function listedBookings(rows: readonly LibCalBooking[], query: URLSearchParams, settings: LibCalSettings, nowMs: number): unknown {
  const limit = Math.min(wholeNumber(query, 'limit', { fallback: settings.limitDefault, from: 1 }), settings.limitMax);
  const asked = wholeNumber(query, 'page', { fallback: 1, from: 1 });
  const lid = query.get('lid') === null ? undefined : Number.parseInt(query.get('lid') ?? '', 10); // of a list, the first
  const tests = [statusTest(query, settings), dayTest(query, settings, nowMs), ...placeTests(query, lid)];
  const first = settings.paging ? (asked - 1) * limit : 0;
  const found = rows.filter((row) => !row.isHidden && tests.every((test) => test(row)));
  const page = found.slice(first, first + limit).map((row) => shownBooking(row, query, settings));
  settings.afterPage?.({ number: asked, lid });
  return page;
}

/**
 * Everything with these ids, whatever its status, hidden or not. A `bookId` brings all of its rows (assumed); a row's number is
 * taken where rows have one (likely).
 *
 * @returns undefined where the call is to be 404
 */
export function bookingsByIds(rows: readonly LibCalBooking[], ids: readonly string[], query: URLSearchParams, settings: LibCalSettings): unknown[] | undefined {
  const found = ids.map((id) => rows.filter((row) => row.bookId === id || (settings.rowIds && String(row.id) === id)));
  if (settings.unknownBooking === 'status-404' && found.some((some) => some.length === 0)) return undefined;
  return found.flatMap((some, at) => {
    if (some.length > 0) return some.map((row) => shownBooking(row, query, settings));
    return settings.unknownBooking === 'missing' ? [] : [{ error: `booking ${ids[at]} is not known here` }];
  });
}

function shownBooking(row: LibCalBooking, query: URLSearchParams, settings: LibCalSettings): unknown {
  const zone = zoneOf(row.lid, settings);
  const time = (text: string) => localText(Date.parse(text), zone);
  const names = namesOf(settings, row);
  const shown: Record<string, unknown> = {
    bookId: row.bookId,
    ...(settings.rowIds ? { id: row.id } : {}),
    eid: row.eid,
    cid: row.cid,
    lid: row.lid,
    ...(row.seatId === undefined ? {} : { seat_id: row.seatId, seat_name: names.seat ?? '' }),
    fromDate: time(row.startsAt),
    toDate: time(row.endsAt),
    created: time(row.createdAt),
    firstName: row.firstName,
    lastName: row.lastName,
    email: row.email,
    account: row.account,
    status: row.status,
    ...(row.cancelledAt === undefined ? {} : { cancelled: time(row.cancelledAt) }),
    ...(settings.placeNames ? { location_name: names.location ?? '', category_name: names.category ?? '', item_name: names.space ?? '' } : {}),
    ...(isOn(query, 'check_in_status') ? { check_in_status: row.checkIn } : {}),
  };
  if (isOn(query, 'formAnswers')) for (const [id, answer] of Object.entries(row.answers)) shown[`q${id}`] = answer;
  return settings.shownRow ? settings.shownRow(shown) : shown;
}

function statusTest(query: URLSearchParams, settings: LibCalSettings): Test {
  const withCancelled = settings.cancelledRows === 'always' || (settings.cancelledRows === 'by-flag' && isOn(query, 'include_cancel'));
  const withTentative = isOn(query, 'include_tentative');
  const withDenied = isOn(query, 'include_denied');
  const withRemote = isOn(query, 'include_remote');
  return ({ status, isRemote }) => {
    if (isRemote && !withRemote) return false;
    if (status.startsWith('Cancelled')) return withCancelled;
    if (status === 'Mediated Denied') return withDenied;
    return withTentative || !/^(?:Mediated )?(?:Tentative|Pending)$/.test(status);
  };
}

function dayTest(query: URLSearchParams, settings: LibCalSettings, nowMs: number): Test {
  const date = query.get('date') ?? '';
  if (date !== '' && !isDate(date)) throw new LibCalRefusal('date has to be a day, YYYY-MM-DD');
  const days = wholeNumber(query, 'days', { fallback: 0, from: 0, to: 365 });
  const windows = new Map<string, { first: string; last: string }>(); // one for each zone
  const windowOf = (zone: string) => {
    const today = localDate(nowMs, zone);
    const isPast = settings.pastDates === 'ignored' && date < today;
    const first = date === '' || isPast ? today : date;
    return { first, last: daysLater(first, days) };
  };
  return (row) => {
    const zone = settings.datesIn === 'site' ? settings.timeZone : zoneOf(row.lid, settings);
    const { first, last } = windows.get(zone) ?? windowOf(zone);
    windows.set(zone, { first, last });
    const day = localDate(Date.parse(row.startsAt), zone);
    return day >= first && day <= last;
  };
}

function placeTests(query: URLSearchParams, lid: number | undefined): Test[] {
  const tests: Test[] = [];
  if (lid !== undefined) tests.push((row) => row.lid === lid || row.alsoIn.includes(lid));
  for (const [name, field] of [['cid', 'cid'], ['eid', 'eid'], ['seat_id', 'seatId']] as const) {
    const wanted = query.get(name)?.split(',').map(Number);
    if (wanted) tests.push((row) => wanted.includes(row[field] ?? Number.NaN));
  }
  const email = query.get('email')?.toLowerCase();
  if (email !== undefined) tests.push((row) => row.email.toLowerCase() === email);
  return tests;
}

function wholeNumber(query: URLSearchParams, name: string, bounds: { fallback: number; from: number; to?: number }): number {
  const text = query.get(name);
  if (text === null || text === '') return bounds.fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= bounds.from && value <= (bounds.to ?? Infinity)) return value;
  throw new LibCalRefusal(`${name} has to be a whole number of at least ${bounds.from}`);
}

function isOn(query: URLSearchParams, flag: string): boolean {
  return query.get(flag) === '1';
}

function zoneOf(lid: number, settings: LibCalSettings): string {
  return settings.locations.find((location) => location.lid === lid)?.timeZone ?? settings.timeZone;
}
