/**
 * Decides, for one pair, what has to happen. Whether that is allowed or safe: see policy.ts and guard.ts.
 *
 *   source       target       linked   ->
 *   new          none         -        create target, or agree that it is absent there (it does not belong)
 *   none         new          -        import, ignore or remove, by policy (remove: also what we once left alone without a source)
 *   new          new          matched  adopt: fill blanks, then the source's word counts
 *   changed      unchanged    yes      update target
 *   unchanged    changed      yes      by policy: update source, put back, review, leave
 *   changed      changed      yes      merge field by field; conflict where both moved
 *   unbelonging  any          yes      withdraw target if it is ours; an adopted one stays
 *   gone         unchanged    yes      withdraw target if it is ours
 *   gone         changed      yes      by policy: an edit outlives a delete, or withdraw
 *   unchanged    gone         yes      by policy: put back, withdraw source, agree that it is absent
 *   gone         gone         yes      tombstone
 */
import { changedFields } from './digest.ts';
import { isQuarrel } from './flips.ts';
import type { Entity, Item } from './item.ts';
import {
  baseOf, idOn, type Base, type CreateReason, type Facts, type Link, type Origin, type Proof, type SideName, type StagedWrite,
} from './link.ts';
import { firstMerge, isEmpty, merge, pick } from './merge.ts';
import { mayWithdrawTarget } from './policy.ts';
import { afterTarget, held, keepFields, makeBase, mixed, written, type HeldItem, type Rules, type View } from './views.ts';

export interface Pair {
  /** Absent for a pair that was never linked. */
  readonly link?: Link | undefined;
  readonly source: View;
  readonly target: View;
}

/** A link, or what becomes of one, whose sides have agreed before. */
type Based<T extends { readonly base?: Base | undefined }> = T & { readonly base: Base };

const isBased = (link: Link | undefined): link is Based<Link> => link?.base !== undefined;

export type Decision =
  | { readonly kind: 'nothing' }
  /** No call is needed: only our memory moves. */
  | { readonly kind: 'settle'; readonly next: Facts; readonly what: 'linked' | 'absent' | 'gone' | 'rebased' }
  | { readonly kind: 'change'; readonly writes: readonly StagedWrite[]; readonly next: Facts }
  /** A person must answer: both values of these fields are shown. */
  | { readonly kind: 'conflict'; readonly code: 'BOTH_EDITED' | 'TARGET_EDITED' | 'TO_AND_FRO'; readonly fields: readonly string[] };

/** Why something that we did not make is taken away: the guard holds a plan with such a withdrawal, however few there are. */
export const notInSource = 'not in the source';

export function decide(rules: Rules, pair: Pair): Decision {
  const source = held(rules, pair.source);
  const target = held(rules, pair.target);
  const { link } = pair;
  const asked = removalAsked(pair);
  if (asked) return asked;
  if (!isBased(link)) return decideUnbased(rules, pair, source, target);
  // One of the two was on nobody's link until now, and no create of ours is open: they met, whatever the link has seen before.
  const met = link.claim === undefined && (link.sourceId === undefined || link.targetId === undefined);
  if (met && source && target) return decideAdoption(rules, source, target);
  if (met && target && link.targetId === undefined && pair.source.kind === 'gone') return decideUnbased(rules, { source: pair.source, target: pair.target }, undefined, target);
  const hasTarget = link.targetId !== undefined || target !== undefined;
  const hasSource = link.sourceId !== undefined || source !== undefined;
  const sourceGone = pair.source.kind === 'gone' || !hasSource;
  const targetGone = pair.target.kind === 'gone' || !hasTarget;
  if (sourceGone && targetGone) {
    return link.state === 'gone' ? { kind: 'nothing' } : settle(link, 'gone', { state: 'gone', absent: 'gone from both sides' });
  }
  if (sourceGone) return decideSourceGone(rules, pair, link, target);
  if (targetGone) return decideTargetGone(rules, pair, link, source);
  if (source && !belongs(source.item)) return decideUnbelonging(rules, link, source, target);
  if (!source && link.absent !== undefined) return decideUnbelonging(rules, link, source, target);
  return quarrelStopped(rules, link, decideBoth(rules, link, source, target));
}

