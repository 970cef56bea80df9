/**
 * The two tools as programs that a person starts: each with a folder of its own, the same events on its near side, and a calendar
 * of its own on the server. What happens inside of them is theirs; a run is timed from its start to its end.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../shared/base/clock.ts';
import { simulateDirectus } from '../../../shared/simulators/directus.ts';
import { sampleEvents } from '../../../shared/simulators/samples.ts';
import { serve } from '../../../shared/simulators/serve.ts';
import { simulatedWorld } from '../../../shared/simulators/world.ts';
import { ensureDebianProgram } from '../../real/servers/packages.ts';
import { baseEnvironment, runProgram, temporaryFolder, type Program } from '../../real/servers/processes.ts';
import type { Traffic } from './delay-proxy.ts';

export interface Peer {
  readonly name: 'concord' | 'vdirsyncer';
  /** One run, with its process. @throws ProgramFailed */
  sync(): Promise<void>;
  /** Changes the titles of the first `count` events on its near side. */
  change(count: number, title: string): void;
  /** What its near side was asked over a network since the last call of this. */
  takeNear(): Traffic;
  close(): Promise<void>;
}

export interface Account {
  readonly homeUrl: string;
  readonly username: string;
  readonly password: string;
}

const runWithinMs = 20 * 60_000;
const root = join(import.meta.dirname, '..', '..', '..');
const sampleSeed = 11;

/** Where vdirsyncer is. @throws PackagesUnreachable when it is not here and cannot be installed. */
export async function ensureVdirsyncer(): Promise<string> {
  return ensureDebianProgram({ server: 'vdirsyncer', program: 'vdirsyncer', packages: ['vdirsyncer'] });
}

/** Its usual pair: a folder of `.ics` files and one calendar. `discover`, which it wants once before the first run, is not timed. */
export async function vdirsyncerPeer(command: string, account: Account, facts: { readonly calendar: string; readonly objects: readonly string[] }): Promise<Peer> {
  const home = temporaryFolder('vdirsyncer');
  const files = join(home, 'events');
  mkdirSync(files);
  const texts = facts.objects.map((ics, at) => ({ file: join(files, `event-${at + 1}.ics`), ics }));
  for (const { file, ics } of texts) writeFileSync(file, ics);
  const configuration = join(home, 'config');
  writeFileSync(configuration, vdirsyncerConfiguration({ home, files, url: `${account.homeUrl}${facts.calendar}/`, ...account }));
  const verb = (word: string): Program => ({
    name: `vdirsyncer ${word}`,
    command,
    args: ['--config', configuration, word],
    folder: home,
    env: { ...baseEnvironment(), HOME: home },
    logFile: join(home, 'vdirsyncer.log'),
  });
  await runProgram(verb('discover'), { withinMs: runWithinMs });
  return {
    name: 'vdirsyncer',
    sync: () => runProgram(verb('sync'), { withinMs: runWithinMs }),
    change: (count, title) => {
      for (const { file } of texts.slice(0, count)) writeFileSync(file, readFileSync(file, 'utf8').replace(/^SUMMARY:.*$/m, `SUMMARY:${title}`));
    },
    takeNear: () => ({ calls: 0, kib: 0 }),
    close: async () => undefined,
  };
}

function vdirsyncerConfiguration(facts: { home: string; files: string; url: string; username: string; password: string }): string {
  return [
    '[general]',
    `status_path = "${join(facts.home, 'status')}"`,
    '[pair events]',
    'a = "near"',
    'b = "far"',
    'collections = null',
    '[storage near]',
    'type = "filesystem"',
    `path = "${facts.files}"`,
    'fileext = ".ics"',
    '[storage far]',
    'type = "caldav"',
    `url = "${facts.url}"`,
    `username = "${facts.username}"`,
    `password = "${facts.password}"`,
    '',
  ].join('\n');
}

/** `npm run build`: a program that is installed does not strip types, as vdirsyncer's package does not compile Python. */
export async function buildConcord(): Promise<void> {
  const logFile = join(temporaryFolder('build'), 'build.log');
  await runProgram({ name: 'npm run build', command: process.execPath, args: ['bin/build.ts'], folder: root, env: baseEnvironment(), logFile }, { withinMs: 60_000 });
}

/** Its near side is a simulated Directus on loopback, in our own process, which takes time from it that a real one would not. */
export async function concordPeer(account: Account, facts: { readonly calendar: string; readonly events: number }): Promise<Peer> {
  const home = temporaryFolder('concord');
  const directus = simulateDirectus(simulatedWorld({ seed: sampleSeed, clock: systemClock }));
  for (const { row } of sampleEvents(sampleSeed, facts.events)) directus.events.add({ ...row, approved: true });
  const counted = counting(directus.fetch);
  const served = await serve(counted.fetch, { port: 0 });
  const program: Program = {
    name: 'concord run',
    command: join(root, 'dist', 'cli.js'),
    args: ['run', 'directus-nextcloud', '--json'],
    folder: root,
    env: {
      ...baseEnvironment(),
      LOG_LEVEL: 'warn',
      CONCORD_STATE: join(home, 'state'),
      DIRECTUS_API_URL: served.url,
      DIRECTUS_API_TOKEN: directus.token,
      NEXTCLOUD_URL: account.homeUrl,
      NEXTCLOUD_USERNAME: account.username,
      NEXTCLOUD_PASSWORD: account.password,
      NEXTCLOUD_CALENDAR_NAME: facts.calendar,
    },
    logFile: join(home, 'concord.log'),
  };
  return {
    name: 'concord',
    sync: () => runProgram(program, { withinMs: runWithinMs }),
    change: (count, title) => {
      for (const { id } of directus.events.all().slice(0, count)) directus.events.edit(id, { title });
    },
    takeNear: counted.take,
    close: () => served.close(),
  };
}

function counting(fetcher: typeof fetch): { readonly fetch: typeof fetch; readonly take: () => Traffic } {
  let calls = 0;
  let bytes = 0;
  return {
    fetch: async (input, init) => {
      calls += 1;
      const answer = await fetcher(input, init);
      const body = answer.body === null ? undefined : await answer.arrayBuffer();
      bytes += (typeof init?.body === 'string' ? Buffer.byteLength(init.body) : 0) + (body?.byteLength ?? 0);
      return new Response(body ?? null, answer);
    },
    take: () => {
      const traffic = { calls, kib: bytes / 1024 };
      calls = 0;
      bytes = 0;
      return traffic;
    },
  };
}
