/**
 * Reads one side: a delta where the side offers one, else a scan, and keeps only what differs from what the links know.
 * What the side says is gone, or what a complete scan did not name, becomes `gone` only with proof.
 */
import type { ItemId, Item, RejectedItem } from '../sync/item.ts';
import { SideIndex, type LinkHead } from '../sync/link-index.ts';
import type { Proof, SideName } from '../sync/link.ts';
import { completeScan, covers, proofOf, type CompleteScan, type ReadingEnd } from '../sync/scan.ts';
import type { Digester } from '../sync/digest.ts';
import type { LinkStore } from './ports.ts';
import type { Looked, Side, Sighting, Want } from './side.ts';

export interface Observed {
  /** Items that are new or differ from their link. */
  readonly items: Map<ItemId, Item>;
  readonly rejected: Map<ItemId, RejectedItem>;
  readonly gone: Map<ItemId, Proof>;
  /** Absent in this scan, but one scan is not enough on this side. */
  readonly missingOnce: Set<ItemId>;
  /** Lines of the reading. */
  read: number;
  end: ReadingEnd;
  scan: CompleteScan | undefined;
  /** Somebody else's writes were among them. */
  foreign: boolean;
}

interface Context {
  readonly links: LinkStore;
  readonly stream: string;
  readonly sideName: SideName;
  readonly side: Side;
  readonly digests: Digester;
  readonly shape: string;
  readonly onPage?: ((read: number) => void) | undefined;
}

type Pages = AsyncGenerator<readonly Sighting[], ReadingEnd>;

/** A reading whose first page has been asked for already. */
export interface Begun {
  readonly pages: Pages;
  readonly first: ReturnType<Pages['next']>;
}

/** Asks for the first page of a side that may be read beside the other one. */
export function beginReading(side: Side, want: Want): Begun | undefined {
  if (side.readsBeside !== true || want.only !== undefined) return undefined;
  const pages = side.read(want);
  const first = pages.next();
  first.catch(() => undefined); // thrown where it is awaited, which may be much later
  return { pages, first };
}

/** @throws what the side throws when it cannot be read whole: no plan is made on the strength of a partial reading. */
export async function observe(context: Context, want: Want, begun?: Begun): Promise<Observed> {
  const seen: Observed = {
    items: new Map(), rejected: new Map(), gone: new Map(), missingOnce: new Set(), read: 0,
    end: { kind: 'delta', lastPageSeen: false, authoritative: false }, scan: undefined, foreign: false,
  };
  if (want.only !== undefined) {
    await fetchAll(context, seen, want.only);
    return seen;
  }
  await begun?.first; // our own work fills the wait for the other side, instead of holding up its first call
  const known = context.side.recalls === true ? new Map<ItemId, string>() : undefined;
  const index = want.full || want.cursor === undefined ? await buildIndex(context, known) : undefined;
  const lookup = new Lookup(context, index);
  const toFetch: ItemId[] = [];
  const pages = begun?.pages ?? context.side.read({ ...want, known });
  for (let next = begun?.first; ; next = undefined) {
    const page = await (next ?? pages.next());
    if (page.done) {
      seen.end = page.value;
      break;
    }
    seen.read += lookup.countNew(page.value);
    await sift(context, seen, lookup, page.value, toFetch);
    context.onPage?.(seen.read);
  }
  await fetchAll(context, seen, toFetch);
  seen.scan = completeScan(seen.end, seen.read);
  if (seen.scan) await findMissing(context, seen, seen.scan, lookup);
  return seen;
}

async function sift(context: Context, seen: Observed, lookup: Lookup, page: readonly Sighting[], toFetch: ItemId[]): Promise<void> {
  const comparisons = await lookup.compare(page);
  for (const [at, sighting] of page.entries()) {
    const comparison = comparisons[at];
    if (sighting.kind === 'rejected') {
      if (comparison !== 'same') seen.rejected.set(sighting.rejected.id, sighting.rejected);
    } else if (sighting.kind === 'gone') {
      if (comparison === 'unknown') continue;
      if (context.side.tombstones === 'sure') seen.gone.set(sighting.id, { kind: 'tombstone' });
      else toFetch.push(sighting.id);
    } else if (comparison !== 'same') {
      if (sighting.item) seen.items.set(sighting.id, sighting.item);
      else toFetch.push(sighting.id);
    }
  }
}

async function fetchAll(context: Context, seen: Observed, ids: readonly ItemId[]): Promise<void> {
  seen.foreign = ids.length > 0;
  for (let at = 0; at < ids.length; at += context.side.batchMax) {
    for (const looked of await context.side.lookUp(ids.slice(at, at + context.side.batchMax))) take(seen, looked);
    context.onPage?.(seen.read);
  }
}

