/** Lists whose pages move: what is read, what is asked next, and when silence about somebody may be believed. */
import { describe, expect, test } from 'vitest';
import { VendorAnswerInvalid, VendorRejected, VendorUnavailable } from '../../../shared/base/errors.ts';
import { isNotFound } from '../../../shared/vendors/servicereef/refusals.ts';
import { answer, ok } from '../../http/stubs.ts';
import { anEvent, aParticipant, page, participants, reefOver, refusal, whole } from './stub.ts';

const idsOf = (rows: readonly { readonly userId: string }[]) => rows.map(({ userId }) => Number(userId));
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

test('a list of one page is one call, asked with page and page size', async () => {
  const { client, deps } = reefOver([page([anEvent(31877), anEvent(31902)], { total: 2 })]);

  const { rows, proof } = await whole(client.events());

  expect(rows.map(({ eventId }) => eventId)).toEqual(['31877', '31902']);
  expect(proof).toEqual({ total: 2, distinct: 2, unnamed: 0, isComplete: true });
  expect(deps.seen.map(({ url }) => url)).toEqual(['https://api.servicereef.example/v1/events?page=1&pageSize=100']);
});

test('an empty list is complete, and brings no page', async () => {
  const { client, deps } = reefOver([page([], { total: 0 })]);

  expect(await whole(client.participants('5'))).toMatchObject({ pages: [], proof: { total: 0, distinct: 0, isComplete: true } });
  expect(deps.seen).toHaveLength(1);
});

test('all pages are read, not only the first', async () => {
  const { client, pagesAsked } = reefOver([
    page(participants(1, 100), { total: 230, page: 1 }),
    page(participants(101, 200), { total: 230, page: 2 }),
    page(participants(201, 230), { total: 230, page: 3 }),
  ]);

  const { rows, pages, proof } = await whole(client.participants('5'));

  expect(idsOf(rows)).toEqual(upTo(230));
  expect(pages).toHaveLength(3);
  expect(proof).toEqual({ total: 230, distinct: 230, unnamed: 0, isComplete: true });
  expect(pagesAsked()).toEqual(['1/100', '2/100', '3/100']);
});

describe('the next page is computed from the page size that the answer tells', () => {
  test('where it is smaller than what was asked', async () => {
    const { client, pagesAsked } = reefOver(
      [page(participants(1, 100), { total: 150, page: 1, size: 100 }), page(participants(101, 150), { total: 150, page: 2, size: 100 })],
      { pageSize: 500 },
    );

    expect((await whole(client.participants('5'))).proof.isComplete).toBe(true);
    expect(pagesAsked()).toEqual(['1/500', '2/100']);
  });

  test('where it shrinks on the way', async () => {
    const { client, pagesAsked } = reefOver([
      page(participants(1, 100), { total: 150, page: 1, size: 100 }),
      page(participants(26, 50), { total: 150, page: 2, size: 25 }),
      page(participants(101, 125), { total: 150, page: 5, size: 25 }),
      page(participants(126, 150), { total: 150, page: 6, size: 25 }),
    ]);

    const { rows, proof } = await whole(client.participants('5'));

    expect(idsOf(rows)).toEqual(upTo(150));
    expect(proof.isComplete).toBe(true);
    expect(pagesAsked()).toEqual(['1/100', '2/100', '5/25', '6/25']);
  });

  test('where it grows on the way, and would leave a gap', async () => {
    const { client, pagesAsked } = reefOver([
      page(participants(1, 25), { total: 60, page: 1, size: 25 }),
      page(participants(51, 60), { total: 60, page: 2, size: 50 }),
      page(participants(1, 50), { total: 60, page: 1, size: 50 }),
      page(participants(51, 60), { total: 60, page: 2, size: 50 }),
    ]);

    const { rows, proof } = await whole(client.participants('5'));

    expect(idsOf(rows).toSorted((one, other) => one - other)).toEqual(upTo(60));
    expect(proof.isComplete).toBe(true);
    expect(pagesAsked()).toEqual(['1/100', '2/25', '1/50', '2/50']);
  });

  test('where the last page tells its own length', async () => {
    const { client } = reefOver([
      page(participants(1, 100), { total: 130, page: 1, size: 100 }),
      page(participants(101, 130), { total: 130, page: 2, size: 30 }),
      page(participants(91, 120), { total: 130, page: 4, size: 30 }),
      page(participants(121, 130), { total: 130, page: 5, size: 30 }),
    ]);

    const { rows, proof } = await whole(client.participants('5'));

    expect(idsOf(rows)).toEqual(upTo(130));
    expect(proof.isComplete).toBe(true);
  });
});

