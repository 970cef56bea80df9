/**
 * The worker: takes link keys, loads the links, and brings each as far as it can be brought now: re-check, claim, one call,
 * record. A message is only a hint, so a copy of it, or one that comes late, finds nothing left to do.
 */
import type { Item } from '../sync/item.ts';
import { idOn, type Link, type SideName, type StagedWrite } from '../sync/link.ts';
import type { LinkOutcome } from '../sync/report.ts';
import type { Rules } from '../sync/decide.ts';
import type { Stream } from './connector.ts';
import { leaseMs, type LinkSave, type World } from './ports.ts';
import { rulesOf } from './plan-stream.ts';
import { recordDone, recordFailed, recordStopped } from './record.ts';
import { withReferences, wokenBy } from './references.ts';
import { lookAgain, outcomeOf, resolveCases, shownId } from './resolve.ts';
import type { SideWrite, WriteResult } from './side.ts';
import type { Stamp } from './stage.ts';

/** Staged values older than this are read again before they are written. */
const staleAfterMs = 15 * 60_000;
const roundsMax = 3;

interface Worker {
  readonly world: World;
  readonly stream: Stream;
  readonly rules: Rules;
  readonly run: string;
  readonly outcomes: Map<string, LinkOutcome>;
  /** Links of other plans or streams that can go on now. */
  readonly woken: Link[];
}

export interface Applied {
  readonly outcomes: readonly LinkOutcome[];
  readonly woken: readonly Link[];
}

/**
 * Applies what is staged on these links, as far as their plans are released.
 * @throws what stops the whole connector (sign-in, quota, vendor out of reach); what was not done stays staged.
 */
export async function applyLinks(world: World, stream: Stream, run: string, keys: readonly string[]): Promise<Applied> {
  const worker: Worker = { world, stream, rules: rulesOf(world, stream), run, outcomes: new Map(), woken: [] };
  let links = await releasedOnly(worker, await world.links.byKeys(stream.name, keys));
  links = await refreshed(worker, links, (link) => link.pending !== undefined && (link.pending.large === true || world.clock.now() - link.pending.at > staleAfterMs));
  for (let round = 0; links.length > 0; round++) {
    const again: Link[] = [];
    for (const side of ['source', 'target'] as const) {
      const mine = links.filter((link) => link.pending?.writes[0]?.side === side);
      if (mine.length > 0) again.push(...(await writeSide(worker, side, mine, round)));
    }
    links = await releasedOnly(worker, again);
  }
  return { outcomes: [...worker.outcomes.values()], woken: worker.woken };
}

/** Held means held: whatever the message says, the link's own plan decides. */
async function releasedOnly(worker: Worker, links: readonly Link[]): Promise<Link[]> {
  const released = new Map<string, boolean>();
  for (const plan of new Set(links.map((link) => link.pending?.plan))) {
    if (plan !== undefined) released.set(plan, (await worker.world.runs.plan(plan))?.state === 'released');
  }
  return links.filter((link) => link.pending !== undefined && link.state !== 'parked' && released.get(link.pending.plan) === true);
}

async function stamp(worker: Worker, plan: string): Promise<Stamp> {
  // Read after the call and before the record: a scan that began in between then sees that this link moved.
  const { seq } = await worker.world.runs.state();
  return { run: worker.run, plan, now: worker.world.clock.now(), seq };
}

/** Reads both sides of some links again and decides anew; the others pass through. */
async function refreshed(worker: Worker, links: readonly Link[], when: (link: Link) => boolean): Promise<Link[]> {
  const old = links.filter(when);
  if (old.length === 0) return [...links];
  const kept = links.filter((link) => !when(link));
  const byPlan = Map.groupBy(old, (link) => link.pending?.plan ?? '');
  for (const [plan, group] of byPlan) {
    const cases = await lookAgain(worker.stream, group);
    const resolved = await resolveCases(worker.world, worker.stream, worker.rules, cases, await stamp(worker, plan), Infinity);
    for (const outcome of resolved.outcomes) worker.outcomes.set(outcome.link, outcome);
    kept.push(...resolved.staged);
  }
  return kept;
}

/** One wave of writes on one side; returns the links that need another round. */
async function writeSide(worker: Worker, sideName: SideName, links: readonly Link[], round: number): Promise<Link[]> {
  const side = worker.stream[sideName];
  const ready = await prepare(worker, links);
  const again: Link[] = [];
  for (let at = 0; at < ready.length; at += side.batchMax) {
    const part = await claimed(worker, sideName, ready.slice(at, at + side.batchMax));
    const found = part.filter(({ item }) => item !== undefined);
    const open = part.filter(({ item }) => item === undefined);
    const results = open.length > 0 ? await side.write(open.map(({ link, write }) => sideWrite(link, write))) : [];
    const answers: [Ready, WriteResult][] = [
      ...found.map((one): [Ready, WriteResult] => [one, { kind: 'exists', id: (one.item as Item).id }]),
      ...open.map((one, index): [Ready, WriteResult] => [one, results[index] as WriteResult]),
    ];
    again.push(...(await recordAll(worker, sideName, answers, round)));
    worker.world.progress?.({ stream: worker.stream.name, phase: 'apply', done: part.length });
  }
  return again;
}

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
    const write = await withReferences(worker.world, link, link.pending?.writes[0] as StagedWrite);
    if ('wait' in write) await save(worker, link, recordStopped(link, 'waiting', { code: 'WAITS', message: write.wait }, await stamp(worker, link.pending?.plan ?? '')));
    else ready.push({ link, write });
  }
  return ready;
}

