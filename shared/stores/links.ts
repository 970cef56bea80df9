/**
 * The links of one connector on the table port. A link and the rows that say whose its ids are change together, in one group: that
 * is how an id belongs to at most one link, whoever writes at the same time. So does the row of its second parent, which only a link with two
 * has: a second index would have to be asked once for each change that is recorded. What the rows look like: link-rows.ts.
 */
import type { Clock } from '../base/clock.ts';
import { ConditionFailed } from '../base/errors.ts';
import type { IndexName, Key, Page, Reading, Row, Table, TableWrite } from '../base/table.ts';
import type { LinkSave, LinkStore } from '../engine/ports.ts';
import type { ItemId } from '../sync/item.ts';
import { idOn, type Link, type SideName } from '../sync/link.ts';
import { parseHead } from '../sync/link-index.ts';
import { childKey, childStream, conflictKey, conflictOf, conflictRow, expiryOf, fittedLink, idKey, linkKey, linkOf, matchIndexKey, parentIndexKey, parentsOf, partitionOf } from './link-rows.ts';
import { readBody } from './row-body.ts';
import { keyText } from './row-bounds.ts';

const headsPerPage = 5000;
const linksPerPage = 500; // whole bodies, commonly 1 to 3 KB
const conflictKeptMs = 90 * 86_400_000;
const sides: readonly SideName[] = ['source', 'target'];

interface Store {
  readonly table: Table;
  readonly connector: string;
  readonly clock: Clock;
  readonly isFlat: boolean;
}

/**
 * Every method throws what the table throws (StoreUnavailable among it). `save` throws an Error for a link with a parent where there can be
 * none, and for one with more than two. `remove` throws ConditionFailed when the link changed since it was read, and does nothing when it
 * is gone already.
 *
 * @param isFlat  The connector has one stream, so no link has a parent: nobody asks for children, once for each change that is recorded.
 */
export function linkStore(table: Table, connector: string, clock: Clock, { isFlat = false }: { readonly isFlat?: boolean } = {}): LinkStore {
  const store: Store = { table, connector, clock, isFlat };
  return {
    byKeys: (stream, keys) => byKeys(store, stream, keys),
    byIds: (stream, side, ids, reading) => byIds(store, { stream, side, ids }, reading),
    heads: (stream, reading) => headPages(store, stream, reading),
    open: (stream, reading) => indexPages(store, 'open', partitionOf(connector, stream), reading),
    byMatch: (stream, digest) => allOf(indexPages(store, 'match', matchIndexKey(connector, stream, digest))),
    children: async (parentKey) => (isFlat ? [] : childrenOf(store, parentKey)),
    save: (saves) => saveAll(store, saves),
    remove: (link) => remove(store, link),
    conflict: async (stream, key) => {
      const row = await table.get(conflictKey(connector, stream, key));
      return row && conflictOf(row);
    },
  };
}

/** In the order asked for. */
async function byKeys(store: Store, stream: string, keys: readonly string[], reading?: Reading): Promise<readonly Link[]> {
  const { table, connector } = store;
  const rows = await getByText(table, keys.map((key) => linkKey(connector, stream, key)), reading);
  return [...new Set(keys)].map((key) => rows.get(keyText(linkKey(connector, stream, key)))).filter((row) => row !== undefined).map((row) => linkOf(connector, row));
}

async function byIds(store: Store, ask: { stream: string; side: SideName; ids: readonly ItemId[] }, reading?: Reading): Promise<ReadonlyMap<ItemId, Link>> {
  const { table, connector } = store;
  const { stream, side } = ask;
  const idRows = await getByText(table, ask.ids.map((id) => idKey(connector, stream, side, id)), reading);
  const links = await byKeys(store, stream, [...idRows.values()].map((row) => readBody<{ key: string }>(row, ['key']).key), reading);
  // The link may have changed between the two reads: only what it says itself counts.
  const asked = new Set(ask.ids);
  const found = new Map<ItemId, Link>();
  for (const link of links) {
    const id = idOn(link, side);
    if (id !== undefined && asked.has(id)) found.set(id, link);
  }
  return found;
}

