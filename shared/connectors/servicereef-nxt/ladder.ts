/**
 * Who in NXT is this traveller? First by our own marks (the import id of a record that we made, the alias of one that was there before), then by
 * e-mail, then by NXT's own search for duplicates; whoever comes into question is read whole and judged by shared/matching. An address finds families,
 * so it never decides alone (confirmed: NXT itself matches no other way). Only reads.
 */
import { mayBear } from '../../matching/compare.ts';
import { decideMatch, type Candidate } from '../../matching/decide.ts';
import { foldedEmail, type PersonFacts } from '../../matching/person.ts';
import type { Entity } from '../../sync/item.ts';
import type { SkyClient } from '../../vendors/sky/client.ts';
import type { SkyConstituent } from '../../vendors/sky/constituent-schema.ts';
import { markOf } from './ids.ts';
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
  const seen = await candidatesOf(sky, entity, mark);
  const ours = seen.records.find(({ importId }) => importId === mark);
  if (ours !== undefined) return { kind: 'found', record: ours, isMarked: true, why: `carries the import id ${mark}` };
  if (seen.unread.length > 0) return { kind: 'unsure', why: `what NXT says of ${seen.unread.join(', ')} cannot be read` };
  return judged(entity, seen, made);
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

interface Seen {
  readonly records: readonly SkyConstituent[];
  readonly byEmail: ReadonlySet<string>;
  /** Somebody has the traveller's e-mail address as the first one. */
  readonly isShared: boolean;
  readonly unread: readonly string[];
}

/** Of those whom the searches show, the records of whoever may bear the traveller's first name: the others are family or namesakes of the last one. */
async function candidatesOf({ constituents }: Ladder, entity: Entity, mark: string): Promise<Seen> {
  const [email, phone, place] = [textIn(entity, 'email'), textIn(entity, 'phone'), placeIn(entity, 'address')];
  const hits = email === undefined ? [] : (await constituents.search({ text: email, field: 'email_address' })).rows;
  const alike = (await constituents.findDuplicates({ last: textIn(entity, 'lastName') ?? '', first: textIn(entity, 'firstName'), email, phone, postalCode: place?.postalCode })).rows;
  const marked = alike.find(({ importId }) => importId === mark);
  const plausible = [...hits, ...alike].filter(({ name }) => name === undefined || mayBear(name, factsOf(entity)));
  const ids = marked === undefined ? [...new Set(plausible.map(({ id }) => id))].slice(0, candidatesMax) : [marked.id];
  const records: SkyConstituent[] = [];
  const unread: string[] = [];
  for (const id of ids) {
    const answer = await constituents.get(id);
    if (answer.kind === 'found' && answer.row.deceased !== true && answer.row.type !== 'Organization') records.push(answer.row);
    if (answer.kind === 'rejected') unread.push(id);
  }
  const isShared = hits.some((hit) => email !== undefined && hit.email !== undefined && foldedEmail(hit.email) === foldedEmail(email));
  return { records, byEmail: new Set(hits.map(({ id }) => id)), isShared, unread };
}

function judged(entity: Entity, { records, byEmail, isShared }: Seen, made: readonly Candidate[]): Who {
  const email = textIn(entity, 'email');
  const candidates = records.map((record): Candidate => ({ id: record.id, facts: recordFacts(record, byEmail.has(record.id) ? email : undefined) }));
  const match = decideMatch(factsOf(entity), [...candidates, ...made.filter(({ id }) => records.every((record) => record.id !== id))]);
  // Whoever shares all but the first name is family, as NXT itself has it (confirmed).
  if (match.kind === 'new' || (match.kind === 'unsure' && match.candidates.every(({ isOtherName }) => isOtherName))) return { kind: 'new', isShared };
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
