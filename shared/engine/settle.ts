/**
 * A person's word about one parked pair, and taking it back. It goes the ordinary way: both sides are read, the change is staged under a
 * released plan of its own, and the write carries the version it was decided from. Nobody is asked here; what the person said is an
 * argument.
 */
import { decide } from '../sync/decide.ts';
import type { Digests } from '../sync/digest.ts';
import type { Entity } from '../sync/item.ts';
import { baseOf, type Facts, type Link, type SideName, type StagedWrite } from '../sync/link.ts';
import { isEmpty, merge, pick } from '../sync/merge.ts';
import type { LinkOutcome } from '../sync/report.ts';
import { held, keepFields, makeBase, written, type HeldItem, type Rules } from '../sync/views.ts';
import { applyLinks } from './apply.ts';
import type { Connector, Stream } from './connector.ts';
import { underLease } from './person.ts';
import { rulesOf } from './plan-stream.ts';
import type { ConflictRecord, LinkSave, World } from './ports.ts';
import { lookAgain } from './resolve.ts';
import { landed, stageDecision, type Stamp, type Views } from './stage.ts';
import { countedWithdrawals } from './word.ts';

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
