/**
 * The worker: takes link keys, loads the links, and brings each as far as it can be brought now: re-check, claim, one call,
 * record. A message is only a hint, so a copy of it, or one that comes late, finds nothing left to do.
 */
import type { Item } from '../sync/item.ts';
import { idOn, type Link, type SideName, type StagedWrite } from '../sync/link.ts';
import type { LinkOutcome } from '../sync/report.ts';
import { recordAnswers, type Answered } from './answers.ts';
import type { Stream } from './connector.ts';
import { asOnlyWriter } from './leases.ts';
import { findableAt, isClaimed, lateAfter, madeTwice, sideWrite, withTwins } from './open-creates.ts';
import { leaseMs, type LinkSave, type World } from './ports.ts';
import { rulesOf } from './plan-stream.ts';
import { recordFailed, recordStopped } from './record.ts';
import { withReferences } from './references.ts';
import type { Side } from './side.ts';
import { note, refreshed, save, stampNow, type Worker } from './worker.ts';

/** Staged values older than this are read again before they are written. */
const staleAfterMs = 15 * 60_000;

export type Collect = (made: readonly LinkOutcome[]) => void;

export interface Applied {
  readonly outcomes: readonly LinkOutcome[];
  readonly woken: readonly Link[];
}

/**
 * Applies what is staged on these links, as far as their plans are released.
 * @param stopped  Told what was done before it was stopped, where it throws.
 * @throws what stops the whole connector (sign-in, quota, vendor out of reach); what was not done stays staged.
 */
export async function applyLinks(world: World, stream: Stream, run: string, keys: readonly string[], stopped: Collect = () => {}): Promise<Applied> {
  const worker: Worker = { world, stream, rules: rulesOf(world, stream), run, outcomes: new Map(), woken: [] };
  try {
    await workOn(worker, keys);
  } catch (error) {
    stopped([...worker.outcomes.values()]);
    throw error;
  }
  return { outcomes: [...worker.outcomes.values()], woken: worker.woken };
}

async function workOn(worker: Worker, keys: readonly string[]): Promise<void> {
  const { world, stream } = worker;
  const released = await releasedOnly(worker, await world.links.byKeys(stream.name, keys));
  const isStale = ({ pending }: Link): boolean => pending !== undefined && (pending.large === true || world.clock.now() - pending.at > staleAfterMs);
  let links = [...released.filter((link) => !isStale(link)), ...(await refreshed(worker, released.filter(isStale)))];
  for (let round = 0; links.length > 0; round++) {
    const again: Link[] = [];
    for (const side of ['source', 'target'] as const) {
      const mine = links.filter((link) => link.pending?.writes[0]?.side === side);
      if (mine.length === 0) continue;
      const write = () => writeSide(worker, side, mine, round);
      const more = stream[side].oneWriter ? await asOnlyWriter(world, stream[side].system, write) : await write();
      if (more) again.push(...more);
      else for (const link of mine) note(worker, link, anotherWrites);
    }
    const open = await releasedOnly(worker, again);
    links = [...open.filter(hasValues), ...(await refreshed(worker, open.filter((link) => !hasValues(link))))];
  }
}

/** A row that came back from the table without its values must not be written as if it had none. */
function hasValues({ pending }: Link): boolean {
  return pending?.large !== true;
}

const anotherWrites = { kind: 'waiting', what: 'WRITER_BUSY', problem: { code: 'WRITER_BUSY', message: 'another worker is writing there' } } as const;

/** Held means held: whatever the message says, the link's own plan decides. */
async function releasedOnly(worker: Worker, links: readonly Link[]): Promise<Link[]> {
  const released = new Map<string, boolean>();
  for (const plan of new Set(links.map((link) => link.pending?.plan))) {
    if (plan !== undefined) released.set(plan, (await worker.world.runs.plan(plan))?.state === 'released');
  }
  return links.filter((link) => link.pending !== undefined && link.state !== 'parked' && released.get(link.pending.plan) === true);
}

/** One wave of writes on one side; returns the links that need another round. */
async function writeSide(worker: Worker, sideName: SideName, links: readonly Link[], round: number): Promise<Link[]> {
  const side = worker.stream[sideName];
  const ready = await prepare(worker, links);
  const again: Link[] = [];
  for (let at = 0; at < ready.length; at += side.batchMax) {
    const part = await claimed(worker, sideName, ready.slice(at, at + side.batchMax));
    const open = part.filter(({ item }) => item === undefined);
    const results = open.length > 0 ? await side.write(open.map(({ link, write }) => sideWrite(link, write))) : [];
    const answers = [
      ...part.flatMap(({ link, write, item }): Answered[] => (item ? [{ link, write, result: { kind: 'exists', id: item.id }, item }] : [])),
      ...open.map(({ link, write }, index): Answered => ({ link, write, result: results[index] ?? unanswered })),
    ];
    again.push(...(await recordAnswers(worker, sideName, answers, round)));
    worker.world.progress?.({ stream: worker.stream.name, phase: 'apply', done: part.length });
  }
  return again;
}

