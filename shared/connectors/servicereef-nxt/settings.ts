/**
 * What a site may choose: the shape of `config/servicereef-nxt.json`. Addresses and credentials are not here, they come from the environment.
 * What nobody could confirm about a vendor (how statuses are spelt, how fast ServiceReef may be asked) is a setting, and so is what each tenant of
 * NXT calls differently (types, categories).
 */
import * as z from 'zod/mini';
import { ianaName } from '../../base/zone-names.ts';
import { rsvpStatuses, type RsvpStatus } from '../../vendors/sky/event-schema.ts';
import { flag, nonEmpty, parsedSettings, textOr, textOrNull, whole } from '../settings-shapes.ts';

const texts = (...usual: string[]) => z._default(z.array(nonEmpty), usual);

const rsvp = z.enum(rsvpStatuses);

const serviceReef = z.strictObject({
  /** No limit is published (assumed: 5). */
  perSecond: whole(1, 20, 4),
  /** So long after its end the roster of a trip is still read. */
  rosterDaysAfterEnd: whole(0, 3650, 30),
});

const nxt = z.strictObject({
  /** Of the subscription's 10 a second (likely), which all its applications share. */
  perSecond: whole(1, 10, 8),
  /** 25 000 in the customer tier, 1 000 in the free one (confirmed). */
  callsPerDay: whole(100, 1_000_000, 25_000),
  /** Of these, what is left for people and other applications. */
  reservePerDay: whole(0, 1_000_000, 5000),
  /** A refresh token is kept by each renewal and exchanged when it is so old (likely: the vendor accepts that); null: exchanged by each. */
  exchangeDays: z._default(z.nullable(z.int().check(z.minimum(1), z.maximum(330))), 30),
});

/** Tables of the tenant; `concord doctor` compares. */
const types = z.strictObject({
  email: textOr('Email'),
  phone: textOr('Home'),
  address: textOr('Home'),
  /** Under it a donor who was there before carries the traveller's number; null: no such mark is made. */
  alias: textOrNull('ServiceReef'),
});

const events = z.strictObject({
  /** Not brought to NXT; one that is there already becomes inactive. */
  absentStatuses: texts('Draft', 'Cancelled'),
  /** Stand in NXT, inactive. */
  inactiveStatuses: texts('Archived'),
  /** ServiceReef's category -> NXT's; where it is not named here, NXT's of the same name. */
  categories: z._default(z.record(nonEmpty, nonEmpty), {}),
  /** NXT's category for all others; null: none. */
  usualCategory: textOrNull(null),
  /** Whether the fundraising goal is brought along. */
  goal: flag(true),
});

const people = z.strictObject({
  /** What becomes of an address that another constituent has as its first one: added to the new one as second, or left out. */
  sharedEmail: z._default(z.enum(['second', 'leave-out']), 'second'),
  /** Given to each constituent that we make; null: none. */
  constituentCode: textOrNull(null),
});

/** `default` or `legacy` (what an older service had); and what a site wants otherwise. */
const statuses = z.strictObject({
  preset: z._default(z.enum(['default', 'legacy']), 'default'),
  more: z._default(z.record(nonEmpty, rsvp), {}),
});

const schema = z.strictObject({
  everyMinutes: whole(1, 24 * 60, 60),
  /** IANA name or Windows', for trips that tell no zone of their own. */
  timeZone: z.string().check(z.refine((zone) => ianaName(zone) !== undefined, 'not a time zone; write it like America/New_York')),
  serviceReef: z.prefault(serviceReef, {}),
  nxt: z.prefault(nxt, {}),
  types: z.prefault(types, {}),
  events: z.prefault(events, {}),
  people: z.prefault(people, {}),
  statuses: z.prefault(statuses, {}),
}).check(z.refine(({ nxt: { callsPerDay, reservePerDay } }) => reservePerDay < callsPerDay, { message: 'reservePerDay leaves no call of callsPerDay', path: ['nxt'] }));

export type Settings = z.output<typeof schema>;

/** @throws ConfigurationInvalid that lists all that is wrong, with the place of each. */
export const parseSettings = (json: unknown): Settings => parsedSettings(schema, json);

/** `draft`: not made, and what is there answers to nobody; a status that stands nowhere is nobody's to guess. */
export type StatusMeaning = RsvpStatus | 'draft' | 'unknown';

const presets: { readonly [preset in Settings['statuses']['preset']]: { readonly [status: string]: StatusMeaning } } = {
  default: { draft: 'draft', waitingapproval: 'Interested', approved: 'Attending', registered: 'Attending', declined: 'Declined', cancelled: 'Canceled' },
  legacy: { draft: 'Declined', waitingapproval: 'Attending', approved: 'Attending', registered: 'Attending', declined: 'Declined', cancelled: 'Declined' },
};

/** Compared without case, blanks and punctuation, as clients do. */
const folded = (status: string): string => status.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

export function meaningOf(status: string | undefined, { preset, more }: Settings['statuses']): StatusMeaning {
  const name = folded(status ?? '');
  const own = Object.entries(more).find(([key]) => folded(key) === name);
  return own?.[1] ?? (Object.hasOwn(presets[preset], name) ? presets[preset][name] : undefined) ?? 'unknown';
}

export const isAmong = (status: string | undefined, all: readonly string[]): boolean => status !== undefined && all.some((one) => folded(one) === folded(status));
