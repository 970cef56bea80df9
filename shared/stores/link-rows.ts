/**
 * How a link stands in a table: its keys, its short head, its index keys, and what is left out when it is too large. The order of
 * reads and writes is in links.ts.
 *
 *   pk <connector>/<stream>            sk the link's key          the link, its head for listings
 *   pk <connector>/<stream>#id         sk s:<id> or t:<id>        whose id this is: one row for an id makes it unique
 *   pk <connector>/<stream>#parent     sk the link's key          stands in the `parent` index under the link's second parent
 *   pk <connector>/<stream>#conflict   sk the link's key          both sides' values, for a person to compare
 */
import { hash } from 'node:crypto';
import { RowTooLarge } from '../base/errors.ts';
import type { Key, Row, RowDraft } from '../base/table.ts';
import type { ConflictRecord } from '../engine/ports.ts';
import type { ItemId } from '../sync/item.ts';
import { baseOf, isOpen, type Link, type Pending, type SideName, type StagedWrite } from '../sync/link.ts';
import { headText } from '../sync/link-index.ts';
import { bodyOf, readBody } from './row-body.ts';
import { checkedBody, headBytesMax } from './row-bounds.ts';

const textBytesMax = 900; // a key holds 1 024

export const partitionOf = (connector: string, stream: string): string => `${connector}/${stream}`;

export function linkKey(connector: string, stream: string, key: string): Key {
  return { table: 'links', pk: partitionOf(connector, stream), sk: key };
}

export function conflictKey(connector: string, stream: string, key: string): Key {
  return { table: 'links', pk: `${partitionOf(connector, stream)}#conflict`, sk: key };
}

/** The row that says whose id this is. */
export function idKey(connector: string, stream: string, side: SideName, id: ItemId): Key {
  return { table: 'links', pk: `${partitionOf(connector, stream)}#id`, sk: keyable(side === 'source' ? 's' : 't', id) };
}

/** The row by which a link is found under its second parent: the link itself has room for one key in the index. */
export function childKey(connector: string, stream: string, key: string): Key {
  return { table: 'links', pk: `${partitionOf(connector, stream)}${childMark}`, sk: key };
}

const childMark = '#parent';

/** The stream of the link that such a row points to; undefined for a link's own row. */
export const childStream = (connector: string, { pk }: Key): string | undefined => (pk.endsWith(childMark) ? pk.slice(connector.length + 1, -childMark.length) : undefined);

/** A parent that two fields name counts once. @throws Error for a third: our own bug, it would wait for that one and never be woken. */
export function parentsOf({ key, parents, stream }: Link): readonly [first: string | undefined, second: string | undefined] {
  const [first, second, ...more] = new Set(Object.values(parents ?? {}));
  if (more.length > 0) throw new Error(`link ${key} of ${stream} has ${more.length + 2} parents, and can be found under two`);
  return [first, second];
}

export const matchIndexKey = (connector: string, stream: string, digest: string): string => `${partitionOf(connector, stream)}#${digest}`;

/** @param parentKey  As links name their parents: it holds a system's id. */
export const parentIndexKey = (connector: string, parentKey: string): string => keyable(connector, parentKey);

/** A system's text behind a mark. What no key can carry (over 900 bytes, NUL, half a surrogate pair) is hashed, under another mark. */
function keyable(mark: string, text: string): string {
  const fits = Buffer.byteLength(text) <= textBytesMax && text.isWellFormed() && !text.includes('\0');
  // Hashed as JSON, which writes half a pair as an escape: as UTF-8, all such halves would be one character.
  return fits ? `${mark}:${text}` : `${mark}#${hash('sha256', JSON.stringify(text), 'base64url')}`;
}

const pendingBytesMax = 64 * 1024;

export interface FittedLink {
  /** As the caller goes on with it: with the values of its staged change. */
  readonly link: Link;
  readonly row: RowDraft;
}

/**
 * The row of a link. A staged change over 64 KB is stored without its values: they are read again before the write, and whoever
 * has just made them goes on with what is in hand. A row over 350 KB even so gives up what it learnt about rewriting.
 *
 * @throws RowTooLarge when it is too large even so, ItemInvalid when its key or stream cannot be a key: our own bugs.
 */
