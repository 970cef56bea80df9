/**
 * A real Radicale (Debian's package, 3.1.8 when this was written): the strict one among the small CalDAV servers. It refuses
 * a second object with the same UID and an expired sync token as the standards say. One user, one folder, loopback only.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calendarMember } from './calendar-member.ts';
import { serverFacts, type CaldavServer } from './caldav-server.ts';
import { ensureDebianProgram } from './packages.ts';
import { baseEnvironment, freePort, startServer, temporaryFolder } from './processes.ts';
import type { ServerProcess } from './processes.ts';

export async function ensureRadicaleInstalled(): Promise<string> {
  return ensureDebianProgram({ server: 'Radicale', program: 'radicale', packages: ['radicale'] });
}

export async function startRadicale(): Promise<CaldavServer> {
  const radicale = await ensureRadicaleInstalled();
  const home = temporaryFolder('radicale');
  const folder = join(home, 'objects');
  const user = { username: 'alice', password: 'alice-pw' };
  mkdirSync(folder);
  writeFileSync(join(home, 'users'), `${user.username}:${user.password}\n`);
  const port = await freePort();
  writeFileSync(join(home, 'radicale.conf'), configuration({ home, folder, port }));

  const origin = `http://127.0.0.1:${port}`;
  const program = {
    name: 'Radicale',
    command: radicale,
    args: ['--config', join(home, 'radicale.conf')],
    folder: home,
    env: { ...baseEnvironment(), HOME: home },
    logFile: join(home, 'radicale.log'),
  };
  const start = () => startServer(program, { readyWithinMs: 30_000, isReady: async () => (await answerOf(origin)) === 401 });
  let server: ServerProcess = await start();
  const folderOf = (calendarUrl: string) => join(folder, 'collection-root', decodeURIComponent(new URL(calendarUrl).pathname));
  return {
    homeUrl: `${origin}/${user.username}/`,
    ...user,
    facts: serverFacts.radicale,
    fill: async (calendarUrl, objects) => {
      for (const { name, text } of objects) writeFileSync(join(folderOf(calendarUrl), name), text);
      // It parses and indexes each object when it first sees it, once for all.
      await calendarMember({ homeUrl: `${origin}/${user.username}/`, ...user }).list(calendarUrl);
    },
    // What it does itself, by the file's age, when it writes the next token.
    forgetToken: async (calendarUrl, token) => rmSync(join(folderOf(calendarUrl), '.Radicale.cache', 'sync-token', token.split('/').at(-1) ?? '')),
    stop: async () => server.stop(),
    kill: async () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await start();
    },
  };
}

/** A home asks for a password (401) from the first moment on; any other answer on this port is not our Radicale. */
async function answerOf(origin: string): Promise<number> {
  const answer = await fetch(`${origin}/alice/`, { method: 'PROPFIND', headers: { depth: '0' }, redirect: 'manual' });
  await answer.arrayBuffer();
  return answer.status;
}

function configuration(facts: { home: string; folder: string; port: number }): string {
  return [
    '[server]',
    `hosts = 127.0.0.1:${facts.port}`,
    '[auth]',
    'type = htpasswd',
    `htpasswd_filename = ${join(facts.home, 'users')}`,
    'htpasswd_encryption = plain', // needs no further package; the password is no secret
    'delay = 0', // else a wrong password makes the next answers wait
    '[storage]',
    `filesystem_folder = ${facts.folder}`,
    '',
  ].join('\n');
}
