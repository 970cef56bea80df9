/**
 * From the older Python tool's config.yml to this connector's settings, as far as it says so; everything else is named, for a person. The names in
 * it were read in that tool's code (confirmed). Credentials are not read at all: only their names are told. Pure.
 */
import { ConfigurationInvalid } from '../../base/errors.ts';
import { readOutline, type OutlineEntry } from './outline.ts';

interface Taken {
  readonly settings: { readonly [name: string]: unknown };
  readonly variables: { readonly [name: string]: string };
  readonly open: readonly string[];
}

/** Whose values are read. All others could be secrets. */
const wanted: readonly RegExp[] = [
  /^LCPP\.interval$/, /^LibCal\.(?:bookings_endpt|primary_id_field)$/, /^LibCal\.locations\.\d+\.(?:id|name)$/, /^Alma\.users_endpt$/,
  /^PassagePoint\.(?:pp_api_root|create_visitor_endpt)$/, /^PassagePoint\.(?:location_mapping|user_mapping)\..+$/,
];

/** What its other members have become. */
const elsewhere: readonly (readonly [name: RegExp, variable: string])[] = [
  [/^LibCal\.client_id$/, 'LIBCAL_CLIENT_ID'], [/^LibCal\.client_secret$/, 'LIBCAL_CLIENT_SECRET'], [/^Alma\.apikey(?:$|\.)/, 'ALMA_API_KEY'],
  [/^PassagePoint\.username$/, 'PASSAGEPOINT_USERNAME'], [/^PassagePoint\.password$/, 'PASSAGEPOINT_PASSWORD'],
];
const madeOfOthers = /^(?:LibCal\.credentials_endpt|PassagePoint\.\w+_endpt)$/; // paths that every installation has alike

/** Of a site where the tool was not changed: what its code said, and no file (confirmed). */
const inItsCode = [
  'the older tool took bookings with "Mediated Approved" alone, and of today alone; here libcal.activeStatuses and daysAhead say what counts: look at both before the first run',
  'ids of G and eight digits are written in upper case, as the older tool did: personIds.pattern',
];

/** @throws ConfigurationInvalid with the line that cannot be read. */
export function settingsFromPython(text: string, name: string): Taken {
  const entries = readOutline(text, name, (path) => wanted.some((pattern) => pattern.test(path.join('.'))));
  const value = (path: string): string | undefined => entries.find((entry) => entry.path.join('.') === path)?.value || undefined;
  const open: string[] = [...inItsCode];
  const bookings = addressIn(value('LibCal.bookings_endpt'));
  const locations = locationsIn(entries, open);
  if (locations.length === 0) throw new ConfigurationInvalid([`${name} names no location (LibCal, locations); it is not the older tool's config.yml`]);
  const settings = {
    ...everyMinutes(value('LCPP.interval'), open),
    locations,
    libcal: { ...(bookings && { prefix: bookings.pathname.startsWith('/api/1.1/') ? '/api/1.1' : '/1.1' }), ...idQuestion(value('LibCal.primary_id_field'), open) },
    personIds: { pattern: 'G\\d{8}' },
    categories: { usual: 'Visitor' },
  };
  for (const { path, value: category } of membersOf(entries, ['PassagePoint', 'user_mapping'])) {
    open.push(`categories.byGroup: the older tool went by the group's label, this one by its code in Alma: "<code of ${path.at(-1)}>": "${category}"`);
  }
  open.push(...othersIn(entries));
  return { settings, variables: variablesIn(value, bookings), open };
}

const membersOf = (entries: readonly OutlineEntry[], above: readonly string[]): readonly OutlineEntry[] =>
  entries.filter(({ path }) => path.length === above.length + 1 && above.every((part, at) => path[at] === part));

function everyMinutes(seconds: string | undefined, open: string[]): { readonly everyMinutes?: number } {
  if (seconds === undefined || !/^\d+$/.test(seconds)) {
    open.push('everyMinutes: the older tool does not say how often it ran (LCPP.interval); 5 counts');
    return {};
  }
  const minutes = Math.min(24 * 60, Math.max(1, Math.round(Number(seconds) / 60)));
  if (minutes * 60 !== Number(seconds)) open.push(`everyMinutes: ${seconds} seconds became ${minutes} minutes`);
  return { everyMinutes: minutes };
}

function idQuestion(question: string | undefined, open: string[]): { readonly idQuestion?: string } {
  if (question !== undefined && /^q\d+$/.test(question)) return { idQuestion: question };
  open.push('libcal.idQuestion: LibCal.primary_id_field is no question like q12505; until it is set, the login counts');
  return {};
}

/** Destinations and time zones that it does not name are left out, so that the connector does not start before somebody has added them. */
function locationsIn(entries: readonly OutlineEntry[], open: string[]): readonly { readonly lid: number; readonly name: string; readonly destination?: string }[] {
  const destinations = new Map(membersOf(entries, ['PassagePoint', 'location_mapping']).map(({ path, value }) => [path.at(-1) ?? '', value]));
  const rows = Map.groupBy(entries.filter(({ path }) => path.length === 4 && path[0] === 'LibCal' && path[1] === 'locations'), ({ path }) => path[2] ?? '');
  return [...rows.values()].flatMap((row) => {
    const member = (name: string): string => row.find(({ path }) => path.at(-1) === name)?.value ?? '';
    const id = member('id');
    if (!/^[1-9]\d*$/.test(id)) {
      open.push('locations: one has no number (id), and is left out');
      return [];
    }
    const destination = destinations.get(id) || undefined;
    open.push(`locations, ${id}: add "timeZone", like "America/New_York"${destination === undefined ? ', and "destination": PassagePoint.location_mapping does not name it' : ''}`);
    return [{ lid: Number(id), name: member('name') || `Location ${id}`, ...(destination !== undefined && { destination }) }];
  });
}

function variablesIn(value: (path: string) => string | undefined, bookings: URL | undefined): { readonly [name: string]: string } {
  const [alma, passagePoint] = [addressIn(value('Alma.users_endpt')), addressIn(value('PassagePoint.pp_api_root'))];
  const root = /^(\/.*)\/person\//.exec(value('PassagePoint.create_visitor_endpt') ?? '')?.[1] ?? '';
  return {
    ...(bookings && { LIBCAL_BASE_URL: bookings.origin }),
    ...(alma && { ALMA_BASE_URL: alma.origin }),
    ...(passagePoint && { PASSAGEPOINT_BASE_URL: `${passagePoint.origin}${root || '/pp/api/v2'}` }),
  };
}

/** Only its origin and path are ever shown: an address can hold a password. */
const addressIn = (text: string | undefined): URL | undefined => (text !== undefined && URL.canParse(text) ? new URL(text) : undefined);

function othersIn(entries: readonly OutlineEntry[]): readonly string[] {
  const names = entries.filter((entry) => entry.value === undefined && !entries.some(({ path }) => path.length > entry.path.length && entry.path.every((part, at) => path[at] === part))).map(({ path }) => path.join('.'));
  const told = names.filter((name) => !madeOfOthers.test(name)).map((name) => {
    const variable = elsewhere.find(([pattern]) => pattern.test(name))?.[1];
    return variable === undefined ? `${name}: has no place here` : `${name}: set it as ${variable}; it is not shown`;
  });
  return [...new Set(told)];
}
