/**
 * What a person may ask of a connector besides a run: settle a parked pair, take that back, have items looked at again, carry out
 * one plan, pause. All of it goes the ordinary way: both sides are read, the change is staged under a released plan of its own, and
 * the write carries the version it was decided from. Nobody is asked here; what the person said is an argument.
 */
import { AnotherRunActive } from '../base/errors.ts';
import { decide } from '../sync/decide.ts';
import type { Entity } from '../sync/item.ts';
import { baseOf, type Facts, type Link, type SideName, type StagedWrite } from '../sync/link.ts';
import { isEmpty, merge, pick } from '../sync/merge.ts';
import type { LinkOutcome, RunReport } from '../sync/report.ts';
import { held, keepFields, makeBase, written, type HeldItem, type Rules } from '../sync/views.ts';
import type { Digests } from '../sync/digest.ts';
import { applyLinks } from './apply.ts';
import type { Connector, Stream } from './connector.ts';
import { isTaken, leaseKeeper, newLease } from './leases.ts';
import { countedWithdrawals, refusePaused, runId, type Hint } from './plan.ts';
import { rulesOf } from './plan-stream.ts';
import type { ConflictRecord, LinkSave, RunStore, World } from './ports.ts';
import { lookAgain } from './resolve.ts';
import { runConnector, type RunOptions } from './run.ts';
import { landed, stageDecision, type Stamp, type Views } from './stage.ts';

export interface Asked {
  readonly stream: string;
  readonly key: string;
  /** Who said so, for the plan's row. */
  readonly by: string;
}

export type Answered =
  | { readonly kind: 'done'; readonly run: string; readonly fields: readonly string[]; readonly outcomes: readonly LinkOutcome[] }
  /** Not what was shown to the person: the conflict has been saved anew, and has to be looked at again. */
  | { readonly kind: 'changed' }
  /** Nothing to decide: there is no conflict any more (or none yet), an item cannot be read, or what was said cannot be done. */
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Settles a conflict as the person said, for each field.
 * @throws ConnectorPaused, AnotherRunActive, and what stops a side; what is staged by then is done by the next run.
 */
export async function settleConflict(world: World, connector: Connector, asked: Asked, take: (field: string) => SideName): Promise<Answered> {
  return asPerson(world, connector, asked.stream, async (stream, stamp) => {
    const rules = rulesOf(world, stream);
    const [link] = await world.links.byKeys(stream.name, [asked.key]);
    const shown = await world.links.conflict(stream.name, asked.key);
    if (link?.state !== 'parked' || !shown) return refused('it is not parked in a conflict');
    const [seen] = await lookAgain(stream, [link]);
    if (!seen || seen.rejected) return refused('one of the two items cannot be read now');
    const standing = landed(link, seen.views, rules);
    const decision = decide(rules, { link: standing, ...seen.views });
    if (decision.kind !== 'conflict') return refused('the two sides are not in conflict any more');
    if (!isAsShown(rules, shown, decision.fields, seen.views)) {
      await world.links.save([stageDecision(standing, seen.views, decision, rules, stamp)]);
      return { kind: 'changed' };
    }
    const save = saveOfWord(rules, standing, seen.views, { fields: decision.fields, take }, stamp);
    return save === undefined ? refused('the item is gone from the source: its fields cannot be taken one by one') : carryOut(world, stream, save, { ...stamp, ...asked, fields: decision.fields });
  });
}

/** The same fields, and both sides still hold in them what the person has seen. */
function isAsShown(rules: Rules, shown: ConflictRecord, fields: readonly string[], views: Views): boolean {
  const holds = (side: SideName): boolean => {
    const now = entityOf(views, side);
    return fields.every((field) => sameValue(rules, field, shown[side], now));
  };
  // Values over the limit of a row are not kept: then the names of the fields are all that was shown.
  const hasValues = !isEmpty(shown.source) || !isEmpty(shown.target);
  return fields.length === shown.fields.length && fields.every((field) => shown.fields.includes(field)) && (!hasValues || (holds('source') && holds('target')));
}

const entityOf = (views: Views, side: SideName): Entity => {
  const view = views[side];
  return view.kind === 'present' ? view.item.entity : {};
};

const sameValue = (rules: Rules, field: string, left: Entity, right: Entity): boolean =>
  rules.digests.entity({ [field]: left[field] }).fields[field] === rules.digests.entity({ [field]: right[field] }).fields[field];