export function fittedLink(connector: string, link: Link): FittedLink {
  const isLarge = link.pending !== undefined && JSON.stringify(link.pending.writes).length > pendingBytesMax;
  const stored = isLarge ? withoutValues(link) : link;
  const row = linkRow(connector, stored);
  if (rowFits(row)) return { link, row };
  const least = { ...link, rewrites: undefined };
  const leastRow = linkRow(connector, { ...stored, rewrites: undefined });
  checkedBody(leastRow);
  return { link: least, row: leastRow };
}

function linkRow(connector: string, link: Link): RowDraft {
  const { stream, key, rev: _rev, ...body } = link;
  return { ...linkKey(connector, stream, key), head: headOf(link), body: bodyOf(body), index: indexOf(connector, link), ...expiryOf(link) };
}

/** A link and the rows that say whose its ids are are forgotten together. */
export const expiryOf = ({ keepUntil }: Link): Pick<RowDraft, 'expiresAt'> => (keepUntil === undefined ? {} : { expiresAt: keepUntil });

export function linkOf(connector: string, row: Row): Link {
  const body = readBody<Omit<Link, 'stream' | 'key' | 'rev'>>(row, ['state', 'versions', 'log']);
  return { ...body, stream: row.pk.slice(connector.length + 1), key: row.sk, rev: row.rev };
}

/**
 * What a listing says of the link. Where it would be over 2 KB, or a text cannot stand in it, versions and digests are left out:
 * then the item looks changed and the link itself is read. Without its ids, a link is found by look-up, and never missed.
 */
function headOf(link: Link): string {
  const { sourceId = '', targetId = '', versions, base, state } = link;
  const ids = { source: headable(sourceId), target: headable(targetId) };
  const none = { source: '', target: '' };
  const wholes = base === undefined ? none : { source: baseOf(base, 'source').whole, target: baseOf(base, 'target').whole };
  const short = { ids, versions: none, wholes: none, shape: base?.shape ?? '', state };
  const full = headText({ ...short, versions: { source: headable(versions.source ?? ''), target: headable(versions.target ?? '') }, wholes });
  if (headFits(full)) return full;
  const withIds = headText(short);
  return headFits(withIds) ? withIds : headText({ ...short, ids: none });
}

function headable(text: string): string {
  return text.isWellFormed() && !text.includes('\u001f') && !text.includes('\0') ? text : '';
}

// A UTF-16 unit is at most three bytes: the usual head needs no counting.
const headFits = (head: string): boolean => head.length * 3 <= headBytesMax || Buffer.byteLength(head) <= headBytesMax;

function indexOf(connector: string, link: Link): RowDraft['index'] {
  const { stream, late, match, missing, recheck, sourceId, targetId } = link;
  const lookOwed = recheck === true || late !== undefined || missing?.source !== undefined || missing?.target !== undefined;
  const isOneSided = sourceId === undefined || targetId === undefined;
  const isInWorkList = isOpen(link) || lookOwed;
  const [parent] = parentsOf(link);
  return {
    open: isInWorkList ? partitionOf(connector, stream) : undefined,
    // Whoever looks for a match has the work list in hand: a create would enter two indexes and leave both, each billed as a write.
    match: match !== undefined && isOneSided && !isInWorkList ? matchIndexKey(connector, stream, match) : undefined,
    parent: parent === undefined ? undefined : parentIndexKey(connector, parent),
  };
}

function withoutValues(link: Link): Link {
  if (link.pending === undefined) return link;
  const pending: Pending = { ...link.pending, writes: link.pending.writes.map(emptied), large: true };
  return { ...link, pending };
}

function emptied(write: StagedWrite): StagedWrite {
  if (write.kind === 'delete') return write;
  if (write.kind === 'create') return { ...write, entity: {} };
  // The names stay: they tell which fields may have been written, if nobody records it.
  return { ...write, entity: {}, fields: Object.fromEntries(Object.keys(write.fields).map((field) => [field, null])) };
}

/** The row of a conflict; one over 350 KB keeps the names of its fields and gives up the values. */
export function conflictRow(connector: string, record: ConflictRecord): RowDraft {
  const key = conflictKey(connector, record.stream, record.link);
  const row = { ...key, body: bodyOf(record) };
  if (rowFits(row)) return row;
  return { ...key, body: bodyOf({ ...record, source: {}, target: {} }) };
}

export const conflictOf = (row: Row): ConflictRecord => readBody(row, ['link', 'code', 'fields']);

function rowFits(row: RowDraft): boolean {
  try {
    checkedBody(row);
    return true;
  } catch (error) {
    if (error instanceof RowTooLarge) return false;
    throw error;
  }
}
