/**
 * How ServiceReef's records look on the wire: PascalCase names (confirmed, from a production client's contracts), nulls, minimum
 * dates, and the private fields that come with every participant whether one wants them or not. Those hold planted values, so
 * that a test can look for them wherever nothing private may ever be.
 */
import { Temporal } from 'temporal-polyfill';
import { countOf, type ReefAddress, type ReefEvent, type ReefMember, type ReefPerson, type ReefRegistration, type ReefState } from './servicereef-records.ts';
import type { ServiceReefSettings } from './servicereef-settings.ts';

/** Every private text begins with it. */
const marker = 'planted-private';
const passportDates = { birth: '1907-07-07T00:00:00', issued: '1907-08-08T00:00:00', expires: '1907-09-09T00:00:00' };

/** Passports, application answers and the like hold nothing that does not contain one of these. */
export const plantedValues: readonly string[] = [marker, '1907-07-07', '1907-08-08', '1907-09-09'];

const minimumDate = '0001-01-01T00:00:00';

const windowsZones: Readonly<Record<string, string>> = {
  'America/Chicago': 'Central Standard Time',
  'America/Denver': 'Mountain Standard Time',
  'America/Guatemala': 'Central America Standard Time',
  'America/Los_Angeles': 'Pacific Standard Time',
  'America/Monterrey': 'Central Standard Time (Mexico)',
  'America/New_York': 'Eastern Standard Time',
  'America/Phoenix': 'US Mountain Standard Time',
  'America/Port-au-Prince': 'Haiti Standard Time',
  'Africa/Nairobi': 'E. Africa Standard Time',
  'Asia/Manila': 'Singapore Standard Time',
  'Europe/Berlin': 'W. Europe Standard Time',
  'Europe/London': 'GMT Standard Time',
};

export type WireRow = Readonly<Record<string, unknown>>;

export function eventRow(state: ReefState, event: ReefEvent, settings: ServiceReefSettings): WireRow {
  const date = (local: string | null) => wireDate(local, event.zone, settings);
  return shown(settings, {
    EventId: event.eventId,
    Name: event.name,
    Description: event.description,
    Url: `https://trips.example.org/${event.eventId}`,
    PictureThumbUrl: null,
    OrganizationId: event.organizationId,
    OrganizationName: 'Open Door Missions',
    OrganizationProfileUrl: 'https://trips.example.org/open-door',
    StartDate: date(event.startsAt),
    EndDate: date(event.endsAt),
    RegistrationStartDate: date(null),
    RegistrationDeadline: date(null),
    DatePublished: date(null),
    AvailableDate: date(null),
    DonationDeadlineDate: date(null),
    MaxRegistrations: event.maxRegistrations,
    SpotsLeft: event.maxRegistrations === null ? null : Math.max(0, event.maxRegistrations - countOf(state, event.eventId, 'Approved')),
    Cost: event.cost,
    Status: wireStatus(event.status, settings),
    Type: 'Trip',
    Level: null,
    Visibility: 'Public',
    ParentProjectId: 0,
    ContactName: event.contactName,
    ContactEmail: event.contactEmail,
    Address: wireAddress(event.address, settings),
    ThirdPartyTags: [],
  });
}

/** The row of the list, and what only the single event has. */
export function eventDetail(state: ReefState, event: ReefEvent, settings: ServiceReefSettings): WireRow {
  return {
    ...eventRow(state, event, settings),
    ...shown(settings, {
      TimeZone: settings.zones === 'windows' ? (windowsZones[event.zone ?? ''] ?? event.zone) : settings.zones === 'iana' ? event.zone : undefined,
      Categories: event.categories.map(({ categoryId, name }) => ({ CategoryId: categoryId, Name: name, Options: [] })),
      ApprovalRequired: event.approvalRequired,
      RegistrantsWaitingApproval: countOf(state, event.eventId, 'WaitingApproval'),
      ApprovedRegistrants: countOf(state, event.eventId, 'Approved'),
      ApplicationEnabled: true,
      UseMasterApplication: false,
      OrganizationFormId: null,
      ApplicationQuestions: [],
      ApplicationFee: null,
      AcceptFundRaising: event.fundRaisingGoal !== null,
      FundRaisingGoal: event.fundRaisingGoal,
      TotalAmountCollected: 0,
      TotalAmountEarned: 0,
      PaymentDueDate: wireDate(null, event.zone, settings),
      IntegrationIdentifiers: [],
      Media: [],
      Stories: 0,
    }),
  };
}

