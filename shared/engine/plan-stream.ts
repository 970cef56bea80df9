/**
 * Plans one stream: reads the target, then the source; pairs what is new; decides every link that either side stirred; saves
 * each change on its link. What is staged under this plan and unchanged is skipped, so a plan that was interrupted continues
 * where it stopped when it is made again under the same name.
 */
import { PlanInterrupted } from '../base/errors.ts';
import type { Rules, View } from '../sync/views.ts';
import { unseen } from '../sync/views.ts';
import { digester } from '../sync/digest.ts';
import type { Item, ItemId } from '../sync/item.ts';
import { idOn, otherSide, type Link, type SideName } from '../sync/link.ts';
import type { LinkOutcome, PlannedChange } from '../sync/report.ts';
import type { Stream } from './connector.ts';
import { lastingKey, matchItems } from './match.ts';
import { observe, type Observed } from './observe.ts';
import type { World } from './ports.ts';
import { lookAgain, resolveCases, shownId, type Case } from './resolve.ts';
import { newLink, type Stamp } from './stage.ts';
import type { Want } from './side.ts';

export interface StreamPlan {
  readonly stream: string;
  readonly observed: Readonly<Record<SideName, Observed>>;
  readonly outcomes: readonly LinkOutcome[];
  /** Keys of links with a change staged in this plan. */
  readonly staged: readonly string[];
  readonly changes: readonly PlannedChange[];
  readonly withdrawals: number;
}

const chunk = 500;

export function rulesOf(world: Pick<World, 'digestKey'>, stream: Stream): Rules {
  return { policy: stream.policy, digests: digester(world.digestKey, stream.fields), shape: stream.shape, keyFor: stream.keyFor };
}

export interface StreamPlanOptions {
  readonly dry?: boolean | undefined;
  readonly mustStop?: (() => boolean) | undefined;
}

/** @throws PlanInterrupted when `mustStop` says so; what is staged by then stays staged, under the plan's name. */
export async function planStream(world: World, stream: Stream, wants: Record<SideName, Want>, stamp: Stamp, options: StreamPlanOptions): Promise<StreamPlan> {
  const rules = rulesOf(world, stream);
  const context = (sideName: SideName) => ({
    links: world.links, stream: stream.name, sideName, side: stream[sideName], digests: rules.digests, shape: stream.shape,
    onPage: (done: number) => world.progress?.({ stream: stream.name, phase: 'read', done }),
  });
  const target = await observe(context('target'), wants.target);
  const source = await observe(context('source'), wants.source);
  const observed = { source, target };
  const tally = new Tally(stream.name);
  const planner = { world, stream, rules, stamp, dry: options.dry === true, observed, tally };
  tally.add([], await stagedBefore(planner));
  const cases = [...(await linkedCases(planner)), ...(await newCases(planner))];
  for (let at = 0; at < cases.length; at += chunk) {
    if (options.mustStop?.()) throw new PlanInterrupted({ decided: at, total: cases.length });
    await decideChunk(planner, cases.slice(at, at + chunk));
    world.progress?.({ stream: stream.name, phase: 'decide', done: Math.min(cases.length, at + chunk), total: cases.length });
  }
  return { stream: stream.name, observed, ...tally.result() };
}

interface Planner {
  readonly world: World;
  readonly stream: Stream;
  readonly rules: Rules;
  readonly stamp: Stamp;
  readonly dry: boolean;
  readonly observed: Readonly<Record<SideName, Observed>>;
  readonly tally: Tally;
}

/** What a planner that died had staged under this plan already. */
async function stagedBefore(planner: Planner): Promise<Link[]> {
  const staged: Link[] = [];
  for await (const links of planner.world.links.open(planner.stream.name)) {
    staged.push(...links.filter((link) => link.state === 'pending' && link.pending?.plan === planner.stamp.plan));
  }
  return staged;
}

async function decideChunk(planner: Planner, cases: readonly Case[]): Promise<void> {
  const { world, stream, rules, stamp, dry, tally } = planner;
  const resolved = await resolveCases(world, stream, rules, cases, stamp, stamp.seq, dry);
  tally.add(resolved.outcomes, resolved.staged);
  if (resolved.hints.length === 0 || dry) return;
  // Somebody wrote these links while we were reading: what we saw may be older than what they know. Look now, once.
  const links = await world.links.byKeys(stream.name, resolved.hints);
  const again = await resolveCases(world, stream, rules, await lookAgain(stream, links), stamp, Infinity, dry);
  tally.add(again.outcomes, again.staged);
}

