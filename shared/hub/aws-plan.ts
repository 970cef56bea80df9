/**
 * What the plan function of a connector does with a trigger: one run that plans and hands the changes to the queue. A plan that nears the
 * function's time limit stops between two steps and goes on in a fresh invocation; a trigger that came meanwhile starts one more run.
 */
import { AnotherRunActive, TimeUp } from '../base/errors.ts';
import { metrics } from '../base/names.ts';
import type { PlanOptions } from '../engine/plan.ts';
import { leaseMs, type LookMessage } from '../engine/ports.ts';
import { runConnector } from '../engine/run.ts';
import { localQueue } from '../stores/local-queue.ts';
import { runStore } from '../stores/runs.ts';
import type { RunReport } from '../sync/report.ts';
import { openPlane, type Life, type Plane, type PlanParts } from './aws-plane.ts';
import { cleaning } from './clean.ts';
import { desk } from './desk.ts';
import { doErrand, type ErrandAnswer, type ErrandHub } from './errand.ts';
import { hintBox, runOverHints, runPastHints } from './hints.ts';
import { withStandingPlans } from './standing-plans.ts';
import { errandIn, runTriggerIn, type RunTrigger } from './trigger.ts';
import { settleMsOf } from './webhook-senders.ts';

export type PlanAnswer =
  | { readonly kind: 'report'; readonly report: RunReport; readonly goesOn: boolean }
  | { readonly kind: 'errand'; readonly answer: ErrandAnswer }
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
export async function planOnTrigger(parts: PlanParts, event: unknown, life: Life): Promise<PlanAnswer> {
  const errand = errandIn(event);
  const trigger = runTriggerIn(event);
  const connector = parts.factory.id;
  if ((errand ?? trigger)?.connector !== connector) {
    parts.log.error({ connector }, 'a trigger that is none for this connector was thrown away');
    return { kind: 'refused', why: errand ?? trigger ? `this function runs ${connector}` : 'this is no trigger; events/ has samples' };
  }
  const plane = await openPlane(parts, life);
  try {
    if (errand) return { kind: 'errand', answer: await doErrand(errandHub(parts, plane, life), errand) };
    return trigger ? await onRunTrigger(parts, plane, trigger, life) : { kind: 'running' };
  } finally {
    await plane.notes.save();
    await tellLate(parts);
  }
}

async function onRunTrigger(parts: PlanParts, plane: Plane, trigger: RunTrigger, life: Life): Promise<PlanAnswer> {
  parts.log.info({ ...trigger, worker: life.worker }, 'run starts');
  const { full, only } = trigger;
  try {
    const { report, goesOn } = await runPlanned(parts, plane, { full, only, continuation: trigger.continuation }, life);
    if (report.state === 'failed' && trigger.trigger !== 'manual') throw new RunFailed(`run ${report.run} of ${plane.entry.id} failed: ${codesOf(report).join(', ')}`);
    return { kind: 'report', report, goesOn };
  } catch (error) {
    if (error instanceof AnotherRunActive) return { kind: 'running' };
    throw error;
  }
}

/** What `errand.ts` asks of a hub, done by this function: runs leave the writing to the workers, what a person decided is written here. */
function errandHub(parts: PlanParts, plane: Plane, life: Life): ErrandHub {
  const { clock, log } = parts;
  const { memory, connector, entry } = plane;
  const timeUp = new AbortController();
  const progress = (): void => {
    if (life.remainingMs() < stopBeforeMs) timeUp.abort(new TimeUp());
  };
  const atDesk = desk({
    clock, log, memories: [memory], memory: () => memory, calls: plane.calls,
    connect: async () => ({ connector, saveNotes: () => plane.notes.save() }),
    world: () => ({ ...plane.world, progress, queue: localQueue<LookMessage>({ clock, visibilityMs: leaseMs }) }),
  });
  return {
    ...atDesk,
    replay: (connectorId, id) => atDesk.replay(connectorId, id, { signal: timeUp.signal, progress }),
    run: async (_connector, options) => (await runPlanned(parts, plane, options, life)).report,
    lookAtHints: () => runOverHints(hintBox(parts, entry.id), { settleMs: settleMsOf(entry.id) }, async (hints) => (await runPlanned(parts, plane, { hints }, life)).report),
  };
}

interface Asked extends Pick<PlanOptions, 'full' | 'dry' | 'only' | 'hints'> {
  readonly clean?: boolean | undefined;
  readonly continuation?: number | undefined;
}

/** @throws AnotherRunActive */
async function runPlanned(parts: PlanParts, plane: Plane, { full, dry, only, hints, clean, continuation }: Asked, life: Life): Promise<{ readonly report: RunReport; readonly goesOn: boolean }> {
  const { world, memory, signIns, calls } = plane;
  const connector = clean === true ? await cleaning(plane.connector, memory.links) : plane.connector;
  const mustStop = (): boolean => life.remainingMs() < stopBeforeMs;
  const run = () => runConnector(world, connector, { full: full === true || clean === true, dry, only, hints, calls, mustStop, applies: 'elsewhere' });
  // Only a run that reads all there is sees what hints tell.
  const readsAll = dry !== true && only === undefined && clean !== true && hints === undefined;
  const report = await withStandingPlans(memory, await (readsAll ? runPastHints(hintBox(parts, plane.entry.id), run) : run()));
  signIns.heard(report);
  tellOf(parts, report);
  return { report, goesOn: dry !== true && (await goOn(parts, plane, { full, only, continuation }, report)) };
}

const codesOf = (report: RunReport): readonly string[] => [...new Set(report.problems.map(({ code }) => code))];

function tellOf({ log, metrics: figures }: PlanParts, report: RunReport): void {
  const { connector, run, state, streams, calls, durationMs } = report;
  log.info({ connector, run, state, streams, calls, durationMs }, 'run ended');
  for (const { stream, id, code } of report.problems) log.info({ connector, run, stream, id, code }, 'problem');
  const codes = codesOf(report);
  if (codes.includes('E_SIGN_IN')) figures.tell(metrics.signInNeeded, 1, { connector, run });
  // Of one item too: then the last calls of the day are left to others, and nobody new is asked about.
  if (report.problems.some(({ code }) => code === 'E_QUOTA')) figures.tell(metrics.quotaUsedUp, 1, { connector, run });
  if (state === 'held') figures.tell(metrics.personNeeded, report.held.length, { connector, run });
}

/** @returns whether another invocation follows. */
async function goOn({ startAgain, log, factory: { id: connector } }: PlanParts, { memory }: Plane, { full, only, continuation = 0 }: Asked, report: RunReport): Promise<boolean> {
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
async function tellLate({ rhythms, table, clock, metrics: figures }: PlanParts): Promise<void> {
  const late: string[] = [];
  for (const { connector, everyMinutes } of rhythms) {
    const { succeededAt, paused, seq } = await runStore(table, connector, clock).state();
    const waited = succeededAt === undefined ? seq > 2 : clock.now() - succeededAt > 2 * everyMinutes * 60_000;
    if (waited && paused === undefined) late.push(connector);
  }
  figures.tell(metrics.connectorsLate, late.length, { late });
}
