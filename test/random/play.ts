/**
 * Plays one history from its seed: people act, the hub runs (on one machine, or as functions that share a queue), faults strike;
 * then everything calms down, the hub runs until it rests, and the judges look at what has become of it all. The same seed makes the
 * same history, step for step: `hash` is the digest of its trace.
 */
import { hash } from 'node:crypto';
import type { Link } from '../../shared/sync/link.ts';
import { pick, seededRandom } from '../../shared/simulators/world.ts';
import { Crowd } from './crowd.ts';
import { FaultBox } from './faults.ts';
import type { History, Wrong } from './history.ts';
import { HubHouse } from './hub-house.ts';
import { restOf } from './rest.ts';
import { Scheduler } from './scheduler.ts';
import type { Broken } from './watch.ts';
import type { SimulatedPair, Stage } from './world.ts';

export interface Played {
  readonly seed: number;
  readonly pair: string;
  readonly hash: string;
  readonly trace: readonly string[];
  readonly history: History;
  readonly acts: number;
  readonly fired: ReadonlyMap<string, number>;
  readonly checked: ReadonlyMap<string, number>;
  readonly calls: number;
  readonly steps: number;
  readonly broken: readonly Broken[];
  readonly links: readonly Link[];
}

export interface PlayOptions {
  readonly seed: number;
  readonly pairOf: (stage: Stage) => SimulatedPair;
  /** Those that can strike there; some of them are drawn. */
  readonly faults: readonly string[];
  readonly judge: (history: History) => readonly Wrong[];
  /** What to leave out, for shrinking: the n-th act or the n-th fault. */
  readonly without?: { readonly acts: ReadonlySet<number>; readonly faults: ReadonlySet<number> } | undefined;
  /** Told of each row that a table whose cheap readings lag shows as it was; undefined for tables that do not. */
  readonly onLag?: (() => void) | undefined;
}

const startMs = Date.UTC(2026, 9, 20, 9);
const lagSeeds = 1_000_000_000; // so that its luck is not the history's own
const roundsMax = 4;
const stepsPerRound = 4000;
const pauses = [1000, 60_000, 20 * 60_000, 2 * 3_600_000, 25 * 3_600_000];

export async function play(options: PlayOptions): Promise<Played> {
  const { seed } = options;
  const random = seededRandom(seed);
  const scheduler = new Scheduler(random, startMs);
  const giveTimersBack = scheduler.ownTimers();
  try {
    const box = new FaultBox(random);
    const effects: { current?: Stage['onEffect'] } = {};
    const lag = options.onLag && { random: seededRandom(seed + lagSeeds), onLag: options.onLag };
    const stage: Stage = { scheduler, box, random, lag, onEffect: (effect) => effects.current?.(effect) };
    armed(stage, options);
    const pair = options.pairOf(stage);
    const crowd = new Crowd(pair, random, box, options.without?.acts);
    const house = new HubHouse(stage, pair);
    effects.current = (effect) => house.effect(effect);
    await turmoil(stage, pair, crowd, house);
    const fired = new Map(box.fired);
    const end = await restOf(house, pair, stage);
    const history: History = { house: pair.house, acts: crowd.acts, end, unsure: house.unsure };
    const wrong = house.watch.broken.length > 0 ? [] : options.judge(history);
    const broken = [...house.watch.broken, ...wrong.map(({ rule, thing, detail }): Broken => ({ invariant: `model: ${rule}`, detail: `${thing}: ${detail}` }))];
    return {
      seed, pair: pair.name, hash: hash('sha256', scheduler.trace.join('\n'), 'hex').slice(0, 16), trace: scheduler.trace, history, acts: crowd.acts.length,
      fired, checked: house.watch.checked, links: house.watch.links(), calls: scheduler.calls, steps: scheduler.steps, broken,
    };
  } finally {
    giveTimersBack();
  }
}

const listingGaps: ReadonlySet<string> = new Set(['page-missing', 'page-shifted']);
const isListingGap = (name: string): boolean => listingGaps.has(name);

/** Draws the faults of this history: each may strike a few times where it can. */
function armed({ box, random }: Stage, { without, faults }: PlayOptions): void {
  const count = 4 + Math.floor(random() * 5);
  for (let at = 0; at < count; at++) {
    const name = pick(random, faults);
    const [times, share] = [1 + Math.floor(random() * 2), 0.1 + random() * 0.5];
    // Two listings in a row that leave out the same item, on a side that declares no total, are beyond what can be noticed.
    if (isListingGap(name) && [...listingGaps].some((gap) => box.isArmed(gap))) continue;
    if (without?.faults.has(at) !== true) box.arm(name, isListingGap(name) ? 1 : times, share);
  }
}

/** A few rounds of acts and runs, with pauses between them. */
async function turmoil(stage: Stage, pair: SimulatedPair, crowd: Crowd, house: HubHouse): Promise<void> {
  const { scheduler, random } = stage;
  const standing = 2 + Math.floor(random() * 4);
  for (let n = 0; n < standing; n++) crowd.add();
  await house.undisturbed();
  let left = 8 + Math.floor(random() * 6) - standing;
  const rounds = 2 + Math.floor(random() * (roundsMax - 1));
  for (let round = 0; round < rounds; round++) {
    const before = Math.ceil(left * random() * 0.6);
    for (let n = 0; n < before; n++, left--) crowd.act();
    scheduler.between = () => {
      const isMoved = pair.misbehave();
      const acts = left > 0 && random() < 0.04;
      if (acts) {
        left--;
        crowd.act();
      }
      if (isMoved || acts) house.look();
    };
    await house.round(stepsPerRound);
    scheduler.between = () => {};
    scheduler.now += pick(random, pauses);
  }
  for (; left > 0 || crowd.acts.length < 8; left--) crowd.act();
}
