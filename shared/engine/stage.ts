/**
 * Turns a decision into the link's next row: a staged change, a settled memory, a conflict, a rejection. No calls, no
 * clock of its own; the caller saves.
 */
import { isDeepStrictEqual } from 'node:util';
import { assertNever } from '../base/errors.ts';
import type { Decision } from '../sync/decide.ts';
import type { Rules, View } from '../sync/views.ts';
import { changedFields, type Digests } from '../sync/digest.ts';
import type { Item, RejectedItem } from '../sync/item.ts';
import { baseOf, idOn, logged, type Attempt, type Base, type Link, type Outcome, type Pending, type SideName } from '../sync/link.ts';
import { pick } from '../sync/merge.ts';
import { lastingKey } from './match.ts';
import type { ConflictRecord, LinkSave } from './ports.ts';

/** What a staging stamps on the links it touches. */
export interface Stamp {
  readonly run: string;
  readonly plan: string;
  readonly now: number;
  /** The scan number known when the items had been read. */
  readonly seq: number;
  /** A guard will look at what is staged. Without one nothing new is withdrawn: the next plan looks at the link again. */
  readonly guarded: boolean;
}

export interface Views {
  readonly source: View;
  readonly target: View;
}

const rejectedRetryMs = 24 * 3_600_000; // a person mends it, and that is seen; this is for a create that is still open
const attemptsMax = 4; // older ones are certainly recorded or overwritten

export function newLink(stream: string, key: string, origin: Link['origin']): Link {
  return { stream, key, origin, versions: {}, state: 'agreed', lives: 0, log: [], touched: 0, rev: 0 };
}

/** The link with everything that was seen of it: ids, versions, scopes, wire digests, and the key to find it while one-sided. */
export function sighted(link: Link, views: Views, rules: Rules, stamp: Stamp): Link {
  let next: Link = { ...link, touched: stamp.seq };
  for (const side of ['source', 'target'] as const) {
    const view = views[side];
    if (view.kind !== 'present') continue;
    const { item } = view;
    next = {
      ...next,
      ...(side === 'source' ? { sourceId: item.id } : { targetId: item.id }),
      versions: { ...next.versions, [side]: item.version },
      seen: { ...next.seen, [side]: item.seen },
      scope: item.scope === undefined ? next.scope : { ...next.scope, [side]: item.scope },
      missing: without(next.missing, side),
      parents: item.parents === undefined ? next.parents : parentKeys(item.parents),
      keepUntil: item.keepUntil ?? next.keepUntil,
      neededBy: item.neededBy ?? next.neededBy,
    };
  }
  if (next.sourceId !== undefined && next.targetId !== undefined) return { ...next, match: undefined };
  const item = itemOf(views.source) ?? itemOf(views.target);
  const key = item && lastingKey(item);
  return key === undefined ? next : { ...next, match: rules.digests.text(key) };
}

function without(marks: Link['missing'], side: SideName): Link['missing'] {
  if (marks?.[side] === undefined) return marks;
  const { [side]: _seen, ...others } = marks;
  return others;
}

/** How a parent's link is named by its children: its stream and source id. */
export const parentKey = (stream: string, sourceId: string): string => `${stream}|${sourceId}`;

const parentKeys = (parents: NonNullable<Item['parents']>): Link['parents'] =>
  Object.fromEntries(Object.entries(parents).map(([field, parent]) => [field, parentKey(parent.stream, parent.sourceId)]));

const itemOf = (view: View): Item | undefined => (view.kind === 'present' ? view.item : undefined);

/**
 * A staging whose outcome was never recorded may have landed: where a side holds what it wrote, both sides agree on those
 * fields now. Without this our own write would look like somebody's edit.
 */
export function landed(link: Link, views: Views, rules: Rules): Link {
  let base = link.base ?? baseOfCreate(link, views, rules);
  for (const attempt of attemptsOf(link.pending)) {
    const item = itemOf(views[attempt.side]);
    if (!item || !base) continue;
    const now = rules.digests.entity(item.entity).fields;
    const wanted = baseOf(attempt.base, attempt.side).fields;
    const before = baseOf(base, attempt.side).fields;
    const holds = attempt.fields.length > 0 && attempt.fields.every((field) => now[field] === wanted[field]);
    if (holds && attempt.fields.some((field) => before[field] !== wanted[field])) base = withFields(base, attempt);
  }
  return base === link.base ? link : { ...link, base };
}

