/**
 * What must be true of a mission at any time, and when it has come to rest: each registration stands in NXT once and says what ServiceReef says, no
 * donor has lost anything, and what staff did is as they left it. Knows both systems as people see them, and of the hub only what it tells by itself.
 */
import type { SkyConstituent } from '../../shared/simulators/sky-records.ts';
import type { missionHub } from '../samples/mission-hub.ts';
import type { Broken } from './watch.ts';

export type Mission = ReturnType<typeof missionHub>;

export const missionInvariants = ['at rest', 'one constituent an account', 'one place a person', 'registrations', 'trips', 'no donor is harmed', 'attendance', 'what staff added stays'] as const;
type Invariant = (typeof missionInvariants)[number];

/** What the crowd knows and the systems do not show. */
export interface Memory {
  /** Each donor as staff last left the file, by id. */
  readonly donors: ReadonlyMap<string, SkyConstituent>;
  /** `event/user` of registrations that staff has answered for in NXT: whose word counts depends on who spoke last. */
  readonly touched: ReadonlySet<string>;
  /** Accounts whose address has changed: with another one a donor of the same name is not known to be the same person. */
  readonly readdressed: ReadonlySet<number>;
  /** By participant: who was there. */
  readonly attended: ReadonlyMap<string, boolean>;
  /** Participants that staff put there for people who never register. */
  readonly guests: ReadonlyMap<string, string>;
}

const rsvpOf: { readonly [status: string]: string } = { WaitingApproval: 'Interested', Approved: 'Attending', Registered: 'Attending', Declined: 'Declined', Cancelled: 'Canceled' };

async function openIds({ links }: Mission): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  for (const stream of ['events', 'people', 'participants']) {
    for await (const page of links.open(stream)) for (const { sourceId, state } of page) if (sourceId !== undefined && state !== 'agreed') open.add(`${stream} ${sourceId}`);
  }
  return open;
}

/** After everything has calmed down. */
export async function judgedMission(mission: Mission, memory: Memory): Promise<readonly Broken[]> {
  const broken: Broken[] = [];
  const say = (invariant: Invariant, detail: string): void => void broken.push({ invariant, detail });
  const open = await openIds(mission);
  donorsJudged(mission, memory, say);
  accountsJudged(mission, memory, say);
  tripsJudged(mission, open, say);
  await registrationsJudged(mission, memory, open, say);
  return broken;
}

type Say = (invariant: Invariant, detail: string) => void;

function donorsJudged({ sky }: Mission, { donors, attended, guests }: Memory, say: Say): void {
  for (const [id, was] of donors) {
    const now = sky.constituents.get(id);
    if (now === undefined) say('no donor is harmed', `constituent ${id} is gone`);
    else if (now.first !== was.first || now.last !== was.last) say('no donor is harmed', `the name of constituent ${id} is another one`);
    else for (const kind of ['emailaddresses', 'phones', 'addresses'] as const) {
      const kept = was[kind].every((row) => now[kind].some((one) => JSON.stringify(one) === JSON.stringify(row)));
      if (!kept) say('no donor is harmed', `${kind} of constituent ${id} are not what they were`);
    }
  }
  for (const [id, was] of attended) {
    const now = sky.participants.get(id);
    if (now !== undefined && now.attended !== was) say('attendance', `participant ${id} says ${now.attended}, and staff said ${was}`);
  }
  for (const [id, was] of guests) if (JSON.stringify(sky.participants.get(id)) !== was) say('what staff added stays', `participant ${id} is not as staff made it`);
}

