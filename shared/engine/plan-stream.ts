/**
 * Plans one stream: reads the target, and the source after or beside it; pairs what is new; decides every link that either side stirred; saves
 * each change on its link. What a planner before it left without judgement becomes part of this plan, so that one which was
 * interrupted goes on where it stopped.
 */
import { PlanInterrupted } from '../base/errors.ts';
import type { Rules } from '../sync/views.ts';
import { digester } from '../sync/digest.ts';
import type { Item } from '../sync/item.ts';
import type { Link, SideName } from '../sync/link.ts';
import type { LinkOutcome, PlannedChange } from '../sync/report.ts';
import type { Stream } from './connector.ts';
import { linkedCases, type Planner } from './linked-cases.ts';
import { newCases } from './new-cases.ts';
import { beginReading, observe, type Observed } from './observe.ts';
import type { LinkSave, World } from './ports.ts';
import type { Case } from './case.ts';
import { lookAgain, resolveCases, shownId } from './resolve.ts';
import type { Stamp } from './stage.ts';
import type { Want } from './side.ts';

export interface StreamPlan {
  readonly stream: string;
  readonly observed: Readonly<Record<SideName, Observed>>;
  /** Items were left for the next run, which therefore has to read that side whole. */
  readonly waits: Readonly<Record<SideName, boolean>>;
  readonly outcomes: readonly LinkOutcome[];
  /** Keys of links with a change staged in this plan; what is needed first comes first. */
  readonly staged: readonly string[];
  /** How many of them are needed within half an hour. */
  readonly urgent: number;
  /** Links whose change is staged in an earlier plan, and still what is wanted. */
  readonly standing: readonly Link[];
  readonly changes: readonly PlannedChange[];
  readonly withdrawals: number;
  /** What is staged takes so many at most, by the stream's `cost`; what earlier plans have left to do is in it. */
  readonly calls: number;
  /** The links that this plan withdraws, on either side. */
  readonly withdrawn: readonly Pick<Link, 'key' | 'parents'>[];
}

type ObserveContext = Parameters<typeof observe>[0];

const chunk = 500;
const urgentMs = 30 * 60_000;

export function rulesOf(world: Pick<World, 'digestKey' | 'clock'>, stream: Stream): Rules {
  return { policy: stream.policy, digests: digester(world.digestKey, stream.fields), shape: stream.shape, keyFor: stream.keyFor, childrenStay: stream.childrenStay, now: world.clock.now() };
}

export interface StreamPlanOptions {
  readonly dry?: boolean | undefined;
  readonly mustStop?: (() => boolean) | undefined;
}

/** @throws PlanInterrupted when `mustStop` says so; what is staged by then stays staged, and the next plan takes it over. */
export async function planStream(world: World, stream: Stream, wants: Record<SideName, Want>, stamp: Stamp, options: StreamPlanOptions): Promise<StreamPlan> {
  const rules = rulesOf(world, stream);
  const read = { source: 0, target: 0 };
  const context = (sideName: SideName) => ({
    links: world.links, stream: stream.name, sideName, side: stream[sideName], digests: rules.digests, shape: stream.shape,
    onPage: (lines: number) => {
      read[sideName] = lines;
      world.progress?.({ stream: stream.name, phase: 'read', done: read.source + read.target });
    },
  });
  const observed = await readBoth(stream, wants, context);
  const tally = new Tally(stream.name, stamp.plan);
  const dry = options.dry === true;
  const standing: Link[] = [];
  for await (const links of world.links.open(stream.name)) standing.push(...links);
  const { open, staged } = dry ? { open: standing, staged: [] } : await takenOver(world, standing, stamp);
  const planner: Planner = { world, stream, rules, stamp, observed, open };
  tally.add([], staged);
  const fresh = await newCases(planner);
  const cases = [...(await linkedCases(planner)), ...fresh.cases];
  for (const side of ['source', 'target'] as const) tally.add(fresh.waiting[side].map((item) => waitingItem(stream.name, side, item)), []);
  for (let at = 0; at < cases.length; at += chunk) {
    if (options.mustStop?.()) throw new PlanInterrupted({ decided: at, total: cases.length });
    await decideChunk(planner, tally, cases.slice(at, at + chunk), dry);
    world.progress?.({ stream: stream.name, phase: 'decide', done: Math.min(cases.length, at + chunk), total: cases.length });
  }
  if (!dry) await forgetTombstones(planner);
  const waits = { source: fresh.waiting.source.length > 0, target: fresh.waiting.target.length > 0 };
  return { stream: stream.name, observed, waits, ...tally.result(stamp.now + urgentMs), calls: callsFor(stream, tally.stillToWrite(standing)) };
}

/** A source that may be read beside the target has all its reading done meanwhile: most of a quiet run is waiting for the slower of the two. */
async function readBoth(stream: Stream, wants: Record<SideName, Want>, context: (side: SideName) => ObserveContext): Promise<Record<SideName, Observed>> {
  const begun = beginReading(stream.source, wants.source);
  const givesUp = new AbortController();
  const beside = begun && observe(stoppedBy(givesUp.signal, context('source')), wants.source, begun);
  beside?.catch(() => undefined); // thrown where it is awaited, which may be much later
  try {
    const target = await observe(context('target'), wants.target);
    return { target, source: await (beside ?? observe(context('source'), wants.source)) };
  } finally {
    givesUp.abort();
    await beside?.catch(() => undefined); // no call outlives its run
  }
}

