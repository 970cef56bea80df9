/**
 * Makes a connector's plan: takes the lease, reads every stream, decides and stages, lets the guard look at the whole, and
 * closes the run's row. A plan that changes nothing costs two writes to our tables: opening and closing that row.
 */
import { AnotherRunActive, ConnectorPaused } from '../base/errors.ts';
import { costOf, type PlanCosts } from '../sync/cost.ts';
import { notInSource } from '../sync/decide.ts';
import { guard, guardRosters, type Held } from '../sync/guard.ts';
import type { ItemId } from '../sync/item.ts';
import type { SideName } from '../sync/link.ts';
import type { Connector, Stream } from './connector.ts';
import { planStream, type StreamPlan } from './plan-stream.ts';
import { isTaken, newLease, refuseWithoutLease } from './leases.ts';
import type { ConnectorState, SideMemory, World } from './ports.ts';
import { rostersOf } from './rosters.ts';
import type { Stamp } from './stage.ts';
import type { Want } from './side.ts';
import { countedWithdrawals } from './word.ts';

export interface PlanOptions {
  readonly full?: boolean | undefined;
  readonly dry?: boolean | undefined;
  readonly only?: string | undefined;
  /** Look at these items alone: what a webhook, or a person, says has changed. */
  readonly hints?: readonly Hint[] | undefined;
  /** Asked between steps: a function that nears its time limit stops, and the next one continues the same plan. */
  readonly mustStop?: (() => boolean) | undefined;
}

export interface Hint {
  readonly stream: string;
  readonly side: SideName;
  readonly ids: readonly ItemId[];
}

export interface Planned {
  readonly run: string;
  readonly plan: string;
  readonly streams: readonly StreamPlan[];
  readonly held: readonly Held[];
  readonly cost: PlanCosts | undefined;
  /** Cursors and withdrawals to be remembered when the run's row is closed. */
  readonly close: (state: ConnectorState) => ConnectorState;
}

const dayMs = 24 * 3_600_000;

/** Sortable by time, and unique: no two runs of a connector share a number. */
export const runId = (now: number, seq: number): string => `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}-${seq}`;

/** @throws ConnectorPaused. @throws AnotherRunActive when the lease is somebody's; the trigger is then remembered in the row. */
export async function openRun(world: World, connector: Connector): Promise<{ readonly state: ConnectorState; readonly run: string }> {
  const now = world.clock.now();
  const opened = await world.runs.change((state) => {
    if (state.paused) return undefined;
    if (isTaken(world, state.lease)) return state.again ? undefined : { ...state, again: true };
    const lease = newLease(world);
    const run = runId(now, state.seq + 1);
    return { ...state, seq: state.seq + 1, lease, again: undefined, last: { run, startedAt: now } };
  });
  refusePaused(opened, connector.id);
  if (opened.lease?.worker !== world.worker) throw new AnotherRunActive(connector.id);
  return { state: opened, run: runId(now, opened.seq) };
}

/** @throws ConnectorPaused */
export function refusePaused({ paused }: ConnectorState, connector: string): void {
  if (paused) throw new ConnectorPaused({ connector, since: new Date(paused.at).toISOString(), by: paused.by, why: paused.why });
}

export async function makePlan(world: World, connector: Connector, state: ConnectorState, run: string, options: PlanOptions): Promise<Planned> {
  const plan = run;
  const stamp: Stamp = { run, plan, now: world.clock.now(), seq: state.seq, guarded: true };
  const streams: StreamPlan[] = [];
  const held: Held[] = [];
  const memories: { [key: string]: SideMemory } = {};
  for (const stream of connector.streams) {
    if (options.only !== undefined && options.only !== stream.name) continue;
    await stream.source.prepare?.(!options.dry);
    await stream.target.prepare?.(!options.dry);
    const wants = { source: want(state, stream, 'source', stamp.now, options), target: want(state, stream, 'target', stamp.now, options) };
    const planned = await planStream(world, stream, wants, stamp, options);
    streams.push(planned);
    held.push(...(await guardStream(world, state, stream, planned, stamp.now, plan)));
    if (options.hints) continue;
    for (const side of ['source', 'target'] as const) memories[memoryKey(stream, side)] = remembered(state, stream, side, planned, stamp.now);
  }
  const withdrawals = Object.fromEntries(streams.filter((one) => one.withdrawals > 0).map((one) => [one.stream, one.withdrawals]));
  const changes = streams.reduce((sum, one) => sum + one.staged.length, 0);
  const cost = planCost(connector, streams);
  if (!options.dry && changes > 0) await refuseWithoutLease(world, connector.id);
  if (!options.dry && changes > 0) await world.runs.savePlan({ id: plan, at: stamp.now, state: held.length > 0 ? 'held' : 'released', held, changes, withdrawals, ...(cost && { cost }) });
  if (!options.dry && changes > 0) await replaceEmptied(world, connector, plan);
  const close = (before: ConnectorState): ConnectorState => ({
    ...before,
    sides: { ...before.sides, ...memories },
    withdrawals: countedWithdrawals(before, held.length > 0 ? {} : withdrawals, stamp.now, plan),
  });
  return { run, plan, streams, held, cost, close };
}

function planCost({ budgets, streams }: Connector, planned: readonly StreamPlan[]): PlanCosts | undefined {
  const calls = new Map<string, number>();
  for (const { name, cost } of streams) {
    if (cost) calls.set(cost.system, (calls.get(cost.system) ?? 0) + (planned.find(({ stream }) => stream === name)?.calls ?? 0));
  }
  return costOf(budgets ?? [], calls);
}