describe('rows that move meanwhile', () => {
  test('a row that stands on two pages is handed on once', async () => {
    const { client } = reefOver([page(participants(1, 100), { total: 103, page: 1 }), page(participants(100, 103), { total: 103, page: 2 })]);

    const { rows, proof } = await whole(client.participants('5'));

    expect(idsOf(rows)).toEqual(upTo(103));
    expect(proof).toMatchObject({ distinct: 103, isComplete: true });
  });

  test('a row that hid between two pages makes the reading incomplete', async () => {
    const { client } = reefOver([page(participants(1, 100), { total: 103, page: 1 }), page([aParticipant(100), aParticipant(102), aParticipant(103)], { total: 103, page: 2 })]);

    expect((await whole(client.participants('5'))).proof).toEqual({ total: 103, distinct: 102, unnamed: 0, isComplete: false });
  });

  test('a total that changes on the way proves nothing, although the numbers agree at its end', async () => {
    // 50 went away after the first page: 101 moved up to where nobody looks any more.
    const { client } = reefOver([page(participants(1, 100), { total: 103, page: 1 }), page(participants(102, 103), { total: 102, page: 2 })]);

    expect((await whole(client.participants('5'))).proof).toEqual({ total: 102, distinct: 102, unnamed: 0, isComplete: false });
  });

  test('a page that came empty ends the reading, which is then incomplete', async () => {
    const { client, deps } = reefOver([page(participants(1, 100), { total: 230, page: 1 }), page([], { total: 230, page: 2 })]);

    expect((await whole(client.participants('5'))).proof).toMatchObject({ distinct: 100, isComplete: false });
    expect(deps.seen).toHaveLength(2);
  });

  test('a server that repeats its first page is not asked for ever', async () => {
    const { client, deps } = reefOver([page(participants(1, 100), { total: 230, page: 1 })]);

    const { rows, proof } = await whole(client.participants('5'));

    expect(rows).toHaveLength(100);
    expect(proof.isComplete).toBe(false);
    expect(deps.seen).toHaveLength(3);
  });

  test('pages of repeats here and there do not end the reading', async () => {
    const [first, second, third] = [participants(1, 2), participants(3, 4), participants(5, 6)];
    const { client } = reefOver([first, first, second, second, third].map((rows, at) => page(rows, { total: 10, page: at + 1, size: 2 })));

    const { rows, proof } = await whole(client.participants('5'));

    expect(idsOf(rows)).toEqual(upTo(6));
    expect(proof.isComplete).toBe(false);
  });

  test('a page that fails fails the reading', async () => {
    const { client } = reefOver([page(participants(1, 100), { total: 230, page: 1 }), answer(500)]);

    await expect(whole(client.participants('5'))).rejects.toBeInstanceOf(VendorUnavailable);
  });
});

describe('a bare array', () => {
  test('is read on until nothing new comes, and proves nothing', async () => {
    const paged = reefOver([ok(participants(1, 100)), ok(participants(101, 103)), ok([])]);
    const unpaged = reefOver([ok(participants(1, 103))]);

    for (const { client } of [paged, unpaged]) {
      const { rows, proof } = await whole(client.participants('5'));
      expect(idsOf(rows)).toEqual(upTo(103));
      expect(proof).toEqual({ total: undefined, distinct: 103, unnamed: 0, isComplete: false });
    }
    expect(paged.pagesAsked()).toEqual(['1/100', '2/100', '3/100']);
  });
});

test('a list without rows where rows are declared proves nothing', async () => {
  const { client } = reefOver([ok({ PageInfo: { TotalRecords: 3, Page: 1, PageSize: 100 }, Results: null })]);

  expect((await whole(client.events())).proof).toMatchObject({ total: 3, distinct: 0, isComplete: false });
});

test('an empty list that tells no page size ends', async () => {
  const { client } = reefOver([page([], { total: 0, size: 0 })]);

  expect((await whole(client.events())).proof.isComplete).toBe(true);
});

