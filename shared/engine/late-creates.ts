/**
 * Creates of a worker that was taken for dead, and may have been asleep: its call may still land after its successor has looked and gone
 * on. So whoever goes on leaves word of it on the link, and a later run looks for ours once more. What it finds is the very item that is
 * linked, or the only one there is, which is ours; or a second one, and then a person is asked which of the two may go: we do not
 * delete what we cannot tell apart. Until the look is made, no item that may be the late one gets a link of its own.
 */
import { idOn, otherSide, type Attempt, type LateCreate, type Link, type SideName, type StagedWrite } from '../sync/link.ts';
import type { Item, ItemId } from '../sync/item.ts';
import { makeBase, type Rules, type View } from '../sync/views.ts';
import type { Case } from './case.ts';
import type { Stream } from './connector.ts';
import { madeTwice, oursOf } from './open-creates.ts';
import type { LinkStore } from './ports.ts';
import { baseOfMade, type Stamp } from './stage.ts';

/** In a later run than the one that recorded the link, not before a search would show it, and not while a create that nobody has stopped is open. */
const isDue = ({ claim, late, touched }: Link, stamp: Stamp): boolean =>
  late !== undefined && (claim === undefined || late.twins !== undefined) && touched < stamp.seq && late.from <= stamp.now;

export async function findLateCreates(links: LinkStore, stream: Stream, rules: Rules, cases: readonly Case[], stamp: Stamp): Promise<Case[]> {
  let found: Case[] = [...cases];
  for (const side of ['source', 'target'] as const) {
    const due = cases.filter(({ link, learnt }) => learnt === undefined && link.late?.side === side && isDue(link, stamp));
    if (due.length === 0) continue;
    const byKey = await oursOf(links, stream, side, due.map((one) => ({ link: one.link, write: lateWrite(one, side) })));
    found = found.map((one) => {
      const ours = byKey.get(one.link.key);
      return ours === undefined ? one : afterLook(one, side, ours, rules);
    });
  }
  return found;
}

/** The create as it was sent, as far as it is still known: by its key, and by what the other side shows now. */
function lateWrite({ link, views }: Case, side: SideName): StagedWrite {
  const from = views[otherSide(side)];
  return { kind: 'create', side, key: link.late?.key ?? '', entity: from.kind === 'present' ? from.item.entity : {}, reason: 'new' };
}

function afterLook(one: Case, side: SideName, ours: readonly Item[], rules: Rules): Case {
  const { link, views } = one;
  const known = idOn(link, side);
  const settled: Link = { ...link, late: undefined };
  const others = ours.filter(({ id }) => id !== known);
  const [item] = others;
  if (item === undefined) return { ...one, learnt: settled };
  const isGone = known === undefined || views[side].kind === 'gone';
  if (others.length === 1 && isGone) return { ...one, learnt: asRecorded(settled, link.late?.tried ?? [], side, item, rules), views: { ...views, [side]: { kind: 'present', item } satisfies View } };
  const twins = [...new Set([...(known === undefined || isGone ? [] : [known]), ...others.map(({ id }) => id)])];
  return { ...one, learnt: { ...link, late: link.late && { ...link.late, twins } }, problem: madeTwice };
}

/** As if its worker had lived to tell: what it made is ours, and is what both sides agreed on. */
function asRecorded(link: Link, tried: readonly Attempt[], side: SideName, item: Item, rules: Rules): Link {
  const digests = rules.digests.entity(item.entity);
  const base = baseOfMade(tried, side, digests) ?? makeBase(rules, digests, digests);
  const made: Link = { ...link, base, versions: { ...link.versions, [side]: item.version } };
  return side === 'source' ? { ...made, sourceId: item.id } : { ...made, targetId: item.id, origin: 'created' };
}

/** Whether an item that no link knows may be what a late create made: it waits until that is known. */
export function lateItems(open: readonly Link[], stream: Stream): (side: SideName, id: ItemId) => boolean {
  const lates = open.flatMap(({ late }) => late ?? []);
  const isOne = (late: LateCreate, id: ItemId): boolean => (stream[late.side].power === 'own-id' ? late.key === id : late.twins === undefined || late.twins.includes(id));
  return (side, id) => lates.some((late) => late.side === side && isOne(late, id));
}
