/**
 * Every small story of a mission, cut at every await of the run that carries it out: the process dies before, or after, the effect. The next runs
 * make it right, or a person is told.
 */
import { runConnector } from '../../shared/engine/run.ts';
import { missionHub } from '../samples/mission-hub.ts';
import type { CrashReport } from './crash-points.ts';
import { missionName } from './mission-history.ts';
import { judgedMission, type Mission } from './mission-judge.ts';
import { mortal, type Death } from './mortal.ts';

interface Story {
  readonly name: string;
  readonly act: (mission: Mission) => void;
  /** What stands before it; by default one trip with one registration, in NXT too. */
  readonly isNew?: boolean;
  /** It is believed only at the second look. */
  readonly isSecondLook?: boolean;
}

const hourMs = 3_600_000;
const key = { eventId: 31_001, userId: 70_001 };

const stories: readonly Story[] = [
  { name: 'somebody signs up for a new trip', isNew: true, act: begin },
  { name: 'a registration is declined', act: ({ reef }) => void reef.registrations.decline(key) },
  { name: 'a registration vanishes', isSecondLook: true, act: ({ reef }) => reef.registrations.remove(key) },
  { name: 'somebody moves to another trip', isSecondLook: true, act: ({ reef }) => {
    reef.events.add({ eventId: 31_002, name: 'Team 2', startsAt: '2027-03-01T09:00:00', status: 'Published' });
    reef.registrations.move(key, 31_002);
  } },
  { name: 'an account has another address', act: ({ reef }) => void reef.members.edit(70_001, { email: 'other@example.org' }) },
  { name: 'a trip is called off', act: ({ reef }) => void reef.events.cancel(31_001) },
];

function begin({ reef }: Mission): void {
  reef.events.add({ eventId: 31_001, name: 'Team 1', startsAt: '2027-02-01T09:00:00', status: 'Published' });
  reef.members.add({ userId: 70_001, firstName: 'Ines', lastName: 'Okafor', email: 'ines@example.org' });
  reef.registrations.register({ ...key, status: 'Approved' });
}

const tenants = [{ secondParticipant: 'refused', isDonor: true }, { secondParticipant: 'second-row', isDonor: false }] as const;

export async function missionCrashPoints(): Promise<readonly CrashReport[]> {
  const reports: CrashReport[] = [];
  for (const story of stories) {
    const wrong: string[] = [];
    let [awaits, tried] = [0, 0];
    for (const tenant of tenants) {
      const { steps } = await told(story, tenant, undefined);
      awaits += steps;
      for (let at = 1; at <= steps; at += 1) {
        for (const isAfter of [false, true]) {
          tried += 1;
          const { broken } = await told(story, tenant, { at, isAfter });
          wrong.push(...broken.map((what) => `killed ${isAfter ? 'after' : 'before'} await ${at} of ${JSON.stringify(tenant)}: ${what}`));
        }
      }
    }
    reports.push({ pair: missionName, story: story.name, awaits, tried, wrong });
  }
  return reports;
}

async function told({ act, isNew = false, isSecondLook = false }: Story, { isDonor, secondParticipant }: (typeof tenants)[number], death: Death | undefined): Promise<{ readonly steps: number; readonly broken: readonly string[] }> {
  const life = mortal();
  const mission = missionHub({ sky: { secondParticipant }, wrapFetch: life.wrapFetch, wrapTable: life.wrapTable });
  const donor = isDonor ? mission.sky.constituents.add({ first: 'Ines', last: 'Okafor', email: { address: 'ines@example.org', type: 'Email', primary: true } }) : undefined;
  mission.clock.advance(24 * hourMs);
  if (!isNew) begin(mission);
  await mission.run();
  act(mission);
  if (isSecondLook) await mission.run();
  life.begin(death);
  const world = mission.world();
  await runConnector(world, mission.connector(), { calls: () => mission.calls.totals() }).catch(() => undefined);
  mission.dead.add(world.worker);
  const { steps } = life;
  life.begin(undefined);
  for (let n = 0; n < 5; n += 1) {
    mission.clock.advance(2 * hourMs);
    await mission.run();
  }
  const { planned } = await mission.run({ dry: true });
  const memory = { donors: new Map(donor === undefined ? [] : [[donor.id, donor]]), touched: new Set<string>(), readdressed: new Set([70_001]), attended: new Map(), guests: new Map() };
  return { steps, broken: [...(await judgedMission(mission, memory)).map(({ detail }) => detail), ...(planned > 0 ? [`${planned} changes are still planned`] : [])] };
}
