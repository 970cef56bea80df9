/** The command line as a child process, with a state folder of its own, pointed at real servers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';

const report = z.object({
  state: z.string(),
  streams: z.record(z.string(), z.record(z.string(), z.number())),
  calls: z.record(z.string(), z.number()),
  problems: z.array(z.object({ id: z.string(), code: z.string(), message: z.string() })),
  planned: z.number().optional(),
});
const failure = z.object({ error: z.object({ code: z.string(), message: z.string(), advice: z.string().optional() }) });

export interface Ran {
  readonly exit: number | null;
  readonly report: z.infer<typeof report>;
  /** What the document says instead of a report when there was none. */
  readonly error?: z.infer<typeof failure>['error'];
  readonly stderr: string;
}

export interface Place {
  readonly directus: { readonly url: string; readonly token: string };
  readonly calendar: { readonly homeUrl: string; readonly username: string; readonly password: string; readonly name: string };
  readonly state: string;
  /** Where `config/` is looked for; by default that of Concord itself. */
  readonly folder?: string;
  /** Besides those of the two systems. */
  readonly variables?: { readonly [name: string]: string };
  /** No file that it writes may become larger (RLIMIT_FSIZE): how a disk without room looks where nothing may be mounted. */
  readonly fileSizeMaxKib?: number;
}

const root = join(import.meta.dirname, '..', '..', '..');

export function start(place: Place, words: readonly string[]): ChildProcess {
  const line = [process.execPath, join(root, 'bin', 'cli.ts'), ...words];
  const limited = place.fileSizeMaxKib === undefined ? line : ['bash', '-c', `ulimit -f ${place.fileSizeMaxKib}; exec "$@"`, 'bash', ...line];
  const [command = '', ...args] = limited;
  return spawn(command, args, {
    cwd: place.folder ?? root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC', LOG_LEVEL: 'warn',
      CONCORD_STATE: place.state,
      DIRECTUS_API_URL: place.directus.url, DIRECTUS_API_TOKEN: place.directus.token,
      NEXTCLOUD_URL: place.calendar.homeUrl, NEXTCLOUD_USERNAME: place.calendar.username,
      NEXTCLOUD_PASSWORD: place.calendar.password, NEXTCLOUD_CALENDAR_NAME: place.calendar.name,
      ...place.variables,
    },
  });
}

/** Runs a verb to its end, with `--json`. */
export async function concord(place: Place, words: readonly string[]): Promise<Ran> {
  return ended(start(place, [...words, '--json']));
}

export async function ended(child: ChildProcess): Promise<Ran> {
  const [stdout, stderr, exit] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((done) => child.once('close', done)),
  ]);
  const document: unknown = stdout.trim() === '' ? undefined : JSON.parse(stdout);
  const asReport = report.safeParse(document);
  const asFailure = failure.safeParse(document);
  return {
    exit,
    report: asReport.success ? asReport.data : { state: 'none', streams: {}, calls: {}, problems: [] },
    ...(asFailure.success && { error: asFailure.data.error }),
    stderr,
  };
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  if (stream) for await (const part of stream) text += String(part);
  return text;
}
