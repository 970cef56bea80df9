/**
 * Who in NXT is this traveller? First by our own marks (the import id of a record that we made, the alias of one that was there before), then by
 * e-mail, then by NXT's own search for duplicates; whoever comes into question is read whole and judged by shared/matching. An address finds families,
 * so it never decides alone (confirmed: NXT itself matches no other way). Only reads.
 */
import { decideMatch, type Candidate } from '../../matching/decide.ts';
import { foldedEmail, type PersonFacts } from '../../matching/person.ts';
import type { Entity } from '../../sync/item.ts';
import type { SkyClient } from '../../vendors/sky/client.ts';
import type { SkyConstituent } from '../../vendors/sky/constituent-schema.ts';
import { markOf } from './about.ts';
import { factsOf, placeIn, textIn } from './map.ts';

export type Who =
  | { readonly kind: 'found'; readonly record: SkyConstituent; readonly isMarked: boolean; readonly why: string }
  /** `isShared`: somebody else has the traveller's e-mail address as the first one. */
  | { readonly kind: 'new'; readonly isShared: boolean }
  /** A person has to say; `why` shows ids of NXT and what speaks for each, no values. */
  | { readonly kind: 'unsure'; readonly why: string };

type Ladder = Pick<SkyClient, 'constituents' | 'aliases'>;

const candidatesMax = 12; // a household with all its namesakes is smaller

/** @param made  Whom this process has made lately: NXT's search does not show them yet. */
export async function whoIs(sky: Ladder, userId: string, entity: Entity, made: readonly Candidate[]): Promise<Who> {
  const mark = markOf(userId);
  const byAlias = await markedBy(sky, mark);
  if (byAlias !== undefined) return { kind: 'found', record: byAlias, isMarked: true, why: `carries the alias ${mark}` };
  const { records, byEmail, unread } = await candidatesOf(sky, entity, mark);
  const ours = records.find(({ importId }) => importId === mark);
  if (ours !== undefined) return { kind: 'found', record: ours, isMarked: true, why: `carries the import id ${mark}` };
  if (unread.length > 0) return { kind: 'unsure', why: `what NXT says of ${unread.join(', ')} cannot be read` };
  return judged(entity, records, { byEmail, made });
}

async function markedBy(sky: Ladder, mark: string): Promise<SkyConstituent | undefined> {
  const { rows } = await sky.constituents.search({ text: mark });
  for (const { id } of rows) {
    const aliases = await sky.aliases.list(id);
    const found = aliases.rows.some(({ name }) => name === mark) ? await sky.constituents.get(id) : undefined;
    if (found?.kind === 'found') return found.row;
  }
  return undefined;
}

async function candidatesOf(sky: Ladder, entity: Entity, mark: string) {
  const [email, phone, place] = [textIn(entity, 'email'), textIn(entity, 'phone'), placeIn(entity, 'address')];
  const byEmail = new Set(email === undefined ? [] : (await sky.constituents.search({ text: email, field: 'email_address' })).rows.map(({ id }) => id));
  const alike = await sky.constituents.findDuplicates({ last: textIn(entity, 'lastName') ?? '', first: textIn(entity, 'firstName'), email, phone, postalCode: place?.postalCode });
  const marked = alike.rows.find(({ importId }) => importId === mark);
  const ids = marked === undefined ? [...new Set([...byEmail, ...alike.rows.map(({ id }) => id)])].slice(0, candidatesMax) : [marked.id];
  const records: SkyConstituent[] = [];
  const unread: string[] = [];
  for (const id of ids) {
    const answer = await sky.constituents.get(id);
    if (answer.kind === 'found' && answer.row.deceased !== true && answer.row.type !== 'Organization') records.push(answer.row);
    if (answer.kind === 'rejected') unread.push(id);
  }
  return { records, byEmail, unread };
}

function judged(entity: Entity, records: readonly SkyConstituent[], { byEmail, made }: { readonly byEmail: ReadonlySet<string>; readonly made: readonly Candidate[] }): Who {
  const email = textIn(entity, 'email');
  const candidates = records.map((record): Candidate => ({ id: record.id, facts: recordFacts(record, byEmail.has(record.id) ? email : undefined) }));
  const match = decideMatch(factsOf(entity), [...candidates, ...made.filter(({ id }) => records.every((record) => record.id !== id))]);
  if (match.kind === 'new') return { kind: 'new', isShared: email !== undefined && records.some((record) => isFirstAddress(record, email)) };
  if (match.kind === 'unsure') return { kind: 'unsure', why: match.candidates.map(({ id, why }) => `${id} (${why})`).join('; ') };
  const record = records.find(({ id }) => id === match.id);
  if (record === undefined) return { kind: 'unsure', why: `${match.id} (${match.why}), which was made a moment ago for another account` };
  if (record.inactive === true || record.isConstituent === false) return { kind: 'unsure', why: `${match.id} (${match.why}), which is ${record.inactive === true ? 'inactive' : 'no constituent yet'}` };
  return { kind: 'found', record, isMarked: false, why: match.why };
}

/** @param foundBy  The address that found it: it need not be the first one. */
export function recordFacts({ first, last, formerName, preferredName, email, phone, address }: SkyConstituent, foundBy: string | undefined): PersonFacts {
  return {
    firstName: first ?? '', lastName: last ?? '', formerLastName: formerName, preferredName,
    emails: [email?.address, foundBy].filter((one) => one !== undefined), phones: phone?.number === undefined ? [] : [phone.number],
    street: address?.addressLines?.split(/\r?\n/)[0], postcode: address?.postalCode,
  };
}

const isFirstAddress = ({ email }: SkyConstituent, address: string): boolean => email?.address !== undefined && foldedEmail(email.address) === foldedEmail(address);
