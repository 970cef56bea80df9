/**
 * A Directus and a Nextcloud that somebody works in while the way to them keeps failing: simulators on ports of this machine, a person who
 * does something every few seconds, and faults by luck from a seed.
 */
import { systemClock } from '../../shared/base/clock.ts';
import { simulateDirectus } from '../../shared/simulators/directus.ts';
import { simulateNextcloud } from '../../shared/simulators/nextcloud.ts';
import { sampleEvents } from '../../shared/simulators/samples.ts';
import { serve } from '../../shared/simulators/serve.ts';
import { pick, seededRandom, simulatedWorld } from '../../shared/simulators/world.ts';
import type { FaultRule, Faults } from '../../shared/simulators/faults.ts';

const rowsFirst = 60;
const objectsFirst = 30;
const rowsMax = 150;
const withdrawalShare = 0.04;

/** Of all calls these shares go wrong, on both ways. */
const troubles: readonly FaultRule[] = [
  { kind: 'status', status: 503, when: { share: 0.02 } },
  { kind: 'status', status: 500, when: { share: 0.01 }, afterEffect: true },
  { kind: 'status', status: 429, headers: { 'Retry-After': '1' }, when: { share: 0.005 } },
  { kind: 'reset-before', when: { share: 0.01 } },
  { kind: 'lost-answer', when: { share: 0.01 } },
  { kind: 'half-body', when: { share: 0.005 }, ends: 'broken' },
  { kind: 'wrong-body', when: { share: 0.002 } },
  { kind: 'slow', ms: 1500, when: { share: 0.01 } },
];

export async function faultyWorld(seed: number) {
  const world = simulatedWorld({ clock: systemClock, seed });
  const random = seededRandom(seed + 1);
  const directus = simulateDirectus(world);
  const nextcloud = simulateNextcloud(world);
  const { objects } = nextcloud.calendar('events');
  const fresh = sampleEvents(seed, 100_000).values();
  const next = () => fresh.next().value ?? never();
  for (let n = 0; n < rowsFirst; n++) directus.events.add(next().row);
  for (let n = 0; n < objectsFirst; n++) objects.put(next().ics);
  const served = { directus: await serve(directus.fetch, { port: 0 }), nextcloud: await serve(nextcloud.fetch, { port: 0 }) };
  const all: readonly Faults[] = [directus.faults, nextcloud.faults];
  for (const faults of all) for (const rule of troubles) faults.add(rule);

  const acts: { readonly [name: string]: () => void } = {
    'adds a row': () => (directus.events.size < rowsMax ? void directus.events.add(next().row) : undefined),
    'edits a row': () => edit(directus.events.all(), ({ id }) => directus.events.edit(id, { description: `Changed ${Math.floor(random() * 1e9)}.` })),
    'approves a row': () => edit(directus.events.all(), ({ id }) => directus.events.edit(id, { approved: true, status: 'published' })),
    'takes approval away': () => seldom(() => edit(directus.events.all(), ({ id }) => directus.events.edit(id, { approved: false, status: 'draft' }))),
    'deletes a row': () => seldom(() => edit(directus.events.all(), ({ id }) => directus.events.remove(id))),
    'puts an object': () => (objects.all().length < rowsMax ? void objects.put(next().ics) : undefined),
    'edits an object': () => edit(objects.all(), ({ name }) => void objects.edit(name, { location: `Room ${Math.floor(random() * 1e6)}` })),
    'deletes an object': () => edit(objects.all(), ({ name }) => objects.remove(name)),
  };
  // More of them in a day, and the guard would hold them for a person: that is another promise.
  function seldom(act: () => void): void {
    if (random() < withdrawalShare) act();
  }
  function edit<T>(items: readonly T[], act: (item: T) => void): void {
    if (items.length > 0) act(pick(random, items));
  }

  return {
    variables: {
      DIRECTUS_API_URL: served.directus.url, DIRECTUS_API_TOKEN: directus.token,
      NEXTCLOUD_URL: nextcloud.homeUrl.replace(new URL(nextcloud.homeUrl).origin, served.nextcloud.url),
      NEXTCLOUD_USERNAME: nextcloud.user, NEXTCLOUD_PASSWORD: nextcloud.password,
    },
    /** Somebody does something. */
    act: () => acts[pick(random, Object.keys(acts))]?.(),
    calm: () => all.forEach((faults) => faults.clear()),
    fired: () => Object.fromEntries(Object.keys(directus.faults.fired).map((kind) => [kind, all.reduce((sum, { fired }) => sum + (Object.entries(fired).find(([name]) => name === kind)?.[1] ?? 0), 0)])),
    /** What stands where it should not, or not where it should: titles that stand twice in the calendar, approved rows that are not there. */
    wrong: (): readonly string[] => {
      const titles = objects.all().map(({ text }) => /^SUMMARY:(.*)$/m.exec(text)?.[1]?.trim() ?? '');
      const twice = [...Map.groupBy(titles, (title) => title)].filter(([, group]) => group.length > 1).map(([title]) => `twice in the calendar: ${title}`);
      const missing = directus.events.all().filter((row) => row['approved'] === true && row['status'] === 'published' && !titles.includes(row['title'])).map((row) => `not in the calendar: ${row['title']}`);
      return [...twice, ...missing];
    },
    close: async () => {
      await served.directus.close();
      await served.nextcloud.close();
    },
  };
}

function never(): never {
  throw new Error('there are no more sample events');
}
