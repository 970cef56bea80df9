/**
 * The links that a reading stirred, each with what was seen of both its sides.
 */
import { idOn, type Link, type SideName } from '../sync/link.ts';
import { unseen, type Rules, type View } from '../sync/views.ts';
import type { Stream } from './connector.ts';
import type { Observed } from './observe.ts';
import type { World } from './ports.ts';
import type { Case } from './case.ts';
import type { Stamp } from './stage.ts';

const chunk = 500;

/** What one planning of one stream works with. */
export interface Planner {
  readonly world: World;
  readonly stream: Stream;
  readonly rules: Rules;
  readonly stamp: Stamp;
  readonly observed: Readonly<Record<SideName, Observed>>;
  /** The work list as it was when both sides had been read. */
  readonly open: readonly Link[];
}

/** Every link that either side's reading stirred, with what was seen of both sides. */
export async function linkedCases(planner: Planner): Promise<Case[]> {
  const { world, stream, observed } = planner;
  const links = new Map<string, Link>();
  for (const side of ['source', 'target'] as const) {
    const ids = [...new Set([...observed[side].items.keys(), ...observed[side].gone.keys(), ...observed[side].rejected.keys(), ...observed[side].missingOnce])];
    for (let at = 0; at < ids.length; at += chunk) {
      // Decided on a row that has moved since, a change is refused when it is saved, and looked at again on the newest.
      const found = await world.links.byIds(stream.name, side, ids.slice(at, at + chunk), { mayLag: true });
      for (const link of found.values()) links.set(link.key, link);
    }
  }
  for (const link of seenAgain(planner)) links.set(link.key, link);
  return [...links.values()].map((link) => caseOf(planner, link));
}

/** Links that a scan missed before and this scan named: their mark goes, or a later single miss would count as the second. */
function seenAgain({ observed, open }: Planner): Link[] {
  return open.filter((link) => (['source', 'target'] as const).some((side) => {
    const { scan, missingOnce } = observed[side];
    return link.missing?.[side] !== undefined && scan !== undefined && !missingOnce.has(idOn(link, side) ?? '');
  }));
}

function caseOf(planner: Planner, link: Link): Case {
  for (const side of ['source', 'target'] as const) {
    const item = planner.observed[side].rejected.get(idOn(link, side) ?? '');
    if (item) return { link, views: { source: unseen, target: unseen }, rejected: { side, item } };
  }
  return { link, views: { source: view(planner, link, 'source'), target: view(planner, link, 'target') }, marks: marksAfter(planner, link) };
}

/** Since which scan each side's scans have missed it without a break. */
function marksAfter({ observed, stamp }: Planner, link: Link): NonNullable<Link['missing']> {
  const marks: { -readonly [side in SideName]?: number } = {};
  for (const side of ['source', 'target'] as const) {
    const { scan, missingOnce } = observed[side];
    const since = scan && !missingOnce.has(idOn(link, side) ?? '') ? undefined : (link.missing?.[side] ?? (scan && stamp.seq));
    if (since !== undefined) marks[side] = since;
  }
  return marks;
}

/** Takes the item out of the reading, so that what is left over is what no link knows. */
export function view(planner: Planner, link: Link, side: SideName): View {
  const id = idOn(link, side);
  if (id === undefined) return unseen;
  const seen = planner.observed[side];
  const item = seen.items.get(id);
  if (item) return { kind: 'present', item };
  const proof = seen.gone.get(id);
  if (proof) return { kind: 'gone', proof };
  const missingBefore = link.missing?.[side];
  if (seen.missingOnce.has(id) && missingBefore !== undefined && missingBefore < planner.stamp.seq) return { kind: 'gone', proof: { kind: 'scan', read: seen.read } };
  return unseen;
}
