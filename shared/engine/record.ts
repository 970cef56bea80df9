/**
 * What a link becomes once a write has been answered. Pure; the worker saves it. Values are never kept: what the side now
 * holds goes into the base as digests.
 */
import { changedFields, type Digests } from '../sync/digest.ts';
import type { Rules } from '../sync/views.ts';
import { makeBase } from '../sync/views.ts';
import { baseOf, logged, type Base, type Link, type SideName, type StagedWrite } from '../sync/link.ts';
import type { WriteResult } from './side.ts';
import { note, type Stamp } from './stage.ts';

type Done = Extract<WriteResult, { kind: 'done' }>;

export const verbOf = (write: StagedWrite): 'created' | 'updated' | 'deleted' => (write.kind === 'create' ? 'created' : write.kind === 'update' ? 'updated' : 'deleted');

/**
 * @param readBack  The item was read after the write because the answer named no version: what differs from what we sent
 *                  is somebody else's change, unless the server has made the same of the same text before.
 */
export function recordDone(link: Link, write: StagedWrite, result: Done, rules: Rules, stamp: Stamp, readBack: boolean): Link {
  const pending = link.pending;
  if (!pending) return link;
  const rest = pending.writes.slice(1);
  const { base, rewrites, isExpected } = baseAfter(link, write, result, rules, pending.next.base, readBack);
  // What was not expected is left unseen, so that the next reading shows it and the decision table judges it.
  const seen = withItem(link, write, result, rules);
  const item = isExpected ? seen : unseenOn(seen, write.side);
  const moved = { ...item, rewrites, touched: stamp.seq, claim: undefined, attempts: undefined, problem: undefined, dueAt: undefined };
  const log = logged(link.log, { ...note(stamp, 'applied', verbOf(write), write.reason), side: write.side });
  if (rest.length > 0) return { ...moved, log, state: 'pending', pending: { ...pending, writes: rest, next: { ...pending.next, base } } };
  const shown = write.side === 'source' ? result.item : undefined;
  // Somebody has judged it meanwhile: what was agreed on does not hold for that, so it is decided anew.
  const isJudged = shown !== undefined && (shown.belongs === true) !== (pending.next.absent === undefined);
  const absent = shown === undefined || isJudged ? pending.next.absent : shown.belongs === true ? undefined : shown.belongs.absentBecause;
  const { state, origin } = pending.next;
  const oneSided = moved.sourceId === undefined || moved.targetId === undefined;
  return { ...moved, log, pending: undefined, base, state, origin, absent, recheck: isJudged ? true : moved.recheck, match: oneSided ? link.match : undefined, missing: state === 'gone' ? undefined : moved.missing, goneAt: state === 'gone' ? stamp.now : undefined };
}

const unseenOn = (link: Link, side: SideName): Link => ({ ...link, versions: { ...link.versions, [side]: undefined } });

function withItem(link: Link, write: StagedWrite, result: Done, { childrenStay }: Rules): Link {
  const { side } = write;
  if (write.kind === 'delete' && side === 'target') {
    const stayed = childrenStay === true ? link.targetId : undefined;
    return { ...link, targetId: undefined, stayed, ours: undefined, lives: link.lives + 1, versions: { ...link.versions, target: undefined } };
  }
  const version = result.version ?? result.item?.version;
  const clean = write.kind === 'create' || (link.ours !== undefined && link.ours === link.versions.target);
  return {
    ...link,
    ...(side === 'source' ? { sourceId: result.id } : { targetId: result.id, stayed: undefined, ours: clean && result.item ? version : undefined }),
    versions: { ...link.versions, [side]: version },
    seen: result.item?.seen === undefined ? link.seen : { ...link.seen, [side]: result.item.seen },
    scope: result.item?.scope === undefined ? link.scope : { ...link.scope, [side]: result.item.scope },
  };
}

interface After {
  readonly base: Base | undefined;
  readonly rewrites: Link['rewrites'];
  /** The item holds what both sides agreed on, or what this server is known to make of it. */
  readonly isExpected: boolean;
}

function baseAfter(link: Link, write: StagedWrite, result: Done, rules: Rules, base: Base | undefined, readBack: boolean): After {
  if (!base || !result.item || write.kind === 'delete') return { base, rewrites: link.rewrites, isExpected: true };
  const stored = rules.digests.entity(result.item.entity);
  const sent = baseOf(base, write.side);
  const held = onlyWritten(write, sent, stored);
  if (!readBack) return { base: withSide(rules, base, write.side, held), rewrites: link.rewrites, isExpected: changedFields(held, stored).length === 0 };
  let rewrites = link.rewrites;
  const fields: { [field: string]: string } = { ...held.fields };
  for (const field of changedFields(sent, held)) {
    const pair = { sent: sent.fields[field] ?? '', stored: stored.fields[field] ?? '' };
    const known = link.rewrites?.[field];
    if (known?.sent === pair.sent && known.stored === pair.stored) continue;
    rewrites = { ...rewrites, [field]: pair };
    fields[field] = pair.sent;
  }
  const isExpected = Object.keys(fields).every((field) => fields[field] === stored.fields[field]);
  return { base: withSide(rules, base, write.side, { whole: isExpected ? stored.whole : '', fields }), rewrites, isExpected };
}

/** Fields that the write did not carry are as they were agreed on: what else the item holds may be an edit that nobody has carried over. */
function onlyWritten(write: Exclude<StagedWrite, { kind: 'delete' }>, sent: Digests, stored: Digests): Digests {
  if (write.kind === 'create') return stored;
  const fields = { ...sent.fields };
  for (const field of Object.keys(write.fields)) fields[field] = stored.fields[field] ?? '';
  const isAll = Object.keys(stored.fields).every((field) => fields[field] === stored.fields[field]);
  return { whole: isAll ? stored.whole : '', fields };
}

function withSide(rules: Rules, base: Base, side: 'source' | 'target', digests: Digests): Base {
  return side === 'source' ? makeBase(rules, digests, baseOf(base, 'target')) : makeBase(rules, baseOf(base, 'source'), digests);
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/**
 * The change stays staged; the next attempt is due after an hour, doubling to a day, or when the side says. A system that gave no answer
 * may only have been restarted: then the first waits are one minute and eight.
 */
export function recordFailed(link: Link, problem: { code: string; message: string }, stamp: Stamp, retryAt?: number): Link {
  const attempts = (link.attempts ?? 0) + 1;
  const waitMs = problem.code === 'E_UNAVAILABLE' ? minuteMs * 8 ** (attempts - 1) : hourMs * 2 ** (attempts - 1);
  const dueAt = retryAt ?? stamp.now + Math.min(24 * hourMs, waitMs);
  return { ...link, state: 'failed', attempts, dueAt, problem, touched: stamp.seq, log: logged(link.log, note(stamp, 'failed', problem.code)) };
}

export function recordStopped(link: Link, state: 'parked' | 'waiting' | 'doubt', problem: { code: string; message: string }, stamp: Stamp): Link {
  // Once a person is asked, nobody looks again by himself.
  return { ...link, state, problem, dueAt: undefined, recheck: state === 'waiting' ? link.recheck : undefined, touched: stamp.seq, log: logged(link.log, note(stamp, state, problem.code)) };
}
