/**
 * Makes links out of pairs that somebody knows: from another tool, an older table, a person's own list. Both items are looked up
 * first, and what they hold is compared; nothing is written to any system. Pairs that differ are brought together by the next run,
 * which shows it in its plan. Where a system shows nothing, the other tool is believed: see told-pair.ts.
 */
import { ConfigurationInvalid } from '../base/errors.ts';
import type { Connector, Stream } from '../engine/connector.ts';
import { isAmbiguous, underLease } from '../engine/person.ts';
import { rulesOf } from '../engine/plan-stream.ts';
import type { LinkSave, World } from '../engine/ports.ts';
import { lookUpViews } from '../engine/resolve.ts';
import { newLink, note, sighted, stageDecision, type Stamp, type Views } from '../engine/stage.ts';
import type { TakenOver, ToldPair } from '../engine/told-pair.ts';
import { decide } from '../sync/decide.ts';
import { changedFields } from '../sync/digest.ts';
import type { Link } from '../sync/link.ts';
import { held, makeBase, unseen, type Rules } from '../sync/views.ts';
import type { IdPair } from './id-pairs.ts';

export interface PairVerdict extends IdPair {
  readonly stream: string;
  /**
   * `linked`: both are there and agree. `differs`: linked; the next run brings the fields together. `known`: it was linked already.
   * `missing`: one of them is not there (any more). `unreadable`: one of them cannot be read. `taken`: one of them is linked elsewhere.
   * `ambiguous`: what another tool knew could be several things.
   */
  readonly verdict: 'linked' | 'differs' | 'known' | 'missing' | 'unreadable' | 'taken' | 'ambiguous';
  /** The fields that differ, the sides that the verdict is about, or what it could be. */
  readonly where: readonly string[];
}

const pairsAtOnce = 100;

/** @param dry  verifies, and links nothing. @throws ConnectorPaused, AnotherRunActive, and what stops a side. */
export async function importPairs(world: World, connector: Connector, stream: Stream, pairs: readonly IdPair[], dry: boolean): Promise<readonly PairVerdict[]> {
  return underLease(world, connector, async (stamp) => {
    for (const side of [stream.source, stream.target]) await side.prepare?.(false);
    const verdicts: PairVerdict[] = [];
    for (let at = 0; at < pairs.length; at += pairsAtOnce) {
      verdicts.push(...(await importSome({ world, stream, rules: rulesOf(world, stream), stamp, dry }, pairs.slice(at, at + pairsAtOnce))));
    }
    if (!dry && verdicts.some(({ verdict }) => verdict === 'differs')) await readWholeNext(world, stream);
    return verdicts;
  });
}

/**
 * Links what another tool knew, stream by stream, and tells what was left, too. The items are not asked for: each pair brings what is
 * known. @param dry  verifies, and links nothing. @throws ConnectorPaused, AnotherRunActive
 */
export async function importTold(world: World, connector: Connector, { pairs, left }: TakenOver, dry: boolean): Promise<readonly PairVerdict[]> {
  return underLease(world, connector, async (stamp) => {
    const verdicts: PairVerdict[] = [];
    for (const stream of connector.streams) {
      const into = { world, stream, rules: rulesOf(world, stream), stamp, dry };
      const mine = pairs.filter((pair) => pair.stream === stream.name);
      for (let at = 0; at < mine.length; at += pairsAtOnce) verdicts.push(...(await importSomeTold(into, mine.slice(at, at + pairsAtOnce))));
      verdicts.push(...left.filter((pair) => pair.stream === stream.name));
    }
    return verdicts;
  });
}

interface Importing {
  readonly world: World;
  readonly stream: Stream;
  readonly rules: Rules;
  readonly stamp: Stamp;
  readonly dry: boolean;
}

/** The one that is meant. @param name  needed where there are several. @throws ConfigurationInvalid */
export function streamOf({ id, streams }: Connector, name: string | undefined): Stream {
  const found = name === undefined && streams.length === 1 ? streams[0] : streams.find((stream) => stream.name === name);
  if (found === undefined) throw new ConfigurationInvalid([`${name === undefined ? 'say --stream' : `${id} has no stream ${name}`}; it has ${streams.map((stream) => stream.name).join(', ')}`]);
  return found;
}

async function importSome(into: Importing, pairs: readonly IdPair[]): Promise<readonly PairVerdict[]> {
  const { stream } = into;
  const { linked, verdicts } = await standing(into, pairs);
  const open = pairs.filter((pair) => !verdicts.has(pair));
  const sources = await lookUpViews(stream, 'source', open.map(({ source }) => source));
  const targets = await lookUpViews(stream, 'target', open.map(({ target }) => target));
  for (const pair of open) {
    const views = { source: sources.get(pair.source), target: targets.get(pair.target) };
    const sides = (['source', 'target'] as const);
    const unreadable = sides.filter((side) => views[side]?.kind === 'rejected');
    const missing = sides.filter((side) => views[side]?.kind !== 'present');
    if (unreadable.length > 0) verdicts.set(pair, { ...pair, stream: stream.name, verdict: 'unreadable', where: unreadable });
    else if (missing.length > 0 || views.source?.kind !== 'present' || views.target?.kind !== 'present') verdicts.set(pair, { ...pair, stream: stream.name, verdict: 'missing', where: missing });
    else verdicts.set(pair, await linkPair(into, pair, { source: views.source, target: views.target }, [linked.source.get(pair.source), linked.target.get(pair.target)]));
  }
  return pairs.flatMap((pair) => verdicts.get(pair) ?? []);
}

