/**
 * Routes by which people and machines make something happen: run, pause, release a plan, settle a conflict, have items looked at again.
 * What needs a vendor is done by the host; an answer of 202 says that it is under way and takes longer than a request may.
 */
import * as z from 'zod/mini';
import { forgetCursors, releasePlan } from '../../engine/word.ts';
import type { RunReport } from '../../sync/report.ts';
import type { Errand, ErrandAnswer } from '../errand.ts';
import { linksOf, openWork, type Memory } from '../memory.ts';
import { timeText } from '../status.ts';
import { fieldsWithoutWord } from '../taken-fields.ts';
import { notFound, refusalOf, RequestRefused } from './problem.ts';
import { byWhom, memoriesAsked, memoryNamed, onlyOne, param, type ControlPlane } from './plane.ts';
import { deciders, meantConnector, problemStates, unknownPair } from './reading-routes.ts';
import { withBody, type Call, type Reply, type Route } from './route.ts';

const connectorQuery = { connector: 'of this connector, where the id could mean something in several' };
const name = z.string().check(z.minLength(1), z.maxLength(200));
const flag = (what: string) => z.optional(z.boolean()).check(z.describe(what));
const runOptions = {
  full: flag('read both sides whole'),
  dryRun: flag('tell what would be done, and write nothing'),
  only: z.optional(name).check(z.describe('one stream only')),
  clean: flag('remove from the target what is not in the source; what Concord did not make is held for a person'),
};
const runBody = z.strictObject(runOptions);
const triggerBody = z.strictObject({ ...runOptions, connector: z.optional(name).check(z.describe('needed where several are set up')) });
const pauseBody = z.strictObject({ why: z.optional(z.string().check(z.maxLength(500))).check(z.describe('for those who find it paused')) });
const nothing = z.strictObject({});
const side = z.enum(['source', 'target']);
const resolveBody = z.strictObject({
  take: z.optional(z.union([side, z.record(name, side)])).check(z.describe('whose word counts: in all fields in question, or for each of them')),
  done: z.optional(z.literal(true)).check(z.describe('instead: a person has done by hand what was asked')),
  again: z.optional(z.literal(true)).check(z.describe('instead: what is in doubt did not happen, and may be sent once more')),
  id: z.optional(name).check(z.describe('with done: the id of an item that the person made, or found')),
  version: z.optional(name).check(z.describe('as GET /api/sync/conflicts/{id} told it; where it is not that any more, nothing is done')),
}).check(z.refine(({ take, done, again }) => [take, done, again].filter((one) => one !== undefined).length === 1, 'say one of take, done and again'));
const releaseBody = z.strictObject({ next: z.optional(z.enum(['run', 'carry-out', 'nothing'])).check(z.describe('what follows: a run (the default), only what the plan shows, or nothing now')) });
const resetBody = z.strictObject({ connector: name, confirm: name.check(z.describe('the name of the connector once more')) });