/** Every link that either side's reading stirred, with what was seen of both sides. */
async function linkedCases(planner: Planner): Promise<Case[]> {
  const { world, stream, observed } = planner;
  const links = new Map<string, Link>();
  for (const side of ['source', 'target'] as const) {
    const ids = [...new Set([...observed[side].items.keys(), ...observed[side].gone.keys(), ...observed[side].rejected.keys(), ...observed[side].missingOnce])];
    for (let at = 0; at < ids.length; at += chunk) {
      const found = await world.links.byIds(stream.name, side, ids.slice(at, at + chunk));
      for (const link of found.values()) links.set(link.key, link);
    }
  }
  for (const link of await seenAgain(planner)) links.set(link.key, link);
  return [...links.values()].map((link) => caseOf(planner, link));
}

/** Links that a scan missed before and this scan named: their mark goes, or a later single miss would count as the second. */
async function seenAgain(planner: Planner): Promise<Link[]> {
  const back: Link[] = [];
  for await (const links of planner.world.links.open(planner.stream.name)) {
    back.push(...links.filter((link) => (['source', 'target'] as const).some((side) => {
      const { scan, missingOnce } = planner.observed[side];
      return link.missing?.[side] !== undefined && scan !== undefined && !missingOnce.has(idOn(link, side) ?? '');
    })));
  }
  return back;
}

function caseOf(planner: Planner, link: Link): Case {
  for (const side of ['source', 'target'] as const) {
    const item = planner.observed[side].rejected.get(idOn(link, side) ?? '');
    if (item) return { link, views: { source: unseen, target: unseen }, rejected: { side, item } };
  }
  const missing = (['source', 'target'] as const).find((side) => planner.observed[side].missingOnce.has(idOn(link, side) ?? ''));
  return { link, views: { source: view(planner, link, 'source'), target: view(planner, link, 'target') }, missing };
}

/** Takes the item out of the reading, so that what is left over is what no link knows. */
function view(planner: Planner, link: Link, side: SideName): View {
  const id = idOn(link, side);
  if (id === undefined) return unseen;
  const seen = planner.observed[side];
  const item = seen.items.get(id);
  if (item) return { kind: 'present', item };
  const proof = seen.gone.get(id);
  if (proof) return { kind: 'gone', proof };
  const missingBefore = link.missing?.[side];
  if (seen.missingOnce.has(id) && missingBefore !== undefined && missingBefore < planner.stamp.seq) return { kind: 'gone', proof: { kind: 'scan', read: seen.read } };
  return unseen;
}

/** Items that no link knows: paired with each other, with a one-sided link, or alone. */
async function newCases(planner: Planner): Promise<Case[]> {
  const { stream, observed, rules } = planner;
  const fresh = { source: await unlinked(planner, 'source'), target: await unlinked(planner, 'target') };
  const cases: Case[] = [];
  const claimed = await openClaims(planner);
  const matches = matchItems(fresh.source, fresh.target);
  const pairedTargets = new Set(matches.pairs.values());
  for (const item of fresh.source) {
    const targetId = matches.pairs.get(item.id);
    const target = targetId === undefined ? undefined : observed.target.items.get(targetId);
    if (target) cases.push(newCase(planner, item, target));
    else cases.push(await lonely(planner, 'source', item, claimed, matches.ambiguous.source));
  }
  for (const item of fresh.target) if (!pairedTargets.has(item.id)) cases.push(await lonely(planner, 'target', item, claimed, matches.ambiguous.target));
  for (const side of ['source', 'target'] as const) {
    for (const rejected of await unlinkedRejections(planner, side)) {
      cases.push({ link: newLink(stream.name, linkKey(rules, side, rejected.id), 'created'), views: { source: unseen, target: unseen }, rejected: { side, item: rejected } });
    }
  }
  return mergeByLink(cases);
}

/** Two lonely items may have found the same one-sided link; the second one waits for the next run as a link of its own. */
function mergeByLink(cases: readonly Case[]): Case[] {
  const seen = new Set<string>();
  return cases.filter(({ link }) => !seen.has(link.key) && seen.add(link.key));
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
    for (const id of (await planner.world.links.byIds(planner.stream.name, side, ids.slice(at, at + chunk))).keys()) linked.add(id);
  }
  return linked;
}

