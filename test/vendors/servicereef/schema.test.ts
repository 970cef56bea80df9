/** What of an event, a participant and a member gets in, in all the forms in which ServiceReef may write it. */
import { describe, expect, test } from 'vitest';
import { memberReader, readEvent, readEventDetail, readParticipant } from '../../../shared/vendors/servicereef/schema.ts';
import { anEvent, aParticipant } from './stub.ts';

const event = (more: Readonly<Record<string, unknown>>) => readEvent(anEvent(31877, more)).row;
const participant = (more: Readonly<Record<string, unknown>>) => readParticipant(aParticipant(70411, more)).row;
const readMember = memberReader({ withBirthdate: false });

test('an event as the sheet shows it', () => {
  const wire = {
    EventId: 31877, Name: 'Monterrey Summer Team B', Url: 'https://trips.example.org/31877', OrganizationId: 912, OrganizationName: 'Open Door Missions',
    StartDate: '2026-07-11T09:00:00', EndDate: '2026-07-18T17:30:00', RegistrationDeadline: '2026-05-01T00:00:00', MaxRegistrations: 24, SpotsLeft: 9, Cost: 1450.0,
    Status: 'Published', Type: 'Trip', ParentProjectId: 0, Description: '<p>Home repair and day camp.</p>', ThirdPartyTags: [],
    Address: { Address1: 'Calle Roble 14', Address2: null, City: 'Monterrey', State: 'NL', Zip: '64000', Country: 'MX', Latitude: null, Longitude: null },
  };

  expect(readEvent(wire)).toEqual({
    id: '31877',
    row: {
      eventId: '31877', name: 'Monterrey Summer Team B', description: '<p>Home repair and day camp.</p>', url: 'https://trips.example.org/31877', organizationId: '912', organizationName: 'Open Door Missions', contactName: undefined,
      startDate: { written: '2026-07-11T09:00:00', instant: undefined }, endDate: { written: '2026-07-18T17:30:00', instant: undefined },
      maxRegistrations: 24, spotsLeft: 9, status: 'Published',
      address: { address1: 'Calle Roble 14', address2: undefined, city: 'Monterrey', state: 'NL', zip: '64000', country: 'MX' },
    },
  });
});

test('an event of which nothing but id and name is known', () => {
  const read = readEvent({ EventId: 31902, Name: 'Local Serve Day' });

  expect(Object.entries(read.row ?? {}).filter(([, value]) => value !== undefined)).toEqual([['eventId', '31902'], ['name', 'Local Serve Day']]);
});

describe('a time', () => {
  test.each([
    ['2026-07-12T08:00:00', { written: '2026-07-12T08:00:00', instant: undefined }],
    ['2026-07-12T08:00:00.1234567', { written: '2026-07-12T08:00:00', instant: undefined }],
    ['2026-07-12T08:00', { written: '2026-07-12T08:00:00', instant: undefined }],
    ['2026-07-12T23:30:00-05:00', { written: '2026-07-12T23:30:00', instant: Date.UTC(2026, 6, 13, 4, 30) }],
    ['2026-07-12T08:00:00.5Z', { written: '2026-07-12T08:00:00', instant: Date.UTC(2026, 6, 12, 8, 0, 0, 500) }],
  ])('%s keeps the clock on the wall, and the instant where one is told', (wire, expected) => {
    expect(event({ StartDate: wire })?.startDate).toEqual(expected);
  });

  test.each(['0001-01-01T00:00:00', '0001-01-01T00:00:00Z', '0001-01-01T00:00:00-06:00', null, undefined, ''])('%j is none', (wire) => {
    expect(readEvent(anEvent(1, { StartDate: wire })).row).toMatchObject({ startDate: undefined });
  });

  test.each(['2026-02-30T08:00:00', '07/12/2026', '/Date(1783843200000)/', 1783843200000, '2026-07-12'])('%j cannot be read, and is told instead of guessed', (wire) => {
    expect(readEvent(anEvent(1, { StartDate: wire }))).toEqual({ id: '1', rejected: { id: '1', field: 'StartDate', reason: 'UNREADABLE' } });
  });
});