function sideWrite(link: Link, write: StagedWrite): SideWrite {
  const version = link.versions[write.side];
  return {
    staged: write,
    id: write.kind === 'create' ? undefined : idOn(link, write.side),
    version: write.kind === 'create' ? undefined : version,
    ours: write.side === 'target' && link.ours !== undefined && link.ours === version,
    otherId: idOn(link, write.side === 'source' ? 'target' : 'source'),
  };
}

/** Calls without a version are claimed first; whoever finds an older claim looks for what it may have left. */
async function claimed(worker: Worker, sideName: SideName, ready: readonly Ready[]): Promise<Ready[]> {
  const { world, stream } = worker;
  const now = world.clock.now();
  const needs = ({ write }: Ready): boolean => write.kind === 'create' || !stream[sideName].versioned;
  const blocked = (link: Link): boolean => link.claim !== undefined && link.claim.worker !== world.worker && link.claim.until > now && !world.isDead(link.claim.worker);
  const free = ready.filter(({ link }) => !blocked(link));
  for (const { link } of ready.filter((one) => blocked(one.link))) note(worker, link, 'waiting', 'CLAIMED', 'another worker is writing it');
  const toClaim = free.filter(needs);
  const saves = toClaim.map(({ link, write }): LinkSave => ({ link: { ...link, claim: { worker: world.worker, until: now + leaseMs, key: write.kind === 'create' ? write.key : (idOn(link, sideName) ?? '') }, recheck: link.claim && link.claim.worker !== world.worker ? true : link.recheck }, was: link }));
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
    const item = found.get(one.link.key);
    if (item === 'several') await save(worker, one.link, recordStopped(one.link, 'parked', { code: 'MADE_TWICE', message: 'several items there carry our reference' }, await stamp(worker, one.link.pending?.plan ?? '')));
    else if (item === undefined && found.has(one.link.key) && stream[sideName].power === 'none') await save(worker, one.link, recordStopped(one.link, 'doubt', { code: 'MAYBE_MADE', message: 'an earlier create may have happened; the system cannot tell' }, await stamp(worker, one.link.pending?.plan ?? '')));
    else done.push({ ...one, item });
  }
  return done;
}

async function recordAll(worker: Worker, sideName: SideName, answers: readonly [Ready, WriteResult][], round: number): Promise<Link[]> {
  const at = await stamp(worker, answers[0]?.[0].link.pending?.plan ?? '');
  const saves: LinkSave[] = [];
  const more: Link[] = [];
  const lookups: [Ready, WriteResult][] = [];
  for (const [ready, result] of answers) {
    const { link, write } = ready;
    if (result.kind === 'done' && result.version === undefined && result.item === undefined && write.kind !== 'delete') lookups.push([ready, result]);
    else if (result.kind === 'done') saves.push({ link: recordDone(link, write, result, worker.rules, at, false), was: link });
    else if (result.kind === 'missing' && write.kind === 'delete') saves.push({ link: recordDone(link, write, { kind: 'done', id: idOn(link, sideName) ?? '' }, worker.rules, at, false), was: link });
    else if (result.kind === 'refused') saves.push({ link: recordFailed({ ...link, claim: undefined }, result, at), was: link });
    else if (result.kind === 'parked') saves.push({ link: recordStopped({ ...link, claim: undefined }, 'parked', result, at), was: link });
    else if (round + 1 >= roundsMax) saves.push({ link: recordFailed(link, unsettled(result), at, result.kind === 'lost' ? result.retryAt : undefined), was: link });
    else lookups.push([ready, result]);
  }
  for (const saved of await saveAll(worker, saves)) if (saved.pending && saved.state === 'pending') more.push(saved);
  return [...more, ...(await lookAfter(worker, sideName, lookups, at))];
}

function unsettled(result: WriteResult): { code: string; message: string } {
  if (result.kind === 'lost') return { code: result.code, message: 'no usable answer; tried again later' };
  return { code: result.kind === 'stale' ? 'E_STALE' : 'E_UNSETTLED', message: 'it keeps changing under our hands; tried again later' };
}

