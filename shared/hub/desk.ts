/**
 * What a person asks of the hub about single items and plans: settle a parked pair, take that back, have things looked at again, carry out
 * one plan. Finds what is meant and tells what became of it; how it is done safely stands in engine/person.ts.
 */
import type { Clock } from '../base/clock.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Connector } from '../engine/connector.ts';
import { doneByHand, type HandWord } from '../engine/by-hand.ts';
import { carryOutPlan, forgetWishes, replayLinks } from '../engine/person.ts';
import type { PlanRow, Progress, World } from '../engine/ports.ts';
import { settleConflict, undoSettled, type Answered } from '../engine/settle.ts';
import { releasePlan } from '../engine/word.ts';
import { notInSource } from '../sync/decide.ts';
import type { Letter } from '../stores/letters.ts';
import type { Link, SideName } from '../sync/link.ts';
import { countOutcomes, problemsOf, type LinkOutcome, type RunReport } from '../sync/report.ts';
import { frontDesk, type FrontDesk, type PairShown } from './front-desk.ts';
import { linksOf, type Memory } from './memory.ts';

export interface Told {
  readonly answered: Answered;
  /** Of the writes; absent where there were none. */
  readonly report?: RunReport | undefined;
}

export interface Desk extends FrontDesk {
  /** @param take  the side whose word counts, by field. @throws as engine/person.ts; ConfigurationInvalid where fields belong together. */
  settle(pair: PairShown, take: (field: string) => SideName, by: string): Promise<Told>;
  undo(pair: PairShown, by: string): Promise<Told>;
  /** What was asked of a person is done, or what was in doubt did not happen. */
  done(pair: PairShown, word: HandWord, by: string): Promise<Told>;
  /**
   * Of one item, of what a held cleaning plan would remove, or (without an id) of all that failed, waits, is parked or in doubt. A report
   * for each connector, and one for the rest of a plan that nothing holds any more. @throws ConfigurationInvalid
   */
  replay(connectorId: string | undefined, id: string | undefined, options: { readonly signal?: AbortSignal | undefined; readonly progress?: Progress | undefined }): Promise<readonly RunReport[]>;
  /** Does what stands in a released plan, and nothing else. */
  carryOut(connectorId: string, planId: string): Promise<RunReport>;
}

export interface DeskParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly memories: readonly Memory[];
  /** @throws ConfigurationInvalid */
  readonly memory: (connectorId: string) => Memory;
  readonly connect: (connectorId: string) => Promise<{ readonly connector: Connector; readonly saveNotes: () => Promise<void> }>;
  readonly world: (memory: Memory, progress?: Progress) => World;
  /** By system, so far, of the clients of one connector: several may run at once. */
  readonly calls: (connectorId: string) => { readonly [system: string]: number };
}

const looksAgainAt: readonly Link['state'][] = ['failed', 'waiting', 'parked', 'doubt'];

export function desk(parts: DeskParts): Desk {
  const { clock, log, memory, memories } = parts;
  const asked = (connectorId: string | undefined): readonly Memory[] => (connectorId === undefined ? memories : [memory(connectorId)]);

  async function working<T>(connectorId: string, work: (world: World, connector: Connector) => Promise<T>, progress?: Progress): Promise<T> {
    const { connector, saveNotes } = await parts.connect(connectorId);
    try {
      return await work(parts.world(memory(connectorId), progress), connector);
    } finally {
      await saveNotes();
    }
  }

  /** Adds up what was written, as a run's report does. */
  async function reported<T>(connectorId: string, work: () => Promise<T>, written: (result: T) => { readonly run: string; readonly outcomes: readonly LinkOutcome[] }): Promise<{ readonly result: T; readonly report: RunReport }> {
    const [startedAt, before] = [clock.now(), parts.calls(connectorId)];
    const result = await work();
    const { run, outcomes } = written(result);
    const calls = Object.fromEntries(Object.entries(parts.calls(connectorId)).map(([system, count]) => [system, count - (before[system] ?? 0)]));
    const streams = Object.fromEntries(memory(connectorId).entry.streams.map((stream) => [stream, countOutcomes(0, 0, outcomes.filter((one) => one.stream === stream))]));
    const report: RunReport = { connector: connectorId, run, state: 'finished', streams, calls, durationMs: clock.now() - startedAt, problems: problemsOf(outcomes), held: [], changes: [], planned: outcomes.length };
    return { result, report };
  }

  async function answer(pair: PairShown, work: (world: World, connector: Connector) => Promise<Answered>, what: string): Promise<Told> {
    const { result, report } = await reported(pair.connector, () => working(pair.connector, work), (made) => (made.kind === 'done' ? made : { run: '', outcomes: [] }));
    log.info({ connector: pair.connector, stream: pair.stream, link: pair.key, answered: result.kind, run: report.run }, what);
    return { answered: result, report: result.kind === 'done' ? report : undefined };
  }

  const carryOut = async (connectorId: string, planId: string): Promise<RunReport> =>
    (await reported(connectorId, () => working(connectorId, (world, connector) => carryOutPlan(world, connector, planId)), (made) => made)).report;

  const releaseEmptied = async (one: Memory, plan: PlanRow): Promise<boolean> =>
    (await waitingUnder(one, plan.id)).every((link) => !removesForeign(link)) && releasePlan(parts.world(one), plan.id, 'its items were looked at again');

  return {
    ...frontDesk(parts),
    async settle(pair, take, by) {
      refuseTornFields(memory(pair.connector), pair, take);
      return answer(pair, (world, connector) => settleConflict(world, connector, { stream: pair.stream, key: pair.key, by }, take), 'conflict settled by a person');
    },
    undo: (pair, by) => answer(pair, (world, connector) => undoSettled(world, connector, { stream: pair.stream, key: pair.key, by }), 'answer taken back by a person'),
    done: (pair, word, by) => answer(pair, (world, connector) => doneByHand(world, connector, { stream: pair.stream, key: pair.key, by }, word), 'done by hand'),
    async replay(connectorId, id, { signal, progress }) {
      const reports: RunReport[] = [];
      let known = id === undefined;
      for (const one of asked(connectorId)) {
        const plan = id === undefined ? undefined : await one.runs.plan(id);
        const links = id === undefined ? [...(await openLinks(one)), ...(await givenUp(one))] : plan ? await foreignUnder(one, plan) : await looksAgain(one, id);
        known ||= links.length > 0;
        const letters = await answeredBy(one, id, links);
        if (links.length > 0) {
          reports.push(await working(one.entry.id, async (world, connector) => {
            if (plan) await forgetWishes(world, connector, links);
            return replayLinks(world, connector, links, { calls: () => parts.calls(one.entry.id), signal });
          }, progress));
        }
        await one.letters.remove(letters);
        // Nothing is left of why it was held, so the rest of it may go.
        if (plan && isOnlyForeign(plan) && (await releaseEmptied(one, plan))) reports.push(await carryOut(one.entry.id, plan.id));
      }
      if (!known) throw new ConfigurationInvalid([`nothing that could be looked at again is called ${id}; concord status tells what is open`]);
      return reports;
    },
    carryOut,
  };
}

