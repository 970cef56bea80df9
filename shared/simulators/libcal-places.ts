/**
 * What can be booked: locations, their categories, the spaces and seats in them, and the questions of the booking form; and how
 * LibCal tells about them. A wrong id is no error of the call: an element with `error` stands in its place (confirmed).
 * Left out: zones, opening hours, availability, forms, terms, what only administrators see.
 */

export interface LibCalSpace {
  readonly eid: number;
  readonly name: string;
  readonly capacity: number;
  readonly seats: readonly { readonly id: number; readonly name: string }[];
}

export interface LibCalCategory {
  readonly cid: number;
  readonly name: string;
  readonly spaces: readonly LibCalSpace[];
}

export interface LibCalLocation {
  readonly lid: number;
  readonly name: string;
  /** IANA; absent: the site's (the only case that is known). */
  readonly timeZone?: string;
  readonly categories: readonly LibCalCategory[];
}

/** `id` is the number in the member `q<number>` of a booking. */
export interface LibCalQuestion {
  readonly id: number;
  readonly label: string;
  readonly required: boolean;
}

/** Where a booking is. */
export interface LibCalPlace {
  readonly lid: number;
  readonly cid: number;
  readonly eid: number;
}

type Locations = readonly LibCalLocation[];

/** Two libraries in two zones, each with a reading room with seats and two group rooms; the form asks for the university id. */
export function samplePlaces(): { locations: Locations; questions: readonly LibCalQuestion[] } {
  return {
    locations: [sampleLocation(8810, 'Main Library'), { ...sampleLocation(8820, 'Lakeside Library'), timeZone: 'America/Chicago' }],
    questions: [{ id: 12_345, label: 'University id', required: true }],
  };
}

function sampleLocation(lid: number, name: string): LibCalLocation {
  const spaceOf = (number: number, label: string, seats: number): LibCalSpace => {
    const eid = lid * 10 + number;
    const seatsOfIt = Array.from({ length: seats }, (_, at) => ({ id: eid * 100 + at + 1, name: `Seat ${at + 1}` }));
    return { eid, name: label, capacity: seats === 0 ? 8 : seats, seats: seatsOfIt };
  };
  return {
    lid,
    name,
    categories: [
      { cid: lid * 10 + 1, name: 'Quiet Study', spaces: [spaceOf(1, 'Reading Room East', 20)] },
      { cid: lid * 10 + 2, name: 'Group Rooms', spaces: [spaceOf(2, 'Room 301', 0), spaceOf(3, 'Room 302', 0)] },
    ],
  };
}

/** The first space that fits what is given; ids that exist nowhere are taken at their word. */
export function placeOf(locations: Locations, wanted: Partial<LibCalPlace>): LibCalPlace {
  const all = spacesOf(locations).map(({ location, category, space }) => ({ lid: location.lid, cid: category.cid, eid: space.eid }));
  const fits = (place: LibCalPlace) =>
    place.lid === (wanted.lid ?? place.lid) && place.cid === (wanted.cid ?? place.cid) && place.eid === (wanted.eid ?? place.eid);
  return all.find(fits) ?? { lid: 0, cid: 0, eid: 0, ...all[0], ...wanted };
}

export function spacesOf(locations: Locations): { location: LibCalLocation; category: LibCalCategory; space: LibCalSpace }[] {
  return locations.flatMap((location) =>
    location.categories.flatMap((category) => category.spaces.map((space) => ({ location, category, space }))),
  );
}

export function locationsAnswer(locations: Locations, query: URLSearchParams): unknown[] {
  const details = query.get('details') === '1' ? { formid: 1, admin_only: 0, terms: '' } : {};
  return locations.map(({ lid, name }) => ({ lid, name, public: 1, ...details }));
}

/** `GET space/categories/{lids}` */
export function categoriesAnswer(locations: Locations, lids: readonly string[]): unknown[] {
  return lids.map((lid) => {
    const location = locations.find((one) => String(one.lid) === lid);
    if (!location) return wrongId('location', lid);
    const categories = location.categories.map(({ cid, name }) => ({ cid, formid: 1, name, public: 1 }));
    return { lid: location.lid, name: location.name, categories };
  });
}

/** `GET space/category/{cids}`: spaces are bare numbers unless `details=1`. */
export function categoryAnswer(locations: Locations, cids: readonly string[], query: URLSearchParams): unknown[] {
  const categories = locations.flatMap((location) => location.categories);
  return cids.map((cid) => {
    const category = categories.find((one) => String(one.cid) === cid);
    if (!category) return wrongId('category', cid);
    const items = category.spaces.map((space) => (query.get('details') === '1' ? shownSpace(space) : space.eid));
    return { cid: category.cid, formid: 1, name: category.name, public: 1, items };
  });
}

/** `GET space/items/{lid}`: pages count from 0 here, and hold 100 at most. */
export function itemsAnswer(locations: Locations, lid: string, query: URLSearchParams): unknown[] {
  const inIt = spacesOf(locations).filter(({ location }) => String(location.lid) === lid);
  if (inIt.length === 0) return [wrongId('location', lid)];
  const asked = query.get('category_id');
  const found = inIt.filter(({ category }) => asked === null || String(category.cid) === asked);
  const size = Math.min(Number(query.get('page_size') ?? 100), 100);
  const first = Number(query.get('page_index') ?? 0) * size;
  return found.slice(first, first + size).map(({ space }) => shownSpace(space));
}

/** `GET space/item/{eids}` */
export function itemAnswer(locations: Locations, eids: readonly string[]): unknown[] {
  const spaces = spacesOf(locations).map(({ space }) => space);
  return eids.map((eid) => {
    const space = spaces.find((one) => String(one.eid) === eid);
    return space ? shownSpace(space) : wrongId('item', eid);
  });
}

/** `GET space/question/{ids}` */
export function questionAnswer(questions: readonly LibCalQuestion[], ids: readonly string[]): unknown[] {
  return ids.map((id) => {
    const question = questions.find((one) => String(one.id) === id);
    return question ? { id: question.id, label: question.label, type: 'string', required: question.required } : wrongId('question', id);
  });
}

function shownSpace({ eid, name, capacity, seats }: LibCalSpace): unknown {
  const zone = { zoneId: 0, zoneName: '', groupId: 0, groupName: '' };
  return { id: eid, name, capacity, ...zone, isBookableAsWhole: seats.length === 0, formid: 1 };
}

function wrongId(what: string, id: string): unknown {
  return { error: `${what} ${id} is not known here` };
}
