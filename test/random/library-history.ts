/**
 * Plays one history of a library from its seed: people book, move, cancel and replace cards, the wire fails in every way that the simulators
 * know, processes die at any of their awaits, and the hub runs on. Then everything calms down, the hub runs until it rests, and the judge
 * looks. The same seed makes the same history.
 */
import { runConnector } from '../../shared/engine/run.ts';
import { pick, seededRandom } from '../../shared/simulators/world.ts';
import { libraryHub } from '../samples/library-hub.ts';
import { isActive, judged, libraryInvariants, type Library } from './library-judge.ts';
import { mortal, type Death } from './mortal.ts';
import type { PlayedWorld } from './own-worlds.ts';
import type { Broken } from './watch.ts';
import { armWire, disarmWire, note, wireFaultKinds } from './wire-faults.ts';

export const libraryName = 'libcal-passagepoint';
/** Beside what the wire does: tokens die, a location cannot be read, and processes are killed. */
export const libraryFaultKinds: readonly string[] = [...wireFaultKinds, 'token-expired', 'location-broken', 'killed'];

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const patrons = ['G00000001', 'G00000002', 'G00000003'] as const;

export async function playLibrary(seed: number, show?: (library: Library) => Promise<void>): Promise<PlayedWorld> {
  const random = seededRandom(seed);
  const life = mortal();
  const can = { updateVisitor: random() < 0.5, searchPreReg: random() < 0.5, updatePreReg: random() < 0.5, cancelPreReg: random() < 0.6 };
  const library = libraryHub({ can, alma: { callsPerSecond: Infinity }, wrapFetch: life.wrapFetch, wrapTable: life.wrapTable });
  for (const primaryId of patrons) library.people.add({ primaryId });
  const fired = new Map<string, number>();
  const broken: Broken[] = [];
  const crowd = crowdOf(library, random);
  let steps = 0;

  const run = async (death?: Death): Promise<void> => {
    const unjust = library.bookings.all().filter(isActive).map(({ id }) => id);
    const gone = await withdrawnOf(library, unjust);
    life.begin(death);
    const world = library.world();
    await runConnector(world, library.connector(), { calls: () => library.calls.totals() }).catch(() => undefined);
    steps += life.steps;
    if (life.isDead) note(fired, 'killed');
    // Half of the machines can tell that a process is dead; elsewhere its lease runs out.
    if (random() < 0.5) library.dead.add(world.worker);
    else if (life.isDead) library.clock.advance(16 * minuteMs);
    life.begin(undefined);
    library.dead.add(world.worker);
    const now = await withdrawnOf(library, unjust.filter((id) => crowd.neverLeft(id)));
    for (const id of now) if (!gone.has(id)) broken.push({ invariant: 'nothing withdrawn without reason', detail: `booking ${id} was withdrawn, and nobody cancelled it` });
  };

  for (let n = 0; n < 3; n += 1) crowd.add();
  await run();
  for (let round = 0; round < 4; round += 1) {
    const acts = 1 + Math.floor(random() * 3);
    for (let n = 0; n < acts; n += 1) crowd.act();
    arm(library, random, fired);
    await run(random() < 0.5 ? { at: 1 + Math.floor(random() * 60), isAfter: random() < 0.5 } : undefined);
    disarm(library, fired);
    library.clock.advance(pick(random, [5 * minuteMs, 20 * minuteMs, 2 * hourMs]));
  }
  const plannedAtRest = await restOf(library, run);
  if (plannedAtRest > 0) broken.push({ invariant: 'at rest', detail: `${plannedAtRest} changes are still planned` });
  if (broken.length === 0) broken.push(...(await judged(library)));
  await show?.(library);
  return { seed, pair: libraryName, acts: crowd.acts(), fired, checked: new Map(libraryInvariants.map((name) => [name, 1])), calls: sum(library.calls.totals()), steps, broken };
}