interface Word {
  readonly fields: readonly string[];
  readonly take: (field: string) => SideName;
}

function saveOfWord(rules: Rules, link: Link, views: Views, word: Word, stamp: Stamp): LinkSave | undefined {
  const [source, target] = [held(rules, views.source), held(rules, views.target)];
  if (source && target) {
    const { change, leavesNews } = wordOnBoth(rules, link, source, target, word);
    const save = stageDecision(link, views, change, rules, stamp);
    return leavesNews ? { ...save, link: { ...save.link, recheck: true } } : save;
  }
  const sides = new Set(word.fields.map(word.take));
  if (!target || sides.size !== 1) return undefined;
  if (sides.has('source')) return stageDecision(link, views, withdrawn(link, views), rules, stamp);
  return saveKept(rules, link, target, stamp);
}

type Change = Extract<ReturnType<typeof decide>, { kind: 'change' | 'settle' }>;

/** Each field of the conflict goes from the side that was chosen to the other; everything else as the policy wants it. */
function wordOnBoth(rules: Rules, link: Link, source: HeldItem, target: HeldItem, { fields, take }: Word): { readonly change: Change; readonly leavesNews: boolean } {
  const { targetEdit, belongingTells } = rules.policy;
  const base = link.base ?? makeBase(rules, source.digests, target.digests);
  const parts = merge({ source: baseOf(base, 'source'), target: baseOf(base, 'target') }, source, target);
  const unasked = Object.keys(parts.toSource).filter((field) => !fields.includes(field));
  const taken = (side: SideName) => fields.filter((field) => take(field) === side);
  const toTarget = { ...parts.toTarget, ...pick(source.entity, taken('source')), ...(targetEdit === 'put-back' && pick(source.entity, unasked)) };
  const toSource = { ...pick(target.entity, taken('target')), ...(targetEdit === 'accept' && pick(target.entity, unasked)) };
  // Edits that the person has not been shown stay news: the next run looks once more and finds them.
  const open = new Set(targetEdit === 'review' ? unasked : []);
  const after = (now: Digests, side: SideName): Digests => (open.size === 0 ? now : { whole: '', fields: keepFields(now, baseOf(base, side), open) });
  const next: Facts = {
    base: makeBase(rules, after(written(rules, source, toSource), 'source'), after(written(rules, target, toTarget), 'target')),
    origin: link.origin === 'adopted' && belongingTells ? 'told' : link.origin,
    absent: undefined,
    state: 'agreed',
  };
  const writes = updates(source.entity, { toTarget, toSource });
  return { change: writes.length === 0 ? { kind: 'settle', what: 'rebased', next } : { kind: 'change', writes, next }, leavesNews: open.size > 0 };
}

function updates(source: Entity, { toTarget, toSource }: { readonly toTarget: Entity; readonly toSource: Entity }): StagedWrite[] {
  const agreed = { ...source, ...toSource };
  const writes: StagedWrite[] = [];
  if (!isEmpty(toTarget)) writes.push({ kind: 'update', side: 'target', fields: toTarget, entity: { ...agreed, ...toTarget }, reason: 'told' });
  if (!isEmpty(toSource)) writes.push({ kind: 'update', side: 'source', fields: toSource, entity: agreed, reason: 'told' });
  return writes;
}

/** The source's item is gone, and its word counts. */
function withdrawn(link: Link, { source }: Views): Change {
  const reason = 'gone from the source';
  const write: StagedWrite = { kind: 'delete', side: 'target', proof: source.kind === 'gone' ? source.proof : { kind: 'look-up' }, reason };
  return { kind: 'change', writes: [write], next: { base: link.base, origin: link.origin, absent: reason, state: 'gone' } };
}

/** The source's item is gone, and the target's stays: where such items are imported it becomes one of those, else it is left alone. */
function saveKept(rules: Rules, link: Link, target: HeldItem, stamp: Stamp): LinkSave {
  const base = makeBase(rules, target.digests, target.digests);
  const views: Views = { source: { kind: 'unseen' }, target: { kind: 'present', item: target.item } };
  if (rules.policy.targetNew !== 'import') {
    return stageDecision(link, views, { kind: 'settle', what: 'absent', next: { base, origin: 'adopted', absent: 'gone from the source', state: 'agreed' } }, rules, stamp);
  }
  // Nothing that was seen, or missed, of the item that is gone may count for the one that takes its place.
  const alone: Link = { ...link, sourceId: undefined, base: undefined, absent: undefined, missing: undefined, versions: { target: link.versions.target }, seen: { target: link.seen?.target }, scope: { target: link.scope?.target } };
  const write: StagedWrite = { kind: 'create', side: 'source', key: rules.keyFor('source', target.item, link.lives), entity: target.entity, reason: 'reappeared' };
  return { ...stageDecision(alone, views, { kind: 'change', writes: [write], next: { base, origin: 'adopted', absent: 'pending', state: 'agreed' } }, rules, stamp), was: link };
}

