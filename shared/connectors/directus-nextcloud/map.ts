/**
 * Translates between a row of Directus, a calendar object and our event, field by field. Pure: no calls, no clock.
 *
 * An entity carries two values beside the event that are never compared: `uid`, where the row names the calendar object it came
 * from, and `changedAt`, from which a new object takes its stamp, so that the same row makes the same text.
 */
import { hash } from 'node:crypto';
import { ItemInvalid } from '../../base/errors.ts';
import type { KeyFor } from '../../engine/side.ts';
import type { CalendarEvent } from '../../model/calendar-event.ts';
import type { Entity, FieldValue, Item, MatchKey } from '../../sync/item.ts';
import type { DirectusRow } from '../../vendors/directus/schema.ts';
import { tolerantBoolean } from '../../vendors/directus/schema.ts';
import { readObject, uidFor, type Note, type ReadEvent, type Style } from '../../vendors/nextcloud/icalendar.ts';
import { matchText, normaliseCategories, normaliseTitle, textOrNull, websiteOrNull } from '../../vendors/nextcloud/text.ts';
import { eventFields } from './about.ts';
import { readRowTimes, rowTime, type RowTimes } from './row-times.ts';
import type { FieldRole, Settings } from './settings.ts';

/** What the collection really has, by role; a role without a name is left alone. */
export type Columns = { readonly [role in FieldRole]?: string | undefined };

const rowBytesMax = 1_000_000; // as much as a calendar object may have
/** What an imported row has in its source field. */
export const importedFrom = 'nextcloud';

/**
 * @param digest  Keyed, for `seen`.
 * @throws ItemInvalid E_TOO_LARGE, E_TITLE_MISSING, E_DATE_MISSING, E_DATE_UNREADABLE, E_END_BEFORE_START, E_FIELD_UNREADABLE.
 *   Each names the field, never its value.
 */
export function itemOfRow(row: DirectusRow, version: string, columns: Columns, settings: Settings, digest: (text: string) => string): Item {
  const wire = JSON.stringify(row);
  const bytes = Buffer.byteLength(wire);
  if (bytes > rowBytesMax) throw new ItemInvalid({ code: 'E_TOO_LARGE', message: `the row has ${bytes} bytes, over the limit of ${rowBytesMax}; shorten its texts` });
  const event = eventOfRow(row, columns, settings);
  const uid = optionalText(row, columns.nextcloudUid) ?? undefined;
  const stamp = optionalText(row, columns.dateUpdated) ?? optionalText(row, columns.dateCreated) ?? undefined;
  return {
    id: String(row.id),
    version,
    entity: { ...event, uid, changedAt: stamp },
    seen: digest(wire),
    belongs: belongingOf(row, columns, settings),
    matchKeys: [...(uid === undefined ? [] : [sureUid(uid)]), sureUid(uidFor(row.id)), likely(event)],
  };
}

function eventOfRow(row: DirectusRow, columns: Columns, settings: Settings): Entity & Pick<CalendarEvent, 'title' | 'start'> {
  const titleColumn = columns.title ?? 'title';
  const title = normaliseTitle(optionalText(row, titleColumn) ?? '');
  if (title === '') throw new ItemInvalid({ code: 'E_TITLE_MISSING', message: `${titleColumn} is empty; give the event a title`, field: titleColumn });
  const text = (column: string | undefined) => (column === undefined ? undefined : textOrNull(optionalText(row, column)));
  return {
    title,
    ...readRowTimes(timesIn(row, columns), { calendarZone: settings.calendarZone, timesAs: settings.directus.timesAs }),
    description: text(columns.description),
    location: text(columns.location),
    website: columns.website === undefined ? undefined : websiteOrNull(optionalText(row, columns.website)),
    organizer: text(columns.organizer),
    cost: text(columns.cost),
    categories: columns.categories === undefined ? undefined : categoriesIn(row, columns.categories),
    recurrence: text(columns.recurrence),
  };
}

function timesIn(row: DirectusRow, columns: Columns): RowTimes {
  const start = columns.start ?? 'start_date';
  return {
    start: { field: start, value: row[start] },
    end: columns.end === undefined ? undefined : { field: columns.end, value: row[columns.end] },
    allDay: columns.allDay === undefined ? undefined : booleanIn(row, columns.allDay),
  };
}

/** `archived` and `rejected` are a person's word and come before anything else. */
function belongingOf(row: DirectusRow, columns: Columns, { directus: { approval } }: Settings): Item['belongs'] {
  const status = optionalText(row, columns.status);
  if (status !== null && approval.archivedStatuses.includes(status)) return { absentBecause: 'archived' };
  if (status !== null && approval.rejectedStatuses.includes(status)) return { absentBecause: 'rejected' };
  const isApproved = approval.by === 'status' ? status !== null && approval.publishedStatuses.includes(status) : columns.approved !== undefined && booleanIn(row, columns.approved);
  return isApproved ? true : { absentBecause: 'not approved' };
}

/**
 * The values that a write to Directus carries, by column. Fields without a column are left out.
 *
 * @param fields  What changes; absent fields are left alone.
 * @param whole   The whole entity: whether the event takes whole days decides how its times are spelt.
 */
export function valuesOf(fields: Entity, whole: Entity, columns: Columns, settings: Settings): { readonly [column: string]: unknown } {
  const { timesAs, categoriesAs } = settings.directus;
  const rules = { calendarZone: settings.calendarZone, timesAs };
  const values: { [column: string]: unknown } = {};
  for (const field of eventFields) {
    const value = fields[field];
    const column = columns[field];
    if (value === undefined || column === undefined) continue;
    if (field === 'start' || field === 'end') values[column] = rowTime(typeof value === 'string' ? value : null, whole['allDay'] === true, rules);
    else if (field === 'categories') values[column] = categoriesAs === 'json' ? value : keysText(value);
    else values[column] = value;
  }
  return values;
}

