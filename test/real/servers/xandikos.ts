/**
 * A real Xandikos (Debian's package, 0.2.8 when this was written): the odd one among the small CalDAV servers. A calendar is a
 * git repository, a refusal may come inside a 207, and it knows no passwords: a gate before it asks for one.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBasicGate } from './basic-gate.ts';
import { serverFacts, type CaldavServer } from './caldav-server.ts';
import { ensureDebianProgram } from './packages.ts';
import { baseEnvironment, freePort, runProgram, startServer, temporaryFolder } from './processes.ts';
import type { ServerProcess } from './processes.ts';

export async function startXandikos(): Promise<CaldavServer> {
  const xandikos = await ensureDebianProgram({ server: 'Xandikos', program: 'xandikos', packages: ['xandikos'] });
  const home = temporaryFolder('xandikos');
  const folder = join(home, 'objects');
  const user = { username: 'alice', password: 'alice-pw' };
  const port = await freePort();
  const gate = await startBasicGate({ ...user, serverPort: port });
  const env = { ...baseEnvironment(), HOME: home, PYTHONUNBUFFERED: '1' };
  const program = {
    name: 'Xandikos',
    command: xandikos,
    args: ['-d', folder, '--defaults', '--current-user-principal', '/alice/', '-l', '127.0.0.1', '-p', String(port)],
    folder: home,
    env,
    logFile: join(home, 'xandikos.log'),
  };
  const start = () => startServer(program, { readyWithinMs: 30_000, isReady: async () => (await answerOf(port)) === 207 });
  let server: ServerProcess = await start();
  const repositoryOf = (calendarUrl: string) => join(folder, decodeURIComponent(new URL(calendarUrl).pathname));
  return {
    homeUrl: `${gate.origin}/alice/calendars/`,
    ...user,
    facts: serverFacts.xandikos,
    fill: async (calendarUrl, objects) => {
      const repository = repositoryOf(calendarUrl);
      for (const { name, text } of objects) writeFileSync(join(repository, name), text);
      // dulwich, the git of Xandikos itself, comes with its package.
      await runProgram(
        { name: 'git add', command: '/usr/bin/python3', args: ['-c', stageAll, repository], folder: home, env, logFile: join(home, 'fill.log') },
        { withinMs: 60_000 },
      );
    },
    forgetToken: async (calendarUrl, token) => rmSync(join(repositoryOf(calendarUrl), '.git', 'objects', token.slice(0, 2), token.slice(2))),
    stop: async () => {
      await server.stop();
      await gate.stop();
    },
    kill: async () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await start();
    },
  };
}

async function answerOf(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/alice/calendars/`, { method: 'PROPFIND', headers: { depth: '0' }, redirect: 'manual' });
  await answer.arrayBuffer();
  return answer.status;
}

const stageAll = `
import os, sys
from dulwich.repo import Repo
repository = Repo(sys.argv[1])
repository.stage([name for name in os.listdir(sys.argv[1]) if name.endswith('.ics')])
repository.do_commit(b'Fill', committer=b'Test <test@example.org>')
`;
