/**
 * An invented town for the matching bench: donors as they stand in a database, and people who register for a trip. Some are donors, written as
 * people write themselves: a nickname, a typo, a married name, another phone; some are new, and live with donors. The label says which. It
 * knows nothing of the rules that are measured, and its nicknames are its own.
 */
import type { PersonFacts } from '../../../shared/matching/person.ts';
import { pick, seededRandom } from '../../../shared/simulators/world.ts';

export interface Labelled {
  readonly person: PersonFacts;
  /** The donor that it is; undefined for somebody new. */
  readonly donor: string | undefined;
  /** What was done to it. */
  readonly story: string;
}

export interface Town {
  readonly donors: readonly { readonly id: string; readonly facts: PersonFacts }[];
  readonly registering: readonly Labelled[];
}

const firsts = ('James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Karen Charles Sarah Christopher Lisa Daniel Nancy Matthew Sandra Anthony Ashley Mark Emily Donald Kimberly Steven Margaret Andrew Donna ' +
  'Paul Michelle Joshua Carol Kenneth Amanda Kevin Melissa Brian Deborah Timothy Stephanie Ronald Rebecca Jason Laura George Helen Edward Sharon Jeffrey Cynthia Ryan Kathleen Jacob Amy Nicholas Angela Gary Shirley Eric Anna Jonathan Brenda Stephen Pamela Larry Emma Justin Nicole ' +
  'Benjamin Samantha Samuel Katherine Gregory Christine Alexander Catherine Patrick Virginia Frank Rachel Raymond Janet Jack Maria Dennis Heather Jerry Diane José Carolina Ángel Zoë Søren Renée Jürgen Chloë André Inés Łukasz Noémie Björn Siân Öykü Thérèse').split(' ');
const familiar: { readonly [name: string]: readonly string[] } = {
  James: ['Jim', 'Jimmy'], Robert: ['Bob', 'Rob', 'Robbie'], John: ['Jack', 'Johnny'], Michael: ['Mike', 'Mick'], William: ['Bill', 'Will', 'Billy'], Richard: ['Rick', 'Dick'], Joseph: ['Joe'], Thomas: ['Tom'], Charles: ['Chuck', 'Charlie'], Christopher: ['Chris'],
  Daniel: ['Dan', 'Danny'], Matthew: ['Matt'], Anthony: ['Tony'], Steven: ['Steve'], Andrew: ['Andy', 'Drew'], Kenneth: ['Ken'], Timothy: ['Tim'], Ronald: ['Ron'], Edward: ['Ed', 'Ted'], Nicholas: ['Nick'], Benjamin: ['Ben'], Samuel: ['Sam'], Gregory: ['Greg'], Alexander: ['Alex', 'Sandy'],
  Patrick: ['Pat', 'Paddy'], Elizabeth: ['Liz', 'Beth', 'Betsy'], Patricia: ['Pat', 'Trish'], Jennifer: ['Jen', 'Jenny'], Susan: ['Sue'], Jessica: ['Jess'], Barbara: ['Barb', 'Bobbie'], Margaret: ['Maggie', 'Peggy'], Kimberly: ['Kim'], Deborah: ['Deb', 'Debbie'], Rebecca: ['Becky'],
  Katherine: ['Kate', 'Katie', 'Kitty'], Catherine: ['Cathy', 'Cate'], Christine: ['Chris', 'Tina'], Stephanie: ['Steph'], Samantha: ['Sam'], Pamela: ['Pam'], Cynthia: ['Cindy'], Virginia: ['Ginny'], Kathleen: ['Kathy'], Jeffrey: ['Jeff'], Jonathan: ['Jon'], Joshua: ['Josh'],
};
const starts = ['An', 'Bar', 'Bren', 'Cal', 'Car', 'Da', 'Ed', 'Far', 'Gar', 'Hal', 'Har', 'Jen', 'Kel', 'Lar', 'Mac', 'Mar', 'Mor', 'Nor', 'O’Con', 'Pat', 'Pe', 'Quin', 'Ro', 'San', 'Sha', 'Ste', 'Tho', 'Var', 'Wal', 'Whit', 'Zim', 'Mül', 'Gar', 'Fer'];
const middles = ['', 'ber', 'der', 'ga', 'ken', 'li', 'ma', 'ne', 'ri', 'sto', 'tin', 'va'];
const ends = ['son', 'man', 'ton', 'ley', 'ner', 'ez', 'ins', 'field', 'ski', 'berg', 'er', 'y', 'ell', 'ard'];
const streets = ['Mill Lane', 'Oak Street', 'Church Road', 'Park Avenue', 'River Drive', 'Elm Street', 'High Street', 'Station Road', 'Cedar Court', 'Lake Boulevard', 'Hill Street', 'Maple Avenue'];
const domains = ['example.org', 'example.net', 'example.com', 'mail.example.org', 'post.example.net'];

export function townOf(seed: number, size: number): Town {
  const random = seededRandom(seed);
  const lasts = Array.from({ length: 900 }, () => `${pick(random, starts)}${pick(random, middles)}${pick(random, ends)}`);
  const lastName = (): string => lasts[Math.floor(random() ** 2 * lasts.length)] ?? 'Mason'; // a few are common, most are rare
  const donors: { id: string; facts: PersonFacts }[] = [];
  const strangers: { readonly facts: PersonFacts; readonly story: string }[] = [];
  while (donors.length < size) {
    const home = household(random, lastName());
    for (const member of home) {
      // Not everybody in a donor's house is in the database.
      if (random() < 0.82) donors.push({ id: `c${donors.length + 1}`, facts: remembered(random, member) });
      else strangers.push({ facts: member, story: 'a donor’s household' });
    }
  }
  const registering: Labelled[] = [];
  for (const { id, facts } of donors) if (random() < 0.5) registering.push({ ...written(random, facts, lastName), donor: id });
  for (const { facts, story } of strangers) registering.push({ person: written(random, facts, lastName).person, donor: undefined, story });
  while (registering.length < size) registering.push({ person: household(random, lastName())[0] ?? fail(), donor: undefined, story: 'a stranger' });
  return { donors: donors.slice(0, size), registering: registering.filter(({ donor }) => donor === undefined || Number(donor.slice(1)) <= size).slice(0, size) };
}

