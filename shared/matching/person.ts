/**
 * What is known of a person where two records may be one, and how each fact is written so that equal things look equal. Pure; nothing is
 * looked up, and no record is changed by it.
 */

export interface PersonFacts {
  readonly firstName: string;
  readonly lastName: string;
  /** A name before a marriage, where a record keeps it. */
  readonly formerLastName?: string | undefined;
  /** How friends say it, where a record keeps it. */
  readonly preferredName?: string | undefined;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly street?: string | undefined;
  readonly postcode?: string | undefined;
  /** `YYYY-MM-DD`. */
  readonly bornOn?: string | undefined;
}

const suffixes = new Set(['jr', 'sr', 'ii', 'iii', 'iv', 'dr', 'mr', 'mrs', 'ms', 'rev']);
const letters: { readonly [letter: string]: string } = { ß: 'ss', ø: 'o', ł: 'l', đ: 'd', æ: 'ae', œ: 'oe', þ: 'th', ı: 'i' };

/** Small letters without accents, punctuation, titles and suffixes; words in their order, one blank between them. */
export function foldedName(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase().replaceAll(/\p{M}/gu, '').replaceAll(/[ßøłđæœþı]/g, (letter) => letters[letter] ?? letter);
  const words = plain.replaceAll(/['’`.]/g, '').split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '' && !suffixes.has(word));
  return words.join(' ');
}

/** Without case, blanks and the tag behind a plus. Dots count nothing at the one large provider that ignores them. */
export function foldedEmail(email: string): string | undefined {
  const [, local, domain] = /^([^@\s]+)@([^@\s]+\.[^@\s]+)$/.exec(email.trim().toLowerCase()) ?? [];
  if (local === undefined || domain === undefined) return undefined;
  const plain = local.replace(/\+.*$/, '');
  return `${domain === 'gmail.com' || domain === 'googlemail.com' ? plain.replaceAll('.', '') : plain}@${domain}`;
}

const comparedDigits = 10; // a national number; what stands before it is a country's or a trunk's
const leastDigits = 7;

export function foldedPhone(phone: string): string | undefined {
  const digits = phone.replace(/(?:ext|x|#).*$/i, '').replaceAll(/\D/g, '');
  return digits.length < leastDigits || /^(\d)\1+$/.test(digits) ? undefined : digits.slice(-comparedDigits);
}

const streetWords: { readonly [word: string]: string } = { street: 'st', avenue: 'ave', lane: 'ln', road: 'rd', drive: 'dr', court: 'ct', place: 'pl', boulevard: 'blvd', apartment: 'apt', north: 'n', south: 's', east: 'e', west: 'w' };

/** House and street; the flat is left out, because one of two records often has none. */
export function foldedStreet(street: string): string {
  const words = foldedName(street).split(' ').map((word) => streetWords[word] ?? word);
  const flat = words.findIndex((word) => word === 'apt' || word === 'unit' || word === 'suite');
  return (flat === -1 ? words : words.slice(0, flat)).join(' ');
}

export const foldedPostcode = (postcode: string): string => postcode.toUpperCase().replaceAll(/[^A-Z0-9]/g, '').replace(/^(\d{5})\d{4}$/, '$1');
