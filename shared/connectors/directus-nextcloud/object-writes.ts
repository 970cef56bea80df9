/**
 * Writes calendar objects. New ones are whole texts of ours, and so are changes of objects that nobody else has touched;
 * other changes go over the standing object, read in the same call and edited in place, so that alarms, zones and SEQUENCE stay. Every write carries the version it was decided from. What a
 * person has to look at is parked, and so is an event with guests: the server would send them mail.
 */
import type { Clock } from '../../base/clock.ts';
import { assertNever, ItemInvalid, VendorUnavailable } from '../../base/errors.ts';
import type { SideWrite, WriteResult } from '../../engine/side.ts';
import type { CalendarEvent } from '../../model/calendar-event.ts';
import type { Entity } from '../../sync/item.ts';
import type { CaldavClient } from '../../vendors/nextcloud/caldav.ts';
import { editObject, newObject, uidFor } from '../../vendors/nextcloud/icalendar.ts';
import type { ObjectRead } from '../../vendors/nextcloud/objects.ts';
import type { CreateOutcome, Missing, NoSpace, Refused, Stored, UidTaken } from '../../vendors/nextcloud/write-outcome.ts';
import type { CalendarPlace } from './calendar-place.ts';
import { eventIn, itemOfObject, type ObjectItem, type ObjectStyle } from './map.ts';
import type { Refusals } from '../refused-sign-in.ts';
import { writeRun } from '../write-run.ts';

export interface ObjectWriting {
  readonly caldav: CaldavClient;
  readonly place: CalendarPlace;
  readonly style: ObjectStyle;
  readonly digest: (text: string) => string;
  readonly clock: Clock;
  readonly parallel: number;
  readonly signIn: Refusals;
}

/** The file name of a new object. */
export const objectName = (key: string): string => `${key}.ics`;

export async function writeObjects(to: ObjectWriting, writes: readonly SideWrite[]): Promise<readonly WriteResult[]> {
  const run = writeRun(writes.length, to.parallel, to.signIn, ['CALENDAR_MISSING', 'HOME_MISSING']);
  const updates = [...writes.entries()].filter(([, write]) => write.staged.kind === 'update' && !isOursAlone(write));
  let standing: ReadonlyMap<string, ObjectRead> = new Map();
  await run.attempt(
    updates.map(([place]) => place),
    async () => {
      const names = updates.flatMap(([, { id }]) => id ?? []);
      if (names.length > 0) standing = await to.place.within((calendarUrl) => to.caldav.readObjects(calendarUrl, names));
    },
    { sends: false },
  );
  const one = (write: SideWrite): Promise<WriteResult> => {
    const { staged, id = '' } = write;
    if (staged.kind === 'create') return create(to, write, { key: staged.key, entity: staged.entity });
    if (staged.kind === 'update' && isOursAlone(write)) return rewrite(to, write, staged.entity);
    if (staged.kind === 'update') return update(to, write, staged.fields, standing.get(id));
    return remove(to, write);
  };
  const left = [...writes.entries()].filter(([place]) => !run.has(place));
  await Promise.all(left.map(([place, write]) => run.add([place], async (record) => record(place, await one(write)))));
  return run.results();
}

async function create(to: ObjectWriting, { otherId }: SideWrite, made: { key: string; entity: Entity }): Promise<WriteResult> {
  if (otherId === undefined) throw new Error('a new calendar object needs the row it is made from');
  const uid = uidOf(made.entity, otherId);
  const name = objectName(made.key);
  const text = newObject({ uid, event: wholeEvent(made.entity), stamp: stampOf(to, made.entity), directusId: otherId }, to.style);
  const outcome = await putPastTrash(to, uid, () => to.place.within((calendarUrl) => to.caldav.putNew(calendarUrl, name, text)));
  if (outcome.kind === 'exists') return { kind: 'exists', id: name };
  if (outcome.kind === 'uid-in-trash') return { kind: 'parked', code: 'E_UID_IN_TRASH', message: 'a deleted event blocks this one; empty the calendar\'s trash bin' };
  if (outcome.kind === 'stored') return stored(to, name, text, outcome);
  return unwritten(to.place, outcome);
}

/** A row that came from the calendar goes back under the UID it had there. */
const uidOf = (entity: Entity, rowId: string): string => (typeof entity['uid'] === 'string' ? entity['uid'] : uidFor(rowId));

const stampOf = (to: ObjectWriting, entity: Entity): string => (typeof entity['changedAt'] === 'string' ? entity['changedAt'] : new Date(to.clock.now()).toISOString());

/** We wrote the standing version whole and hold the whole event: there is nothing in the object that reading could save. */
const isOursAlone = ({ staged, ours, otherId, version }: SideWrite): boolean =>
  staged.kind === 'update' && ours && otherId !== undefined && version !== undefined && typeof staged.entity['title'] === 'string';

const minuteMs = 60_000;

async function rewrite(to: ObjectWriting, { id = '', version = '', otherId = '' }: SideWrite, entity: Entity): Promise<WriteResult> {
  const stamp = stampOf(to, entity);
  // Unread, the old SEQUENCE is unknown; the minute of the change is larger than any count we have given it.
  const sequence = Math.floor(Date.parse(stamp) / minuteMs);
  const text = newObject({ uid: uidOf(entity, otherId), event: wholeEvent(entity), stamp, directusId: otherId, sequence }, to.style);
  const outcome = await to.place.within((calendarUrl) => to.caldav.putOver(calendarUrl, id, text, version));
  if (outcome.kind === 'stale') return { kind: 'stale' };
  return outcome.kind === 'stored' ? stored(to, id, text, outcome) : unwritten(to.place, outcome);
}

