/**
 * People of Raiser's Edge NXT: searched, read, made and changed. Who is the same person is not decided here: an e-mail address finds families, and a search
 * finds by secondary addresses too.
 */
import type { LookUp } from '../rows.ts';
import { changed, filled } from './body.ts';
import { isId, type Changed, type Created, type SkyCalls } from './calls.ts';
import { constituentReader, readDuplicate, readHit, type DuplicateHit, type SearchHit, type SkyConstituent } from './constituent-schema.ts';
import { toFuzzyDate } from './fuzzy-date.ts';
import { readByLink, type SkyListing } from './listing.ts';
import { addressBody, emailBody, phoneBody, type AddressData, type EmailData, type PhoneData } from './sub-records.ts';

export interface SearchAsk {
  /** Name, alias, e-mail address, phone or lookup id; one kind at a time. */
  readonly text: string;
  /** Say it whenever it is one of these. */
  readonly field?: 'lookup_id' | 'email_address' | undefined;
  /** Without what only sounds alike. Default true. */
  readonly strict?: boolean | undefined;
  /** Default true: a person who is there and inactive is there. */
  readonly includeInactive?: boolean | undefined;
  /** Records of guests who are no constituents. Default true, because a search by e-mail does so by itself. */
  readonly includeNonConstituents?: boolean | undefined;
}

export interface DuplicateAsk {
  readonly last: string;
  readonly first?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  readonly postalCode?: string | undefined;
}

/** Names, as they may be changed. */
export interface PersonData {
  /** At most 100 letters, the others 50 (confirmed). */
  readonly last: string;
  readonly first?: string | null | undefined;
  readonly middle?: string | null | undefined;
  readonly preferredName?: string | null | undefined;
  /** Values of the tenant's tables. */
  readonly title?: string | null | undefined;
  readonly suffix?: string | null | undefined;
  /** `2011-04-09`, `2011-04` or `2011`. */
  readonly birthdate?: string | undefined;
}

export interface ConstituentData extends PersonData {
  /** At most 20 letters; can only be given now (confirmed). Whether NXT refuses a second one of it is not documented. */
  readonly importId?: string | undefined;
  readonly email?: EmailData | undefined;
  readonly phone?: PhoneData | undefined;
  readonly address?: AddressData | undefined;
  readonly requestsNoEmail?: boolean | undefined;
}

export interface SkyConstituents {
  /** All hits. A blank text finds nobody. */
  search(ask: SearchAsk): Promise<SkyListing<SearchHit>>;
  /** Name, e-mail, phone and place in one call: the last look before a create. The best 50. */
  findDuplicates(ask: DuplicateAsk): Promise<SkyListing<DuplicateHit>>;
  /** `missing` after it was deleted or merged into another one. */
  get(id: string): Promise<LookUp<SkyConstituent>>;
  /** An individual. What is blank is left out. @throws ItemInvalid for a date that is none, here and in `patch`, before any call. */
  create(person: ConstituentData): Promise<Created>;
  /** What is absent is left alone, null clears (assumed). E-mail, phone and address hang on it and are not changed here. */
  patch(id: string, change: { readonly [Field in keyof PersonData]?: PersonData[Field] | undefined }): Promise<Changed>;
}

const root = '/constituent/v1/constituents';
const duplicatesMax = 50;

/** @param options.birthdates  lets dates of birth in. */
export function skyConstituents(calls: SkyCalls, options: { readonly birthdates: boolean }): SkyConstituents {
  const readConstituent = constituentReader({ withBirthdate: options.birthdates });
  const nobody = { rows: [], rejected: [], proof: { total: 0, distinct: 0, unnamed: 0, isComplete: true } };

  return {
    async search({ text, field, strict = true, includeInactive = true, includeNonConstituents = true }) {
      if (text.trim() === '') return nobody;
      const query = { search_text: text.trim(), search_field: field, strict_search: String(strict), include_inactive: String(includeInactive), include_non_constituents: String(includeNonConstituents) };
      return readByLink(calls, { call: `GET ${root}/search`, query }, readHit);
    },

    async findDuplicates({ last, first, email, phone, city, state, postalCode }) {
      if (last.trim() === '') return nobody;
      const given = filled({ last_org_name: last, first_name: first, email, phone, city, state, post_code: postalCode });
      const query = { ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])), limit: duplicatesMax };
      return readByLink(calls, { call: `GET ${root}/duplicatesearch`, query }, readDuplicate, { pagesMax: 1 });
    },

    get: (id) => calls.find({ call: `GET ${root}/{id}`, path: `${root}/${id}` }, id, readConstituent),

    async create({ importId, email, phone, address, requestsNoEmail, ...person }) {
      const body = {
        type: 'Individual',
        ...personBody(person),
        import_id: importId,
        email: email && !isBlank(email.address) ? emailBody(email) : undefined,
        phone: phone && !isBlank(phone.number) ? phoneBody(phone) : undefined,
        address: address && isPlaced(address) ? addressBody(address) : undefined,
        requests_no_email: requestsNoEmail,
      };
      return calls.create({ call: `POST ${root}` }, filled(body));
    },

    async patch(id, change) {
      const body = changed(personBody(change));
      if (!isId(id)) return { kind: 'missing' };
      return body === undefined ? { kind: 'done' } : calls.change({ call: `PATCH ${root}/{id}`, path: `${root}/${id}` }, body);
    },
  };
}

function personBody({ last, first, middle, preferredName, title, suffix, birthdate }: { readonly [Field in keyof PersonData]?: PersonData[Field] | undefined }) {
  return { last, first, middle, preferred_name: preferredName, title, suffix, birthdate: birthdate === undefined ? undefined : toFuzzyDate(birthdate, 'birthdate') };
}

const isBlank = (text: string | undefined): boolean => text === undefined || text.trim() === '';

/** A type alone is no address. */
const isPlaced = ({ addressLines, city, state, postalCode, country }: AddressData): boolean => ![addressLines, city, state, postalCode, country].every(isBlank);
