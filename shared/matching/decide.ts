/**
 * Who of these is the same person? A sum of weights for what agrees and what contradicts, in the manner of Fellegi and Sunter: each is about the
 * logarithm (to 2) of how much more often the finding is made between two records of one person than of two. Sure only when the sum says so and
 * nobody else comes near; a wrong "sure" would harm a donor's record, so in between a person decides. Pure.
 */
import { compared, type Evidence, type Finding } from './compare.ts';
import type { PersonFacts } from './person.ts';

export interface Candidate {
  readonly id: string;
  readonly facts: PersonFacts;
}

export interface Judged {
  readonly id: string;
  readonly score: number;
  /** "same e-mail, same last name, nickname Bill/William". */
  readonly why: string;
  /** Another first name: twins, spouses and namesakes share all the rest, so only a person may say that it is the same one. */
  readonly isOtherName: boolean;
}

export type Match =
  | { readonly kind: 'sure'; readonly id: string; readonly score: number; readonly why: string }
  | { readonly kind: 'unsure'; readonly candidates: readonly Judged[] }
  | { readonly kind: 'new' };

export const weights: { readonly [finding in Finding]: number } = {
  'first same': 5, 'first nickname': 4, 'first initial': 2, 'first alike': 3.5, 'first differs': -12, // households share everything else
  'last same': 5, 'last former': 4, 'last alike': 3.5, 'last differs': -4,
  'names swapped': 8,
  'email same': 7, 'email differs': -1, 'phone same': 6, 'phone differs': -0.5,
  'address same': 4, 'address differs': -1, 'born same': 7, 'born swapped': 4, 'born differs': -7,
};

const sureFrom = 13;
const unsureFrom = 9.5;
const nearBy = 5; // a second candidate within it makes the first one a question

export function judged(person: PersonFacts, { id, facts }: Candidate): Judged {
  const evidence = compared(person, facts);
  return { id, score: evidence.reduce((sum, { finding }) => sum + weights[finding], 0), why: wordsOf(evidence), isOtherName: evidence.some(({ finding }) => finding === 'first differs') };
}

/** What speaks for it first, then what speaks against it. */
function wordsOf(evidence: readonly Evidence[]): string {
  return evidence.toSorted((a, b) => weights[b.finding] - weights[a.finding]).map(({ words }) => words).join(', ');
}

/** The order of the candidates does not matter. */
export function decideMatch(person: PersonFacts, candidates: readonly Candidate[]): Match {
  const all = candidates.map((candidate) => judged(person, candidate)).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
  const [best, second] = all;
  if (best === undefined || best.score < unsureFrom) return { kind: 'new' };
  const isAlone = second === undefined || best.score - second.score >= nearBy;
  if (best.score >= sureFrom && isAlone && !best.isOtherName) return { kind: 'sure', id: best.id, score: best.score, why: best.why };
  return { kind: 'unsure', candidates: all.filter(({ score }) => score >= unsureFrom - nearBy / 2) };
}