test('a page of rows that tells no page size is taken for as long as it is', async () => {
  const { client, pagesAsked } = reefOver([page(participants(1, 50), { total: 60, page: 1, size: 0 }), page(participants(51, 60), { total: 60, page: 2, size: 50 })]);

  expect((await whole(client.participants('5'))).proof.isComplete).toBe(true);
  expect(pagesAsked()).toEqual(['1/100', '2/50']);
});

test.each([
  ['an error inside a success', { Message: 'Invalid request.', ValidationErrors: {} }],
  ['a wrapper of another shape', { Results: [] }],
  ['a total that is none', { PageInfo: { TotalRecords: -1, Page: 1, PageSize: 100 }, Results: [] }],
  ['nothing', null],
])('%s is no list', async (_what, body) => {
  const { client } = reefOver([ok(body)]);

  await expect(whole(client.events())).rejects.toBeInstanceOf(VendorAnswerInvalid);
});

describe('one bad row', () => {
  test('is told by id, field and reason, and takes no other with it', async () => {
    const rows = [aParticipant(1), aParticipant(2, { DateRegistered: 'last tuesday' }), aParticipant(3, { Address: { City: 45040 } }), aParticipant(4)];
    const { client } = reefOver([page(rows, { total: 4 })]);

    const read = await whole(client.participants('5'));

    expect(idsOf(read.rows)).toEqual([1, 4]);
    expect(read.rejected).toEqual([
      { id: '2', field: 'DateRegistered', reason: 'UNREADABLE' },
      { id: '3', field: 'Address.City', reason: 'UNREADABLE' },
    ]);
    expect(read.proof).toMatchObject({ distinct: 4, isComplete: true });
  });

  test.each([
    ['0, which stands where there is none', aParticipant(0), 'UNREADABLE'],
    ['null', aParticipant(null), 'MISSING'],
    ['"None", as an old program wrote it', aParticipant('None'), 'UNREADABLE'],
    ['another name', { Id: 7, FirstName: 'Dana' }, 'MISSING'],
  ])('without a user id (%s) is told, and silence about others then means nothing', async (_what, row, reason) => {
    const { client } = reefOver([page([aParticipant(1), row], { total: 2 })]);

    const read = await whole(client.participants('5'));

    expect(read.rejected).toEqual([{ id: undefined, field: 'UserId', reason }]);
    expect(read.proof).toEqual({ total: 2, distinct: 1, unnamed: 1, isComplete: false });
  });

  test('without a user id is told also where the total does not count it', async () => {
    const { client } = reefOver([page([aParticipant(1), aParticipant(0)], { total: 1 })]);

    expect((await whole(client.participants('5'))).proof).toEqual({ total: 1, distinct: 1, unnamed: 1, isComplete: false });
  });

  test('that is no row at all is told as such', async () => {
    const { client } = reefOver([page(['Dana', null], { total: 2 })]);

    expect((await whole(client.events())).rejected).toEqual([
      { id: undefined, field: 'the whole', reason: 'UNREADABLE' },
      { id: undefined, field: 'the whole', reason: 'UNREADABLE' },
    ]);
  });

  test('an event without a name is one', async () => {
    const { client } = reefOver([page([anEvent(1, { Name: ' ' }), anEvent(2, { Name: null })], { total: 2 })]);

    expect((await whole(client.events())).rejected).toMatchObject([{ id: '1', field: 'Name' }, { id: '2', field: 'Name', reason: 'MISSING' }]);
  });
});

test('the roster of an event that is not there is told apart from an empty one, and from a wrong address', async () => {
  const gone = reefOver([refusal(404, { Message: 'The event was not found.' })]);
  const elsewhere = reefOver([refusal(404, { Message: 'No HTTP resource was found.', MessageDetail: 'No type was found that matches the controller.' })]);

  const errors = await Promise.all([gone, elsewhere].map(({ client }) => whole(client.participants('5')).catch((error: unknown) => error)));

  expect(errors.map((error) => [error instanceof VendorRejected, isNotFound(error)])).toEqual([[true, true], [true, false]]);
});

test('what is no id of an event is not asked for', () => {
  const { client, deps } = reefOver([]);

  for (const id of ['None', '', '0', '5/participants', '..']) expect(() => client.participants(id)).toThrow(RangeError);
  expect(deps.seen).toEqual([]);
});
