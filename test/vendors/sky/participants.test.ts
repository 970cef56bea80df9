/** Participants of NXT's events: who a row stands for, what is sent, and fuzzy dates. */
import { describe, expect, test } from 'vitest';
import { ItemInvalid } from '../../../shared/base/errors.ts';
import { fuzzyDateOrNone, toFuzzyDate } from '../../../shared/vendors/sky/fuzzy-date.ts';
import { ok } from '../../http/stubs.ts';
import { empty, made, notFound, page, skyOver } from './stub.ts';

describe('a roster', () => {
  const wire = {
    id: '301', contact_id: '20418', is_constituent: true, lookup_id: '11873', name: 'Dana Whitlock', first_name: 'Dana', last_name: 'Whitlock', email: 'whitlock.home@example.net', phone: '5135550142',
    rsvp_status: 'Attending', invitation_status: 'NotApplicable', attended: true, rsvp_date: { y: 2026, m: 1, d: 19 }, host: { participant_id: '300', contact_id: '20417', name: 'Marcus' },
    guests: [{ name: 'Ines' }], summary_note: 'SR-31877/70411', date_modified: '2026-02-01T10:00:00-05:00', total_paid: 350,
  };

  test('names people by the record they point to, and brings no names, addresses or money', async () => {
    const over = skyOver([page([wire])]);

    const { rows, proof } = await over.client.participants.list('77');

    expect(rows).toEqual([
      {
        id: '301', eventId: '77', contactId: '20418', isConstituent: true, rsvpStatus: 'Attending', invitationStatus: 'NotApplicable', attended: true, rsvpDate: '2026-01-19', hostId: '300', summaryNote: 'SR-31877/70411',
        dateModified: '2026-02-01T10:00:00-05:00',
      },
    ]);
    expect(proof.isComplete).toBe(true);
    expect(over.asked()).toEqual(['GET /event/v1/events/77/participants?limit=10000&offset=0']);
  });

  test.each([
    ['contact_id', { contact_id: '20418' }, '20418'],
    ['constituent_id, of which one text of the specification speaks', { constituent_id: '20418' }, '20418'],
    ['both', { contact_id: '20418', constituent_id: '9' }, '20418'],
    ['neither: a guest without a name', {}, undefined],
    ['a blank', { contact_id: '' }, undefined],
    ['a number', { contact_id: 20418 }, '20418'],
  ])('reads the person from %s', async (_what, more, contactId) => {
    const over = skyOver([page([{ id: '301', ...more }])]);

    expect((await over.client.participants.list('77')).rows).toMatchObject([{ id: '301', contactId }]);
  });

  test('a strange value elsewhere does not hide a person who is there, who would be added again', async () => {
    const strange = { rsvp_status: 4, attended: 'yes', rsvp_date: '2026-01-19', host: 'x', summary_note: {}, is_constituent: 'x', invitation_status: [], date_modified: 5 };
    const over = skyOver([page([{ id: '301', contact_id: '20418', ...strange }])]);

    const { rows, rejected } = await over.client.participants.list('77');

    expect(rejected).toEqual([]);
    expect(rows).toMatchObject([{ contactId: '20418', rsvpStatus: undefined, attended: undefined, rsvpDate: undefined }]);
  });

  test('a row whose person cannot be read is told: anybody may be meant', async () => {
    const over = skyOver([page([{ id: '301', contact_id: { id: '20418' } }])]);

    expect((await over.client.participants.list('77')).rejected).toEqual([{ id: '301', field: 'contact_id', reason: 'UNREADABLE' }]);
  });

  test('is read to its end', async () => {
    const over = skyOver([page([{ id: '1' }, { id: '2' }], 3), page([{ id: '3' }], 3)], { pageSize: 2 });

    expect((await over.client.participants.list('77')).rows.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(over.asked().at(-1)).toBe('GET /event/v1/events/77/participants?limit=2&offset=2');
  });

  test('of an event that is gone is no empty roster', async () => {
    await expect(skyOver([notFound]).client.participants.list('77')).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', status: 404, reason: 'NOT_FOUND' });
  });
});

test('one participant tells event and constituent', async () => {
  const over = skyOver([ok({ id: '301', event_id: '77', constituent_id: '20418', host_id: null, rsvp_status: 'Canceled', attended: null, rsvp_date: { y: 2026 } })]);

  expect(await over.client.participants.get('301')).toMatchObject({ kind: 'found', row: { id: '301', eventId: '77', contactId: '20418', hostId: undefined, rsvpStatus: 'Canceled', attended: undefined, rsvpDate: '2026' } });
  expect(over.asked()).toEqual(['GET /event/v1/participants/301']);
});

describe('writing', () => {
  test('a create sends the listed keys with a fuzzy date, and leaves attendance to staff', async () => {
    const over = skyOver([made('301')]);
    const withMore = { constituentId: '20418', rsvpStatus: 'Attending', invitationStatus: 'NotApplicable', rsvpDate: '2026-01-19', summaryNote: 'SR-31877/70411', attended: false, status: 'registered' } as const;

    expect(await over.client.participants.create('77', withMore)).toEqual({ kind: 'done', id: '301' });

    expect(over.sent()).toEqual([{ constituent_id: '20418', rsvp_status: 'Attending', invitation_status: 'NotApplicable', rsvp_date: { y: 2026, m: 1, d: 19 }, summary_note: 'SR-31877/70411' }]);
    expect(over.asked()).toEqual(['POST /event/v1/events/77/participants']);
  });

  test('a change of the answer sends the answer', async () => {
    const over = skyOver([empty]);

    await over.client.participants.patch('301', { rsvpStatus: 'Canceled' });
    await over.client.participants.patch('301', { attended: false });
    await over.client.participants.patch('301', { constituentId: '20511' });

    expect(over.sent()).toEqual([{ rsvp_status: 'Canceled' }, { attended: false }, { constituent_id: '20511' }]);
    expect(over.asked()[0]).toBe('PATCH /event/v1/participants/301');
  });

  test('a date that is none is refused before anything is sent', async () => {
    const { client, deps } = skyOver([]);

    await expect(client.participants.create('77', { constituentId: '20418', rsvpDate: '2026-02-30' })).rejects.toBeInstanceOf(ItemInvalid);
    await expect(client.participants.patch('301', { rsvpDate: '' })).rejects.toMatchObject({ code: 'E_DATE', field: 'rsvp_date' });

    expect(deps.seen).toEqual([]);
  });

  test('removing', async () => {
    const over = skyOver([empty]);

    expect(await over.client.participants.remove('301')).toEqual({ kind: 'done' });
    expect(over.asked()).toEqual(['DELETE /event/v1/participants/301']);
    expect(over.sent()).toEqual([undefined]);
  });
});

describe('fuzzy dates', () => {
  test.each([
    ['2026-01-19', { y: 2026, m: 1, d: 19 }],
    ['2026-01', { y: 2026, m: 1 }],
    ['2026', { y: 2026 }],
  ])('%s there and back', (text, fuzzy) => {
    expect(toFuzzyDate(text, 'birthdate')).toEqual(fuzzy);
    expect(fuzzyDateOrNone.parse(fuzzy)).toBe(text);
  });

  test.each(['', '2026-1-9', '2026-13', '2026-02-29', '19.01.2026', '2026-01-19T00:00:00', '26'])('%j is none', (text) => {
    expect(() => toFuzzyDate(text, 'birthdate')).toThrow(ItemInvalid);
  });

  test.each([
    [{ y: 2026, m: 0, d: 0 }, '2026'],
    [{ y: 2026, m: 5, d: null }, '2026-05'],
    [{ y: 2026, m: null, d: 9 }, '2026'],
    [{ m: 5, d: 9 }, undefined],
    [{}, undefined],
    [null, undefined],
    [undefined, undefined],
  ])('%j reads as %j', (wire, expected) => {
    expect(fuzzyDateOrNone.parse(wire)).toBe(expected);
  });
});
