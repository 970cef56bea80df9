/**
 * One calendar of the account: its objects, its trash and its change log, and the rules under which they change. Requests and
 * people's actions both end here, so nobody gets round a rule.
 * Names, change numbers and the trash's behaviour are confirmed (31 and 34), restoring by cutting the name is likely.
 */
import { hash } from 'node:crypto';
import type { NextcloudTraps } from './nextcloud-traps.ts';
import { checkedText, type CheckedText } from './nextcloud-validation.ts';
import { DavRefusal, notFound, sabreRefusal } from './nextcloud-xml.ts';
import { randomHex, type SimulatedWorld } from './world.ts';

export interface CalendarObject {
  readonly id: number;
  readonly name: string;
  /** As it is stored. */
  readonly text: string;
  /** MD5 of the stored bytes, in quotes. */
  readonly etag: string;
  readonly uid: string;
  readonly component: CheckedText['component'];
  /** Epoch milliseconds. */
  readonly storedAt: number;
}

export interface TrashedObject extends CalendarObject {
  readonly deletedAt: number;
}

type Operation = 'added' | 'modified' | 'deleted';

interface Change {
  readonly number: number;
  /** Empty for the calendar itself. */
  readonly name: string;
  readonly operation: Operation;
}

/** Plain data, so that a backup is a copy of it. */
export interface CalendarState {
  readonly id: number;
  readonly name: string;
  readonly components: ReadonlySet<string>;
  /** Inside of the element, by `{namespace}name`: display name, colour and whatever a client has set. */
  readonly properties: Map<string, string>;
  readonly objects: Map<string, CalendarObject>;
  readonly nameByUid: Map<string, string>;
  /** By trashed name, oldest first. */
  readonly trash: Map<string, TrashedObject>;
  changes: Change[];
  /** The number in the sync token: the next change gets it. Starts at 1. */
  token: number;
  /** A share that this account may only read. */
  isReadOnly: boolean;
  /** Epoch milliseconds; set while the calendar itself is in the trash. */
  deletedAt: number | undefined;
}

/** What the rules need around them. */
export interface CalendarServer {
  readonly world: SimulatedWorld;
  readonly traps: NextcloudTraps;
  newId(): number;
}

export interface StoredObject {
  readonly object: CalendarObject;
  readonly isNew: boolean;
  /** False where the answer has no ETag. */
  readonly showsEtag: boolean;
  readonly warning?: string | undefined;
}

export function newCalendar(facts: { id: number; name: string; components?: readonly string[] }): CalendarState {
  return {
    id: facts.id,
    name: facts.name,
    components: new Set(facts.components ?? ['VEVENT', 'VTODO', 'VJOURNAL']),
    properties: new Map(),
    objects: new Map(),
    nameByUid: new Map(),
    trash: new Map(),
    changes: [],
    token: 1,
    isReadOnly: false,
    deletedAt: undefined,
  };
}

/**
 * Stores a text under a name, new or over what stands there.
 *
 * @param isLate  the change gets a number that readers have passed already.
 * @throws DavRefusal as the server answers it; then nothing is stored
 */
export function putObject(server: CalendarServer, calendar: CalendarState, sent: { name: string; text: string; isLate?: boolean }): StoredObject {
  const { world, traps } = server;
  const checked = checkedText(sent.text, {
    components: calendar.components,
    repairs: traps.repairs,
    nowMs: world.clock.now(),
    newUid: () => `sabre-vobject-${randomHex(world.random, 32)}`,
  });
  const before = calendar.objects.get(sent.name);
  if (!before) refuseTakenUid(server, calendar, checked.uid);

  const text = traps.rewrite?.(checked.text) ?? checked.text;
  const { uid, component, warning } = checked;
  const object = { id: before?.id ?? server.newId(), name: sent.name, text, etag: etagOf(text), uid, component, storedAt: world.clock.now() };
  if (before && before.uid !== uid) forgetUid(calendar, before);
  calendar.objects.set(sent.name, object);
  calendar.nameByUid.set(uid, sent.name);

  const isLate = !before && (sent.isLate === true || (traps.lateCommitShare > 0 && world.random() < traps.lateCommitShare));
  recordChange(calendar, sent.name, before ? 'modified' : 'added', isLate);
  return { object, isNew: !before, showsEtag: checked.isAsSent && text === checked.text && !traps.loseEtags, warning };
}

/** Moves an object to the trash, or deletes it where there is none. A trashed object only gets a longer name. */
export function deleteObject(server: CalendarServer, calendar: CalendarState, name: string): void {
  const object = calendar.objects.get(name);
  const trashed = calendar.trash.get(name);
  if (object && server.traps.trashRetentionSeconds === 0) {
    drop(calendar, object);
  } else if (object) {
    const slot = freeSlot(server, calendar, name);
    calendar.objects.delete(name);
    forgetUid(calendar, object);
    calendar.trash.set(slot, { ...object, name: slot, deletedAt: server.world.clock.now() });
  } else if (trashed) {
    renameInTrash(server, calendar, trashed);
    return;
  } else {
    throw notFound('Calendar object not found');
  }
  recordChange(calendar, name, 'deleted');
}

/** Takes an object out of the trash for good; its trashed name is reported as deleted. */
export function purgeObject(calendar: CalendarState, trashed: TrashedObject): void {
  calendar.trash.delete(trashed.name);
  recordChange(calendar, trashed.name, 'deleted');
}

