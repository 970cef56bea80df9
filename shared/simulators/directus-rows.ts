/**
 * The rows of `events` and their rules: increasing ids, unique UIDs, stamps, and batches that are stored whole or not at all.
 * Two writes of one row never share a stamp: a real write takes some 23 ms (confirmed), the given clock may stand still.
 */
import type { Clock } from '../base/clock.ts';
import { forbidden, notUnique } from './directus-errors.ts';
import { storedValues, timestampText, type DirectusDraft, type DirectusEvent, type ValueSettings } from './directus-fields.ts';

type Body = Readonly<Record<string, unknown>>;

export interface DirectusRows {
  readonly size: number;
  get(id: number): DirectusEvent | undefined;
  byUid(uid: string): DirectusEvent | undefined;
  /** In the order of their ids. */
  all(): readonly DirectusEvent[];
  /** @throws DirectusRefusal; then nothing is stored */
  insert(bodies: readonly Body[], user: string): readonly DirectusEvent[];
  /** @throws DirectusRefusal, FORBIDDEN for an id that is not there; then nothing is stored */
  update(changes: readonly { id: number; body: Body }[], user: string): readonly DirectusEvent[];
  /** @throws FORBIDDEN for an id that is not there; then nothing is deleted */
  delete(ids: readonly number[]): void;
}

export function directusRows(clock: Clock, settings: () => ValueSettings): DirectusRows {
  const rows = new Map<number, DirectusEvent>();
  const idByUid = new Map<string, number>();
  let lastId = 0;
  let sorted: readonly DirectusEvent[] | undefined;

  function keep(row: DirectusEvent): void {
    const before = rows.get(row.id);
    if (before?.nextcloud_uid) idByUid.delete(before.nextcloud_uid);
    if (row.nextcloud_uid !== null) idByUid.set(row.nextcloud_uid, row.id);
    rows.set(row.id, row);
    sorted = undefined;
  }

  function drop(row: DirectusEvent): void {
    if (row.nextcloud_uid !== null) idByUid.delete(row.nextcloud_uid);
    rows.delete(row.id);
    sorted = undefined;
  }

  /** What a batch would make; refuses before anything is kept. */
  function refuseClashes(made: readonly DirectusEvent[]): void {
    const uids = new Map<string, number>();
    for (const { id, nextcloud_uid: uid } of made) {
      if (uid === null) continue;
      const holder = uids.get(uid) ?? idByUid.get(uid);
      if (holder !== undefined && holder !== id) throw notUnique('nextcloud_uid', uid);
      uids.set(uid, id);
    }
  }

  return {
    get size() {
      return rows.size;
    },
    get: (id) => rows.get(id),
    byUid: (uid) => rows.get(idByUid.get(uid) ?? 0),
    all: () => (sorted ??= [...rows.values()].sort((left, right) => left.id - right.id)),
    insert(bodies, user) {
      let nextId = lastId;
      const made = bodies.map((body) => {
        const id = typeof body['id'] === 'number' ? body['id'] : nextId + 1;
        if (rows.has(id)) throw notUnique('id', id);
        nextId = Math.max(nextId, id);
        const stamps = { date_created: timestampText(clock.now(), settings()), date_updated: null, user_created: user, user_updated: null };
        return { ...emptyRow, id, ...storedValues(body, true, settings()), ...stamps };
      });
      refuseClashes(made);
      lastId = nextId;
      made.forEach(keep);
      return made;
    },
    update(changes, user) {
      const made = changes.map(({ id, body }) => {
        const before = rows.get(id);
        if (!before) throw forbidden();
        const lastMs = Date.parse(before.date_updated ?? before.date_created);
        const nowMs = Math.max(clock.now(), lastMs + 1);
        const stamps = { date_updated: timestampText(nowMs, settings()), user_updated: user };
        return { ...before, ...storedValues(body, false, settings()), ...stamps };
      });
      refuseClashes(made);
      made.forEach(keep);
      return made;
    },
    delete(ids) {
      const gone = ids.map((id) => rows.get(id) ?? missing());
      gone.forEach(drop);
    },
  };
}

/** A column that the collection does not have keeps this value for the simulator's own code; it is never shown. */
const emptyRow: Omit<DirectusEvent, 'id' | 'date_created' | 'date_updated' | 'user_created' | 'user_updated'> = {
  status: 'draft',
  approved: false,
  title: '',
  start_date: '',
  end_date: null,
  all_day: false,
  description: null,
  location: null,
  website: null,
  organizer: null,
  cost: null,
  category: null,
  tags: null,
  source: null,
  nextcloud_uid: null,
};

function missing(): never {
  throw forbidden();
}

/** The collection as a person works with it in Directus' own pages: no token, no journal, no faults, the same rules. */
export interface DirectusEditor {
  readonly size: number;
  /** Stores a row; title and start have a default, so that a test states only what matters. */
  add(draft?: DirectusDraft): DirectusEvent;
  /** @throws where there is no such row, or Directus would refuse */
  edit(id: number, changes: DirectusDraft): DirectusEvent;
  remove(id: number): void;
  get(id: number): DirectusEvent | undefined;
  byUid(uid: string): DirectusEvent | undefined;
  all(): readonly DirectusEvent[];
}

export function directusEditor(rows: DirectusRows, clock: Clock): DirectusEditor {
  const weekMs = 7 * 86_400_000;
  return {
    get size() {
      return rows.size;
    },
    add: (draft = {}) => {
      const defaults = { title: `Event ${rows.size + 1}`, start_date: new Date(clock.now() + weekMs).toISOString() };
      return only(rows.insert([{ ...defaults, ...draft }], 'editor'));
    },
    edit: (id, changes) => only(rows.update([{ id, body: changes }], 'editor')),
    remove: (id) => rows.delete([id]),
    get: (id) => rows.get(id),
    byUid: (uid) => rows.byUid(uid),
    all: () => rows.all(),
  };
}

function only(made: readonly DirectusEvent[]): DirectusEvent {
  const [row] = made;
  if (!row) throw new Error('a write of one row made none');
  return row;
}
