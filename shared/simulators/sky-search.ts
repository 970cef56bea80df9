/**
 * How people are found in NXT. The search takes one kind of text at a time and is generous: names that sound alike, secondary email
 * addresses, people who are no constituents (confirmed). The duplicate search combines several facts; how it ranks is assumed.
 */
import type { Call } from './call.ts';
import { badRequest } from './sky-errors.ts';
import { constituentPage } from './sky-paging.ts';
import { mainAddress, mainEmail, nameOf, timestamp, type SkyConstituent, type SkyState } from './sky-records.ts';

type On = (method: string, pattern: string, handler: (call: Call) => unknown) => void;
type Row = Readonly<Record<string, unknown>>;

/** What a record is found by, folded once: records are never edited in place. */
interface Card {
  readonly names: readonly string[];
  readonly sounds: ReadonlySet<string>;
  readonly first: ReadonlySet<string>;
  readonly last: string;
  readonly address: string;
  readonly emails: readonly Contact[];
  readonly phones: readonly Contact[];
}

interface Contact {
  readonly text: string;
  readonly addedAt: number;
}

const cards = new WeakMap<SkyConstituent, Card>();

export function searchRoutes(on: On, state: SkyState): void {
  on('GET', '/constituent/v1/constituents/search', (call) => {
    const asked = call.url.searchParams;
    const text = asked.get('search_text')?.trim() ?? '';
    if (text === '') throw badRequest('The search_text field is required.');
    const field = asked.get('search_field');
    if (field !== null && field !== 'lookup_id' && field !== 'email_address') throw badRequest('The search_field is not valid.');
    const isStrict = asked.get('strict_search') === 'true';
    const isEmail = field === 'email_address' || (field === null && text.includes('@'));
    const others = asked.get('include_non_constituents');
    const withOthers = isEmail ? others !== 'false' : others === 'true';
    const wish: Wish = { text, folded: folded(text), words: wordsOf(text).map((word) => ({ word, sound: isStrict ? undefined : soundOf(word) })), field, isEmail };
    const found = visible(state).filter((person) => {
      if (person.inactive && asked.get('include_inactive') !== 'true') return false;
      return (person.is_constituent || withOthers) && isFound(state, person, wish);
    });
    return constituentPage(call, found, hitOf);
  });

  on('GET', '/constituent/v1/constituents/duplicatesearch', (call) => {
    const asked = call.url.searchParams;
    const wishes = duplicateWishes(asked);
    if (wishes.last === '') throw badRequest('The last_org_name field is required.');
    const ranked = visible(state)
      .filter(({ type }) => type === 'Organization' || asked.get('search_individuals') !== 'false')
      .map((person) => ({ person, reasons: duplicateReasons(person, wishes, asked.get('search_aliases') === 'true') }))
      .filter(({ reasons }) => reasons.length > 1 || (reasons.length === 1 && !wishes.isMore))
      .sort((left, right) => right.reasons.length - left.reasons.length);
    return constituentPage(call, ranked, ({ person, reasons }) => duplicateRow(person, reasons), 3);
  });
}

/** New records are missing for a while, where the tenant's search is slow. */
function visible(state: SkyState): SkyConstituent[] {
  return [...state.constituents.values()].filter((person) => isOldEnough(state, person));
}

function isOldEnough({ world, settings }: SkyState, record: { readonly addedAt: number }): boolean {
  return settings.searchDelaySeconds === 0 || world.clock.now() - record.addedAt >= settings.searchDelaySeconds * 1000;
}

interface Wish {
  readonly text: string;
  readonly folded: string;
  /** With their sound, where sounding alike is enough. */
  readonly words: readonly { readonly word: string; readonly sound: string | undefined }[];
  readonly field: string | null;
  readonly isEmail: boolean;
}

function isFound(state: SkyState, person: SkyConstituent, wish: Wish): boolean {
  const card = cardOf(person);
  if (wish.isEmail) return card.emails.some((email) => email.text === wish.folded && isOldEnough(state, email));
  if (person.lookup_id === wish.text || wish.field === 'lookup_id') return person.lookup_id === wish.text;
  if (/^\d{7,}$/.test(wish.text)) return card.phones.some((phone) => phone.text.endsWith(wish.text) && isOldEnough(state, phone));
  const isNamed = wish.words.length > 0 && wish.words.every(({ word, sound }) => card.names.includes(word) || (sound !== undefined && card.sounds.has(sound)));
  const isAlias = person.aliases.some((alias) => folded(alias.name) === wish.folded && isOldEnough(state, alias));
  return isNamed || isAlias || (card.address !== '' && card.address.includes(wish.folded));
}

