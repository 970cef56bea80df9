/**
 * Makes links out of pairs that somebody knows: from another tool, an older table, a person's own list. Both items are looked up
 * first, and what they hold is compared; nothing is written to any system. Pairs that differ are brought together by the next run,
 * which shows it in its plan.
 */
import { ConfigurationInvalid } from '../base/errors.ts';
import type { Connector, Stream } from '../engine/connector.ts';
import { isAmbiguous, underLease } from '../engine/person.ts';
import { rulesOf } from '../engine/plan-stream.ts';
import type { LinkSave, World } from '../engine/ports.ts';
import { lookUpViews } from '../engine/resolve.ts';
import { newLink, stageDecision, type Stamp, type Views } from '../engine/stage.ts';
import { decide } from '../sync/decide.ts';
import { changedFields } from '../sync/digest.ts';
import type { Link } from '../sync/link.ts';
import { held, type Rules } from '../sync/views.ts';
import type { IdPair } from './id-pairs.ts';

export interface PairVerdict extends IdPair {
  /**
   * `linked`: both are there and agree. `differs`: linked; the next run brings the fields together. `known`: it was linked already.
   * `missing`: one of them is not there (any more). `unreadable`: one of them cannot be read. `taken`: one of them is linked elsewhere.
   */
  readonly verdict: 'linked' | 'differs' | 'known' | 'missing' | 'unreadable' | 'taken';
  /** The fields that differ, or the sides that the verdict is about. */
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
  const { world, stream } = into;
  const linked = {
    source: await world.links.byIds(stream.name, 'source', pairs.map(({ source }) => source)),
    target: await world.links.byIds(stream.name, 'target', pairs.map(({ target }) => target)),
  };
  const verdicts = new Map<IdPair, PairVerdict>();
  for (const pair of pairs) {
    const [source, target] = [linked.source.get(pair.source), linked.target.get(pair.target)];
    if (source && source.key === target?.key) verdicts.set(pair, { ...pair, verdict: 'known', where: [] });
    else {
      const where = [...(source && !isAmbiguous(source) ? ['source'] : []), ...(target && !isAmbiguous(target) ? ['target'] : [])];
      if (where.length > 0) verdicts.set(pair, { ...pair, verdict: 'taken', where });
    }
  }
  const open = pairs.filter((pair) => !verdicts.has(pair));
  const sources = await lookUpViews(stream, 'source', open.map(({ source }) => source));
  const targets = await lookUpViews(stream, 'target', open.map(({ target }) => target));
  for (const pair of open) {
    const views = { source: sources.get(pair.source), target: targets.get(pair.target) };
    const sides = (['source', 'target'] as const);
    const unreadable = sides.filter((side) => views[side]?.kind === 'rejected');
    const missing = sides.filter((side) => views[side]?.kind !== 'present');
    if (unreadable.length > 0) verdicts.set(pair, { ...pair, verdict: 'unreadable', where: unreadable });
    else if (missing.length > 0 || views.source?.kind !== 'present' || views.target?.kind !== 'present') verdicts.set(pair, { ...pair, verdict: 'missing', where: missing });
    else verdicts.set(pair, await linkPair(into, pair, { source: views.source, target: views.target }, [linked.source.get(pair.source), linked.target.get(pair.target)]));
  }
  return pairs.flatMap((pair) => verdicts.get(pair) ?? []);
}

async function linkPair({ world, stream, rules, stamp, dry }: Importing, pair: IdPair, views: Views, unsure: readonly (Link | undefined)[]): Promise<PairVerdict> {
  const [source, target] = [held(rules, views.source), held(rules, views.target)];
  const decision = decide(rules, views);
  const where = source && target ? changedFields(source.digests, target.digests) : [];
  const agrees = decision.kind === 'settle';
  const verdict: PairVerdict = { ...pair, verdict: agrees ? 'linked' : 'differs', where: agrees ? [] : where };
  if (dry) return verdict;
  // Parked because they could be several things: this is the person's answer.
  for (const link of unsure) if (link) await world.links.remove(link);
  const key = rules.digests.text(`source:${pair.source}`).slice(0, 16); // as a plan would name it
  const link = newLink(stream.name, key, 'adopted');
  // Without versions and base it is news to the next run, which adopts it as any pair that it has matched itself.
  const save: LinkSave = agrees ? stageDecision(link, views, decision, rules, stamp) : { link: { ...link, sourceId: pair.source, targetId: pair.target } };
  const [saved] = await world.links.save([save]);
  return saved === undefined || saved === 'refused' ? { ...pair, verdict: 'taken', where: ['source', 'target'] } : verdict;
}

async function readWholeNext(world: World, stream: Stream): Promise<void> {
  const mine = new Set([`${stream.name}/source`, `${stream.name}/target`]);
  await world.runs.change((state) => ({ ...state, sides: Object.fromEntries(Object.entries(state.sides).map(([name, memory]) => [name, mine.has(name) ? { ...memory, fullNext: true } : memory])) }));
}
