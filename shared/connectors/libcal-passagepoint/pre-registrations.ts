/**
 * Pre-registrations of PassagePoint as a side that cannot be listed: an access right that a door believes. What PassagePoint cannot do by itself
 * (each such call is assumed, and off by default) goes to a person's list at once: the item is parked, with the number to look for there.
 *
 *   wanted      with                     without
 *   moved       updatePreReg             cancelPreReg, and then it is made anew; else parked: by hand
 *   withdrawn   cancelPreReg             updatePreReg to a time that is over, else parked: by hand
 *   lost        searchPreReg             in doubt: never sent again blindly
 */
import type { Clock } from '../../base/clock.ts';
import type { Side, WriteResult } from '../../engine/side.ts';
import type { Entity, Item } from '../../sync/item.ts';
import type { PassagePointClient, PreRegData } from '../../vendors/passagepoint/client.ts';
import { itemByItem } from '../item-by-item.ts';
import { blind } from '../manners.ts';

export interface PreRegistrationDeps {
  readonly passagePoint: PassagePointClient;
  readonly passagePointUrl: string;
  readonly clock: Clock;
}

const atOnce = 50;
const minuteMs = 60_000;

export function preRegistrationTarget(deps: PreRegistrationDeps): Side {
  const { passagePoint, clock } = deps;

  async function create(entity: Entity): Promise<WriteResult> {
    const made = await passagePoint.createPreReg(preRegOf(entity));
    return made.kind === 'done' ? { kind: 'done', id: made.id, item: itemOf(made.id, entity) } : refused(made.kind === 'refused' ? made.code : made.kind);
  }

  async function move(id: string, entity: Entity, isOtherVisitor: boolean): Promise<WriteResult> {
    if (passagePoint.updatePreReg !== undefined && !isOtherVisitor) {
      const { startsAt, endsAt, destination } = preRegOf(entity);
      const moved = await passagePoint.updatePreReg({ id, startsAt, endsAt, destination });
      if (moved.kind === 'done') return { kind: 'done', id, item: itemOf(id, entity) };
      return moved.kind === 'missing' ? { kind: 'missing' } : unlike(id, moved.kind === 'refused' ? moved.code : moved.kind);
    }
    if (passagePoint.cancelPreReg === undefined) {
      return byHand('E_MOVE_BY_HAND', `this PassagePoint cannot change pre-registration ${id} by our hand: change it there, then resolve it with --done`);
    }
    // The old one first: two that are good at once let somebody in twice, none for a moment is mended by the next line, or by the next run.
    const cancelled = await passagePoint.cancelPreReg(id);
    if (cancelled.kind === 'done' || cancelled.kind === 'missing') return { kind: 'missing' };
    return unlike(id, cancelled.kind === 'refused' ? cancelled.code : cancelled.kind);
  }

  async function withdraw(id: string): Promise<WriteResult> {
    if (passagePoint.cancelPreReg !== undefined) return ended(id, await passagePoint.cancelPreReg(id));
    if (passagePoint.updatePreReg !== undefined) {
      const now = clock.now(); // an hour that is over opens nothing, and an end before the start is refused
      return ended(id, await passagePoint.updatePreReg({ id, startsAt: now - 2 * minuteMs, endsAt: now - minuteMs }));
    }
    return byHand('E_CANCEL_BY_HAND', `this PassagePoint cannot cancel pre-registration ${id} by our hand: cancel it there now, then resolve it with --done`);
  }

  return {
    ...blind, system: 'passagepoint', oneWriter: false,
    // Claims are made for a batch. Where nothing can be searched, whoever dies in the middle would leave all of it in doubt.
    batchMax: passagePoint.searchPreReg === undefined ? 1 : atOnce,
    power: passagePoint.searchPreReg === undefined ? 'none' : 'find',
    identity: () => deps.passagePointUrl,
    ...itemByItem(clock, { atOnce: 1, create, update: (id, fields, entity) => move(id, { ...entity, ...fields }, 'visitor' in fields), withdraw, ours }),
  };

  /** The same visitor, time and place. */
  async function ours(entity: Entity): Promise<readonly Item[]> {
    const wanted = preRegOf(entity);
    const near = (await passagePoint.searchPreReg?.(wanted)) ?? [];
    return near.filter((one) => one.visitorId === wanted.visitorId && one.startsAt === wanted.startsAt && one.endsAt === wanted.endsAt && one.destination === wanted.destination && one.status !== 'CANCELLED')
      .map(({ id }) => itemOf(id, entity));
  }
}

function ended(id: string, answer: { readonly kind: string; readonly code?: string }): WriteResult {
  if (answer.kind === 'done' || answer.kind === 'missing') return { kind: 'done', id };
  return unlike(id, answer.code ?? answer.kind);
}

function unlike(id: string, code: string): WriteResult {
  if (code === 'ALREADY_SIGNED_IN') return byHand('E_ALREADY_INSIDE', `the visitor of pre-registration ${id} is signed in already: nothing can be changed any more; see whether they may stay, then resolve it with --done`);
  return refused(code);
}

const byHand = (code: string, message: string): WriteResult => ({ kind: 'parked', code, message });

const refused = (code: string): WriteResult => ({ kind: 'refused', code, message: `PassagePoint refused the pre-registration: ${code}` });

const itemOf = (id: string, entity: Entity): Item => ({ id, entity, belongs: true });

function preRegOf(entity: Entity): PreRegData {
  return { visitorId: String(entity['visitor']), startsAt: Number(entity['startsAt']) * 1000, endsAt: Number(entity['endsAt']) * 1000, destination: String(entity['destination']) };
}
