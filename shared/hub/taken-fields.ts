/** Whether a person's word, given field by field, covers what is in question: no field more, and none less. */
import type { PairShown } from './front-desk.ts';

export interface WithoutWord {
  readonly inQuestion: readonly string[];
  readonly forgotten: readonly string[];
  readonly strange: readonly string[];
}

export function fieldsWithoutWord({ conflict }: PairShown, named: readonly string[]): WithoutWord {
  const inQuestion = (conflict?.fields ?? []).map(({ field }) => field);
  return { inQuestion, forgotten: inQuestion.filter((field) => !named.includes(field)), strange: named.filter((field) => !inQuestion.includes(field)) };
}
