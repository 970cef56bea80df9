/**
 * Routes that only tell: how things stand, what ran, what waits for a person and why. No system is asked. What items say is shown to
 * those alone who may decide about it.
 */
import { fieldsOf } from '../../base/fields-of.ts';
import { adviceFor } from '../../base/help.ts';
import type { PlanRow } from '../../engine/ports.ts';
import type { Link } from '../../sync/link.ts';
import { versionOf } from '../errand.ts';
import { explainId } from '../explain.ts';
import { addedUp } from '../added-up.ts';
import { heldPlans, type Memory } from '../memory.ts';
import { timeText, type ConnectorStatus } from '../status.ts';
import { notFound, RequestRefused } from './problem.ts';
import { healthOf, limitIn, memoriesAsked, memoryNamed, onlyOne, param, statuses, type ControlPlane } from './plane.ts';
import type { Role, Route } from './route.ts';

export const deciders: readonly Role[] = ['admin', 'data_ops'];
export const problemStates: readonly Link['state'][] = ['failed', 'waiting', 'parked', 'doubt'];

const connectorQuery = { connector: 'of this connector only' };
const limits = { usual: 50, max: 200 };
const openMax = 500;

export const readingRoutes: readonly Route<ControlPlane>[] = [
  { method: 'GET', path: '/health', who: 'public', summary: 'whether the hub answers, and whether a person is needed', answer: async (plane) => ({ body: { status: await plane.openHealth() } }) },
  {
    method: 'GET', path: '/api/sync/health', who: 'signed-in', summary: 'the same for each connector, with what its last run found of the two systems',
    answer: async (plane) => {
      const all = await statuses(plane);
      return { body: { status: healthOf(all), at: timeText(plane.clock.now()), connectors: all.map(healthOfOne) } };
    },
  },
  { method: 'GET', path: '/api/sync/status', who: 'signed-in', summary: 'last run, open work and held plans of each connector', answer: async (plane) => ({ body: { connectors: await statuses(plane) } }) },
  {
    method: 'GET', path: '/api/sync/runs', who: 'signed-in', summary: 'runs that found something to do, latest first', query: { ...connectorQuery, limit: `at most this many of each connector, 1 to ${limits.max}` },
    answer: async (plane, call) => {
      const found = await Promise.all(memoriesAsked(plane, call).map(async (memory) => Promise.all((await memory.runs.runs(limitIn(call, limits))).map(async ({ run, report }) => ({ connector: memory.entry.id, run, ...shortReport(await addedUp(memory, run, report)) })))));
      return { body: { runs: found.flat().sort((left, right) => (left.run < right.run ? 1 : left.run > right.run ? -1 : 0)) } };
    },
  },
  {
    method: 'GET', path: '/api/sync/runs/{id}', who: 'signed-in', summary: 'the report of one run', query: connectorQuery,
    answer: async (plane, call) => {
      const id = param(call, 'id');
      const found = await Promise.all(memoriesAsked(plane, call).map(async (memory) => ({ connector: memory.entry.id, report: await addedUp(memory, id, (await memory.runs.report(id)) ?? lastReport(await memory.runs.state(), id)) })));
      const { connector, report } = onlyOne(found.filter((one) => one.report !== undefined), `run ${id}`);
      return { body: { connector, run: id, report } };
    },
  },
  {
    method: 'GET', path: '/api/sync/plans', who: 'signed-in', summary: 'plans, latest first, with what their calls cost where systems count them; a held one waits for a person', query: { ...connectorQuery, state: 'held: only those that wait for a person' },
    answer: async (plane, call) => ({ body: { plans: (await Promise.all(memoriesAsked(plane, call).map((memory) => plansOf(memory, call.request.query['state'] === 'held')))).flat().sort((left, right) => right.at - left.at) } }),
  },
  {
    method: 'GET', path: '/api/sync/plans/{id}', who: 'signed-in', summary: 'one plan; of a held one, each change that waits', query: connectorQuery,
    answer: async (plane, call) => {
      const id = param(call, 'id');
      const found = (await Promise.all(memoriesAsked(plane, call).map(async (memory) => {
        const row = await memory.runs.plan(id);
        return row === undefined ? [] : [{ ...shownPlan(memory, row), ...(row.state === 'held' && (await heldPlans(memory)).find((one) => one.id === id)) }];
      }))).flat();
      return { body: onlyOne(found, `plan ${id}`) };
    },
  },
  {
    method: 'GET', path: '/api/sync/conflicts', who: 'signed-in', summary: 'items of which both sides were changed: which fields, not what they say', query: connectorQuery,
    answer: async (plane, call) => {
      const found = await Promise.all(memoriesAsked(plane, call).map(async (memory) => Promise.all((await openLinks(memory, ['parked'])).links.map((link) => shownConflict(memory, link)))));
      return { body: { conflicts: found.flat(2) } };
    },
  },
  {
    method: 'GET', path: '/api/sync/conflicts/{id}', who: deciders, summary: 'one item with both versions of the fields in question; by the id of either side, or the key of its link', query: connectorQuery,
    answer: async (plane, call) => {
      const pair = await plane.desk.pair(meantConnector(plane, call), param(call, 'id')).catch(unknownPair);
      return { body: { pair, version: versionOf(pair) } };
    },
  },
  {
    method: 'GET', path: '/api/sync/problems', who: 'signed-in', summary: 'everything that failed, waits, is parked or in doubt, and what keeps a connector from running', query: { ...connectorQuery, dismissed: 'true: also those that a person has dismissed' },
    answer: async (plane, call) => {
      const found = await Promise.all(memoriesAsked(plane, call).map((memory) => problemsOf(memory, call.request.query['dismissed'] === 'true')));
      return { body: { problems: found.flatMap(({ problems }) => problems), more: found.some(({ more }) => more) } };
    },
  },
  {
    method: 'GET', path: '/api/sync/explain/{connector}/{id+}', who: 'signed-in', summary: 'what is remembered of one item, and why it stands as it does',
    answer: async (plane, call) => {
      const links = await explainId(memoryNamed(plane, param(call, 'connector')), param(call, 'id'));
      if (links.length === 0) throw notFound(`nothing is known of ${param(call, 'id')}: no run has seen it`);
      return { body: { id: param(call, 'id'), links } };
    },
  },
];