/** The pair was never recorded as one, but a create of ours is open and its side holds an item now: it is what we made. */
function baseOfCreate(link: Link, views: Views, rules: Rules): Base | undefined {
  const create = link.claim && link.pending?.writes.find(({ kind }) => kind === 'create');
  const made = create && idOn(link, create.side) === undefined ? itemOf(views[create.side]) : undefined;
  return create && made ? baseOfMade(attemptsOf(link.pending), create.side, rules.digests.entity(made.entity)) : undefined;
}

/**
 * What both sides held when an item was made by a create that nobody recorded. Several may have been staged since, with other values:
 * for each field, of all that was sent, what stands there. Where nothing fits, somebody has edited it since; then the oldest counts, so
 * that what changed on our side meanwhile is a change too, and the two are shown as a conflict.
 */
export function baseOfMade(tried: readonly Attempt[], side: SideName, now: Digests): Base | undefined {
  const tries = tried.filter((attempt) => attempt.side === side);
  const fitting = tries.find(({ base }) => changedFields(baseOf(base, side), now).length === 0);
  const oldest = tries.at(-1);
  if (fitting || !oldest) return fitting?.base;
  return tries.reduceRight((base, attempt) => {
    const fields = Object.keys(now.fields).filter((field) => baseOf(attempt.base, side).fields[field] === now.fields[field]);
    return withFields(base, { ...attempt, fields });
  }, oldest.base);
}

/** Everything that may have been written for this link without anybody recording it, the latest first. */
export function attemptsOf(pending: Pending | undefined): Attempt[] {
  const { base } = pending?.next ?? {};
  const open = (pending?.writes ?? []).flatMap((write): Attempt[] => {
    if (write.kind === 'delete' || !base) return [];
    return [{ side: write.side, fields: Object.keys(write.kind === 'update' ? write.fields : baseOf(base, write.side).fields), base }];
  });
  return [...open, ...(pending?.tried ?? [])];
}

function withFields(base: Base, attempt: Attempt): Base {
  const mixed = (side: SideName): Digests => {
    const [old, next] = [baseOf(base, side), baseOf(attempt.base, side)];
    return { whole: '', fields: { ...old.fields, ...Object.fromEntries(attempt.fields.map((field) => [field, next.fields[field] ?? ''])) } };
  };
  return { shape: base.shape, source: mixed('source'), target: mixed('target') };
}

export function stageDecision(was: Link, views: Views, decision: Decision, rules: Rules, stamp: Stamp): LinkSave {
  const link = sighted(was, views, rules, stamp);
  const before = was.rev === 0 ? undefined : was;
  const close = was.state === 'parked' ? { conflict: 'close' as const } : {};
  const calm = { pending: undefined, problem: undefined, dueAt: undefined, attempts: undefined, recheck: undefined, claim: undefined };
  switch (decision.kind) {
    case 'nothing': {
      const settled = was.state === 'agreed' || was.state === 'gone' || was.base === undefined;
      return { link: { ...link, ...calm, state: settled && was.state === 'gone' ? 'gone' : 'agreed' }, was: before, ...close };
    }
    case 'settle': {
      const gone = decision.next.state === 'gone';
      const dropped = dropGone(link, views);
      const outcome = note(stamp, decision.what === 'linked' ? 'applied' : 'skipped', decision.what, decision.next.absent);
      return { link: { ...dropped, ...calm, ...decision.next, missing: gone ? undefined : dropped.missing, goneAt: gone ? stamp.now : undefined, log: logged(link.log, outcome) }, was: before, ...close };
    }
    case 'change': {
      const pending = pendingOf(was, decision, stamp);
      return { link: { ...dropGone(link, views), pending, claim: was.claim, state: 'pending', problem: undefined, dueAt: undefined, attempts: undefined, recheck: undefined }, was: before, ...close };
    }
    case 'conflict': {
      const problem = { code: decision.code, message: `${conflictWords[decision.code]} ${decision.fields.join(', ')}` };
      const log = logged(link.log, note(stamp, 'parked', decision.code));
      return { link: { ...link, ...calm, state: 'parked', problem, log }, was: before, conflict: conflictOf(link, views, decision, stamp) };
    }
    default:
      return assertNever(decision);
  }
}

