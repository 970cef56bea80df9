/**
 * One side of a stream as the engine sees it: something that can be read, looked up and (perhaps) written. Each side says
 * what it can do; the engine never asks which vendor it is.
 */
import type { ConcordError } from '../base/errors.ts';
import type { Item, ItemId, RejectedItem } from '../sync/item.ts';
import type { ReadingEnd } from '../sync/scan.ts';
import type { StagedWrite } from '../sync/link.ts';

/** What a side can do about a create whose answer was lost. A contract test proves the claim. */
export type Power = 'idempotency-key' | 'own-id' | 'find' | 'none';

/**
 * How a side can be read. `delta`: it tells what changed. `scan`: all or nothing. `look-up`: only by id. `blind`: not at all; it is
 * represented by the base of its links.
 */
export type Reads = 'delta' | 'scan' | 'look-up' | 'blind';

/** One line of a reading: an item's id and version, with the item itself where the listing carries it. */
export type Sighting =
  | { readonly kind: 'listed'; readonly id: ItemId; readonly version?: string | undefined; readonly item?: Item | undefined }
  | { readonly kind: 'rejected'; readonly rejected: RejectedItem }
  /** The system says that it is gone; whether that is proof is the side's `tombstones`. */
  | { readonly kind: 'gone'; readonly id: ItemId };

export type Looked =
  | { readonly kind: 'present'; readonly item: Item }
  | { readonly kind: 'rejected'; readonly rejected: RejectedItem }
  | { readonly kind: 'absent'; readonly id: ItemId }
  /** Not of this stream (a task in a calendar): leave it alone, without a word. */
  | { readonly kind: 'other'; readonly id: ItemId };

export interface Want {
  /** Only these are looked up, because somebody said that they changed; nothing else is read, and no cursor moves. */
  readonly only?: readonly ItemId[] | undefined;
  /** Where the last reading ended; absent for a first or a full one. */
  readonly cursor?: string | undefined;
  readonly full: boolean;
  /** For a side that `recalls`, in a full reading: the versions that the links have seen, by id. */
  readonly known?: ReadonlyMap<ItemId, string> | undefined;
}

/** A write as it is handed to a side, with what makes it safe to send. */
export interface SideWrite {
  readonly staged: StagedWrite;
  /** The item on this side; absent for a create. */
  readonly id?: ItemId | undefined;
  /** The version that the decision was made from. */
  readonly version?: string | undefined;
  /** The standing object was written whole by us and not touched since: nothing foreign is in it. */
  readonly ours: boolean;
  /** The other side's id: a create carries it as a reference where the side has room for one. */
  readonly otherId?: ItemId | undefined;
}

export type WriteResult =
  /** `item` is what the side now holds, where the answer (or our own text) says so; without it and without a version the engine reads back. */
  | { readonly kind: 'done'; readonly id: ItemId; readonly version?: string | undefined; readonly item?: Item | undefined }
  /** The version is not the one the decision was made from. */
  | { readonly kind: 'stale' }
  /** Something of this id or key stands there already. */
  | { readonly kind: 'exists'; readonly id?: ItemId | undefined }
  /** An update or a delete of something that is not there (any more). */
  | { readonly kind: 'missing' }
  /** The side refused this item; trying the same again changes nothing until somebody mends it. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  /** A person has to look: the side holds something that we may not touch. */
  | { readonly kind: 'parked'; readonly code: string; readonly message: string }
  /** No usable answer. `sent`: it may have happened. `stop`: what has stopped the connector meanwhile (a day's quota is used up); no more calls are made. */
  | { readonly kind: 'lost'; readonly sent: boolean; readonly code: string; readonly retryAt?: number | undefined; readonly stop?: ConcordError | undefined };

export interface Side {
  /** `directus`, `nextcloud`: for reports. */
  readonly system: string;
  readonly power: Power;
  /** Power `find`: how long a new item may stay hidden from the search, ms. Nothing is looked for, or sent again, before. Default 0. */
  readonly indexDelayMs?: number | undefined;
  readonly reads: Reads;
  /** Its reading may begin while the other side is still read: it costs no more calls, and the time of the slower one instead of both. */
  readonly readsBeside?: boolean | undefined;
  /** Its versions are made by us and say when an item was read: a listing compares them by itself, to spare calls that age alone would ask for. */
  readonly recalls?: boolean | undefined;
  /** Updates and deletes carry a version that the system checks. */
  readonly versioned: boolean;
  /** A `gone` line needs a look-up before it is believed. */
  readonly tombstones: 'sure' | 'ask';
  /** How an absence in a complete scan is made sure, where the scan is not authoritative: by look-up, or by a second scan. */
  readonly secondLook: 'look-up' | 'second-scan';
  /** Only one worker may write at a time; inside its lease it writes in parallel. */
  readonly oneWriter: boolean;
  /** The largest number of items that one look-up or one write call carries. */
  readonly batchMax: number;
  /** What decides which items this is: address, account, container, filter. In clear; a change holds all withdrawals. */
  identity(): string;
  /** Makes what is missing (a calendar), if it may: a plan alone may not. Called once, before the first read. */
  prepare?(mayMake: boolean): Promise<void>;
  read(want: Want): AsyncGenerator<readonly Sighting[], ReadingEnd>;
  lookUp(ids: readonly ItemId[]): Promise<readonly Looked[]>;
  /** For each create everything that it may have made, by its key or reference: more than one where it was sent twice, or repeated by others. */
  lookForOurs(writes: readonly SideWrite[]): Promise<readonly (readonly Item[])[]>;
  /** One result for each write, in order. Throws only what stops the connector: sign-in, quota, unreachable. */
  write(writes: readonly SideWrite[]): Promise<readonly WriteResult[]>;
}

/** The name for a new item on a side: derived from the other side's item, so that a lost table can be rebuilt. */
export type KeyFor = (side: 'source' | 'target', from: Item, lives: number) => ItemId;
