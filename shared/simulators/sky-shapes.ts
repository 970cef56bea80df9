/**
 * The bodies that SKY takes, with the limits that its specification names (confirmed, unless said otherwise in sky-settings.ts). They are
 * strict; whether an unknown property is refused or ignored is decided where a body is read (sky-bodies.ts).
 */
import * as z from 'zod';

const dateText = z.iso.date();
const timeText = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const flag = z.boolean();
const text = z.string();

/** Any part of it may be missing; a text in its place is refused. */
export const fuzzyDate = z.strictObject({ y: z.int().optional(), m: z.int().min(1).max(12).optional(), d: z.int().min(1).max(31).optional() });
export type FuzzyDate = z.infer<typeof fuzzyDate>;

/** A row of a table, by its id or by its name. */
export const tableWish = z.strictObject({ id: text.optional(), name: text.optional() });

export const rsvpStatuses = ['NoResponse', 'Attending', 'Declined', 'Interested', 'Canceled', 'Waitlisted', 'NotApplicable'] as const;
export const invitationStatuses = ['NotApplicable', 'NotInvited', 'Invited'] as const;

const eventTexts = {
  lookup_id: text.nullish(),
  description: text.nullish(),
  start_time: timeText.nullish(),
  end_time: timeText.nullish(),
  campaign_id: text.nullish(),
  fund_id: text.nullish(),
  appeal_id: text.nullish(),
  package_id: text.nullish(),
};

export const eventAdd = z.strictObject({
  ...eventTexts,
  name: text.min(1),
  start_date: dateText,
  end_date: dateText.optional(),
  category: tableWish.optional(),
  group: tableWish.optional(),
  inactive: flag.optional(),
  capacity: z.int().nullish(),
  goal: z.number().nullish(),
});

export const eventLocation = z.strictObject({
  name: text.nullish(),
  address_lines: text.nullish(),
  locality: text.nullish(),
  administrative_area: text.nullish(),
  postal_code: text.nullish(),
  dependent_locality: text.nullish(),
  country: text.nullish(),
  phone: text.nullish(),
  contact: text.nullish(),
  notes: text.nullish(),
});

export const eventEdit = eventAdd
  .partial()
  .extend({ end_date: dateText.nullish(), category: tableWish.nullish(), group: tableWish.nullish(), location: eventLocation.nullish() });

export const categoryAdd = z.strictObject({ name: text.min(1) });

export const participantAdd = z.strictObject({
  constituent_id: text.optional(),
  host_id: text.optional(),
  rsvp_status: z.enum(rsvpStatuses).optional(),
  invitation_status: z.enum(invitationStatuses).optional(),
  attended: flag.optional(),
  rsvp_date: fuzzyDate.optional(),
  invitation_date: fuzzyDate.optional(),
  participation_level: tableWish.optional(),
  summary_note: text.nullish(),
});

/** `attended` and the two statuses can never be null: an older client's nulls there were refused (likely). */
export const participantEdit = participantAdd.extend({
  rsvp_date: fuzzyDate.nullish(),
  invitation_date: fuzzyDate.nullish(),
  participation_level: tableWish.nullish(),
});

export const eventOptionAdd = z.strictObject({
  name: text.min(1),
  input_type: z.enum(['Boolean', 'String', 'List']),
  multi_select: flag.optional(),
  list_options: z.array(z.strictObject({ name: text, sequence: z.int().optional() })).optional(),
});
export const optionValueAdd = z.strictObject({ event_participant_option_id: text, option_value: text });
export const optionValueEdit = z.strictObject({ option_value: text });

export const eventFeeAdd = z.strictObject({
  name: text.min(1),
  cost: z.number(),
  contribution_amount: z.number(),
  fee_type: z.enum(['Registration', 'Other']).optional(),
  registrants_included: z.int().optional(),
  limit: z.int().optional(),
});
export const participantFeeAdd = z.strictObject({
  event_fee_id: text,
  quantity: z.int(),
  fee_amount: z.number(),
  contribution_amount: z.number(),
  date: fuzzyDate.optional(),
});

const emailFields = { address: text.min(1), type: text, primary: flag.optional(), inactive: flag.optional(), do_not_email: flag.optional() };
const phoneFields = { number: text.min(1), type: text, primary: flag.optional(), inactive: flag.optional(), do_not_call: flag.optional() };
const addressFields = {
  type: text,
  address_lines: text.max(150).nullish(),
  city: text.max(50).nullish(),
  state: text.nullish(),
  postal_code: text.max(12).nullish(),
  country: text.nullish(),
  county: text.nullish(),
  suburb: text.nullish(),
  do_not_mail: flag.optional(),
  start: z.union([dateText, fuzzyDate]).nullish(),
  end: z.union([dateText, fuzzyDate]).nullish(),
};
const aliasFields = { name: text.min(1).max(100), type: text };
const codeFields = { description: text, start: fuzzyDate.optional(), end: fuzzyDate.optional() };
const customFields = { category: text, value: z.unknown().optional(), comment: text.max(50).nullish(), date: text.nullish() };
const owner = { constituent_id: text };

/** What hangs on a constituent, by its name in addresses: what a create and an edit may hold. The first address is the preferred one. */
export const partShapes = {
  emailaddresses: { add: z.strictObject({ ...owner, ...emailFields }), edit: z.strictObject(emailFields).partial() },
  phones: { add: z.strictObject({ ...owner, ...phoneFields }), edit: z.strictObject(phoneFields).partial() },
  addresses: {
    add: z.strictObject({ ...owner, ...addressFields, preferred: flag.optional() }),
    edit: z.strictObject({ ...addressFields, preferred: flag.optional() }).partial(),
  },
  aliases: { add: z.strictObject({ ...owner, ...aliasFields }), edit: z.strictObject(aliasFields).partial() },
  constituentcodes: { add: z.strictObject({ ...owner, ...codeFields }), edit: z.strictObject(codeFields).partial() },
  customfields: { add: z.strictObject({ ...customFields, parent_id: text.optional() }), edit: z.strictObject(customFields).partial() },
};

const nameFields = {
  first: text.max(50).nullish(),
  middle: text.max(50).nullish(),
  preferred_name: text.max(50).nullish(),
  former_name: text.max(100).nullish(),
  title: text.nullish(),
  suffix: text.nullish(),
  gender: text.nullish(),
  marital_status: text.nullish(),
  birthdate: fuzzyDate.nullish(),
  inactive: flag.optional(),
  requests_no_email: flag.optional(),
};

export const constituentAdd = z.strictObject({
  ...nameFields,
  type: z.enum(['Individual', 'Organization']),
  last: text.min(1).max(100).optional(),
  name: text.min(1).max(60).optional(),
  lookup_id: text.optional(),
  import_id: text.max(20).optional(),
  email: z.strictObject(emailFields).optional(),
  phone: z.strictObject(phoneFields).optional(),
  address: z.strictObject(addressFields).optional(),
  date_added: z.iso.datetime({ offset: true }).optional(),
});

/** `import_id` can only be given on create, and email, phone and address are edited elsewhere. */
export const constituentEdit = z.strictObject({
  ...nameFields,
  last: text.min(1).max(100).optional(),
  name: text.min(1).max(60).optional(),
  lookup_id: text.optional(),
  deceased: flag.optional(),
});

export const conversion = z.strictObject({
  constituent_codes: z.array(z.strictObject({ id: text, start: fuzzyDate.optional(), end: fuzzyDate.optional(), sequence: z.int().optional() })).optional(),
});

export const subscriptionAdd = z.strictObject({ webhook_url: z.url(), event_type: text.min(1) });
