/**
 * The command line as its users have it: a process of its own, with a state folder of its own, against simulators on loopback.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../shared/base/clock.ts';
import { simulateDirectus } from '../../shared/simulators/directus.ts';
import { simulateNextcloud } from '../../shared/simulators/nextcloud.ts';
import { serve } from '../../shared/simulators/serve.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once the output holds this text; fails when the process ends without it. */
  says(text: string): Promise<string>;
}

const cli = join(import.meta.dirname, '../../bin/cli.ts');

/** A folder that is a working folder and holds the state; nothing of the developer's own environment gets in. */
export function workplace(variables: { readonly [name: string]: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'concord-test-'));
  const started = (args: readonly string[], input?: string): Running => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: folder, env: { PATH: process.env['PATH'], ...variables }, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    child.stdin?.end(input);
    if (child.stdout === null || child.stderr === null) throw new Error('a piped process has both');
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text; });
    const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
    const says = (text: string) => new Promise<string>((resolve, reject) => {
      const look = (): void => {
        if (out.includes(text)) resolve(out);
      };
      child.stdout?.on('data', look);
      child.once('close', () => reject(new Error(`it ended without saying "${text}":\n${out}\n${err}`)));
      look();
    });
    return { process: child, ended, says };
  };
  return {
    folder,
    start: (...args: readonly string[]) => started(args),
    run: (...args: readonly string[]) => started(args).ended,
    /** With this on its standard input. */
    tell: (input: string, ...args: readonly string[]) => started(args, input).ended,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * A Directus with two approved and one pending event, and a Nextcloud with one that a member made, each on a port. While Directus
 * is `held`, its answers wait: so a test can do something in the middle of a run.
 */
export async function servedSystems() {
  let gate: PromiseWithResolvers<void> | undefined;
  let reached: PromiseWithResolvers<void> | undefined;
  const world = simulatedWorld({ clock: systemClock });
  const directus = simulateDirectus(world);
  const nextcloud = simulateNextcloud(world);
  for (const approved of [true, true, false]) directus.events.add({ approved });
  nextcloud.calendar('events').objects.put({ summary: 'Choir rehearsal' });
  const throughGate: typeof fetch = async (input, init) => {
    reached?.resolve();
    await gate?.promise;
    return directus.fetch(input, init);
  };
  const servers = { directus: await serve(throughGate, { port: 0 }), nextcloud: await serve(nextcloud.fetch, { port: 0 }) };
  return {
    directus,
    nextcloud,
    /** @returns resolves at the first call that waits. */
    holdDirectus: () => {
      gate = Promise.withResolvers();
      reached = Promise.withResolvers();
      return reached.promise;
    },
    letDirectusGo: () => {
      gate?.resolve();
      gate = undefined;
    },
    variables: {
      DIRECTUS_API_URL: servers.directus.url,
      DIRECTUS_API_TOKEN: directus.token,
      NEXTCLOUD_URL: servers.nextcloud.url + new URL(nextcloud.homeUrl).pathname,
      NEXTCLOUD_USERNAME: nextcloud.user,
      NEXTCLOUD_PASSWORD: nextcloud.password,
    },
    close: async () => {
      await servers.directus.close();
      await servers.nextcloud.close();
    },
  };
}