function accountsJudged({ sky, reef }: Mission, { readdressed }: Memory, say: Say): void {
  const all = sky.constituents.all();
  const marks = [...new Set(all.flatMap(({ import_id: id, aliases }) => [id, ...aliases.map(({ name }) => name)]))].filter((mark) => mark.startsWith('SR-'));
  for (const mark of marks) {
    const bearers = all.filter(({ import_id: id, aliases }) => id === mark || aliases.some(({ name }) => name === mark));
    if (bearers.length > 1) say('one constituent an account', `${mark} stands for constituents ${bearers.map(({ id }) => id).join(', ')}`);
  }
  const names = reef.members.all().filter(({ userId }) => !readdressed.has(userId)).map(({ firstName, lastName }) => `${firstName} ${lastName}`);
  for (const name of new Set(names)) {
    const bearers = all.filter(({ first, last }) => `${first} ${last}` === name);
    if (bearers.length > 1) say('one constituent an account', `${bearers.length} constituents are called as one traveller: ${bearers.map(({ id }) => id).join(', ')}`);
  }
  for (const event of sky.events.all()) {
    const people = sky.participants.all(event.id).map(({ constituent_id: id }) => id);
    if (new Set(people).size !== people.length) say('one place a person', `somebody stands twice on event ${event.id}`);
  }
}

function tripsJudged({ sky, reef }: Mission, open: ReadonlySet<string>, say: Say): void {
  const marked = Map.groupBy(sky.events.all().filter(({ lookup_id: mark }) => mark?.startsWith('SR-')), ({ lookup_id: mark }) => mark);
  for (const [mark, events] of marked) if (events.length > 1) say('trips', `${mark} stands there ${events.length} times`);
  for (const trip of reef.events.all()) {
    const [event] = marked.get(`SR-${trip.eventId}`) ?? [];
    if (open.has(`events ${trip.eventId}`)) continue;
    if (trip.status === 'Published' && (event === undefined || event.inactive)) say('trips', `trip ${trip.eventId} is not active in NXT`);
    if (trip.status === 'Published' && event !== undefined && event.name !== trip.name) say('trips', `trip ${trip.eventId} has another name in NXT`);
    if (trip.status === 'Cancelled' && event !== undefined && !event.inactive) say('trips', `trip ${trip.eventId} is cancelled, and active in NXT`);
  }
  for (const [mark, events] of marked) {
    const id = Number(mark?.slice(3));
    if (reef.events.get(id) === undefined && events.some(({ inactive }) => !inactive) && !open.has(`events ${id}`)) say('trips', `trip ${id} is gone, and active in NXT`);
  }
}

async function registrationsJudged(mission: Mission, { touched }: Memory, open: ReadonlySet<string>, say: Say): Promise<void> {
  const { reef, sky, links } = mission;
  const wanted = new Set<string>();
  for (const { eventId, userId, status } of reef.registrations.all()) {
    const key = `${eventId}/${userId}`;
    const trip = reef.events.get(eventId);
    const rsvp = rsvpOf[status ?? ''];
    const isOpen = open.has(`participants ${key}`) || open.has(`people ${userId}`) || open.has(`events ${eventId}`);
    if (trip?.status !== 'Published' || rsvp === undefined || isOpen || touched.has(key)) continue;
    const link = (await links.byIds('participants', 'source', [key])).get(key);
    const place = sky.participants.get(link?.targetId?.split('/')[0] ?? '');
    if (place === undefined) say('registrations', `registration ${key} (${status}) does not stand in NXT`);
    else if (place.rsvp_status !== rsvp) say('registrations', `registration ${key} is ${status}, and ${place.rsvp_status} in NXT`);
    if (place !== undefined) wanted.add(place.id);
  }
  for (const { id, rsvp_status: rsvp, summary_note: note, attended } of sky.participants.all()) {
    const key = /^ServiceReef SR-(\d+\/\d+)/.exec(note ?? '')?.[1];
    if (key === undefined || wanted.has(id) || attended || touched.has(key) || open.has(`participants ${key}`)) continue;
    const [eventId, userId] = key.split('/').map(Number);
    const row = reef.registrations.all(eventId).find((one) => one.userId === userId);
    const isStanding = row !== undefined && reef.events.get(eventId ?? 0)?.status === 'Published';
    const isTripGone = reef.events.get(eventId ?? 0) === undefined; // of it only that is known: what people answered stays
    if (!isStanding && !isTripGone && rsvp !== 'Canceled' && rsvp !== 'NoResponse' && rsvp !== 'Declined') say('registrations', `registration ${key} is gone, and ${rsvp} in NXT`);
  }
}