/**
 * A deleted event keeps its UID for 30 days, and Nextcloud 32 and newer answer a new one of that UID with 500 (confirmed), as if
 * it were ill. So the trash is looked into once, what lies there is purged, and the event put again.
 */
async function putPastTrash(to: ObjectWriting, uid: string, put: () => Promise<CreateOutcome>): Promise<CreateOutcome> {
  try {
    const outcome = await put();
    if (outcome.kind !== 'uid-in-trash') return outcome;
    await purgeTrashed(to, uid);
  } catch (error) {
    const isLikeTrash = error instanceof VendorUnavailable && error.status === 500;
    if (!isLikeTrash || !(await purgeTrashed(to, uid))) throw error;
  }
  return put();
}

async function purgeTrashed({ caldav, place }: ObjectWriting, uid: string): Promise<boolean> {
  const trashed = await place.within((calendarUrl) => caldav.trash.findTrashed({ calendarUrl, uid }));
  for (const { href } of trashed) await caldav.trash.purge(href);
  return trashed.length > 0;
}

async function update(to: ObjectWriting, { id, version }: SideWrite, fields: Entity, standing: ObjectRead | undefined): Promise<WriteResult> {
  if (id === undefined) throw new Error('a change of a calendar object needs its name');
  if (standing === undefined) return { kind: 'missing' };
  if (version === undefined || standing.etag !== version) return { kind: 'stale' };
  if (standing.tooLarge === true) return { kind: 'refused', code: 'E_ICS_TOO_LARGE', message: 'the calendar object is over 1 MB; remove its attachments' };
  const before = itemOfObject(id, standing.text, version, to.style, to.digest);
  if (before === undefined) return { kind: 'refused', code: 'E_NOT_AN_EVENT', message: 'the calendar object is not an event any more' };
  const hands = handsOff(before);
  if (hands !== undefined) return hands;
  const text = edited(standing.text, fields, to);
  if (typeof text !== 'string') return text;
  if (text === standing.text) return { kind: 'done', id, version, item: before.item };
  const outcome = await to.place.within((calendarUrl) => to.caldav.putOver(calendarUrl, id, text, version));
  if (outcome.kind === 'stale') return { kind: 'stale' };
  return outcome.kind === 'stored' ? stored(to, id, text, outcome) : unwritten(to.place, outcome);
}

function edited(text: string, fields: Entity, { style, clock }: ObjectWriting): string | WriteResult {
  try {
    return editObject(text, eventIn(fields), { ...style, stamp: new Date(clock.now()).toISOString() });
  } catch (error) {
    if (error instanceof ItemInvalid && mendedByPerson.has(error.code)) return { kind: 'parked', code: error.code, message: error.message };
    throw error;
  }
}

const mendedByPerson = new Set(['E_SERIES_TIMES', 'E_DAMAGED_TEXT']);

function handsOff({ notes }: ObjectItem): WriteResult | undefined {
  if (notes.includes('attendees')) return { kind: 'parked', code: 'E_ATTENDEES', message: 'the event has guests, who would get mail about our change; change it in the calendar' };
  if (notes.includes('confidential')) return { kind: 'parked', code: 'E_CONFIDENTIAL', message: 'the event is confidential, so we may hold only a part of it; change it in the calendar' };
  return undefined;
}

async function remove(to: ObjectWriting, { id, version }: SideWrite): Promise<WriteResult> {
  if (id === undefined) throw new Error('a removal of a calendar object needs its name');
  if (version === undefined) return { kind: 'stale' };
  const outcome = await to.place.within((calendarUrl) => to.caldav.remove(calendarUrl, id, version));
  if (outcome.kind === 'removed') return { kind: 'done', id };
  if (outcome.kind === 'stale') return { kind: 'stale' };
  if (outcome.kind === 'trash-slot-taken') {
    return { kind: 'parked', code: 'E_TRASH_SLOT_TAKEN', message: 'the trash bin holds another event of this name; empty it, then this one can go' };
  }
  return unwritten(to.place, outcome);
}

/** Without an etag the server changed the text or did not say: the engine reads it back. */
function stored({ style, digest }: ObjectWriting, name: string, text: string, { etag }: Stored): WriteResult {
  return { kind: 'done', id: name, version: etag, item: etag === undefined ? undefined : itemOfObject(name, text, etag, style, digest)?.item };
}

async function unwritten(place: CalendarPlace, outcome: Missing | Refused | NoSpace | UidTaken): Promise<WriteResult> {
  switch (outcome.kind) {
    case 'missing':
      return (await place.isReadOnly()) ? readOnly : { kind: 'missing' };
    case 'uid-taken':
      return outcome.holder === undefined ? uidTaken : { kind: 'exists', id: outcome.holder };
    case 'no-space':
      return { kind: 'lost', sent: false, code: 'E_NO_SPACE' };
    case 'refused':
      return { kind: 'refused', code: 'E_CALENDAR_REFUSED', message: `the calendar refused the event (${outcome.status}${outcome.reason === undefined ? '' : ` ${outcome.reason}`})` };
    default:
      return assertNever(outcome);
  }
}

const readOnly: WriteResult = { kind: 'refused', code: 'E_READ_ONLY', message: 'the calendar is shared with us for reading only; ask its owner for the right to edit' };
const uidTaken: WriteResult = { kind: 'parked', code: 'E_UID_TAKEN', message: 'another event of the calendar has this UID; delete one of the two' };

/** What the source has no field for is empty in a new object. */
function wholeEvent(entity: Entity): CalendarEvent {
  const { title, start, allDay = false, ...others } = eventIn(entity);
  const empty = { end: null, description: null, location: null, website: null, organizer: null, cost: null, categories: [], recurrence: null };
  return { ...empty, ...others, title: title ?? '', start: start ?? '', allDay };
}
