/**
 * What is remembered of one connector, ready to be asked: no vendor, no credentials. So `status` and `explain` answer also
 * where a token is missing or a system is down.
 */
import type { Clock } from '../base/clock.ts';
import type { Table } from '../base/table.ts';
import type { LinkStore, PlanRow, RunStore } from '../engine/ports.ts';
import { linkStore } from '../stores/links.ts';
import { runStore } from '../stores/runs.ts';
import type { CatalogEntry } from './catalog.ts';

export interface Memory {
  readonly entry: CatalogEntry;
  readonly links: LinkStore;
  readonly runs: RunStore;
}

/** A plan that waits for a person's word. */
export interface HeldPlan extends PlanRow {
  readonly connector: string;
  /** Links whose change still waits under it. */
  readonly waiting: number;
}

export function memoryOf(deps: { readonly table: Table; readonly clock: Clock }, entry: CatalogEntry): Memory {
  return { entry, links: linkStore(deps.table, entry.id, deps.clock), runs: runStore(deps.table, entry.id, deps.clock) };
}

/** Held plans, latest first; one that later plans have emptied is left out. */
export async function heldPlans(memory: Memory): Promise<readonly HeldPlan[]> {
  const held = (await memory.runs.plans()).filter(({ state }) => state === 'held');
  if (held.length === 0) return [];
  const { staged } = await openWork(memory);
  return held.map((plan) => ({ ...plan, connector: memory.entry.id, waiting: staged.get(plan.id) ?? 0 })).filter(({ waiting }) => waiting > 0);
}

export interface OpenWork {
  /** By stream and state. */
  readonly states: { readonly [stream: string]: { readonly [state: string]: number } };
  /** Staged changes by plan. */
  readonly staged: ReadonlyMap<string, number>;
  /** When the next failed one is tried again, epoch ms. */
  readonly nextAttemptAt: number | undefined;
}

export async function openWork({ entry, links }: Memory): Promise<OpenWork> {
  const states: { [stream: string]: { [state: string]: number } } = {};
  const staged = new Map<string, number>();
  let nextAttemptAt: number | undefined;
  for (const stream of entry.streams) {
    const counts: { [state: string]: number } = {};
    for await (const page of links.open(stream)) {
      for (const { state, pending, dueAt } of page) {
        counts[state] = (counts[state] ?? 0) + 1;
        if (pending) staged.set(pending.plan, (staged.get(pending.plan) ?? 0) + 1);
        if (dueAt !== undefined) nextAttemptAt = Math.min(dueAt, nextAttemptAt ?? dueAt);
      }
    }
    states[stream] = counts;
  }
  return { states, staged, nextAttemptAt };
}
