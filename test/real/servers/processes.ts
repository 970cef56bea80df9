/**
 * Real servers as child processes: started on a free loopback port, their output in a file, ready when they answer, and gone
 * when we are gone, however that happens. Everything is stopped by process id; nothing here searches for processes by name.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** How to start a program: nothing is inherited from our environment except what `baseEnvironment` names. */
export interface Program {
  /** How people call it: `Directus`, `npm ci`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and error, appended. */
  readonly logFile: string;
}

export interface ServerProcess {
  readonly pid: number;
  /** Asks it to stop (SIGTERM), insists after ten seconds (SIGKILL). Stopping twice is fine. */
  stop(): Promise<void>;
  /** Takes it down in the middle of whatever it does (SIGKILL). */
  kill(): Promise<void>;
}

/** A program ended badly, too late or not at all; the message ends with the last lines of its log. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  /** The last lines that the program wrote. */
  readonly lastLines: string;

  constructor(facts: { program: Program; what: string }) {
    const lines = lastLinesOf(facts.program.logFile);
    super(`${facts.program.name} ${facts.what}. Its last lines:\n${lines === '' ? '    (it wrote nothing)' : lines.replaceAll(/^/gm, '    ')}`);
    this.lastLines = lines;
  }
}

const stopWithinMs = 10_000; // Directus closes its database on SIGTERM; far below a second on an idle machine
const pollEveryMs = 50;

/**
 * Starts a server and waits until it answers.
 *
 * @param readyWithinMs  Generous, since a busy machine starts a server several times slower than an idle one.
 * @throws ProgramFailed when it ends or stays silent; it is not left running.
 */
export async function startServer(
  program: Program,
  readiness: { isReady: () => Promise<boolean>; readyWithinMs: number },
): Promise<ServerProcess> {
  const child = spawnLogged(program);
  const server = controlOf(child);
  const deadline = performance.now() + readiness.readyWithinMs;
  // A connection refused means "not yet", whatever the client calls it.
  while (!(await readiness.isReady().catch(() => false))) {
    if (hasEnded(child)) {
      throw new ProgramFailed({ program, what: `ended (${endOf(child)}) before it answered` });
    }
    if (performance.now() > deadline) {
      await server.kill();
      throw new ProgramFailed({ program, what: `gave no answer within ${readiness.readyWithinMs / 1000} s` });
    }
    await delay(pollEveryMs);
  }
  return server;
}

/**
 * Runs a program to its end.
 *
 * @throws ProgramFailed when its exit code is not 0 or the time is over; it is not left running.
 */
export async function runProgram(program: Program, limits: { withinMs: number }): Promise<void> {
  const child = spawnLogged(program);
  const control = controlOf(child);
  const inTime = await Promise.race([ended(child).then(() => true), delay(limits.withinMs, false, { ref: false })]);
  if (!inTime) {
    await control.stop();
    throw new ProgramFailed({ program, what: `was not done within ${limits.withinMs / 1000} s` });
  }
  if (child.exitCode !== 0) {
    throw new ProgramFailed({ program, what: `failed (${endOf(child)})` });
  }
}

/** A loopback port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  if (address === null || typeof address === 'string') {
    throw new Error('the system gave no port');
  }
  return address.port;
}

let temporaryRoot: string | undefined;

/** A fresh folder, removed when this process ends; `CONCORD_KEEP_SERVERS_FOLDER=1` keeps it to look into. */
export function temporaryFolder(name: string): string {
  temporaryRoot ??= makeTemporaryRoot();
  return mkdtempSync(join(temporaryRoot, `${name}-`));
}

/** What a child process may know of our environment: enough to find programs and the network, no secret, always UTC. */
export function baseEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
  const pairs = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(pairs), TZ: 'UTC', LANG: 'C.UTF-8' };
}

function spawnLogged(program: Program): ChildProcess {
  const log = openSync(program.logFile, 'a');
  try {
    const child = spawn(program.command, program.args, { cwd: program.folder, env: program.env, stdio: ['ignore', log, log] });
    child.once('error', () => undefined); // a program that is not there shows as an end without a process id
    return child;
  } finally {
    closeSync(log);
  }
}

function controlOf(child: ChildProcess): ServerProcess {
  const pid = child.pid;
  if (pid === undefined) {
    return { pid: -1, stop: async () => undefined, kill: async () => undefined };
  }
  // Our own end, in order: the handler. Our violent end, without handlers: the guard sees its input close.
  const killNow = () => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const dismissGuard = guard('kill -KILL "$1" 2>/dev/null', String(pid));
  child.once('exit', () => {
    process.off('exit', killNow);
    dismissGuard();
  });
  return {
    pid,
    stop: async () => {
      if (hasEnded(child)) return;
      child.kill('SIGTERM');
      const inTime = await Promise.race([ended(child).then(() => true), delay(stopWithinMs, false, { ref: false })]);
      if (!inTime) {
        child.kill('SIGKILL');
        await ended(child);
      }
    },
    kill: async () => {
      if (hasEnded(child)) return;
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}

/**
 * Has a small shell wait beside us and run `script` when we die without saying good-bye, even by SIGKILL: then, and only
 * then, its input ends without a line. It has a session of its own, so that Ctrl-C does not take it down with us.
 *
 * @returns sends the good-bye.
 */
function guard(script: string, argument: string): () => void {
  const shell = spawn('sh', ['-c', `read -r goodbye || { ${script}; }`, 'guard', argument], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  shell.stdin.on('error', () => undefined);
  if (shell.stdin instanceof Socket) shell.stdin.unref(); // waiting for us is its job, not ours for it
  return () => void shell.stdin.end('goodbye\n');
}

const memoryFolder = '/dev/shm';
const neededBytes = 2 ** 30;

/** In memory where there is room: a server that waits for the disk with each of thousands of small files takes minutes for them. */
function roomyFolder(): string {
  try {
    accessSync(memoryFolder, constants.W_OK);
    const { bavail, bsize } = statfsSync(memoryFolder);
    return bavail * bsize > neededBytes ? memoryFolder : tmpdir();
  } catch {
    return tmpdir(); // not every system has it
  }
}

function makeTemporaryRoot(): string {
  const root = mkdtempSync(join(roomyFolder(), 'concord-real-'));
  if (process.env['CONCORD_KEEP_SERVERS_FOLDER'] === '1') {
    process.stderr.write(`keeping ${root}\n`);
    return root;
  }
  // The servers are killed by guards of their own in the same moment: a second later nobody writes here any more.
  const dismissGuard = guard('sleep 1; rm -rf -- "$1"', root);
  process.once('exit', () => {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    dismissGuard();
  });
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
    process.once(signal, () => process.exit(code));
  }
  return root;
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function ended(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
  });
}

function endOf(child: ChildProcess): string {
  if (child.pid === undefined) return 'there is no such program';
  return child.signalCode ?? `exit code ${child.exitCode}`;
}

function lastLinesOf(file: string, count = 25): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}

/** The folder for what is costly to make and safe to lose; ignored by git. */
export function cacheFolder(): string {
  const folder = join(import.meta.dirname, '..', '.cache');
  mkdirSync(folder, { recursive: true });
  return folder;
}
