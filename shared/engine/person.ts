/**
 * What a person may ask of a connector besides a run: have items looked at again, carry out one plan. A word about a conflict is in
 * settle.ts, what needs no system in word.ts. All of it works under the connector's lease.
 */
import { AnotherRunActive } from '../base/errors.ts';
import type { Link } from '../sync/link.ts';
import type { LinkOutcome, RunReport } from '../sync/report.ts';
import { applyLinks } from './apply.ts';
import type { Connector } from './connector.ts';
import { isTaken, leaseKeeper, newLease } from './leases.ts';
import { refusePaused, runId, type Hint } from './plan.ts';
import type { LinkSave, World } from './ports.ts';
import { runConnector, type RunOptions } from './run.ts';
import type { Stamp } from './stage.ts';

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
