/**
 * One execution of a connector from trigger to report: finishes what an earlier run left, plans, fans out, works the queue
 * empty, and adds the outcomes up. On one machine this is the whole of it; on AWS the queue's workers are other functions.
 */
import { ConcordError, ConnectorPaused, PlanInterrupted, QuotaExhausted, VendorRateLimited, VendorSignInFailed } from '../base/errors.ts';
import type { Link } from '../sync/link.ts';
import { countOutcomes, problemsOf, type LinkOutcome, type PlannedChange, type RunReport } from '../sync/report.ts';
import type { Collect } from './apply.ts';
import type { Connector, Stream } from './connector.ts';
import { makePlan, openRun, runId, type Planned, type PlanOptions } from './plan.ts';
import { rulesOf } from './plan-stream.ts';
import type { ConnectorState, World } from './ports.ts';
import { lookAgain, resolveCases } from './resolve.ts';
import { fanOut, fanOutLinks, workQueue } from './work.ts';

export interface RunOptions extends PlanOptions {
  /** Sums of calls so far, by system; the report shows the difference. */
  readonly calls: () => { readonly [system: string]: number };
  readonly signal?: AbortSignal | undefined;
  /** `elsewhere`: other functions work the queue, and their outcomes stand on the links. Default `here`. */
  readonly applies?: 'here' | 'elsewhere' | undefined;
}

const shownChanges = 200;
const shownProblems = 1000; // a row holds 350 KB

/** @throws AnotherRunActive when somebody else holds the connector; everything else ends in the report, also that it is paused. */
export async function runConnector(world: World, connector: Connector, options: RunOptions): Promise<RunReport> {
  try {
    return await runUnpaused(world, connector, options);
  } catch (error) {
    if (!(error instanceof ConnectorPaused)) throw error;
    return makeReport({ world, connector, run: '', startedAt: world.clock.now(), planned: undefined, outcomes: new Map(), trouble: error, calls: {} });
  }
}

async function runUnpaused(world: World, connector: Connector, options: RunOptions): Promise<RunReport> {
  const startedAt = world.clock.now();
  const callsBefore = options.calls();
  const outcomes = new Map<string, LinkOutcome>();
  const { state, run } = options.dry ? await imagined(world) : await openRun(world, connector);
  const collect: Collect = (made) => {
    for (const outcome of made) outcomes.set(`${outcome.stream}/${outcome.link}`, outcome);
  };
  let planned: Planned | undefined;
  let trouble: unknown;
  try {
    if (!options.dry) await finishLeftovers(world, connector, state, run, collect, options);
    planned = await makePlan(world, connector, state, run, options);
    for (const stream of planned.streams) collect(stream.outcomes);
    if (!options.dry && planned.held.length === 0) await fanOut(world, asksOf(planned));
    // Whether their own plans are released is looked at when they are applied.
    if (!options.dry) await fanOutLinks(world, planned.streams.flatMap(({ standing: links }) => links));
    if (!options.dry) await workHere(world, connector, run, collect, options);
  } catch (error) {
    trouble = error;
    if (planned && planned.held.length === 0 && !options.dry && options.applies !== 'elsewhere') collect(leftUndone(planned, outcomes));
  }
  const report = makeReport({ world, connector, run, startedAt, planned, outcomes, trouble, calls: difference(callsBefore, options.calls()) });
  if (!options.dry) await closeRun(world, run, startedAt, planned, report);
  if (trouble !== undefined && !(trouble instanceof ConcordError)) throw trouble;
  return report;
}

/** Of a plan that was stopped on the way: nothing of it failed, and its changes stay staged. */
function leftUndone({ streams }: Planned, outcomes: ReadonlyMap<string, LinkOutcome>): LinkOutcome[] {
  return streams.flatMap(({ stream, staged }) => staged.filter((link) => !outcomes.has(`${stream}/${link}`)).map((link) => ({ stream, link, id: link, kind: 'waiting', what: 'STOPPED' })));
}

/** A dry run counts as the next one, or every link that the last run touched would look too fresh to be decided. */
async function imagined(world: World): Promise<{ state: ConnectorState; run: string }> {
  const state = await world.runs.state();
  return { state: { ...state, seq: state.seq + 1 }, run: runId(world.clock.now(), state.seq + 1) };
}

/** Open links of released plans are fanned out again; failed ones when they are due; owed looks are paid. */
async function finishLeftovers(world: World, connector: Connector, state: ConnectorState, run: string, collect: Collect, options: RunOptions): Promise<void> {
  const now = world.clock.now();
  for (const stream of streamsOf(connector, options)) {
    const owed: Link[] = [];
    const staged: Link[] = [];
    for await (const links of world.links.open(stream.name)) {
      const due = links.filter((link) => link.dueAt === undefined || link.dueAt <= now);
      const mine = due.filter((link) => link.pending && link.recheck !== true && link.late === undefined && link.state !== 'parked' && link.state !== 'doubt');
      staged.push(...mine);
      owed.push(...due.filter((link) => link.recheck === true || link.late !== undefined));
      collect(links.filter((link) => !mine.includes(link)).flatMap(standing));
    }
    if (owed.length > 0) {
      const stamp = { run, plan: run, now, seq: state.seq, guarded: true };
      const resolved = await resolveCases(world, stream, rulesOf(world, stream), await lookAgain(stream, owed), stamp, Infinity);
      collect(resolved.outcomes);
      staged.push(...resolved.staged.filter(({ pending }) => pending?.plan !== run));
    }
    await fanOutLinks(world, staged);
  }
  await workHere(world, connector, run, collect, options);
}

