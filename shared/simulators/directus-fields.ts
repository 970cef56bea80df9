/**
 * The fields of the collection `events`, and what Directus makes of the values that are sent to them. Rows are kept in one
 * canonical form; how they look on the wire (booleans as numbers) is decided when they are shown.
 */
import { assertNever } from '../base/errors.ts';
import { failedValidation, notNull, unexpected } from './directus-errors.ts';

/** A row as it is kept. Timestamps are UTC with milliseconds, `date_updated` is null until the first update. */
export interface DirectusEvent {
  readonly id: number;
  readonly status: string;
  readonly approved: boolean | string;
  readonly title: string;
  readonly start_date: string;
  readonly end_date: string | null;
  readonly all_day: boolean | string;
  readonly description: string | null;
  readonly location: string | null;
  readonly website: string | null;
  readonly organizer: string | null;
  readonly cost: string | null;
  readonly category: string | null;
  readonly tags: readonly unknown[] | null;
  readonly source: string | null;
  readonly nextcloud_uid: string | null;
  readonly date_created: string;
  readonly date_updated: string | null;
  readonly user_created: string;
  readonly user_updated: string | null;
}

export type DirectusField = keyof DirectusEvent;
/** Fields that a writer may set; the rest is kept by Directus itself. */
export type DirectusDraft = Partial<Omit<DirectusEvent, 'id' | 'date_created' | 'date_updated' | 'user_created' | 'user_updated'>>;

export type FieldType = 'integer' | 'string' | 'boolean' | 'timestamp' | 'json';

interface FieldRule {
  readonly type: FieldType;
  readonly isRequired?: boolean;
  /** Kept by Directus: what a writer sends for it is overwritten. */
  readonly isOwn?: boolean;
  readonly fallback?: unknown;
}

export const fieldRules: { readonly [field in DirectusField]: FieldRule } = {
  id: { type: 'integer', isOwn: true },
  status: { type: 'string', fallback: 'draft' },
  approved: { type: 'boolean', fallback: false },
  title: { type: 'string', isRequired: true },
  start_date: { type: 'timestamp', isRequired: true },
  end_date: { type: 'timestamp' },
  all_day: { type: 'boolean', fallback: false },
  description: { type: 'string' },
  location: { type: 'string' },
  website: { type: 'string' },
  organizer: { type: 'string' },
  cost: { type: 'string' },
  category: { type: 'string' },
  tags: { type: 'json' },
  source: { type: 'string' },
  nextcloud_uid: { type: 'string' },
  date_created: { type: 'timestamp', isOwn: true },
  date_updated: { type: 'timestamp', isOwn: true },
  user_created: { type: 'string', isOwn: true },
  user_updated: { type: 'string', isOwn: true },
};

export const fieldNames: readonly DirectusField[] = Object.keys(fieldRules).filter((name): name is DirectusField => name in fieldRules);

export interface ValueSettings {
  /** Minutes east of UTC of the server's zone: a text without offset is taken there. */
  readonly serverOffsetMinutes: number;
  /** As MySQL keeps timestamps (likely): whole seconds. */
  readonly timestampSeconds: boolean;
  readonly fieldsMissing: readonly string[];
}

/**
 * What is stored for a body: unknown fields and Directus' own are left out without a word, the rest is cast.
 *
 * @param isNew  then absent required fields are refused and absent others get their default.
 * @throws FAILED_VALIDATION for required fields without a value, NOT_NULL_VIOLATION for a bad date in a required field,
 *   500 for a bad date in an optional one (all confirmed).
 */
export function storedValues(body: Readonly<Record<string, unknown>>, isNew: boolean, settings: ValueSettings): Record<string, unknown> {
  const known = fieldNames.filter((name) => fieldRules[name].isOwn !== true && !settings.fieldsMissing.includes(name));
  const refused = known
    .filter((name) => fieldRules[name].isRequired === true && (name in body ? body[name] === null : isNew))
    .map((field) => ({ field, type: field in body ? ('nnull' as const) : ('required' as const) }));
  if (refused.length > 0) throw failedValidation(refused);

  const values: Record<string, unknown> = {};
  for (const name of known) {
    const sent = body[name];
    if (sent !== undefined) values[name] = castValue(name, sent, settings);
    else if (isNew) values[name] = fieldRules[name].fallback ?? null;
  }
  return values;
}

/** A moment as Directus shows it; cut to whole seconds where the database keeps no more. */
export function timestampText(ms: number, settings: ValueSettings): string {
  return new Date(settings.timestampSeconds ? Math.floor(ms / 1000) * 1000 : ms).toISOString();
}

function castValue(name: DirectusField, sent: unknown, settings: ValueSettings): unknown {
  if (sent === null) return null;
  const type = fieldRules[name].type;
  switch (type) {
    case 'timestamp': {
      const ms = instantOf(sent, settings.serverOffsetMinutes);
      if (ms !== undefined) return timestampText(ms, settings);
      throw fieldRules[name].isRequired === true ? notNull(name) : unexpected();
    }
    case 'boolean':
      if (sent === 1 || sent === '1' || sent === 'true') return true;
      if (sent === 0 || sent === '0' || sent === 'false') return false;
      return typeof sent === 'boolean' ? sent : plainText(sent); // SQLite keeps "maybe" as it is (confirmed)
    case 'json':
      return sent;
    case 'integer':
      return Number(sent);
    case 'string':
      return plainText(sent);
    default:
      return assertNever(type);
  }
}

/** Text as it is, anything else as JSON. */
export function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const isoText = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Epoch milliseconds of an ISO text; undefined where it is none. @param offsetMinutes for texts without an offset of their own */
export function instantOf(value: unknown, offsetMinutes: number): number | undefined {
  const match = typeof value === 'string' ? isoText.exec(value) : null;
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const millisecond = Number(fraction.padEnd(3, '0').slice(0, 3));
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), millisecond);
  const isRealDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (!isRealDay || Number(month) > 12 || Number(hour) > 24 || Number(minute) > 59) return undefined;
  return ms - offsetOf(zone, offsetMinutes) * 60_000;
}

function offsetOf(zone: string | undefined, fallbackMinutes: number): number {
  if (zone === undefined) return fallbackMinutes;
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}
