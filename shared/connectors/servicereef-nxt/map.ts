/**
 * From ServiceReef's trips, travellers and registrations to what NXT is told, field by field. Pure. Dates and hours are those of the clock on the
 * wall where the trip is, and never go through UTC: an evening would be the next day.
 */
import { convert } from 'html-to-text';
import { Temporal } from 'temporal-polyfill';
import { ItemInvalid } from '../../base/errors.ts';
import { ianaName } from '../../base/zone-names.ts';
import type { PersonFacts } from '../../matching/person.ts';
import type { Entity } from '../../sync/item.ts';
import type { ReefEventDetail, ReefMember, ReefParticipant } from '../../vendors/servicereef/schema.ts';
import type { ReefAddress, ReefTime } from '../../vendors/servicereef/wire.ts';
import { isAmong, type Settings } from './settings.ts';

/** Not documented; cut before NXT refuses them (assumed). */
const nameMax = 100;
const descriptionMax = 4000;

/** What is blank is null, so that it is news once it is filled in. @throws ItemInvalid for a trip without a start: no day is made up. */
export function eventOf(trip: ReefEventDetail, { events, timeZone }: Settings): Entity {
  if (trip.startDate === undefined) throw new ItemInvalid({ code: 'E_NO_START', message: 'the trip has no start date; set it in ServiceReef', field: 'startDate' });
  const zone = ianaName(trip.timeZone) ?? ianaName(timeZone) ?? 'UTC';
  const start = wallClock(trip.startDate, zone);
  const end = trip.endDate && wallClock(trip.endDate, zone);
  return {
    name: cut(trip.name, nameMax),
    startDate: start.date, startTime: start.time ?? null,
    endDate: end?.date ?? null, endTime: end ? (end.time ?? null) : '', // null empties NXT's hour; a blank leaves it alone
    description: descriptionOf(trip) ?? null,
    capacity: positive(trip.maxRegistrations),
    category: categoryOf(trip, events) ?? null,
    goal: events.goal ? positive(trip.fundRaisingGoal) : null,
    location: trip.address ? placeOf(trip.address) : null,
    inactive: isAmong(trip.status, events.inactiveStatuses),
  };
}

/** None, and nought, mean that nobody has said a number. */
const positive = (count: number | undefined): number | null => (count !== undefined && count > 0 ? count : null);

/** With an offset it is an instant, and the trip's own zone says what its clock shows then; without one it is that clock (assumed). */
function wallClock({ written, instant }: ReefTime, zone: string): { readonly date: string; readonly time: string | undefined } {
  const local = instant === undefined ? Temporal.PlainDateTime.from(written) : Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDateTime();
  const time = local.toPlainTime().toString({ smallestUnit: 'minute' });
  return { date: local.toPlainDate().toString(), time: time === '00:00' ? undefined : time }; // midnight stands where nobody has said an hour
}

function descriptionOf({ description, url }: ReefEventDetail): string | undefined {
  const text = description === undefined ? '' : convert(description, { wordwrap: false, selectors: [{ selector: 'img', format: 'skip' }] }).trim();
  const source = url === undefined ? '' : `Source: ${url}`;
  const room = descriptionMax - source.length - 2;
  const whole = [cut(text, room), source].filter((part) => part !== '').join('\n\n');
  return whole === '' ? undefined : whole;
}

/** The name of NXT's category. */
function categoryOf({ categories }: ReefEventDetail, { categories: known, usualCategory }: Settings['events']): string | undefined {
  const names = categories.flatMap(({ name }) => name ?? []);
  const told = names.map((name) => known[name]).find((name) => name !== undefined);
  return told ?? usualCategory ?? names[0];
}

/** Lines, city, state, postal code, country; blank where it says nothing. */
function placeOf({ address1, address2, city, state, zip, country }: ReefAddress): readonly string[] {
  return [[address1, address2].filter((line) => line !== undefined).join('\n'), city ?? '', state ?? '', zip ?? '', country ?? ''];
}

export type Traveller = Pick<ReefParticipant | ReefMember, 'userId' | 'firstName' | 'lastName' | 'email' | 'phone' | 'address'>;

/** What is blank is null, and left alone in NXT; once it is filled in, it is news. @throws ItemInvalid without a last name: NXT wants one, and none is made up. */
export function personOf({ firstName, lastName, email, phone, address }: Traveller): Entity {
  if (lastName === undefined) throw new ItemInvalid({ code: 'E_NAME_MISSING', message: 'the account has no last name; NXT wants one', field: 'lastName' });
  return { firstName: firstName ?? null, lastName, email: email ?? null, phone: phone ?? null, address: address ? placeOf(address) : null };
}

export const textIn = (entity: Entity, field: string): string | undefined => {
  const value = entity[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** As `placeOf` made it. */
export function placeIn(entity: Entity, field: string) {
  const value = entity[field];
  if (!Array.isArray(value)) return undefined;
  const [addressLines, city, state, postalCode, country] = value.map((part) => (typeof part === 'string' && part !== '' ? part : undefined));
  return { addressLines, city, state, postalCode, country };
}

export function factsOf(entity: Entity): PersonFacts {
  const place = placeIn(entity, 'address');
  const [email, phone] = [textIn(entity, 'email'), textIn(entity, 'phone')];
  return {
    firstName: textIn(entity, 'firstName') ?? '', lastName: textIn(entity, 'lastName') ?? '',
    emails: email === undefined ? [] : [email], phones: phone === undefined ? [] : [phone],
    street: place?.addressLines?.split('\n')[0], postcode: place?.postalCode,
  };
}

/** `YYYY-MM-DD`. */
export const dayOf = (time: ReefTime | undefined): string | undefined => time?.written.slice(0, 10);

const marker = ' …';

function cut(text: string, max: number): string {
  const letters = Array.from(text.trim());
  return letters.length <= max ? letters.join('') : `${letters.slice(0, max - marker.length).join('').trimEnd()}${marker}`;
}
