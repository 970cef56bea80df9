/**
 * People of Raiser's Edge NXT as SKY's Constituent API answers them (confirmed, its specification), cut down to what decides who somebody is and what is
 * blank there: no gifts, no family, no gender, a date of birth only where the site asks for it. Read strictly: a value that cannot be read must not look
 * like a blank one that we may fill.
 */
import * as z from 'zod/mini';
import { rowReader, type RowReader } from '../rows.ts';
import { fuzzyDateOrNone } from './fuzzy-date.ts';
import { flagOrNone, id, idOrNone, textOrNone } from './wire.ts';

export interface SkyConstituent {
  readonly id: string;
  readonly type: string | undefined;
  readonly first: string | undefined;
  readonly middle: string | undefined;
  readonly last: string | undefined;
  readonly preferredName: string | undefined;
  readonly formerName: string | undefined;
  readonly title: string | undefined;
  readonly suffix: string | undefined;
  /** `2011-04-09`, or less of it. */
  readonly birthdate: string | undefined;
  readonly lookupId: string | undefined;
  readonly importId: string | undefined;
  readonly deceased: boolean | undefined;
  readonly inactive: boolean | undefined;
  readonly isConstituent: boolean | undefined;
  readonly requestsNoEmail: boolean | undefined;
  /** The primary or preferred ones; there may be more. */
  readonly email: SkyEmail | undefined;
  readonly phone: SkyPhone | undefined;
  readonly address: SkyAddress | undefined;
  readonly dateModified: string | undefined;
}

export interface SkyEmail {
  readonly id: string | undefined;
  readonly address: string | undefined;
  readonly type: string | undefined;
  readonly primary: boolean | undefined;
  readonly inactive: boolean | undefined;
  readonly doNotEmail: boolean | undefined;
}

export interface SkyPhone {
  readonly id: string | undefined;
  readonly number: string | undefined;
  readonly type: string | undefined;
  readonly primary: boolean | undefined;
  readonly inactive: boolean | undefined;
  readonly doNotCall: boolean | undefined;
}

export interface SkyAddress {
  readonly id: string | undefined;
  readonly addressLines: string | undefined;
  readonly city: string | undefined;
  readonly state: string | undefined;
  readonly postalCode: string | undefined;
  readonly country: string | undefined;
  readonly type: string | undefined;
  readonly preferred: boolean | undefined;
  readonly inactive: boolean | undefined;
  readonly doNotMail: boolean | undefined;
}

export interface SkyAlias {
  readonly id: string;
  readonly name: string | undefined;
  readonly type: string | undefined;
}

export interface SkyCode {
  readonly id: string;
  readonly description: string | undefined;
  readonly inactive: boolean | undefined;
}

/** The name is the whole of it, not split: read the record before deciding. */
export interface SearchHit {
  readonly id: string;
  readonly name: string | undefined;
  readonly lookupId: string | undefined;
  /** A text in hits (confirmed); not the one that was searched for, where that is a secondary one. */
  readonly email: string | undefined;
  readonly deceased: boolean | undefined;
  readonly inactive: boolean | undefined;
}

export interface DuplicateHit {
  readonly id: string;
  /** Called `constituent_id` there, and is not the record's id (confirmed). */
  readonly importId: string | undefined;
  readonly name: string | undefined;
  readonly deceased: boolean | undefined;
  readonly isConstituent: boolean | undefined;
  /** Says in the vendor's words what matched. */
  readonly rank: string | undefined;
}

const text = z.optional(textOrNone);
const flag = z.optional(flagOrNone);
const someId = z.optional(idOrNone);