/**
 * Restores what lost when the pair's last conflict was settled, on both sides, as long as the closed conflict is kept. A field that
 * somebody has changed since is left alone.
 * @throws as `settleConflict`.
 */
export async function undoSettled(world: World, connector: Connector, asked: Asked): Promise<Answered> {
  return asPerson(world, connector, asked.stream, async (stream, stamp) => {
    const rules = rulesOf(world, stream);
    const [link] = await world.links.byKeys(stream.name, [asked.key]);
    const shown = await world.links.conflict(stream.name, asked.key);
    if (!link || !shown) return refused('no settled conflict is kept for it; they are kept for 90 days');
    if (link.state === 'parked') return refused('it is parked: there is nothing to take back yet');
    const [seen] = await lookAgain(stream, [link]);
    const [source, target] = [seen && held(rules, seen.views.source), seen && held(rules, seen.views.target)];
    if (!seen || !source || !target) return refused('one of the two items is not there any more, so its fields cannot be restored');
    if (link.pending || decide(rules, { link: landed(link, seen.views, rules), ...seen.views }).kind === 'change') return refused('something else about it is still to be written; let it run first');
    const lost: { [field: string]: Entity[string] } = {};
    for (const field of shown.fields) {
      if (!sameValue(rules, field, source.entity, target.entity)) continue;
      const loser = sameValue(rules, field, source.entity, shown.source) ? 'target' : sameValue(rules, field, source.entity, shown.target) ? 'source' : undefined;
      if (loser && shown[loser][field] !== undefined) lost[field] = shown[loser][field];
    }
    if (isEmpty(lost)) return refused('what was settled has been changed since, or was not kept');
    const writes = updates(source.entity, { toTarget: lost, toSource: lost });
    const next: Facts = { base: makeBase(rules, written(rules, source, lost), written(rules, target, lost)), origin: link.origin, absent: link.absent, state: 'agreed' };
    return carryOut(world, stream, stageDecision(link, seen.views, { kind: 'change', writes, next }, rules, stamp), { ...stamp, ...asked, fields: Object.keys(lost) });
  });
}

const refused = (why: string): Answered => ({ kind: 'refused', why });

/** The plan is released before its change is staged: it is one person's word about one pair, and no guard has to look. */
async function carryOut(world: World, stream: Stream, save: LinkSave, { run, now, by, fields }: Stamp & Asked & { readonly fields: readonly string[] }): Promise<Answered> {
  const deletes = save.link.pending?.writes.filter(({ kind }) => kind === 'delete').length ?? 0;
  const withdrawals = deletes > 0 ? { [stream.name]: deletes } : {};
  await world.runs.savePlan({ id: run, at: now, state: 'released', held: [], changes: 1, withdrawals, releasedBy: by });
  const [result] = await world.links.save([save]);
  if (result === undefined || result === 'refused') return refused('it was changed by somebody else in this moment; try again');
  if (deletes > 0) await world.runs.change((state) => ({ ...state, withdrawals: countedWithdrawals(state, withdrawals, now, run) }));
  const { outcomes } = await applyLinks(world, stream, run, [save.link.key]);
  return { kind: 'done', run, fields, outcomes };
}

/** Works under the connector's lease, without being a run: cursors and the last report stay as they are. */
async function asPerson<T>(world: World, connector: Connector, streamName: string, work: (stream: Stream, stamp: Stamp) => Promise<T>): Promise<T> {
  const stream = connector.streams.find(({ name }) => name === streamName);
  if (!stream) throw new Error(`${connector.id} has no stream ${streamName}`);
  return underLease(world, connector, async (stamp) => {
    for (const side of [stream.source, stream.target]) await side.prepare?.(false);
    return work(stream, stamp);
  });
}