/** Held plans all of whose changes went into a later one wait for nobody any more. */
async function replaceEmptied(world: World, connector: Connector, plan: string): Promise<void> {
  const held = (await world.runs.plans()).filter((one) => one.state === 'held' && one.id !== plan);
  if (held.length === 0) return;
  const standing = new Set<string>();
  for (const stream of connector.streams) {
    for await (const links of world.links.open(stream.name)) for (const link of links) if (link.pending) standing.add(link.pending.plan);
  }
  for (const one of held) if (!standing.has(one.id)) await world.runs.savePlan({ ...one, state: 'replaced' });
}

const memoryKey = (stream: Stream, side: SideName): string => `${stream.name}/${side}`;

/** A delta where there is a cursor for this very side; a full reading when it is due, asked for, or others have written. */
function want(state: ConnectorState, stream: Stream, side: SideName, now: number, options: PlanOptions): Want {
  if (options.hints) {
    const named = options.hints.filter((hint) => hint.stream === stream.name && hint.side === side);
    return { only: named.flatMap((hint) => hint.ids), full: false };
  }
  const { reads } = stream[side];
  if (reads === 'look-up' || reads === 'blind') return nothingRead;
  const memory = state.sides[memoryKey(stream, side)];
  const sameSide = memory !== undefined && (memory.candidate ?? memory.identity) === stream[side].identity();
  const due = memory?.fullAt === undefined || now - memory.fullAt >= stream.fullEveryMs;
  if (options.full || !sameSide || due || memory.fullNext) return { full: true, cursor: undefined };
  // Whatever a one-way target shows between two of its full readings would be left as it is: no call is spent on it.
  if (side === 'target' && reads === 'scan' && isOneWay(stream)) return nothingRead;
  return { full: memory.cursor === undefined, cursor: memory.cursor };
}

const nothingRead: Want = { only: [], full: false };

const isOneWay = ({ policy }: Stream): boolean => policy.targetNew === 'ignore' && policy.targetEdit !== 'accept' && policy.targetEdit !== 'review';

function remembered(state: ConnectorState, stream: Stream, side: SideName, planned: StreamPlan, now: number): SideMemory {
  const before = state.sides[memoryKey(stream, side)];
  const identity = stream[side].identity();
  const { end, scan, foreign } = planned.observed[side];
  const changed = before !== undefined && before.identity !== identity;
  return {
    identity: before?.identity ?? identity,
    candidate: changed ? identity : undefined,
    cursor: end.cursor,
    fullAt: scan ? now : before?.fullAt,
    fullNext: (end.kind === 'delta' && foreign) || planned.waits[side] ? true : undefined,
  };
}

async function guardStream(world: World, state: ConnectorState, stream: Stream, planned: StreamPlan, now: number, plan: string): Promise<Held[]> {
  if (planned.withdrawals === 0) return [];
  const made = (state.withdrawals[stream.name] ?? []).filter((entry) => entry.at > now - dayMs && entry.plan !== plan);
  const held = await heldWithdrawals(world, stream, plan);
  const recent = made.reduce((sum, entry) => sum + entry.count, 0) + held.size;
  let linked = 0;
  const standing = { source: 0, target: 0 };
  // A share of all links: some that are recorded in this very moment do not move it.
  for await (const heads of world.links.heads(stream.name, { mayLag: true })) {
    for (const head of heads) {
      if (head.state === 'gone') continue;
      if (head.ids.source !== '') standing.source++;
      if (head.ids.target !== '') standing.target++;
      if (head.ids.source !== '' && head.ids.target !== '') linked++;
    }
  }
  const emptied = (['source', 'target'] as const).filter((side) => planned.observed[side].scan?.read === 0 && standing[side] > 0).map((side) => stream[side].system);
  const changedSides = (['source', 'target'] as const).filter((side) => {
    const memory = state.sides[memoryKey(stream, side)];
    return memory !== undefined && memory.identity !== stream[side].identity();
  }).map((side) => stream[side].system);
  const foreign = planned.changes.filter(({ kind, reason }) => kind === 'delete' && reason === notInSource).length;
  const reasons = guard(stream.guard, { stream: stream.name, planned: planned.withdrawals, recent, linked: linked + recent - held.size, foreign, emptied, changedSides });
  // Where the whole stream loses too much, no roster has to be read to say so.
  if (reasons.some(({ code }) => code === 'TOO_MANY_WITHDRAWALS')) return reasons;
  return [...reasons, ...guardRosters(stream.guard, stream.name, await rostersOf(world, stream, { planned: planned.withdrawn, held, recent }, now))];
}

/** What other plans want to withdraw and a person has not released, by the keys of the links: it counts as long as it stands. */
async function heldWithdrawals(world: World, stream: Stream, plan: string): Promise<ReadonlySet<string>> {
  const wanted: { readonly key: string; readonly plan: string }[] = [];
  for await (const links of world.links.open(stream.name, { mayLag: true })) {
    for (const { key, pending } of links) {
      if (pending && pending.plan !== plan && pending.writes.some((write) => write.kind === 'delete')) wanted.push({ key, plan: pending.plan });
    }
  }
  const held = new Set<string>();
  for (const [other, some] of Map.groupBy(wanted, (one) => one.plan)) {
    if ((await world.runs.plan(other))?.state === 'held') for (const { key } of some) held.add(key);
  }
  return held;
}
