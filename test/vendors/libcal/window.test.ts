/** Reading a location's bookings: what is asked, and when absence from the answer may be believed. */
import { describe, expect, test } from 'vitest';
import { ConcordError } from '../../../shared/base/errors.ts';
import { answer, ok } from '../../http/stubs.ts';
import { libcalOver, row, rows } from './stub.ts';

const window = { lid: 8810, date: '2026-11-22', days: 3 };
const pageNumbers = (asked: readonly URL[]) => asked.map((url) => url.searchParams.get('page'));

describe('what is asked', () => {
  test('cancelled, tentative and denied bookings too, 500 to a page', async () => {
    const { client, asked } = libcalOver([ok([])]);

    await client.bookings(window);

    const [url] = asked();
    expect(url?.pathname).toBe('/api/1.1/space/bookings');
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      lid: '8810', date: '2026-11-22', days: '3', limit: '500', page: '1', include_cancel: '1', include_tentative: '1', include_denied: '1',
    });
  });

  test('form answers only where a question is wanted, and the prefix as it is set', async () => {
    const { client, asked } = libcalOver([ok([])], { formQuestions: ['q12505'], prefix: '/1.1' });

    await client.bookings(window);

    expect(asked()[0]?.pathname).toBe('/1.1/space/bookings');
    expect(asked()[0]?.searchParams.get('formAnswers')).toBe('1');
  });
});