const email = z.pipe(
  z.object({ id: someId, address: text, type: text, primary: flag, inactive: flag, do_not_email: flag }),
  z.transform((wire): SkyEmail => ({ id: wire.id, address: wire.address, type: wire.type, primary: wire.primary, inactive: wire.inactive, doNotEmail: wire.do_not_email })),
);
const phone = z.pipe(
  z.object({ id: someId, number: text, type: text, primary: flag, inactive: flag, do_not_call: flag }),
  z.transform((wire): SkyPhone => ({ id: wire.id, number: wire.number, type: wire.type, primary: wire.primary, inactive: wire.inactive, doNotCall: wire.do_not_call })),
);
const address = z.pipe(
  z.object({ id: someId, address_lines: text, city: text, state: text, postal_code: text, country: text, type: text, preferred: flag, inactive: flag, do_not_mail: flag }),
  z.transform((wire): SkyAddress => {
    const { address_lines: addressLines, postal_code: postalCode, do_not_mail: doNotMail, city, state, country, type, preferred, inactive } = wire;
    return { id: wire.id, addressLines, city, state, postalCode, country, type, preferred, inactive, doNotMail };
  }),
);
/** Nothing in it, or nothing at all. */
function orNone<T>(shape: z.ZodMiniType<T>) {
  return z.optional(z.pipe(z.nullish(shape), z.transform((given) => given ?? undefined)));
}

const unread = z.pipe(z.unknown(), z.transform((): string | undefined => undefined));

export function constituentReader({ withBirthdate }: { readonly withBirthdate: boolean }): RowReader<SkyConstituent> {
  const wire = z.object({
    id, type: text, first: text, middle: text, last: text, preferred_name: text, former_name: text, title: text, suffix: text,
    birthdate: z.optional(withBirthdate ? fuzzyDateOrNone : unread),
    lookup_id: someId, import_id: someId, deceased: flag, inactive: flag, is_constituent: flag, requests_no_email: flag,
    email: orNone(email), phone: orNone(phone), address: orNone(address), date_modified: text,
  });
  const shape = z.pipe(
    wire,
    z.transform((found): SkyConstituent => ({
      id: found.id, type: found.type, first: found.first, middle: found.middle, last: found.last, preferredName: found.preferred_name, formerName: found.former_name, title: found.title, suffix: found.suffix,
      birthdate: found.birthdate, lookupId: found.lookup_id, importId: found.import_id, deceased: found.deceased, inactive: found.inactive, isConstituent: found.is_constituent,
      requestsNoEmail: found.requests_no_email, email: found.email, phone: found.phone, address: found.address, dateModified: found.date_modified,
    })),
  );
  return rowReader(shape, 'id', id);
}

export const readEmail: RowReader<SkyEmail> = rowReader(email, 'id', id);
export const readPhone: RowReader<SkyPhone> = rowReader(phone, 'id', id);
export const readAddress: RowReader<SkyAddress> = rowReader(address, 'id', id);
export const readAlias: RowReader<SkyAlias> = rowReader(z.pipe(z.object({ id, name: text, type: text }), z.transform((wire): SkyAlias => ({ id: wire.id, name: wire.name, type: wire.type }))), 'id', id);
export const readCode: RowReader<SkyCode> = rowReader(
  z.pipe(z.object({ id, description: text, inactive: flag }), z.transform((wire): SkyCode => ({ id: wire.id, description: wire.description, inactive: wire.inactive }))),
  'id',
  id,
);

export const readHit: RowReader<SearchHit> = rowReader(
  z.pipe(
    z.object({ id, name: text, lookup_id: someId, email: text, deceased: flag, inactive: flag }),
    z.transform((wire): SearchHit => ({ id: wire.id, name: wire.name, lookupId: wire.lookup_id, email: wire.email, deceased: wire.deceased, inactive: wire.inactive })),
  ),
  'id',
  id,
);

export const readDuplicate: RowReader<DuplicateHit> = rowReader(
  z.pipe(
    z.object({ id, constituent_id: someId, name: text, deceased: flag, is_constituent: flag, rank: text }),
    z.transform((wire): DuplicateHit => ({ id: wire.id, importId: wire.constituent_id, name: wire.name, deceased: wire.deceased, isConstituent: wire.is_constituent, rank: wire.rank })),
  ),
  'id',
  id,
);
