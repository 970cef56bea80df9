/**
 * From fresh views of links to saved stagings: loads what is needed to decide (the other side of an open link, the source
 * of an item that has to be put back), decides, guards against links that moved meanwhile, saves. Used by full plans,
 * deltas, hints and by workers that met a newer version.
 */
import { isDeepStrictEqual } from 'node:util';
import { decide } from '../sync/decide.ts';
import { isQuarrel } from '../sync/flips.ts';
import { unseen, type Rules, type View } from '../sync/views.ts';
import type { Item, ItemId, RejectedItem } from '../sync/item.ts';
import { idOn, isOpen, type Link, type SideName } from '../sync/link.ts';
import type { LinkOutcome } from '../sync/report.ts';
import type { Case } from './case.ts';
import type { Stream } from './connector.ts';
import { findLateCreates } from './late-creates.ts';
import { findOpenCreates } from './open-creates.ts';
import type { LinkSave, World } from './ports.ts';
import { forgotten } from './references.ts';
import type { Looked } from './side.ts';
import { landed, stageDecision, stageParked, stageRejection, type Stamp, type Views } from './stage.ts';

export interface Resolved {
  readonly links: readonly Link[];
  readonly outcomes: readonly LinkOutcome[];
  /** Links that somebody touched while we read: to be looked at again. */
  readonly hints: readonly string[];
  /** How each link's decision ended, for counting: the stored links that got a staged change. */
  readonly staged: readonly Link[];
}

/** Looks items up by id, in batches, as views: absence by look-up is proof for that one item. */
export async function lookUpViews(stream: Stream, side: SideName, ids: readonly ItemId[]): Promise<ReadonlyMap<ItemId, View | { kind: 'rejected'; item: RejectedItem }>> {
  const views = new Map<ItemId, View | { kind: 'rejected'; item: RejectedItem }>();
  const { batchMax } = stream[side];
  for (let at = 0; at < ids.length; at += batchMax) {
    for (const looked of await stream[side].lookUp(ids.slice(at, at + batchMax))) views.set(lookedId(looked), viewOf(looked));
  }
  return views;
}

const lookedId = (looked: Looked): ItemId => (looked.kind === 'present' ? looked.item.id : looked.kind === 'rejected' ? looked.rejected.id : looked.id);

function viewOf(looked: Looked): View | { kind: 'rejected'; item: RejectedItem } {
  if (looked.kind === 'present') return { kind: 'present', item: looked.item };
  if (looked.kind === 'rejected') return { kind: 'rejected', item: looked.rejected };
  return looked.kind === 'absent' ? { kind: 'gone', proof: { kind: 'look-up' } } : unseen;
}

/** Both sides of these links, read now: what a hint or a failed precondition asks for. */
export async function lookAgain(stream: Stream, links: readonly Link[]): Promise<Case[]> {
  const found = { source: new Map(), target: new Map() } as Record<SideName, ReadonlyMap<ItemId, View | { kind: 'rejected'; item: RejectedItem }>>;
  for (const side of ['source', 'target'] as const) {
    const ids = links.map((link) => idOn(link, side)).filter((id): id is ItemId => id !== undefined);
    if (ids.length > 0) found[side] = await lookUpViews(stream, side, ids);
  }
  return links.map((link) => {
    const seen = (side: SideName) => found[side].get(idOn(link, side) ?? '') ?? unseen;
    const [source, target] = [seen('source'), seen('target')];
    if (source.kind === 'rejected') return { link, views: { source: unseen, target: unseen }, rejected: { side: 'source', item: source.item } };
    if (target.kind === 'rejected') return { link, views: { source: unseen, target: unseen }, rejected: { side: 'target', item: target.item } };
    return { link, views: { source, target } };
  });
}

