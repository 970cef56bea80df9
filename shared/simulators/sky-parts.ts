/**
 * What hangs on a constituent (email addresses, phones, addresses, aliases, codes, custom fields): lists of one person, create, edit,
 * delete, and the lists over all people, which show what was at their last load and call the time of that load `date_modified` (confirmed).
 */
import { bodyOf } from './sky-bodies.ts';
import type { Call } from './call.ts';
import { badRequest, notFound } from './sky-errors.ts';
import { constituentPage, stablePage } from './sky-paging.ts';
import { inTable, newStamps, timestamp, touched, type PartKind, type SkyConstituent, type SkyPart, type SkyState } from './sky-records.ts';
import { partShapes } from './sky-shapes.ts';

type On = (method: string, pattern: string, handler: (call: Call) => unknown) => void;
type Row = Readonly<Record<string, unknown>>;
type Identified = { readonly id: string };

const base = '/constituent/v1';
const partKinds: readonly PartKind[] = ['emailaddresses', 'phones', 'addresses', 'aliases', 'constituentcodes', 'customfields'];
const listedOverAll = new Set<PartKind>(['emailaddresses', 'phones', 'addresses', 'customfields']);

/** The flag that only one of a person's rows may carry. */
const uniqueFlag: Partial<Record<PartKind, 'primary' | 'preferred'>> = { emailaddresses: 'primary', phones: 'primary', addresses: 'preferred' };
const noticeName: Partial<Record<PartKind, string>> = { emailaddresses: 'emailaddress', addresses: 'address', phones: 'phone' };

export function partRoutes(on: On, state: SkyState): void {
  for (const kind of partKinds) routesOf(kind, on, state);
}

function routesOf(kind: PartKind, on: On, state: SkyState): void {
  const { settings } = state;
  const rules = () => ({ unknown: settings.unknownConstituentFields });
  const path = kind === 'customfields' ? `${base}/constituents/customfields` : `${base}/${kind}`;

  /** Registered before `/constituents/:id/...`, so that `customfields` is no id. */
  if (listedOverAll.has(kind)) on('GET', path, (call) => listOfAll(state, kind, call));
  on('POST', path, (call) => {
    const body: Row = bodyOf(call, partShapes[kind].add, rules());
    const { constituent_id: ownerId, parent_id: parentId, ...fields } = body;
    const sentId = ownerId ?? parentId;
    if (typeof sentId !== 'string') throw badRequest('The parent_id field is required.');
    const owner = state.constituents.get(sentId);
    if (!owner) throw notFound();
    return { id: addPart(state, owner, kind, fields) };
  });
  on('PATCH', `${path}/:id`, (call) => {
    const { owner, part } = partIn(state, kind, call);
    const changes: Row = bodyOf(call, partShapes[kind].edit, { ...rules(), nulls: settings.nullsInPatch });
    editPart(state, owner, kind, part.id, changes);
    return new Response(null, { status: 200 });
  });
  on('DELETE', `${path}/:id`, (call) => {
    const { owner, part } = partIn(state, kind, call);
    if ('preferred' in part && part.preferred === true) throw badRequest('The preferred address cannot be deleted.');
    removePart(state, owner, kind, part.id);
    return new Response(null, { status: 200 });
  });
  on('GET', `${base}/constituents/:id/${kind}`, (call) => {
    const owner = state.constituents.get(call.params['id'] ?? '');
    if (!owner) throw notFound();
    const withInactive = call.url.searchParams.get('include_inactive') === 'true';
    const rows = partsOf(owner, kind).filter((part) => withInactive || !('inactive' in part) || part.inactive !== true);
    return constituentPage(call, rows, (part) => partRow(kind, part, owner.id));
  });
}

function listOfAll(state: SkyState, kind: PartKind, call: Call): unknown {
  const { at, constituents } = state.loaded();
  const wish = { category: call.url.searchParams.get('category'), value: call.url.searchParams.get('value') };
  const rows = [...constituents.values()].flatMap((owner) => partsOf(owner, kind).map((part) => ({ id: part.id, part, ownerId: owner.id })));
  const chosen = rows.filter(({ part }) => {
    if (!('category' in part)) return true;
    return (wish.category === null || part.category === wish.category) && (wish.value === null || String(part.value) === wish.value);
  });
  return stablePage(call, chosen, ({ part, ownerId }) => ({ ...partRow(kind, part, ownerId), date_modified: timestamp(Math.max(at, 0)) }));
}

