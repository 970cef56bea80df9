/** The people of a mission, in both systems: travellers and admins in ServiceReef, staff in NXT. What they do is drawn; what only they know is remembered. */
import { pick } from '../../shared/simulators/world.ts';
import type { Memory, Mission } from './mission-judge.ts';

const dayMs = 24 * 3_600_000;

/** Two of one family with one e-mail address, a donor who is known, one whom a phone makes known, and strangers. */
const people = [
  { userId: 70_001, firstName: 'Dana', lastName: 'Whitlock', email: 'whitlock.home@example.net' },
  { userId: 70_002, firstName: 'Theo', lastName: 'Whitlock', email: 'whitlock.home@example.net' },
  { userId: 70_003, firstName: 'Ines', lastName: 'Okafor', email: 'ines@example.org' },
  { userId: 70_004, firstName: 'Hugo', lastName: 'Larkspur', email: 'hugo@example.org' },
  { userId: 70_005, firstName: 'Mona', lastName: 'Jessop', email: '' },
] as const;

export function missionCrowd(mission: Mission, random: () => number) {
  const { reef, sky, clock } = mission;
  const donors = new Map<string, ReturnType<typeof sky.constituents.add>>();
  const touched = new Set<string>();
  const readdressed = new Set<number>();
  const attended = new Map<string, boolean>();
  const guests = new Map<string, string>();
  const memory: Memory = { donors, touched, readdressed, attended, guests };
  let acts = 0;
  let trips = 0;

  for (const person of people) reef.members.add({ ...person, phone: `(513) 555-01${String(person.userId).slice(-2)}`, address: null });
  for (const { firstName, lastName, email } of [people[0], people[2]]) keep(sky.constituents.add({ first: firstName, last: lastName, email: { address: email, type: 'Email', primary: true } }));
  const guest = sky.constituents.add({ first: 'Gwen', last: 'Neverboth', email: { address: 'gwen@example.org', type: 'Email', primary: true } });
  clock.advance(dayMs); // whoever stands there is no news to a search
  for (let n = 0; n < 3; n += 1) plan();
  for (let n = 0; n < 5; n += 1) register();

  function keep(donor: ReturnType<typeof sky.constituents.add>): void {
    donors.set(donor.id, donor);
  }

  function plan(): void {
    trips += 1;
    acts += 1;
    const start = new Date(Math.floor(clock.now() / dayMs) * dayMs + (60 + trips) * dayMs).toISOString().slice(0, 10);
    reef.events.add({ eventId: 31_000 + trips, name: `Team ${trips}`, startsAt: `${start}T20:15:00`, endsAt: `${start}T22:00:00`, approvalRequired: random() < 0.5, status: 'Published' });
  }

  function register(): void {
    acts += 1;
    const all = reef.events.all();
    if (all.length === 0) return;
    const trip = pick(random, all);
    const free = reef.members.all().filter(({ userId }) => reef.registrations.all(trip.eventId).every((row) => row.userId !== userId));
    if (free.length > 0) reef.registrations.register({ eventId: trip.eventId, userId: pick(random, free).userId });
  }

  function readdress(userId: number): void {
    readdressed.add(userId);
    reef.members.edit(userId, { email: `changed-${acts}@example.org` });
  }

  const someRow = () => {
    const rows = reef.registrations.all().filter(({ userId }) => userId !== null);
    return rows.length === 0 ? undefined : pick(random, rows);
  };

  function inServiceReef(kind: 'approve' | 'decline' | 'cancel' | 'draft' | 'unregister' | 'move' | 'email' | 'rename-trip' | 'call-off' | 'restore-trip' | 'remove-trip'): void {
    const row = someRow();
    const trip = reef.events.all().length === 0 ? undefined : pick(random, reef.events.all());
    const key = row === undefined ? undefined : { eventId: row.eventId, userId: Number(row.userId) };
    if (key !== undefined && (kind === 'approve' || kind === 'decline' || kind === 'cancel')) reef.registrations[kind](key);
    else if (key !== undefined && kind === 'draft') reef.registrations.setStatus(key, 'Draft');
    else if (key !== undefined && kind === 'unregister') reef.registrations.remove(key);
    else if (key !== undefined && kind === 'move' && trip !== undefined && reef.registrations.all(trip.eventId).every(({ userId }) => userId !== key.userId)) reef.registrations.move(key, trip.eventId);
    else if (key !== undefined && kind === 'email') readdress(key.userId);
    else if (kind === 'rename-trip' && trip !== undefined) reef.events.edit(trip.eventId, { name: `Team renamed ${acts}` });
    else if (kind === 'call-off' && trip !== undefined) reef.events.cancel(trip.eventId);
    else if (kind === 'restore-trip' && trip !== undefined) reef.events.edit(trip.eventId, { status: 'Published' });
    else if (kind === 'remove-trip' && trip !== undefined && random() < 0.3) reef.events.remove(trip.eventId);
  }

  function inNxt(kind: 'answer' | 'attend' | 'invite' | 'remove'): void {
    const event = sky.events.all().length === 0 ? undefined : pick(random, sky.events.all());
    const places = sky.participants.all().filter(({ id }) => !guests.has(id));
    const place = places.length === 0 ? undefined : pick(random, places);
    if (kind === 'invite' && event !== undefined && sky.participants.all(event.id).every(({ constituent_id: id }) => id !== guest.id)) {
      const made = sky.participants.add(event.id, { constituent_id: guest.id, rsvp_status: 'NoResponse', invitation_status: 'Invited' });
      guests.set(made.id, JSON.stringify(made));
    }
    if (place === undefined) return;
    const key = /SR-(\d+\/\d+)/.exec(place.summary_note ?? '')?.[1];
    if (key !== undefined && kind !== 'attend') touched.add(key);
    if (kind === 'answer') sky.participants.edit(place.id, { rsvp_status: 'Waitlisted' });
    if (kind === 'remove') sky.participants.remove(place.id);
    if (kind === 'attend') {
      sky.participants.edit(place.id, { attended: true });
      attended.set(place.id, true);
    }
  }

  return {
    memory,
    acts: () => acts,
    act(): void {
      acts += 1;
      if (random() < 0.25) return random() < 0.3 ? plan() : register();
      if (random() < 0.2) return inNxt(pick(random, ['answer', 'attend', 'invite', 'remove'] as const));
      inServiceReef(pick(random, ['approve', 'decline', 'cancel', 'draft', 'unregister', 'move', 'email', 'rename-trip', 'call-off', 'restore-trip', 'remove-trip'] as const));
    },
  };
}
