/**
 * What a stream wants where the decision table leaves a choice. Plain data: a connector is data plus sides.
 */
import type { Link } from './link.ts';

export interface Policy {
  /** A target item that no link and no match knows: bring it to the source, leave it alone, or take it away (`--clean`). */
  readonly targetNew: 'import' | 'ignore' | 'remove';
  /**
   * A linked target item was edited there: `accept` writes it to the source, `put-back` writes the source's fields again,
   * `review` parks both versions for a person, `leave` keeps it as a fact of the target.
   */
  readonly targetEdit: 'accept' | 'put-back' | 'review' | 'leave';
  /** The same while the source's item does not belong (pending moderation). */
  readonly targetEditWhilePending: 'accept' | 'leave';
  /** Both sides moved the same field: `conflict` parks, `source` and `target` win without asking. */
  readonly bothEdited: 'conflict' | 'source' | 'target';
  /** A target item that belongs was deleted there: make it again, withdraw the source's item, or agree that it is absent. */
  readonly targetDeleted: 'put-back' | 'withdraw' | 'accept';
  /** The same while the source's item is pending. */
  readonly targetDeletedWhilePending: 'withdraw' | 'accept';
  /** The source's item is gone and the target's was edited: `keep` (an edit outlives a delete) or `withdraw`. */
  readonly sourceGoneTargetEdited: 'keep' | 'withdraw';
  /** The source's belonging is a person's word about the target's item: adopted becomes told. */
  readonly belongingTells: boolean;
  /** An unapproved item that came from the target and never belonged may be withdrawn there on rejection. */
  readonly rejectedWithdraws: boolean;
  /** A pair whose updates turn their direction more often than this within an hour is parked; absent: never. */
  readonly flipsPerHourMax?: number | undefined;
}

export const oneWay: Policy = {
  targetNew: 'ignore',
  targetEdit: 'leave',
  targetEditWhilePending: 'leave',
  bothEdited: 'source',
  targetDeleted: 'put-back',
  targetDeletedWhilePending: 'accept',
  sourceGoneTargetEdited: 'withdraw',
  belongingTells: false,
  rejectedWithdraws: false,
};

export const mirror: Policy = { ...oneWay, targetEdit: 'put-back' };

export const twoWay: Policy = {
  ...oneWay,
  targetNew: 'import',
  targetEdit: 'accept',
  targetEditWhilePending: 'accept',
  bothEdited: 'conflict',
  targetDeleted: 'withdraw',
  targetDeletedWhilePending: 'withdraw',
  sourceGoneTargetEdited: 'keep',
};

/** Two way until a moderator approves; from then on the source's word counts and the target's edits are shown for review. */
export const moderated: Policy = {
  ...twoWay,
  targetEdit: 'review',
  targetDeleted: 'put-back',
  targetDeletedWhilePending: 'accept',
  belongingTells: true,
};

/** Whether the policy lets us take the target's item away at all. */
export function mayWithdrawTarget(link: Link): boolean {
  return link.origin !== 'adopted';
}
