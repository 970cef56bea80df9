/**
 * A small invented world, so that a newcomer sees Concord work before anything is configured: a Directus with approved and
 * pending events, a calendar into which members have put some of their own, and a little life. All behind `fetch`, nothing leaves
 * the machine, and with the process it is gone.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { simulateDirectus, type SimulatedDirectus } from '../simulators/directus.ts';
import type { DirectusDraft } from '../simulators/directus-fields.ts';
import { simulateNextcloud, type SimulatedNextcloud } from '../simulators/nextcloud.ts';
import type { CalendarByHand } from '../simulators/nextcloud-person.ts';
import { simulatedWorld } from '../simulators/world.ts';

export interface SampleWorld {
  readonly fetch: typeof fetch;
  /** What a site would have set. */
  readonly variables: Variables;
  /** Each by itself, for whoever puts them on ports. */
  readonly systems: readonly { readonly name: string; readonly origin: string; readonly fetch: typeof fetch }[];
  readonly directus: SimulatedDirectus;
  readonly nextcloud: SimulatedNextcloud;
  /** The one calendar that there is. */
  readonly calendar: CalendarByHand;
  /** Something happens in the world. @returns what, in words. */
  change(): string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export function sampleWorld(clock: Clock): SampleWorld {
  const world = simulatedWorld({ clock, seed: 7 });
  const directus = simulateDirectus(world);
  const nextcloud = simulateNextcloud(world);
  const calendar = nextcloud.calendar('events');
  const at = (days: number, hour: number): string => new Date(Math.floor(clock.now() / dayMs) * dayMs + days * dayMs + hour * hourMs).toISOString();
  for (const draft of rows(at)) directus.events.add(draft);
  for (const event of memberEvents(at)) calendar.objects.put(event);
  const life = story(directus, calendar, at);
  const systems = [
    { name: 'Directus', origin: new URL(directus.url).origin, fetch: directus.fetch },
    { name: 'Nextcloud', origin: new URL(nextcloud.homeUrl).origin, fetch: nextcloud.fetch },
  ];
  return {
    systems,
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const system = systems.find(({ origin }) => origin === url.origin);
      if (system) return system.fetch(input, init);
      throw new TypeError('fetch failed', { cause: new Error('the sample world has no such server') });
    },
    variables: {
      DIRECTUS_API_URL: directus.url,
      DIRECTUS_API_TOKEN: directus.token,
      NEXTCLOUD_URL: nextcloud.homeUrl,
      NEXTCLOUD_USERNAME: nextcloud.user,
      NEXTCLOUD_PASSWORD: nextcloud.password,
    },
    directus,
    nextcloud,
    calendar,
    change: () => life.next().value,
  };
}

type At = (days: number, hour: number) => string;

function rows(at: At): readonly DirectusDraft[] {
  const approved = { approved: true, status: 'published' };
  return [
    { ...approved, title: 'Repair afternoon', start_date: at(2, 14), end_date: at(2, 17), location: 'Old school, yard', category: 'ehrenamt_engagement', cost: 'free' },
    { ...approved, title: 'Grant writing clinic', start_date: at(3, 16), end_date: at(3, 18), location: 'Town hall, room 2', category: 'foerderung_finanzierung', website: 'https://example.org/clinic' },
    { ...approved, title: 'Library evening', start_date: at(5, 18), end_date: at(5, 20), location: 'Library, ground floor', organizer: 'Friends of the Library' },
    { ...approved, title: 'Garden morning', start_date: at(9, 8), end_date: at(9, 11), location: 'Riverside garden', description: 'Bring gloves.' },
    { ...approved, title: 'Open days', start_date: at(12, 0), end_date: at(13, 0), all_day: true },
    { title: 'First aid course', start_date: at(4, 9), end_date: at(4, 15), location: 'Community kitchen', cost: '5 EUR' },
    { title: 'Film night', start_date: at(6, 19), end_date: at(6, 22), location: 'Hall of the singers' },
  ];
}

function memberEvents(at: At) {
  return [
    { summary: 'Choir rehearsal', start: at(1, 18), end: at(1, 20), location: 'Hall of the singers' },
    { summary: 'Volunteer breakfast', start: at(7, 8), end: at(7, 10) },
    { summary: 'Bicycle workshop', start: at(8, 15), end: at(8, 18), description: 'For children from eight years.' },
  ];
}

/** Each step is a thing that people really do; after the last one an event is edited now and then, for as long as it runs. */
function* story(directus: SimulatedDirectus, calendar: CalendarByHand, at: At): Generator<string, never> {
  const row = (title: string) => directus.events.all().find((one) => one.title === title);
  const object = (title: string) => calendar.objects.all().find(({ text }) => text.includes(`SUMMARY:${title}`));
  const approve = (title: string): void => {
    const found = row(title);
    if (found) directus.events.edit(found.id, { approved: true, status: 'published' });
  };
  approve('First aid course');
  yield 'a moderator approves "First aid course" in Directus';
  const moved = object('Bicycle workshop');
  if (moved) calendar.objects.edit(moved.name, { start: at(8, 16), end: at(8, 19) });
  yield 'a member moves "Bicycle workshop", which is not approved yet, by an hour in the calendar';
  calendar.objects.put({ summary: 'Seed swap', start: at(10, 13), end: at(10, 16), location: 'Riverside garden' });
  yield 'a member puts "Seed swap" into the calendar';
  approve('Choir rehearsal');
  yield 'a moderator approves "Choir rehearsal", which stands in the calendar already: there is nothing to write';
  const withdrawn = row('Garden morning');
  if (withdrawn) directus.events.remove(withdrawn.id);
  yield '"Garden morning" is deleted in Directus';
  for (let count = 1; ; count += 1) {
    const edited = row('Repair afternoon');
    if (edited) directus.events.edit(edited.id, { description: `${count} ${count === 1 ? 'person has' : 'people have'} signed up.` });
    yield 'somebody signs up for "Repair afternoon", and its description changes in Directus';
  }
}