describe('a reading', () => {
  test('of one short page is complete after one call', async () => {
    const { client, deps } = libcalOver([ok(rows(1, 3))]);

    const { bookings, rejected, proof } = await client.bookings(window);

    expect(bookings.map(({ key }) => key)).toEqual(['1', '2', '3']);
    expect(rejected).toEqual([]);
    expect(proof).toEqual({ isComplete: true });
    expect(deps.seen).toHaveLength(1);
  });

  test('of none is complete', async () => {
    const { client } = libcalOver([ok([])]);

    expect(await client.bookings(window)).toEqual({ bookings: [], rejected: [], proof: { isComplete: true } });
  });

  test('of several pages looks at the last full one again, and is complete when that has not moved', async () => {
    const { client, asked } = libcalOver([ok(rows(1, 3)), ok(rows(4, 6)), ok(rows(7, 8)), ok(rows(4, 6))], { pageSize: 3 });

    const { bookings, proof } = await client.bookings(window);

    expect(bookings.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(proof).toEqual({ isComplete: true });
    expect(pageNumbers(asked())).toEqual(['1', '2', '3', '2']);
  });

  test('that ends on a full page asks for one more', async () => {
    const { client, asked } = libcalOver([ok(rows(1, 3)), ok([]), ok(rows(1, 3))], { pageSize: 3 });

    expect(await client.bookings(window)).toMatchObject({ bookings: { length: 3 }, proof: { isComplete: true } });
    expect(pageNumbers(asked())).toEqual(['1', '2', '1']);
  });

  test.each([20, 100])('of exactly %i rows asks for more: a server that cuts without a word looks like that', async (cut) => {
    const { client } = libcalOver([ok(rows(1, cut)), ok(rows(cut + 1, cut + 5)), ok(rows(1, cut))]);

    expect(await client.bookings(window)).toMatchObject({ bookings: { length: cut + 5 }, proof: { isComplete: true } });
  });

  test('that sees a row on two pages has moved: it is read again, and the second reading counts', async () => {
    const moved = [ok(rows(1, 3)), ok([row(3), row(4)])];
    const still = [ok([row(0), row(1), row(2)]), ok([row(3), row(4)]), ok([row(0), row(1), row(2)])];
    const { client } = libcalOver([...moved, ...still], { pageSize: 3 });

    const { bookings, proof } = await client.bookings(window);

    expect(bookings.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
    expect(proof).toEqual({ isComplete: true });
  });

  test('that lost a row between two pages has moved, though no row came twice', async () => {
    // Row 1 left after page one: row 4 slid onto page one, and page two begins with row 5.
    const moved = [ok(rows(1, 3)), ok([row(5)]), ok(rows(2, 4))];
    const still = [ok(rows(2, 4)), ok([row(5)]), ok(rows(2, 4))];
    const { client } = libcalOver([...moved, ...still], { pageSize: 3 });

    const { bookings, proof } = await client.bookings(window);

    expect(bookings.map(({ id }) => id)).toEqual([2, 3, 4, 5]);
    expect(proof).toEqual({ isComplete: true });
  });

  test('that shows one row twice on one page has not moved: without a number, seats of one bookId look the same', async () => {
    const twin = row(1, { id: undefined });
    const { client } = libcalOver([ok([twin, twin]), ok([row(2)]), ok([twin, twin])], { pageSize: 2 });

    expect(await client.bookings(window)).toMatchObject({ bookings: { length: 2 }, proof: { isComplete: true } });
  });

  test('that moves twice says so, lists each row once and is not tried a third time', async () => {
    const moving = [ok(rows(1, 3)), ok([row(3), row(4)])];
    const { client, deps } = libcalOver([...moving, ...moving], { pageSize: 3 });

    const { bookings, proof } = await client.bookings(window);

    expect(bookings.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(proof).toEqual({ isComplete: false, reason: 'MOVED' });
    expect(deps.seen).toHaveLength(4);
  });

  test('from a server that ignores the page number ends, and proves nothing', async () => {
    const { client, deps } = libcalOver([ok(rows(1, 100))]);

    const { bookings, proof } = await client.bookings(window);

    expect(bookings).toHaveLength(100);
    expect(proof).toEqual({ isComplete: false, reason: 'NO_PAGING' });
    expect(deps.seen).toHaveLength(2);
  });

  test.each([
    ['an error', answer(500)],
    ['a page of HTML', answer(200, { 'content-type': 'text/html' }, '<html>maintenance</html>')],
    ['an error inside a success', ok({ error: 'try later' })],
  ])('whose second page is %s fails as a whole', async (_what, second) => {
    const { client } = libcalOver([ok(rows(1, 3)), second], { pageSize: 3 });

    await expect(client.bookings(window)).rejects.toBeInstanceOf(ConcordError);
  });
});

describe('rows that cannot be read', () => {
  test('are told by name, stop no other and leave the reading complete', async () => {
    const { client } = libcalOver([ok([row(1), row(2, { fromDate: '2026-11-23 09:00' }), row(3)])]);

    const { bookings, rejected, proof } = await client.bookings(window);

    expect(bookings.map(({ id }) => id)).toEqual([1, 3]);
    expect(rejected).toEqual([{ key: '2', bookId: 'cs_2', code: 'UNREADABLE', fields: ['fromDate'] }]);
    expect(proof).toEqual({ isComplete: true });
  });

  test.each([
    ['null', null],
    ['a text', 'cs_2'],
    ['a row with an id that is none', row(2, { id: 'x' })],
    ['a row without number and start', { ...row(2), id: undefined, fromDate: 'soon' }],
  ])('and not be named (%s) leave nothing proven: any booking may be meant', async (_what, unfit) => {
    const { client } = libcalOver([ok([row(1), unfit])]);

    const { bookings, rejected, proof } = await client.bookings(window);

    expect(bookings).toHaveLength(1);
    expect(rejected).toHaveLength(1);
    expect(proof).toEqual({ isComplete: false, reason: 'UNNAMED' });
  });

  test('an error element beside rows is one of them, and nothing but error elements is no list', async () => {
    const beside = libcalOver([ok([row(1), { error: 'booking not readable' }])]);
    const alone = libcalOver([ok([{ error: 'invalid location' }])]);

    expect(await beside.client.bookings(window)).toMatchObject({ bookings: { length: 1 }, rejected: [{ code: 'ERROR_INSIDE' }], proof: { isComplete: false } });
    await expect(alone.client.bookings(window)).rejects.toMatchObject({ code: 'E_ANSWER_INVALID', reason: 'ERROR_INSIDE' });
  });

  test('none of their values is kept', async () => {
    const { client } = libcalOver([ok([row(2, { fromDate: 'soon', lastName: 'Marker' })])]);

    expect(JSON.stringify((await client.bookings(window)).rejected)).not.toMatch(/Marker|soon|example/);
  });
});

describe('what names a row', () => {
  test('seats that share a bookId are different rows', async () => {
    const { client } = libcalOver([ok([row(1, { bookId: 'cs_a', seat_id: 5 }), row(2, { bookId: 'cs_a', seat_id: 6 })])]);

    expect((await client.bookings(window)).bookings.map(({ key }) => key)).toEqual(['1', '2']);
  });

  test('without a number (2020): bookId, start, space and seat, so that occurrences stay apart', async () => {
    const old = { id: undefined, bookId: 'cs_a' };
    const { client } = libcalOver([ok([row(1, old), row(2, { ...old, fromDate: '2026-11-24T09:00:00-05:00' }), row(3, { ...old, seat_id: 61544 }), row(4, old)])]);

    const { bookings, proof } = await client.bookings(window);

    expect(bookings.map(({ key }) => key)).toEqual(['cs_a 1795442400 70211 -', 'cs_a 1795528800 70211 -', 'cs_a 1795442400 70211 61544']);
    expect(proof).toEqual({ isComplete: true });
  });

  test('a number that stands for two occurrences names neither of them, until the site says that it is none', async () => {
    const twice = [row(1), row(1, { fromDate: '2026-11-24T09:00:00-05:00' }), row(2)];
    const byNumber = libcalOver([ok(twice)]);
    const byPlace = libcalOver([ok(twice)], { identity: 'place-and-time' });

    expect(await byNumber.client.bookings(window)).toMatchObject({ bookings: [{ id: 2 }], rejected: [{ key: '1', code: 'ID_NOT_UNIQUE' }] });
    expect((await byPlace.client.bookings(window)).bookings).toHaveLength(3);
  });

  test('a row that can be read and one that cannot under the same name: neither is taken for the other', async () => {
    const { client } = libcalOver([ok([row(1), row(1, { toDate: 'later' })])]);

    expect(await client.bookings(window)).toMatchObject({ bookings: [], rejected: [{ key: '1', code: 'UNREADABLE' }], proof: { isComplete: true } });
  });
});