/** Somebody else's program keeps undoing what we carry over: a person has to find it, and says meanwhile what holds. */
function quarrelStopped(rules: Rules, link: Link, decision: Decision): Decision {
  if (decision.kind !== 'change') return decision;
  const [write, second] = decision.writes;
  if (write?.kind !== 'update' || second !== undefined || !isQuarrel(rules, link, write.side)) return decision;
  return { kind: 'conflict', code: 'TO_AND_FRO', fields: Object.keys(write.fields) };
}

/**
 * What a cleaning run has asked a person about stays as it was asked: other runs, and a worker that looks once more because the answer
 * took its time, would import the very thing. Only what somebody has edited since is decided anew.
 */
function removalAsked({ link, source, target }: Pair): Decision | undefined {
  const pending = link?.pending;
  if (!pending?.writes.some((write) => write.kind === 'delete' && write.reason === notInSource)) return undefined;
  const isEdited = target.kind === 'present' && target.item.version !== link?.versions.target;
  const isOver = source.kind === 'present' || target.kind === 'gone' || isEdited;
  return isOver ? undefined : { kind: 'change', writes: pending.writes, next: pending.next };
}

const belongs = (item: Item): boolean => item.belongs === true;
const reasonOf = (item: Item): string => (item.belongs === true ? '' : item.belongs.absentBecause);

/** A pair without a common past: new on one side, or matched between both. */
function decideUnbased(rules: Rules, pair: Pair, source: HeldItem | undefined, target: HeldItem | undefined): Decision {
  const { link } = pair;
  const origin: Origin = link?.origin ?? 'created';
  if (source && target) return decideAdoption(rules, source, target);
  if (source) {
    if (!belongs(source.item)) return absent(rules, link, reasonOf(source.item), origin, source, undefined);
    return create(rules, 'target', source, link, 'new', 'created');
  }
  if (target) {
    // It names a row of ours that is not there: withdrawn once, or made by somebody before us. It is no news to the source.
    if (target.item.reference !== undefined && rules.policy.targetNew === 'import') return absent(rules, link, 'its source is gone', 'adopted', undefined, target);
    if (rules.policy.targetNew === 'import') return create(rules, 'source', target, link, 'new', 'adopted');
    if (rules.policy.targetNew === 'remove') {
      const write: StagedWrite = { kind: 'delete', side: 'target', proof: { kind: 'look-up' }, reason: notInSource };
      return { kind: 'change', writes: [write], next: { origin, state: 'gone', absent: notInSource } };
    }
    return absent(rules, link, 'not imported', 'adopted', undefined, target);
  }
  const lost = pair.source.kind === 'gone' || pair.target.kind === 'gone';
  return lost && link && link.state !== 'gone' ? settle(link, 'gone', { state: 'gone', absent: 'gone before it was linked' }) : { kind: 'nothing' };
}

function decideAdoption(rules: Rules, source: HeldItem, target: HeldItem): Decision {
  const first = firstMerge(source, target);
  const approved = belongs(source.item);
  const ours = target.item.reference === source.item.id;
  const origin: Origin = ours ? 'created' : approved && rules.policy.belongingTells ? 'told' : 'adopted';
  if (!approved && ours) return withdraw(rules, { origin }, source, target, { kind: 'says-so' }, reasonOf(source.item));
  const writes: StagedWrite[] = [];
  const toTarget: Entity = approved ? { ...first.toTarget, ...pick(source.entity, first.differing) } : {};
  if (!isEmpty(toTarget)) writes.push({ kind: 'update', side: 'target', fields: toTarget, entity: source.entity, reason: 'filled' });
  const importing = rules.policy.targetNew === 'import';
  if (importing && !isEmpty(first.toSource)) {
    writes.push({ kind: 'update', side: 'source', fields: first.toSource, entity: target.entity, reason: 'filled' });
  }
  const base = makeBase(rules, written(rules, source, importing ? first.toSource : {}), written(rules, target, toTarget));
  const next: Facts = { base, origin, state: 'agreed', absent: approved ? undefined : reasonOf(source.item) };
  return writes.length === 0 ? { kind: 'settle', next, what: 'linked' } : { kind: 'change', writes, next };
}