/** Brings a trashed object back under its old name, with its old ETag. */
export function restoreObject(calendar: CalendarState, trashed: TrashedObject): CalendarObject {
  const name = trashed.name.replace('-deleted.ics', '.ics');
  if (calendar.objects.has(name)) {
    throw sabreRefusal(403, 'Forbidden', `Can not restore ${trashed.id} because a calendar object with the URI ${name} already exists`);
  }
  const { deletedAt: _, ...kept } = trashed;
  const object = { ...kept, name };
  calendar.trash.delete(trashed.name);
  calendar.objects.set(name, object);
  calendar.nameByUid.set(object.uid, name);
  recordChange(calendar, name, 'added');
  return object;
}

/** A property of the calendar was set; the change log says so under the calendar's own name. */
export function recordPropertyChange(server: CalendarServer, calendar: CalendarState): void {
  if (server.traps.propertyChangeReported) recordChange(calendar, '', 'modified');
  else calendar.token += 1;
}

/** What an incremental reader is told since `number`: each name once, and whether the server calls it gone. */
export function changesSince(server: CalendarServer, calendar: CalendarState, number: number): readonly { name: string; isGone: boolean }[] {
  let first = calendar.changes.length;
  while (first > 0 && (calendar.changes[first - 1]?.number ?? 0) >= number) first -= 1;

  const byName = new Map<string, { began: Operation; strongest: Operation; last: Operation }>();
  for (const { name, operation } of calendar.changes.slice(first)) {
    const known = byName.get(name);
    byName.set(name, {
      began: known?.began ?? operation,
      strongest: known ? stronger(known.strongest, operation) : operation,
      last: operation,
    });
  }
  const told: { name: string; isGone: boolean }[] = [];
  for (const [name, { began, strongest, last }] of byName) {
    const operation = server.traps.recreatedReportedGone ? strongest : last;
    const isGone = operation === 'deleted' || !calendar.objects.has(name);
    if (isGone && began === 'added' && !server.traps.vanishedReported && !calendar.objects.has(name)) continue;
    told.push({ name, isGone });
  }
  return told;
}

/** Purges what has been in the trash for longer than it is kept, as the server's background job does. */
export function expireTrash(server: CalendarServer, calendar: CalendarState): void {
  const keptSince = server.world.clock.now() - server.traps.trashRetentionSeconds * 1000;
  for (const trashed of calendar.trash.values()) if (trashed.deletedAt < keptSince) purgeObject(calendar, trashed);
}

function etagOf(text: string): string {
  return `"${hash('md5', text)}"`;
}

function recordChange(calendar: CalendarState, name: string, operation: Operation, isLate = false): void {
  if (isLate) {
    calendar.changes.push({ number: calendar.token - 1, name, operation });
    return;
  }
  calendar.changes.push({ number: calendar.token, name, operation });
  calendar.token += 1;
}

function drop(calendar: CalendarState, object: CalendarObject): void {
  calendar.objects.delete(object.name);
  forgetUid(calendar, object);
}

function forgetUid(calendar: CalendarState, object: CalendarObject): void {
  if (calendar.nameByUid.get(object.uid) === object.name) calendar.nameByUid.delete(object.uid);
}

function refuseTakenUid(server: CalendarServer, calendar: CalendarState, uid: string): void {
  const holder = calendar.nameByUid.get(uid);
  if (holder !== undefined && server.traps.duplicateUid === 'bad-request-400') {
    throw sabreRefusal(400, 'BadRequest', 'Calendar object with uid already exists in this calendar collection.');
  }
  if (holder !== undefined) {
    const element = `<cal:no-uid-conflict xmlns:cal="urn:ietf:params:xml:ns:caldav"><d:href>${holder}</d:href></cal:no-uid-conflict>`;
    throw sabreRefusal(409, 'Conflict', 'Calendar object with uid already exists in this calendar collection.', { element });
  }
  if (server.traps.trashedUid === 'accepted') return;
  const trashed = calendar.trash.values().find((candidate) => candidate.uid === uid);
  if (!trashed) return;
  switch (server.traps.trashedUid) {
    case 'accepted-once':
      renameInTrash(server, calendar, trashed);
      return;
    case 'refused-400':
      throw sabreRefusal(400, 'BadRequest', 'Deleted calendar object with uid already exists in this calendar collection.');
    case 'error-500':
      throw new DavRefusal(
        500,
        'OC\\DB\\Exceptions\\DbalException',
        'An exception occurred while executing a query: Integrity constraint violation: UNIQUE constraint failed: oc_calendarobjects.uid',
      );
  }
}

/** A deletion of what is trashed already: one more `-deleted`, and the shorter name is reported as gone. */
function renameInTrash(server: CalendarServer, calendar: CalendarState, trashed: TrashedObject): void {
  const slot = freeSlot(server, calendar, trashed.name);
  const entries = [...calendar.trash.values()].map((entry) => (entry === trashed ? { ...trashed, name: slot } : entry));
  calendar.trash.clear(); // in place, so that the oldest stays first
  for (const entry of entries) calendar.trash.set(entry.name, entry);
  recordChange(calendar, trashed.name, 'deleted');
}

function freeSlot(server: CalendarServer, calendar: CalendarState, name: string): string {
  const slot = deletedName(name);
  if (!calendar.trash.has(slot) && !calendar.objects.has(slot)) return slot;
  if (!server.traps.slotTakenRefuses) return freeSlot(server, calendar, slot);
  const message = `A calendar object with URI ${slot} already exists in calendar ${calendar.id}, therefore this object can't be moved into the trashbin`;
  throw sabreRefusal(403, 'Forbidden', message);
}

function deletedName(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot === -1 ? `${name}-deleted` : `${name.slice(0, dot)}-deleted${name.slice(dot)}`;
}

function stronger(left: Operation, right: Operation): Operation {
  const strength = { added: 1, modified: 2, deleted: 3 };
  return strength[right] > strength[left] ? right : left;
}
