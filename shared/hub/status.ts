/**
 * How each connector stands, from what is remembered: the last run, what is open, what waits for a person. No call is made.
 */
import type { PlanRow } from '../engine/ports.ts';
import { addedUp } from './added-up.ts';
import { heldPlans, openWork, type Memory, type OpenWork } from './memory.ts';

export interface ConnectorStatus {
  readonly connector: string;
  readonly title: string;
  readonly configured: boolean;
  /** `new`: it never ran. `attention`: the last run failed or a person has to answer something. */
  readonly state: 'new' | 'running' | 'ok' | 'attention' | 'held' | 'paused';
  readonly lastRun?: { readonly run: string; readonly startedAt: string; readonly endedAt?: string | undefined; readonly report?: unknown } | undefined;
  /** By a person, until it is resumed. */
  readonly paused?: { readonly by: string; readonly since: string; readonly why: string } | undefined;
  /** A trigger came while a run was under way. */
  readonly runsAgain: boolean;
  readonly open: { readonly [stream: string]: { readonly [state: string]: number } };
  /** Of the open ones: how many a person has seen and dismissed, so that they are no news. */
  readonly dismissed: number;
  readonly nextAttemptAt?: string | undefined;
  /** Messages that were tried too often, and runs that could not be started: their work is kept, and `replay` looks at it again. */
  readonly gaveUp?: { readonly count: number; readonly since: string; readonly links: number } | undefined;
  readonly heldPlans: readonly (Pick<PlanRow, 'id' | 'held' | 'changes'> & { readonly at: string; readonly waiting: number })[];
}

interface Now {
  readonly nowMs: number;
  readonly configured: boolean;
  readonly isDead: (worker: string) => boolean;
}

export async function statusOf(memory: Memory, now: Now): Promise<ConnectorStatus> {
  const state = await memory.runs.state();
  const work = await openWork(memory);
  const held = await heldPlans(memory);
  const letters = await memory.letters.list();
  const [oldest] = letters;
  const { lease, last } = state;
  const isRunning = lease !== undefined && lease.until > now.nowMs && !now.isDead(lease.worker);
  return {
    connector: memory.entry.id,
    title: memory.entry.title,
    configured: now.configured,
    state: isRunning ? 'running' : state.paused ? 'paused' : last === undefined ? 'new' : held.length > 0 ? 'held' : letters.length > 0 ? 'attention' : restingState(last.report, work),
    lastRun: last && { run: last.run, startedAt: timeText(last.startedAt), endedAt: last.endedAt === undefined ? undefined : timeText(last.endedAt), report: await addedUp(memory, last.run, last.report) },
    paused: state.paused && { by: state.paused.by, since: timeText(state.paused.at), why: state.paused.why },
    runsAgain: state.again === true,
    open: work.states,
    dismissed: work.dismissed,
    nextAttemptAt: work.nextAttemptAt === undefined ? undefined : timeText(work.nextAttemptAt),
    gaveUp: oldest && { count: letters.length, since: timeText(oldest.at), links: new Set(letters.flatMap(({ stream, keys }) => keys.map((key) => `${stream} ${key}`))).size },
    heldPlans: held.map(({ id, held: reasons, changes, at, waiting }) => ({ id, held: reasons, changes, waiting, at: timeText(at) })),
  };
}

function restingState(report: unknown, { states: open, dismissed }: OpenWork): ConnectorStatus['state'] {
  const state = typeof report === 'object' && report !== null && 'state' in report ? report.state : undefined;
  if (state === 'paused') return 'paused';
  const waits = Object.values(open).flatMap((counts) => Object.values(counts)).reduce((sum, count) => sum + count, 0) > dismissed;
  // A run without a report did not get to its end: the process was killed.
  return state === 'failed' || state === undefined || waits ? 'attention' : 'ok';
}

export const timeText = (ms: number): string => new Date(ms).toISOString();
