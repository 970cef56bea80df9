/**
 * What a side holds, as the rest of the hub sees it: an item (id, version) around an entity (its content in our shape).
 * Which fields an entity has is the connector's business; here they are only compared.
 */

export type FieldValue = string | number | boolean | null | readonly FieldValue[];

/** Flat, plain data. An absent field is left alone, `null` says that it is empty. Text is compared as it is: normalise in `map.ts`. */
export type Entity = { readonly [field: string]: FieldValue | undefined };

/** The side's own name for the item: a row's id, a calendar object's file name. */
export type ItemId = string;

export interface Item<E extends Entity = Entity> {
  readonly id: ItemId;
  /** Etag, version or modified time, for conditional writes; absent where the side has none. */
  readonly version?: string | undefined;
  readonly entity: E;
  /** Digest of the whitelisted wire item, so that a new mapping can tell its own change from the world's. */
  readonly seen?: string | undefined;
  /** Whether the item belongs on the other side too (approved, published, not cancelled); if not, why. The rules know two of the reasons: `rejected`, and `archived` (withdrawn where it is). */
  readonly belongs: true | { readonly absentBecause: string };
  /** The other side's id that the item itself names: proof that we made it. */
  readonly reference?: ItemId | undefined;
  /** What it looks like to the match rule, strongest first; equal texts on both sides mean the same thing. */
  readonly matchKeys?: readonly MatchKey[] | undefined;
  /** Decides whether a reading covers the item, in clear: container, window instant. */
  readonly scope?: string | undefined;
  /** Epoch ms: from then on nothing about it can matter any more, and its link is forgotten. */
  readonly keepUntil?: number | undefined;
  /** Epoch ms: when somebody will rely on it. What is needed soon is written first. */
  readonly neededBy?: number | undefined;
  /** Links that have to exist before this item can be written, two at most, by field: stream and source id of the parent. */
  readonly parents?: { readonly [field: string]: { readonly stream: string; readonly sourceId: ItemId } } | undefined;
}

/** `sure`: equal keys are the same thing; `likely`: only when exactly one candidate stands on each side. */
export interface MatchKey {
  readonly strength: 'sure' | 'likely';
  readonly text: string;
}

/** An item that could not be read: it gets a link of its own (`failed`), and never stops the others. */
export interface RejectedItem extends Pick<Item, 'scope' | 'keepUntil'> {
  readonly id: ItemId;
  readonly version?: string | undefined;
  readonly code: string;
  /** Says what to do, without values of the item. */
  readonly message: string;
}
