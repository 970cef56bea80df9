/**
 * Plays one history of a mission from its seed: trips are planned and called off, people sign up, cancel, move and merge, staff works in NXT, the wire
 * fails in every way that the simulators know, processes die at any of their awaits, and the hub runs on. Then everything calms down, the hub runs
 * until it rests, and the judge looks. The same seed makes the same history.
 */
import { runConnector } from '../../shared/engine/run.ts';
import { pick, seededRandom } from '../../shared/simulators/world.ts';
import { missionHub } from '../samples/mission-hub.ts';
import { missionCrowd } from './mission-crowd.ts';
import { judgedMission, missionInvariants, type Mission } from './mission-judge.ts';
import { mortal, type Death } from './mortal.ts';
import type { PlayedWorld } from './own-worlds.ts';
import type { Broken } from './watch.ts';
import { armWire, disarmWire, note, wireFaultKinds } from './wire-faults.ts';

export const missionName = 'servicereef-nxt';
/** Beside what the wire does: pages move, ServiceReef's tokens die, and processes are killed. */
export const missionFaultKinds: readonly string[] = [...wireFaultKinds, 'token-expired', 'pages-move', 'search-lags', 'killed'];

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
    if (life.isDead) note(fired, 'killed');
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
  armWire([mission.reef, mission.sky, mission.sky], random, 0.4);
  if (random() < 0.2) {
    note(fired, 'token-expired');
    mission.reef.revokeTokens();
  }
  if (random() < 0.25) {
    note(fired, 'pages-move');
    Object.assign(mission.reef.settings, { rowsMove: pick(random, ['repeats', 'skips'] as const), pageSizeMax: 2 });
  }
}

function disarm(mission: Mission, fired: Map<string, number>): void {
  disarmWire([mission.reef, mission.sky], fired);
  Object.assign(mission.reef.settings, { rowsMove: 'not', pageSizeMax: 100 });
}

const sum = (calls: { readonly [system: string]: number }): number => Object.values(calls).reduce((total, count) => total + count, 0);
