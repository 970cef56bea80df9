/**
 * A person has done by hand what a system would not let us do (a worklist), or has looked where nobody else could (a create in doubt). What was
 * staged is recorded as done; no system is called, and nothing is believed of the item but that.
 */
import type { ItemId } from '../sync/item.ts';
import { idOn, type Link } from '../sync/link.ts';
import type { Connector } from './connector.ts';
import { underLease } from './person.ts';
import { rulesOf } from './plan-stream.ts';
import type { World } from './ports.ts';
import { recordDone, verbOf } from './record.ts';
import { forgotten } from './references.ts';
import { outcomeOf } from './resolve.ts';
import type { Answered, Asked } from './settle.ts';

/** `again`: what is in doubt did not happen, and may be sent once more. `id`, for a create: how the item is called on its side. */
export type HandWord = { readonly done: true; readonly id?: ItemId | undefined } | { readonly again: true };

/** @throws ConnectorPaused, AnotherRunActive */
export async function doneByHand(world: World, connector: Connector, asked: Asked, word: HandWord): Promise<Answered> {
  const stream = connector.streams.find(({ name }) => name === asked.stream);
  if (!stream) throw new Error(`${connector.id} has no stream ${asked.stream}`);
  return underLease(world, connector, async (stamp): Promise<Answered> => {
    const [link] = await world.links.byKeys(asked.stream, [asked.key]);
    const [write] = link?.pending?.writes ?? [];
    if (!link || !write || (link.state !== 'parked' && link.state !== 'doubt')) return { kind: 'refused', why: 'nothing about it waits for a hand' };
    if ('again' in word) {
      const [again] = await world.links.save([{ link: { ...link, claim: undefined, late: undefined, recheck: true }, was: link }]);
      return again === undefined || again === 'refused' ? { kind: 'refused', why: movedOn } : { kind: 'done', run: stamp.run, fields: ['again with the next run'], outcomes: [] };
    }
    const standing = word.id ?? (write.kind === 'create' ? undefined : idOn(link, write.side));
    if (standing === undefined) return { kind: 'refused', why: 'say how it is called there: without its id nobody could withdraw it later' };
    const done = recordDone({ ...link, claim: undefined, late: undefined }, write, { kind: 'done', id: standing }, rulesOf(world, stream), stamp, false);
    // Which of several tries a person has found is not known: everything is written once more.
    const tries = write.kind === 'create' ? (link.pending?.tried ?? []) : [];
    const known: Link = tries.length > 0 && done.base ? { ...done, base: forgotten(done.base, stream.fields), recheck: true } : done;
    const [result] = await world.links.save([{ link: known, was: link, conflict: 'close' }]);
    if (result === undefined || result === 'refused') return { kind: 'refused', why: movedOn };
    const outcome = outcomeOf(result.link, stamp.run);
    return { kind: 'done', run: stamp.run, fields: [verbOf(write)], outcomes: outcome ? [outcome] : [] };
  });
}

const movedOn = 'it was changed by somebody else in this moment; try again';
