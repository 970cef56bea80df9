/**
 * An invented organisation that sends people on trips: the same wish makes the same trips, travellers, registrations and donors. How
 * a traveller stands in NXT before the first run is said with each of them, so that a test knows what has to become of whom.
 * No real place, person, number or date is meant.
 */
import { assertNever } from '../base/errors.ts';
import type { ReefEvent, ReefMember, ReefRegistration } from './servicereef-records.ts';
import type { SimulatedServiceReef } from './servicereef.ts';
import type { ConstituentDraft } from './sky-staff.ts';
import type { SimulatedSky } from './sky.ts';
import { pick, seededRandom } from './world.ts';

/**
 * How a traveller stands in NXT.
 * - `known`: a donor of the same name and email.
 * - `known-by-phone`: a donor of the same name and phone, with another email.
 * - `family`: only a donor of the same last name and email, who is somebody else.
 * - `namesake`: only a donor of the same name, and nothing else in common.
 * - `twice`: two donors, both with the same name and email.
 * - `new`: nobody.
 */
export type Standing = 'known' | 'known-by-phone' | 'family' | 'namesake' | 'twice' | 'new';

export type SampleTrip = Partial<ReefEvent> & Pick<ReefEvent, 'eventId' | 'name'>;
export type SampleTraveller = Pick<ReefMember, 'userId' | 'firstName' | 'lastName' | 'email' | 'phone' | 'address'> & { readonly standing: Standing };
export type SampleRegistration = Pick<ReefRegistration, 'eventId' | 'status' | 'registeredAt' | 'amountRaised' | 'balanceDue'> & { readonly userId: number };

export interface MissionSample {
  readonly trips: readonly SampleTrip[];
  readonly travellers: readonly SampleTraveller[];
  /** One to two of each traveller, never two for one trip. */
  readonly registrations: readonly SampleRegistration[];
  /** Who stands in NXT already: for the travellers, and others who never travel. */
  readonly donors: readonly ConstituentDraft[];
}

export interface MissionWish {
  readonly seed: number;
  readonly trips: number;
  readonly travellers: number;
  /** Donors who never travel; none when absent. */
  readonly otherDonors?: number;
  /** When the first trip may begin, epoch milliseconds; January 2027 when absent. */
  readonly from?: number;
}

const dayMs = 86_400_000;
const firstNames = ['Ada', 'Bela', 'Cora', 'Dario', 'Edda', 'Finn', 'Greta', 'Hugo', 'Ines', 'Jonas', 'Kira', 'Liam', 'Mona', 'Nils', 'Olga', 'Piet', 'Rosa', 'Sami', 'Tessa', 'Yusuf'] as const;
const lastNames = ['Abbott', 'Birchwood', 'Castellan', 'Dunmore', 'Ellery', 'Fairweather', 'Grantley', 'Holloway', 'Ingram', 'Jessop', 'Kestrel', 'Larkspur', 'Merriman', 'Norwood', 'Okonjo', 'Pemberton', 'Quill', 'Rosewood', 'Stanhope', 'Thistle'] as const;
const places = [
  { city: 'Northfield', state: 'OH', zip: '45001', country: 'United States', zone: 'America/New_York' },
  { city: 'Westmere', state: 'TX', zip: '75001', country: 'United States', zone: 'America/Chicago' },
  { city: 'Sierra Vieja', state: 'NL', zip: '64001', country: 'Mexico', zone: 'America/Monterrey' },
  { city: 'Kilima', state: '', zip: '00101', country: 'Kenya', zone: 'Africa/Nairobi' },
] as const;
const works = ['Home repair', 'Day camp', 'Clinic week', 'School garden', 'Well building', 'Summer team', 'Reading weeks'] as const;
export const sampleCategories = ['Mission trip', 'Local service'] as const;

export function missionSample(wish: MissionWish): MissionSample {
  const random = seededRandom(wish.seed);
  const trips = listOf(wish.trips, (index) => sampleTrip(random, 31_001 + index, wish.from ?? Date.UTC(2027, 0, 4)));
  const travellers: SampleTraveller[] = [];
  for (let index = 0; index < wish.travellers; index += 1) travellers.push(sampleTraveller(random, index, travellers.at(-1)));
  const registrations = travellers.flatMap(({ userId }) => sampleRegistrations(random, userId, trips));
  const others = listOf(wish.otherDonors ?? 0, (index) => sampleDonor(random, index));
  return { trips, travellers, registrations, donors: [...travellers.flatMap((traveller) => donorsFor(random, traveller)), ...others] };
}

/** Puts trips, accounts and registrations into a ServiceReef. */
export function fillServiceReef(reef: SimulatedServiceReef, sample: MissionSample): void {
  for (const trip of sample.trips) reef.events.add(trip);
  for (const { standing: _standing, ...member } of sample.travellers) reef.members.add(member);
  for (const registration of sample.registrations) reef.registrations.register(registration);
}

/** Puts the donors and the categories of events into a tenant of NXT. */
export function fillNxt(sky: SimulatedSky, sample: MissionSample): void {
  for (const name of sampleCategories) sky.addCategory(name);
  for (const donor of sample.donors) sky.constituents.add(donor);
}

