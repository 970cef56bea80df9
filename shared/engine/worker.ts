/**
 * What every step of a worker shares: who it is, how it saves what became of links although others write them too, and how
 * it reads links anew when what was staged may be out of date.
 */
import type { Rules } from '../sync/views.ts';
import type { Link } from '../sync/link.ts';
import type { LinkOutcome } from '../sync/report.ts';
import type { Stream } from './connector.ts';
import type { LinkSave, World } from './ports.ts';
import { childrenOfMoved, wokenBy } from './references.ts';
import { lookAgain, outcomeOf, resolveCases, shownId } from './resolve.ts';
import type { Stamp } from './stage.ts';

export interface Worker {
  readonly world: World;
  readonly stream: Stream;
  readonly rules: Rules;
  readonly run: string;
  readonly outcomes: Map<string, LinkOutcome>;
  /** Links of any stream that can go on now. */
  readonly woken: Link[];
}

/** Read after the call and before the record: a scan that began in between then sees that this link moved. */
export async function stampNow(worker: Worker, plan: string | undefined): Promise<Stamp> {
  const { seq } = await worker.world.runs.state();
  return { run: worker.run, plan: plan ?? '', now: worker.world.clock.now(), seq, guarded: false };
}

/** Reads both sides of links again and decides anew, under the plan that each was worked for. */
export async function refreshed(worker: Worker, links: readonly Link[], planOf: (link: Link) => string | undefined = (link) => link.pending?.plan): Promise<Link[]> {
  const kept: Link[] = [];
  for (const [plan, group] of Map.groupBy(links, planOf)) {
    const cases = await lookAgain(worker.stream, group);
    const resolved = await resolveCases(worker.world, worker.stream, worker.rules, cases, await stampNow(worker, plan), Infinity);
    for (const outcome of resolved.outcomes) worker.outcomes.set(outcome.link, outcome);
    kept.push(...resolved.staged);
  }
  return kept;
}

export async function save(worker: Worker, was: Link, link: Link): Promise<void> {
  await saveAll(worker, [{ link, was }]);
}

const attemptsMax = 4;

/** Saves what became of links; a row that moved meanwhile is read again and gets what we know, if it is still about our call. */
export async function saveAll(worker: Worker, saves: readonly LinkSave[]): Promise<Link[]> {
  const { world, stream } = worker;
  const saved: Link[] = [];
  // Before their parent: once its new id is recorded, nothing would tell any more that they name another one.
  for (const { link, was } of saves) {
    const children = await childrenOfMoved(world, was, link);
    if (children.length > 0) await world.links.save(children);
  }
  let left = [...saves];
  for (let attempt = 0; left.length > 0 && attempt < attemptsMax; attempt++) {
    const results = await world.links.save(left);
    const refused: LinkSave[] = [];
    for (const [at, one] of left.entries()) {
      const result = results[at];
      if (result === undefined || result === 'refused') refused.push(one);
      else saved.push(result.link);
    }
    if (refused.length === 0) break;
    const rows = new Map((await world.links.byKeys(stream.name, refused.map((one) => one.link.key))).map((link) => [link.key, link]));
    left = refused.flatMap((one) => rebased(world, one, rows.get(one.link.key)));
  }
  for (const link of saved) {
    note(worker, link);
    if (link.state === 'agreed' || link.state === 'gone') worker.woken.push(...(await wokenBy(world, link)));
  }
  return saved;
}

/** A newer staging came between: what both sides hold is still true, and the newer wish stays. A stranger's claim fences us off. */
function rebased(world: World, mine: LinkSave, row: Link | undefined): LinkSave[] {
  const { was } = mine;
  if (!row || !was) return [];
  if (row.claim && row.claim.worker !== world.worker) return [];
  if (row.pending?.id === was.pending?.id) return [{ link: { ...mine.link, rev: row.rev }, was: row }];
  const advanced = row.versions.source !== was.versions.source || row.versions.target !== was.versions.target;
  if (advanced || mine.link.state === 'failed' || mine.link.state === 'parked') return [];
  return [{ link: { ...mine.link, pending: row.pending, state: row.state, problem: row.problem, dueAt: row.dueAt, rev: row.rev }, was: row }];
}

/** One outcome for each link: the last one counts. */
export function note(worker: Worker, link: Link, made?: Pick<LinkOutcome, 'kind' | 'what' | 'problem'>): void {
  const outcome = made ? { stream: link.stream, link: link.key, id: shownId(link), ...made } : outcomeOf(link, worker.run);
  if (outcome) worker.outcomes.set(link.key, outcome);
}
