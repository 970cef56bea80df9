/**
 * Today's code on the rows of the last release (commit 9420da9, before there was a cloud): samples/rows-of-release-0.1.0.json is what three runs
 * of it left behind over the sample world, under a digest key of zeros. The world itself is made anew, by today's code.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { readConfig } from '../../shared/base/config.ts';
import type { Row } from '../../shared/base/table.ts';
import { localHub } from '../../shared/hub/local.ts';
import { sampleWorld, type SampleWorld } from '../../shared/hub/sample.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';

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
  const rows: readonly Row[] = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'samples', 'rows-of-release-0.1.0.json'), 'utf8'));
  const table = sqliteTable({ path: join(state, 'concord.db'), clock });
  for (const { rev: _rev, ...row } of rows) await table.write([{ kind: 'put', row, when: 'absent' }]);
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
