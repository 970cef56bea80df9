/**
 * Two records side by side, field by field: what agrees, how, and what contradicts. Each finding is a word for the score and a phrase for
 * the person who decides in the end. Pure.
 */
import { areNicknames } from './nicknames.ts';
import { foldedEmail, foldedName, foldedPhone, foldedPostcode, foldedStreet, type PersonFacts } from './person.ts';

export type Finding =
  | 'first same' | 'first nickname' | 'first initial' | 'first alike' | 'first differs'
  | 'last same' | 'last former' | 'last alike' | 'last differs'
  | 'names swapped'
  | 'email same' | 'email differs' | 'phone same' | 'phone differs' | 'address same' | 'address differs' | 'born same' | 'born swapped' | 'born differs';

export interface Evidence {
  readonly finding: Finding;
  /** In words; without values but first names, which a reader needs. */
  readonly words: string;
}

export function compared(left: PersonFacts, right: PersonFacts): readonly Evidence[] {
  const swapped = namesSwapped(left, right);
  const names = swapped ? [{ finding: 'names swapped', words: 'first and last name in each other’s place' } as const] : [firstNames(left, right), lastNames(left, right)];
  return [...names, ...emails(left, right), ...phones(left, right), ...addresses(left, right), ...births(left, right)].filter((one) => one !== undefined);
}

function namesSwapped(left: PersonFacts, right: PersonFacts): boolean {
  const [first, last] = [foldedName(left.firstName), foldedName(left.lastName)];
  return first !== last && first === foldedName(right.lastName) && last === foldedName(right.firstName);
}

function firstNames(left: PersonFacts, right: PersonFacts): Evidence | undefined {
  const mine = formsOf(left);
  const theirs = formsOf(right);
  if (mine.length === 0 || theirs.length === 0) return undefined;
  const some = (agrees: (a: string, b: string) => boolean): readonly [string, string] | undefined => {
    for (const a of mine) for (const b of theirs) if (agrees(a, b)) return [a, b];
    return undefined;
  };
  if (some((a, b) => a === b)) return { finding: 'first same', words: 'same first name' };
  const nickname = some(areNicknames);
  if (nickname) return { finding: 'first nickname', words: `nickname ${nickname.map(shown).join('/')}` };
  if (some((a, b) => (a.length === 1 || b.length === 1) && a[0] === b[0])) return { finding: 'first initial', words: 'same initial' };
  if (some(isTypo)) return { finding: 'first alike', words: 'first name spelt alike' };
  return { finding: 'first differs', words: 'another first name' };
}

/** Whether a full name, of which nobody says where it is split, may be that of somebody who is called so: for leaving out who is not worth a look. */
export function mayBear(fullName: string, person: PersonFacts): boolean {
  const words = foldedName(fullName).split(' ');
  const forms = formsOf(person).flatMap((form) => form.split(' '));
  return forms.length === 0 || forms.some((form) => words.some((word) => areAlike(form, word)));
}

const areAlike = (a: string, b: string): boolean => a === b || areNicknames(a, b) || isTypo(a, b) || ((a.length === 1 || b.length === 1) && a[0] === b[0]);

/** The whole first name, its first word, and how friends say it. */
function formsOf({ firstName, preferredName }: PersonFacts): readonly string[] {
  const folded = foldedName(firstName);
  return [...new Set([folded, folded.split(' ')[0] ?? '', foldedName(preferredName ?? '')])].filter((form) => form !== '');
}

const shown = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function lastNames(left: PersonFacts, right: PersonFacts): Evidence | undefined {
  const [mine, theirs] = [foldedName(left.lastName), foldedName(right.lastName)];
  if (mine === '' || theirs === '') return undefined;
  if (mine === theirs || mine.replaceAll(' ', '') === theirs.replaceAll(' ', '')) return { finding: 'last same', words: 'same last name' };
  const formers = [left.formerLastName, right.formerLastName].map((name) => foldedName(name ?? ''));
  const isPart = partOf(mine, theirs) || partOf(theirs, mine);
  if (formers[0] === theirs || formers[1] === mine || isPart) return { finding: 'last former', words: 'a former or double last name' };
  if (isTypo(mine, theirs)) return { finding: 'last alike', words: 'last name spelt alike' };
  return { finding: 'last differs', words: 'another last name' };
}

const partOf = (part: string, whole: string): boolean => whole.includes(' ') && whole.split(' ').includes(part);

function emails(left: PersonFacts, right: PersonFacts): readonly Evidence[] {
  return shared(left.emails, right.emails, foldedEmail, { same: { finding: 'email same', words: 'same e-mail' }, differs: { finding: 'email differs', words: 'other e-mails' } });
}

function phones(left: PersonFacts, right: PersonFacts): readonly Evidence[] {
  return shared(left.phones, right.phones, foldedPhone, { same: { finding: 'phone same', words: 'same phone' }, differs: { finding: 'phone differs', words: 'other phones' } });
}

function shared(left: readonly string[], right: readonly string[], fold: (text: string) => string | undefined, found: { readonly same: Evidence; readonly differs: Evidence }): readonly Evidence[] {
  const [mine, theirs] = [left, right].map((all) => new Set(all.flatMap((one) => fold(one) ?? [])));
  if (!mine?.size || !theirs?.size) return [];
  return [[...mine].some((one) => theirs.has(one)) ? found.same : found.differs];
}

function addresses(left: PersonFacts, right: PersonFacts): readonly Evidence[] {
  if (!left.street || !right.street || !left.postcode || !right.postcode) return [];
  const isSame = foldedPostcode(left.postcode) === foldedPostcode(right.postcode) && foldedStreet(left.street) === foldedStreet(right.street);
  return [isSame ? { finding: 'address same', words: 'same address' } : { finding: 'address differs', words: 'another address' }];
}

function births(left: PersonFacts, right: PersonFacts): readonly Evidence[] {
  if (!left.bornOn || !right.bornOn) return [];
  if (left.bornOn === right.bornOn) return [{ finding: 'born same', words: 'same date of birth' }];
  const [year, month, day] = left.bornOn.split('-');
  if (`${year}-${day}-${month}` === right.bornOn) return [{ finding: 'born swapped', words: 'date of birth with day and month changed' }];
  return [{ finding: 'born differs', words: 'another date of birth' }];
}

/** One slip of the fingers: a letter missing, added, changed, or two in each other's place; in names of four letters or more. */
export function isTypo(left: string, right: string): boolean {
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  if (short === long || short.length < 4 || long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (long.length > short.length) return short.slice(at) === long.slice(at + 1);
  const isChanged = short.slice(at + 1) === long.slice(at + 1);
  const isTurned = short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2);
  return isChanged || isTurned;
}
