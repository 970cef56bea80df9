/**
 * Reads the two files in which the older Python service kept what it had made: `event_mapping.json` (trip -> NXT's event) and
 * `constituent_mapping.json` (account -> constituent), as three generations of it wrote them (confirmed, its source). It named rows "None" where it had
 * read a member that does not exist, and kept whole answers where an id was meant. Whether a pair is true: take-over.ts. Pure.
 */
import { ConfigurationInvalid } from '../../base/errors.ts';
import { fieldsOf } from '../../base/fields-of.ts';
import type { LeftPair } from '../../engine/told-pair.ts';
import { about } from './about.ts';

const { events, people } = about.streams;

export interface OlderMap {
  readonly stream: typeof events | typeof people;
  readonly pairs: readonly OlderPair[];
  /** What names nothing. */
  readonly left: readonly LeftPair[];
}

export interface OlderPair {
  /** A trip's or an account's number. */
  readonly source: string;
  /** NXT's number of the event or the constituent. */
  readonly target: string;
}

/** @param name  Tells which of the two it is; copies may have more behind it (`event_mapping-2026.json`). @throws ConfigurationInvalid */
export function readOlderMap(text: string, name: string): OlderMap {
  const stream = streamOf(name);
  const pairs: OlderPair[] = [];
  const left: LeftPair[] = [];
  for (const [at, [key, value]] of Object.entries(entriesOf(text, name)).entries()) {
    const [source, target] = [idIn(key), idIn(value)];
    if (source !== undefined && target !== undefined) pairs.push({ source, target });
    else if (source === undefined) left.push({ stream, source: shown(key, at), target: target ?? '', verdict: 'unreadable', where: ['source'] });
    else left.push({ stream, source, target: '', verdict: isBlank(value) ? 'missing' : 'unreadable', where: ['target'] });
  }
  return { stream, pairs, left };
}

function streamOf(name: string): OlderMap['stream'] {
  if (/^event_mapping.*\.json$/i.test(name)) return events;
  if (/^constituent_mapping.*\.json$/i.test(name)) return people;
  throw new ConfigurationInvalid([`${name} is not taken over; the older service's files are called event_mapping.json and constituent_mapping.json`]);
}

function entriesOf(text: string, name: string): { readonly [key: string]: unknown } {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The service wrote it whole and in place (confirmed): stopped at that moment, it left half a file.
    throw new ConfigurationInvalid([`${name} is not valid JSON, or cut off; take another copy of it`], { cause: error });
  }
  const entries = fieldsOf(json);
  if (Object.keys(entries).length === 0) throw new ConfigurationInvalid([`${name} holds no pairs; it should be an object from ServiceReef's ids to NXT's`]);
  return entries;
}

/** Of an answer that was kept whole, NXT's own word for it comes first: beside it, `id` may be ServiceReef's. */
function idIn(given: unknown): string | undefined {
  const { nxt_id: nxtId, constituent_id: constituentId, id } = fieldsOf(given);
  for (const one of [given, nxtId, constituentId, id]) {
    const text = typeof one === 'string' || typeof one === 'number' ? String(one).trim() : '';
    if (/^[1-9]\d{0,19}$/.test(text)) return text;
  }
  return undefined;
}

const blanks = new Set(['', 'none', 'null']);
const isBlank = (value: unknown): boolean => value === null || (typeof value === 'string' && blanks.has(value.trim().toLowerCase()));

/** A key that is no number could hold anything, a name too; the place tells a person where to look. */
const shown = (key: string, at: number): string => (/^(?:none|null|undefined|nan|-?\d{1,20}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i.test(key.trim()) ? key.trim() : `entry ${at + 1}`);