const conflictWords = { BOTH_EDITED: 'both sides changed', TARGET_EDITED: 'the target changed', TO_AND_FRO: 'within an hour, something on each side kept changing' } as const;

/** An id whose item is proven gone leaves the link, so that a later item of that name is not taken for it. */
function dropGone(link: Link, views: Views): Link {
  return views.target.kind !== 'gone' || link.targetId === undefined ? link : withoutTarget(link);
}

/** Its next item over there is another one, with a name of its own. */
export const withoutTarget = (link: Link): Link => ({
  ...link, targetId: undefined, ours: undefined, lives: link.lives + 1, versions: { ...link.versions, target: undefined }, missing: without(link.missing, 'target'),
});

/**
 * A wish that is staged already stays in its plan: a held plan is then the same tomorrow, for the person who is asked about it, and
 * a released withdrawal is not held again by the next plan.
 */
function pendingOf(was: Link, decision: Extract<Decision, { kind: 'change' }>, stamp: Stamp): Pending {
  const { writes, next } = decision;
  if (was.pending && isDeepStrictEqual(asStored({ writes, next }), asStored({ writes: was.pending.writes, next: was.pending.next }))) return was.pending;
  const tried = distinct(attemptsOf(was.pending)).slice(0, attemptsMax);
  return {
    id: `${stamp.plan}/${stamp.seq}/${was.rev}`,
    plan: stamp.plan,
    at: stamp.now,
    writes: decision.writes,
    next: decision.next,
    tried: tried.length > 0 ? tried : undefined,
  };
}

/** Staged anew with the same values, an attempt must not push the one that was really sent off the list. */
const distinct = (attempts: readonly Attempt[]): Attempt[] => attempts.filter((one, at) => attempts.findIndex((other) => isDeepStrictEqual(asStored(other), asStored(one))) === at);

/** As it comes back from the table, where what is undefined is not there at all. */
const asStored = (value: object): unknown => JSON.parse(JSON.stringify(value));

function conflictOf(link: Link, views: Views, decision: Extract<Decision, { kind: 'conflict' }>, stamp: Stamp): ConflictRecord {
  const values = (view: View) => (view.kind === 'present' ? pick(view.item.entity, decision.fields) : {});
  return { stream: link.stream, link: link.key, code: decision.code, openedAt: stamp.now, fields: decision.fields, source: values(views.source), target: values(views.target) };
}

export function note(stamp: Pick<Stamp, 'now' | 'run'>, kind: Outcome['kind'], what: string, why?: string): Outcome {
  return { at: stamp.now, run: stamp.run, kind, what, ...(why === undefined ? {} : { why }) };
}

/** A create that may have happened is remembered whatever comes between, or what it made would be taken for somebody else's. */
const openCreate = ({ claim, pending }: Link): Pending | undefined => (claim && pending?.writes.some(({ kind }) => kind === 'create') ? pending : undefined);

/** An item that cannot be read still has a link, so that it is named, counted and looked at again when it changes. */
export function stageRejection(was: Link, side: SideName, rejected: RejectedItem, stamp: Stamp): LinkSave {
  const link: Link = {
    ...was,
    ...(side === 'source' ? { sourceId: rejected.id } : { targetId: rejected.id }),
    versions: { ...was.versions, [side]: rejected.version },
    scope: rejected.scope === undefined ? was.scope : { ...was.scope, [side]: rejected.scope },
    keepUntil: rejected.keepUntil ?? was.keepUntil,
    touched: stamp.seq,
    state: 'failed',
    pending: openCreate(was),
    dueAt: openCreate(was) && stamp.now + rejectedRetryMs,
    problem: { code: rejected.code, message: rejected.message },
    log: logged(was.log, note(stamp, 'failed', rejected.code)),
  };
  return { link, was: was.rev === 0 ? undefined : was };
}

/** Parked for a person; the version is forgotten, so that every full reading looks at the item again. */
export function stageParked(was: Link, views: Views, problem: { code: string; message: string }, rules: Rules, stamp: Stamp, learnt = was): LinkSave {
  const link = sighted(learnt, views, rules, stamp);
  return {
    link: { ...link, versions: {}, state: 'parked', pending: openCreate(was), problem, dueAt: undefined, log: logged(link.log, note(stamp, 'parked', problem.code)) },
    was: was.rev === 0 ? undefined : was,
  };
}
