/**
 * What must be true of a library at any time, and when it has come to rest: every booked patron can walk in, nobody else can. Knows LibCal,
 * Alma and PassagePoint as people see them, and of the hub only what it tells by itself: which bookings a person has to answer for.
 */
import type { BookingRecord, PreRegRecord } from '../samples/library-hands.ts';
import type { libraryHub } from '../samples/library-hub.ts';
import type { Broken } from './watch.ts';

export type Library = ReturnType<typeof libraryHub>;

export const libraryInvariants = ['nobody else', 'everybody', 'once', 'one visitor a card', 'at rest', 'nothing withdrawn without reason'] as const;

const activeStatuses = new Set(['Confirmed', 'Mediated Approved']);
export const isActive = ({ status, hidden }: BookingRecord): boolean => activeStatuses.has(status) && !hidden;

/** The card that lets the patron in today. */
function cardOf({ people }: Library, { answers }: BookingRecord): string | undefined {
  const user = people.all().find(({ primaryId }) => primaryId === answers['q12345']);
  return user?.cards.filter(({ status }) => status === 'ACTIVE').at(-1)?.value;
}

/** Bookings that are on somebody's list: the hub says that a person must look, or that it will try again. */
async function openBookings({ links }: Library): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  for await (const page of links.open('pre-registrations')) for (const { sourceId, state } of page) if (sourceId !== undefined && state !== 'agreed') open.add(sourceId);
  return open;
}

const isFor = (door: PreRegRecord, booking: BookingRecord): boolean => door.startTime * 1000 === booking.startsAt && door.endTime * 1000 === booking.endsAt;

/** After everything has calmed down. */
export async function judged(library: Library): Promise<readonly Broken[]> {
  const broken: Broken[] = [];
  const say = (invariant: (typeof libraryInvariants)[number], detail: string): void => void broken.push({ invariant, detail });
  const open = await openBookings(library);
  const visitors = new Map(library.passagePoint.visitors.all().map((visitor) => [visitor.id, visitor]));
  const doors = library.doors();
  const bookings = library.bookings.all();
  for (const booking of bookings) {
    const mine = doors.filter((door) => isFor(door, booking));
    const card = cardOf(library, booking);
    const isHeld = open.has(String(booking.id));
    const right = mine.filter(({ visitorId }) => visitors.get(visitorId)?.uniqueId === card);
    if (isActive(booking) && card !== undefined && right.length === 0 && !isHeld) say('everybody', `booking ${booking.id} (${booking.status}) has no way in`);
    if ((!isActive(booking) || card === undefined) && mine.length > 0 && !isHeld) say('nobody else', `booking ${booking.id} (${booking.status}${booking.hidden ? ', hidden' : ''}) still opens a door`);
    if (mine.length > 1 && !isHeld) say('once', `booking ${booking.id} stands there ${mine.length} times`);
  }
  for (const door of doors) {
    const isKnown = bookings.some((booking) => isFor(door, booking));
    if (!isKnown && open.size === 0) say('nobody else', `pre-registration ${door.id} belongs to no booking`);
  }
  const cards = [...visitors.values()].map(({ uniqueId }) => uniqueId);
  if (new Set(cards).size !== cards.length) say('one visitor a card', `${cards.length - new Set(cards).size} cards stand there twice`);
  return broken;
}
