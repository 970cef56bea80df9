/**
 * Participants of NXT's events as a side that is written and not read. NXT holds one for each constituent and event (confirmed), so a roster is
 * looked at before one is made: whom staff invited is answered for, not made twice. What is withdrawn is cancelled and keeps fees and notes; whether
 * somebody attended is staff's word. Its id here is `<participant>/<registration>`, because two accounts of one person may share a participant.
 */
import type { Side, WriteResult } from '../../engine/side.ts';
import type { Entity, Item } from '../../sync/item.ts';
import { rsvpStatuses, type RsvpStatus, type SkyParticipant } from '../../vendors/sky/event-schema.ts';
import type { ParticipantChange } from '../../vendors/sky/participants.ts';
import { faultOf } from '../../vendors/sky/refusals.ts';
import { itemByItem } from '../item-by-item.ts';
import { kept, type Kept } from '../kept.ts';
import { blind } from '../manners.ts';
import { about } from './about.ts';
import { accountIn, markOf, sharedId, standingIn } from './ids.ts';
import { textIn } from './map.ts';
import { callsAtOnce, done, itemOf, refused, type NxtDeps } from './nxt.ts';
import { draft } from './registrations.ts';
import type { Rekeyed } from './rekeyed.ts';

/** What is kept of a roster. */
type Place = Pick<SkyParticipant, 'id' | 'contactId' | 'summaryNote'>;

const rosterMs = 10 * 60_000;
/** One reading of a roster serves so long for all creates that may have happened on it: they are looked for that much later. */
const freshMs = 60_000;
/** Staff reads it on the participant, and it tells whose the participant is. */
const noteOf = (registration: string): string => `ServiceReef ${markOf(registration)}`;

export function participantTarget({ sky, skyUrl, clock }: NxtDeps, rekeyed: Rekeyed): Side {
  const rosters = new Map<string, Kept<Place[]>>();

  function rosterOf(event: string): Kept<Place[]> {
    const roster = rosters.get(event) ?? kept(clock, rosterMs, async (): Promise<Place[]> => [...(await sky.participants.list(event)).rows]);
    rosters.set(event, roster);
    return roster;
  }

  const placeOn = async (event: string, constituent: string, withinMs = rosterMs): Promise<Place | undefined> =>
    (await rosterOf(event).get(withinMs)).find(({ contactId }) => contactId === constituent);

  async function create(entity: Entity, registration: string): Promise<WriteResult> {
    const [event, constituent] = [textIn(entity, 'event') ?? '', standingIn(textIn(entity, 'constituent') ?? '')];
    const standing = await placeOn(event, constituent);
    if (standing !== undefined) return answerFor(standing, entity, registration);
    const made = await sky.participants.create(event, { ...changeOf(entity), constituentId: constituent, invitationStatus: 'NotApplicable', summaryNote: noteOf(registration) }).catch((error: unknown) => {
      rosterOf(event).forget(); // it may stand there now
      throw error;
    });
    if (made.kind === 'done') {
      (await rosterOf(event).get()).push({ id: made.id, contactId: constituent, summaryNote: noteOf(registration) });
      return done(sharedId(made.id, registration), entity);
    }
    rosterOf(event).forget();
    const taken = made.kind === 'exists' ? await placeOn(event, constituent) : undefined;
    if (taken !== undefined) return answerFor(taken, entity, registration);
    return (await isGone(constituent, entity)) ?? refused('participant', made);
  }

  /** Somebody has put the person on the event already, by hand or by another account's registration: that place is answered for. */
  async function answerFor(standing: Place, entity: Entity, registration: string): Promise<WriteResult> {
    const note = isOurNote(standing.summaryNote) ? noteOf(registration) : undefined;
    const changed = await sky.participants.patch(standing.id, { ...changeOf(entity), summaryNote: note });
    return changed.kind === 'done' ? done(sharedId(standing.id, registration), entity) : refused('participant', changed);
  }

  async function update(id: string, fields: Entity, entity: Entity): Promise<WriteResult> {
    const constituent = 'constituent' in fields ? standingIn(textIn(fields, 'constituent') ?? '') : undefined;
    const changed = await sky.participants.patch(standingIn(id), { ...changeOf(fields), ...(constituent !== undefined && { constituentId: constituent }) });
    if (changed.kind === 'done') return done(id, entity);
    return changed.kind === 'missing' ? { kind: 'missing' } : refused('participant', changed);
  }

  async function withdraw(id: string, registration: string, reason: string): Promise<WriteResult> {
    const found = await sky.participants.get(standingIn(id));
    if (found.kind !== 'found') return found.kind === 'missing' ? { kind: 'done', id } : { kind: 'refused', code: 'E_ROW_UNREADABLE', message: 'the participant cannot be read; nothing was changed' };
    const { summaryNote, attended } = found.row;
    const isOthers = isOurNote(summaryNote) && summaryNote !== undefined && !summaryNote.startsWith(noteOf(registration));
    // Another account's registration answers for the place now, or staff says that the person was there.
    if (isOthers || attended === true) return { kind: 'done', id };
    const isDraft = reason === draft;
    const note = isOurNote(summaryNote) && !isDraft ? `${noteOf(registration)}: ${reason}` : undefined;
    const changed = await sky.participants.patch(standingIn(id), { rsvpStatus: isDraft ? 'NoResponse' : 'Canceled', summaryNote: note });
    return changed.kind === 'done' || changed.kind === 'missing' ? { kind: 'done', id } : refused('participant', changed);
  }

  /** NXT has merged or deleted the constituent: the traveller is matched anew by the next run, and this comes after it. */
  async function isGone(constituent: string, entity: Entity): Promise<WriteResult | undefined> {
    if ((await sky.constituents.get(constituent)).kind !== 'missing') return undefined;
    const account = accountIn(textIn(entity, 'constituent') ?? '');
    if (account !== undefined) rekeyed.mark(account);
    return { kind: 'refused', code: 'E_CONSTITUENT_GONE', message: `NXT has no constituent ${constituent} any more; the traveller is matched anew with the next run` };
  }

  async function ours(entity: Entity, otherId: string): Promise<readonly Item[]> {
    const event = textIn(entity, 'event') ?? '';
    const standing = await placeOn(event, standingIn(textIn(entity, 'constituent') ?? ''), freshMs).catch((error: unknown) => {
      // Its event is not linked any more, or gone from NXT: no roster to look at, and no reason to stop all the others.
      if (faultOf(error)?.code !== 'NOT_FOUND') throw error;
      return undefined;
    });
    if (standing?.summaryNote === undefined || !standing.summaryNote.startsWith(noteOf(otherId))) return [];
    // It may stand there since an earlier registration of the same person, with another answer.
    const said = await sky.participants.patch(standing.id, changeOf(entity));
    return said.kind === 'done' ? [itemOf(sharedId(standing.id, otherId), entity, otherId)] : [];
  }

  return {
    ...blind, system: 'nxt', power: 'find', indexDelayMs: about.rosterDelayMs + freshMs, oneWriter: false, batchMax: 50,
    identity: () => skyUrl,
    ...itemByItem(clock, { atOnce: callsAtOnce, create, update, withdraw, ours }),
  };
}

const isOurNote = (note: string | undefined): boolean => note === undefined || note.startsWith(noteOf(''));

const isRsvp = (value: unknown): value is RsvpStatus => rsvpStatuses.some((one) => one === value);

function changeOf(fields: Entity): ParticipantChange {
  const status = fields['rsvpStatus'];
  return { rsvpStatus: isRsvp(status) ? status : undefined, rsvpDate: textIn(fields, 'rsvpDate') };
}
