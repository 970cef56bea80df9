/** The command line in a loop, as a service manager runs it, and what it takes: memory, files, and the reports that it prints. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';

const reportShape = z.object({ state: z.string(), planned: z.number(), problems: z.array(z.object({ code: z.string() })) });
const errorShape = z.object({ error: z.object({ code: z.string() }) });

export type SoakReport = z.infer<typeof reportShape>;

const root = join(import.meta.dirname, '..', '..');

export function watchedHub(options: { readonly state: string; readonly every: string; readonly variables: { readonly [name: string]: string } }) {
  const { state, every, variables } = options;
  const child = spawn(process.execPath, [join(root, 'bin', 'cli.ts'), 'run', 'directus-nextcloud', '--every', every, '--json'], {
    cwd: state,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC', LOG_LEVEL: 'info', CONCORD_STATE: state, CONCORD_LOG_FILE: join(state, 'sync.log'), ...variables },
  });
  const reports: SoakReport[] = [];
  const errors: string[] = [];
  const unread: string[] = [];
  let document = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    document += `${line}\n`;
    if (line !== '}' && !(line.startsWith('{') && line.endsWith('}'))) return;
    const read: unknown = JSON.parse(document);
    document = '';
    const [report, error] = [reportShape.safeParse(read), errorShape.safeParse(read)];
    if (report.success) reports.push(report.data);
    else if (error.success) errors.push(error.data.error.code);
    else unread.push(line);
  });
  let log = '';
  child.stderr.on('data', (part) => (log = `${log}${String(part)}`.slice(-20_000)));
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    reports,
    errors,
    unread,
    closed,
    isAlive: () => child.exitCode === null,
    lastWords: () => log.slice(-2000),
    stop: async () => {
      child.kill('SIGTERM');
      return closed;
    },
    /** Resident memory, bytes; 0 where the system does not tell. */
    memory: () => memoryOf(child.pid),
    files: () => readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0),
  };
}

function memoryOf(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has just ended, or there is no /proc
  }
}