function sampleTrip(random: () => number, eventId: number, fromMs: number): SampleTrip {
  const place = pick(random, places);
  const isLocal = random() < 0.2;
  const startMs = Math.floor(fromMs / dayMs) * dayMs + Math.floor(random() * 300) * dayMs;
  const endMs = startMs + (isLocal ? 0 : 5 + Math.floor(random() * 8)) * dayMs;
  const address = { Address1: `${1 + Math.floor(random() * 90)} Example Road`, Address2: null, City: place.city, State: place.state, Zip: place.zip, Country: place.country };
  const name = `${place.city} ${pick(random, works)} ${eventId}`;
  const luck = random();
  return {
    eventId,
    name,
    description: `<p>${name}.</p><ul><li>Bring gloves &amp; water.</li></ul>`,
    startsAt: `${day(startMs)}T${isLocal ? '08:30:00' : '20:15:00'}`, // an evening in America is the next day in UTC
    endsAt: `${day(endMs)}T17:30:00`,
    zone: place.zone,
    status: luck < 0.05 ? 'Cancelled' : luck < 0.1 ? 'Draft' : luck < 0.15 ? 'Closed' : 'Published',
    maxRegistrations: random() < 0.2 ? 0 : 10 + Math.floor(random() * 30),
    fundRaisingGoal: isLocal ? null : 1000 * (5 + Math.floor(random() * 20)),
    approvalRequired: !isLocal,
    categories: [isLocal ? { categoryId: 2, name: 'Local service' } : { categoryId: 1, name: 'Mission trip' }],
    address: random() < 0.1 ? null : address,
  };
}

/** Where a donor has the traveller's email. */
const emailIsKnown: ReadonlySet<Standing> = new Set(['known', 'twice', 'family'] as const);

/** One in six is a child of the person before, with that person's name and email. */
function sampleTraveller(random: () => number, index: number, before: SampleTraveller | undefined): SampleTraveller {
  const userId = 70_001 + index;
  const isChild = before !== undefined && random() < 1 / 6;
  const firstName = `${pick(random, firstNames)}${index < firstNames.length ? '' : ` ${index}`}`;
  const lastName = isChild ? before.lastName : pick(random, lastNames);
  const email = isChild ? before.email : random() < 0.05 ? '' : `traveller-${userId}@example.org`;
  const luck = random();
  const standing: Standing = luck < 0.3 ? 'known' : luck < 0.38 ? 'known-by-phone' : luck < 0.43 ? 'family' : luck < 0.47 ? 'namesake' : luck < 0.49 ? 'twice' : 'new';
  const home = pick(random, places.slice(0, 2));
  return {
    userId,
    firstName: isChild && firstName === before.firstName ? `${firstName} Junior` : firstName,
    lastName,
    email,
    phone: phoneOf(index),
    address: random() < 0.15 ? null : { Address1: `${index + 1} Sample Lane`, Address2: null, City: home.city, State: home.state, Zip: home.zip, Country: 'US' },
    standing: isChild ? (emailIsKnown.has(before.standing) ? 'family' : 'new') : email === '' ? 'new' : standing,
  };
}

function sampleRegistrations(random: () => number, userId: number, trips: readonly SampleTrip[]): readonly SampleRegistration[] {
  if (trips.length === 0) return [];
  const first = Math.floor(random() * trips.length);
  const isTwice = trips.length > 1 && random() < 0.15;
  return [first, ...(isTwice ? [(first + 1) % trips.length] : [])].flatMap((at) => {
    const trip = trips[at];
    if (!trip) return [];
    const luck = random();
    const status = luck < 0.6 ? 'Approved' : luck < 0.8 ? 'WaitingApproval' : luck < 0.86 ? 'Draft' : luck < 0.94 ? 'Cancelled' : luck < 0.97 ? 'Declined' : 'Registered';
    const registeredAt = `2026-${twoDigits(1 + Math.floor(random() * 11))}-${twoDigits(1 + Math.floor(random() * 28))}T${twoDigits(Math.floor(random() * 24))}:14:09`;
    return [{ eventId: trip.eventId, userId, status, registeredAt, amountRaised: Math.floor(random() * 1500), balanceDue: Math.floor(random() * 800) }];
  });
}

function donorsFor(random: () => number, traveller: SampleTraveller): readonly ConstituentDraft[] {
  const { userId, standing } = traveller;
  const first = traveller.firstName ?? '';
  const named = { type: 'Individual' as const, first, last: traveller.lastName ?? '' };
  const email = { address: traveller.email ?? '', type: 'Email', primary: true };
  const other = { address: `donor-${userId}@example.com`, type: 'Email', primary: true };
  switch (standing) {
    case 'known':
      return [{ ...named, email }];
    case 'known-by-phone':
      return [{ ...named, email: other, phone: { number: traveller.phone ?? '', type: 'Home' } }];
    case 'family':
      return [{ ...named, first: `Grand${first.toLowerCase()}`, email }];
    case 'namesake':
      return [{ ...named, email: other, address: { type: 'Home', address_lines: `${1 + Math.floor(random() * 90)} Elsewhere Street`, city: 'Farwell', state: 'ME', postal_code: '04001' } }];
    case 'twice':
      return [{ ...named, email }, { ...named, email }];
    case 'new':
      return [];
    default:
      return assertNever(standing);
  }
}

function sampleDonor(random: () => number, index: number): ConstituentDraft {
  const email = { address: `giver-${index + 1}@example.com`, type: 'Email', primary: true };
  return { type: 'Individual', first: `${pick(random, firstNames)} Giver ${index + 1}`, last: pick(random, lastNames), email };
}

/** Reserved for stories: 555-01xx, with an area that tells them apart. */
function phoneOf(index: number): string {
  return `(${200 + Math.floor(index / 100)}) 555-01${twoDigits(index % 100)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function listOf<T>(count: number, make: (index: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
