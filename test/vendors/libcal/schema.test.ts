/** What is made of one row: which members get in, and how leniently they are read. */
import { describe, expect, test } from 'vitest';
import { readBooking } from '../../../shared/vendors/libcal/schema.ts';
import { row } from './stub.ts';

const rules = { formQuestions: ['q12505'] };

test('a row with all its members', () => {
  const { booking } = readBooking(row(48112907, { seat_id: 61544, location_name: 'Main Library', item_name: 'Room 301', cancelled: '2026-11-21T10:15:00-05:00', q12505: 'g20417733 ' }), rules);

  expect(booking).toEqual({
    key: '48112907', bookId: 'cs_48112907', id: 48112907, lid: 8810, cid: 18802, eid: 70211, seatId: 61544,
    startsAt: Date.UTC(2026, 10, 23, 14), endsAt: Date.UTC(2026, 10, 23, 16), createdAt: Date.UTC(2026, 10, 20, 21, 41, 9), cancelledAt: Date.UTC(2026, 10, 21, 15, 15),
    status: 'Confirmed', firstName: 'Noor', lastName: 'Haddad', email: 'nhaddad@example.edu', account: 'nhaddad@example.edu',
    locationName: 'Main Library', itemName: 'Room 301', answers: { q12505: ['g20417733 '] },
  });
});

test('the offset of each day counts: an hour stays an hour on both sides of a clock change', () => {
  const night = readBooking(row(1, { fromDate: '2026-11-01T01:30:00-04:00', toDate: '2026-11-01T01:30:00-05:00' }), {});

  expect((night.booking?.endsAt ?? 0) - (night.booking?.startsAt ?? 0)).toBe(3_600_000);
});

test('members of 2020 are enough, numbers may be text, empty ones are none', () => {
  const { booking } = readBooking(
    { bookId: 'cs_a', eid: '7', cid: '8', lid: '9', seat_id: '', fromDate: '2026-11-23T09:00:00-05:00', toDate: '2026-11-23T10:00:00Z', email: null, status: 'Mediated Approved' },
    {},
  );

  expect(booking).toMatchObject({ eid: 7, cid: 8, lid: 9, seatId: undefined, firstName: '', email: '', account: '', createdAt: undefined });
});

test('what is not named is not let in, and no answer that was not asked for', () => {
  const { booking } = readBooking(row(1, { nickname: 'Marker', check_in_code: 'Marker', internal_notes: 'Marker', q777: 'Marker' }), rules);

  expect(booking).toBeDefined();
  expect(JSON.stringify(booking)).not.toContain('Marker');
});

describe('form answers', () => {
  test.each([
    ['a text, as it was typed', ' g20417733 ', { q12505: [' g20417733 '] }],
    ['several', ['G1', 'G2'], { q12505: ['G1', 'G2'] }],
    ['a number', 20417733, { q12505: ['20417733'] }],
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['an empty text', '', {}],
    ['an empty list', [], {}],
  ])('%s', (_what, q12505, answers) => {
    expect(readBooking(row(1, { q12505 }), rules).booking?.answers).toEqual(answers);
  });

  test('one that cannot be read rejects the row: it must not look unanswered', () => {
    expect(readBooking(row(1, { q12505: { text: 'G1' } }), rules).rejected).toEqual({ key: '1', bookId: 'cs_1', code: 'UNREADABLE', fields: ['q12505'] });
  });
});

test.each([
  ['fromDate', '2026-11-23T09:00:00'],
  ['toDate', '2026-02-31T09:00:00Z'],
  ['toDate', undefined],
  ['status', undefined],
  ['lid', 'main'],
  ['eid', null],
  ['bookId', ''],
])('%s that is %j rejects the row', (member, value) => {
  expect(readBooking(row(1, { [member]: value }), {}).rejected?.fields).toEqual([member]);
});

test('a time that nothing depends on does not reject the row', () => {
  expect(readBooking(row(1, { created: 'yesterday', cancelled: '-' }), {}).booking).toMatchObject({ createdAt: undefined, cancelledAt: undefined });
});
