import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { readConfig } from '../../shared/base/config.ts';
import { AnotherRunActive, ConfigurationInvalid } from '../../shared/base/errors.ts';
import { nextEvents } from '../../shared/hub/agenda.ts';
import { localHub, type LocalHub } from '../../shared/hub/local.ts';
import { isDeadWorker, workerName } from '../../shared/hub/machine.ts';
import { sampleWorlds } from '../../shared/hub/sample-worlds.ts';
import { sampleWorld } from '../../shared/hub/sample.ts';
import { openStateFolder } from '../../shared/hub/state-folder.ts';
import type { RunReport } from '../../shared/sync/report.ts';

const id = 'directus-nextcloud';
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'concord-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function aHub(state = ':memory:', configFolder?: string) {
  const clock = manualClock();
  const world = sampleWorld(clock);
  const open = (pid = 100, isRunning: (pid: number) => boolean = () => true): LocalHub => {
    const machine = { hostname: 'host', pid, startedAt: clock.now(), isRunning };
    const hub = localHub({ config: readConfig({ env: { ...world.variables, CONCORD_STATE: state } }), clock, fetch: world.fetch, machine, configFolder });
    cleanups.push(() => hub.close());
    return hub;
  };
  return { clock, world, open };
}

test('connectors that run at once each report the calls to their own systems', async () => {
  const clock = manualClock();
  const worlds = sampleWorlds(clock);
  const hub = localHub({ config: readConfig({ env: { ...worlds.variables, CONCORD_STATE: ':memory:' } }), clock, fetch: worlds.fetch });
  cleanups.push(() => hub.close());

  const reports = await Promise.all([id, 'libcal-passagepoint', 'servicereef-nxt'].map((connector) => hub.run(connector)));

  expect(reports.map(({ calls }) => Object.keys(calls).sort())).toEqual([['directus', 'nextcloud'], ['alma', 'libcal', 'passagepoint'], ['nxt', 'servicereef']]);
});

test('the sample world comes to rest, and every change in it reaches the other side', async () => {
  const { clock, world, open } = aHub();
  const hub = open();
  await hub.run(id);

  const written: number[] = [];
  const problems: unknown[] = [];
  for (let step = 0; step < 7; step += 1) {
    world.change();
    clock.advance(15_000);
    const report = await hub.run(id);
    const { created = 0, updated = 0, deleted = 0 } = report.streams['events'] ?? {};
    written.push(created + updated + deleted);
    problems.push(...report.problems);
  }
  clock.advance(15_000);

  expect(problems).toEqual([]);
  expect(written).toEqual([1, 1, 1, 0, 1, 1, 1]); // an approval of what stands in the calendar already writes nothing
  expect(await hub.run(id)).toMatchObject({ state: 'finished', planned: 0, problems: [] });
  expect((await nextEvents(await hub.connector(id), clock.now(), 3)).map(({ title }) => title)).toEqual(['Choir rehearsal', 'Repair afternoon', 'Grant writing clinic']);
});

test('a dry run writes nothing, also right after a real one, and sees what has changed since', async () => {
  const { world, open } = aHub();
  const hub = open();
  await hub.run(id);
  world.change();

  const dry = [await hub.run(id, { dry: true }), await hub.run(id, { dry: true })];

  expect(dry.map(({ planned }) => planned)).toEqual([1, 1]);
  expect(dry[0]?.changes).toMatchObject([{ kind: 'create', side: 'target' }]);
});

test('the lease of a process that is dead is taken over, that of a living one is not', async () => {
  const { open } = aHub(aFolder());
  const stopping = new AbortController();
  const first = open(100);
  let others: Promise<readonly PromiseSettledResult<RunReport>[]> | undefined;
  // While the first process reads, two others come: one that knows it to be alive, and one that knows it to be dead.
  const startOthers = (): void => {
    others ??= Promise.allSettled([open(101, () => true).run(id), open(102, (pid) => pid !== 100).run(id)]);
    stopping.abort(new Error('killed'));
  };

  const [stuck] = await Promise.allSettled([first.run(id, { signal: stopping.signal, progress: startOthers })]);
  const [fromLiving, fromDead] = (await others) ?? [];

  expect(stuck.status === 'rejected' || stuck.value.state === 'failed').toBe(true);
  expect(fromLiving).toMatchObject({ status: 'rejected', reason: expect.any(AnotherRunActive) });
  expect(fromDead).toMatchObject({ status: 'fulfilled', value: { state: 'finished' } });
});

