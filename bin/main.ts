/**
 * The command line: finds the verb, hands it what it needs from outside, and turns whatever happens into an exit code
 * (the table is in `concord --help`). The verbs are in verbs.ts.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import * as z from 'zod/mini';
import { systemClock } from '../shared/base/clock.ts';
import { ConfigurationInvalid } from '../shared/base/errors.ts';
import { steadyFetch } from '../shared/http/steady-fetch.ts';
import { exitCodes, type Context } from './context.ts';
import { codeOf, tellError } from './failure.ts';
import about from './package.json' with { type: 'json' };
import { wordsOf } from './seed-flags.ts';
import { watchSignals } from './signals.ts';
import { terminalOf } from './terminal.ts';
import { addVerbs } from './verbs.ts';

/** @returns the exit code; whatever goes wrong has been told by then. */
export async function main(): Promise<number> {
  // A schema that is compiled on its first use pays off after thousands of values; a run at rest sees a handful (8 ms of 200, measured).
  z.config({ jitless: true });
  const isJson = process.argv.includes('--json');
  const stops = watchSignals();
  const context: Context = {
    clock: systemClock,
    env: process.env,
    folder: process.cwd(),
    dotenv: dotenvIn(process.cwd()),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isInteractive: process.stderr.isTTY && !isJson,
    terminal: isJson ? undefined : terminalOf(process.stdin, process.stderr, stops.signal),
    input: process.stdin,
    fetch: steadyFetch,
    stops,
    code: 0,
  };
  // Whoever reads us may have seen enough (`| head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    const words = wordsOf(process.argv.slice(2));
    await (await programOf(context, words)).parseAsync(words, { from: 'user' });
    return context.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageError(context, error, isJson);
    if (stops.signal.aborted && error === stops.signal.reason) {
      context.err('Stopped. What was done is saved; the next run goes on from there.\n');
      if (isJson) context.out(`${JSON.stringify({ error: { code: 'E_STOPPED', message: 'stopped by a signal' } })}\n`);
      return stops.code();
    }
    tellError(context, error, isJson);
    return codeOf(error);
  } finally {
    stops.release();
  }
}

/** With the verb that `words` begin with, or all of them. */
export async function programOf(context: Context, words: readonly string[]): Promise<Command> {
  const program = new Command('concord')
    .description('Keeps events, people and bookings in agreement between two systems.')
    .exitOverride()
    .configureOutput({ writeOut: context.out, writeErr: context.err })
    .version(about.version, '--version')
    .option('--remote <url>', `of a deployed hub, to use instead of this machine's (${[...remoteVerbs].join(', ')}); it wants CONCORD_TOKEN`)
    .option('--token-file <file>', 'where the token for --remote stands')
    .hook('preAction', (whole, verb) => {
      const { remote, tokenFile } = whole.opts<{ readonly remote?: string; readonly tokenFile?: string }>();
      if (remote === undefined) return;
      if (!remoteVerbs.has(verb.name())) throw new ConfigurationInvalid([`concord ${verb.name()} works on this machine only; with --remote there is ${[...remoteVerbs].join(', ')}`]);
      context.remote = { url: remote, tokenFile };
    })
    .showHelpAfterError('(concord --help lists the verbs)')
    .addHelpText('after', `\n${exitCodes}\n\nExamples:\n  npx concord plan directus-nextcloud\n  npx concord run directus-nextcloud --every 60m\n  npx concord explain directus-nextcloud 42`);
  await addVerbs(program, context, words);
  return program;
}

/** What can be done over HTTP. */
const remoteVerbs: ReadonlySet<string> = new Set(['run', 'plan', 'apply', 'status', 'explain', 'resolve', 'replay', 'pause', 'resume']);

function usageError(context: Context, error: CommanderError, isJson: boolean): number {
  if (isJson) context.out(`${JSON.stringify({ error: { code: 'E_USAGE', message: error.message.replace(/^error: /, '') } })}\n`);
  return 2;
}

function dotenvIn(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, '.env'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
