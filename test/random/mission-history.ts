/**
 * Plays one history of a mission from its seed: trips are planned and called off, people sign up, cancel, move and merge, staff works in NXT, the wire
 * fails in every way that the simulators know, processes die at any of their awaits, and the hub runs on. Then everything calms down, the hub runs
 * until it rests, and the judge looks. The same seed makes the same history.
 */
import { runConnector } from '../../shared/engine/run.ts';
import type { Fault } from '../../shared/simulators/faults.ts';
import { pick, seededRandom } from '../../shared/simulators/world.ts';
import { missionHub } from '../samples/mission-hub.ts';
import { missionCrowd } from './mission-crowd.ts';
import { judgedMission, missionInvariants, type Mission } from './mission-judge.ts';
import { mortal, type Death } from './mortal.ts';
import type { Broken, PlayedWorld } from './own-worlds.ts';

export const missionName = 'servicereef-nxt';
/** What the wire can do to a call; beside it pages move, ServiceReef's tokens die, and processes are killed. */
const ways = [
  { kind: 'status', status: 500 }, { kind: 'status', status: 503 }, { kind: 'status', status: 429 }, { kind: 'reset-before' }, { kind: 'lost-answer' }, { kind: 'half-body' }, { kind: 'wrong-body' }, { kind: 'hang' },
] as const satisfies readonly Fault[];
export const missionFaultKinds: readonly string[] = ['status', 'reset-before', 'lost-answer', 'half-body', 'wrong-body', 'hang', 'token-expired', 'pages-move', 'search-lags', 'killed'];

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export async function playMission(seed: number): Promise<PlayedWorld> {
  const random = seededRandom(seed);
  const life = mortal();
  const lags = random() < 0.5;
  const mission = missionHub({
    sky: { searchDelaySeconds: lags ? 900 : 0, rosterDelaySeconds: lags ? 30 : 0, secondParticipant: random() < 0.5 ? 'refused' : 'second-row', repeatedIds: random() < 0.5 ? 'refused' : 'accepted' },
    wrapFetch: life.wrapFetch, wrapTable: life.wrapTable,
  });
  const fired = new Map<string, number>(lags ? [['search-lags', 1]] : []);
  const broken: Broken[] = [];
  const crowd = missionCrowd(mission, random);
  let steps = 0;

  const run = async (death?: Death): Promise<void> => {
    life.begin(death);
    await mission.notes.load().catch(() => undefined);
    const world = mission.world();
    await runConnector(world, mission.connector(), { calls: () => mission.calls.totals() }).catch(() => undefined);
    await mission.notes.save().catch(() => undefined);
    steps += life.steps;
    if (life.isDead) fired.set('killed', (fired.get('killed') ?? 0) + 1);
    // Half of the machines can tell that a process is dead; elsewhere its lease runs out.
    if (random() < 0.5) mission.dead.add(world.worker);
    else if (life.isDead) mission.clock.advance(16 * minuteMs);
    life.begin(undefined);
    mission.dead.add(world.worker);
  };

  await run();
  for (let round = 0; round < 4; round += 1) {
    const acts = 1 + Math.floor(random() * 4);
    for (let n = 0; n < acts; n += 1) crowd.act();
    arm(mission, random, fired);
    await run(random() < 0.5 ? { at: 1 + Math.floor(random() * 90), isAfter: random() < 0.5 } : undefined);
    disarm(mission, fired);
    mission.clock.advance(pick(random, [5 * minuteMs, 20 * minuteMs, 2 * hourMs]));
  }
  const plannedAtRest = await restOf(mission, run);
  if (plannedAtRest > 0) broken.push({ invariant: 'at rest', detail: `${plannedAtRest} changes are still planned` });
  broken.push(...(await judgedMission(mission, crowd.memory)));
  return { seed, pair: missionName, acts: crowd.acts(), fired, checked: new Map(missionInvariants.map((name) => [name, 1])), calls: sum(mission.calls.totals()), steps, broken };
}

/** Calm runs: tries that failed come due after hours. @returns what the last of them still planned. */
async function restOf(mission: Mission, run: () => Promise<void>): Promise<number> {
  for (let n = 0; n < 6; n += 1) {
    await run();
    mission.clock.advance(6 * hourMs);
  }
  for (let n = 0; n < 3; n += 1) await run();
  return (await mission.run({ dry: true })).planned;
}

function arm(mission: Mission, random: () => number, fired: Map<string, number>): void {
  const count = 1 + Math.floor(random() * 3);
  for (let n = 0; n < count; n += 1) {
    const { faults } = pick(random, [mission.reef, mission.sky, mission.sky]);
    const when = { share: 0.2 + random() * 0.4 };
    const times = 1 + Math.floor(random() * 2);
    const struck = pick(random, ways);
    faults.add('status' in struck ? { ...struck, when, times, afterEffect: random() < 0.3 } : { ...struck, when, times });
  }
  if (random() < 0.2) {
    fired.set('token-expired', (fired.get('token-expired') ?? 0) + 1);
    mission.reef.revokeTokens();
  }
  if (random() < 0.25) {
    fired.set('pages-move', (fired.get('pages-move') ?? 0) + 1);
    Object.assign(mission.reef.settings, { rowsMove: pick(random, ['repeats', 'skips'] as const), pageSizeMax: 2 });
  }
}

function disarm(mission: Mission, fired: Map<string, number>): void {
  for (const { faults } of [mission.reef, mission.sky]) {
    for (const [kind, count] of Object.entries(faults.fired)) if (count > 0) fired.set(kind, Math.max(fired.get(kind) ?? 0, count));
    faults.clear();
  }
  Object.assign(mission.reef.settings, { rowsMove: 'not', pageSizeMax: 100 });
}

const sum = (calls: { readonly [system: string]: number }): number => Object.values(calls).reduce((total, count) => total + count, 0);