/** Both stand and the source's item belongs: whatever differs from the base has to be carried over. */
function decideBoth(rules: Rules, link: Based<Link>, source: HeldItem | undefined, target: HeldItem | undefined): Decision {
  const { base } = link;
  const origin: Origin = link.origin === 'adopted' && rules.policy.belongingTells ? 'told' : link.origin;
  const parts = merge({ source: baseOf(base, 'source'), target: baseOf(base, 'target') }, source, target);
  const { bothEdited, targetEdit } = rules.policy;
  if (parts.collisions.length > 0 && bothEdited === 'conflict') return { kind: 'conflict', code: 'BOTH_EDITED', fields: parts.collisions };
  const targetWins = bothEdited === 'target' ? parts.collisions : [];
  const sourceWins = bothEdited === 'target' ? [] : parts.collisions;
  let toTarget = { ...parts.toTarget, ...pick(source?.entity, sourceWins) };
  let toSource = { ...parts.toSource, ...pick(target?.entity, targetWins) };
  if (!isEmpty(toSource) && targetEdit === 'review') return { kind: 'conflict', code: 'TARGET_EDITED', fields: Object.keys(toSource) };
  if (!isEmpty(toSource) && targetEdit === 'put-back') {
    // Without the source's values nothing can be put back, and the edit must not be agreed on: the next look brings them.
    if (!source) return { kind: 'nothing' };
    toTarget = { ...toTarget, ...pick(source.entity, Object.keys(toSource)) };
  }
  if (targetEdit !== 'accept') toSource = pick(toSource, targetWins);
  const writes: StagedWrite[] = [];
  if (!isEmpty(toTarget) && source) writes.push({ kind: 'update', side: 'target', fields: toTarget, entity: source.entity, reason: 'changed' });
  if (!isEmpty(toSource) && target) writes.push({ kind: 'update', side: 'source', fields: toSource, entity: target.entity, reason: 'changed' });
  const agreed = makeBase(rules, source ? written(rules, source, toSource) : baseOf(base, 'source'), afterTarget(rules, base, target, toTarget));
  const next: Based<Facts> = { base: agreed, origin, state: 'agreed', absent: undefined };
  if (writes.length > 0) return { kind: 'change', writes, next };
  return moved(rules, link, source, target, next) ? { kind: 'settle', next, what: 'rebased' } : { kind: 'nothing' };
}

/** The source's item stands but does not belong over there. */
function decideUnbelonging(rules: Rules, link: Based<Link>, source: HeldItem | undefined, target: HeldItem | undefined): Decision {
  const { base } = link;
  const reason = source ? reasonOf(source.item) : (link.absent ?? 'does not belong');
  const rejected = rules.policy.rejectedWithdraws && reason === 'rejected';
  if (mayWithdrawTarget(link) || rejected) return withdraw(rules, link, source, target, { kind: 'says-so' }, reason);
  const parts = merge({ source: baseOf(base, 'source'), target: baseOf(base, 'target') }, source, target);
  const toSource = rules.policy.targetEditWhilePending === 'accept' ? parts.toSource : {};
  // What the source's people changed while it is pending is not carried over: the base keeps the old digests, so that
  // approving shows the difference.
  const keptSource = isEmpty(toSource) ? baseOf(base, 'source') : mixed(rules, baseOf(base, 'source'), toSource);
  // Edits that are left for now are put back, or shown, once the item belongs: until then the base does not know them.
  const leavesForNow = rules.policy.targetEditWhilePending === 'leave' && rules.policy.targetEdit !== 'leave';
  const targetNow = target && !leavesForNow ? target.digests : baseOf(base, 'target');
  const collided = new Set(parts.collisions);
  const targetKept = collided.size === 0 ? targetNow : { whole: '', fields: keepFields(targetNow, baseOf(base, 'target'), collided) };
  const next: Based<Facts> = { base: makeBase(rules, keptSource, targetKept), origin: link.origin, state: 'agreed', absent: reason };
  if (target && !isEmpty(toSource)) {
    return { kind: 'change', writes: [{ kind: 'update', side: 'source', fields: toSource, entity: target.entity, reason: 'changed' }], next };
  }
  return moved(rules, link, source, target, next) ? { kind: 'settle', next, what: 'rebased' } : { kind: 'nothing' };
}

