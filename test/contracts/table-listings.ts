/** The table contract, second part: listings of a partition, their order and pages, and the sparse indexes. See table.ts. */
import { expect, test } from 'vitest';
import { ItemInvalid } from '../../shared/base/errors.ts';
import type { Row, Table } from '../../shared/base/table.ts';
import { allPages, aRow, fill, from, keyOf, put, sortKeys } from './table-rows.ts';
import type { TableUnderTest } from './table-rows.ts';

// In the order of their UTF-8 bytes. JavaScript's own order (UTF-16) would put the last but one before the fourth from the end.
const byteOrder = ['A', 'B', 'Z', 'a', 'ab', 'b', 'z', 'é', 'ž', '東', '\u{FB01}', '\u{FFFD}', '\u{1F600}', '\u{10FFFF}'];

export function listings(world: () => TableUnderTest): void {
  const filled = async (): Promise<Table> => {
    const { table } = world();
    await fill(table, byteOrder.toReversed().map((sk) => ({ sk, head: `head of ${sk}` })));
    await fill(table, [{ sk: 'elsewhere', pk: 'partitioo' }, { sk: 'elsewhere', pk: 'partitio' }, { sk: 'elsewhere', table: 'runs' }]);
    return table;
  };

  test('a partition is listed in the order of UTF-8 bytes, without its neighbours', async () => {
    const table = await filled();

    const { rows } = await table.query({ table: 'links', pk: 'partition' });

    expect(sortKeys(rows)).toEqual(byteOrder);
    expect(rows[0]).toStrictEqual({ ...aRow({ sk: 'A', head: 'head of A' }), rev: 1 });
  });

  test('a listing goes backwards', async () => {
    const table = await filled();

    const { rows } = await allPages((after) => table.query({ table: 'links', pk: 'partition', reverse: true, limit: 3, ...from(after) }));

    expect(sortKeys(rows)).toEqual(byteOrder.toReversed());
  });

  test.each([1, 2, 5, 13, 14, 15, 100])('pages of %i rows are the whole listing, each row once', async (limit) => {
    const table = await filled();

    const whole = await allPages((after) => table.query({ table: 'links', pk: 'partition', limit, ...from(after) }));
    const heads = await allPages((after) => table.queryHeads({ table: 'links', pk: 'partition', limit, ...from(after) }));

    expect(sortKeys(whole.rows)).toEqual(byteOrder);
    expect(sortKeys(heads.rows)).toEqual(byteOrder);
    expect(Math.max(...whole.sizes, ...heads.sizes)).toBeLessThanOrEqual(limit);
  });

  test.each([
    ['link#', ['link#', 'link#1', 'link#2', 'link#\u{10FFFF}', 'link#\u{10FFFF}x']],
    ['link#\u{10FFFF}', ['link#\u{10FFFF}', 'link#\u{10FFFF}x']],
    ['\u{D7FF}', ['\u{D7FF}']],
    ['\u{10FFFF}', ['\u{10FFFF}', '\u{10FFFF}\u{10FFFF}']],
    ['50%_', ['50%_off']],
    ['nothing', []],
  ])('prefix %j lists exactly the rows that start with it, both ways and in pages', async (prefix, expected) => {
    const { table } = world();
    await fill(table, ['link', 'link!', 'link#', 'link#1', 'link#2', 'link#\u{10FFFF}', 'link#\u{10FFFF}x', 'link$', 'LINK#1', '\u{D7FF}', '\u{E000}', '\u{10FFFF}', '\u{10FFFF}\u{10FFFF}', '50%_off', '50xyoff'].map((sk) => ({ sk })));

    const forward = await allPages((after) => table.query({ table: 'links', pk: 'partition', prefix, limit: 2, ...from(after) }));
    const backward = await allPages((after) => table.query({ table: 'links', pk: 'partition', prefix, limit: 2, reverse: true, ...from(after) }));
    const heads = await allPages((after) => table.queryHeads({ table: 'links', pk: 'partition', prefix, limit: 2, ...from(after) }));

    expect(sortKeys(forward.rows)).toEqual(expected);
    expect(sortKeys(backward.rows)).toEqual(expected.toReversed());
    expect(sortKeys(heads.rows)).toEqual(expected);
  });

  test('heads come without bodies, and empty where there is none', async () => {
    const { table } = world();
    await table.write([put({ sk: 'a', head: 'ä \u{1F600}' }), put({ sk: 'b' }), put({ sk: 'c', head: '' })]);
    await table.write([put({ sk: 'b' })]);

    const { rows } = await table.queryHeads({ table: 'links', pk: 'partition' });

    expect(rows).toStrictEqual([{ sk: 'a', rev: 1, head: 'ä \u{1F600}' }, { sk: 'b', rev: 2, head: '' }, { sk: 'c', rev: 1, head: '' }]);
  });

  test('a page has at most 1 000 rows when nobody says how many', async () => {
    const { table } = world();
    await fill(table, Array.from({ length: 1001 }, (_, at) => ({ sk: `row-${at}` })));

    const bodies = await allPages((after) => table.query({ table: 'links', pk: 'partition', ...from(after) }));
    const heads = await allPages((after) => table.queryHeads({ table: 'links', pk: 'partition', ...from(after) }));

    for (const { rows, sizes } of [bodies, heads]) {
      expect(rows).toHaveLength(1001);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
    }
  });

  test('an empty partition is one empty last page', async () => {
    const { table } = world();

    expect(await table.query({ table: 'links', pk: 'empty' })).toStrictEqual({ rows: [] });
    expect(await table.queryHeads({ table: 'links', pk: 'empty' })).toStrictEqual({ rows: [] });
  });

  test('rows that come and go between two pages do not hide or repeat the others', async () => {
    const { table } = world();
    await fill(table, ['a', 'b', 'c', 'd', 'e'].map((sk) => ({ sk })));
    const first = await table.query({ table: 'links', pk: 'partition', limit: 2 });
    await table.write([{ kind: 'delete', key: keyOf('b'), when: 'any' }, put({ sk: 'aa' }), put({ sk: 'cc' })]);

    const rest = await allPages((after) => table.query({ table: 'links', pk: 'partition', limit: 2, after: after ?? first.next ?? '' }));

    expect(sortKeys(first.rows)).toEqual(['a', 'b']);
    expect(sortKeys(rest.rows)).toEqual(['c', 'cc', 'd', 'e']);
  });

  test.each(['', 'made up', 'W10', 'bnVsbA'])('a page token that is none (%j) is refused by name', async (after) => {
    const { table } = world();

    await expect(table.query({ table: 'links', pk: 'partition', after })).rejects.toMatchObject({ code: 'E_PAGE_TOKEN' });
    await expect(table.queryHeads({ table: 'links', pk: 'partition', after })).rejects.toMatchObject({ code: 'E_PAGE_TOKEN' });
    await expect(table.queryIndex({ table: 'links', index: 'open', key: 'k', after })).rejects.toMatchObject({ code: 'E_PAGE_TOKEN' });
  });

  test('a page token of another listing is refused', async () => {
    const table = await filled();
    const { next = '' } = await table.query({ table: 'links', pk: 'partition', limit: 2 });

    await expect(table.query({ table: 'links', pk: 'partitio', after: next })).rejects.toThrow(ItemInvalid);
    await expect(table.query({ table: 'links', pk: 'partition', prefix: 'z', after: next })).rejects.toThrow(ItemInvalid);
  });

  test.each([0, -1, 1.5, Number.NaN])('a page of %d rows is refused', async (limit) => {
    await expect(world().table.query({ table: 'links', pk: 'partition', limit })).rejects.toThrow(RangeError);
  });
}