/** `email` is the main address, which need not be the one that was searched for. */
function hitOf(person: SkyConstituent): Row {
  const { id, lookup_id, deceased, inactive } = person;
  const email = mainEmail(person);
  return { id, name: nameOf(person), lookup_id, ...(email ? { email: email.address } : {}), address: addressText(person), deceased, inactive, fundraiser_status: 'None' };
}

interface DuplicateWishes {
  readonly last: string;
  readonly first: string;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly postCode: string;
  readonly block: string;
  /** Anything beside the last name was asked for. */
  readonly isMore: boolean;
}

function duplicateWishes(asked: URLSearchParams): DuplicateWishes {
  const one = (name: string) => folded(asked.get(name) ?? '');
  const many = (name: string) => [...asked.getAll(name), ...asked.getAll(`${name}[]`)];
  const wishes = {
    last: one('last_org_name'),
    first: one('first_name'),
    emails: many('email').map(folded),
    phones: many('phone').map(digits),
    postCode: one('post_code'),
    block: one('address_block'),
  };
  return { ...wishes, isMore: wishes.first + wishes.postCode + wishes.block !== '' || wishes.emails.length + wishes.phones.length > 0 };
}

function duplicateReasons(person: SkyConstituent, wishes: DuplicateWishes, withAliases: boolean): readonly string[] {
  const card = cardOf(person);
  const isAlias = withAliases && person.aliases.some(({ name }) => folded(name) === wishes.last);
  if (card.last !== wishes.last && !isAlias) return [];
  return [
    'Last name',
    ...(wishes.first !== '' && card.first.has(wishes.first) ? ['First name'] : []),
    ...(card.emails.some(({ text }) => wishes.emails.includes(text)) ? ['Email'] : []),
    ...(card.phones.some(({ text }) => wishes.phones.includes(text)) ? ['Phone'] : []),
    ...(wishes.postCode !== '' && person.addresses.some(({ postal_code: code }) => folded(code ?? '') === wishes.postCode) ? ['Postal code'] : []),
    ...(wishes.block !== '' && person.addresses.some(({ address_lines: lines }) => folded(lines ?? '') === wishes.block) ? ['Address'] : []),
  ];
}

/** `constituent_id` is the import id there, and `id` the one that everything else takes (confirmed). */
function duplicateRow(person: SkyConstituent, reasons: readonly string[]): Row {
  const { id, import_id, deceased, is_constituent, last, first } = person;
  return {
    id,
    constituent_id: import_id,
    name: nameOf(person),
    display_name: person.type === 'Organization' ? nameOf(person) : `${last ?? ''}, ${first ?? ''}`,
    formatted_address: addressText(person),
    deceased,
    is_constituent,
    date_added: timestamp(person.addedAt),
    rank: reasons.join(', '),
  };
}

function addressText(person: SkyConstituent): string {
  const address = mainAddress(person);
  if (!address) return '';
  const region = [address.state, address.postal_code].filter((part) => part).join('  ');
  return [address.address_lines, [address.city, region].filter((part) => part).join(', ')].filter((part) => part).join('\r\n');
}

function cardOf(person: SkyConstituent): Card {
  const known = cards.get(person);
  if (known) return known;
  const isOrganization = person.type === 'Organization';
  const names = wordsOf([person.first, person.middle, person.last, person.preferred_name, person.former_name, isOrganization ? person.name : ''].join(' '));
  const card: Card = {
    names,
    sounds: new Set(names.map(soundOf)),
    first: new Set([folded(person.first ?? ''), folded(person.preferred_name ?? '')].filter((name) => name !== '')),
    last: folded((isOrganization ? person.name : person.last) ?? ''),
    address: folded(addressText(person)),
    emails: person.emailaddresses.map(({ address, addedAt }) => ({ text: folded(address), addedAt })),
    phones: person.phones.map(({ number, addedAt }) => ({ text: digits(number), addedAt })),
  };
  cards.set(person, card);
  return card;
}

/** Lower case, without accents, one blank between words. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

function wordsOf(text: string): readonly string[] {
  return folded(text).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

function digits(text: string): string {
  return text.replace(/\D/g, '');
}

const soundCodes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ 1: 'bfpv', 2: 'cgjkqsxz', 3: 'dt', 4: 'l', 5: 'mn', 6: 'r' }).flatMap(([code, letters]) => Array.from(letters, (letter) => [letter, code])),
);

/** Soundex, the classic of sounding alike; which one NXT uses is not said. */
function soundOf(word: string): string {
  const [first = ''] = word;
  let code = '';
  let before = soundCodes[first];
  for (const letter of word.slice(1)) {
    const sound = soundCodes[letter];
    if (sound !== undefined && sound !== before) code += sound;
    if (!'hw'.includes(letter)) before = sound;
  }
  return `${first}${code.slice(0, 3).padEnd(3, '0')}`;
}
