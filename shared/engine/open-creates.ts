/**
 * Creates that were sent and never recorded. Whoever sends one again first looks for what it made (apply.ts); and where its
 * source has gone or lost its place meanwhile, what it made is found before anything is agreed: dropped without a look, it
 * would stand there for ever, or come back as somebody else's.
 */
import { idOn, otherSide, type Claim, type LateCreate, type Link, type SideName, type StagedWrite } from '../sync/link.ts';
import type { Item } from '../sync/item.ts';
import type { View } from '../sync/views.ts';
import type { Stream } from './connector.ts';
import { leaseMs, type LinkSave, type LinkStore, type World } from './ports.ts';
import type { Case } from './case.ts';
import { withReferences } from './references.ts';
import type { Side, SideWrite } from './side.ts';
import { attemptsOf } from './stage.ts';

const callMsMax = 60_000; // a claim is made before the call that the delay counts from

/** From when on a search would show what the claimed call made; at once where it always does. */
export const findableAt = (claim: Claim, { power, indexDelayMs = 0 }: Side): number => (power === 'find' && indexDelayMs > 0 ? claim.until - leaseMs + callMsMax + indexDelayMs : 0);

/** Whether another worker, alive as far as can be known, is writing it. */
export const isClaimed = (world: World, { claim }: Link): boolean =>
  claim !== undefined && claim.worker !== world.worker && claim.until > world.clock.now() && !world.isDead(claim.worker);

export const madeTwice = { code: 'MADE_TWICE', message: 'several items there carry our reference; remove all but one of them' };

/** Word of a create that its worker may still carry out, unless that worker is known to be dead; the link's own where there is none. */
export function lateAfter(world: World, { claim, late, pending }: Link, write: StagedWrite, side: Side): LateCreate | undefined {
  const isOver = claim === undefined || claim.worker === world.worker || world.isDead(claim.worker);
  if (isOver || write.kind !== 'create' || side.power === 'none') return late;
  return { side: write.side, key: write.key, from: world.clock.now() + (side.indexDelayMs ?? 0), tried: attemptsOf(pending) };
}

export const withTwins = (world: World, { late, pending }: Link, write: StagedWrite, items: readonly Item[]): LateCreate => ({
  ...(late ?? { side: write.side, key: write.kind === 'create' ? write.key : '', from: world.clock.now(), tried: attemptsOf(pending) }),
  twins: items.map(({ id }) => id),
});

export function sideWrite(link: Link, write: StagedWrite): SideWrite {
  const version = link.versions[write.side];
  return {
    staged: write,
    id: write.kind === 'create' ? undefined : idOn(link, write.side),
    version: write.kind === 'create' ? undefined : version,
    ours: write.side === 'target' && link.ours !== undefined && link.ours === version,
    otherId: idOn(link, otherSide(write.side)),
  };
}

/** The create as its call carried it, with its parents' ids: what it made names them. */
async function asSent(links: LinkStore, stream: Stream, { link, write }: { readonly link: Link; readonly write: StagedWrite }) {
  const referenced = await withReferences({ links, stream }, link, write);
  return { link, write: 'wait' in referenced ? write : referenced };
}

/** What these creates may have made, by link: everything on that side that carries our reference and is no other link's. */
export async function oursOf(links: LinkStore, stream: Stream, side: SideName, creates: readonly { readonly link: Link; readonly write: StagedWrite }[]): Promise<ReadonlyMap<string, readonly Item[]>> {
  if (creates.length === 0) return new Map();
  const isChild = creates.some(({ link }) => link.parents !== undefined);
  const sent = isChild ? await Promise.all(creates.map((create) => asSent(links, stream, create))) : creates;
  const items = await stream[side].lookForOurs(sent.map(({ link, write }) => sideWrite(link, write)));
  const ids = items.flat().map(({ id }) => id);
  const owners = ids.length > 0 ? await links.byIds(stream.name, side, ids) : new Map<string, Link>();
  const isFree = (link: Link, { id }: Item): boolean => (owners.get(id)?.key ?? link.key) === link.key;
  return new Map(creates.map(({ link }, at) => [link.key, (items[at] ?? []).filter((item) => isFree(link, item))]));
}