/** After the call that is under way, no other one is made. */
const stoppedBy = (signal: AbortSignal, context: ObserveContext): ObserveContext => ({
  ...context,
  onPage: (read) => {
    signal.throwIfAborted();
    context.onPage?.(read);
  },
});

function callsFor({ cost }: Stream, links: readonly Link[]): number {
  if (cost === undefined) return 0;
  return links.flatMap(({ pending }) => pending?.writes ?? []).reduce((sum, write) => sum + cost.calls(write), 0);
}

const tombstoneMs = 90 * 86_400_000; // longer than any trash bin keeps things that may be restored

/** A tombstone goes only when complete scans of both sides, in this very run, showed nothing of it: never while nobody looks. */
async function forgetTombstones({ world, stream, stamp, observed }: Planner): Promise<void> {
  if (!observed.source.scan || !observed.target.scan) return;
  const gone: string[] = [];
  for await (const heads of world.links.heads(stream.name)) {
    for (const head of heads) if (head.state === 'gone') gone.push(head.key);
  }
  for (const link of await world.links.byKeys(stream.name, gone)) {
    const isSeen = observed.source.items.has(link.sourceId ?? '') || observed.target.items.has(link.targetId ?? '');
    if (link.state === 'gone' && !isSeen && (link.goneAt ?? Infinity) < stamp.now - tombstoneMs) await world.links.remove(link);
  }
}

function waitingItem(stream: string, side: SideName, item: Item): LinkOutcome {
  const problem = { code: 'MAY_BE_OURS', message: 'a create is still open on this side; looked at again in the next run' };
  return { stream, link: `${side}:${item.id}`, id: item.id, kind: 'waiting', what: problem.code, problem };
}

/**
 * What is staged under this plan already, and what a planner that died or had to stop left under a plan that was never judged: it
 * moves into this one, so that the guard sees it. Whoever goes on under the old name finds the rows changed.
 */
async function takenOver(world: World, open: readonly Link[], stamp: Stamp): Promise<{ open: readonly Link[]; staged: readonly Link[] }> {
  const isJudged = new Map<string | undefined, boolean>([[stamp.plan, true], [undefined, true]]);
  for (const plan of new Set(open.map(({ pending }) => pending?.plan))) {
    if (plan !== undefined && plan !== stamp.plan) isJudged.set(plan, (await world.runs.plan(plan)) !== undefined);
  }
  const orphans = open.filter(({ pending }) => isJudged.get(pending?.plan) === false);
  const saves = orphans.map((was): LinkSave => ({ link: { ...was, pending: was.pending && { ...was.pending, plan: stamp.plan } }, was }));
  const results = saves.length > 0 ? await world.links.save(saves) : [];
  const moved = new Map(results.flatMap((result) => (result === 'refused' ? [] : [[result.link.key, result.link]])));
  const now = open.map((link) => moved.get(link.key) ?? link);
  return { open: now, staged: now.filter(({ pending, state }) => pending?.plan === stamp.plan && state === 'pending') };
}

async function decideChunk(planner: Planner, tally: Tally, cases: readonly Case[], dry: boolean): Promise<void> {
  const { world, stream, rules, stamp } = planner;
  const resolved = await resolveCases(world, stream, rules, cases, stamp, stamp.seq, dry);
  tally.add(resolved.outcomes, resolved.staged);
  if (resolved.hints.length === 0 || dry) return;
  // Somebody wrote these links while we were reading: what we saw may be older than what they know. Look now, once.
  const links = await world.links.byKeys(stream.name, resolved.hints);
  const again = await resolveCases(world, stream, rules, await lookAgain(stream, links), stamp, Infinity, dry);
  tally.add(again.outcomes, again.staged);
}

class Tally {
  private readonly stream: string;
  private readonly plan: string;
  private readonly outcomes = new Map<string, LinkOutcome>();
  private readonly staged = new Map<string, Link>();

  constructor(stream: string, plan: string) {
    this.stream = stream;
    this.plan = plan;
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

  /** What is staged now, and of what was staged before all that nothing was decided about and no person is asked about. */
  stillToWrite(before: readonly Link[]): readonly Link[] {
    const left = before.filter(({ key, state }) => !this.staged.has(key) && !this.outcomes.has(key) && state !== 'parked' && state !== 'doubt');
    return [...this.staged.values(), ...left];
  }

  /** @param urgentUntil  Epoch ms. */
  result(urgentUntil: number) {
    const all = [...this.staged.values()];
    const links = all.filter(({ pending }) => pending?.plan === this.plan).sort((a, b) => (a.neededBy ?? Infinity) - (b.neededBy ?? Infinity) || 0);
    const changes = links.flatMap((link) => (link.pending?.writes ?? []).map((write): PlannedChange => ({
      stream: this.stream, id: shownId(link), side: write.side, kind: write.kind,
      fields: write.kind === 'update' ? Object.keys(write.fields) : [], reason: write.reason,
    })));
    return {
      outcomes: [...this.outcomes.values()],
      staged: links.map((link) => link.key),
      urgent: links.filter(({ neededBy = Infinity }) => neededBy <= urgentUntil).length,
      standing: all.filter(({ pending }) => pending?.plan !== this.plan),
      changes,
      withdrawals: changes.filter((change) => change.kind === 'delete').length,
      withdrawn: links.filter(({ pending }) => pending?.writes.some(({ kind }) => kind === 'delete')).map(({ key, parents }) => ({ key, parents })),
    };
  }
}