async function* headPages(store: Store, stream: string, reading?: Reading) {
  const ask = { ...reading, table: 'links', pk: partitionOf(store.connector, stream), limit: headsPerPage } as const;
  for await (const rows of pagesOf((after) => store.table.queryHeads({ ...ask, ...after }))) {
    yield rows.map((row) => parseHead(row.sk, row.head));
  }
}

async function* indexPages(store: Store, index: IndexName, key: string, reading?: Reading) {
  for await (const rows of indexRows(store, index, key, reading)) yield rows.map((row) => linkOf(store.connector, row));
}

function indexRows(store: Store, index: IndexName, key: string, reading?: Reading): AsyncGenerator<readonly Row[]> {
  const ask = { ...reading, table: 'links', index, key, limit: linksPerPage } as const;
  return pagesOf((after) => store.table.queryIndex({ ...ask, ...after }));
}

/** Each once, in the order of the index; on a page, those that have it as their first parent come first. */
async function childrenOf(store: Store, parent: string): Promise<readonly Link[]> {
  const { connector } = store;
  const found = new Map<string, Link>();
  for await (const rows of indexRows(store, 'parent', parentIndexKey(connector, parent))) {
    for (const [stream, some] of Map.groupBy(rows, (row) => childStream(connector, row))) {
      const links = stream === undefined ? some.map((row) => linkOf(connector, row)) : await byKeys(store, stream, some.map(({ sk }) => sk));
      // A link may have changed between the two reads: what it says itself counts.
      for (const link of links) if (Object.values(link.parents ?? {}).includes(parent)) found.set(`${link.stream}|${link.key}`, link);
    }
  }
  return [...found.values()];
}

async function* pagesOf<T>(read: (after: { readonly after?: string }) => Promise<Page<T>>): AsyncGenerator<readonly T[]> {
  let after: { readonly after?: string } = {};
  for (;;) {
    const { rows, next } = await read(after);
    if (rows.length > 0) yield rows;
    if (next === undefined) return;
    after = { after: next };
  }
}

async function allOf(pages: AsyncIterable<readonly Link[]>): Promise<readonly Link[]> {
  const links: Link[] = [];
  for await (const page of pages) links.push(...page);
  return links;
}

async function saveAll(store: Store, saves: readonly LinkSave[]): Promise<readonly ({ readonly link: Link } | 'refused')[]> {
  if (saves.length === 0) return [];
  if (store.isFlat && saves.some(({ link }) => Object.keys(link.parents ?? {}).length > 0)) throw new Error(`a link of ${store.connector} has a parent, and its only stream has no room for one`);
  const stored = await getByText(store.table, saves.flatMap((save) => keysToRead(store, save)));
  const fitted = saves.map((save) => fittedLink(store.connector, save.link));
  const outcomes = await store.table.writeGroups(fitted.map(({ row, link }, at) => [
    { kind: 'put', row, when: link.rev === 0 ? 'absent' : { rev: link.rev } },
    ...idWrites(store, storedBefore(store, saves[at], stored), link),
    ...childWrites(store, storedBefore(store, saves[at], stored), link),
    ...conflictWrites(store, saves[at], stored),
  ]));
  return fitted.map(({ link }, at) => {
    const outcome = outcomes[at];
    return outcome?.ok === true ? { link: { ...link, rev: outcome.revs[0] ?? 0 } } : 'refused';
  });
}

/** `was` names the ids to give back, so it has to be what is stored: one of another revision is not believed but read. */
const isBelieved = (save: LinkSave): boolean => save.link.rev === 0 || save.was?.rev === save.link.rev;

function keysToRead({ connector }: Store, save: LinkSave): readonly Key[] {
  const { stream, key } = save.link;
  return [...(isBelieved(save) ? [] : [linkKey(connector, stream, key)]), ...(save.conflict === 'close' ? [conflictKey(connector, stream, key)] : [])];
}