/** What an imported row has besides its event: whence it came, and that nobody approved it yet. */
export function importMarks(uid: string, columns: Columns, { directus: { approval } }: Settings): { readonly [column: string]: unknown } {
  return {
    ...(approval.by === 'approved' && columns.approved !== undefined && { [columns.approved]: false }),
    ...(approval.by === 'status' && columns.status !== undefined && { [columns.status]: approval.importedStatus }),
    ...(columns.source !== undefined && { [columns.source]: importedFrom }),
    ...(columns.nextcloudUid !== undefined && { [columns.nextcloudUid]: uid }),
  };
}

/** The fields of an entity that a calendar object takes; what it carries besides is left out. */
export function eventIn(fields: Entity): Partial<CalendarEvent> {
  return Object.fromEntries(eventFields.flatMap((field) => (fields[field] === undefined ? [] : [[field, fields[field]]])));
}

/** How objects are read for a site. */
export interface ObjectStyle extends Style {
  /** Fields that the site has switched off: what stands in them is the calendar's own, and no difference. */
  readonly left?: readonly (keyof CalendarEvent)[] | undefined;
}

export type ObjectItem = { readonly item: Item; readonly notes: readonly Note[]; readonly series: boolean };

/**
 * @returns undefined for an object that is no event.
 * @throws ItemInvalid as `readObject`, and E_ICS_UNREADABLE for a text that upsets the parser.
 */
export function itemOfObject(name: string, text: string, etag: string | undefined, style: ObjectStyle, digest: (text: string) => string): ObjectItem | undefined {
  const read = readQuietly(text, style);
  if (read === undefined) return undefined;
  const { uid, event, reference, notes, series } = read;
  const item: Item = {
    id: name,
    version: etag,
    entity: { ...without(event, style.left ?? []), uid },
    // Servers answer with other line ends and folds than they were sent.
    seen: digest(text.replace(/\r?\n[ \t]/g, '').replaceAll('\r\n', '\n').trim()),
    belongs: true,
    // X-DIRECTUS-ID alone is no proof: a copy that a person makes in the calendar carries it along under a new UID.
    reference: reference !== undefined && uid === uidFor(reference) ? reference : undefined,
    matchKeys: [sureUid(uid), likely(event)],
  };
  return { item, notes, series };
}

const without = (event: CalendarEvent, left: readonly (keyof CalendarEvent)[]): Entity => Object.fromEntries(Object.entries(event).filter(([field]) => !left.some((one) => one === field)));

function readQuietly(text: string, style: Style): ReadEvent | undefined {
  try {
    return readObject(text, style);
  } catch (error) {
    if (error instanceof ItemInvalid || !(error instanceof Error)) throw error;
    // Somebody's odd object must not stop all others, whatever the parser makes of it.
    throw new ItemInvalid({ code: 'E_ICS_UNREADABLE', message: 'the calendar object cannot be read; save the event again in the calendar' }, { cause: new Error(error.name) });
  }
}

const sureUid = (uid: string): MatchKey => ({ strength: 'sure', text: `uid:${uid}` });
const likely = (event: Pick<CalendarEvent, 'title' | 'start'>): MatchKey => ({ strength: 'likely', text: matchText(event) });

/** The UID that an item of the calendar has: the first of its keys. */
function uidOf(item: Item): string {
  const key = item.matchKeys?.find(({ strength, text }) => strength === 'sure' && text.startsWith('uid:'));
  return key === undefined ? item.id : key.text.slice('uid:'.length);
}

/**
 * Names of new items. In Directus the key is the UID, which finds an earlier import again. In the calendar it is a file name
 * without ending: a hash of row and life, because Nextcloud keeps a deleted name in its trash and refuses the next of that name.
 *
 * @param place  Where the rows are; another Directus with the same ids makes other names.
 */
export function keysFor(place: string): KeyFor {
  return (side, from, lives) => (side === 'source' ? uidOf(from) : hash('sha256', `${place}\n${from.id}\n${lives}`, 'hex').slice(0, 32));
}

/** @throws ItemInvalid E_FIELD_UNREADABLE for what is no text; null where the row has no such field or nothing in it. */
function optionalText(row: DirectusRow, column: string | undefined): string | null {
  const value = column === undefined ? null : row[column];
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw unreadable(column ?? '', 'text');
}

function booleanIn(row: DirectusRow, column: string): boolean {
  const value = row[column];
  if (value === null || value === undefined) return false;
  const parsed = tolerantBoolean.safeParse(value);
  if (!parsed.success) throw unreadable(column, 'yes or no');
  return parsed.data;
}

/** Keys with commas between them, or a list. */
function categoriesIn(row: DirectusRow, column: string): readonly string[] {
  const value = row[column];
  if (value === null || value === undefined) return [];
  if (typeof value === 'string') return normaliseCategories(value.split(','));
  if (Array.isArray(value) && value.every((key) => typeof key === 'string')) return normaliseCategories(value);
  throw unreadable(column, 'a list of categories');
}

function keysText(keys: FieldValue): string | null {
  // A key with a comma, as only a calendar can have it, would come back as two.
  const list = Array.isArray(keys) ? keys.map((key) => String(key).replaceAll(',', ' ')) : [];
  return list.length === 0 ? null : list.join(',');
}

function unreadable(column: string, wanted: string): ItemInvalid {
  return new ItemInvalid({ code: 'E_FIELD_UNREADABLE', message: `${column} is not ${wanted}; mend the field in Directus`, field: column });
}