/** A row as lists show it; without its owner where it stands inside of one. */
export function partRow(kind: PartKind, part: SkyPart, ownerId: string | undefined): Row {
  const { addedAt, modifiedAt, id, ...fields } = part;
  const owner = ownerId === undefined ? {} : { [kind === 'customfields' ? 'parent_id' : 'constituent_id']: ownerId };
  const flags = kind === 'emailaddresses' ? { primary: false, inactive: false, do_not_email: false } : kind === 'phones' ? { primary: false, inactive: false, do_not_call: false } : {};
  return { id, ...owner, ...flags, ...fields, date_added: timestamp(addedAt), date_modified: timestamp(modifiedAt) };
}

/** @returns the new row's id */
export function addPart(state: SkyState, owner: SkyConstituent, kind: PartKind, fields: Row): string {
  refuseBadWords(state, kind, fields);
  const flag = uniqueFlag[kind];
  const stamps = newStamps(state);
  const isFirst = partsOf(owner, kind).length === 0;
  const row = { ...(flag !== undefined && isFirst ? { [flag]: true } : {}), ...fields, ...stamps };
  keepParts(state, owner, kind, flaggedOnce([...partsOf(owner, kind), row], flag, flag !== undefined && fields[flag] === true ? stamps.id : undefined), 'add');
  return stamps.id;
}

export function editPart(state: SkyState, owner: SkyConstituent, kind: PartKind, id: string, changes: Row): void {
  refuseBadWords(state, kind, changes);
  const flag = uniqueFlag[kind];
  const edited = partsOf(owner, kind).map((part) => (part.id === id ? touched(state, { ...part, ...changes }) : part));
  keepParts(state, owner, kind, flaggedOnce(edited, flag, flag !== undefined && changes[flag] === true ? id : undefined), 'change');
}

export function removePart(state: SkyState, owner: SkyConstituent, kind: PartKind, id: string): void {
  keepParts(state, owner, kind, partsOf(owner, kind).filter((part) => part.id !== id), 'delete');
}

function keepParts(state: SkyState, owner: SkyConstituent, kind: PartKind, parts: readonly Identified[], verb: 'add' | 'change' | 'delete'): void {
  const name = noticeName[kind];
  state.keep(touched(state, { ...owner, [kind]: parts }), name === undefined ? undefined : `com.blackbaud.constituent.${name}.${verb}.v1`);
}

/** The row that takes the flag takes it from the others. */
function flaggedOnce(parts: readonly Identified[], flag: string | undefined, holderId: string | undefined): readonly Identified[] {
  if (flag === undefined || holderId === undefined) return parts;
  return parts.map((part) => ({ ...part, [flag]: part.id === holderId }));
}

export function partsOf(owner: SkyConstituent, kind: PartKind): readonly SkyPart[] {
  return owner[kind];
}

function partIn(state: SkyState, kind: PartKind, call: Call): { owner: SkyConstituent; part: SkyPart } {
  const id = call.params['id'] ?? '';
  for (const owner of state.constituents.values()) {
    const part = partsOf(owner, kind).find((one) => one.id === id);
    if (part) return { owner, part };
  }
  throw notFound();
}

function refuseBadWords({ settings: { tables } }: SkyState, kind: PartKind, fields: Row): void {
  const words = {
    emailaddresses: { field: 'type', table: tables.emailaddresstypes },
    phones: { field: 'type', table: tables.phonetypes },
    addresses: { field: 'type', table: tables.addresstypes },
    aliases: { field: 'type', table: tables.aliastypes },
    constituentcodes: { field: 'description', table: tables.constituentcodetypes },
    customfields: { field: 'category', table: tables.customFieldCategories },
  }[kind];
  const value = fields[words.field];
  if (typeof value === 'string') inTable(words.table, value, `The ${words.field}`);
}
