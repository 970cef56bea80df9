/**
 * Invented community events for demonstrations and benchmarks: the same seed and count make the same events, as rows for Directus
 * and as texts for a calendar. No real place, person or date is meant.
 */
import type { DirectusDraft } from './directus-fields.ts';
import { icsOf } from './ics.ts';
import { pick, randomHex, seededRandom } from './world.ts';

export interface SampleEvent {
  /** As a moderator has approved it. */
  readonly row: DirectusDraft & { readonly title: string; readonly start_date: string };
  /** The same event as somebody's calendar program writes it. */
  readonly ics: string;
  /** The UID in `ics`. */
  readonly uid: string;
}

const occasions = [
  'Open board meeting', 'Library evening', 'Repair afternoon', 'Reading for children', 'Town hall question hour', 'Choir rehearsal', 'Garden morning',
  'Language exchange', 'First aid course', 'Film night', 'Bicycle workshop', 'Grant writing clinic', 'Seed swap', 'Volunteer breakfast', 'Local history walk',
] as const;
const places = ['Town hall, room 2', 'Library, ground floor', 'Riverside garden', 'Old school, yard', 'Community kitchen', 'Hall of the singers'] as const;
const hosts = ['Ada Example', 'Friends of the Library', 'Neighbourhood Council', 'Garden Circle', 'Repair Group'] as const;
const categories = ['ehrenamt_engagement', 'foerderung_finanzierung', 'digitale_kommunikation', 'weiterbildung_qualifizierung'] as const;
const tags = ['free', 'families', 'outdoors', 'evening', 'monthly'] as const;
const costs = ['free', '5 EUR', 'by donation'] as const;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const firstDayMs = Date.UTC(2027, 0, 4);

/** One event in ten lasts whole days; starts lie within the two years after January 2027. */
export function sampleEvents(seed: number, count: number): readonly SampleEvent[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => sampleEvent(random, index + 1));
}

function sampleEvent(random: () => number, number: number): SampleEvent {
  const isAllDay = random() < 0.1;
  const dayStartMs = firstDayMs + Math.floor(random() * 700) * dayMs;
  const startMs = isAllDay ? dayStartMs : dayStartMs + (8 + Math.floor(random() * 12)) * hourMs;
  const endMs = isAllDay ? startMs + Math.floor(random() * 3) * dayMs : startMs + (1 + Math.floor(random() * 3)) * (hourMs / 2);
  const title = `${pick(random, occasions)} ${number}`;
  const description = `Everybody is welcome. Entrance from the yard; please bring a cup.\nQuestions: desk ${randomHex(random, 4)}.`;
  const category = pick(random, categories);
  const event = {
    location: pick(random, places),
    website: `https://example.org/events/${number}`,
    organizer: pick(random, hosts),
    cost: pick(random, costs),
    tags: [pick(random, tags)],
  };
  const uid = `${randomHex(random, 24)}@example.org`;
  return {
    uid,
    row: { ...event, status: 'published', approved: true, title, description, category, all_day: isAllDay, start_date: text(startMs), end_date: text(endMs) },
    ics: icsOf({
      uid,
      summary: title,
      start: isAllDay ? date(startMs) : text(startMs),
      end: isAllDay ? date(endMs + dayMs) : text(endMs), // exclusive in a calendar, inclusive in Directus
      allDay: isAllDay,
      description,
      location: event.location,
      url: event.website,
      categories: [category],
    }),
  };
}

function text(ms: number): string {
  return new Date(ms).toISOString();
}

function date(ms: number): string {
  return text(ms).slice(0, 10);
}