/** A start as a date and an end as an instant are no event. */
function refuseTornFields({ entry }: Memory, { conflict }: PairShown, take: (field: string) => SideName): void {
  for (const group of entry.together) {
    const mine = (conflict?.fields ?? []).map(({ field }) => field).filter((field) => group.includes(field));
    if (new Set(mine.map(take)).size > 1) throw new ConfigurationInvalid([`${mine.join(', ')} belong together: take all of them from one side`]);
  }
}

async function openLinks({ entry, links }: Memory): Promise<readonly Link[]> {
  const open: Link[] = [];
  for (const stream of entry.streams) for await (const page of links.open(stream)) open.push(...page.filter(({ state }) => looksAgainAt.includes(state)));
  return open;
}

async function looksAgain(one: Memory, id: string): Promise<readonly Link[]> {
  const gaveUp = new Set((await givenUp(one)).map(({ stream, key }) => `${stream} ${key}`));
  return (await linksOf(one, id)).filter(({ stream, key, state }) => looksAgainAt.includes(state) || gaveUp.has(`${stream} ${key}`));
}

/** What a worker gave up on before anything was found out about it: still staged, and asking for nobody. */
async function givenUp({ links, letters }: Memory): Promise<readonly Link[]> {
  const named = Map.groupBy(await letters.list(), ({ stream }) => stream);
  const found: Link[] = [];
  for (const [stream, mine] of named) {
    if (stream !== undefined) found.push(...(await links.byKeys(stream, [...new Set(mine.flatMap(({ keys }) => keys))])).filter(({ state }) => state === 'pending'));
  }
  return found;
}

/** Letters that need no answer any more once these links were looked at; those that name no link are answered by looking at all. */
async function answeredBy({ letters }: Memory, id: string | undefined, links: readonly Link[]): Promise<readonly Letter[]> {
  const all = await letters.list();
  if (id === undefined) return all;
  const looked = new Set(links.map(({ stream, key }) => `${stream} ${key}`));
  return all.filter(({ stream, keys }) => keys.length > 0 && keys.every((key) => looked.has(`${stream} ${key}`)));
}

const isOnlyForeign = ({ held }: PlanRow): boolean => held.every(({ code }) => code === 'FOREIGN_ITEMS');
const removesForeign = ({ pending }: Link): boolean => pending?.writes.some((write) => write.kind === 'delete' && write.reason === notInSource) ?? false;

async function waitingUnder({ entry, links }: Memory, planId: string): Promise<readonly Link[]> {
  const waiting: Link[] = [];
  for (const stream of entry.streams) for await (const page of links.open(stream)) waiting.push(...page.filter(({ pending }) => pending?.plan === planId));
  return waiting;
}

/**
 * What people made and a held cleaning run would remove: the ordinary rules import it or leave it alone. Other withdrawals are decided
 * anew by every run, and must not get past the guard here. @throws ConfigurationInvalid
 */
async function foreignUnder(one: Memory, plan: PlanRow): Promise<readonly Link[]> {
  const foreign = plan.state === 'held' ? (await waitingUnder(one, plan.id)).filter(removesForeign) : [];
  if (foreign.length === 0) throw new ConfigurationInvalid([`nothing of plan ${plan.id} can be looked at again: what it withdraws is decided anew by every run, once its cause is mended`]);
  return foreign;
}