/** Sides that have to be read before the decision can be made on facts. */
async function complete(stream: Stream, rules: Rules, cases: readonly Case[]): Promise<Case[]> {
  const wanted = { source: new Set<ItemId>(), target: new Set<ItemId>() };
  for (const { link, views } of cases) {
    const stirred = isOpen(link);
    // What stands in the source is shown, put back, or (while it is pending) may hold an edit that was not carried over.
    const { targetEdit, targetEditWhilePending } = rules.policy;
    const asks = link.absent === undefined ? targetEdit === 'review' || targetEdit === 'put-back' : targetEditWhilePending === 'accept';
    const meets = idOn(link, views.target.kind === 'present' ? 'target' : 'source') === undefined;
    const needsSource = views.target.kind === 'gone' || (views.target.kind === 'present' && (stirred || asks || meets || isQuarrel(rules, link, 'source')));
    if (views.source.kind === 'unseen' && link.sourceId !== undefined && needsSource) wanted.source.add(link.sourceId);
    // Approving a pending pair: edits of the target that were held back meanwhile are in no reading any more.
    const approves = link.absent !== undefined && views.source.kind === 'present' && views.source.item.belongs === true;
    const needsTarget = (stirred || approves || meets || isQuarrel(rules, link, 'target')) && views.source.kind !== 'unseen';
    if (views.target.kind === 'unseen' && link.targetId !== undefined && needsTarget) wanted.target.add(link.targetId);
  }
  if (wanted.source.size + wanted.target.size === 0) return [...cases];
  const sources = await lookUpViews(stream, 'source', [...wanted.source]);
  const targets = await lookUpViews(stream, 'target', [...wanted.target]);
  return cases.map((one) => fill(fill(one, 'source', sources), 'target', targets));
}

function fill(one: Case, side: SideName, found: ReadonlyMap<ItemId, View | { kind: 'rejected'; item: RejectedItem }>): Case {
  const view = one.views[side].kind === 'unseen' ? found.get(idOn(one.link, side) ?? '') : undefined;
  if (!view) return one;
  if (view.kind === 'rejected') return { ...one, rejected: { side, item: view.item } };
  return { ...one, views: { ...one.views, [side]: view } };
}

export async function resolveCases(world: World, stream: Stream, rules: Rules, cases: readonly Case[], stamp: Stamp, before: number, dry = false): Promise<Resolved> {
  const hints = cases.filter(({ link }) => link.rev > 0 && link.touched >= before).map(({ link }) => link.key);
  const known = await complete(stream, rules, cases.filter(({ link }) => link.rev === 0 || link.touched < before));
  const { cases: looked, saves: undecided } = await findOpenCreates(world, stream, known);
  const fresh = await findLateCreates(world.links, stream, rules, looked, stamp);
  const saves: LinkSave[] = [...undecided];
  const outcomes: LinkOutcome[] = [];
  for (const one of fresh) {
    const save = isHalfWithdrawn(stream, one.link) ? { link: finishing(one.link, stamp), was: one.link } : decideCase(rules, withDoubt(stream, one), stamp);
    if (!save) continue;
    saves.push(save);
    const outcome = outcomeOf(save.link, stamp.run);
    if (outcome) outcomes.push(outcome);
  }
  if (dry) return { links: saves.map((save) => save.link), outcomes, hints, staged: saves.map((save) => save.link).filter((link) => link.state === 'pending') };
  const results = await world.links.save(saves);
  const links: Link[] = [];
  for (const [at, save] of saves.entries()) {
    const result = results[at];
    if (result === undefined || result === 'refused') hints.push(save.link.key);
    else links.push(result.link);
  }
  const kept = new Set(links.map((link) => link.key));
  const mayGoOn = (link: Link): boolean => link.state === 'pending' && (stamp.guarded || link.recheck !== true);
  return { links, outcomes: outcomes.filter((outcome) => kept.has(outcome.link)), hints, staged: links.filter(mayGoOn) };
}

/**
 * A withdrawal that was sent and never recorded, on a side that cannot be read: what stands there now nobody can say, and to agree on it would be a
 * guess. It is carried to its end first; withdrawing twice is as good as once. What has changed meanwhile is news afterwards.
 */
function isHalfWithdrawn({ target }: Stream, { claim, pending }: Link): boolean {
  const [write] = pending?.writes ?? [];
  return target.reads === 'blind' && claim !== undefined && write?.kind === 'delete' && write.side === 'target';
}

