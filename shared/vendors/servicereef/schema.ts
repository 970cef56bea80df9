/**
 * Events, participants and members of ServiceReef, cut down to the members named here (names confirmed). A participant's answer also carries
 * passports, answers to application questions (health, family, referees) and money: none of it is named here, so none of it gets in. An event's
 * detail has more members than its row in the list.
 */
import * as z from 'zod/mini';
import { rowReader, type RowReader } from '../rows.ts';
import { addressOrNone, amountOrNone, countOrNone, flagOrNone, id, phoneOrNone, statusOrNone, text, textOrNone, timeOrNone, type ReefAddress, type ReefTime } from './wire.ts';

/** Ids are numbers there and texts with us. What is undefined was null, blank or not there. */
export interface ReefEvent {
  readonly eventId: string;
  readonly name: string;
  /** May hold HTML (assumed). */
  readonly description: string | undefined;
  readonly startDate: ReefTime | undefined;
  readonly endDate: ReefTime | undefined;
  readonly maxRegistrations: number | undefined;
  readonly spotsLeft: number | undefined;
  /** The set is not public; assumed: `Draft`, `Published`, `Closed`, `Cancelled`, `Archived`. */
  readonly status: string | undefined;
  readonly url: string | undefined;
  /** Whose keys these are. */
  readonly organizationId: string | undefined;
  readonly organizationName: string | undefined;
  readonly contactName: string | undefined;
  readonly address: ReefAddress | undefined;
}

export interface ReefEventDetail extends ReefEvent {
  /** Format not public; assumed: a Windows zone's id. */
  readonly timeZone: string | undefined;
  readonly categories: readonly ReefCategory[];
  readonly approvalRequired: boolean | undefined;
  /** What the roster should hold of each. */
  readonly registrantsWaitingApproval: number | undefined;
  readonly approvedRegistrants: number | undefined;
  readonly fundRaisingGoal: number | undefined;
}

export interface ReefCategory {
  readonly categoryId: string;
  readonly name: string | undefined;
  readonly options: readonly { readonly categoryOptionId: string; readonly name: string | undefined }[];
}

/** There is no id of a registration (confirmed): it is known by event and user. Nor does it say who attended. */
export interface ReefParticipant {
  readonly userId: string;
  /** `Draft`, `Approved`, `Cancelled` (confirmed), `WaitingApproval`, `Declined`, `Registered` (likely); others may come. */
  readonly registrationStatus: string | undefined;
  readonly dateRegistered: ReefTime | undefined;
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
  /** Families share one. */
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly address: ReefAddress | undefined;
  readonly profileUrl: string | undefined;
}

export interface ReefMember extends Omit<ReefParticipant, 'registrationStatus' | 'dateRegistered'> {
  /** Only where the site asks for it: minors are common. */
  readonly birthdate: ReefTime | undefined;
  /** The events that the person is registered for, which tells where somebody who moved has gone. */
  readonly tripEventIds: readonly string[];
}

const idOrNone = z.catch(z.optional(id), undefined);

const eventMembers = {
  EventId: id,
  Name: text,
  Description: z.optional(textOrNone),
  StartDate: z.optional(timeOrNone),
  EndDate: z.optional(timeOrNone),
  MaxRegistrations: z.optional(countOrNone),
  SpotsLeft: z.optional(countOrNone),
  Status: z.optional(statusOrNone),
  Url: z.optional(textOrNone),
  OrganizationId: idOrNone,
  OrganizationName: z.optional(textOrNone),
  ContactName: z.optional(textOrNone),
  Address: z.optional(addressOrNone),
};
const eventRow = z.object(eventMembers);

const category = z.object({
  CategoryId: id,
  Name: z.optional(textOrNone),
  Options: z.nullish(z.array(z.object({ CategoryOptionId: id, Name: z.optional(textOrNone) }))),
});
const eventDetail = z.object({
  ...eventMembers,
  TimeZone: z.optional(textOrNone),
  Categories: z.nullish(z.array(category)),
  ApprovalRequired: z.optional(flagOrNone),
  RegistrantsWaitingApproval: z.optional(countOrNone),
  ApprovedRegistrants: z.optional(countOrNone),
  FundRaisingGoal: z.optional(amountOrNone),
});

const personMembers = {
  UserId: id,
  FirstName: z.optional(textOrNone),
  LastName: z.optional(textOrNone),
  Email: z.optional(textOrNone),
  Phone: z.optional(phoneOrNone),
  Address: z.optional(addressOrNone),
  ProfileUrl: z.optional(textOrNone),
};
const person = z.object(personMembers);
const participantRow = z.object({ ...personMembers, RegistrationStatus: z.optional(statusOrNone), DateRegistered: z.optional(timeOrNone) });

const trip = z.object({ EventId: id });
/** Let in nowhere, whatever stands there. */
const unread = z.pipe(z.unknown(), z.transform((): ReefTime | undefined => undefined));

export const readEvent: RowReader<ReefEvent> = rowReader(z.pipe(eventRow, z.transform(toEvent)), 'EventId', id);

export const readEventDetail: RowReader<ReefEventDetail> = rowReader(
  z.pipe(
    eventDetail,
    z.transform(
      (wire): ReefEventDetail => ({
        ...toEvent(wire),
        timeZone: wire.TimeZone,
        categories: (wire.Categories ?? []).map(({ CategoryId, Name, Options }) => ({
          categoryId: CategoryId,
          name: Name,
          options: (Options ?? []).map((option) => ({ categoryOptionId: option.CategoryOptionId, name: option.Name })),
        })),
        approvalRequired: wire.ApprovalRequired,
        registrantsWaitingApproval: wire.RegistrantsWaitingApproval,
        approvedRegistrants: wire.ApprovedRegistrants,
        fundRaisingGoal: wire.FundRaisingGoal,
      }),
    ),
  ),
  'EventId',
  id,
);

export const readParticipant: RowReader<ReefParticipant> = rowReader(
  z.pipe(participantRow, z.transform((wire): ReefParticipant => ({ ...toPerson(wire), registrationStatus: wire.RegistrationStatus, dateRegistered: wire.DateRegistered }))),
  'UserId',
  id,
);

export function memberReader({ withBirthdate }: { readonly withBirthdate: boolean }): RowReader<ReefMember> {
  const shape = z.pipe(
    z.object({ ...personMembers, Trips: z.nullish(z.array(z.unknown())), Birthdate: z.optional(withBirthdate ? timeOrNone : unread) }),
    z.transform((wire): ReefMember => ({ ...toPerson(wire), birthdate: wire.Birthdate, tripEventIds: tripsIn(wire.Trips ?? []) })),
  );
  return rowReader(shape, 'UserId', id);
}

function toEvent(wire: z.infer<typeof eventRow>): ReefEvent {
  return {
    eventId: wire.EventId,
    name: wire.Name,
    description: wire.Description,
    startDate: wire.StartDate,
    endDate: wire.EndDate,
    maxRegistrations: wire.MaxRegistrations,
    spotsLeft: wire.SpotsLeft,
    status: wire.Status,
    url: wire.Url,
    organizationId: wire.OrganizationId,
    organizationName: wire.OrganizationName,
    contactName: wire.ContactName,
    address: wire.Address,
  };
}

function toPerson(wire: z.infer<typeof person>) {
  return { userId: wire.UserId, firstName: wire.FirstName, lastName: wire.LastName, email: wire.Email, phone: wire.Phone, address: wire.Address, profileUrl: wire.ProfileUrl };
}

function tripsIn(trips: readonly unknown[]): readonly string[] {
  return trips.flatMap((one) => trip.safeParse(one).data?.EventId ?? []);
}
