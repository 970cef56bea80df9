/**
 * Every small story of a library, cut at every await of the run that carries it out: the process dies before, or after, the effect. The next
 * runs make it right, or a person is told.
 */
import { runConnector } from '../../shared/engine/run.ts';
import { libraryHub } from '../samples/library-hub.ts';
import type { CrashReport } from './crash-points.ts';
import { libraryName } from './library-history.ts';
import { judged, type Library } from './library-judge.ts';
import { mortal, type Death } from './mortal.ts';

interface Story {
  readonly name: string;
  readonly act: (library: Library, id: number) => void;
  /** What stands before it; by default one booking that is registered. */
  readonly isNew?: boolean;
}

const hourMs = 3_600_000;

const stories: readonly Story[] = [
  { name: 'a booking is made', isNew: true, act: (library) => void library.bookings.add({ startsAt: library.clock.now() + 50 * hourMs }) },
  { name: 'a booking moves', act: ({ bookings, clock }, id) => bookings.move(id, { startsAt: clock.now() + 60 * hourMs, endsAt: clock.now() + 61 * hourMs }) },
  { name: 'a booking is cancelled', act: ({ bookings }, id) => bookings.cancel(id) },
  { name: 'a booking vanishes', act: ({ bookings }, id) => bookings.hide(id) },
  {
    name: 'a card is replaced',
    act: ({ people, clock }) => {
      people.edit('G20417733', { cards: [{ value: 'card-2', status: 'ACTIVE' }] });
      clock.advance(24 * hourMs);
    },
  },
];

const abilities = [
  { updateVisitor: true, searchPreReg: true, updatePreReg: true, cancelPreReg: true },
  { updateVisitor: false, searchPreReg: true, updatePreReg: false, cancelPreReg: true },
  { updateVisitor: false, searchPreReg: false, updatePreReg: false, cancelPreReg: true },
  { updateVisitor: false, searchPreReg: false, updatePreReg: false, cancelPreReg: false },
];

export async function libraryCrashPoints(): Promise<readonly CrashReport[]> {
  const reports: CrashReport[] = [];
  for (const story of stories) {
    const wrong: string[] = [];
    let [awaits, tried] = [0, 0];
    for (const can of abilities) {
      const { steps } = await told(story, can, undefined);
      awaits += steps;
      for (let at = 1; at <= steps; at += 1) {
        for (const isAfter of [false, true]) {
          tried += 1;
          const { broken } = await told(story, can, { at, isAfter });
          wrong.push(...broken.map((what) => `killed ${isAfter ? 'after' : 'before'} await ${at} of ${JSON.stringify(can)}: ${what}`));
        }
      }
    }
    reports.push({ pair: libraryName, story: story.name, awaits, tried, wrong });
  }
  return reports;
}

async function told({ act, isNew = false }: Story, can: (typeof abilities)[number], death: Death | undefined): Promise<{ readonly steps: number; readonly broken: readonly string[] }> {
  const life = mortal();
  const library = libraryHub({ can, alma: { callsPerSecond: Infinity }, wrapFetch: life.wrapFetch, wrapTable: life.wrapTable });
  library.people.add({ primaryId: 'G20417733', cards: [{ value: 'card-1', status: 'ACTIVE' }] });
  const { id } = isNew ? { id: 0 } : library.bookings.add({ startsAt: library.clock.now() + 50 * hourMs });
  await library.run();
  act(library, id);
  life.begin(death);
  const world = library.world();
  await runConnector(world, library.connector(), { calls: () => library.calls.totals() }).catch(() => undefined);
  const { steps } = life;
  life.begin(undefined);
  library.dead.add(world.worker);
  for (let n = 0; n < 3; n += 1) {
    await library.run();
    library.clock.advance(2 * hourMs);
  }
  const { planned } = await library.run({ dry: true });
  return { steps, broken: [...(await judged(library)).map(({ detail }) => detail), ...(planned > 0 ? [`${planned} changes are still planned`] : [])] };
}
