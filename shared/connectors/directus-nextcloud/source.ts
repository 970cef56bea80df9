/**
 * Directus as a side: the system of record. A reading is one listing of all ids and dates, which is authoritative; rows are
 * looked up only where their version moved.
 *
 * A collection without these dates is read whole each time, a digest of its values is the version, and an update compares it
 * just before it writes: a person who saves within those milliseconds is overwritten.
 */
import type { Clock } from '../../base/clock.ts';
import { ItemInvalid } from '../../base/errors.ts';
import { groupsWithin } from '../../base/groups.ts';
import type { Looked, Side, SideWrite, Sighting, WriteResult } from '../../engine/side.ts';
import type { Item, ItemId } from '../../sync/item.ts';
import type { ReadingEnd } from '../../sync/scan.ts';
import type { DirectusClient } from '../../vendors/directus/client.ts';
import type { DirectusRow, RowId } from '../../vendors/directus/schema.ts';
import { collectionColumns } from './columns.ts';
import { importedFrom, itemOfRow, valuesOf, type Columns } from './map.ts';
import { refusals } from '../refused-sign-in.ts';
import { rowVersions } from './row-version.ts';
import { rowId, writeRows } from './row-writes.ts';
import type { Settings } from './settings.ts';

export interface SourceDeps {
  /** Made with `stamps` as in the settings. */
  readonly directus: DirectusClient;
  /** `DIRECTUS_API_URL`: names the place, no call is made with it. */
  readonly directusUrl: string;
  readonly clock: Clock;
  /** Keyed digest. */
  readonly digest: (text: string) => string;
  /** Told what is switched off, in words for an operator. */
  readonly notice?: ((message: string) => void) | undefined;
}

const sightingsPerPage = 1000;
const rowsPerPage = 100; // what a page has where nobody says otherwise; the operator may refuse a larger one
const filterCharsMax = 2500; // `find` asks in the address, and proxies commonly refuse one over 4 to 8 KB

export function directusSource(deps: SourceDeps, settings: Settings): Side {
  const { directus } = deps;
  const table = collectionColumns(deps, settings);
  const versions = rowVersions(deps);
  const signIn = refusals(deps.clock);

  function looked(row: DirectusRow, columns: Columns): Extract<Looked, { kind: 'present' | 'rejected' }> {
    const version = versions.of(row, columns);
    try {
      return { kind: 'present', item: itemOfRow(row, version, columns, settings, deps.digest) };
    } catch (error) {
      if (!(error instanceof ItemInvalid)) throw error;
      return { kind: 'rejected', rejected: { id: String(row.id), version, code: error.code, message: error.message } };
    }
  }

  function done(row: DirectusRow, columns: Columns): WriteResult {
    const now = looked(row, columns);
    return { kind: 'done', id: String(row.id), version: versions.of(row, columns), item: now.kind === 'present' ? now.item : undefined };
  }

  async function* read(): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    const listing = await table.whenDated(() => directus.listVersions());
    if (listing === undefined) return yield* readValues();
    const { rows, declaredTotal, complete } = listing;
    const columns = table.assumed();
    versions.learn(rows, columns);
    for (let at = 0; at < rows.length; at += sightingsPerPage) {
      yield rows.slice(at, at + sightingsPerPage).map((row) => ({ kind: 'listed', id: String(row.id), version: versions.of(row, columns) }));
    }
    return { kind: 'scan', declared: declaredTotal, lastPageSeen: complete, authoritative: true };
  }

  /** Without dates: all values, page after page behind the last id, until one is empty. Nobody counted them, so absences are looked up. */
  async function* readValues(): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    for (let last: RowId | undefined; ; ) {
      const filter = last === undefined ? {} : { id: { _gt: last } };
      const { rows, columns } = await table.reading((names) => directus.find(filter, names, rowsPerPage));
      if (rows.length === 0) return { kind: 'scan', lastPageSeen: true, authoritative: false };
      last = rows.at(-1)?.id;
      yield rows.map((row): Sighting => {
        const seen = looked(row, columns);
        return seen.kind === 'rejected' ? seen : { kind: 'listed', id: seen.item.id, version: seen.item.version, item: seen.item };
      });
    }
  }

  async function lookUp(ids: readonly ItemId[]): Promise<readonly Looked[]> {
    if (ids.length === 0) return [];
    const { rows, columns } = await table.reading((names) => directus.readItems(ids.map(rowId), names));
    const found = new Map(rows.map((row) => [String(row.id), row]));
    return ids.map((id) => {
      const row = found.get(id);
      return row === undefined ? { kind: 'absent', id } : looked(row, columns);
    });
  }

  async function lookForOurs(writes: readonly SideWrite[]): Promise<readonly (readonly Item[])[]> {
    const columns = await table.checked();
    const creates = writes.map(({ staged }) => (staged.kind === 'create' ? staged : undefined));
    const byUid = columns.nextcloudUid === undefined ? undefined : await rowsByUid(creates.flatMap((create) => create?.key ?? []), columns.nextcloudUid, columns);
    const found: (readonly Item[])[] = [];
    for (const create of creates) {
      const rows = create === undefined ? [] : byUid === undefined ? await lookAlikes(create, columns) : (byUid.get(create.key) ?? []);
      found.push(rows.map((row) => looked(row, columns)).flatMap((one) => (one.kind === 'present' ? [one.item] : [])));
    }
    return found;
  }

  async function rowsByUid(uids: readonly string[], column: string, columns: Columns): Promise<ReadonlyMap<string, readonly DirectusRow[]>> {
    const found: DirectusRow[] = [];
    for (const some of inAddresses([...new Set(uids)])) {
      found.push(...(await directus.find({ [column]: { _in: some } }, table.names(columns), 2 * some.length)));
    }
    return Map.groupBy(found, (row) => String(row[column]));
  }

  /** Where rows do not name the object they came from: imported, with the same title and start. */
  async function lookAlikes({ entity }: Extract<SideWrite['staged'], { kind: 'create' }>, columns: Columns): Promise<readonly DirectusRow[]> {
    const { title, start } = entity;
    if (title === undefined || start === undefined) return [];
    const mark = columns.source === undefined ? {} : { [columns.source]: importedFrom };
    const values = { ...valuesOf({ title, start }, entity, columns, settings), ...mark };
    return directus.find({ _and: Object.entries(values).map(([column, value]) => ({ [column]: { _eq: value } })) }, table.names(columns), 2);
  }

  return {
    system: 'directus',
    power: 'find',
    reads: 'scan',
    readsBeside: true,
    versioned: true,
    tombstones: 'sure',
    secondLook: 'look-up',
    oneWriter: false,
    batchMax: 100,
    identity: () => placeOfRows(deps, settings),
    read,
    lookUp,
    lookForOurs,
    write: (writes) => writeRows({ directus, table, versions, settings, signIn, done }, writes),
  };
}

/** Where the rows are, in clear. */
export function placeOfRows({ directusUrl }: Pick<SourceDeps, 'directusUrl'>, settings: Settings): string {
  return `${directusUrl.replace(/\/+$/, '')} ${settings.directus.collection}`;
}

/** Groups that fit into one address each. */
function inAddresses(texts: readonly string[]): readonly (readonly string[])[] {
  return groupsWithin(texts, (text) => encodeURIComponent(JSON.stringify(text)).length + 3, { sizeMax: filterCharsMax });
}