/** What somebody relies on soon goes through all streams before the rest of the first one. */
const asksOf = ({ streams, plan }: Planned) => [
  ...streams.map(({ stream, staged, urgent }) => ({ stream, plan, keys: staged.slice(0, urgent) })),
  ...streams.map(({ stream, staged, urgent }) => ({ stream, plan, keys: staged.slice(urgent) })),
];

async function workHere(world: World, connector: Connector, run: string, collect: Collect, { applies, signal }: RunOptions): Promise<void> {
  if (applies !== 'elsewhere') await workQueue(world, connector, run, collect, signal);
}

/** What still waits for a person or for its time is told again in every report. */
function standing(link: Link): LinkOutcome[] {
  if (link.state !== 'parked' && link.state !== 'failed' && link.state !== 'doubt' && link.state !== 'waiting') return [];
  return [{ stream: link.stream, link: link.key, id: link.sourceId ?? link.targetId ?? link.key, kind: link.state, what: link.problem?.code ?? link.state, problem: link.problem }];
}

const streamsOf = (connector: Connector, options: PlanOptions): readonly Stream[] => connector.streams.filter((stream) => options.only === undefined || stream.name === options.only);

async function closeRun(world: World, run: string, startedAt: number, planned: Planned | undefined, report: RunReport): Promise<void> {
  const quiet = report.planned === 0 && report.problems.length === 0;
  if (!quiet) await world.runs.saveRun(run, { ...report, problems: report.problems.slice(0, shownProblems) });
  await world.runs.change((state) => {
    if (state.lease?.worker !== world.worker) return undefined;
    const next = planned ? planned.close(state) : state;
    const short = { ...report, changes: [], problems: report.problems.slice(0, 20) };
    const endedAt = world.clock.now();
    const isWhole = report.state === 'finished' || report.state === 'held';
    return { ...next, lease: undefined, succeededAt: isWhole ? endedAt : next.succeededAt, last: { run, startedAt, endedAt, report: short } };
  });
}

interface Ended {
  readonly world: World;
  readonly connector: Connector;
  readonly run: string;
  readonly startedAt: number;
  readonly planned: Planned | undefined;
  readonly outcomes: ReadonlyMap<string, LinkOutcome>;
  readonly trouble: unknown;
  readonly calls: { readonly [system: string]: number };
}

function makeReport({ world, connector, run, startedAt, planned, outcomes, trouble, calls }: Ended): RunReport {
  const streams = Object.fromEntries(connector.streams.map((stream) => {
    const mine = [...outcomes.values()].filter((outcome) => outcome.stream === stream.name);
    const plan = planned?.streams.find((one) => one.stream === stream.name);
    const read = plan ? plan.observed.source.read + plan.observed.target.read : 0;
    return [stream.name, countOutcomes(read, Math.max(0, (plan?.observed.source.read ?? 0) - mine.length), mine)];
  }));
  const changes = (planned?.streams ?? []).flatMap((stream): readonly PlannedChange[] => stream.changes);
  const problems = problemsOf(outcomes.values());
  if (trouble instanceof ConcordError) problems.push({ stream: '*', id: connector.id, code: trouble.code, message: trouble.message });
  return {
    connector: connector.id, run, state: stateOf(planned, trouble), streams, calls,
    durationMs: world.clock.now() - startedAt, problems, held: planned?.held ?? [], changes: changes.slice(0, shownChanges), planned: changes.length,
    ...(planned?.cost && { cost: planned.cost }), ...(trouble instanceof QuotaExhausted && { resetsAt: new Date(trouble.resetsAt).toISOString() }),
  };
}

function stateOf(planned: Planned | undefined, trouble: unknown): RunReport['state'] {
  if (trouble instanceof ConnectorPaused || trouble instanceof VendorSignInFailed || trouble instanceof QuotaExhausted || trouble instanceof PlanInterrupted) return 'paused';
  if (trouble instanceof VendorRateLimited && planned) return 'paused';
  if (trouble !== undefined) return 'failed';
  return planned && planned.held.length > 0 ? 'held' : 'finished';
}

function difference(before: { readonly [system: string]: number }, after: { readonly [system: string]: number }) {
  return Object.fromEntries(Object.entries(after).map(([system, count]) => [system, count - (before[system] ?? 0)]));
}