function storedBefore({ connector }: Store, save: LinkSave | undefined, stored: ReadonlyMap<string, Row>): Link | undefined {
  if (save === undefined || save.link.rev === 0) return undefined;
  if (isBelieved(save)) return save.was;
  const row = stored.get(keyText(linkKey(connector, save.link.stream, save.link.key)));
  return row && linkOf(connector, row);
}

/** An id that is new to the link must be nobody's. One that left it is ours to delete: the link's revision, in the same group, proves it. */
function idWrites({ connector }: Store, was: Link | undefined, link: Link): TableWrite[] {
  return sides.flatMap((side): TableWrite[] => {
    const before = was && idOn(was, side);
    const after = idOn(link, side);
    const key = (id: ItemId) => idKey(connector, link.stream, side, id);
    const row = (id: ItemId) => ({ ...key(id), body: { key: link.key }, ...expiryOf(link) });
    if (before === after) return after === undefined || was?.keepUntil === link.keepUntil ? [] : [{ kind: 'put', row: row(after), when: 'any' }];
    return [
      ...(before === undefined ? [] : [{ kind: 'delete', key: key(before), when: 'any' } as const]),
      ...(after === undefined ? [] : [{ kind: 'put', row: row(after), when: 'absent' } as const]),
    ];
  });
}

function childWrites({ connector }: Store, was: Link | undefined, link: Link): TableWrite[] {
  const before = was && parentsOf(was)[1];
  const [, after] = parentsOf(link);
  const key = childKey(connector, link.stream, link.key);
  if (after === undefined) return before === undefined ? [] : [{ kind: 'delete', key, when: 'any' }];
  if (before === after && was?.keepUntil === link.keepUntil) return [];
  return [{ kind: 'put', row: { ...key, body: {}, index: { parent: parentIndexKey(connector, after) }, ...expiryOf(link) }, when: 'any' }];
}

function conflictWrites(store: Store, save: LinkSave | undefined, stored: ReadonlyMap<string, Row>): TableWrite[] {
  if (save?.conflict === undefined) return [];
  if (save.conflict === 'close') return closing(store, stored.get(keyText(conflictKey(store.connector, save.link.stream, save.link.key))));
  return [{ kind: 'put', row: conflictRow(store.connector, save.conflict), when: 'any' }];
}

/** The values stay readable for a while, so that a person can still restore what lost. */
function closing({ clock }: Store, row: Row | undefined): TableWrite[] {
  if (row === undefined || row.expiresAt !== undefined) return [];
  const { rev: _rev, ...draft } = row;
  return [{ kind: 'put', row: { ...draft, expiresAt: clock.now() + conflictKeptMs }, when: 'any' }];
}

async function remove(store: Store, link: Link): Promise<void> {
  const { table, connector } = store;
  const key = linkKey(connector, link.stream, link.key);
  const conflict = await table.get(conflictKey(connector, link.stream, link.key));
  const ids = sides.map((side) => ({ side, id: idOn(link, side) }));
  try {
    await table.write([
      { kind: 'delete', key, when: { rev: link.rev } },
      ...ids.flatMap(({ side, id }): TableWrite[] => (id === undefined ? [] : [{ kind: 'delete', key: idKey(connector, link.stream, side, id), when: 'any' }])),
      ...(parentsOf(link)[1] === undefined ? [] : [{ kind: 'delete', key: childKey(connector, link.stream, link.key), when: 'any' } as const]),
      ...closing(store, conflict),
    ]);
  } catch (error) {
    if (error instanceof ConditionFailed && (await table.get(key)) === undefined) return;
    throw error;
  }
}

async function getByText(table: Table, keys: readonly Key[], reading?: Reading): Promise<ReadonlyMap<string, Row>> {
  if (keys.length === 0) return new Map();
  const rows = await table.getMany(keys, reading);
  return new Map(rows.map((row) => [keyText(row), row]));
}
