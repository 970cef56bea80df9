/**
 * Today's code on the rows of the last release (commit 9420da9, before there was a cloud): samples/rows-of-release-0.1.0.json is what three runs
 * of it left behind over the sample world, under a digest key of zeros. The world itself is made anew, by today's code. In the cloud the same
 * rows stand as they did before they were packed (stores/row-packing.ts): each body deflated alone.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { readConfig } from '../../shared/base/config.ts';
import { digestKeyName } from '../../shared/base/names.ts';
import type { Row } from '../../shared/base/table.ts';
import { localHub } from '../../shared/hub/local.ts';
import { sampleWorld, type SampleWorld } from '../../shared/hub/sample.ts';
import { itemOf } from '../../shared/stores/dynamo-rows.ts';
import { dynamoTable } from '../../shared/stores/dynamo-table.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { cloudHub } from '../samples/cloud-hub.ts';
import { dynamoBinary, startDynamo, type DynamoEmulator } from '../samples/emulators.ts';

const connector = 'directus-nextcloud';
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function stateFolder(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'concord-upgrade-')), 'state');
  folders.push(folder);
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, 'key'), `${'0'.repeat(64)}\n`, { mode: 0o600 });
  return folder;
}

const rowsOfTheLastRelease = (): readonly Row[] => JSON.parse(readFileSync(join(import.meta.dirname, '..', 'samples', 'rows-of-release-0.1.0.json'), 'utf8'));

/** The sample world as three runs leave it, and a state folder that holds what the last release wrote meanwhile. */
async function afterTheLastRelease() {
  const clock = manualClock();
  const world = sampleWorld(clock);
  const hubAt = (state: string) => localHub({ config: readConfig({ env: { ...world.variables, CONCORD_STATE: state } }), clock, fetch: world.fetch });
  const first = hubAt(stateFolder());
  for (let run = 0; run < 3; run += 1) {
    await first.run(connector);
    clock.advance(120_000);
  }
  first.close();
  const state = stateFolder();
  const table = sqliteTable({ path: join(state, 'concord.db'), clock });
  for (const { rev: _rev, ...row } of rowsOfTheLastRelease()) await table.write([{ kind: 'put', row, when: 'absent' }]);
  table.close();
  return { world, clock, hub: hubAt(state) };
}

const contents = (world: SampleWorld): readonly [number, number] => [world.directus.events.size, world.calendar.objects.all().length];

test('a run on rows of the last release makes nothing twice, writes nothing, and is at rest', async () => {
  const { world, clock, hub } = await afterTheLastRelease();
  const before = contents(world);

  const first = await hub.run(connector);
  clock.advance(120_000);
  const second = await hub.run(connector);

  expect([first, second].map(({ state, streams, problems }) => ({ state, ...streams['events'], problems }))).toMatchObject([
    { state: 'finished', created: 0, updated: 0, deleted: 0, linked: 0, unchanged: 10, problems: [] },
    { state: 'finished', created: 0, updated: 0, deleted: 0, linked: 0, unchanged: 10, problems: [] },
  ]);
  expect(contents(world)).toEqual(before);
  hub.close();
});

test('what changes after the upgrade is carried over, once', async () => {
  const { world, hub } = await afterTheLastRelease();
  const [, objects] = contents(world);
  world.directus.events.edit(1, { title: 'Moved after the upgrade' });

  const { streams } = await hub.run(connector);

  expect(streams['events']).toMatchObject({ created: 0, updated: 1, deleted: 0 });
  expect(world.calendar.objects.all().filter(({ text }) => text.includes('SUMMARY:Moved after the upgrade'))).toHaveLength(1);
  expect(contents(world)[1]).toBe(objects);
  hub.close();
});

function isDeflatedAlone(body: Uint8Array): boolean {
  try {
    return inflateRawSync(body).length > 0;
  } catch {
    return false;
  }
}

const binary = dynamoBinary();

describe.skipIf(binary === undefined)('in the cloud', () => {
  let emulator: DynamoEmulator;
  beforeAll(async () => {
    emulator = await startDynamo(binary ?? '');
  });
  afterAll(() => emulator.stop());

  /** The functions over a table in which every row stands as it did before rows were packed. */
  async function overOldItems() {
    const hub = cloudHub({ secret: { [digestKeyName]: '0'.repeat(64) } });
    for (let run = 0; run < 3; run += 1) {
      await hub.tick();
      await hub.applyAll();
      hub.clock.advance(120_000);
    }
    const names = await emulator.makeTables();
    for (const row of rowsOfTheLastRelease()) {
      const text = JSON.stringify(row.body);
      const old = { ...itemOf(row, { body: text, rev: row.rev, by: 'last-release' }), body: deflateRawSync(text) };
      await emulator.client.send(new PutCommand({ TableName: names[row.table], Item: old }));
    }
    Object.assign(hub.parts, { table: dynamoTable({ client: emulator.client, names, clock: hub.clock }) });
    const packed = async (): Promise<number> => ((await emulator.client.send(new ScanCommand({ TableName: names.links }))).Items ?? []).filter(({ body }) => body instanceof Uint8Array && !isDeflatedAlone(body)).length;
    return { hub, packed };
  }

  test('items of the layout before are read: nothing is made twice or written, and what changes is packed', async () => {
    const { hub, packed } = await overOldItems();
    const before = hub.titles();
    const quiet = await hub.tick();
    const untouched = { titles: hub.titles(), messages: hub.queue.size().visible, packed: await packed() };

    hub.clock.advance(3_600_000);
    hub.sample.directus.events.edit(1, { title: 'Moved after the upgrade' });
    await hub.tick();
    await hub.applyAll();
    hub.clock.advance(3_600_000);
    await hub.tick();

    expect(quiet).toMatchObject({ kind: 'report', report: { state: 'finished', problems: [], planned: 0 } });
    expect(untouched).toEqual({ titles: before, messages: 0, packed: 0 });
    expect(hub.titles().filter((title) => title === 'Moved after the upgrade')).toHaveLength(1);
    expect(hub.titles()).toHaveLength(before.length);
    expect(await packed()).toBe(1);
    expect(hub.queue.size().visible).toBe(0);
  });
});