export const decidingRoutes: readonly Route<ControlPlane>[] = [
  withBody({
    method: 'POST', path: '/api/sync/trigger', who: deciders, summary: 'run a connector', body: triggerBody,
    answer: async (plane, { body: { connector, ...options } }) => started(plane, runErrand(connector === undefined ? theOnlyOne(plane) : memoryNamed(plane, connector), options)),
  }),
  withBody({
    method: 'POST', path: '/api/sync/{connector}', who: deciders, summary: 'the same, for the connector in the address', body: runBody,
    answer: async (plane, call) => started(plane, runErrand(memoryNamed(plane, param(call, 'connector')), call.body)),
  }),
  withBody({
    method: 'POST', path: '/api/sync/{connector}/pause', who: deciders, summary: 'let it rest until it is resumed; a run that is under way is finished first', body: pauseBody,
    answer: async (plane, call) => {
      const connector = memoryNamed(plane, param(call, 'connector')).entry.id;
      return { body: { connector, paused: true, changed: await plane.desk.pause(connector, byWhom(call), call.body.why ?? '') } };
    },
  }),
  withBody({
    method: 'POST', path: '/api/sync/{connector}/resume', who: deciders, summary: 'let it run again, with its next run', body: nothing,
    answer: async (plane, call) => {
      const connector = memoryNamed(plane, param(call, 'connector')).entry.id;
      return { body: { connector, paused: false, changed: await plane.desk.resume(connector) } };
    },
  }),
  withBody({ method: 'POST', path: '/api/sync/plans/{id}/release', who: deciders, summary: 'a held plan may go', query: connectorQuery, body: releaseBody, answer: (plane, call) => release(plane, call, call.body.next ?? 'run') }),
  withBody({ method: 'POST', path: '/api/sync/conflicts/{id}/resolve', who: deciders, summary: 'settle whose word counts', query: connectorQuery, body: resolveBody, answer: (plane, call) => resolve(plane, call, call.body) }),
  withBody({
    method: 'POST', path: '/api/sync/conflicts/{id}/restore', who: deciders, summary: 'take an answer back: what lost is restored on both sides, for 90 days, where nobody has written since', query: connectorQuery, body: nothing,
    answer: async (plane, call) => {
      const { connector, key } = await plane.desk.pair(meantConnector(plane, call), param(call, 'id')).catch(unknownPair);
      return settled(plane, { kind: 'undo', connector, key, by: byWhom(call) });
    },
  }),
  withBody({ method: 'POST', path: '/api/sync/problems/{id}/retry', who: deciders, summary: 'look again now at one item, or at what a held cleaning plan would remove', query: connectorQuery, body: nothing, answer: retry }),
  withBody({ method: 'POST', path: '/api/sync/problems/{id}/dismiss', who: deciders, summary: 'seen: it is not shown again as long as it stays what it is; it is tried and counted as before', query: connectorQuery, body: nothing, answer: dismiss }),
  withBody({ method: 'POST', path: '/api/sync/problems/retry-all', who: deciders, summary: 'look again now at everything that failed, waits, is parked or in doubt', query: connectorQuery, body: nothing, answer: retryAll }),
  withBody({
    method: 'POST', path: '/api/sync/reset', who: ['admin'], summary: 'forget how far both sides were read: the next run reads them whole; releases and deletes nothing', body: resetBody,
    answer: async (plane, { body: { connector, confirm } }) => {
      const { entry, runs } = memoryNamed(plane, connector);
      if (confirm !== entry.id) throw new RequestRefused({ status: 400, code: 'E_BODY', message: 'confirm has to be the name of the connector' });
      await forgetCursors({ runs, clock: plane.clock, worker: 'control plane', isDead: plane.isDead }, entry.id);
      return { body: { connector: entry.id, nextRun: 'full' } };
    },
  }),
];

/** @throws RequestRefused */
function theOnlyOne({ memories, configured }: ControlPlane): Memory {
  const ready = memories.filter(({ entry }) => configured(entry));
  const [one] = ready;
  if (one !== undefined && ready.length === 1) return one;
  throw new RequestRefused({ status: 400, code: 'E_BODY', message: 'say which connector', problems: memories.map(({ entry }) => entry.id) });
}

function runErrand({ entry }: Memory, { full, dryRun, only, clean }: z.infer<typeof runBody>): Errand {
  if (only !== undefined && !entry.streams.includes(only)) throw new RequestRefused({ status: 400, code: 'E_BODY', message: `${entry.id} has no stream ${only}; it has ${entry.streams.join(', ')}` });
  return { kind: 'run', connector: entry.id, full, dry: dryRun, only, clean };
}

/** The report of a run, or 202 while it goes on. */
async function started(plane: ControlPlane, errand: Errand, more: object = {}): Promise<Reply> {
  const since = plane.clock.now();
  const answer = await plane.host.start(errand);
  if (answer === 'underway') return underway(since, { connector: errand.connector, ...more });
  const [report] = reportsIn(answer);
  return { body: { ...more, report } };
}

/** Its end is told by the connector's status: a last run that started later and has ended. */
const underway = (since: number, facts: object): Reply => ({ status: 202, headers: { location: '/api/sync/status' }, body: { ...facts, state: 'underway', since: timeText(since) } });

/** @throws RequestRefused for an errand that failed. */
function reportsIn(answer: ErrandAnswer): readonly RunReport[] {
  if (answer.kind === 'failed') throw refusalOf(answer.error);
  return answer.kind === 'reports' ? answer.reports : answer.report === undefined ? [] : [answer.report];
}

async function release(plane: ControlPlane, call: Call, next: 'run' | 'carry-out' | 'nothing'): Promise<Reply> {
  const id = param(call, 'id');
  const found = (await Promise.all(memoriesAsked(plane, call).map(async ({ entry, runs }) => ({ connector: entry.id, runs, plan: await runs.plan(id) })))).filter(({ plan }) => plan !== undefined);
  const { connector, runs, plan } = onlyOne(found, `plan ${id}`);
  if (plan?.state === 'replaced') throw new RequestRefused({ status: 409, code: 'E_NOT_HELD', message: `plan ${id} is replaced: what it held went into a later one` });
  // Said twice, it is released once; what follows may be asked for again.
  const changed = await releasePlan({ runs, clock: plane.clock }, id, byWhom(call));
  if (changed) plane.log.info({ connector, plan: id }, 'plan released');
  const released = { connector, released: id, changed };
  if (next === 'nothing') return { body: released };
  return started(plane, next === 'run' ? { kind: 'run', connector } : { kind: 'carry-out', connector, plan: id }, released);
}