export function indexes(world: () => TableUnderTest): void {
  const open = async (key = 'work'): Promise<readonly Row[]> => (await world().table.queryIndex({ table: 'links', index: 'open', key })).rows;

  test('an index lists whole rows of any partition, ordered by partition and sort key', async () => {
    const { table } = world();
    const index = { open: 'work' };
    await fill(table, [
      { pk: 'b', sk: 'a', index },
      { pk: 'a', sk: 'z', index },
      { pk: 'a', sk: '\u{1F600}', index },
      { pk: 'a', sk: '\u{FB01}', index },
      { pk: 'a!', sk: 'a', index, head: 'h', body: { n: 1 } },
      { pk: 'a', sk: 'y', index: { open: 'work elsewhere' } },
      { pk: 'a', sk: 'x', index: { match: 'work' } },
      { pk: 'a', sk: 'w' },
      { pk: 'a', sk: 'v', index, table: 'runs' },
    ]);

    const rows = await open();

    expect(rows.map((row) => [row.pk, row.sk])).toEqual([['a', 'z'], ['a', '\u{FB01}'], ['a', '\u{1F600}'], ['a!', 'a'], ['b', 'a']]);
    expect(rows[3]).toStrictEqual({ ...aRow({ pk: 'a!', sk: 'a', index, head: 'h', body: { n: 1 } }), rev: 1 });
  });

  test('a row leaves an index when a put no longer names its key, and when it is deleted', async () => {
    const { table } = world();
    await fill(table, ['stays', 'moves', 'leaves', 'goes'].map((sk) => ({ sk, index: { open: 'work' } })));

    await table.write([
      put({ sk: 'moves', index: { open: 'other' } }),
      put({ sk: 'leaves', index: { parent: 'work' } }),
      { kind: 'delete', key: keyOf('goes'), when: 'any' },
    ]);

    expect(sortKeys(await open())).toEqual(['stays']);
    expect(sortKeys(await open('other'))).toEqual(['moves']);
    expect(sortKeys((await table.queryIndex({ table: 'links', index: 'parent', key: 'work' })).rows)).toEqual(['leaves']);
  });

  test.each([1, 2, 7, 8])('an index is listed in pages of %i, each row once', async (limit) => {
    const { table } = world();
    const places = ['a', 'b', 'c'].flatMap((pk) => ['x', 'y', 'z'].map((sk) => ({ pk, sk }))).slice(0, 8);
    await fill(table, places.map((place) => ({ ...place, index: { match: 'same' } })));

    const { rows, sizes } = await allPages((after) => table.queryIndex({ table: 'links', index: 'match', key: 'same', limit, ...from(after) }));

    expect(rows.map(({ pk, sk }) => ({ pk, sk }))).toEqual(places);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
  });

  test('a failed group leaves the index as it was', async () => {
    const { table } = world();
    await table.write([put({ sk: 'stands', index: { open: 'work' } })]);

    await table.writeGroups([[put({ sk: 'new', index: { open: 'work' } }), put({ sk: 'stands' }), put({ sk: 'last' }, { rev: 9 })]]);

    expect(sortKeys(await open())).toEqual(['stands']);
  });
}
