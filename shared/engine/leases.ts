/**
 * Who may work: one run for a connector, and one writer for a system that bears no more. A lease that its holder renews in time
 * is never lost; one whose holder is known to be dead is free at once.
 */
import { AnotherRunActive } from '../base/errors.ts';
import { leaseMs, type ConnectorState, type Lease, type World } from './ports.ts';

/** Whether somebody else holds it, alive as far as can be known. */
export function isTaken(world: Pick<World, 'clock' | 'worker' | 'isDead'>, lease: Lease | undefined): boolean {
  return lease !== undefined && lease.worker !== world.worker && lease.until > world.clock.now() && !world.isDead(lease.worker);
}

export const newLease = (world: World): Lease => ({ worker: world.worker, until: world.clock.now() + leaseMs });

/** Prolongs the run's lease when a third of it is over. @throws AnotherRunActive when it went to somebody else meanwhile. */
export function leaseKeeper(world: World, connectorId: string): () => Promise<void> {
  let renewedAt = world.clock.now();
  return async () => {
    if (world.clock.now() - renewedAt < leaseMs / 3) return;
    const state = await world.runs.change((before) => (before.lease?.worker === world.worker ? { ...before, lease: newLease(world) } : undefined));
    if (state.lease?.worker !== world.worker) throw new AnotherRunActive(connectorId);
    renewedAt = world.clock.now();
  };
}

/** @throws AnotherRunActive when the run's lease went to somebody else: what was planned by now is theirs to judge. */
export async function refuseWithoutLease(world: World, connectorId: string): Promise<void> {
  if ((await world.runs.state()).lease?.worker !== world.worker) throw new AnotherRunActive(connectorId);
}

/**
 * Takes the right to write to a system, for the length of the work; the run's own lease is as good.
 * @returns undefined, without having worked, while another worker writes there.
 */
export async function asOnlyWriter<T>(world: World, system: string, work: () => Promise<T>): Promise<T | undefined> {
  const held = (state: ConnectorState) => state.writerLeases?.[system];
  const before = await world.runs.state();
  if (before.lease?.worker === world.worker) return work();
  const taken = await world.runs.change((state) => (isTaken(world, held(state)) || isTaken(world, state.lease) ? undefined : { ...state, writerLeases: { ...state.writerLeases, [system]: newLease(world) } }));
  if (held(taken)?.worker !== world.worker) return undefined;
  try {
    return await work();
  } finally {
    await world.runs.change((state) => (held(state)?.worker === world.worker ? { ...state, writerLeases: { ...state.writerLeases, [system]: undefined } } : undefined));
  }
}
