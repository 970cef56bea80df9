/**
 * What a site may choose: the shape of `config/directus-nextcloud.json`. Addresses and credentials are not here, they come from
 * the environment. Everything has a default but the calendar's zone: a wrong guess there would shift every event.
 */
import * as z from 'zod/mini';
import { ianaName } from '../../base/zone-names.ts';
import { mirror, moderated, twoWay, type Policy } from '../../sync/policy.ts';
import { germanLabels } from '../../vendors/nextcloud/footer.ts';
import { nonEmpty, oneOf, parsedSettings, textOr, whole } from '../settings-shapes.ts';

const texts = (...usual: string[]) => z._default(z.array(z.string()), usual);

/** The collection's own name of a field; null where it has none. */
const column = (name: string | null) => z._default(z.nullable(nonEmpty), name);
const noColumn = column(null);

const fieldNames = z.strictObject({
  title: textOr('title'),
  start: textOr('start_date'),
  end: column('end_date'),
  allDay: column('all_day'),
  description: column('description'),
  location: column('location'),
  website: column('website'),
  organizer: column('organizer'),
  cost: column('cost'),
  categories: column('category'),
  /** A text for the rule of a repeating event; only ever written into Directus. */
  recurrence: noColumn,
  approved: column('approved'),
  status: column('status'),
  source: column('source'),
  /** Best declared unique: then Directus itself refuses a second import. */
  nextcloudUid: column('nextcloud_uid'),
  dateUpdated: column('date_updated'),
  dateCreated: column('date_created'),
});

const approval = z.strictObject({
  /** `approved`: the boolean says it. `status`: one of `publishedStatuses` says it. */
  by: oneOf(['approved', 'status']),
  publishedStatuses: texts('published'),
  rejectedStatuses: texts('rejected'),
  archivedStatuses: z._default(z.array(z.string()).check(z.minLength(1)), ['archived']),
  /** What an imported event starts with, where the status decides. */
  importedStatus: textOr('draft'),
});

const directus = z.strictObject({
  collection: textOr('events'),
  fields: z.prefault(fieldNames, {}),
  approval: z.prefault(approval, {}),
  /** `timestamp`: an instant. `dateTime`: a wall clock, read and written in the calendar's zone. */
  timesAs: oneOf(['timestamp', 'dateTime']),
  /** `text`: keys with commas between them. `json`: a list. Both are read. */
  categoriesAs: oneOf(['text', 'json']),
  /**
   * What a deletion in the calendar may do to a row. `withdraw` archives what nobody has approved yet, and an approved event is put back;
   * `archive` lets the policy say so of approved ones too. A mirror's calendar never says anything about rows.
   */
  deletes: oneOf(['never', 'withdraw', 'archive']),
});

const labels = z.strictObject({
  separator: z._default(z.string().check(z.minLength(3)), germanLabels.separator),
  organizer: textOr(germanLabels.organizer),
  cost: textOr(germanLabels.cost),
  categories: textOr(germanLabels.categories),
  website: textOr(germanLabels.website),
});

const nextcloud = z.strictObject({
  calendarName: textOr('nonprofit-events'),
  /** Skips the search by name. */
  calendarUrl: z.optional(z.url({ protocol: /^https?$/ })),
  /**
   * Writes under way at once. Near the server Nextcloud gains up to four (measured on its engine), Radicale and Xandikos nothing; at a
   * distance time goes with their number. Eight stay below ten: so many failed sign-ins throttle the address (confirmed), and a password
   * that is refused in the middle is tried as often as writes are under way.
   */
  parallel: whole(1, 8, 8),
});

const schema = z
  .strictObject({
    policy: oneOf(['moderated', 'two-way', 'mirror']),
    /** Whether events that people made in the calendar come to Directus, unapproved. By default all but a mirror does so. */
    importForeign: z.optional(z.boolean()),
    /** Whether rejecting an imported event removes it from the calendar too. */
    rejectedWithdraws: z._default(z.boolean(), false),
    everyMinutes: whole(1, 24 * 60, 60),
    /** IANA name: where times without a zone and whole days are meant. */
    calendarZone: z.string().check(z.refine((zone) => ianaName(zone) !== undefined, 'not a time zone; write it like Europe/Berlin')),
    directus: z.prefault(directus, {}),
    nextcloud: z.prefault(nextcloud, {}),
    /** What people read in the calendar for a category key. */
    categories: z._default(z.record(nonEmpty, nonEmpty), {}),
    labels: z.prefault(labels, {}),
  })
  .check(z.superRefine((settings, context) => {
    for (const { path, message } of contradictions(settings)) context.addIssue({ code: 'custom', path: [...path], message });
  }));

export type Settings = z.output<typeof schema>;
export type FieldRole = keyof Settings['directus']['fields'];
export const fieldRoles: readonly FieldRole[] = z.keyof(fieldNames).options;

/** @throws ConfigurationInvalid that lists all that is wrong, with the place of each. */
export const parseSettings = (json: unknown): Settings => parsedSettings(schema, json);

/** The policy that the settings mean. */
export function policyOf(settings: Settings): Policy {
  const chosen = { moderated, 'two-way': twoWay, mirror }[settings.policy];
  const imports = settings.importForeign ?? settings.policy !== 'mirror';
  return { ...chosen, ...deletedOf(chosen, settings), targetNew: imports ? 'import' : 'ignore', rejectedWithdraws: settings.rejectedWithdraws, flipsPerHourMax: 2 };
}

/** A row that may not be withdrawn stays, and both sides agree that the event is absent. */
function deletedOf(chosen: Policy, { policy, directus: { deletes } }: Settings): Pick<Policy, 'targetDeleted' | 'targetDeletedWhilePending'> {
  if (deletes === 'withdraw') return { targetDeleted: 'put-back', targetDeletedWhilePending: policy === 'mirror' ? 'accept' : 'withdraw' };
  const orAccept = <T>(choice: T): T | 'accept' => (deletes === 'never' && choice === 'withdraw' ? 'accept' : choice);
  return { targetDeleted: orAccept(chosen.targetDeleted), targetDeletedWhilePending: orAccept(chosen.targetDeletedWhilePending) };
}

interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

function contradictions(settings: Pick<Settings, 'directus' | 'categories' | 'labels'>): readonly Contradiction[] {
  const { fields, approval: rule, deletes } = settings.directus;
  const found: Contradiction[] = [];
  const add = (path: readonly string[], message: string) => found.push({ path, message });
  if (fields[rule.by] === null) add(['directus', 'fields', rule.by], 'is needed, because approval goes by it');
  if (deletes !== 'never' && fields.status === null) add(['directus', 'fields', 'status'], 'is needed to archive rows');
  for (const name of repeated(Object.values(fields))) add(['directus', 'fields'], `two fields are called ${name}`);
  for (const name of repeated(Object.values(settings.labels).map(folded))) add(['labels'], `two labels read ${name}`);

  const shown = Object.entries(settings.categories);
  for (const name of repeated(shown.map(([, label]) => folded(label)))) add(['categories'], `two keys have the label ${name}`);
  for (const [key, label] of shown) {
    const isOtherKey = shown.some(([other]) => other !== key && folded(other) === folded(label));
    if (isOtherKey) add(['categories', key], 'its label is the key of another category');
  }
  return found;
}

const folded = (text: string): string => text.trim().toLowerCase();

function repeated(names: readonly (string | null)[]): readonly string[] {
  const given = names.filter((name) => name !== null);
  return [...new Set(given.filter((name, at) => given.indexOf(name) !== at))];
}