/** @throws ConnectorPaused, AnotherRunActive */
export async function underLease<T>(world: World, connector: Connector, work: (stamp: Stamp) => Promise<T>): Promise<T> {
  const now = world.clock.now();
  const state = await world.runs.change((before) => (before.paused || isTaken(world, before.lease) ? undefined : { ...before, seq: before.seq + 1, lease: newLease(world) }));
  refusePaused(state, connector.id);
  if (state.lease?.worker !== world.worker) throw new AnotherRunActive(connector.id, { forgotten: true });
  const run = runId(now, state.seq);
  const stamp = { run, plan: run, now, seq: state.seq, guarded: true };
  try {
    return await work(stamp);
  } finally {
    await world.runs.change((before) => (before.lease?.worker === world.worker ? { ...before, lease: undefined } : undefined));
  }
}

const keysAtOnce = 100;

/** Carries out what is staged under one released plan, and nothing else: no side is read for news. @throws as `settleConflict`. */
export async function carryOutPlan(world: World, connector: Connector, plan: string): Promise<{ readonly run: string; readonly outcomes: readonly LinkOutcome[] }> {
  return underLease(world, connector, async ({ run }) => {
    const keepLease = leaseKeeper(world, connector.id);
    const outcomes: LinkOutcome[] = [];
    for (const stream of connector.streams) {
      const keys: string[] = [];
      for await (const links of world.links.open(stream.name)) keys.push(...links.filter(({ pending }) => pending?.plan === plan).map(({ key }) => key));
      for (let at = 0; at < keys.length; at += keysAtOnce) {
        await keepLease();
        outcomes.push(...(await applyLinks(world, stream, run, keys.slice(at, at + keysAtOnce))).outcomes);
      }
    }
    return { run, outcomes };
  });
}

/**
 * Looks at these links again now, whenever their next try is due: both sides are read, and what is decided goes through the guard.
 * What could be several things is matched anew, which needs both sides whole.
 */
export async function replayLinks(world: World, connector: Connector, links: readonly Link[], options: RunOptions): Promise<RunReport> {
  const streams = new Set(links.filter(isAmbiguous).map(({ stream }) => stream));
  if (streams.size === 0) return runConnector(world, connector, { ...options, hints: hintsOf(links) });
  // All of a stream together: one that kept its link would not be there to be matched, and the other would look alone.
  await underLease(world, connector, async () => {
    for (const stream of streams) {
      for await (const open of world.links.open(stream)) for (const link of open.filter(isAmbiguous)) await world.links.remove(link);
    }
  });
  const others = links.filter((link) => !isAmbiguous(link));
  if (others.length > 0) await runConnector(world, connector, { ...options, hints: hintsOf(others) });
  return runConnector(world, connector, { ...options, full: true });
}

/** Parked because it could be several things, and nothing else is known of it. A create that may still happen is something. */
export const isAmbiguous = ({ problem, base, pending, claim, late }: Link): boolean =>
  problem?.code === 'AMBIGUOUS_MATCH' && base === undefined && pending === undefined && claim === undefined && late === undefined;

/** What a held plan would do to these links is not wanted: the next look decides them anew, by the rules of the run that looks. */
export async function forgetWishes(world: World, connector: Connector, links: readonly Link[]): Promise<void> {
  const saves = links.flatMap((was): LinkSave[] => (was.pending === undefined ? [] : [{ link: { ...was, pending: { ...was.pending, writes: [] }, recheck: true }, was }]));
  await underLease(world, connector, () => world.links.save(saves));
}

function hintsOf(links: readonly Link[]): Hint[] {
  return [...Map.groupBy(links, ({ stream }) => stream)].flatMap(([stream, mine]): Hint[] => [
    { stream, side: 'source', ids: mine.flatMap(({ sourceId }) => sourceId ?? []) },
    { stream, side: 'target', ids: mine.flatMap(({ targetId }) => targetId ?? []) },
  ]);
}

/** @returns whether it was running until now. */
export async function pauseConnector(runs: RunStore, paused: { readonly by: string; readonly at: number; readonly why: string }): Promise<boolean> {
  let isNew = false;
  await runs.change((state) => {
    isNew = state.paused === undefined;
    return isNew ? { ...state, paused } : undefined;
  });
  return isNew;
}

/** @returns whether it was paused until now. */
export async function resumeConnector(runs: RunStore): Promise<boolean> {
  let wasPaused = false;
  await runs.change((state) => {
    wasPaused = state.paused !== undefined;
    return wasPaused ? { ...state, paused: undefined } : undefined;
  });
  return wasPaused;
}
