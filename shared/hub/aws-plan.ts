/**
 * What the plan function of a connector does with a trigger: one run that plans and hands the changes to the queue. A plan that nears the
 * function's time limit stops between two steps and goes on in a fresh invocation; a trigger that came meanwhile starts one more run.
 */
import { AnotherRunActive } from '../base/errors.ts';
import { metrics } from '../base/names.ts';
import { runConnector } from '../engine/run.ts';
import { runStore } from '../stores/runs.ts';
import type { RunReport } from '../sync/report.ts';
import { openPlane, type Life, type Plane, type PlaneParts } from './aws-plane.ts';
import { withStandingPlans } from './standing-plans.ts';
import { runTriggerIn, type RunTrigger } from './trigger.ts';

export type PlanAnswer =
  | { readonly kind: 'report'; readonly report: RunReport; readonly goesOn: boolean }
  /** Another run is under way; the trigger is remembered. */
  | { readonly kind: 'running' }
  /** No trigger of this connector: nothing was done. */
  | { readonly kind: 'refused'; readonly why: string };

/** A run that nobody waits for has failed: thrown so that the platform counts it. Everything about it is recorded already. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
}

/** Enough for the chunk that is being decided, for closing the run's row, and for a slow start of what comes after. */
const stopBeforeMs = 60_000;
/** A plan that is not whole after so many invocations makes no headway; the next tick tries anew. */
const continuationsMax = 8;

/** @throws RunFailed; StoreUnavailable, ConfigurationInvalid when there could be no run. */
export async function planOnTrigger(parts: PlaneParts, event: unknown, life: Life): Promise<PlanAnswer> {
  const trigger = runTriggerIn(event);
  const connector = parts.factory.id;
  if (trigger === undefined || trigger.connector !== connector) {
    parts.log.error({ connector }, 'a trigger that is none for this connector was thrown away');
    return { kind: 'refused', why: trigger === undefined ? 'this is no trigger; events/ has samples' : `this function runs ${connector}` };
  }
  const plane = await openPlane(parts, life);
  try {
    parts.log.info({ ...trigger, worker: life.worker }, 'run starts');
    const report = await planned(plane, trigger, life);
    if (report === undefined) return { kind: 'running' };
    tellOf(parts, report);
    const goesOn = await goOn(parts, plane, trigger, report);
    if (report.state === 'failed' && trigger.trigger !== 'manual') throw new RunFailed(`run ${report.run} of ${connector} failed: ${codesOf(report).join(', ')}`);
    return { kind: 'report', report, goesOn };
  } finally {
    await plane.notes.save();
    await tellLate(parts);
  }
}

async function planned({ world, connector, memory, signIns, calls }: Plane, { full, only }: RunTrigger, life: Life): Promise<RunReport | undefined> {
  const mustStop = (): boolean => life.remainingMs() < stopBeforeMs;
  try {
    const report = await runConnector(world, connector, { full, only, calls, mustStop, applies: 'elsewhere' });
    signIns.heard(report);
    return await withStandingPlans(memory, report);
  } catch (error) {
    if (error instanceof AnotherRunActive) return undefined;
    throw error;
  }
}

const codesOf = (report: RunReport): readonly string[] => [...new Set(report.problems.map(({ code }) => code))];

function tellOf({ log, metrics: figures }: PlaneParts, report: RunReport): void {
  const { connector, run, state, streams, calls, durationMs } = report;
  log.info({ connector, run, state, streams, calls, durationMs }, 'run ended');
  for (const { stream, id, code } of report.problems) log.info({ connector, run, stream, id, code }, 'problem');
  const codes = codesOf(report);
  if (codes.includes('E_SIGN_IN')) figures.tell(metrics.signInNeeded, 1, { connector, run });
  if (codes.includes('E_QUOTA')) figures.tell(metrics.quotaUsedUp, 1, { connector, run });
  if (state === 'held') figures.tell(metrics.plansHeld, report.held.length, { connector, run });
}

/** @returns whether another invocation follows. */
async function goOn({ startAgain, log, factory: { id: connector } }: PlaneParts, { memory }: Plane, trigger: RunTrigger, report: RunReport): Promise<boolean> {
  const { full, only, continuation = 0 } = trigger;
  if (codesOf(report).includes('E_INTERRUPTED')) {
    if (continuation >= continuationsMax) {
      log.error({ connector, run: report.run, continuation }, 'a plan was not whole after many invocations; the next tick goes on with it');
      return false;
    }
    await startAgain({ trigger: 'continue', connector, full, only, continuation: continuation + 1 });
    return true;
  }
  if ((await memory.runs.state()).again !== true) return false;
  await startAgain({ trigger: 'again', connector });
  return true;
}

/** Every run looks after all connectors: one whose schedule is broken cannot tell it by itself. */
async function tellLate({ rhythms, table, clock, metrics: figures }: PlaneParts): Promise<void> {
  const late: string[] = [];
  for (const { connector, everyMinutes } of rhythms) {
    const { succeededAt, paused, seq } = await runStore(table, connector, clock).state();
    const waited = succeededAt === undefined ? seq > 2 : clock.now() - succeededAt > 2 * everyMinutes * 60_000;
    if (waited && paused === undefined) late.push(connector);
  }
  figures.tell(metrics.connectorsLate, late.length, { late });
}
