/**
 * What the guard counts by parent: how many of one event's participants a plan takes away, with those of the last 24 hours. A roster
 * that broke is a few per cent of its stream, and nobody would see it there. Only parents that could be over the limit are looked at.
 */
import type { Roster } from '../sync/guard.ts';
import type { Link } from '../sync/link.ts';
import type { Stream } from './connector.ts';
import type { LinkStore } from './ports.ts';
import { splitParent } from './references.ts';

export interface Withdrawals {
  /** What this plan withdraws. */
  readonly planned: readonly Pick<Link, 'key' | 'parents'>[];
  /** Keys of links that a plan which is still held would withdraw. */
  readonly held: ReadonlySet<string>;
  /** How many of the whole stream were withdrawn or held within 24 hours before this plan. */
  readonly recent: number;
}

const dayMs = 24 * 3_600_000;

/** The parents from which this plan takes children, as far as they may be over the stream's limits; none where no field is named for it. */
export async function rostersOf(world: { readonly links: Pick<LinkStore, 'children'> }, stream: Pick<Stream, 'guard' | 'guardPer' | 'name'>, withdrawals: Withdrawals, now: number): Promise<readonly Roster[]> {
  const { guardPer } = stream;
  if (guardPer === undefined) return [];
  const rosters: Roster[] = [];
  for (const [parent, planned] of Map.groupBy(withdrawals.planned, (link) => link.parents?.[guardPer])) {
    if (parent === undefined || planned.length + withdrawals.recent <= stream.guard.countMax) continue;
    const children = (await world.links.children(parent)).filter((child) => child.stream === stream.name && child.parents?.[guardPer] === parent);
    const keys = new Set(planned.map(({ key }) => key));
    const isWithdrawn = (child: Link): boolean => keys.has(child.key) || withdrawals.held.has(child.key) || wasWithdrawnSince(child, now - dayMs);
    rosters.push({ name: splitParent(parent).join(' '), withdrawn: children.filter(isWithdrawn).length, linked: children.filter((child) => isWithdrawn(child) || isLinked(child)).length });
  }
  return rosters;
}

/** It was carried out since then, or staged since then and released: the worker has not come to it yet. */
function wasWithdrawnSince({ pending, log }: Link, since: number): boolean {
  const isStaged = pending !== undefined && pending.at > since && pending.writes.some(({ kind }) => kind === 'delete');
  return isStaged || log.some(({ at, kind, what }) => kind === 'applied' && what === 'deleted' && at > since);
}

const isLinked = ({ sourceId, state, targetId }: Link): boolean => sourceId !== undefined && targetId !== undefined && state !== 'gone';