export function participantRow(state: ReefState, row: ReefRegistration, settings: ServiceReefSettings): WireRow {
  const zone = state.events.get(row.eventId)?.zone ?? null;
  const person = row.person ?? state.members.get(row.userId ?? 0);
  return shown(settings, {
    UserId: row.userId,
    RegistrationStatus: row.status,
    DateRegistered: wireDate(row.registeredAt, zone, settings),
    ...personFields(person, settings),
    ProfileUrl: row.userId === null ? null : `https://trips.example.org/people/${row.userId}`,
    ParticipantFundraisingGoal: null,
    AmountRaised: row.amountRaised,
    BalanceDue: row.balanceDue,
    BackgroundCheckDate: wireDate(null, zone, settings),
    IntegrationIdentifiers: [],
    FellowshipOnePersonId: null,
    MasterApplicationAnswers: plantedAnswers(row.userId),
    ApplicationAnswers: plantedAnswers(row.userId),
    PassportStatus: `${marker}-status`,
    FirstNameOnPassport: `${marker}-first`,
    MiddleNameOnPassport: `${marker}-middle`,
    LastNameOnPassport: `${marker}-last`,
    FullNameOnPassport: `${marker}-full`,
    PassportSex: `${marker}-sex`,
    PassportPlaceOfBirth: `${marker}-place`,
    PassportDateOfBirth: passportDates.birth,
    PassportNumber: `${marker}-number-${row.userId ?? 0}`,
    PassportIssued: passportDates.issued,
    PassportIssuedBy: `${marker}-office`,
    PassportExpirationDate: passportDates.expires,
  });
}

export function memberRow(state: ReefState, member: ReefMember, settings: ServiceReefSettings): WireRow {
  const trips = [...state.events.values()].filter(({ eventId }) => state.rosters.get(eventId)?.some(({ userId }) => userId === member.userId));
  return shown(settings, {
    UserId: member.userId,
    ...personFields(member, settings),
    ...(settings.memberPhone === 'number' && member.phone !== null ? { Phone: Number(member.phone.replace(/\D/g, '')) } : {}),
    Birthdate: member.birthdate === null ? wireDate(null, null, settings) : `${member.birthdate}T00:00:00`,
    ProfileUrl: `https://trips.example.org/people/${member.userId}`,
    ThumbUrl: null,
    ImageUrl: null,
    Trips: trips.map(({ eventId, name, startsAt }) => ({ EventId: eventId, Name: name, Url: `https://trips.example.org/${eventId}`, StartDate: startsAt })),
    ArenaId: null,
    Badges: [],
    MasterApplicationAnswers: plantedAnswers(member.userId),
    BackgroundCheckDate: wireDate(null, null, settings),
    PassportSex: `${marker}-sex`,
    FacebookId: `${marker}-facebook`,
    Twitter: `${marker}-twitter`,
    Website: `${marker}-website`,
  });
}

function personFields(person: ReefPerson | undefined, settings: ServiceReefSettings): WireRow {
  return {
    FirstName: person?.firstName ?? null,
    LastName: person?.lastName ?? null,
    Email: person?.email ?? null,
    Phone: person?.phone ?? null,
    Address: wireAddress(person?.address ?? null, settings),
  };
}

function plantedAnswers(userId: number | null): readonly WireRow[] {
  return [{ QuestionId: 5, Question: `${marker}-question: which medicines do you take?`, Answer: `${marker}-answer-${userId ?? 0}` }];
}

function wireAddress(address: ReefAddress | null, settings: ServiceReefSettings): WireRow | null {
  if (address === null || settings.addresses === 'address-null') return null;
  return { ...address, Latitude: null, Longitude: null };
}

function wireStatus(status: string | null, settings: ServiceReefSettings): unknown {
  if (status === null) return null;
  if (settings.eventStatus === 'number') return status.length;
  if (settings.eventStatus === 'text') return status;
  return settings.eventStatus === 'object-with-name' ? { Id: 3, Name: status } : { Value: status };
}

function wireDate(local: string | null, zone: string | null, settings: ServiceReefSettings): string | null | undefined {
  if (local === null) return { minimum: minimumDate, null: null, absent: undefined }[settings.unsetDates];
  if (settings.dates === 'local') return local;
  const there = Temporal.PlainDateTime.from(local).toZonedDateTime(zone ?? 'UTC');
  const shownIn = settings.dates === 'utc' ? there.withTimeZone('UTC') : there;
  const text = shownIn.toPlainDateTime().toString({ smallestUnit: 'second' });
  return settings.dates === 'utc' ? `${text}Z` : `${text}${there.offset}`;
}

/** Leaves out what has no value, where ServiceReef is set to do so. */
function shown(settings: ServiceReefSettings, row: WireRow): WireRow {
  if (settings.emptyFields === 'null') return row;
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
