/**
 * Plays one history of tokens from its seed: some days of workers that come and go, alone or several at once, while answers are lost, stores refuse,
 * workers die or stand still at any await, a person pastes tokens or signs in, and the vendor forgets. Then all is calm, and a last worker shows
 * what is left. The same seed makes the same history.
 */
import { hash } from 'node:crypto';
import { VendorSignInFailed } from '../../shared/base/errors.ts';
import { pick, seededRandom } from '../../shared/simulators/world.ts';
import { FaultBox } from './faults.ts';
import { Scheduler, type Fate, type Process } from './scheduler.ts';
import { tableFor } from './shared-table.ts';
import { names, TokenHouse } from './token-house.ts';
import { TokenOracle, type Verdict } from './token-oracle.ts';
import { TokenVendor } from './token-vendor.ts';

export interface TokensPlayed extends Verdict {
  readonly seed: number;
  readonly hash: string;
  readonly trace: readonly string[];
  readonly steps: number;
  /** How often a refresh token was shown to the vendor. */
  readonly presented: number;
  readonly fired: ReadonlyMap<string, number>;
}

const startMs = Date.UTC(2026, 9, 20, 9);
const minuteMs = 60_000;
const lifeMs = 15 * minuteMs; // of a function of the cloud
const gaps = [1, 10, 30, 56, 58, 70, 180].map((minutes) => minutes * minuteMs);
const faults = ['reset-before-send', 'reset-after-send', 'answer-lost', 'half-body', 'wrong-body', 'http-500', 'http-503', 'http-429-seconds', 'slow-answer', 'table-throttled', 'table-answer-lost', 'table-condition'];

export async function playTokens(seed: number): Promise<TokensPlayed> {
  const random = seededRandom(seed);
  const scheduler = new Scheduler(random, startMs);
  const giveTimersBack = scheduler.ownTimers();
  try {
    const { table, place } = tableFor(scheduler.worldClock);
    const box = new FaultBox(random);
    const vendor = new TokenVendor(() => scheduler.now, random() < 0.5);
    const oracle = new TokenOracle(vendor);
    const house = new TokenHouse({ scheduler, box, random, vendor, oracle, table, connector: `tokens-${place}`, keeps: random() < 0.2, isLocal: random() < 0.4 });
    const world: World = { random, scheduler, box, vendor, oracle, house, startedAt: new Map(), edits: 0 };
    signIn(world);
    await turmoil(world);
    const fired = new Map(box.fired);
    await calm(world);
    const verdict = oracle.verdict(house.reading);
    await mended(world);
    return { ...verdict, seed, hash: hash('sha256', scheduler.trace.join('\n'), 'hex').slice(0, 16), trace: scheduler.trace, steps: scheduler.steps, presented: vendor.presentations.length, fired };
  } finally {
    giveTimersBack();
  }
}

interface World {
  readonly random: () => number;
  readonly scheduler: Scheduler;
  readonly box: FaultBox;
  readonly vendor: TokenVendor;
  readonly oracle: TokenOracle;
  readonly house: TokenHouse;
  readonly startedAt: Map<Process, number>;
  edits: number;
}

async function turmoil(world: World): Promise<void> {
  const { random, scheduler, house, box } = world;
  const troubles = { left: Math.floor(random() * 4), share: 0.01 + random() * 0.1 };
  let acts = Math.floor(random() * 4);
  let sinceToken = Infinity;
  scheduler.fateOf = (process, label) => {
    const isToken = label.endsWith('/token');
    if (isToken) sinceToken = 0;
    return fateOf(world, process, troubles, isToken);
  };
  scheduler.between = () => {
    sinceToken += 1;
    // What matters is what happens around an exchange.
    if (acts === 0 || random() >= (sinceToken <= 4 ? 0.1 : 0.01)) return;
    acts -= 1;
    act(world, personActs);
  };
  const rounds = 3 + Math.floor(random() * 6);
  let faultsLeft = Math.floor(random() * 6);
  for (let round = 0, started = 0; round < rounds; round += 1) {
    for (; faultsLeft > 0 && random() < 0.5; faultsLeft -= 1) box.arm(pick(random, faults), 1 + Math.floor(random() * 3), 0.1 + random() * 0.7);
    const workers = 1 + Math.floor(random() * 4);
    for (let n = 0; n < workers; n += 1, started += 1) {
      const pausesMs = Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(random() * 3 * minuteMs));
      const { process } = house.start(`worker-${started}`, { startsAfterMs: Math.floor(random() * 20_000), skewMs: Math.floor((random() - 0.5) * minuteMs), pausesMs });
      world.startedAt.set(process, scheduler.now);
    }
    if (!(await scheduler.run(40 * minuteMs, 3000))) world.oracle.complain('a round did not end');
    if (acts > 0 && random() < 0.3) {
      acts -= 1;
      // Not in the middle: a vendor that refuses two tokens in a row is believed.
      act(world, [...personActs, 'the vendor forgets']);
    }
    await pass(scheduler, pick(random, gaps));
  }
}

