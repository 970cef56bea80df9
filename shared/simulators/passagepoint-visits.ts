/**
 * Pre-registrations: who may come when and where to, and what a guard, a kiosk or the product itself makes of them. Nothing keeps two
 * of the same apart: a repeated call makes a second one (likely). By a switch the product signs people in by itself some minutes
 * before the start (confirmed for the product). That one left alone is EXPIRED after its end is assumed.
 */
import type { Clock } from '../base/clock.ts';
import { refuse } from './passagepoint-answers.ts';
import type { PassagePointVisitorsByHand } from './passagepoint-visitors.ts';

export type PassagePointVisitStatus = 'PREREGISTERED' | 'SIGNED_IN' | 'SIGNED_OUT' | 'CANCELLED' | 'EXPIRED';

export interface PassagePointPreReg {
  /** 15 digits; a number on the wire. */
  readonly id: string;
  readonly visitorId: string;
  /** Epoch seconds; a text on the wire. */
  readonly startsAt: number;
  readonly endsAt: number;
  /** By name. */
  readonly destination: string;
  readonly status: PassagePointVisitStatus;
}

export type PassagePointPreRegDraft = Pick<PassagePointPreReg, 'visitorId' | 'startsAt' | 'endsAt' | 'destination'>;

export interface PassagePointPreRegsByHand {
  readonly size: number;
  /** Staff announce somebody themselves. @throws as the API refuses; so do all below */
  add(draft: PassagePointPreRegDraft): PassagePointPreReg;
  edit(id: string, changes: Partial<Omit<PassagePointPreRegDraft, 'visitorId'>>): PassagePointPreReg;
  cancel(id: string): PassagePointPreReg;
  /** A guard lets the visitor in, whatever the time. */
  signIn(id: string): PassagePointPreReg;
  signOut(id: string): PassagePointPreReg;
  remove(id: string): void;
  get(id: string): PassagePointPreReg | undefined;
  all(): readonly PassagePointPreReg[];
  /** Those that still open a door, now or later. */
  standing(): readonly PassagePointPreReg[];
  /** How often exactly this was created over the API. */
  timesMade(what: PassagePointPreRegDraft): number;
}

export interface PassagePointPreRegs {
  readonly byHand: PassagePointPreRegsByHand;
  /** Over the API. */
  create(draft: PassagePointPreRegDraft): PassagePointPreReg;
}

interface VisitSettings {
  readonly destinations: readonly string[];
  readonly autoSignInMinutes: number | undefined;
}

/** `touchedAt`: epoch seconds of the last change; what the product would have done by itself before it is done. */
type Row = PassagePointPreReg & { readonly touchedAt: number };

export function passagePointPreRegs(clock: Clock, visitors: PassagePointVisitorsByHand, settings: VisitSettings): PassagePointPreRegs {
  const rows = new Map<string, Row>();
  const made = new Map<string, number>();
  let lastId = 137_506_000_000_776;
  const now = () => clock.now() / 1000;

  /** The row as it is at this moment. */
  function settled(row: Row): Row {
    if (row.status !== 'PREREGISTERED') return row;
    const { autoSignInMinutes: minutes } = settings;
    const signInAt = row.startsAt - (minutes ?? 0) * 60;
    if (minutes !== undefined && row.touchedAt <= signInAt && now() >= signInAt) return { ...row, status: 'SIGNED_IN' };
    return now() >= row.endsAt ? { ...row, status: 'EXPIRED' } : row;
  }

  function keep(row: PassagePointPreReg): PassagePointPreReg {
    rows.set(row.id, { ...row, touchedAt: now() });
    return row;
  }

  function checked(row: PassagePointPreReg): PassagePointPreReg {
    if (!settings.destinations.includes(row.destination)) refuse(400, 'INVALID_DESTINATION');
    return row.endsAt > row.startsAt ? row : refuse(400, 'INVALID_TIME');
  }

  function existing(id: string): Row {
    return settled(rows.get(id) ?? refuse(404, 'NOT_FOUND'));
  }

  /** For a change that comes too late once somebody is, or was, inside. */
  function notYetIn(id: string): Row {
    const row = existing(id);
    return row.status === 'SIGNED_IN' || row.status === 'SIGNED_OUT' ? refuse(409, 'ALREADY_SIGNED_IN') : row;
  }

  function add(draft: PassagePointPreRegDraft): PassagePointPreReg {
    if (!visitors.get(draft.visitorId)) refuse(400, 'INVALID_VISITOR');
    const { visitorId, startsAt, endsAt, destination } = draft;
    const row = checked({ id: String(lastId + 1), visitorId, startsAt, endsAt, destination, status: 'PREREGISTERED' });
    lastId += 1;
    return keep(row);
  }

  const byHand: PassagePointPreRegsByHand = {
    get size() {
      return rows.size;
    },
    add,
    edit(id, changes) {
      const row = notYetIn(id);
      if (row.status === 'CANCELLED') refuse(404, 'NOT_FOUND'); // assumed
      return keep(checked({ ...publicOf(row), ...changes, status: 'PREREGISTERED' }));
    },
    cancel: (id) => keep({ ...publicOf(notYetIn(id)), status: 'CANCELLED' }),
    signIn: (id) => keep({ ...publicOf(existing(id)), status: 'SIGNED_IN' }),
    signOut: (id) => keep({ ...publicOf(existing(id)), status: 'SIGNED_OUT' }),
    remove: (id) => void rows.delete(existing(id).id),
    get(id) {
      const row = rows.get(id);
      return row && publicOf(settled(row));
    },
    all: () => [...rows.values()].map((row) => publicOf(settled(row))),
    standing: () => byHand.all().filter(({ status }) => status === 'PREREGISTERED' || status === 'SIGNED_IN'),
    timesMade: (what) => made.get(keyOf(what)) ?? 0,
  };
  return {
    byHand,
    create(draft) {
      const preReg = add(draft);
      made.set(keyOf(preReg), byHand.timesMade(preReg) + 1);
      return preReg;
    },
  };
}

function publicOf({ id, visitorId, startsAt, endsAt, destination, status }: Row): PassagePointPreReg {
  return { id, visitorId, startsAt, endsAt, destination, status };
}

function keyOf({ visitorId, startsAt, endsAt, destination }: PassagePointPreRegDraft): string {
  return JSON.stringify([visitorId, startsAt, endsAt, destination]);
}
