/**
 * The harness around the real servers, without any of them: its counting, its honesty about what was skipped, and that it
 * leaves nothing behind. The servers themselves are started by `npm run e2e`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './run-scenario.ts';
import { PackagesUnreachable } from './servers/packages.ts';
import { baseEnvironment, freePort, startServer, temporaryFolder } from './servers/processes.ts';
import type { Program } from './servers/processes.ts';

type World = { calendar: { name: string }; items: { name: string } };

test('a promise that fails is told with its reason, and the next one is checked all the same', async () => {
  const lines: string[] = [];
  const story = aScenario({
    promises: [
      { name: 'breaks', run: async () => { throw new Error('3 events instead of 2'); } },
      { name: 'holds', run: async ({ calendar }) => expect(calendar.name).toBe('calendar') },
    ],
  });

  const report = await runScenario(story, (line) => lines.push(line));

  expect(report).toMatchObject({ passed: 1, failed: 1, skipped: 0 });
  expect(lines.join('\n')).toContain('3 events instead of 2');
});

test('promises whose server cannot be fetched are skipped by name; the others are checked', async () => {
  const lines: string[] = [];
  const story = aScenario({
    startItems: async () => { throw new PackagesUnreachable({ server: 'Items', because: 'no network' }); },
    promises: [
      { name: 'needs both', run: async () => undefined },
      { name: 'needs the calendar', needs: ['calendar'], run: async () => undefined },
    ],
  });

  const report = await runScenario(story, (line) => lines.push(line));

  expect(report.promises.map(({ name, outcome }) => ({ name, outcome }))).toEqual([
    { name: 'needs both', outcome: 'skipped' },
    { name: 'needs the calendar', outcome: 'passed' },
  ]);
  expect(lines[1]).toBe('SKIPPED: real items: the packages of Items cannot be fetched: no network');
});

test('a server that is there but will not start is a failure, not a skipped part', async () => {
  const story = aScenario({
    startItems: async () => { throw new Error('port in use'); },
    promises: [{ name: 'needs both', run: async () => undefined }],
  });

  const report = await runScenario(story, () => undefined);

  expect(report).toMatchObject({ passed: 0, failed: 1, skipped: 0 });
});

test('a promise that never ends fails when its time is over, and the servers are stopped', async () => {
  const stopped: string[] = [];
  const story = aScenario({
    onStop: (name) => stopped.push(name),
    promises: [{ name: 'hangs', withinMs: 5, run: async () => new Promise(() => undefined) }],
  });

  const report = await runScenario(story, () => undefined);

  expect(report.promises[0]).toMatchObject({ outcome: 'failed', because: expect.stringContaining('not kept within') });
  expect(stopped.sort()).toEqual(['calendar', 'items']);
});

test('a server that ends before it answers is told with the last lines of its log', async () => {
  const program = aNodeProgram(`console.log('listening?'); console.error('cannot open the database'); process.exit(3)`);

  const start = startServer(program, { isReady: async () => false, readyWithinMs: 20_000 });

  await expect(start).rejects.toThrow(/exit code 3[\s\S]*cannot open the database/);
});

test('a program that does not exist is told as such', async () => {
  const program = { ...aNodeProgram(''), command: 'no-such-program' };

  const start = startServer(program, { isReady: async () => false, readyWithinMs: 20_000 });

  await expect(start).rejects.toThrow('there is no such program');
});

test('a server answers on its own port and is gone after stop', async () => {
  const port = await freePort();
  const program = aNodeProgram(`require('node:http').createServer((_, answer) => answer.end('pong')).listen(${port}, '127.0.0.1')`);
  const isReady = async () => (await (await fetch(`http://127.0.0.1:${port}`)).text()) === 'pong';
  const server = await startServer(program, { isReady, readyWithinMs: 20_000 });

  await server.stop();

  expect(isAlive(server.pid)).toBe(false);
  await expect(isReady()).rejects.toThrow('fetch failed');
});

test('servers and temporary folders do not outlive a runner that is killed', async () => {
  const processes = join(import.meta.dirname, 'servers', 'processes.ts');
  const runner = spawn(
    process.execPath,
    ['--input-type=module-typescript', '-e', `
      import { baseEnvironment, startServer, temporaryFolder } from ${JSON.stringify(processes)};
      const folder = temporaryFolder('outlived');
      const server = await startServer(
        { name: 'sleeper', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], folder, env: baseEnvironment(), logFile: folder + '/log' },
        { isReady: async () => true, readyWithinMs: 20_000 },
      );
      console.log(server.pid + ' ' + folder);`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(createInterface({ input: runner.stdout }), 'line');
  const [pid, folder] = [Number(String(line).split(' ', 1)[0]), String(line).replace(/^\d+ /, '')];
  expect(isAlive(pid)).toBe(true);

  runner.kill('SIGKILL');

  await until(() => !isAlive(pid) && !existsSync(folder));
});

function aScenario(facts: {
  promises: Scenario<World>['promises'];
  startItems?: () => Promise<never>;
  onStop?: (name: string) => void;
}): Scenario<World> {
  const server = (name: string) => async () => ({ name, stop: async () => facts.onStop?.(name) });
  return {
    servers: {
      calendar: { title: 'real calendar', start: server('calendar') },
      items: { title: 'real items', start: facts.startItems ?? server('items') },
    },
    promises: facts.promises,
  };
}

function aNodeProgram(code: string): Program {
  const folder = temporaryFolder('harness-test');
  return { name: 'the server', command: process.execPath, args: ['-e', code], folder, env: baseEnvironment(), logFile: join(folder, 'log') };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for what other processes do, at most ten seconds; throws when it does not come. */
async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    if (holds()) return;
    await delay(50);
  }
  throw new Error('it did not happen within ten seconds');
}