function fail(): never {
  throw new Error('a household has a member');
}

/** One to five people who share an address, often an e-mail and a phone; now and then twins. */
function household(random: () => number, last: string): readonly PersonFacts[] {
  const address = { street: `${1 + Math.floor(random() * 180)} ${pick(random, streets)}${random() < 0.2 ? `, Apt ${1 + Math.floor(random() * 20)}` : ''}`, postcode: String(10_000 + Math.floor(random() * 800)) };
  const homePhone = phoneOf(random);
  const homeMail = `${last.toLowerCase().replaceAll(/[^a-z]/g, '')}.family${Math.floor(random() * 900)}@${pick(random, domains)}`;
  const sharesMail = random() < 0.35;
  const count = 1 + Math.floor(random() * 4.2);
  const names = new Set<string>();
  while (names.size < count) names.add(pick(random, firsts));
  const twinsBorn = random() < 0.06 ? birthOf(random, 1995, 15) : undefined;
  return [...names].map((firstName, at): PersonFacts => ({
    firstName, lastName: last, ...address,
    emails: sharesMail && random() < 0.7 ? [homeMail] : [`${firstName}.${last}${Math.floor(random() * 99)}@${pick(random, domains)}`.toLowerCase().replaceAll(/[^a-z0-9.@]/g, '')],
    phones: random() < 0.4 ? [homePhone] : [phoneOf(random)],
    bornOn: twinsBorn !== undefined && at >= count - 2 ? twinsBorn : birthOf(random, at < 2 ? 1950 : 1990, at < 2 ? 45 : 20),
  }));
}

const digits = (random: () => number, count: number): string => Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
const phoneOf = (random: () => number): string => `(${200 + Math.floor(random() * 700)}) ${digits(random, 3)}-${digits(random, 4)}`;
const birthOf = (random: () => number, from: number, years: number): string => `${from + Math.floor(random() * years)}-${String(1 + Math.floor(random() * 12)).padStart(2, '0')}-${String(1 + Math.floor(random() * 28)).padStart(2, '0')}`;

/** As a database has it: many know no date of birth, some no phone, a few no e-mail. */
function remembered(random: () => number, facts: PersonFacts): PersonFacts {
  return {
    ...facts,
    bornOn: random() < 0.45 ? facts.bornOn : undefined,
    phones: random() < 0.8 ? facts.phones : [],
    emails: random() < 0.93 ? facts.emails : [],
    ...(random() < 0.1 && { street: undefined, postcode: undefined }),
  };
}

/** As the same person writes it on a form, years later. */
function written(random: () => number, donor: PersonFacts, lastName: () => string): { readonly person: PersonFacts; readonly story: string } {
  const stories: string[] = [];
  const strikes = (share: number, story: string): boolean => {
    const does = random() < share;
    if (does) stories.push(story);
    return does;
  };
  let { firstName, lastName: last, emails, phones, street, postcode } = donor;
  const short = familiar[firstName];
  if (short && strikes(0.3, 'nickname')) firstName = pick(random, short);
  else if (strikes(0.03, 'typo in the first name')) firstName = slipped(random, firstName);
  let formerLastName: string | undefined;
  if (strikes(0.04, 'married')) {
    if (random() < 0.3) formerLastName = last;
    last = random() < 0.3 ? `${last}-${lastName()}` : lastName();
  } else if (strikes(0.04, 'typo in the last name')) last = slipped(random, last);
  if (strikes(0.1, 'without accents')) [firstName, last] = [plain(firstName), plain(last)];
  if (strikes(0.05, 'capitals')) [firstName, last] = [firstName.toUpperCase(), last.toUpperCase()];
  if (strikes(0.02, 'names swapped')) [firstName, last] = [last, firstName];
  const movesMail = strikes(0.14, 'another e-mail');
  if (movesMail) emails = [`${plain(firstName).toLowerCase().replaceAll(/[^a-z]/g, '')}${digits(random, 4)}@${pick(random, domains)}`];
  else if (strikes(0.05, 'plus tag')) emails = emails.map((email) => email.replace('@', '+trips@'));
  // Whoever changes the e-mail mostly keeps the phone: somebody who changed everything could not be told by anybody.
  if (strikes(movesMail ? 0.05 : 0.25, 'another phone')) phones = [phoneOf(random)];
  else if (phones.length > 0 && random() < 0.5) phones = [phones[0]?.replaceAll(/\D/g, '') ?? ''];
  if (strikes(movesMail ? 0.05 : 0.15, 'moved house')) [street, postcode] = [`${1 + Math.floor(random() * 180)} ${pick(random, streets)}`, String(10_000 + Math.floor(random() * 800))];
  return { person: { ...donor, firstName, lastName: last, formerLastName, emails, phones, street, postcode }, story: stories.join(', ') || 'as it stands' };
}

const plain = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '');

/** One slip: a letter missing, doubled, or two in each other's place. */
function slipped(random: () => number, text: string): string {
  const at = 1 + Math.floor(random() * Math.max(1, text.length - 2));
  const [before, letter, next, after] = [text.slice(0, at), text.charAt(at), text.charAt(at + 1), text.slice(at + 2)];
  return pick(random, [before + next + after, before + letter + letter + next + after, before + next + letter + after]);
}