function healthOfOne({ connector, configured, state, lastRun }: ConnectorStatus) {
  const trouble = connectorProblems(lastRun?.report).map(({ code, message }) => ({ code, message, advice: adviceFor(code) }));
  return { connector, configured, state, lastRunEndedAt: lastRun?.endedAt, trouble };
}

/** What a run said about its connector as a whole: that sign-in failed, or a system did not answer. */
function connectorProblems(report: unknown): readonly { readonly code: string; readonly message: string }[] {
  const { problems } = fieldsOf(report);
  return (Array.isArray(problems) ? problems : []).flatMap((problem: unknown) => {
    const { stream, code, message } = fieldsOf(problem);
    return stream === '*' && typeof code === 'string' && typeof message === 'string' ? [{ code, message }] : [];
  });
}

/** A listing says how a run ended; what it changed stands in its own page. */
function shortReport(report: unknown): object {
  const { changes: _changes, problems, ...short } = fieldsOf(report);
  return { ...short, problems: Array.isArray(problems) ? problems.length : 0 };
}

const lastReport = ({ last }: Awaited<ReturnType<Memory['runs']['state']>>, run: string): unknown => (last?.run === run ? last.report : undefined);

const shownPlan = ({ entry }: Memory, plan: PlanRow) => ({ ...plan, connector: entry.id });

async function plansOf(memory: Memory, onlyHeld: boolean) {
  const held = await heldPlans(memory);
  if (onlyHeld) return held;
  const others = (await memory.runs.plans()).filter((plan) => plan.state !== 'held');
  return [...held.map(({ lines: _lines, ...plan }) => plan), ...others.map((plan) => shownPlan(memory, plan))];
}

async function openLinks({ entry, links }: Memory, states: readonly Link['state'][]): Promise<{ readonly links: readonly Link[]; readonly more: boolean }> {
  const found: Link[] = [];
  for (const stream of entry.streams) {
    for await (const page of links.open(stream)) {
      found.push(...page.filter(({ state }) => states.includes(state)));
      if (found.length > openMax) return { links: found.slice(0, openMax), more: true };
    }
  }
  return { links: found, more: false };
}

async function shownConflict({ entry, links }: Memory, link: Link) {
  const record = await links.conflict(link.stream, link.key);
  return record === undefined ? [] : [{ connector: entry.id, stream: link.stream, id: link.key, sourceId: link.sourceId, targetId: link.targetId, code: record.code, since: timeText(record.openedAt), fields: record.fields }];
}

async function problemsOf(memory: Memory, withDismissed: boolean) {
  const { links, more } = await openLinks(memory, problemStates);
  const dismissal = await memory.dismissals.read();
  const { id: connector } = memory.entry;
  const ofItems = links.filter((link) => withDismissed || dismissal(link) === undefined).map((link) => {
    const { stream, key, sourceId, targetId, state, problem, attempts, dueAt } = link;
    const dismissed = dismissal(link);
    return {
      connector, stream, id: key, sourceId, targetId, state, code: problem?.code, message: problem?.message, advice: problem && adviceFor(problem.code), attempts,
      nextAttemptAt: dueAt === undefined ? undefined : timeText(dueAt), dismissed: dismissed && { by: dismissed.by, at: timeText(dismissed.at) },
    };
  });
  const ofConnector = connectorProblems((await memory.runs.state()).last?.report).map((problem) => ({ connector, stream: '*', id: connector, state: 'failed', ...problem, advice: adviceFor(problem.code) }));
  return { problems: [...ofConnector, ...ofItems], more };
}

/** @throws RequestRefused (404) */
export function meantConnector(plane: ControlPlane, call: Parameters<typeof memoriesAsked>[1]): string | undefined {
  const { connector } = call.request.query;
  return connector === undefined ? undefined : memoryNamed(plane, connector).entry.id;
}

/** The desk's words for "nothing" and "several things" are those of the command line: here they get their own codes. */
export function unknownPair(error: unknown): never {
  const problems = error instanceof Error && 'problems' in error && Array.isArray(error.problems) ? error.problems.map(String) : undefined;
  if (problems === undefined) throw error;
  const isNothing = problems.some((problem) => problem.startsWith('nothing is known'));
  throw new RequestRefused({ status: isNothing ? 404 : 409, code: isNothing ? 'E_NOT_FOUND' : 'E_SEVERAL', message: problems.join('; '), problems }, { cause: error });
}