/** Answers that ask for a look: no version, a newer version, something there already, no answer at all. */
async function lookAfter(worker: Worker, sideName: SideName, answers: readonly [Ready, WriteResult][], at: Stamp): Promise<Link[]> {
  const again: Link[] = [];
  const { stream, world, rules } = worker;
  for (const [{ link, write }, result] of answers.filter(([, one]) => one.kind === 'lost' && !one.sent)) {
    void write;
    void result;
    again.push({ ...link });
  }
  const creates = answers.filter(([{ write }, result]) => write.kind === 'create' && result.kind === 'lost' && result.sent);
  for (const [{ link }] of creates) again.push(link);
  for (const [{ link, write }, result] of answers) {
    const id = result.kind === 'done' || result.kind === 'exists' ? (result.id ?? (write.kind === 'create' ? write.key : undefined)) : undefined;
    if (id === undefined) continue;
    const [looked] = await stream[sideName].lookUp([id]);
    const item = looked?.kind === 'present' ? looked.item : undefined;
    if (result.kind === 'done' && item) again.push(...open(await saveAll(worker, [{ link: recordDone(link, write, { ...result, item, version: item.version }, rules, at, true), was: link }])));
    else if (item && (item.id === link.claim?.key || item.reference === idOn(link, sideName === 'source' ? 'target' : 'source') || isClaimed(item, link))) again.push(...(await adopt(worker, sideName, link, item, at)));
    else await saveAll(worker, [{ link: recordStopped(link, 'parked', { code: 'NOT_OURS', message: 'something else stands under the id that ours would have' }, at), was: link }]);
  }
  const unclear = answers.filter(([{ write }, result]) => result.kind === 'stale' || (result.kind === 'missing' && write.kind !== 'delete') || (result.kind === 'lost' && result.sent && write.kind !== 'create') || (result.kind === 'exists' && result.id === undefined && write.kind !== 'create'));
  if (unclear.length > 0) {
    const links = await world.links.byKeys(stream.name, unclear.map(([{ link }]) => link.key));
    again.push(...(await refreshed(worker, links, () => true)));
  }
  return again;
}

const isClaimed = (item: Item, link: Link): boolean => item.matchKeys?.some((key) => key.strength === 'sure' && key.text === `uid:${link.claim?.key ?? ''}`) === true;

/** Ours, from a try whose answer was lost: equal is done, different is an update. */
async function adopt(worker: Worker, sideName: SideName, link: Link, item: Item, at: Stamp): Promise<Link[]> {
  const { world, stream, rules } = worker;
  const write = link.pending?.writes[0] as StagedWrite;
  const entity = write.kind === 'create' ? write.entity : item.entity;
  const sent = rules.digests.entity(entity);
  const now = rules.digests.entity(item.entity);
  const [saved] = await saveAll(worker, [{ link: recordDone(link, write, { kind: 'done', id: item.id, version: item.version, item }, rules, at, false), was: link }]);
  if (!saved || sent.whole === now.whole) return [];
  const cases = await lookAgain(stream, [saved]);
  const resolved = await resolveCases(world, stream, rules, cases, at, Infinity);
  void sideName;
  return [...resolved.staged];
}

const open = (links: readonly Link[]): Link[] => links.filter((link) => link.pending !== undefined && link.state === 'pending');

async function save(worker: Worker, was: Link, link: Link): Promise<void> {
  await saveAll(worker, [{ link, was }]);
}

/** Saves what became of links; a row that moved meanwhile is read again and gets what we know, if it is still about our call. */
async function saveAll(worker: Worker, saves: readonly LinkSave[]): Promise<Link[]> {
  const { world, stream } = worker;
  const saved: Link[] = [];
  let left = [...saves];
  for (let attempt = 0; left.length > 0 && attempt < 4; attempt++) {
    const results = await world.links.save(left);
    const refused: LinkSave[] = [];
    for (const [at, result] of results.entries()) {
      if (result === 'refused') refused.push(left[at] as LinkSave);
      else saved.push(result.link);
    }
    if (refused.length === 0) break;
    const rows = new Map((await world.links.byKeys(stream.name, refused.map((one) => one.link.key))).map((link) => [link.key, link]));
    left = refused.flatMap((one) => rebased(world, one, rows.get(one.link.key)));
  }
  for (const link of saved) {
    note(worker, link);
    if (link.state === 'agreed' || link.state === 'gone') worker.woken.push(...(await wokenBy(world, link)));
  }
  return saved;
}

/** A newer staging came between: what both sides hold is still true, and the newer wish stays. A stranger's claim fences us off. */
function rebased(world: World, mine: LinkSave, row: Link | undefined): LinkSave[] {
  const was = mine.was;
  if (!row || !was) return [];
  if (row.claim && row.claim.worker !== world.worker) return [];
  if (row.pending?.id === was.pending?.id) return [{ link: { ...mine.link, rev: row.rev }, was: row }];
  const advanced = row.versions.source !== was.versions.source || row.versions.target !== was.versions.target;
  if (advanced || mine.link.state === 'failed' || mine.link.state === 'parked') return [];
  return [{ link: { ...mine.link, pending: row.pending, state: row.state, problem: row.problem, rev: row.rev }, was: row }];
}

function note(worker: Worker, link: Link, kind?: LinkOutcome['kind'], code?: string, message?: string): void {
  const made: LinkOutcome | undefined = kind && code
    ? { stream: link.stream, link: link.key, id: shownId(link), kind, what: code, problem: { code, message: message ?? '' } }
    : outcomeOf(link);
  if (made) worker.outcomes.set(link.key, made);
}