/** Time passes, and what is on its way arrives. */
async function pass(scheduler: Scheduler, ms: number): Promise<void> {
  scheduler.start('time', 0, () => scheduler.worldClock.sleep(ms), () => {});
  await scheduler.run(ms, 3000);
}

/** A worker dies or stands still at this very step, or its time is up. */
function fateOf({ random, scheduler, startedAt }: World, process: Process, troubles: { left: number; readonly share: number }, isToken: boolean): Fate {
  if (scheduler.now - (startedAt.get(process) ?? scheduler.now) > lifeMs) return 'kill-before';
  if (troubles.left === 0 || random() >= troubles.share * (isToken ? 4 : 1)) return 'go';
  troubles.left -= 1;
  return pick<Fate>(random, ['kill-before', 'kill-after', { suspendMs: Math.floor(random() * 10 * minuteMs) }]);
}

const personActs = ['pastes an access token', 'signs in', 'edits something else'] as const;

function act(world: World, choices: readonly ((typeof personActs)[number] | 'the vendor forgets')[]): void {
  const { random, vendor, house, scheduler } = world;
  const what = pick(random, choices);
  scheduler.note(`- ${what}`);
  if (what === 'the vendor forgets') vendor.forgetAccess();
  else if (what === 'signs in') signIn(world);
  else if (what === 'edits something else') house.edit({ SOMETHING_ELSE: `edit-${++world.edits}` });
  else house.edit({ [names.accessToken]: vendor.consent().access });
}

function signIn({ vendor, house }: World): void {
  const { access, refresh } = vendor.consent();
  house.edit({ [names.accessToken]: access, [names.refreshToken]: refresh });
}

/** Nothing goes wrong any more, and all leases have ended: one worker finds out how it stands. */
async function calm(world: World): Promise<void> {
  const { scheduler, box, house, oracle, vendor } = world;
  box.calm();
  scheduler.between = () => {};
  scheduler.fateOf = () => 'go';
  for (const process of scheduler.standing()) process.state = 'killed';
  await pass(scheduler, 3 * 60 * minuteMs);
  const { refresh } = house.reading;
  const isGood = vendor.isAlive(refresh);
  const end = await oneWorker(world, 'last');
  if (isGood && end !== undefined) oracle.complain(`the last worker ends with ${nameOf(end)}, and ${refresh} is good`);
  if (!isGood && !(end instanceof VendorSignInFailed)) oracle.complain(`the last worker does not ask for a sign-in, and ${refresh} is dead`);
}

/** A person signs in, and the next worker goes on at once. */
async function mended(world: World): Promise<void> {
  signIn(world);
  const { access } = world.house.reading;
  const end = await oneWorker(world, 'after sign-in');
  if (end !== undefined || world.house.reading.access !== access) world.oracle.complain(`a sign-in is not noticed: ${nameOf(end)}`);
}

const nameOf = (end: unknown): string => (end instanceof Error ? `${end.name}: ${end.message}` : typeof end);

async function oneWorker({ scheduler, house }: World, name: string): Promise<unknown> {
  const { end } = house.start(name, { startsAfterMs: 0, skewMs: 0, pausesMs: [0] });
  await scheduler.run(40 * minuteMs, 3000);
  return end();
}