/** Calm runs: tries that failed come due after hours. @returns what the last of them still planned. */
async function restOf(library: Library, run: () => Promise<void>): Promise<number> {
  for (let n = 0; n < 5; n += 1) {
    await run();
    library.clock.advance(6 * hourMs); // in all, longer than a card is believed
  }
  // A new card is noticed by one run, and the visits go over to it with the next.
  for (let n = 0; n < 2; n += 1) await run();
  return (await library.run({ dry: true })).planned;
}

/** Of these bookings those whose visit the hub withdrew, as its own links tell. */
async function withdrawnOf({ links }: Library, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const found = await links.byIds('pre-registrations', 'source', ids.map(String));
  return new Set(ids.filter((id) => found.get(String(id))?.log.some(({ what, kind }) => kind === 'applied' && what === 'deleted') === true));
}

function crowdOf(library: Library, random: () => number) {
  const { bookings, people, clock } = library;
  const left = new Set<number>();
  let count = 0;
  let acts = 0;
  let cards = 0;
  const replaced = new Set<string>();
  const when = (): { startsAt: number; endsAt: number } => {
    count += 1;
    const startsAt = Math.floor(clock.now() / hourMs) * hourMs + 60 * hourMs + count * 7 * minuteMs; // no two visits begin at one instant
    return { startsAt, endsAt: startsAt + 2 * hourMs };
  };
  const add = (): void => {
    acts += 1;
    const primaryId = pick(random, patrons);
    const { id } = bookings.add({ ...when(), answers: { q12345: primaryId }, lid: pick(random, [8810, 8820]), status: pick(random, ['Confirmed', 'Mediated Approved', 'Mediated Tentative']) });
    if (replaced.has(primaryId)) left.add(id); // let in by a card that is believed for a day
  };
  const replaceCard = (): void => {
    cards += 1;
    const primaryId = pick(random, patrons);
    replaced.add(primaryId);
    for (const { id, answers } of bookings.all()) if (answers['q12345'] === primaryId) left.add(id);
    people.edit(primaryId, { cards: [{ value: `blocked-${cards}`, status: 'INACTIVE' }, ...(random() < 0.8 ? [{ value: `card-${cards}`, status: 'ACTIVE' as const }] : [])] });
  };
  return {
    add,
    acts: () => acts,
    /** Nobody has ever taken it back, or moved it: there is no reason to withdraw it. */
    neverLeft: (id: number): boolean => !left.has(id),
    act(): void {
      const rows = bookings.all();
      const row = rows.length === 0 ? undefined : pick(random, rows);
      const kind = pick(random, ['add', 'move', 'move', 'cancel', 'deny', 'approve', 'hide', 'show', 'card'] as const);
      acts += 1;
      if (kind === 'card') return replaceCard();
      if (kind === 'add' || row === undefined) return add();
      left.add(row.id);
      if (kind === 'move') bookings.move(row.id, when());
      else if (kind === 'cancel') bookings.cancel(row.id, pick(random, ['User', 'Admin', 'System'] as const));
      else bookings[kind](row.id);
    },
  };
}

function arm(library: Library, random: () => number, fired: Map<string, number>): void {
  const systems = [library.libcal, library.alma, library.passagePoint];
  armWire(systems, random, 0.5);
  const expired = random() < 0.3 ? pick(random, [() => library.passagePoint.expireTokens(), () => library.libcal.revokeTokens()]) : undefined;
  if (expired !== undefined) note(fired, 'token-expired');
  expired?.();
  if (random() < 0.15) {
    note(fired, 'location-broken');
    library.setBroken({ [pick(random, [8810, 8820])]: pick(random, ['html', 'text', 'error-200', 500] as const) });
  }
}

function disarm(library: Library, fired: Map<string, number>): void {
  disarmWire([library.libcal, library.alma, library.passagePoint], fired);
  library.setBroken({});
}

const sum = (calls: { readonly [system: string]: number }): number => Object.values(calls).reduce((total, count) => total + count, 0);
