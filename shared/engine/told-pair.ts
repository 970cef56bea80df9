/**
 * What another tool remembers, told in the ids of our own sides: what a connector hands over to an import. For systems that show nothing
 * of what they hold, so that a pair cannot be looked at first. The import: shared/hub/import-links.ts.
 */
import type { Item, ItemId } from '../sync/item.ts';
import type { Origin } from '../sync/link.ts';

export interface ToldPair {
  readonly stream: string;
  readonly target: ItemId;
  /** `created`: ours to withdraw from now on. */
  readonly origin: Origin;
  /** The source's item, and with it what both sides hold. A field that it leaves out is not known, and counts as unchanged until a run has read it. */
  readonly item: Item;
}

/** What the other tool knew and we do not take: for a person to look at. */
export interface LeftPair {
  readonly stream: string;
  /** As the other tool called it; a person by our own id. */
  readonly source: string;
  /** Empty where the other tool has none. */
  readonly target: string;
  /** `ambiguous`: could be several things. `missing`: not there (any more). `unreadable`: cannot be told now. */
  readonly verdict: 'ambiguous' | 'missing' | 'unreadable';
  /** What the verdict is about: sides, a field, or the ids that it could be. */
  readonly where: readonly string[];
}

export interface TakenOver {
  readonly pairs: readonly ToldPair[];
  readonly left: readonly LeftPair[];
}
