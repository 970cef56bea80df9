/**
 * One booked space or seat as LibCal lists it, cut down to what is named here and read leniently: numbers may come as text, members may be
 * missing or empty. What a status means, and which answer is a person's id, is the connector's to say. Facts: read in clients of LibCal.
 */
import * as z from 'zod/mini';
import { fieldsOf } from '../../base/fields-of.ts';

export interface LibcalBooking {
  /** Names the row, the same in every reading; see `BookingRules.identity`. `bookId` does not: seats and occurrences share it. */
  readonly key: string;
  /** Opaque and case-sensitive. */
  readonly bookId: string;
  /** The row's number; missing in answers of 2020. */
  readonly id: number | undefined;
  /** Location, category, space, and for seat bookings the seat. */
  readonly lid: number;
  readonly cid: number;
  readonly eid: number;
  readonly seatId: number | undefined;
  /** Epoch milliseconds, as are the other times. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdAt: number | undefined;
  readonly cancelledAt: number | undefined;
  /** As LibCal says it: `Confirmed`, `Mediated Approved`, `Cancelled by User`, ... New ones appear. */
  readonly status: string;
  /** As typed; empty where LibCal has none. */
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  /** The login of the patron who booked; may be empty, content likely. */
  readonly account: string;
  readonly locationName: string | undefined;
  readonly itemName: string | undefined;
  /** Of the form's questions that were asked for those that were answered, as typed: `{ q12505: ['g20417733 '] }`. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
}

/** A row that cannot be read, or not be told from another one. No value of it is kept. */
export interface RejectedBooking {
  /** Missing where not even that can be read: then any booking may be meant. */
  readonly key: string | undefined;
  readonly bookId: string | undefined;
  readonly code: 'UNREADABLE' | 'ERROR_INSIDE' | 'ID_NOT_UNIQUE';
  readonly fields: readonly string[];
}

export type ReadRow = { readonly booking: LibcalBooking; readonly rejected?: undefined } | { readonly booking?: undefined; readonly rejected: RejectedBooking };

export interface BookingRules {
  /**
   * What names a row. `row-id`: its number, where it has one (default; that occurrences of a recurring booking differ in it is assumed).
   * `place-and-time`: bookId, start, space and seat; then a booking that staff move is another one.
   */
  readonly identity?: 'row-id' | 'place-and-time' | undefined;
  /** Members with the answers to form questions: `q12505`. Others are not let in. */
  readonly formQuestions?: readonly string[] | undefined;
}

/** A count or a number of LibCal's, as a number or as text. */
export const whole = z.union([z.int(), z.pipe(z.string().check(z.regex(/^\d+$/)), z.transform(Number))]);
/** ISO 8601 with an offset. A local time without one is no instant. */
const instant = z.pipe(z.iso.datetime({ offset: true }), z.transform((text) => Date.parse(text)));
const nothing = z.pipe(z.union([z.null(), z.undefined(), z.literal('')]), z.transform(() => undefined));
const numberOrNone = z.union([nothing, whole]);
const textOrNone = z.pipe(z.nullish(z.string()), z.transform((text) => text ?? undefined));
const textOrEmpty = z.pipe(z.nullish(z.string()), z.transform((text) => text ?? ''));
/** Told for interest only: unreadable is as good as missing. */
const instantOrNone = z.catch(z.union([nothing, instant]), undefined);
const bookId = z.string().check(z.minLength(1));

const place = z.object({ bookId, eid: whole, seat_id: z.optional(numberOrNone), fromDate: instant });

const bookingRow = z.object({
  ...place.shape,
  id: z.optional(numberOrNone),
  lid: whole,
  cid: whole,
  toDate: instant,
  created: z.optional(instantOrNone),
  cancelled: z.optional(instantOrNone),
  status: z.string(),
  firstName: z.optional(textOrEmpty),
  lastName: z.optional(textOrEmpty),
  email: z.optional(textOrEmpty),
  account: z.optional(textOrEmpty),
  location_name: z.optional(textOrNone),
  item_name: z.optional(textOrNone),
});

const answerText = z.union([z.string(), z.pipe(z.number(), z.transform(String))]);
/** One text, several, or none in any of its spellings. */
const answer = z.union([nothing, z.array(answerText), z.pipe(answerText, z.transform((text) => [text]))]);

export function readBooking(row: unknown, rules: BookingRules): ReadRow {
  const parsed = bookingRow.safeParse(row);
  const { answers, unfit } = answersIn(row, rules.formQuestions ?? []);
  const key = keyIn(row, rules);
  if (!parsed.success || key === undefined || unfit.length > 0) {
    const members = parsed.error?.issues.map(({ path }) => String(path[0] ?? 'the whole')) ?? [];
    return { rejected: { key, bookId: bookIdIn(row), code: isErrorElement(row) ? 'ERROR_INSIDE' : 'UNREADABLE', fields: [...new Set([...members, ...unfit])] } };
  }
  const { data } = parsed;
  return {
    booking: {
      key,
      bookId: data.bookId,
      id: data.id,
      lid: data.lid,
      cid: data.cid,
      eid: data.eid,
      seatId: data.seat_id,
      startsAt: data.fromDate,
      endsAt: data.toDate,
      createdAt: data.created,
      cancelledAt: data.cancelled,
      status: data.status,
      firstName: data.firstName ?? '',
      lastName: data.lastName ?? '',
      email: data.email ?? '',
      account: data.account ?? '',
      locationName: data.location_name,
      itemName: data.item_name,
      answers,
    },
  };
}

/** In place of a record that it does not find, LibCal lists what is wrong (confirmed for sister endpoints, likely for bookings). */
export function isErrorElement(row: unknown): boolean {
  const { error, bookId: named } = fieldsOf(row);
  return error !== undefined && named === undefined;
}

function keyIn(row: unknown, { identity = 'row-id' }: BookingRules): string | undefined {
  const { id } = fieldsOf(row);
  if (identity === 'row-id' && !nothing.safeParse(id).success) {
    const number = whole.safeParse(id);
    return number.success ? String(number.data) : undefined;
  }
  const placed = place.safeParse(row);
  return placed.success ? placeAndTime({ ...placed.data, seatId: placed.data.seat_id, startsAt: placed.data.fromDate }) : undefined;
}

export function placeAndTime(booking: Pick<LibcalBooking, 'bookId' | 'startsAt' | 'eid' | 'seatId'>): string {
  return `${booking.bookId} ${booking.startsAt / 1000} ${booking.eid} ${booking.seatId ?? '-'}`;
}

function bookIdIn(row: unknown): string | undefined {
  const named = bookId.safeParse(fieldsOf(row)['bookId']);
  return named.success ? named.data : undefined;
}

function answersIn(row: unknown, questions: readonly string[]): { readonly answers: Readonly<Record<string, readonly string[]>>; readonly unfit: readonly string[] } {
  const members = fieldsOf(row);
  const answers: Record<string, readonly string[]> = {};
  const unfit: string[] = [];
  for (const question of questions) {
    const found = answer.safeParse(members[question]);
    if (!found.success) unfit.push(question);
    else if (found.data !== undefined && found.data.length > 0) answers[question] = found.data;
  }
  return { answers, unfit };
}
