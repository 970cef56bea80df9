/**
 * Finds out which unlinked items of both sides are one thing: by a reference that one carries to the other, then by a sure
 * key, then by a likely key when exactly one candidate stands on each side. Pure.
 */
import type { Item, ItemId } from '../sync/item.ts';

export interface Matches {
  /** Source id -> target id. */
  readonly pairs: ReadonlyMap<ItemId, ItemId>;
  /** Items that could be several things: a person decides. */
  readonly ambiguous: { readonly source: ReadonlySet<ItemId>; readonly target: ReadonlySet<ItemId> };
}

export function matchItems(sources: readonly Item[], targets: readonly Item[]): Matches {
  const pairs = new Map<ItemId, ItemId>();
  const taken = new Set<ItemId>();
  const ambiguous = { source: new Set<ItemId>(), target: new Set<ItemId>() };
  const byId = new Map(sources.map((source) => [source.id, source]));
  for (const target of targets) {
    if (target.reference !== undefined && byId.has(target.reference) && !pairs.has(target.reference)) {
      pairs.set(target.reference, target.id);
      taken.add(target.id);
    }
  }
  for (const strength of ['sure', 'likely'] as const) {
    const left = groupByKey(sources.filter((item) => !pairs.has(item.id)), strength);
    const right = groupByKey(targets.filter((item) => !taken.has(item.id)), strength);
    for (const [key, candidates] of left) {
      const others = (right.get(key) ?? []).filter((item) => !taken.has(item.id));
      const mine = candidates.filter((item) => !pairs.has(item.id));
      const [source, target] = [mine[0], others[0]];
      if (source === undefined || target === undefined) continue;
      if (mine.length === 1 && others.length === 1) {
        pairs.set(source.id, target.id);
        taken.add(target.id);
      } else {
        for (const item of mine) ambiguous.source.add(item.id);
        for (const item of others) ambiguous.target.add(item.id);
      }
    }
  }
  return { pairs, ambiguous };
}

function groupByKey(items: readonly Item[], strength: 'sure' | 'likely'): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    for (const key of item.matchKeys ?? []) {
      if (key.strength !== strength) continue;
      const group = groups.get(key.text);
      if (group) group.push(item);
      else groups.set(key.text, [item]);
    }
  }
  return groups;
}

/** The text under which a one-sided link can be found again later. */
export const lastingKey = (item: Item): string | undefined => item.matchKeys?.at(-1)?.text;