const finishing = (link: Link, { now }: Stamp): Link => ({ ...link, state: 'pending', dueAt: undefined, pending: link.pending && { ...link.pending, at: now } });

/**
 * An update that may have been sent and was never recorded, on such a side: the source may have gone back to what was agreed on before, and nothing
 * would look changed. What the update carried counts as unknown, and is written again.
 */
function withDoubt({ target }: Stream, one: Case): Case {
  const link = one.learnt ?? one.link;
  const [write] = link.pending?.writes ?? [];
  const isHalfUpdated = target.reads === 'blind' && link.claim !== undefined && write?.kind === 'update' && write.side === 'target';
  if (!isHalfUpdated || link.base === undefined || link.late?.twins !== undefined || one.views.source.kind !== 'present') return one;
  return { ...one, learnt: { ...link, base: forgotten(link.base, Object.keys(write.fields)) } };
}

function decideCase(rules: Rules, one: Case, stamp: Stamp): LinkSave | undefined {
  if (one.rejected) return stageRejection(one.link, one.rejected.side, one.rejected.item, stamp);
  if (one.problem) return isParkedSo(one, one.problem) ? undefined : stageParked(one.link, one.views, one.problem, rules, stamp, one.learnt);
  // Until the next look at the two, it is not known which of them the link is about.
  if (one.link.late?.twins !== undefined && one.learnt === undefined) return undefined;
  const marked = withMarks(one);
  // Nothing to decide on: what is staged stays.
  if (nothingSeen(one.views)) return marked === one.link ? undefined : { link: marked, was: one.link };
  const link = landed(marked, one.views, rules);
  const decision = decide(rules, { link: link.rev === 0 && !link.base ? { ...link } : link, ...one.views });
  if (decision.kind === 'nothing' && link === one.link && !isOpen(link) && !versionMoved(link, one.views)) return undefined;
  if (decision.kind === 'conflict' && link === one.link && link.state === 'parked' && link.problem?.code === decision.code && !versionMoved(link, one.views)) return undefined;
  const decided = stageDecision(link, one.views, decision, rules, stamp);
  const save = one.learnt === undefined ? decided : { ...decided, was: one.link };
  return stamp.guarded || !withdrawsAnew(one.link, save.link) ? save : { link: { ...one.link, recheck: true }, was: one.link };
}

const withdraws = ({ pending }: Link): boolean => pending?.writes.some(({ kind }) => kind === 'delete') ?? false;
const withdrawsAnew = (before: Link, after: Link): boolean => withdraws(after) && !withdraws(before);

/** The same question to the same person. */
const isParkedSo = ({ link, learnt }: Case, { code }: { readonly code: string }): boolean =>
  link.state === 'parked' && link.problem?.code === code && learnt !== undefined && isDeepStrictEqual(learnt.late, link.late);

const withMarks = ({ link, learnt = link, marks }: Case): Link => (marks === undefined || isDeepStrictEqual(marks, link.missing ?? {}) ? learnt : { ...learnt, missing: marks });

const nothingSeen = (views: Views): boolean => views.source.kind === 'unseen' && views.target.kind === 'unseen';

function versionMoved(link: Link, views: Views): boolean {
  const differs = (side: SideName): boolean => {
    const view = views[side];
    return view.kind === 'present' && (view.item.version !== link.versions[side] || view.item.id !== idOn(link, side));
  };
  return differs('source') || differs('target') || link.recheck === true;
}

/** What this run made of the link, if anything: its log also tells of earlier runs. */
export function outcomeOf(link: Link, run: string): LinkOutcome | undefined {
  const last = link.log.at(-1);
  if (link.state === 'pending' || last?.run !== run) return undefined;
  const kind = link.state === 'parked' ? 'parked' : link.state === 'failed' ? 'failed' : last.kind;
  return { stream: link.stream, link: link.key, id: shownId(link), kind, what: last.what, problem: link.problem };
}

/** The id a person would look for: the source's, else the target's. */
export const shownId = (link: Link): string => link.sourceId ?? link.targetId ?? link.key;

export const presentItems = (views: Iterable<View>): Item[] => [...views].flatMap((view) => (view.kind === 'present' ? [view.item] : []));
