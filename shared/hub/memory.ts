/**
 * What is remembered of one connector, ready to be asked: no vendor, no credentials. So `status` and `explain` answer also
 * where a token is missing or a system is down.
 */
import type { Clock } from '../base/clock.ts';
import type { Table } from '../base/table.ts';
import type { LinkStore, PlanRow, RunStore } from '../engine/ports.ts';
import { letterStore, type LetterStore } from '../stores/letters.ts';
import { linkStore } from '../stores/links.ts';
import { outcomeStore, type OutcomeStore } from '../stores/outcomes.ts';
import { runStore } from '../stores/runs.ts';
import type { Link } from '../sync/link.ts';
import type { PlannedChange } from '../sync/report.ts';
import type { CatalogEntry } from './catalog.ts';
import { dismissalsOf, type Dismissals } from './dismissals.ts';

export interface Memory {
  readonly entry: CatalogEntry;
  readonly links: LinkStore;
  readonly runs: RunStore;
  /** What gave up on its way to a worker. */
  readonly letters: LetterStore;
  /** What workers in other functions made of a run's changes. */
  readonly outcomes: OutcomeStore;
  readonly dismissals: Dismissals;
}

/** A plan that waits for a person's word. */
export interface HeldPlan extends PlanRow {
  readonly connector: string;
  /** Links whose change still waits under it. */
  readonly waiting: number;
  /** Its changes, as a report shows them. */
  readonly lines: readonly PlannedChange[];
}

export function memoryOf(deps: { readonly table: Table; readonly clock: Clock }, entry: CatalogEntry): Memory {
  return { entry, links: linkStore(deps.table, entry.id, deps.clock, { isFlat: entry.streams.length === 1 }), runs: runStore(deps.table, entry.id, deps.clock), dismissals: dismissalsOf(deps, entry.id), letters: letterStore(deps.table, entry.id, deps.clock), outcomes: outcomeStore(deps.table, entry.id, deps.clock) };
}

/** The links of all streams that a person may mean: by source id, target id or the link's own key. */
export async function linksOf({ entry, links }: Memory, id: string): Promise<readonly Link[]> {
  const found = new Map<string, Link>();
  for (const stream of entry.streams) {
    for (const link of await links.byKeys(stream, [id])) found.set(`${stream} ${link.key}`, link);
    for (const side of ['source', 'target'] as const) {
      for (const link of (await links.byIds(stream, side, [id])).values()) found.set(`${stream} ${link.key}`, link);
    }
  }
  return [...found.values()];
}

/** Held plans, latest first; one that later plans have emptied is left out. */
export async function heldPlans(memory: Memory): Promise<readonly HeldPlan[]> {
  const held = (await memory.runs.plans()).filter(({ state }) => state === 'held');
  if (held.length === 0) return [];
  const { staged } = await openWork(memory);
  return held.flatMap((plan) => {
    const waiting = staged.get(plan.id) ?? [];
    return waiting.length === 0 ? [] : [{ ...plan, connector: memory.entry.id, waiting: waiting.length, lines: waiting.flatMap(plannedChanges) }];
  });
}

export interface OpenWork {
  /** By stream and state. */
  readonly states: { readonly [stream: string]: { readonly [state: string]: number } };
  /** Links with a staged change, by plan. */
  readonly staged: ReadonlyMap<string, readonly Link[]>;
  /** Open links that a person has seen and dismissed as they are. */
  readonly dismissed: number;
  /** When the next failed one is tried again, epoch ms. */
  readonly nextAttemptAt: number | undefined;
}

export async function openWork({ entry, links, dismissals }: Memory): Promise<OpenWork> {
  const dismissal = await dismissals.read();
  const states: { [stream: string]: { [state: string]: number } } = {};
  const staged = new Map<string, Link[]>();
  let dismissed = 0;
  let nextAttemptAt: number | undefined;
  for (const stream of entry.streams) {
    const counts: { [state: string]: number } = {};
    for await (const page of links.open(stream)) {
      for (const link of page) {
        const { state, pending, dueAt } = link;
        counts[state] = (counts[state] ?? 0) + 1;
        if (dismissal(link)) dismissed += 1;
        if (pending) listUnder(staged, pending.plan).push(link);
        if (dueAt !== undefined) nextAttemptAt = Math.min(dueAt, nextAttemptAt ?? dueAt);
      }
    }
    states[stream] = counts;
  }
  return { states, staged, dismissed, nextAttemptAt };
}

function plannedChanges(link: Link): PlannedChange[] {
  const id = link.sourceId ?? link.targetId ?? link.key;
  return (link.pending?.writes ?? []).map((write) => ({
    stream: link.stream,
    id,
    side: write.side,
    kind: write.kind,
    fields: write.kind === 'update' ? Object.keys(write.fields) : [],
    reason: write.reason,
  }));
}

function listUnder(lists: Map<string, Link[]>, name: string): Link[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}