export interface Found {
  /** To be decided, with what was found of their creates. */
  readonly cases: readonly Case[];
  /** Not to be decided now: the answer is not known yet, or only a person can give it. */
  readonly saves: readonly LinkSave[];
}

/**
 * The create that may have happened on this side, although what it was made from is not wanted there any more. Where what was made is found by
 * its values alone, any new decision has to know of it first: it would change the values, and nothing could be found by them again.
 */
function doubtful({ link, views }: Case, side: SideName, { power, reads }: Side): StagedWrite | undefined {
  if (link.claim === undefined || idOn(link, side) !== undefined || views[side].kind !== 'unseen') return undefined;
  const from = views[otherSide(side)];
  const isWanted = from.kind === 'unseen' || (from.kind === 'present' && (side === 'source' || from.item.belongs === true));
  return isWanted && (power !== 'find' || reads !== 'blind') ? undefined : link.pending?.writes.find((write) => write.kind === 'create' && write.side === side);
}

export async function findOpenCreates(world: World, stream: Stream, cases: readonly Case[]): Promise<Found> {
  const inTarget = await findOn(world, stream, cases, 'target');
  const inSource = await findOn(world, stream, inTarget.cases, 'source');
  return { cases: inSource.cases, saves: [...inTarget.saves, ...inSource.saves] };
}

async function findOn(world: World, stream: Stream, cases: readonly Case[], sideName: SideName): Promise<Found> {
  const doubts = cases.flatMap((one) => {
    const write = doubtful(one, sideName, stream[sideName]);
    return write === undefined ? [] : [{ one, write }];
  });
  if (doubts.length === 0) return { cases, saves: [] };
  const side = stream[sideName];
  const now = world.clock.now();
  const canLook = ({ one: { link } }: (typeof doubts)[number]): boolean => !isClaimed(world, link) && link.claim !== undefined && findableAt(link.claim, side) <= now;
  const looked = doubts.filter(canLook);
  const found = await oursOf(world.links, stream, sideName, looked.map(({ one, write }) => ({ link: one.link, write })));
  const saves: LinkSave[] = [];
  const decided: Case[] = [];
  for (const one of cases) {
    const doubt = doubts.find((each) => each.one === one);
    const ours = found.get(one.link.key);
    if (doubt === undefined) decided.push(one);
    else if (ours === undefined) saves.push(...owed(one.link));
    else if (ours.length === 0 && side.power === 'none') saves.push(...inDoubt(one.link));
    else decided.push(afterLook(world, side, one, doubt.write, ours));
  }
  return { cases: decided, saves };
}

function afterLook(world: World, side: Side, one: Case, write: StagedWrite, ours: readonly Item[]): Case {
  const { link, views } = one;
  const [item] = ours;
  const late = lateAfter(world, link, write, side);
  if (item === undefined) return late === link.late ? one : { ...one, learnt: { ...link, late } };
  if (ours.length > 1) return { ...one, learnt: { ...link, late: withTwins(world, link, write, ours) }, problem: madeTwice };
  const learnt = link.late === undefined ? undefined : { ...link, late: undefined };
  return { ...one, learnt, views: { ...views, [write.side]: { kind: 'present', item } satisfies View } };
}

const owed = (link: Link): LinkSave[] => (link.recheck === true ? [] : [{ link: { ...link, recheck: true }, was: link }]);

const gone = { code: 'MAYBE_MADE', message: 'an earlier create may have happened, and its source is not wanted there any more; look there, and remove it by hand' };

const inDoubt = (link: Link): LinkSave[] => (link.state === 'doubt' && link.problem?.message === gone.message ? [] : [{ link: { ...link, state: 'doubt', problem: gone, dueAt: undefined, recheck: undefined }, was: link }]);
