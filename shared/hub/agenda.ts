/**
 * The next events of a connector's target, as a person would see them there: for a first look, not for the sync. It reads the
 * side whole.
 */
import type { Connector } from '../engine/connector.ts';
import type { Item, ItemId } from '../sync/item.ts';

export interface AgendaLine {
  readonly start: string;
  readonly title: string;
  readonly location: string;
}

/** The first `count` items of the first stream that start at `fromMs` or later; a stream without a start and a title has none. */
export async function nextEvents(connector: Connector, fromMs: number, count: number): Promise<readonly AgendaLine[]> {
  const side = connector.streams[0]?.target;
  if (side === undefined) return [];
  const items: Item[] = [];
  const toLookUp: ItemId[] = [];
  for await (const page of side.read({ full: true })) {
    for (const sighting of page) {
      if (sighting.kind !== 'listed') continue;
      if (sighting.item) items.push(sighting.item);
      else toLookUp.push(sighting.id);
    }
  }
  for (let at = 0; at < toLookUp.length; at += side.batchMax) {
    for (const looked of await side.lookUp(toLookUp.slice(at, at + side.batchMax))) if (looked.kind === 'present') items.push(looked.item);
  }
  const lines = items.flatMap(({ entity: { start, title, location } }) =>
    typeof start === 'string' && typeof title === 'string' && Date.parse(start) >= fromMs ? [{ start, title, location: typeof location === 'string' ? location : '' }] : []);
  return lines.sort((left, right) => (left.start < right.start ? -1 : left.start > right.start ? 1 : 0)).slice(0, count);
}
