/**
 * Order between streams: a child is written after its parent is there, with the parent's id put in just before the call; a
 * parent is withdrawn after its children. Who has to wait is found again when the other one is recorded.
 */
import type { Entity, ItemId } from '../sync/item.ts';
import type { Link, StagedWrite } from '../sync/link.ts';
import type { World } from './ports.ts';
import { parentKey } from './stage.ts';

/** The write with its parents' target ids, or the reason why it has to wait. */
export async function withReferences(world: World, link: Link, write: StagedWrite): Promise<StagedWrite | { readonly wait: string }> {
  if (write.side === 'target' && write.kind === 'delete') {
    const children = await world.links.children(parentKey(link.stream, link.sourceId ?? ''));
    const standing = children.filter((child) => child.targetId !== undefined && child.state !== 'gone');
    return standing.length > 0 ? { wait: `${standing.length} children are withdrawn first` } : write;
  }
  if (write.side !== 'target' || write.kind === 'delete' || !link.parents) return write;
  const ids: { [field: string]: ItemId } = {};
  for (const [field, parent] of Object.entries(link.parents)) {
    const [stream, sourceId] = splitParent(parent);
    const found = (await world.links.byIds(stream, 'source', [sourceId])).get(sourceId);
    if (found?.targetId === undefined) return { wait: `its ${stream} is not there yet` };
    ids[field] = found.targetId;
  }
  const entity: Entity = { ...write.entity, ...ids };
  return write.kind === 'create' ? { ...write, entity } : { ...write, entity, fields: { ...write.fields, ...ids } };
}

function splitParent(parent: string): [string, string] {
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