async function resolve(plane: ControlPlane, call: Call, { take, version, again, id }: z.infer<typeof resolveBody>): Promise<Reply> {
  const pair = await plane.desk.pair(meantConnector(plane, call), param(call, 'id')).catch(unknownPair);
  if (take === undefined) return settled(plane, { kind: 'done', connector: pair.connector, key: pair.key, word: again === true ? { again } : { done: true, id }, by: byWhom(call) });
  if (typeof take !== 'string') {
    const { forgotten, strange, inQuestion } = fieldsWithoutWord(pair, Object.keys(take));
    const problems = [...forgotten.map((field) => `${field} is in question too`), ...strange.map((field) => `${field} is not in question; in question ${inQuestion.length === 0 ? 'is nothing' : `are ${inQuestion.join(', ')}`}`)];
    if (problems.length > 0) throw new RequestRefused({ status: 400, code: 'E_BODY', message: 'take has to name each field in question, and no other', problems });
  }
  return settled(plane, { kind: 'settle', connector: pair.connector, key: pair.key, take, by: byWhom(call), version });
}

async function settled(plane: ControlPlane, errand: Errand): Promise<Reply> {
  const since = plane.clock.now();
  const answer = await plane.host.start(errand);
  if (answer === 'underway') return underway(since, { connector: errand.connector });
  if (answer.kind !== 'told') return { body: { settled: true, report: reportsIn(answer)[0] } };
  const { answered, report } = answer;
  if (answered.kind === 'changed') throw new RequestRefused({ status: 412, code: 'E_CHANGED', message: 'it has changed since; nothing was written. Look at it again' });
  if (answered.kind === 'refused') throw new RequestRefused({ status: 409, code: 'E_REFUSED', message: answered.why });
  return { body: { settled: true, run: answered.run, fields: answered.fields, report } };
}

async function retry(plane: ControlPlane, call: Call): Promise<Reply> {
  const id = param(call, 'id');
  const found = (await Promise.all(memoriesAsked(plane, call).map(async (memory) => ((await memory.runs.plan(id)) !== undefined || (await linksOf(memory, id)).length > 0 ? [memory.entry.id] : [])))).flat();
  if (found.length === 0) throw notFound(`nothing that could be looked at again is called ${id}`);
  return lookedAgain(plane, found.map((connector) => ({ kind: 'replay', connector, id })));
}

async function dismiss(plane: ControlPlane, call: Call): Promise<Reply> {
  const id = param(call, 'id');
  const found = (await Promise.all(memoriesAsked(plane, call).map(async (memory) => (await linksOf(memory, id)).map((link) => ({ connector: memory.entry.id, memory, link }))))).flat();
  const open = found.filter(({ link }) => problemStates.includes(link.state));
  if (found.length > 0 && open.length === 0) throw new RequestRefused({ status: 409, code: 'E_NOT_OPEN', message: `nothing is wrong with ${id}` });
  const { connector, memory, link } = onlyOne(open, `problem ${id}`);
  await memory.dismissals.add(link, byWhom(call));
  return { body: { connector, stream: link.stream, id: link.key, dismissed: true } };
}

async function retryAll(plane: ControlPlane, call: Call): Promise<Reply> {
  const open = await Promise.all(memoriesAsked(plane, call).map(async (memory) => ({ memory, hasProblems: await hasProblems(memory) })));
  return lookedAgain(plane, open.filter((one) => one.hasProblems).map(({ memory }) => ({ kind: 'replay', connector: memory.entry.id })));
}

/** What workers gave up on counts, too: it stands on its links as if it were still on its way. */
async function hasProblems(memory: Memory): Promise<boolean> {
  if ((await memory.letters.list()).length > 0) return true;
  return Object.values((await openWork(memory)).states).some((counts) => problemStates.some((state) => (counts[state] ?? 0) > 0));
}

/** Of several connectors at once. */
async function lookedAgain(plane: ControlPlane, errands: readonly Errand[]): Promise<Reply> {
  const since = plane.clock.now();
  const answers = await Promise.all(errands.map(async (errand) => ({ connector: errand.connector, answer: await plane.host.start(errand) })));
  const going = answers.flatMap(({ connector, answer }) => (answer === 'underway' ? [connector] : []));
  const reports = answers.flatMap(({ answer }) => (answer === 'underway' ? [] : reportsIn(answer)));
  return going.length === 0 ? { body: { reports } } : underway(since, { connectors: going, reports });
}
