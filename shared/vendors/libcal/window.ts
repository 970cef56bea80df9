/**
 * Reads all bookings of a location and some days, and says whether it got them all. LibCal has no cursor, no total and no "changed since":
 * pages are cut from a set that moves. A row that came in meanwhile shows one row twice; one that went out hides another, and only
 * reading the last full page again shows that. A move is read again once from the start, then told.
 */
import { placeAndTime, readBooking, type BookingRules, type LibcalBooking, type ReadRow, type RejectedBooking } from './schema.ts';

export interface BookingScan {
  /** Each row once. */
  readonly bookings: readonly LibcalBooking[];
  readonly rejected: readonly RejectedBooking[];
  /** Whether absence from it means anything. A page that failed has thrown before. */
  readonly proof: ScanProof;
}

export type ScanProof =
  /** Every row that stood there all the time is among `bookings` or `rejected`. */
  | { readonly isComplete: true }
  /** `MOVED`: the set moved twice. `NO_PAGING`: the server repeats its first page. `UNNAMED`: a row cannot be named. */
  | { readonly isComplete: false; readonly reason: 'MOVED' | 'NO_PAGING' | 'UNNAMED' };

export interface WindowAsk {
  /** One page, counted from 1. */
  readonly readPage: (page: number) => Promise<readonly unknown[]>;
  readonly pageSize: number;
  readonly rules: BookingRules;
}

/** What LibCal cut pages to where it did not follow `limit`: its default, and its maximum of 2020 (confirmed). */
const silentCuts: ReadonlySet<number> = new Set([20, 100]);

export async function readWindow(ask: WindowAsk): Promise<BookingScan> {
  const first = await readPages(ask);
  const { rows, doubt } = first.doubt === 'MOVED' ? await readPages(ask) : first;
  const bookings = new Map<string, LibcalBooking>();
  const rejected = new Map<string, RejectedBooking>();
  const unnamed: RejectedBooking[] = [];
  for (const { booking, rejected: unfit } of rows) {
    if (booking === undefined) {
      if (unfit.key === undefined) unnamed.push(unfit);
      else rejected.set(unfit.key, unfit);
    } else if (isAnother(bookings.get(booking.key), booking)) rejected.set(booking.key, notUnique(booking));
    else bookings.set(booking.key, booking);
  }
  // One name for two rows, or for one that can be read and one that cannot: neither is taken for the other.
  for (const key of rejected.keys()) bookings.delete(key);
  const reason = doubt ?? (unnamed.length > 0 ? 'UNNAMED' : undefined);
  return {
    bookings: [...bookings.values()],
    rejected: [...rejected.values(), ...unnamed],
    proof: reason === undefined ? { isComplete: true } : { isComplete: false, reason },
  };
}

/** A row that was read, and what it is recognized by on another page. */
type Row = ReadRow & { readonly mark: string };

async function readPages({ readPage, pageSize, rules }: WindowAsk): Promise<{ readonly rows: readonly Row[]; readonly doubt?: 'MOVED' | 'NO_PAGING' }> {
  const read = async (number: number) => (await readPage(number)).map((row) => readRow(row, rules));
  const pages: (readonly Row[])[] = [];
  for (;;) {
    const page = await read(pages.length + 1);
    const before = pages.at(-1);
    if (before !== undefined && page.length > 0 && isSame(before, page)) return { rows: pages.flat(), doubt: 'NO_PAGING' };
    pages.push(page);
    if (page.length < pageSize && !silentCuts.has(page.length)) break;
  }
  const rows = pages.flat();
  if (pages.length === 1) return { rows }; // one answer is consistent in itself
  const lastFull = pages.length - 1;
  const isMoved = repeats(pages) || !isSame(pages[lastFull - 1] ?? [], await read(lastFull));
  return { rows, ...(isMoved && { doubt: 'MOVED' }) };
}

function readRow(wire: unknown, rules: BookingRules): Row {
  const row = readBooking(wire, rules);
  const mark = row.booking ? `${row.booking.id ?? '-'} ${placeAndTime(row.booking)}` : (row.rejected.key ?? row.rejected.bookId ?? '');
  return { ...row, mark };
}

/** On one page a row may stand twice (one `bookId` for several seats without a number, confirmed in 2020); on two it has moved. */
function repeats(pages: readonly (readonly Row[])[]): boolean {
  const marks = pages.flatMap((page) => [...new Set(page.map(({ mark }) => mark))]).filter((mark) => mark !== '');
  return new Set(marks).size < marks.length;
}

function isSame(one: readonly Row[], other: readonly Row[]): boolean {
  return one.length === other.length && one.every(({ mark }, at) => mark === other[at]?.mark);
}

function isAnother(standing: LibcalBooking | undefined, found: LibcalBooking): boolean {
  return standing !== undefined && placeAndTime(standing) !== placeAndTime(found);
}

function notUnique({ key, bookId }: LibcalBooking): RejectedBooking {
  return { key, bookId, code: 'ID_NOT_UNIQUE', fields: ['id'] };
}
