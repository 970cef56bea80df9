/**
 * Cuts each small story at every await of its run, in each way that an await can go wrong, and asks whether everything ends where it
 * ends undisturbed: nothing doubled, lost or brought back, and at rest. What is tried is counted against what was traced.
 */
import { seededRandom } from '../../shared/simulators/world.ts';
import { calendarPair } from './calendar-pair.ts';
import { FaultBox } from './faults.ts';
import { HubHouse } from './hub-house.ts';
import { notebookPair, type NotebookSite } from './notebook-pair.ts';
import { endOf } from './rest.ts';
import { Scheduler, type Fate } from './scheduler.ts';
import { actorsOf, type Story } from './stories.ts';
import type { Effect, SimulatedPair, Stage } from './world.ts';

export const cutKinds = ['killed before', 'answer lost', 'answered, not recorded', 'message repeated', 'zombie finishes later'] as const;
export type CutKind = (typeof cutKinds)[number];

export interface Cut {
  /** Number of the await, from 1. */
  readonly at: number;
  readonly kind: CutKind;
}

export type CrashPair = 'notebooks' | 'directus-nextcloud';

export interface CrashReport {
  readonly pair: string;
  readonly story: string;
  readonly awaits: number;
  readonly tried: number;
  readonly wrong: readonly string[];
}

const guard = { shareMax: 0.2, countMax: 5 };
const minuteMs = 60_000;
const suspendMs = 40 * minuteMs;
const others = 6; // so that one withdrawal is no emptied side

/** Every await x every kind. */
export async function crashPoints(pair: CrashPair, story: Story, kinds: readonly CutKind[] = cutKinds): Promise<CrashReport> {
  const undisturbed = await playStory(pair, story, []);
  const wrong: string[] = [];
  let tried = 0;
  for (let at = 1; at <= undisturbed.awaits; at++) {
    for (const kind of kinds) {
      tried += 1;
      wrong.push(...differences([{ at, kind }], await playStory(pair, story, [{ at, kind }]), undisturbed));
    }
  }
  return { pair, story: story.name, awaits: undisturbed.awaits, tried, wrong };
}

/** Every two awaits x every two of these kinds; the second one may fall into the run that makes good for the first. */
export async function crashPairs(pair: CrashPair, story: Story, kinds: readonly CutKind[]): Promise<CrashReport> {
  const undisturbed = await playStory(pair, story, []);
  const wrong: string[] = [];
  let tried = 0;
  for (let first = 1; first < undisturbed.awaits; first++) {
    for (let second = first + 1; second <= undisturbed.awaits; second++) {
      for (const one of kinds) {
        for (const other of kinds) {
          tried += 1;
          const cuts = [{ at: first, kind: one }, { at: second, kind: other }];
          wrong.push(...differences(cuts, await playStory(pair, story, cuts), undisturbed));
        }
      }
    }
  }
  return { pair, story: story.name, awaits: undisturbed.awaits, tried, wrong };
}

function differences(cuts: readonly Cut[], cut: Ending, undisturbed: Ending): string[] {
  const where = cuts.map(({ at, kind }) => `${kind} at ${at}`).join(', ');
  const found = cut.broken.map((broken) => `${where}: ${broken}`);
  if (cut.end !== undisturbed.end) found.push(`${where}: ends as ${cut.end}, not as ${undisturbed.end}`);
  if (cut.restless > 0) found.push(`${where}: still ${cut.restless} writes after everything should rest`);
  return found;
}

interface Ending {
  readonly awaits: number;
  readonly end: string;
  readonly restless: number;
  readonly broken: readonly string[];
}

async function playStory(name: CrashPair, story: Story, cuts: readonly Cut[]): Promise<Ending> {
  const scheduler = new Scheduler(seededRandom(1), Date.UTC(2026, 9, 20, 9));
  const giveTimersBack = scheduler.ownTimers();
  try {
    const box = new FaultBox(seededRandom(2));
    const effects: { current?: (effect: Effect) => void } = {};
    const stage: Stage = { scheduler, box, random: seededRandom(3), onEffect: (effect) => effects.current?.(effect) };
    const pair = pairOf(name, story, stage);
    const house = new HubHouse(stage, pair, true);
    effects.current = (effect) => house.effect(effect);
    const hands = actorsOf(pair);
    for (let n = 2; n < others + 2; n++) hands.add('source', `thing-${n}`);
    story.before?.(hands);
    house.look();
    await house.settle();
    scheduler.now += minuteMs;
    await house.settle();
    story.edit(hands);
    house.look();
    const awaits = await disturbed(scheduler, house, cuts);
    return { awaits, ...(await ending(scheduler, house, pair)) };
  } finally {
    giveTimersBack();
  }
}

/** A planner and a worker, cut where asked; @returns how many awaits they made. */
async function disturbed(scheduler: Scheduler, house: HubHouse, cuts: readonly Cut[]): Promise<number> {
  let awaits = 0;
  scheduler.fateOf = (process): Fate => {
    if (process.isWaking) return 'go'; // the await at which it was suspended is the same one still
    awaits += 1;
    const cut = cuts.find(({ at }) => at === awaits);
    if (cut?.kind === 'message repeated') house.repeatMessage();
    return cut === undefined || cut.kind === 'message repeated' ? 'go' : fates[cut.kind];
  };
  scheduler.now += minuteMs;
  house.run();
  await scheduler.run(minuteMs, 4000);
  house.work();
  await scheduler.run(minuteMs, 4000);
  const counted = awaits;
  if (cuts.some(({ kind }) => kind === 'zombie finishes later')) {
    scheduler.now += 16 * minuteMs; // its lease is over; others take over while it stands still
    await house.settle();
    await scheduler.run(suspendMs + minuteMs, 4000);
  }
  if (cuts.length < 2) scheduler.fateOf = () => 'go';
  return counted;
}

const fates: { readonly [kind in Exclude<CutKind, 'message repeated'>]: Fate } = {
  'killed before': 'kill-before',
  'answer lost': 'lose-answer',
  'answered, not recorded': 'kill-after',
  'zombie finishes later': { suspendMs },
};

async function ending(scheduler: Scheduler, house: HubHouse, pair: SimulatedPair): Promise<Omit<Ending, 'awaits'>> {
  for (let n = 0; n < 3; n++) {
    scheduler.now += 25 * 60 * minuteMs;
    await house.settle();
  }
  scheduler.fateOf = () => 'go';
  const before = house.effects.length;
  scheduler.now += 25 * 60 * minuteMs;
  await house.settle();
  const shown = (side: 'source' | 'target') =>
    [...pair.standing(side).values()].map(({ thing, fields, belongs }) => `${thing} ${JSON.stringify(fields)} ${belongs}`).sort();
  const open = [...endOf(house, pair).open].map(([thing, { state, code }]) => `${thing} ${state} ${code}`).sort();
  return {
    end: JSON.stringify({ source: shown('source'), target: shown('target'), open }),
    restless: house.effects.length - before,
    broken: house.watch.broken.map(({ invariant, detail }) => `${invariant}: ${detail}`),
  };
}

function pairOf(name: CrashPair, story: Story, stage: Stage): SimulatedPair {
  if (name === 'directus-nextcloud') return calendarPair(stage, { policy: story.policy, importForeign: true, deletes: 'never', rejectedWithdraws: false, guard });
  const site: NotebookSite = {
    policy: story.policy, archives: false, powers: { source: 'find', target: 'own-id' }, oneWriter: true, guard,
    manners: { source: { reads: 'scan', authoritative: true }, target: { delta: true, reads: 'delta', authoritative: false } },
  };
  return notebookPair(stage, site);
}