test('a worker is dead only if its process is one of this host and does not run', () => {
  const machine = { hostname: 'host', pid: 1, startedAt: 5000, isRunning: (pid: number) => pid === 7 };

  expect(isDeadWorker(machine, workerName(machine))).toBe(false);
  expect(isDeadWorker(machine, workerName({ ...machine, startedAt: 4000 }))).toBe(true); // a restarted container has the same number
  expect(isDeadWorker(machine, workerName({ ...machine, pid: 7 }))).toBe(false);
  expect(isDeadWorker(machine, workerName({ ...machine, pid: 8 }))).toBe(true);
  expect(isDeadWorker(machine, workerName({ ...machine, hostname: 'other', pid: 8 }))).toBe(false);
  expect(isDeadWorker(machine, 'a-function-on-aws')).toBe(false);
});

test('the digest key is made once, private, and a damaged one is refused rather than replaced', () => {
  const folder = join(aFolder(), 'state');

  const first = openStateFolder(folder, 'one');
  const second = openStateFolder(folder, 'two');
  const { mode } = statSync(join(folder, 'key'));
  writeFileSync(join(folder, 'key'), 'oops');

  expect(first.digestKey).toMatch(/^[0-9a-f]{64}$/);
  expect(second.digestKey).toBe(first.digestKey);
  expect(mode & 0o777).toBe(0o600);
  expect(() => openStateFolder(folder, 'three')).toThrow(ConfigurationInvalid);
});

test('nothing that an event says, and no credential, stands in what explain and status tell', async () => {
  const { open } = aHub();
  const hub = open();
  await hub.run(id);

  const told = JSON.stringify([await hub.explain(undefined, '1'), await hub.status(), await hub.plans()]);

  expect(told).toContain('"agreed"');
  expect(told).not.toMatch(/Repair afternoon|Old school|simulated-/);
});

test('wrong settings and missing variables are told together', async () => {
  const folder = aFolder();
  writeFileSync(join(folder, `${id}.json`), JSON.stringify({ calendarZone: 'Europe/Nowhere', policy: 'sometimes' }));
  const hub = localHub({ config: readConfig({ env: { CONCORD_STATE: ':memory:', DIRECTUS_API_URL: 'ftp://example.org' } }), configFolder: folder });
  cleanups.push(() => hub.close());

  const problems = await hub.run(id).catch((error: unknown) => (error instanceof ConfigurationInvalid ? error.problems : []));

  expect(problems).toEqual(expect.arrayContaining([
    expect.stringContaining('DIRECTUS_API_URL'),
    expect.stringContaining('NEXTCLOUD_PASSWORD'),
    expect.stringContaining('calendarZone'),
    expect.stringContaining('policy'),
  ]));
});

test('doctor reads only, and says what to do where a field is missing', async () => {
  const folder = aFolder();
  const shipped: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../config', `${id}.json`), 'utf8'));
  writeFileSync(join(folder, `${id}.json`), JSON.stringify(Object.assign({}, shipped, { directus: { fields: { title: 'headline' } } })));
  const { open } = aHub(':memory:', folder);

  const checks = await open().doctor();

  expect(checks.find(({ name }) => name.startsWith('Directus collection'))).toMatchObject({ ok: false, detail: expect.stringContaining('headline'), advice: expect.any(String) });
  expect(checks.find(({ name }) => name.startsWith('Nextcloud calendar'))).toMatchObject({ ok: true });
});

test('an unknown connector and an unknown stream are named, with what there is', async () => {
  const { open } = aHub();
  const hub = open();

  await expect(hub.run('nowhere')).rejects.toThrow(/there is no connector nowhere; there is directus-nextcloud/);
  await expect(hub.run(id, { only: 'people' })).rejects.toThrow(/no stream people; it has events/);
});
