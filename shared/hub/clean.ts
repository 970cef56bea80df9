/**
 * A connector for one cleaning run: what stands in the target and is not in the source is to go, and nothing is imported. All else is
 * the ordinary run. What is removed is staged, judged and reported as every withdrawal; that things of other people are held is the
 * guard's rule. Only a complete reading of the source may be believed here: what it left out would look like rubbish.
 */
import { VendorAnswerInvalid } from '../base/errors.ts';
import type { Connector, Stream } from '../engine/connector.ts';
import type { LinkStore } from '../engine/ports.ts';
import type { Side, Sighting, Want } from '../engine/side.ts';
import type { ItemId } from '../sync/item.ts';
import { completeScan, type ReadingEnd } from '../sync/scan.ts';

/** @param connector  Its sides are plain objects, as connectors make them. */
export async function cleaning(connector: Connector, links: LinkStore): Promise<Connector> {
  const streams: Stream[] = [];
  for (const stream of connector.streams) {
    const alone = await withoutSource(links, stream.name);
    const target: Side = { ...stream.target, read: (want) => looking(stream.target.read(want), alone) };
    const source: Side = { ...stream.source, read: (want) => whole(stream.source, want) };
    streams.push({ ...stream, source, target, policy: { ...stream.policy, targetNew: 'remove' } });
  }
  return { ...connector, streams };
}

/** What earlier runs left alone in the target because the source has no such item. */
async function withoutSource(links: LinkStore, stream: string): Promise<ReadonlySet<ItemId>> {
  const alone = new Set<ItemId>();
  for await (const heads of links.heads(stream)) {
    for (const { ids, state } of heads) if (ids.source === '' && ids.target !== '' && state === 'agreed') alone.add(ids.target);
  }
  return alone;
}

/** Their version has not moved, so the reading would pass them by: without one they are looked at. */
async function* looking(pages: AsyncGenerator<readonly Sighting[], ReadingEnd>, alone: ReadonlySet<ItemId>): AsyncGenerator<readonly Sighting[], ReadingEnd> {
  for (;;) {
    const page = await pages.next();
    if (page.done === true) return page.value;
    yield page.value.map((sighting) => (sighting.kind === 'listed' && alone.has(sighting.id) ? { ...sighting, version: undefined } : sighting));
  }
}

async function* whole(side: Side, want: Want): AsyncGenerator<readonly Sighting[], ReadingEnd> {
  const pages = side.read(want);
  let read = 0;
  for (;;) {
    const page = await pages.next();
    if (page.done === true) {
      if (!completeScan(page.value, read)) throw new VendorAnswerInvalid({ vendor: side.system, call: 'the listing of all items', reason: 'INCOMPLETE' });
      return page.value;
    }
    read += page.value.length;
    yield page.value;
  }
}
