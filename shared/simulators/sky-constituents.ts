/**
 * The Constituent API's people: create, read, edit, convert, and the tenant's tables. Create answers an id, edit nothing at all
 * (confirmed). What hangs on a person is in sky-parts.ts, how people are found in sky-search.ts.
 */
import type * as z from 'zod';
import { bodyOf } from './sky-bodies.ts';
import type { Call } from './call.ts';
import { badRequest, notFound } from './sky-errors.ts';
import { partRow } from './sky-parts.ts';
import {
  inTable,
  mainAddress,
  mainEmail,
  mainPhone,
  nameOf,
  newStamps,
  timestamp,
  touched,
  type SkyConstituent,
  type SkyState,
} from './sky-records.ts';
import type { SkyTables } from './sky-settings.ts';
import { constituentAdd, constituentEdit, conversion } from './sky-shapes.ts';

type Row = Readonly<Record<string, unknown>>;
type On = (method: string, pattern: string, handler: (call: Call) => unknown) => void;

const tablePaths: readonly (keyof SkyTables)[] = [
  'emailaddresstypes',
  'phonetypes',
  'addresstypes',
  'aliastypes',
  'titles',
  'suffixes',
  'genders',
  'maritalstatuses',
];

export function constituentRoutes(on: On, state: SkyState): void {
  const { settings } = state;
  const rules = () => ({ unknown: settings.unknownConstituentFields });
  for (const table of tablePaths) on('GET', `/constituent/v1/${table}`, () => ({ count: settings.tables[table].length, value: settings.tables[table] }));

  on('POST', '/constituent/v1/constituents', (call) => ({ id: addConstituent(state, bodyOf(call, constituentAdd, rules())).id }));
  on('GET', '/constituent/v1/constituents/:id', (call) => constituentRow(state, constituentIn(state, call)));
  on('PATCH', '/constituent/v1/constituents/:id', (call) => {
    const before = constituentIn(state, call);
    const changes = bodyOf(call, constituentEdit, { ...rules(), nulls: settings.nullsInPatch });
    refuseBadWords(state, changes);
    refuseTaken(state, { lookup_id: changes.lookup_id }, before.id);
    state.keep(edited(state, before, changes));
    return new Response(null, { status: 200 });
  });
  on('POST', '/constituent/v1/constituents/convert/:id', (call) => {
    const before = constituentIn(state, call);
    bodyOf(call, conversion, rules());
    if (before.is_constituent) throw badRequest('The record is a constituent already.');
    state.keep(touched(state, { ...before, is_constituent: true }));
    return { id: before.id };
  });
}

/** What both the API and the staff's pages make of a new record. */
export function addConstituent(state: SkyState, added: z.infer<typeof constituentAdd>): SkyConstituent {
  const { email, phone, address, date_added: dateAdded, ...fields } = added;
  if (added.type === 'Individual' && added.last === undefined) throw badRequest('The last field is required.');
  if (added.type === 'Organization' && added.name === undefined) throw badRequest('The name field is required.');
  refuseBadWords(state, fields);
  inTable(state.settings.tables.emailaddresstypes, email?.type, 'The email type');
  inTable(state.settings.tables.phonetypes, phone?.type, 'The phone type');
  inTable(state.settings.tables.addresstypes, address?.type, 'The address type');
  refuseTaken(state, fields, undefined);

  const stamps = newStamps(state);
  const constituent: SkyConstituent = {
    ...stamps,
    ...(dateAdded === undefined ? {} : { addedAt: Date.parse(dateAdded) }),
    is_constituent: true,
    deceased: false,
    aliases: [],
    constituentcodes: [],
    customfields: [],
    ...fields,
    lookup_id: fields.lookup_id ?? String(Number(stamps.id) - 9000),
    import_id: fields.import_id ?? `00001-518-${stamps.id.padStart(10, '0')}`,
    inactive: fields.inactive ?? false,
    requests_no_email: fields.requests_no_email ?? false,
    emailaddresses: email ? [{ primary: true, ...email, ...newStamps(state) }] : [],
    phones: phone ? [{ primary: true, ...phone, ...newStamps(state) }] : [],
    addresses: address ? [{ preferred: true, ...address, ...newStamps(state) }] : [],
  };
  state.keep(constituent);
  return constituent;
}

/** Absent keys stay as they were; null empties those that may be empty. */
export function edited(state: SkyState, before: SkyConstituent, changes: z.infer<typeof constituentEdit>): SkyConstituent {
  return touched(state, {
    ...before,
    ...changes,
    last: changes.last ?? before.last,
    name: changes.name ?? before.name,
    lookup_id: changes.lookup_id ?? before.lookup_id,
    deceased: changes.deceased ?? before.deceased,
    inactive: changes.inactive ?? before.inactive,
    requests_no_email: changes.requests_no_email ?? before.requests_no_email,
  });
}

/** @throws 400 for what is no id, 404 for what was deleted or merged away. */
export function constituentIn(state: SkyState, call: Call): SkyConstituent {
  const id = call.params['id'] ?? '';
  if (!/^\d+$/.test(id)) throw badRequest('The constituent ID is not in the appropriate format.');
  const found = state.constituents.get(id);
  if (!found) throw notFound();
  return found;
}

function constituentRow(state: SkyState, person: SkyConstituent): Row {
  const { id, type, deceased, inactive, lookup_id, import_id, is_constituent, requests_no_email } = person;
  const { first, middle, last, preferred_name, former_name, title, suffix, gender, marital_status, birthdate } = person;
  const email = mainEmail(person);
  const phone = mainPhone(person);
  const address = mainAddress(person);
  const spouse = state.constituents.get(person.spouse_id ?? '');
  return present({
    id, type, name: nameOf(person), first, middle, last, preferred_name, former_name, title, suffix, gender, marital_status, birthdate,
    deceased, inactive, lookup_id, import_id, is_constituent, requests_no_email,
    email: email && partRow('emailaddresses', email, undefined),
    phone: phone && partRow('phones', phone, undefined),
    address: address && partRow('addresses', address, undefined),
    spouse: spouse && { id: spouse.id, first: spouse.first, last: spouse.last, is_head_of_household: false },
    date_added: timestamp(person.addedAt),
    date_modified: timestamp(person.modifiedAt),
  });
}

function refuseBadWords(state: SkyState, fields: Pick<Partial<SkyConstituent>, 'title' | 'suffix' | 'gender' | 'marital_status'>): void {
  const { tables } = state.settings;
  inTable(tables.titles, fields.title, 'The title');
  inTable(tables.suffixes, fields.suffix, 'The suffix');
  inTable(tables.genders, fields.gender, 'The gender');
  inTable(tables.maritalstatuses, fields.marital_status, 'The marital status');
}

function refuseTaken(state: SkyState, ids: { lookup_id?: string | undefined; import_id?: string | undefined }, ownId: string | undefined): void {
  if (state.settings.repeatedIds === 'accepted' || (ids.lookup_id === undefined && ids.import_id === undefined)) return;
  for (const other of state.constituents.values()) {
    if (other.id === ownId) continue;
    if (ids.lookup_id !== undefined && other.lookup_id === ids.lookup_id) throw badRequest('A constituent with this lookup_id exists already.');
    if (ids.import_id !== undefined && other.import_id === ids.import_id) throw badRequest('A constituent with this import_id exists already.');
  }
}

/** Without what has no value: SKY leaves empty properties out. */
function present(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== null));
}
