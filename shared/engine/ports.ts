/**
 * What the engine needs to remember, as ports: links, and the connector's own row with lease, cursors and plans. Implemented
 * in stores, on the Table port.
 */
import type { Clock } from '../base/clock.ts';
import type { Reading } from '../base/table.ts';
import type { PlanCosts } from '../sync/cost.ts';
import type { Held } from '../sync/guard.ts';
import type { Entity, ItemId } from '../sync/item.ts';
import type { Link, SideName } from '../sync/link.ts';
import type { LinkHead } from '../sync/link-index.ts';
import type { Queue } from './queue.ts';

/** Both sides' values of the fields in question: what a person compares. Kept until 90 days after it is closed. */
export interface ConflictRecord {
  readonly stream: string;
  readonly link: string;
  readonly code: string;
  readonly openedAt: number;
  readonly fields: readonly string[];
  readonly source: Entity;
  readonly target: Entity;
}

export interface LinkSave {
  readonly link: Link;
  /** What the store holds now; undefined for a new link. */
  readonly was?: Link | undefined;
  readonly conflict?: ConflictRecord | 'close' | undefined;
}

export interface LinkStore {
  byKeys(stream: string, keys: readonly string[]): Promise<readonly Link[]>;
  /** Links by their id on a side; ids without a link are left out. */
  byIds(stream: string, side: SideName, ids: readonly ItemId[], reading?: Reading): Promise<ReadonlyMap<ItemId, Link>>;
  heads(stream: string, reading?: Reading): AsyncIterable<readonly LinkHead[]>;
  /** The work list: every open link, and those with a look still owed. */
  open(stream: string, reading?: Reading): AsyncIterable<readonly Link[]>;
  /** One-sided links with this match digest; open ones are left out, they stand in the work list. */
  byMatch(stream: string, digest: string): Promise<readonly Link[]>;
  /** Links that have this one among their parents (two at most), each once and always in the same order. */
  children(parentKey: string): Promise<readonly Link[]>;
  /**
   * Saves links, each with its id rows in one transaction; a row that changed since it was read, or an id that belongs to
   * another link, makes that one `refused` and touches nothing.
   */
  save(saves: readonly LinkSave[]): Promise<readonly ({ readonly link: Link } | 'refused')[]>;
  remove(link: Link): Promise<void>;
  conflict(stream: string, key: string): Promise<ConflictRecord | undefined>;
}

export interface Lease {
  readonly worker: string;
  readonly until: number;
}

/** What is remembered of one side between runs. */
export interface SideMemory {
  /** As confirmed; a different one holds withdrawals until a person releases a plan. */
  readonly identity: string;
  readonly candidate?: string | undefined;
  readonly cursor?: string | undefined;
  readonly fullAt?: number | undefined;
  /** Somebody else wrote since the last reading: the next one is full, because tokens skip late commits. */
  readonly fullNext?: true | undefined;
}

/** One row for a connector: lease, sequence, cursors, recent withdrawals and the last run. Opening and closing a run are its two writes. */
export interface ConnectorState {
  /** Raised by every run that opens: links recorded later carry at least this number. */
  readonly seq: number;
  readonly lease?: Lease | undefined;
  /** A trigger came while a run was under way. */
  readonly again?: true | undefined;
  readonly paused?: { readonly by: string; readonly at: number; readonly why: string } | undefined;
  readonly sides: { readonly [streamAndSide: string]: SideMemory };
  /** By stream: when, and how many were withdrawn, of the last 24 hours. */
  readonly withdrawals: { readonly [stream: string]: readonly { readonly at: number; readonly count: number; readonly plan: string }[] };
  readonly last?: { readonly run: string; readonly startedAt: number; readonly endedAt?: number | undefined; readonly report?: unknown } | undefined;
  /** When a run last came to its end, whatever it found or was held by. */
  readonly succeededAt?: number | undefined;
  readonly writerLeases?: { readonly [system: string]: Lease | undefined } | undefined;
}

export interface PlanRow {
  readonly id: string;
  readonly at: number;
  readonly state: 'released' | 'held' | 'replaced';
  readonly held: readonly Held[];
  readonly changes: number;
  readonly withdrawals: { readonly [stream: string]: number };
  readonly cost?: PlanCosts | undefined;
  readonly releasedBy?: string | undefined;
}

export interface RunStore {
  state(): Promise<ConnectorState>;
  /** Reads, changes and writes the row until no one came between; `undefined` from `change` writes nothing. */
  change(change: (state: ConnectorState) => ConnectorState | undefined): Promise<ConnectorState>;
  plan(id: string): Promise<PlanRow | undefined>;
  plans(): Promise<readonly PlanRow[]>;
  /** Writes the row of a plan: once, and again only to release or replace a held one. */
  savePlan(plan: PlanRow): Promise<void>;
  saveRun(run: string, report: unknown): Promise<void>;
  /** A run that found nothing to do leaves no report here; the last one's stands in the state. */
  report(run: string): Promise<unknown>;
  runs(limit: number): Promise<readonly { readonly run: string; readonly report: unknown }[]>;
}

/** "Look at these links again": nothing else travels through a queue. */
export type LookMessage = { readonly stream: string; readonly plan: string; readonly keys: readonly string[] };

export interface Progress {
  (step: { readonly stream: string; readonly phase: 'read' | 'decide' | 'apply'; readonly done: number; readonly total?: number }): void;
}

/** Everything a run receives from outside. */
export interface World {
  readonly links: LinkStore;
  readonly runs: RunStore;
  readonly queue: Queue<LookMessage>;
  readonly clock: Clock;
  /** Secret, for the digests of this hub's links. */
  readonly digestKey: string;
  /** Differs for every process or invocation. */
  readonly worker: string;
  /** Whether the process behind a lease or claim is known to be dead; on AWS nobody can know. */
  readonly isDead: (worker: string) => boolean;
  readonly progress?: Progress | undefined;
}

/** How long a lease or a claim holds: at least a function's time limit. */
export const leaseMs = 15 * 60_000;