function take(seen: Observed, looked: Looked): void {
  if (looked.kind === 'present') seen.items.set(looked.item.id, looked.item);
  else if (looked.kind === 'rejected') seen.rejected.set(looked.rejected.id, looked.rejected);
  else if (looked.kind === 'absent') seen.gone.set(looked.id, { kind: 'look-up' });
}

/** What links know and a complete scan did not name. An authoritative listing is proof; others are asked a second time. */
async function findMissing(context: Context, seen: Observed, scan: CompleteScan, lookup: Lookup): Promise<void> {
  const heads: LinkHead[] = [];
  for await (const page of context.links.heads(context.stream)) {
    heads.push(...page.filter(({ ids, state }) => ids[context.sideName] !== '' && state !== 'gone' && !lookup.wasSeen(ids[context.sideName])));
  }
  const missing = (await withinScope(context, seen.end.scope, heads)).map(({ ids }) => ids[context.sideName]);
  if (scan.authoritative) for (const id of missing) seen.gone.set(id, proofOf(scan));
  else if (context.side.secondLook === 'look-up') await fetchAll(context, seen, missing);
  else for (const id of missing) seen.missingOnce.add(id);
}

async function buildIndex(context: Context, known: Map<ItemId, string> | undefined): Promise<SideIndex> {
  const index = new SideIndex();
  for await (const heads of context.links.heads(context.stream)) {
    for (const head of heads) {
      addHead(index, head, context);
      if (known && isCurrent(head, context)) known.set(head.ids[context.sideName], head.versions[context.sideName]);
    }
  }
  return index;
}

/** Another mapping made the digests of a head that is not. */
const isCurrent = ({ shape }: LinkHead, context: Context): boolean => shape === '' || shape === context.shape;

/** Of these, what the scan looked at: a head does not tell its item's scope, so where the scan had one, the links are read. */
async function withinScope({ links, stream, sideName }: Context, scope: ReadingEnd['scope'], heads: readonly LinkHead[]): Promise<readonly LinkHead[]> {
  if (scope === undefined || heads.length === 0) return heads;
  const scopes = new Map((await links.byKeys(stream, heads.map(({ key }) => key))).map((link) => [link.key, link.scope?.[sideName]]));
  return heads.filter(({ key }) => covers(scope, scopes.get(key)));
}

function addHead(index: SideIndex, head: LinkHead, context: Context): void {
  const id = head.ids[context.sideName];
  if (id === '') return;
  // Let every item look changed, so that it is read and based anew; and one that was gone, though it comes back as it was.
  const current = isCurrent(head, context) && head.state !== 'gone';
  index.add(id, current ? head.versions[context.sideName] : '\u0000', current ? head.wholes[context.sideName] : '\u0000');
}

/** Compares sightings with links: through an index of all links for a scan, by look-up for a short delta. */
class Lookup {
  private readonly context: Context;
  private readonly index: SideIndex | undefined;
  private readonly named = new Set<ItemId>();

  constructor(context: Context, index: SideIndex | undefined) {
    this.context = context;
    this.index = index;
  }

  async compare(page: readonly Sighting[]): Promise<('same' | 'changed' | 'unknown')[]> {
    const { index } = this;
    if (index) return page.map((sighting) => index.see(idOf(sighting), versionOf(sighting), this.whole(sighting)));
    const { sideName, stream, links } = this.context;
    const found = await links.byIds(stream, sideName, page.map(idOf));
    return page.map((sighting) => {
      const link = found.get(idOf(sighting));
      this.named.add(idOf(sighting));
      if (!link) return 'unknown';
      const version = versionOf(sighting);
      return sighting.kind !== 'gone' && version !== '' && version === link.versions[sideName] ? 'same' : 'changed';
    });
  }

  /** How many ids were not named before: a page shown twice in place of another would make a declared count come out right. */
  countNew(page: readonly Sighting[]): number {
    const fresh = new Set(page.map(idOf).filter((id) => !this.wasSeen(id) && !this.named.has(id)));
    for (const id of fresh) if (this.index?.has(id) !== true) this.named.add(id);
    return fresh.size;
  }

  wasSeen(id: ItemId): boolean {
    return this.index ? this.index.wasSeen(id) : this.named.has(id);
  }

  private whole(sighting: Sighting): string {
    return sighting.kind === 'listed' && sighting.item && sighting.version === undefined ? this.context.digests.whole(sighting.item.entity) : '';
  }
}

const idOf = (sighting: Sighting): ItemId => (sighting.kind === 'rejected' ? sighting.rejected.id : sighting.id);
const versionOf = (sighting: Sighting): string => (sighting.kind === 'listed' ? (sighting.version ?? '') : sighting.kind === 'rejected' ? (sighting.rejected.version ?? '') : '');
