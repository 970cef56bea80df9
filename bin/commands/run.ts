/**
 * `concord run`: one run, or one after another. In a loop no two overlap, and a failing one does not end it.
 */
import type { Command } from 'commander';
import { ConcordError, ConfigurationInvalid } from '../../shared/base/errors.ts';
import { exitCode, type RunReport } from '../../shared/sync/report.ts';
import { addJson, printJson, withHub, type Context, type Json } from '../context.ts';
import type { AnyHub } from '../hub.ts';
import { parseDuration } from '../duration.ts';
import { tellError } from '../failure.ts';
import { reportText } from '../print.ts';
import { progressLine } from '../progress.ts';

interface RunFlags extends Json {
  readonly every?: number;
  readonly dryRun?: true;
  readonly full?: true;
  readonly only?: string;
  readonly clean?: true | undefined;
}

// A token that is not accepted now is not accepted a minute later, and systems lock out who keeps trying.
const pausedWaitMs = 15 * 60_000;
const againMax = 3;

export function addRun(program: Command, context: Context): void {
  const command = program
    .command('run')
    .description('bring both sides of a connector into agreement')
    .argument('<connector>')
    .option('--every <span>', 'go on for ever, a run each 30s, 60m, 1h, ... (with --json: a document for each run)', parseDuration)
    .option('--once', 'one run, then end (this is the default)')
    .option('--dry-run', 'plan only, write nothing; ends with 0 where plan ends with 6')
    .option('--full', 'read both sides whole')
    .option('--only <stream>', 'one stream only')
    .option('--clean', 'remove from the target what is not in the source, and import nothing; what Concord did not make is held for concord apply (with --every: the first run only)')
    .action((connector: string, flags: RunFlags) =>
      withHub(context, (hub) => (flags.every === undefined ? runOnce(context, hub, connector, flags) : runEvery(context, hub, connector, flags, flags.every))));
  command.options.find(({ long }) => long === '--once')?.conflicts('every');
  addJson(command);
}

/** One run, and one more where somebody asked for it meanwhile. */
export async function runOnce(context: Context, hub: AnyHub, connector: string, flags: RunFlags): Promise<number> {
  let report = await oneRun(context, hub, connector, flags);
  const before: RunReport[] = [];
  while (flags.dryRun !== true && report.state === 'finished' && before.length < againMax && (await hub.runsAgain(connector))) {
    before.push(report);
    if (flags.json !== true) context.out(`${reportText(report)}\n`);
    report = await oneRun(context, hub, connector, { ...flags, clean: undefined });
  }
  tell(context, report, flags, before);
  return exitCode(report, false);
}

/** Until a signal ends it. */
async function runEvery(context: Context, hub: AnyHub, connector: string, flags: RunFlags, everyMs: number): Promise<number> {
  const { clock, stops } = context;
  await hub.refuseUnready(connector); // what is wrong with the configuration stays wrong: said at once, not every hour
  for (let round = 1; !stops.signal.aborted; round += 1) {
    const startedAt = clock.now();
    let waitMs = everyMs;
    try {
      const report = await oneRun(context, hub, connector, round === 1 ? flags : { ...flags, clean: undefined });
      tell(context, report, flags, []);
      if (needsSignIn(report)) waitMs = Math.max(everyMs, pausedWaitMs);
      else if (await hub.runsAgain(connector)) waitMs = 0;
    } catch (error) {
      if (stops.signal.aborted) break;
      if (!(error instanceof ConcordError) || error instanceof ConfigurationInvalid) throw error;
      tellError(context, error, flags.json === true);
    }
    try {
      await clock.sleep(Math.max(0, startedAt + waitMs - clock.now()), stops.signal);
    } catch (error) {
      if (!stops.signal.aborted) throw error;
    }
  }
  // A service manager has asked for the end, so this is a good one.
  return stops.isService() ? 0 : stops.code();
}

/** Paused, and not by a person: who resumes it does not want to wait. */
export const needsSignIn = ({ state, problems }: RunReport): boolean => state === 'paused' && !problems.some(({ code }) => code === 'E_PAUSED');

async function oneRun(context: Context, hub: AnyHub, connector: string, { dryRun, full, only, clean }: RunFlags): Promise<RunReport> {
  const line = progressLine(context);
  try {
    return await hub.run(connector, { dry: dryRun, full, only, clean, signal: context.stops.signal, progress: line.progress });
  } finally {
    line.clear();
  }
}

function tell(context: Context, report: RunReport, { json }: RunFlags, before: readonly RunReport[]): void {
  if (json === true) printJson(context, before.length > 0 ? { ...report, before } : report);
  else context.out(`${reportText(report)}\n`);
}
