/** Who is the same person: households kept apart, people found again, and a question where it is one. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideMatch, judged, type Candidate } from '../../shared/matching/decide.ts';
import type { PersonFacts } from '../../shared/matching/person.ts';
import { scoreOf } from '../bench/matching.ts';

const bill: PersonFacts = { firstName: 'William', lastName: 'Whitlock', emails: ['whitlock.home@example.net'], phones: ['(513) 555-0142'], street: '88 Mill Lane, Apt 3', postcode: '45040', bornOn: '1961-04-07' };
const standing = (facts: Partial<PersonFacts> = {}, id = 'c1'): Candidate => ({ id, facts: { ...bill, ...facts } });
const kindOf = (person: Partial<PersonFacts>, ...candidates: readonly Candidate[]) => decideMatch({ ...bill, ...person }, candidates).kind;

describe('is the same person', () => {
  test.each<[string, Partial<PersonFacts>]>([
    ['as it stands', {}],
    ['by a nickname', { firstName: 'Bill' }],
    ['by a typo in the last name', { lastName: 'Whitlok' }],
    ['without accents and in capitals', { firstName: 'WILLIAM', lastName: 'WHITLOCK' }],
    ['with the names in each other’s place', { firstName: 'Whitlock', lastName: 'William' }],
    ['with a plus tag and another phone', { emails: ['Whitlock.Home+trips@example.net'], phones: ['5135550199'] }],
    ['with another e-mail and the phone as digits', { emails: ['bw@example.org'], phones: ['+1 513 555 0142'] }],
    ['married, with a double name', { lastName: 'Whitlock-Okafor' }],
    ['married, with the former name told', { lastName: 'Okafor', formerLastName: 'Whitlock' }],
    ['without the date of birth, having moved', { bornOn: undefined, street: '1 Oak Street', postcode: '10001' }],
  ])('%s', (_how, person) => {
    expect(kindOf(person, standing())).toBe('sure');
  });
});

describe('is somebody else', () => {
  test.each<[string, Partial<PersonFacts>]>([
    ['a child of the household, with the same e-mail, phone and address', { firstName: 'Theo', bornOn: '1994-01-02' }],
    ['a spouse of the household whose date of birth nobody knows', { firstName: 'Dana', bornOn: undefined, phones: ['5135550177'] }],
    ['a stranger of the same name', { emails: ['other@example.com'], phones: ['2125550100'], street: '5 High Street', postcode: '10020', bornOn: '1988-08-08' }],
  ])('%s', (_how, person) => {
    expect(kindOf(person, standing())).toBe('new');
  });

  test('nobody at all, where nobody was found', () => {
    expect(kindOf({})).toBe('new');
  });
});

test('twins are not each other, though they share all but the first name', () => {
  const born = '2001-05-05';

  expect(kindOf({ firstName: 'Mia', bornOn: born }, standing({ firstName: 'Lea', bornOn: born }))).not.toBe('sure');
});

test('two records that could both be it are a question, with both shown and the reasons in words', () => {
  const match = decideMatch({ ...bill, firstName: 'Bill' }, [standing(), standing({ street: undefined, postcode: undefined }, 'c2')]);

  expect(match).toMatchObject({ kind: 'unsure', candidates: [{ id: 'c1', why: expect.stringContaining('nickname Bill/William') }, { id: 'c2' }] });
});

test('a match tells why, what weighs most first', () => {
  expect(judged({ ...bill, firstName: 'Bill', phones: [], bornOn: undefined, street: undefined }, standing()).why).toBe('same e-mail, same last name, nickname Bill/William');
});

const name = fc.constantFrom('Ann', 'Anna', 'Bill', 'William', 'José', 'Zoë', 'Whitlock', 'Okafor', '');
const facts: fc.Arbitrary<PersonFacts> = fc.record({
  firstName: name, lastName: name, emails: fc.array(fc.constantFrom('a@example.org', 'b@example.org', 'no address'), { maxLength: 2 }), phones: fc.array(fc.constantFrom('5135550142', '5135550143', '12'), { maxLength: 2 }),
  street: fc.constantFrom('1 Oak Street', '2 Oak Street', undefined), postcode: fc.constantFrom('45040', undefined), bornOn: fc.constantFrom('1961-04-07', '1961-07-04', undefined),
});

test('left and right, and the order of the candidates, make no difference', () => {
  fc.assert(fc.property(facts, facts, facts, (person, one, two) => {
    const [left, right] = [{ id: 'c1', facts: one }, { id: 'c2', facts: two }];

    expect(judged(one, { id: 'x', facts: two }).score).toBe(judged(two, { id: 'x', facts: one }).score);
    expect(decideMatch(person, [left, right])).toEqual(decideMatch(person, [right, left]));
  }));
});

test('another candidate never makes somebody sure who was not', () => {
  fc.assert(fc.property(facts, facts, facts, (person, one, two) => {
    const alone = decideMatch(person, [{ id: 'c1', facts: one }]);
    const withOther = decideMatch(person, [{ id: 'c1', facts: one }, { id: 'c2', facts: two }]);

    expect(withOther.kind === 'sure' && withOther.id === 'c1' && alone.kind !== 'sure').toBe(false);
  }));
});

test('in a small labelled town nearly all are found, and hardly anybody is taken for another', () => {
  const { precision, recall, unsureShare } = scoreOf(7, 2000);

  expect(precision).toBeGreaterThan(0.99);
  expect(recall).toBeGreaterThan(0.94);
  expect(unsureShare).toBeLessThan(0.03);
});
