/**
 * Order between streams: a child is written after its parent is there, with the parent's id put in just before the call; a
 * parent is withdrawn after its children. Who has to wait is found again when the other one is recorded.
 */
import type { Entity, ItemId } from '../sync/item.ts';
import { baseOf, type Base, type Link, type StagedWrite } from '../sync/link.ts';
import type { Stream } from './connector.ts';
import type { LinkSave, LinkStore, World } from './ports.ts';
import { parentKey } from './stage.ts';

/** Whose write it is, and where its parents and children are found. */
interface Near {
  readonly links: LinkStore;
  readonly stream: Pick<Stream, 'childrenStay'>;
}

/** The write with its parents' target ids, or the reason why it has to wait. */
export async function withReferences({ links, stream }: Near, link: Link, write: StagedWrite): Promise<StagedWrite | { readonly wait: string }> {
  if (write.side === 'target' && write.kind === 'delete') {
    if (stream.childrenStay) return write;
    const children = await links.children(parentKey(link.stream, link.sourceId ?? ''));
    const standing = children.filter((child) => child.targetId !== undefined && child.state !== 'gone');
    return standing.length > 0 ? { wait: `${standing.length} children are withdrawn first` } : write;
  }
  if (write.side !== 'target' || write.kind === 'delete' || !link.parents) return write;
  const ids: { [field: string]: ItemId } = {};
  for (const [field, parent] of Object.entries(link.parents)) {
    const [above, sourceId] = splitParent(parent);
    const id = standingId((await links.byIds(above, 'source', [sourceId])).get(sourceId));
    if (id === undefined) return { wait: `its ${above} is not there yet` };
    ids[field] = id;
  }
  const entity: Entity = { ...write.entity, ...ids };
  if (write.kind === 'create') return { ...write, entity };
  // A parent that did not change is no news to the other side.
  const named = Object.fromEntries(Object.entries(ids).filter(([field]) => field in write.fields));
  return { ...write, entity, fields: { ...write.fields, ...named } };
}

/** Under which children name it in the target. */
const standingId = (parent: Pick<Link, 'targetId' | 'stayed'> | undefined): ItemId | undefined => parent?.targetId ?? parent?.stayed;

/** The parent's stream and its source id. */
export function splitParent(parent: string): [string, string] {
  const at = parent.indexOf('|');
  return [parent.slice(0, at), parent.slice(at + 1)];
}

/** Links that were waiting for what has just been recorded on this one. */
export async function wokenBy(world: World, link: Link): Promise<readonly Link[]> {
  const woken: Link[] = [];
  if (link.targetId !== undefined && link.sourceId !== undefined) {
    woken.push(...(await world.links.children(parentKey(link.stream, link.sourceId))));
  } else if (link.parents) {
    for (const parent of Object.values(link.parents)) {
      const [stream, sourceId] = splitParent(parent);
      const found = (await world.links.byIds(stream, 'source', [sourceId])).get(sourceId);
      if (found) woken.push(found);
    }
  }
  return woken.filter((one) => one.state === 'waiting' && one.pending !== undefined);
}

/**
 * The parent has another id now (a card was replaced, accounts were merged): its children still name the old one. What they hold of it
 * is forgotten, and the next run looks at each of them and writes the new id.
 */
export async function childrenOfMoved(world: World, was: Link | undefined, link: Link): Promise<readonly LinkSave[]> {
  const before = standingId(was);
  if (before === undefined || link.targetId === undefined || before === link.targetId || link.sourceId === undefined) return [];
  const parent = parentKey(link.stream, link.sourceId);
  const children = await world.links.children(parent);
  return children.flatMap((child): LinkSave[] => {
    if (child.targetId === undefined || child.base === undefined || child.state === 'gone') return [];
    const fields = Object.entries(child.parents ?? {}).flatMap(([field, key]) => (key === parent ? [field] : []));
    return [{ link: { ...child, base: forgotten(child.base, fields), recheck: true }, was: child }];
  });
}

const noDigest = '-'; // an empty one would count as unknown, and as unchanged

/** The base, as if the source had changed these fields: the next look writes them. */
export function forgotten(base: Base, fields: readonly string[]): Base {
  const source = baseOf(base, 'source');
  return { ...base, source: { whole: '', fields: { ...source.fields, ...Object.fromEntries(fields.map((field) => [field, noDigest])) } }, target: baseOf(base, 'target') };
}
