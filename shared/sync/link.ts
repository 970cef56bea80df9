/**
 * The link: the only memory. One row for a pair, holding what both sides last agreed on (as digests), what is staged for it,
 * who is writing, and what became of the last attempts. Everything the hub does is derived from links and fresh readings.
 */
import type { Digests } from './digest.ts';
import type { Entity, ItemId } from './item.ts';

export type SideName = 'source' | 'target';

export const otherSide = (side: SideName): SideName => (side === 'source' ? 'target' : 'source');

/**
 * `agreed`: nothing to do, also when both sides agree that the pair is absent from one of them (`absent` says why).
 * `pending`: a change is staged. `waiting`: for its parent's link. `failed`: next attempt at `dueAt`. `parked`: a person must
 * answer. `doubt`: a create may or may not have happened and the target cannot tell. `gone`: both sides lost it (tombstone).
 */
export type LinkState = 'agreed' | 'pending' | 'waiting' | 'failed' | 'parked' | 'doubt' | 'gone';

export const openStates: readonly LinkState[] = ['pending', 'waiting', 'failed', 'parked', 'doubt'];

/**
 * Who brought the target's item: `created` by us, `adopted` because it stood there already, `told` once a person said that
 * it is ours to manage. Adopted items are updated, never deleted.
 */
export type Origin = 'created' | 'adopted' | 'told';

/** What both sides held when they last agreed. `target` is left out where it equals `source`. */
export interface Base {
  /** Names the mapping that made the digests. */
  readonly shape: string;
  readonly source: Digests;
  readonly target?: Digests | undefined;
}

export const baseOf = (base: Base, side: SideName): Digests => (side === 'target' ? (base.target ?? base.source) : base.source);

/** One intended write, with the values it needs. A delete cannot be staged without proof of absence or of unbelonging. */
export type StagedWrite =
  | { readonly kind: 'create'; readonly side: SideName; readonly key: ItemId; readonly entity: Entity; readonly reason: CreateReason }
  | { readonly kind: 'update'; readonly side: SideName; readonly fields: Entity; readonly entity: Entity; readonly reason: UpdateReason }
  | { readonly kind: 'delete'; readonly side: SideName; readonly proof: Proof; readonly reason: string };

export type CreateReason = 'new' | 'reappeared' | 'put back';
export type UpdateReason = 'changed' | 'put back' | 'filled' | 'told';

/** Why a withdrawal is justified: the item is known to be gone, or it is there and says that it does not belong. */
export type Proof =
  | { readonly kind: 'scan'; readonly read: number; readonly declared?: number | undefined }
  | { readonly kind: 'tombstone' }
  | { readonly kind: 'look-up' }
  | { readonly kind: 'says-so' };

export interface Pending {
  /** Differs for every staging, so that a worker can tell whether what it wrote is still what is wanted. */
  readonly id: string;
  readonly plan: string;
  /** When the values were read, epoch ms. */
  readonly at: number;
  readonly writes: readonly StagedWrite[];
  /** What the link becomes when all writes are done. */
  readonly next: Facts;
  /** What earlier stagings may have written without anybody recording it: if a side holds that, it was us. */
  readonly tried?: readonly Attempt[] | undefined;
  /** Values over 64 KB are not kept: the item is read again before the write. */
  readonly large?: true | undefined;
}

/** A write that may have landed: these fields of that side, as the base would have them. */
export interface Attempt {
  readonly side: SideName;
  readonly fields: readonly string[];
  readonly base: Base;
}

/** The part of a link that a successful change moves. */
export interface Facts {
  readonly base?: Base | undefined;
  readonly origin: Origin;
  /** Never left out: a reason that is over has to go from the link. */
  readonly absent: string | undefined;
  readonly state: 'agreed' | 'gone';
}

export interface Claim {
  readonly worker: string;
  /** Epoch ms; at least the function's time limit away. */
  readonly until: number;
  /** The id or key that the call carries. */
  readonly key: ItemId;
}