/** A side that answers fewer results than it got writes has a bug; the write may have happened. */
const unanswered = { kind: 'lost', sent: true, code: 'E_UNANSWERED' } as const;

interface Ready {
  readonly link: Link;
  readonly write: StagedWrite;
  /** What an earlier try of the same create left there. */
  readonly item?: Item | undefined;
}

/** Puts parents' ids in; what has to wait is recorded as waiting. */
async function prepare(worker: Worker, links: readonly Link[]): Promise<Ready[]> {
  const ready: Ready[] = [];
  for (const link of links) {
    const staged = link.pending?.writes[0];
    if (!staged) continue;
    const write = await withReferences({ links: worker.world.links, stream: worker.stream }, link, staged);
    if ('wait' in write) await save(worker, link, recordStopped(link, 'waiting', { code: 'WAITS', message: write.wait }, await stampNow(worker, link.pending?.plan)));
    else ready.push({ link, write });
  }
  return ready;
}

/** The id that the call carries is in the claim before the call; a claim that is taken over asks for another look in the next run. */
function claimedBy({ world }: Worker, side: Side, link: Link, write: StagedWrite): Link {
  const isTakenOver = link.claim !== undefined && link.claim.worker !== world.worker;
  return {
    ...link,
    claim: { worker: world.worker, until: world.clock.now() + leaseMs, key: write.kind === 'create' ? write.key : (idOn(link, write.side) ?? '') },
    recheck: isTakenOver ? true : link.recheck,
    // Where the id or the key is ours, a create that comes twice makes one item.
    late: side.power === 'find' ? lateAfter(world, link, write, side) : link.late,
  };
}

/** Calls without a version are claimed first; whoever finds an older claim looks for what it may have left. */
async function claimed(worker: Worker, sideName: SideName, ready: readonly Ready[]): Promise<Ready[]> {
  const { world, stream } = worker;
  const now = world.clock.now();
  const needs = ({ write }: Ready): boolean => write.kind === 'create' || !stream[sideName].versioned;
  const blocked = (link: Link): boolean => isClaimed(world, link);
  const hidden = ({ link, write }: Ready): boolean => write.kind === 'create' && link.claim !== undefined && findableAt(link.claim, stream[sideName]) > now;
  const free = ready.filter((one) => !blocked(one.link) && !hidden(one));
  for (const { link } of ready.filter((one) => !blocked(one.link) && hidden(one))) {
    const dueAt = link.claim && findableAt(link.claim, stream[sideName]);
    await save(worker, link, recordFailed(link, { code: 'NOT_FINDABLE_YET', message: 'an earlier create may have happened; the search shows it later' }, await stampNow(worker, link.pending?.plan), dueAt));
  }
  for (const { link } of ready.filter((one) => blocked(one.link))) note(worker, link, { kind: 'waiting', what: 'CLAIMED', problem: { code: 'CLAIMED', message: 'another worker is writing it' } });
  const toClaim = free.filter(needs);
  const saves = toClaim.map(({ link, write }): LinkSave => ({ link: claimedBy(worker, stream[sideName], link, write), was: link }));
  const results = saves.length > 0 ? await world.links.save(saves) : [];
  const rows = toClaim.flatMap((one, at): Ready[] => {
    const result = results[at];
    return result === undefined || result === 'refused' ? [] : [{ ...one, link: result.link, item: undefined }];
  });
  const suspects = rows.filter((one) => toClaim.find((before) => before.link.key === one.link.key)?.link.claim !== undefined && one.write.kind === 'create');
  const looked = suspects.length > 0 ? await stream[sideName].lookForOurs(suspects.map(({ link, write }) => sideWrite(link, write))) : [];
  const found = new Map(suspects.map((one, at) => [one.link.key, looked[at]]));
  const done: Ready[] = free.filter((one) => !needs(one));
  for (const one of rows) {
    const ours = found.get(one.link.key) ?? [];
    const [item] = ours;
    if (ours.length > 1) await save(worker, one.link, recordStopped({ ...one.link, late: withTwins(world, one.link, one.write, ours) }, 'parked', madeTwice, await stampNow(worker, one.link.pending?.plan)));
    else if (item === undefined && found.has(one.link.key) && stream[sideName].power === 'none') await save(worker, one.link, recordStopped(one.link, 'doubt', { code: 'MAYBE_MADE', message: 'an earlier create may have happened; the system cannot tell' }, await stampNow(worker, one.link.pending?.plan)));
    else done.push({ ...one, item });
  }
  return done;
}