function decideSourceGone(rules: Rules, pair: Pair, link: Based<Link>, target: HeldItem | undefined): Decision {
  const proof = pair.source.kind === 'gone' ? pair.source.proof : ({ kind: 'look-up' } as const);
  const edited = target ? changedFields(baseOf(link.base, 'target'), target.digests) : [];
  if (edited.length > 0 && rules.policy.sourceGoneTargetEdited === 'keep') return { kind: 'conflict', code: 'TARGET_EDITED', fields: edited };
  if (mayWithdrawTarget(link)) return withdraw(rules, link, undefined, target, proof, 'gone from the source');
  if (rules.policy.targetNew === 'remove') return withdraw(rules, link, undefined, target, proof, notInSource);
  const base = makeBase(rules, baseOf(link.base, 'source'), target ? target.digests : baseOf(link.base, 'target'));
  const next: Facts = { base, origin: link.origin, state: 'agreed', absent: 'gone from the source' };
  const known = link.absent === 'gone from the source' && link.state === 'agreed' && baseOf(base, 'target').whole === baseOf(link.base, 'target').whole;
  return known ? { kind: 'nothing' } : { kind: 'settle', next, what: 'absent' };
}

function decideTargetGone(rules: Rules, pair: Pair, link: Based<Link>, source: HeldItem | undefined): Decision {
  const pendingHere = source ? !belongs(source.item) : link.absent !== undefined;
  const choice = pendingHere ? rules.policy.targetDeletedWhilePending : rules.policy.targetDeleted;
  // Archived already, by its people or by another worker: there is nothing left to withdraw.
  const withdraws = choice === 'withdraw' && (!source || reasonOf(source.item) !== 'archived');
  // The target's id left the link when the source's withdrawal was staged; a plan that is held must not read that as a new start.
  const staged = link.pending?.writes.find((write) => write.kind === 'delete' && write.side === 'source');
  if (staged && withdraws) return { kind: 'change', writes: [staged], next: bothGone(link) };
  // Our own withdrawal, carried out and never recorded, is not somebody's deletion.
  const isOurs = link.pending?.writes.some((write) => write.kind === 'delete' && write.side === 'target') ?? false;
  const fresh = link.targetId === undefined || isOurs;
  // Deleted there, and nobody has touched it here since: a look at it is no news.
  const isSettled = choice !== 'put-back' && link.absent === deletedThere && source !== undefined && changedFields(baseOf(link.base, 'source'), source.digests).length === 0;
  if (source && !pendingHere && !isSettled && (choice === 'put-back' || fresh)) {
    return create(rules, 'target', source, link, fresh ? 'reappeared' : 'put back', 'created');
  }
  // Without the source's values nothing can be put back: the next look brings them.
  if (!source && !pendingHere && choice === 'put-back') return { kind: 'nothing' };
  if (withdraws && pair.target.kind === 'gone' && !fresh) {
    const write: StagedWrite = { kind: 'delete', side: 'source', proof: pair.target.proof, reason: 'gone from the target' };
    return { kind: 'change', writes: [write], next: bothGone(link) };
  }
  const reason = pendingHere && source ? reasonOf(source.item) : (link.absent ?? deletedThere);
  const next = absentFacts(rules, link, reason, link.origin, source, undefined);
  const same = link.absent === reason && fresh && link.state === 'agreed' && next.base?.source.whole === link.base.source.whole;
  return same ? { kind: 'nothing' } : { kind: 'settle', next, what: 'absent' };
}

