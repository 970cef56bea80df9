/**
 * How well people are told apart: a labelled town of 20 000 from a seed, searched as SKY can be searched (e-mail, last name with initial, phone), each
 * person decided. `precision`: of those called sure, the right ones; `recall`: of those who stand there, the ones found for sure; `unsure_share`:
 * of all, those left to a person.
 */
import { decideMatch, type Candidate } from '../../shared/matching/decide.ts';
import { foldedEmail, foldedName, foldedPhone, type PersonFacts } from '../../shared/matching/person.ts';
import { rounded, type Print } from './figures.ts';
import { townOf, type Labelled } from './matching/people.ts';

const bench = 'matching';
const size = 20_000;
const seeds = [101, 202, 303]; // the rules were tuned on others
const wanted = { precision: 0.995, recall: 0.95, unsureShare: 0.03 };

export interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly unsureShare: number;
  readonly missed: readonly Labelled[];
  readonly wrong: readonly Labelled[];
}

export default function matchingBench(print: Print): void {
  for (const seed of seeds) {
    const { precision, recall, unsureShare } = scoreOf(seed, size);
    const say = (figure: string, value: number, unit: string): void => print({ bench, case: 'labelled', figure, value, unit });
    say('seed', seed, 'seed');
    say('precision', rounded(precision, 4), 'share');
    say('recall', rounded(recall, 4), 'share');
    say('unsure_share', rounded(unsureShare, 4), 'share');
    if (precision < wanted.precision || recall < wanted.recall || unsureShare > wanted.unsureShare) process.exitCode = 1;
  }
}

export function scoreOf(seed: number, count: number): Score {
  const { donors, registering } = townOf(seed, count);
  const search = searchOver(donors);
  let [sure, right, unsure, standing] = [0, 0, 0, 0];
  const missed: Labelled[] = [];
  const wrong: Labelled[] = [];
  for (const one of registering) {
    if (one.donor !== undefined) standing += 1;
    const match = decideMatch(one.person, search(one.person));
    if (match.kind === 'unsure') unsure += 1;
    if (match.kind === 'sure') sure += 1;
    if (match.kind === 'sure' && match.id === one.donor) right += 1;
    else if (match.kind === 'sure') wrong.push(one);
    else if (one.donor !== undefined) missed.push(one);
  }
  return { precision: right / sure, recall: right / standing, unsureShare: unsure / registering.length, missed, wrong };
}

/** What a search by one e-mail, one name or one phone brings back. */
function searchOver(donors: readonly Candidate[]): (person: PersonFacts) => readonly Candidate[] {
  const index = new Map<string, Candidate[]>();
  for (const donor of donors) for (const key of keysOf(donor.facts)) index.set(key, [...(index.get(key) ?? []), donor]);
  return (person) => [...new Set(keysOf(person).flatMap((key) => index.get(key) ?? []))];
}

function keysOf({ firstName, lastName, formerLastName, emails, phones }: PersonFacts): readonly string[] {
  const initial = foldedName(firstName).charAt(0);
  const names = [lastName, formerLastName ?? ''].filter((name) => name !== '').map((name) => `name ${foldedName(name)} ${initial}`);
  return [...names, `name ${foldedName(firstName)} ${foldedName(lastName).charAt(0)}`, ...emails.flatMap((email) => foldedEmail(email) ?? []), ...phones.flatMap((phone) => foldedPhone(phone) ?? [])];
}
