/**
 * The items that no link knows yet: paired with each other, given to the one-sided link they belong to, or alone. While a create
 * is open on a side whose system cannot tell ours from theirs, its unknown items wait.
 */
import type { Item, ItemId } from '../sync/item.ts';
import { idOn, otherSide, type Link, type SideName } from '../sync/link.ts';
import { unseen, type Rules, type View } from '../sync/views.ts';
import { view, type Planner } from './linked-cases.ts';
import { lateItems } from './late-creates.ts';
import { lastingKey, matchItems, type Matches } from './match.ts';
import type { Case } from './case.ts';
import { newLink } from './stage.ts';

const chunk = 500;

/** Items that no link knows: paired with each other, with a one-sided link, or alone. */
export interface NewCases {
  readonly cases: readonly Case[];
  /** Items that may be what an open create of ours made: they get no link, and are read again in the next run. */
  readonly waiting: Readonly<Record<SideName, readonly Item[]>>;
}

/** What is known of creates that may have happened, and of items that could be several things. */
interface Known {
  readonly claims: Record<SideName, Map<ItemId, Link>>;
  readonly mayBeLate: (side: SideName, id: ItemId) => boolean;
  readonly ambiguous: Matches['ambiguous'];
}

export async function newCases(planner: Planner): Promise<NewCases> {
  const { stream, observed, rules } = planner;
  const fresh = { source: await unlinked(planner, 'source'), target: await unlinked(planner, 'target') };
  const cases: Case[] = [];
  const waiting: Record<SideName, Item[]> = { source: [], target: [] };
  const matches = matchItems(fresh.source, fresh.target);
  const known: Known = { claims: openClaims(planner), mayBeLate: lateItems(planner.open, stream), ambiguous: matches.ambiguous };
  const pairedTargets = new Set(matches.pairs.values());
  const takenLinks = new Set<string>();
  const add = (side: SideName, item: Item, found: Case | 'waits'): void => {
    // Two items may have found the same one-sided link: the second one is looked at again when the first is settled.
    if (found === 'waits' || takenLinks.has(found.link.key)) waiting[side].push(item);
    else cases.push(found);
    if (found !== 'waits') takenLinks.add(found.link.key);
  };
  for (const item of fresh.source) {
    const target = observed.target.items.get(matches.pairs.get(item.id) ?? '');
    add('source', item, target ? newCase(planner, item, target) : await lonely(planner, 'source', item, known));
  }
  for (const item of fresh.target) {
    if (!pairedTargets.has(item.id)) add('target', item, await lonely(planner, 'target', item, known));
  }
  for (const side of ['source', 'target'] as const) {
    for (const rejected of await unlinkedRejections(planner, side)) {
      cases.push({ link: newLink(stream.name, linkKey(rules, side, rejected.id), 'created'), views: { source: unseen, target: unseen }, rejected: { side, item: rejected } });
    }
  }
  return { cases, waiting };
}

async function unlinked(planner: Planner, side: SideName): Promise<Item[]> {
  const items = planner.observed[side].items;
  const linked = await idsWithLinks(planner, side, [...items.keys()]);
  return [...items.values()].filter((item) => !linked.has(item.id));
}

async function unlinkedRejections(planner: Planner, side: SideName) {
  const rejected = planner.observed[side].rejected;
  const linked = await idsWithLinks(planner, side, [...rejected.keys()]);
  return [...rejected.values()].filter((item) => !linked.has(item.id));
}

async function idsWithLinks(planner: Planner, side: SideName, ids: readonly ItemId[]): Promise<Set<ItemId>> {
  const linked = new Set<ItemId>();
  for (let at = 0; at < ids.length; at += chunk) {
    // A link that another worker is just making may be missed here: its id row refuses the second one.
    for (const id of (await planner.world.links.byIds(planner.stream.name, side, ids.slice(at, at + chunk), { mayLag: true })).keys()) linked.add(id);
  }
  return linked;
}

/** Creates that may have happened without our knowing: their links, by the key their call carried. */
function openClaims({ open }: Planner): Record<SideName, Map<ItemId, Link>> {
  const claims = { source: new Map<ItemId, Link>(), target: new Map<ItemId, Link>() };
  for (const link of open) {
    const create = link.pending?.writes.find((write) => write.kind === 'create');
    if (create && link.claim) claims[create.side].set(link.claim.key, link);
  }
  return claims;
}

function newCase(planner: Planner, source: Item, target: Item): Case {
  const link = newLink(planner.stream.name, linkKey(planner.rules, 'source', source.id), 'adopted');
  return { link, views: { source: { kind: 'present', item: source }, target: { kind: 'present', item: target } } };
}

async function lonely(planner: Planner, side: SideName, item: Item, { claims, mayBeLate, ambiguous }: Known): Promise<Case | 'waits'> {
  const { stream, rules } = planner;
  if (mayBeLate(side, item.id)) return 'waits';
  const views = { source: unseen, target: unseen, [side]: { kind: 'present', item } } as { source: View; target: View };
  const link = (await ownerOf(planner, side, item, claims)) ?? newLink(stream.name, linkKey(rules, side, item.id), side === 'source' ? 'created' : 'adopted');
  if (link.rev > 0) return { link, views: withOtherSide(planner, link, side, views) };
  if (ambiguous[side].has(item.id)) return { link, views, problem: { code: 'AMBIGUOUS_MATCH', message: 'several items on the two sides look like this one' } };
  // Only where we choose the id itself does an item say by its id whose it is.
  const waits = claims[side].size > 0 && stream[side].power !== 'own-id';
  return waits ? 'waits' : { link, views };
}

const withOtherSide = (planner: Planner, link: Link, side: SideName, views: { source: View; target: View }) => ({
  ...views,
  [otherSide(side)]: view(planner, link, otherSide(side)),
});

/** The link that this unlinked item belongs to: by our claim, by its reference to the other side, by the lasting match key. */
async function ownerOf(planner: Planner, side: SideName, item: Item, claims: Record<SideName, Map<ItemId, Link>>): Promise<Link | undefined> {
  const { world, stream, rules, open } = planner;
  const byClaim = claims[side].get(item.id) ?? item.matchKeys?.map((key) => claims[side].get(key.text.replace(/^uid:/, ''))).find((link) => link !== undefined);
  if (byClaim) return byClaim;
  const other = otherSide(side);
  if (item.reference !== undefined) {
    const link = (await world.links.byIds(stream.name, other, [item.reference])).get(item.reference);
    if (link && idOn(link, side) === undefined) return link;
  }
  const key = lastingKey(item);
  if (key === undefined) return undefined;
  const match = rules.digests.text(key);
  // Open links stand in the work list alone; one that has left it since is found as it is now.
  const alike = new Map([...open.filter((link) => link.match === match), ...(await world.links.byMatch(stream.name, match))].map((link) => [link.key, link]));
  const candidates = [...alike.values()].filter((link) => idOn(link, side) === undefined && idOn(link, other) !== undefined);
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** Derived from the item that was seen first, so that a second planner makes the same key and meets the first one's row. */
const linkKey = (rules: Rules, side: SideName, id: ItemId): string => rules.digests.text(`${side}:${id}`).slice(0, 16);