/** Which of the pairs are linked already, and how. */
async function standing({ world, stream }: Importing, pairs: readonly IdPair[]) {
  const linked = {
    source: await world.links.byIds(stream.name, 'source', pairs.map(({ source }) => source)),
    target: await world.links.byIds(stream.name, 'target', pairs.map(({ target }) => target)),
  };
  const verdicts = new Map<IdPair, PairVerdict>();
  for (const pair of pairs) {
    const [source, target] = [linked.source.get(pair.source), linked.target.get(pair.target)];
    const told = { ...pair, stream: stream.name };
    if (source && source.key === target?.key) verdicts.set(pair, { ...told, verdict: 'known', where: [] });
    else {
      const where = [...(source && !isAmbiguous(source) ? ['source'] : []), ...(target && !isAmbiguous(target) ? ['target'] : [])];
      if (where.length > 0) verdicts.set(pair, { ...told, verdict: 'taken', where });
    }
  }
  return { linked, verdicts };
}

async function importSomeTold(into: Importing, told: readonly ToldPair[]): Promise<readonly PairVerdict[]> {
  const pairs = new Map(told.map((one): [IdPair, ToldPair] => [{ source: one.item.id, target: one.target }, one]));
  const { verdicts } = await standing(into, [...pairs.keys()]);
  const open = [...pairs].filter(([pair]) => !verdicts.has(pair));
  const saved = into.dry ? [] : await into.world.links.save(open.map(([, one]) => ({ link: toldLink(into, one) })));
  for (const [at, [pair, { item }]] of open.entries()) {
    const belonging: Pick<PairVerdict, 'verdict' | 'where'> = item.belongs === true ? { verdict: 'linked', where: [] } : { verdict: 'differs', where: [item.belongs.absentBecause] };
    const isRefused = !into.dry && (saved[at] ?? 'refused') === 'refused';
    verdicts.set(pair, { ...pair, stream: into.stream.name, ...(isRefused ? { verdict: 'taken', where: ['source', 'target'] } : belonging) });
  }
  return [...pairs.keys()].flatMap((pair) => verdicts.get(pair) ?? []);
}

function toldLink({ stream, rules, stamp }: Importing, { item, target, origin }: ToldPair): Link {
  const link = sighted(newLink(stream.name, keyOf(rules, item.id), origin), { source: { kind: 'present', item }, target: unseen }, rules, stamp);
  return {
    ...link, targetId: target, match: undefined,
    base: makeBase(rules, rules.digests.entity(item.entity), rules.digests.entity(item.entity)),
    // What does not belong there is news to the next run, which takes it away.
    versions: item.belongs === true ? link.versions : {},
    log: [note(stamp, 'applied', 'linked')],
  };
}

const keyOf = (rules: Rules, source: string): string => rules.digests.text(`source:${source}`).slice(0, 16); // as a plan would name it

async function linkPair({ world, stream, rules, stamp, dry }: Importing, pair: IdPair, views: Views, unsure: readonly (Link | undefined)[]): Promise<PairVerdict> {
  const [source, target] = [held(rules, views.source), held(rules, views.target)];
  const decision = decide(rules, views);
  const where = source && target ? changedFields(source.digests, target.digests) : [];
  const agrees = decision.kind === 'settle';
  const verdict: PairVerdict = { ...pair, stream: stream.name, verdict: agrees ? 'linked' : 'differs', where: agrees ? [] : where };
  if (dry) return verdict;
  // Parked because they could be several things: this is the person's answer.
  for (const link of unsure) if (link) await world.links.remove(link);
  const link = newLink(stream.name, keyOf(rules, pair.source), 'adopted');
  // Without versions and base it is news to the next run, which adopts it as any pair that it has matched itself.
  const save: LinkSave = agrees ? stageDecision(link, views, decision, rules, stamp) : { link: { ...link, sourceId: pair.source, targetId: pair.target } };
  const [saved] = await world.links.save([save]);
  return saved === undefined || saved === 'refused' ? { ...verdict, verdict: 'taken', where: ['source', 'target'] } : verdict;
}

async function readWholeNext(world: World, stream: Stream): Promise<void> {
  const mine = new Set([`${stream.name}/source`, `${stream.name}/target`]);
  await world.runs.change((state) => ({ ...state, sides: Object.fromEntries(Object.entries(state.sides).map(([name, memory]) => [name, mine.has(name) ? { ...memory, fullNext: true } : memory])) }));
}
