/**
 * What a history needs of the two systems that it happens in: a connector whose every await belongs to the scheduler, people who
 * can act in both systems, and eyes to see what stands there. Every connector that joins the proof brings one of these.
 */
import type { Table } from '../../shared/base/table.ts';
import type { Clock } from '../../shared/base/clock.ts';
import type { Connector } from '../../shared/engine/connector.ts';
import type { Power } from '../../shared/engine/side.ts';
import type { Entity } from '../../shared/sync/item.ts';
import type { CallCounter } from '../../shared/http/calls.ts';
import type { Budget } from '../../shared/http/budget.ts';
import type { FaultBox } from './faults.ts';
import type { Fields, House, SideName, Standing } from './history.ts';
import type { Process, Scheduler } from './scheduler.ts';

/** One item of a system, as a person and the judges see it. */
export interface Seen extends Standing {
  readonly id: string;
  readonly thing: string;
  /** Changes with every change of the item. */
  readonly version: string;
  /** What the hub has no business with: it must stay as it is. */
  readonly extra: string;
}

/** A change that one of the hub's own calls made in a system. */
export interface Effect {
  readonly process: Process;
  readonly side: SideName;
  readonly id: string;
  readonly before: Seen | undefined;
  readonly after: Seen | undefined;
  /** The call carried the version that it was decided from, or a name of its own for what it makes. */
  readonly guarded: boolean;
  /** The item that the call named; undefined where it made new ones, or named none. */
  readonly named: string | undefined;
  /** The system acted long after the hub had given the call up. */
  readonly isLate?: boolean | undefined;
}

/** What the parts of a world share. */
export interface Stage {
  readonly scheduler: Scheduler;
  readonly box: FaultBox;
  readonly random: () => number;
  /** The tables' cheap readings lag (lagging-table.ts), by this luck. */
  readonly lag?: { readonly random: () => number; readonly onLag: () => void } | undefined;
  onEffect(effect: Effect): void;
}

/** What a process brings along when it builds its connector: a new one for each, like a fresh machine. */
export interface ProcessDeps {
  readonly process: Process;
  readonly clock: Clock;
  readonly calls: CallCounter;
  readonly budget: Budget;
  readonly digest: (text: string) => string;
  readonly table: Table;
}

export interface SimulatedPair {
  readonly name: string;
  readonly house: House;
  readonly power: Power;
  /** Fields that people edit and judges compare. */
  readonly fields: readonly string[];
  connector(deps: ProcessDeps): Connector;
  /** What stands on a side, by id. */
  standing(side: SideName): ReadonlyMap<string, Seen>;
  /** The item's fields as the connector reads them; undefined where it is not there, or cannot be read. */
  entity(side: SideName, id: string): Entity | undefined;
  /** The fields of the connector's stream, in its order. */
  readonly compared: readonly string[];
  /** What a person types into a field: `value` is new, and so is the number `n`. */
  typed(field: string, thing: string, value: string, n: number): string;
  readonly people: People;
  /** Faults of the vendor that are no answer to a call: a version that moves by itself, a name used again. Called between steps. @returns whether one struck */
  misbehave(): boolean;
  /** No fault goes on. */
  calm(): void;
}

/** A person's hands in both systems. `value` is a text that nobody typed before. */
export interface People {
  add(side: SideName, thing: string, fields: Fields, approved: boolean): void;
  edit(side: SideName, id: string, fields: Fields): void;
  remove(side: SideName, id: string): void;
  /** Source only. */
  judge(id: string, verdict: 'approve' | 'unapprove' | 'reject' | 'archive'): void;
  spoil(side: SideName, id: string): void;
  mend(side: SideName, id: string, title: string): void;
  /** Which verdicts this source knows. */
  readonly verdicts: readonly ('approve' | 'unapprove' | 'reject' | 'archive')[];
  readonly canSpoil: readonly SideName[];
}
