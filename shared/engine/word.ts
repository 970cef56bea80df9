/**
 * A person's word about a connector that needs no look at its systems: pause, go on, release a plan, read everything anew. Each is one
 * change of the rows in which it is remembered. What needs the systems is in person.ts and settle.ts.
 */
import { AnotherRunActive } from '../base/errors.ts';
import { isTaken } from './leases.ts';
import type { ConnectorState, RunStore, World } from './ports.ts';

const dayMs = 24 * 3_600_000;

/** @returns whether it was running until now. */
export async function pauseConnector(runs: RunStore, paused: { readonly by: string; readonly at: number; readonly why: string }): Promise<boolean> {
  let isNew = false;
  await runs.change((state) => {
    isNew = state.paused === undefined;
    return isNew ? { ...state, paused } : undefined;
  });
  return isNew;
}

/** @returns whether it was paused until now. */
export async function resumeConnector(runs: RunStore): Promise<boolean> {
  let wasPaused = false;
  await runs.change((state) => {
    wasPaused = state.paused !== undefined;
    return wasPaused ? { ...state, paused: undefined } : undefined;
  });
  return wasPaused;
}

/**
 * Forgets how far both sides were read, so that the next run reads them whole, as it does daily anyway. What was decided and what is
 * held stays as it is. @throws AnotherRunActive, because a run that is under way would write its cursors over it.
 */
export async function forgetCursors({ runs, clock, worker, isDead }: Pick<World, 'runs' | 'clock' | 'worker' | 'isDead'>, connector: string): Promise<void> {
  const state = await runs.change((before) => {
    if (isTaken({ clock, worker, isDead }, before.lease)) return undefined;
    return { ...before, sides: Object.fromEntries(Object.entries(before.sides).map(([side, memory]) => [side, { ...memory, cursor: undefined, fullAt: undefined }])) };
  });
  if (isTaken({ clock, worker, isDead }, state.lease)) throw new AnotherRunActive(connector, { forgotten: true });
}

/** The withdrawals of the last 24 hours, with these of a plan. */
export function countedWithdrawals(state: ConnectorState, made: { readonly [stream: string]: number }, now: number, plan: string): ConnectorState['withdrawals'] {
  const counted: { [stream: string]: ConnectorState['withdrawals'][string] } = {};
  for (const stream of new Set([...Object.keys(state.withdrawals), ...Object.keys(made)])) {
    const kept = (state.withdrawals[stream] ?? []).filter((entry) => entry.at > now - dayMs && entry.plan !== plan);
    const count = made[stream];
    const entries = count === undefined ? kept : [...kept, { at: now, count, plan }];
    if (entries.length > 0) counted[stream] = entries;
  }
  return counted;
}

/** A person's word: the plan may go, and a side that is another one from now on is the side. */
export async function releasePlan(world: Pick<World, 'runs' | 'clock'>, planId: string, by: string): Promise<boolean> {
  const plan = await world.runs.plan(planId);
  if (plan?.state !== 'held') return false;
  await world.runs.savePlan({ ...plan, state: 'released', releasedBy: by });
  await world.runs.change((state) => {
    const sides = Object.fromEntries(Object.entries(state.sides).map(([key, memory]) => [key, memory.candidate === undefined ? memory : { ...memory, identity: memory.candidate, candidate: undefined }]));
    return { ...state, sides, withdrawals: countedWithdrawals(state, plan.withdrawals, world.clock.now(), plan.id) };
  });
  return true;
}