test.each([
  ['Published', 'Published'],
  [' Published ', 'Published'],
  [{ Id: 2, Name: 'Published' }, 'Published'],
  [{ Value: 'Published' }, 'Published'],
  [{ Name: null, Value: 'Published' }, 'Published'],
  [{ Id: 2 }, undefined],
  [{ Value: 2 }, undefined],
  [3, undefined],
  [null, undefined],
  ['', undefined],
])('a status %j reads as %j', (wire, expected) => {
  expect(event({ Status: wire })?.status).toBe(expected);
  expect(participant({ RegistrationStatus: wire })?.registrationStatus).toBe(expected);
});

describe('an address', () => {
  test.each([null, undefined, {}, { Address1: '', City: ' ', Zip: null, Latitude: 0, Longitude: 0 }])('%j is none', (wire) => {
    const read = readParticipant(aParticipant(1, { Address: wire }));

    expect(read.rejected).toBeUndefined();
    expect(read.row).toMatchObject({ address: undefined });
  });

  test('under the names of old programs is none either, instead of half of one', () => {
    expect(participant({ Address: { Street1: '88 Mill Ln', PostalCode: '45040' } })?.address).toBeUndefined();
  });

  test('does not tell where it lies on the globe', () => {
    expect(participant({ Address: { City: 'Mason', Latitude: 39.36, Longitude: -84.31 } })?.address).toEqual({ address1: undefined, address2: undefined, city: 'Mason', state: undefined, zip: undefined, country: undefined });
  });
});

test.each([
  ['(513) 555-0142', '(513) 555-0142'],
  [5135550190, '5135550190'],
  ['', undefined],
  [null, undefined],
  [{ Number: '5135550190' }, undefined],
])('a phone %j reads as %j', (wire, expected) => {
  expect(participant({ Phone: wire })?.phone).toBe(expected);
});

test('a blank text is none, so that it never stands against a real one', () => {
  expect(participant({ Email: '', FirstName: '  ', LastName: null })).toMatchObject({ email: undefined, firstName: undefined, lastName: undefined });
});

test('a registration status that is missing stays so', () => {
  expect(readParticipant({ UserId: 5 }).row?.registrationStatus).toBeUndefined();
});

test('the detail of an event adds what the list has not', () => {
  const read = readEventDetail(
    anEvent(31877, {
      TimeZone: 'Central Standard Time', ApprovalRequired: true, RegistrantsWaitingApproval: 2, ApprovedRegistrants: 13, FundRaisingGoal: 20000.5, ApplicationFee: 30,
      Categories: [{ CategoryId: 4, Name: 'Region', Options: [{ CategoryOptionId: 41, Name: 'Mexico' }] }, { CategoryId: 5, Name: null, Options: null }],
    }),
  );

  expect(read.row).toMatchObject({
    eventId: '31877', timeZone: 'Central Standard Time', approvalRequired: true, registrantsWaitingApproval: 2, approvedRegistrants: 13, fundRaisingGoal: 20000.5,
    categories: [{ categoryId: '4', name: 'Region', options: [{ categoryOptionId: '41', name: 'Mexico' }] }, { categoryId: '5', name: undefined, options: [] }],
  });
  expect(readEventDetail(anEvent(1)).row).toMatchObject({ timeZone: undefined, categories: [] });
});

describe('a member', () => {
  const wire = { UserId: 70411, FirstName: 'Dana', LastName: 'Whitlock', Phone: 5135550142, Birthdate: '2011-04-09T00:00:00', Trips: [{ EventId: 31877, Name: 'B', StartDate: 'July' }, { EventId: 0 }, 'x'] };

  test('tells the events it is registered for; a trip that cannot be read is no reason to know nothing of the person', () => {
    expect(readMember(wire).row).toMatchObject({ userId: '70411', firstName: 'Dana', phone: '5135550142', tripEventIds: ['31877'] });
    expect(readMember({ UserId: 1 }).row?.tripEventIds).toEqual([]);
  });

  test('has a date of birth only where the site asks for it', () => {
    expect(readMember(wire).row?.birthdate).toBeUndefined();
    expect(readMember({ ...wire, Birthdate: 'unreadable' }).row?.birthdate).toBeUndefined();
    expect(memberReader({ withBirthdate: true })(wire).row?.birthdate).toEqual({ written: '2011-04-09T00:00:00', instant: undefined });
    expect(memberReader({ withBirthdate: true })({ ...wire, Birthdate: 'unreadable' }).rejected).toEqual({ id: '70411', field: 'Birthdate', reason: 'UNREADABLE' });
  });
});