/** Creates that may have happened without our knowing: their links, by the key their call carried. */
async function openClaims(planner: Planner): Promise<Record<SideName, Map<ItemId, Link>>> {
  const claims = { source: new Map<ItemId, Link>(), target: new Map<ItemId, Link>() };
  for await (const links of planner.world.links.open(planner.stream.name)) {
    for (const link of links) {
      const create = link.pending?.writes.find((write) => write.kind === 'create');
      if (create && link.claim) claims[create.side].set(link.claim.key, link);
    }
  }
  return claims;
}

function newCase(planner: Planner, source: Item, target: Item): Case {
  const link = newLink(planner.stream.name, linkKey(planner.rules, 'source', source.id), 'adopted');
  return { link, views: { source: { kind: 'present', item: source }, target: { kind: 'present', item: target } } };
}

async function lonely(planner: Planner, side: SideName, item: Item, claims: Record<SideName, Map<ItemId, Link>>, ambiguous: ReadonlySet<ItemId>): Promise<Case> {
  const { stream, rules } = planner;
  const views = { source: unseen, target: unseen, [side]: { kind: 'present', item } } as { source: View; target: View };
  const link = (await ownerOf(planner, side, item, claims)) ?? newLink(stream.name, linkKey(rules, side, item.id), side === 'source' ? 'created' : 'adopted');
  if (link.rev > 0) return { link, views: withOtherSide(planner, link, side, views) };
  if (ambiguous.has(item.id)) return { link, views, problem: { code: 'AMBIGUOUS_MATCH', message: 'several items on the two sides look like this one' } };
  const waits = claims[side].size > 0 && stream[side].power !== 'own-id' && stream[side].power !== 'idempotency-key';
  return waits ? { link, views, problem: { code: 'MAY_BE_OURS', message: 'a create is still open on this side; looked at again in the next run' } } : { link, views };
}

const withOtherSide = (planner: Planner, link: Link, side: SideName, views: { source: View; target: View }) => ({
  ...views,
  [otherSide(side)]: view(planner, link, otherSide(side)),
});

/** The link that this unlinked item belongs to: by our claim, by its reference to the other side, by the lasting match key. */
async function ownerOf(planner: Planner, side: SideName, item: Item, claims: Record<SideName, Map<ItemId, Link>>): Promise<Link | undefined> {
  const { world, stream, rules } = planner;
  const byClaim = claims[side].get(item.id) ?? item.matchKeys?.map((key) => claims[side].get(key.text.replace(/^uid:/, ''))).find((link) => link !== undefined);
  if (byClaim) return byClaim;
  const other = otherSide(side);
  if (item.reference !== undefined) {
    const link = (await world.links.byIds(stream.name, other, [item.reference])).get(item.reference);
    if (link && idOn(link, side) === undefined) return link;
  }
  const key = lastingKey(item);
  if (key === undefined) return undefined;
  const candidates = (await world.links.byMatch(stream.name, rules.digests.text(key))).filter((link) => idOn(link, side) === undefined && idOn(link, other) !== undefined);
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** Derived from the item that was seen first, so that a second planner makes the same key and meets the first one's row. */
const linkKey = (rules: Rules, side: SideName, id: ItemId): string => rules.digests.text(`${side}:${id}`).slice(0, 16);

class Tally {
  private readonly stream: string;
  private readonly outcomes = new Map<string, LinkOutcome>();
  private readonly staged = new Map<string, Link>();

  constructor(stream: string) {
    this.stream = stream;
  }

  add(outcomes: readonly LinkOutcome[], staged: readonly Link[]): void {
    for (const outcome of outcomes) {
      this.outcomes.set(outcome.link, outcome);
      this.staged.delete(outcome.link);
    }
    for (const link of staged) {
      this.staged.set(link.key, link);
      this.outcomes.delete(link.key);
    }
  }

  result() {
    const links = [...this.staged.values()];
    const changes = links.flatMap((link) => (link.pending?.writes ?? []).map((write): PlannedChange => ({
      stream: this.stream, id: shownId(link), side: write.side, kind: write.kind,
      fields: write.kind === 'update' ? Object.keys(write.fields) : [], reason: write.reason,
    })));
    return {
      outcomes: [...this.outcomes.values()],
      staged: links.map((link) => link.key),
      changes,
      withdrawals: changes.filter((change) => change.kind === 'delete').length,
    };
  }
}
