/**
 * One pair that has to be decided, with what was seen of both its sides. Readings, hints and open creates make cases; resolve.ts
 * decides them.
 */
import type { RejectedItem } from '../sync/item.ts';
import type { Link, SideName } from '../sync/link.ts';
import type { Views } from './stage.ts';

export interface Case {
  readonly link: Link;
  readonly views: Views;
  readonly rejected?: { readonly side: SideName; readonly item: RejectedItem } | undefined;
  readonly problem?: { readonly code: string; readonly message: string } | undefined;
  /** Which sides' scans have missed it so far; undefined where no scan was made. */
  readonly marks?: NonNullable<Link['missing']> | undefined;
  /** The link with what has been found out since it was read: `link` is still what the table holds. */
  readonly learnt?: Link | undefined;
}
