/**
 * What hangs on a constituent: e-mail addresses, phones, addresses, aliases and codes, listed and added. Nothing is changed or removed here: what a donor's file
 * holds is never overwritten. Types are tables of the tenant (tables.ts), and a wrong one is refused.
 */
import type { RowReader } from '../rows.ts';
import { filled } from './body.ts';
import { checkedId, isId, type Created, type Place, type SkyCalls } from './calls.ts';
import { readAddress, readAlias, readCode, readEmail, readPhone, type SkyAddress, type SkyAlias, type SkyCode, type SkyEmail, type SkyPhone } from './constituent-schema.ts';
import { readByLink, type SkyListing } from './listing.ts';

export interface EmailData {
  readonly address: string;
  readonly type: string;
  readonly primary?: boolean | undefined;
  readonly doNotEmail?: boolean | undefined;
}

export interface PhoneData {
  readonly number: string;
  readonly type: string;
  readonly primary?: boolean | undefined;
}

export interface AddressData {
  readonly type: string;
  /** At most 150 letters; as are 50 of the city, 12 of the postal code (confirmed). */
  readonly addressLines?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
  readonly country?: string | undefined;
}

export interface AliasData {
  /** At most 100 letters. */
  readonly name: string;
  readonly type: string;
}

export interface SubRecords<Row, Data> {
  /** Of one constituent, those included that are no longer in use. Shows a write at once (confirmed). @throws VendorRejected where the constituent is gone */
  list(constituentId: string): Promise<SkyListing<Row>>;
  add(constituentId: string, data: Data): Promise<Created>;
}

export interface SkySubRecords {
  readonly emails: SubRecords<SkyEmail, EmailData>;
  readonly phones: SubRecords<SkyPhone, PhoneData>;
  /** The flag is `preferred`, not `primary` (confirmed). */
  readonly addresses: SubRecords<SkyAddress, AddressData & { readonly preferred?: boolean | undefined }>;
  readonly aliases: SubRecords<SkyAlias, AliasData>;
  readonly codes: SubRecords<SkyCode, { readonly description: string }>;
}

/** A parameter of these three (confirmed); the other lists know no such word. */
const withInactive = { include_inactive: 'true' };

export function skySubRecords(calls: SkyCalls): SkySubRecords {
  function sub<Row, Data>(name: string, query: Place['query'], readRow: RowReader<Row>, body: (data: Data) => Readonly<Record<string, unknown>>): SubRecords<Row, Data> {
    return {
      async list(constituentId) {
        const call = `GET /constituent/v1/constituents/{id}/${name}`;
        const path = `/constituent/v1/constituents/${checkedId(call, constituentId)}/${name}`;
        return readByLink(calls, { call, path, query }, readRow);
      },
      async add(constituentId, data) {
        if (!isId(constituentId)) return { kind: 'missing' };
        return calls.create({ call: `POST /constituent/v1/${name}` }, filled({ constituent_id: constituentId, ...body(data) }));
      },
    };
  }

  return {
    emails: sub('emailaddresses', withInactive, readEmail, emailBody),
    phones: sub('phones', withInactive, readPhone, phoneBody),
    addresses: sub('addresses', withInactive, readAddress, ({ preferred, ...data }: AddressData & { readonly preferred?: boolean | undefined }) => ({ ...addressBody(data), preferred })),
    aliases: sub('aliases', undefined, readAlias, ({ name, type }: AliasData) => ({ name, type })),
    codes: sub('constituentcodes', undefined, readCode, ({ description }: { readonly description: string }) => ({ description })),
  };
}

export function emailBody({ address, type, primary, doNotEmail }: EmailData) {
  return { address, type, primary, do_not_email: doNotEmail };
}

export function phoneBody({ number, type, primary }: PhoneData) {
  return { number, type, primary };
}

export function addressBody({ type, addressLines, city, state, postalCode, country }: AddressData) {
  return { type, address_lines: addressLines, city, state, postal_code: postalCode, country };
}
