/** Passports, application answers and what else nobody asked for arrive with every roster. They stand in no row, error or log line of ours. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { answer, ok, type Seen, type Step } from '../../http/stubs.ts';
import { anEvent, aParticipant, page, reefOver, refusal, whole } from './stub.ts';

const leak = /marker|not-a-secret|token-\d/i;

/** Every member of the sheet that is to be dropped, and some that nobody has seen yet. */
const planted = {
  MasterApplicationAnswers: [{ QuestionId: 1, Question: 'marker question', Answer: 'marker answer: asthma' }],
  ApplicationAnswers: [{ QuestionId: 2, Question: 'marker referee', Answer: 'marker phone' }],
  PassportStatus: 'marker', FirstNameOnPassport: 'marker', MiddleNameOnPassport: 'marker', LastNameOnPassport: 'marker', FullNameOnPassport: 'marker', PassportSex: 'marker',
  PassportPlaceOfBirth: 'marker', PassportDateOfBirth: 'marker', PassportNumber: 'marker 000000000', PassportIssued: 'marker', PassportIssuedBy: 'marker', PassportExpirationDate: 'marker',
  BackgroundCheckDate: 'marker', FellowshipOnePersonId: 'marker', IntegrationIdentifiers: ['marker'], BalanceDue: 'marker', AmountRaised: 'marker', ParticipantFundraisingGoal: 'marker',
  GUID: 'marker', Birthdate: 'marker', Gender: 'marker', EmergencyContact: { Name: 'marker' }, ThumbUrl: 'marker', ImageUrl: 'marker',
  Address: { City: 'Mason', Latitude: 'marker', GateCode: 'marker' },
  Trips: [{ EventId: 31877, Name: 'marker', Url: 'marker', StartDate: 'marker' }],
};
const eventPlanted = {
  ContactEmail: 'marker@example.org', ApplicationQuestions: ['marker'], IntegrationIdentifiers: ['marker'], TotalAmountCollected: 'marker', Media: ['marker'], Cost: 'marker',
  Categories: [{ CategoryId: 1, Name: 'Region', Hidden: 'marker', Options: [{ CategoryOptionId: 2, Name: 'Mexico', Note: 'marker' }] }],
};

test('what is not named does not get in', async () => {
  const roster = reefOver([page([aParticipant(1, planted)], { total: 1 })]);
  const member = reefOver([ok({ UserId: 1, ...planted })]);
  const events = reefOver([page([anEvent(1, eventPlanted)], { total: 1 })]);
  const event = reefOver([ok(anEvent(1, eventPlanted))]);

  const got = [await whole(roster.client.participants('5')), await member.client.member('1'), await whole(events.client.events()), await event.client.event('1')];

  expect(inspect(got, { depth: null, showHidden: true })).not.toMatch(leak);
  expect(got).toMatchObject([{ rows: [{ userId: '1' }] }, { kind: 'found' }, { rows: [{ eventId: '1' }] }, { kind: 'found' }]);
  expect([roster, member, events, event].flatMap(({ lines }) => lines).join('\n')).not.toMatch(leak);
});

test('a row that is rejected tells no value of the person', async () => {
  const bad = [
    aParticipant(1, { ...planted, DateRegistered: 'marker' }),
    aParticipant(2, { FirstName: { Name: 'marker' } }),
    aParticipant('marker', planted),
    aParticipant(4, { Address: 'marker street' }),
    'marker',
    ['marker'],
  ];
  const { client, lines } = reefOver([page(bad, { total: bad.length })]);

  const read = await whole(client.participants('5'));

  expect(read.rejected).toHaveLength(bad.length);
  expect(inspect(read, { depth: null, showHidden: true })).not.toMatch(leak);
  expect(lines.join('\n')).not.toMatch(leak);
});

const trouble: readonly (readonly [string, Step])[] = [
  ['a refusal that quotes the person', refusal(400, { Message: 'marker is not valid', ValidationErrors: { 'marker@example.org': ['marker'] } })],
  ['a refused parameter that is a value', refusal(400, { ValidationErrors: { marker_5135550199: ['marker'] } })],
  ['a code that is a value', refusal(400, { error: 'marker' })],
  ['an ill server that shows its memory', answer(500, {}, 'marker marker')],
  ['a success of another shape', ok({ PageInfo: 'marker', Results: 'marker', marker: 'marker' })],
  ['a success that is no JSON', answer(200, {}, '{"marker')],
  ['a fetch that quotes the address', ({ url }: Seen) => Promise.reject(new TypeError(`marker: ${url}`, { cause: Object.assign(new Error(`marker ${url}`), { code: 'ECONNREFUSED' }) }))],
];

describe.each(trouble)('%s', (_what, step) => {
  test('shows nothing of anybody', async () => {
    const over = reefOver([step]);

    const outcomes = await Promise.allSettled([whole(over.client.participants('5')), over.client.member('71'), over.client.event('5')]);

    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(inspect(outcomes, { depth: null, showHidden: true })).not.toMatch(leak);
    expect(over.lines.join('\n')).not.toMatch(leak);
  });
});