const deletedThere = 'deleted in the target';
const bothGone = (link: Link): Facts => ({ origin: link.origin, state: 'gone', absent: 'gone from both sides' });

function withdraw(
  rules: Rules, link: Pick<Link, 'base' | 'origin'>, source: HeldItem | undefined, target: HeldItem | undefined, proof: Proof, reason: string,
): Decision {
  const [one, other] = [source ?? target, target ?? source];
  const base = link.base ?? (one && other ? makeBase(rules, one.digests, other.digests) : undefined);
  const kept = base && source ? makeBase(rules, source.digests, baseOf(base, 'target')) : base;
  const gone = source === undefined && proof.kind !== 'says-so';
  const next: Facts = { base: kept, origin: link.origin, state: gone ? 'gone' : 'agreed', absent: reason };
  return { kind: 'change', writes: [{ kind: 'delete', side: 'target', proof, reason }], next };
}

function create(rules: Rules, side: SideName, from: HeldItem, link: Link | undefined, reason: CreateReason, origin: Origin): Decision {
  // Each life gets a name of its own: some systems keep the old one in a trash that refuses it.
  const endsLife = side === 'target' && link?.targetId !== undefined;
  const key = rules.keyFor(side, from.item, (link?.lives ?? 0) + (endsLife ? 1 : 0));
  const next: Facts = {
    base: makeBase(rules, from.digests, from.digests),
    origin: link?.base && side === 'target' ? keepOrigin(link) : origin,
    state: 'agreed',
    absent: side === 'source' ? 'pending' : undefined,
  };
  return { kind: 'change', writes: [{ kind: 'create', side, key, entity: from.entity, reason }], next };
}

/** What we make again is ours from then on, whoever made it first. */
const keepOrigin = (link: Link): Origin => (link.origin === 'adopted' ? 'told' : link.origin);

function absent(
  rules: Rules, link: Link | undefined, reason: string, origin: Origin, source: HeldItem | undefined, target: HeldItem | undefined,
): Decision {
  return { kind: 'settle', next: absentFacts(rules, link, reason, origin, source, target), what: 'absent' };
}

function absentFacts(
  rules: Rules, link: Link | undefined, reason: string, origin: Origin, source: HeldItem | undefined, target: HeldItem | undefined,
): Facts {
  const sourceNow = source?.digests ?? (link?.base ? baseOf(link.base, 'source') : target?.digests);
  const targetNow = target?.digests ?? (link?.base ? baseOf(link.base, 'target') : source?.digests);
  const base = sourceNow && targetNow ? makeBase(rules, sourceNow, targetNow) : undefined;
  return { base, origin, state: 'agreed', absent: reason };
}

const settle = (link: Link, what: 'gone', facts: Pick<Facts, 'state' | 'absent'>): Decision => ({
  kind: 'settle',
  what,
  next: { base: link.base, origin: link.origin, ...facts },
});

/** Whether our memory has to move although no call is needed: another version, another wording, another standing. */
function moved(
  rules: Rules, link: Based<Link>, source: HeldItem | undefined, target: HeldItem | undefined, next: Based<Facts>,
): boolean {
  const { base } = link;
  const version = (side: SideName, item: HeldItem | undefined): boolean =>
    item !== undefined && (item.item.version !== link.versions[side] || item.item.id !== idOn(link, side));
  return (
    version('source', source) ||
    version('target', target) ||
    base.shape !== rules.shape ||
    next.origin !== link.origin ||
    next.absent !== link.absent ||
    link.state !== 'agreed' ||
    baseOf(base, 'source').whole !== baseOf(next.base, 'source').whole ||
    baseOf(base, 'target').whole !== baseOf(next.base, 'target').whole
  );
}
