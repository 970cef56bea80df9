import { expect, test } from 'vitest';
import { fillNxt, fillServiceReef, missionSample, type Standing } from '../../shared/simulators/mission-samples.ts';
import { simulateServiceReef } from '../../shared/simulators/servicereef.ts';
import { simulateSky } from '../../shared/simulators/sky.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';

const wish = { seed: 5, trips: 20, travellers: 400, otherDonors: 50 };

function filled() {
  const sample = missionSample(wish);
  const world = simulatedWorld();
  const [reef, sky] = [simulateServiceReef(world), simulateSky(world)];
  fillServiceReef(reef, sample);
  fillNxt(sky, sample);
  const donorsNamed = (first: string | null, last: string | null) => sky.constituents.all().filter((donor) => donor.first === first && donor.last === last);
  return { sample, reef, sky, donorsNamed };
}

test('one seed makes one world, another seed another', () => {
  expect(missionSample(wish)).toEqual(missionSample(wish));
  expect(missionSample({ ...wish, seed: 6 })).not.toEqual(missionSample(wish));
});

test('a first part of the trips does not depend on how many people travel', () => {
  expect(missionSample({ ...wish, travellers: 1 }).trips).toEqual(missionSample(wish).trips);
});

test('it fills both systems as it says', () => {
  const { sample, reef, sky } = filled();

  expect([reef.events.all().length, reef.members.all().length, reef.registrations.all().length]).toEqual([20, 400, sample.registrations.length]);
  expect(sky.constituents.all()).toHaveLength(sample.donors.length);
  expect(reef.registrations.all().length).toBeGreaterThan(400);
});

const standings: readonly { standing: Standing; share: number; donors: number }[] = [
  { standing: 'known', share: 0.2, donors: 1 },
  { standing: 'known-by-phone', share: 0.03, donors: 1 },
  { standing: 'family', share: 0.02, donors: 0 },
  { standing: 'namesake', share: 0.02, donors: 1 },
  { standing: 'twice', share: 0.005, donors: 2 },
  { standing: 'new', share: 0.4, donors: 0 },
];

test.each(standings)('who is $standing has $donors donors of that name', ({ standing, share, donors }) => {
  const { sample, donorsNamed } = filled();
  const these = sample.travellers.filter((traveller) => traveller.standing === standing);

  expect(these.length / sample.travellers.length).toBeGreaterThan(share);
  expect(these.map(({ firstName, lastName }) => donorsNamed(firstName, lastName).length).filter((count) => count !== donors)).toEqual([]);
});

test('known people are known by email or phone, family only by email, namesakes by nothing', () => {
  const { sample, sky } = filled();
  const shared = (standing: Standing) => {
    const common = { email: 0, phone: 0, all: 0 };
    for (const { email, phone } of sample.travellers.filter((traveller) => traveller.standing === standing)) {
      common.all += 1;
      if (sky.constituents.all().some(({ emailaddresses }) => emailaddresses.some(({ address }) => address === email))) common.email += 1;
      if (sky.constituents.all().some(({ phones }) => phones.some(({ number }) => number === phone))) common.phone += 1;
    }
    return common;
  };
  const known = shared('known');
  const byPhone = shared('known-by-phone');
  const family = shared('family');

  expect([known.email, byPhone.phone, byPhone.email, family.email]).toEqual([known.all, byPhone.all, 0, family.all]);
  expect(shared('namesake')).toMatchObject({ email: 0, phone: 0 });
});

test('some families share an email, and some people have none', () => {
  const { travellers } = missionSample(wish);
  const emails = travellers.map(({ email }) => email).filter((email) => email !== '');

  expect(new Set(emails).size).toBeLessThan(emails.length);
  expect(emails.length).toBeLessThan(travellers.length);
});

test('nobody is registered twice for one trip', () => {
  const { registrations } = missionSample({ ...wish, trips: 2 });

  expect(new Set(registrations.map(({ eventId, userId }) => `${eventId}/${userId}`)).size).toBe(registrations.length);
});

test('trips begin from the day that is wished, and everything is invented', () => {
  const sample = missionSample({ ...wish, from: Date.UTC(2030, 5, 1) });

  expect(sample.trips.every(({ startsAt }) => (startsAt ?? '') >= '2030-06-01')).toBe(true);
  expect(sample.travellers.every(({ email, phone }) => /^$|@example\.org$/.test(email ?? '') && /^\(\d{3}\) 555-01\d{2}$/.test(phone ?? ''))).toBe(true);
});
