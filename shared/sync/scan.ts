/**
 * When absence may be believed. A reading is either a delta (names what changed, proves nothing about the rest) or a scan; a
 * scan proves itself complete or its silence means nothing.
 */
import type { Proof } from './link.ts';

/** How a reading ended, in the side's own words. */
export interface ReadingEnd {
  readonly kind: 'delta' | 'scan';
  /** Where the next delta begins: what the system declared with the first page, never our clock. */
  readonly cursor?: string | undefined;
  /** Items the system said there are, where it says so. */
  readonly declared?: number | undefined;
  /** Every page was answered and the last one said that it is the last. */
  readonly lastPageSeen: boolean;
  /** One look is enough, because the system counts what it lists in one consistent answer. */
  readonly authoritative: boolean;
  /** What it covered, where that was not everything: its silence speaks about items of this scope only. */
  readonly scope?: string | readonly Span[] | undefined;
}

/** What was read of one container (a location, a calendar): items that lie between two instants, epoch ms, `until` excluded. */
export interface Span {
  readonly container: string;
  readonly from: number;
  readonly until: number;
}

/** The scope of an item that is read by spans: where it stands, and when. */
export const placedAt = (container: string, instantMs: number): string => `${container}@${instantMs}`;

/** Evidence that everything within `scope` was seen. Only this can turn silence into absence. */
export interface CompleteScan {
  readonly read: number;
  readonly declared?: number | undefined;
  readonly authoritative: boolean;
}

/** A scan's proof, or undefined when a page is missing or the count is not what was declared. */
export function completeScan(end: ReadingEnd, read: number): CompleteScan | undefined {
  if (end.kind !== 'scan' || !end.lastPageSeen) return undefined;
  if (end.declared !== undefined && end.declared !== read) return undefined;
  return { read, declared: end.declared, authoritative: end.authoritative };
}

export function proofOf(scan: CompleteScan): Proof {
  return { kind: 'scan', read: scan.read, declared: scan.declared };
}

/** Silence speaks only about what the scan covered: an item outside the scan's scope was never looked for. */
export function covers(scanScope: ReadingEnd['scope'], itemScope: string | undefined): boolean {
  if (scanScope === undefined || itemScope === undefined) return true;
  if (typeof scanScope === 'string') return scanScope === itemScope;
  const at = itemScope.lastIndexOf('@');
  const [container, instantMs] = [itemScope.slice(0, at), Number(itemScope.slice(at + 1))];
  return scanScope.some((span) => span.container === container && span.from <= instantMs && instantMs < span.until);
}