/** A create whose worker was taken for dead, and may still carry it out. */
export interface LateCreate {
  readonly side: SideName;
  readonly key: ItemId;
  /** When a search would show it, epoch ms: it is looked for once more then. */
  readonly from: number;
  /** What it may have sent, the latest first. */
  readonly tried: readonly Attempt[];
  /** It has happened, or others have made the same, and these stand there now: a person must remove all but one. */
  readonly twins?: readonly ItemId[] | undefined;
}

export type OutcomeKind = 'applied' | 'skipped' | 'waiting' | 'failed' | 'parked' | 'doubt';

export interface Outcome {
  readonly at: number;
  readonly run: string;
  readonly kind: OutcomeKind;
  /** `created`, `updated`, `deleted`, `linked`, ... for applied ones; a stable code for the others. */
  readonly what: string;
  readonly side?: SideName | undefined;
  readonly why?: string | undefined;
}

export interface Link {
  readonly stream: string;
  /** Opaque, stable for the life of the link. */
  readonly key: string;
  readonly sourceId?: ItemId | undefined;
  readonly targetId?: ItemId | undefined;
  /** Its item there was withdrawn and stays, marked as over: what its children still name. */
  readonly stayed?: ItemId | undefined;
  readonly origin: Origin;
  readonly base?: Base | undefined;
  /** Digests of the whitelisted wire items. */
  readonly seen?: { readonly source?: string | undefined; readonly target?: string | undefined } | undefined;
  /** The versions that were last seen; conditional writes carry them. */
  readonly versions: { readonly source?: string | undefined; readonly target?: string | undefined };
  /** The target's version that our own write made: as long as it stands, nothing foreign is in the object. */
  readonly ours?: string | undefined;
  readonly scope?: { readonly source?: string | undefined; readonly target?: string | undefined } | undefined;
  /** As the item says, see item.ts. */
  readonly keepUntil?: number | undefined;
  readonly neededBy?: number | undefined;
  readonly absent?: string | undefined;
  readonly pending?: Pending | undefined;
  readonly claim?: Claim | undefined;
  readonly state: LinkState;
  readonly dueAt?: number | undefined;
  readonly attempts?: number | undefined;
  readonly problem?: { readonly code: string; readonly message: string } | undefined;
  /** First seen missing, by side: the scan's number. */
  readonly missing?: { readonly source?: number | undefined; readonly target?: number | undefined } | undefined;
  /** How many lives the target's item has had: each gets a fresh name there. */
  readonly lives: number;
  /** A claim was taken over: look once more in the next run. */
  readonly recheck?: true | undefined;
  readonly late?: LateCreate | undefined;
  /** What the server made of a field that we sent: learnt when the same pair is seen twice. */
  readonly rewrites?: { readonly [field: string]: { readonly sent: string; readonly stored: string } } | undefined;
  /** Parents by field, as `stream|source id`, for `waiting` and for the order of withdrawals. */
  readonly parents?: { readonly [field: string]: string } | undefined;
  /** Digests of the match keys while the link is one-sided. */
  readonly match?: string | undefined;
  readonly goneAt?: number | undefined;
  readonly log: readonly Outcome[];
  /** The scan number known after the last call that this row records. */
  readonly touched: number;
  /** The row's revision; 0 for a link that is not stored yet. */
  readonly rev: number;
}

export const idOn = (link: Link, side: SideName): ItemId | undefined => (side === 'source' ? link.sourceId : link.targetId);

export const isOpen = (link: Link): boolean => openStates.includes(link.state);

const logLength = 10;

/** Adds an outcome; a second one of the same run replaces the first, so that redelivery rewrites and never adds. */
export function logged(log: readonly Outcome[], outcome: Outcome): readonly Outcome[] {
  return [...log.filter((entry) => entry.run !== outcome.run), outcome].slice(-logLength);
}
