/**
 * From a booking to a visit, and from an account to a visitor, field by field. Pure. Who is asked, and in which order, is for the sides.
 */
import type { Entity } from '../../sync/item.ts';
import type { AlmaUser } from '../../vendors/alma/schema.ts';
import type { LibcalBooking } from '../../vendors/libcal/schema.ts';
import type { Location, Settings } from './settings.ts';

export type StatusClass = 'active' | 'inactive' | 'waiting' | 'unknown';

/** What a status means for a door. A word that nobody knows opens and closes nothing. */
export function classOf(status: string, activeStatuses: readonly string[]): StatusClass {
  if (/^cancelled/i.test(status) || status === 'Mediated Denied') return 'inactive';
  if (activeStatuses.includes(status)) return 'active';
  return /tentative|pending/i.test(status) ? 'waiting' : 'unknown';
}

/** Without blanks and invisible characters, or a pasted id would not fit its pattern. */
export const idText = (typed: string): string => typed.normalize('NFKC').replaceAll(/[\p{Z}\p{C}]/gu, '');

/** The id under which Alma knows the patron, as typed in the form or as the login says it; undefined for a guest. */
export function primaryIdOf(booking: Pick<LibcalBooking, 'answers' | 'account'>, settings: Pick<Settings, 'libcal' | 'personIds'>): string | undefined {
  const { idQuestion } = settings.libcal;
  const typed = idQuestion === null ? booking.account : (booking.answers[idQuestion]?.find((text) => text.trim() !== '') ?? '');
  const text = idText(typed);
  if (text === '') return undefined;
  const { pattern } = settings.personIds;
  return pattern !== null && new RegExp(`^(?:${pattern})$`, 'iu').test(text) ? text.toUpperCase() : text;
}

/** Where the visit goes; a space counts before its category, that before its location. */
export function destinationOf({ eid, cid }: Pick<LibcalBooking, 'eid' | 'cid'>, { destination, elsewhere }: Location): string {
  const own = elsewhere.find((place) => 'eid' in place && place.eid === eid) ?? elsewhere.find((place) => 'cid' in place && place.cid === cid);
  return own?.destination ?? destination;
}

const minuteMs = 60_000;

/** A visit in whole seconds, as PassagePoint counts. @param patron  The visitor's id in our own words; PassagePoint's is put in just before the call. */
export function visitOf(booking: LibcalBooking, location: Location, patron: string, { marginMinutes }: Pick<Settings, 'marginMinutes'>): Entity {
  return {
    startsAt: Math.floor((booking.startsAt - marginMinutes.before * minuteMs) / 1000),
    endsAt: Math.ceil((booking.endsAt + marginMinutes.after * minuteMs) / 1000),
    destination: destinationOf(booking, location),
    visitor: patron,
  };
}

/** Several cards are active: those of the wanted side first, of these the one that stands last in the record. */
export function cardOf({ activeBarcodes }: Pick<AlmaUser, 'activeBarcodes'>, segment: string | null): string | undefined {
  const wanted = activeBarcodes.filter((card) => card.segment === segment);
  return (wanted.length > 0 ? wanted : activeBarcodes).at(-1)?.value;
}

/** @param today  `YYYY-MM-DD`; an account is good on its last day. */
export const isInForce = ({ status, expiresOn }: Pick<AlmaUser, 'status' | 'expiresOn'>, today: string): boolean =>
  (status === undefined || status === 'ACTIVE') && (expiresOn === undefined || expiresOn >= today);

export const categoryOf = (group: string | undefined, { byGroup, usual }: Settings['categories']): string => byGroup[group ?? ''] ?? usual;
