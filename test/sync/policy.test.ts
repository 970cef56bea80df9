import { describe, expect, test } from 'vitest';
import { mirror, moderated, oneWay, twoWay, type Policy } from '../../shared/sync/policy.ts';

/** The words of each choice, so that a policy cannot fall silently through the decision with one that nothing asks for. */
const words: { readonly [choice in keyof Policy]: readonly Policy[choice][] } = {
  targetNew: ['import', 'ignore', 'remove'],
  targetEdit: ['accept', 'put-back', 'review', 'leave'],
  targetEditWhilePending: ['accept', 'leave'],
  bothEdited: ['conflict', 'source', 'target'],
  targetDeleted: ['put-back', 'withdraw', 'accept'],
  targetDeletedWhilePending: ['withdraw', 'accept'],
  sourceGoneTargetEdited: ['keep', 'withdraw'],
  belongingTells: [true, false],
  rejectedWithdraws: [true, false],
};

describe.each(Object.entries({ oneWay, mirror, twoWay, moderated }))('the policy %s', (_, policy) => {
  test.each(Object.entries(words))('answers %s with a word that the decision knows', (choice, known) => {
    expect(known).toContain(Object.entries(policy).find(([name]) => name === choice)?.[1]);
  });
});

test('one way never writes to the source, and neither does a mirror', () => {
  for (const policy of [oneWay, mirror]) {
    expect(policy).toMatchObject({ targetNew: 'ignore', targetEditWhilePending: 'leave', bothEdited: 'source', targetDeleted: 'put-back', targetDeletedWhilePending: 'accept' });
  }
});
