/**
 * Writes rows: new ones in transactions of up to 100, changes one by one as compare-and-set. Every field that is sent is known
 * to exist, and every result carries the row as Directus stored it.
 */
import { VendorRejected } from '../../base/errors.ts';
import type { SideWrite, WriteResult } from '../../engine/side.ts';
import { batchesOf } from '../../vendors/directus/batches.ts';
import type { DirectusClient } from '../../vendors/directus/client.ts';
import { faultsOf } from '../../vendors/directus/refusals.ts';
import type { DirectusRow, RowId } from '../../vendors/directus/schema.ts';
import type { CollectionColumns } from './columns.ts';
import { importMarks, valuesOf, type Columns } from './map.ts';
import type { Refusals } from '../refused-sign-in.ts';
import type { RowVersions } from './row-version.ts';
import type { Settings } from './settings.ts';
import { writeRun, type Recorder, type WriteRun } from '../write-run.ts';

export interface RowWriting {
  readonly directus: DirectusClient;
  readonly table: CollectionColumns;
  readonly versions: RowVersions;
  readonly settings: Settings;
  readonly signIn: Refusals;
  /** The result of a write that left this row. */
  done(row: DirectusRow, columns: Columns): WriteResult;
}

type Values = { readonly [column: string]: unknown };

interface NewRow {
  readonly place: number;
  readonly uid: string;
  readonly values: Values;
}

const parallelCalls = 4; // a database with one writer only queues more

export async function writeRows(rows: RowWriting, writes: readonly SideWrite[]): Promise<readonly WriteResult[]> {
  const columns = await rows.table.checked();
  const { settings } = rows;
  const run = writeRun(writes.length, parallelCalls, rows.signIn);
  const news: NewRow[] = [];
  const calls: Promise<void>[] = [];
  for (const [place, { staged, id, version }] of writes.entries()) {
    if (staged.kind === 'create') {
      const values = { ...valuesOf(staged.entity, staged.entity, columns, settings), ...importMarks(staged.key, columns, settings) };
      news.push({ place, uid: staged.key, values });
      continue;
    }
    const change = { id: rowId(id), version, columns };
    const values = staged.kind === 'update' ? valuesOf(staged.fields, staged.entity, columns, settings) : archiving(columns, settings);
    calls.push(run.add([place], async (record) => record(place, values === undefined ? deletesOff : await changeRow(rows, change, values))));
  }
  const byValues = new Map(news.map((row) => [row.values, row]));
  for (const batch of batchesOf(news.map(({ values }) => values))) {
    const batched = batch.flatMap((values) => byValues.get(values) ?? []);
    calls.push(run.add(placesOf(batched), (record) => createRows(rows, { run, record, columns }, batched)));
  }
  await Promise.all(calls);
  return run.results();
}

/** One transaction stores all or none; a refused one is halved until the row that it was about stands alone. */
async function createRows(rows: RowWriting, into: { run: WriteRun; record: Recorder; columns: Columns }, batch: readonly NewRow[]): Promise<void> {
  const { run, record, columns } = into;
  try {
    const stored = await rows.directus.createItems(batch.map(({ values }) => values), rows.table.names(columns));
    for (const [at, row] of stored.entries()) record(batch[at]?.place ?? -1, rows.done(row, columns));
  } catch (error) {
    if (!(error instanceof VendorRejected)) throw error;
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) return record(only.place, await refusedCreate(rows, only, error, columns));
    // 400 is about a row, 403 about all of them: what the bot may do, or what the licence allows.
    if (error.status !== 400) throw error;
    const middle = Math.ceil(batch.length / 2);
    for (const half of [batch.slice(0, middle), batch.slice(middle)]) {
      await run.attempt(placesOf(half), (recordHalf) => createRows(rows, { run, record: recordHalf, columns }, half));
    }
  }
}

async function refusedCreate({ directus }: RowWriting, { uid }: NewRow, refusal: VendorRejected, columns: Columns): Promise<WriteResult> {
  if (refusal.reason !== 'RECORD_NOT_UNIQUE' || columns.nextcloudUid === undefined) return refused(refusal);
  const [holder] = await directus.find({ [columns.nextcloudUid]: { _eq: uid } }, [], 1);
  return holder === undefined ? refused(refusal) : { kind: 'exists', id: String(holder.id) };
}

async function changeRow(rows: RowWriting, { id, version, columns }: { id: RowId; version: string | undefined; columns: Columns }, values: Values): Promise<WriteResult> {
  if (version === undefined) return { kind: 'stale' };
  // All that changes are fields that this collection does not have.
  if (Object.keys(values).length === 0) return { kind: 'done', id: String(id), version };
  try {
    const row = await (rows.table.isDated() ? changeDated : changeUndated)(rows, { id, version, columns }, values);
    return row === 'stale' || row === 'missing' ? { kind: row } : rows.done(row, columns);
  } catch (error) {
    if (error instanceof VendorRejected) return refused(error);
    throw error;
  }
}

type Change = { readonly id: RowId; readonly version: string; readonly columns: Columns };

async function changeDated({ directus, table, versions }: RowWriting, { id, version, columns }: Change, data: Values): Promise<DirectusRow | 'stale'> {
  return directus.updateIfUnchanged({ id, dateUpdated: versions.updatedAt(version), data, fields: table.names(columns) });
}

async function changeUndated({ directus, table, versions }: RowWriting, { id, version, columns }: Change, data: Values): Promise<DirectusRow | 'stale' | 'missing'> {
  const names = table.names(columns);
  const [standing] = await directus.readItems([id], names);
  if (standing === undefined) return 'missing';
  if (versions.of(standing, columns) !== version) return 'stale';
  const row = await directus.update(id, data, names);
  return row === 'gone' ? 'missing' : row;
}

const deletesOff: WriteResult = {
  kind: 'refused',
  code: 'E_DELETE_OFF',
  message: 'rows of Directus are never deleted; archive it there by hand, or allow archiving in directus.deletes',
};

function archiving(columns: Columns, { directus: { deletes, approval } }: Settings): Values | undefined {
  return deletes !== 'never' && columns.status !== undefined ? { [columns.status]: approval.archivedStatuses[0] } : undefined;
}

/** Names the fields that Directus found fault with, which its message alone does not. */
function refused(refusal: VendorRejected): WriteResult {
  const fields = [...new Set(faultsOf(refusal).flatMap(({ field }) => field ?? []))];
  const about = fields.length === 0 ? '' : `: ${fields.join(', ')}`;
  return { kind: 'refused', code: refusal.reason ?? refusal.code, message: `${refusal.message}${about}` };
}

/** As Directus has it: a number where the key counts up, text where it is a uuid. */
export function rowId(id: string | undefined): RowId {
  if (id === undefined) throw new Error('a change of a row needs its id');
  return /^(0|[1-9]\d{0,14})$/.test(id) ? Number(id) : id;
}

const placesOf = (rows: readonly NewRow[]): readonly number[] => rows.map(({ place }) => place);
