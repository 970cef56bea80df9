import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { readConfig } from '../../shared/base/config.ts';
import { localHub, type LocalHub } from '../../shared/hub/local.ts';
import { sampleWorld } from '../../shared/hub/sample.ts';

const id = 'directus-nextcloud';
const minuteMs = 60_000;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

/** The same state, each time opened by a new process with this password. */
function aSite() {
  const clock = manualClock();
  const world = sampleWorld(clock);
  const state = mkdtempSync(join(tmpdir(), 'concord-test-'));
  cleanups.push(() => rmSync(state, { recursive: true, force: true }));
  const run = async (password: string | undefined, options: Parameters<LocalHub['run']>[1] = {}) => {
    const env = { ...world.variables, CONCORD_STATE: state, ...(password !== undefined && { NEXTCLOUD_PASSWORD: password }) };
    const hub = localHub({ config: readConfig({ env }), clock, fetch: world.fetch, machine: { hostname: 'host', pid: 1, startedAt: clock.now(), isRunning: () => false } });
    try {
      return await hub.run(id, options);
    } finally {
      hub.close();
    }
  };
  const doctor = async () => {
    const hub = localHub({ config: readConfig({ env: { ...world.variables, CONCORD_STATE: state } }), clock, fetch: world.fetch });
    try {
      return await hub.doctor();
    } finally {
      hub.close();
    }
  };
  const calls = ({ calls: made }: Awaited<ReturnType<typeof run>>): number => Object.values(made).reduce((sum, count) => sum + count, 0);
  return { clock, world, run, doctor, calls };
}

test('a refused password is not tried again for ten minutes, and every run says so', async () => {
  const { clock, run, calls } = aSite();
  await run(undefined);
  const first = await run('not this one');
  const later = [];
  for (let minute = 1; minute <= 9; minute += 1) {
    clock.advance(minuteMs);
    later.push(await run('not this one'));
  }

  expect(calls(first)).toBeGreaterThan(0);
  expect(later.map(calls)).toEqual(later.map(() => 0));
  expect(later.map(({ state, problems }) => [state, problems.map(({ code }) => code)])).toEqual(later.map(() => ['paused', ['E_SIGN_IN']]));
  expect(later[0]?.problems[0]?.message).toMatch(/not tried again before .*unless the credentials change/);
});

test('after that it is tried once more, and the wait begins anew', async () => {
  const { clock, run, calls } = aSite();
  await run('not this one');
  clock.advance(10 * minuteMs);

  const again = await run('not this one');
  clock.advance(9 * minuteMs);

  expect(calls(again)).toBeGreaterThan(0);
  expect(calls(await run('not this one'))).toBe(0);
});

test('another password is tried at once, and a good one ends the wait', async () => {
  const { run } = aSite();
  await run('not this one');

  expect(await run(undefined)).toMatchObject({ state: 'finished', problems: [] });
  expect(await run(undefined)).toMatchObject({ state: 'finished', planned: 0 });
});

test('mended on the other side, it goes on as soon as the doctor has found all well', async () => {
  const { clock, world, run, doctor, calls } = aSite();
  world.directus.settings.suspended = true;
  const refused = await run(undefined);
  world.directus.settings.suspended = false;
  clock.advance(minuteMs);
  const waiting = await run(undefined);

  const checks = await doctor();

  expect([refused.state, waiting.state, calls(waiting)]).toEqual(['paused', 'paused', 0]);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(await run(undefined)).toMatchObject({ state: 'finished', problems: [] });
});

test('what is staged already waits as well', async () => {
  const { clock, run, calls } = aSite();
  await run(undefined, { only: 'events' });
  await run('not this one');
  clock.advance(minuteMs);

  expect(calls(await run('not this one', { full: true }))).toBe(0);
  expect(calls(await run('not this one', { dry: true }))).toBe(0);
});

test('a clock that was put back does not make it wait for ever', async () => {
  const { clock, run, calls } = aSite();
  await run('not this one');
  clock.advance(-60 * minuteMs);

  expect(calls(await run('not this one'))).toBeGreaterThan(0);
});
