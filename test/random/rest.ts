/**
 * The end of a history: no more faults, no more acts. Within a few runs nothing may be left to do, two more write nothing, a plan alone
 * changes nothing, and some histories live on until tombstones are forgotten. What stands then is what the judges see.
 */
import type { End, SideName, Standing } from './history.ts';
import type { HubHouse } from './hub-house.ts';
import type { SimulatedPair, Stage } from './world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const stepsMax = 20_000;
const settlingMax = 5; // a second scan, a retry that is due a day later, and a release may follow each other
const planOnlyEvery = 5;
const oldAgeEvery = 40;

export async function restOf(house: HubHouse, pair: SimulatedPair, { box, scheduler }: Stage): Promise<End> {
  const { watch, effects } = house;
  box.calm();
  pair.calm();
  await scheduler.run(dayMs, stepsMax);
  // A run a day later reads everything; the first that writes no link is the first quiet one, and one more has to follow it.
  let before = effects.length;
  for (let round = 0; round < settlingMax; round++) {
    scheduler.now += 25 * hourMs;
    const written = watch.linksWritten;
    before = effects.length;
    await house.settle();
    if (watch.linksWritten === written) break;
  }
  scheduler.now += hourMs;
  await house.settle();
  watch.hold('comes to rest', effects.length === before, () => `still writing: ${effects.slice(before).map(({ side, id }) => `${side} ${id}`).join(', ')}`);
  lookAtRest(house, pair);
  const end = endOf(house, pair);
  if (scheduler.steps % planOnlyEvery === 0) await planOnly(house, scheduler);
  if (scheduler.steps % oldAgeEvery === 0) await growOld(house, scheduler);
  return end;
}

function lookAtRest({ watch, truth }: HubHouse, pair: SimulatedPair): void {
  const links = watch.links();
  for (const link of links) {
    const plan = watch.planOf(link.pending?.plan ?? '')?.state;
    watch.hold('open is looked at again', link.state !== 'pending' || plan === 'held', () => `${link.key} is still ${link.state} under ${link.pending?.plan ?? ''}, which is ${plan ?? 'not there'}`);
  }
  const things = new Set([...pair.standing('source').values(), ...pair.standing('target').values()].map(({ thing }) => thing));
  watch.hold('state is bounded', links.length <= truth.thingsEver * 3 + 2, () => `${links.length} links for ${things.size} things`);
}

/** A plan alone changes nothing, in no system and in no table. */
async function planOnly(house: HubHouse, scheduler: Stage['scheduler']): Promise<void> {
  const { watch, effects } = house;
  const [made, written] = [effects.length, watch.writes];
  house.run({ dry: true });
  await scheduler.run(hourMs, stepsMax);
  watch.hold('a plan writes nothing', effects.length === made && watch.writes === written, () => `${watch.writes - written} rows, ${effects.length - made} items`);
}

/** Long enough for tombstones to be forgotten. */
async function growOld(house: HubHouse, scheduler: Stage['scheduler']): Promise<void> {
  for (const days of [80, 20]) {
    scheduler.now += days * dayMs;
    await house.settle();
  }
}

type Open = { readonly state: 'parked' | 'failed' | 'waiting' | 'doubt'; readonly code: string };

/** What stands in both systems, and what the hub itself names as open. */
export function endOf({ watch, truth, reports }: HubHouse, pair: SimulatedPair): End {
  const bySide = (side: SideName): ReadonlyMap<string, readonly Standing[]> => Map.groupBy(pair.standing(side).values(), ({ thing }) => thing);
  const open = new Map<string, Open>();
  for (const { state, problem, sourceId, targetId } of watch.links()) {
    if (state !== 'parked' && state !== 'failed' && state !== 'waiting' && state !== 'doubt') continue;
    const thing = truth.thingOf('source', sourceId) ?? truth.thingOf('target', targetId);
    if (thing !== undefined) open.set(thing, { state, code: problem?.code ?? state });
  }
  // They wait without a link of their own: the report of the run names them.
  for (const { id, code } of reports.at(-1)?.problems ?? []) {
    if (code !== 'MAY_BE_OURS') continue;
    const thing = truth.thingOf('source', id) ?? truth.thingOf('target', id);
    if (thing !== undefined && !open.has(thing)) open.set(thing, { state: 'waiting', code });
  }
  return { source: bySide('source'), target: bySide('target'), open };
}
