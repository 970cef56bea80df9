/** The table contract, third part: rows that expire, and how large rows and keys may be. See table.ts. */
import { expect, test } from 'vitest';
import { RowTooLarge } from '../../shared/base/errors.ts';
import { rowBytesMax } from '../../shared/base/table.ts';
import type { Condition, JsonObject, RowDraft, Table } from '../../shared/base/table.ts';
import { allPages, aRow, fill, from, keyOf, put, sortKeys } from './table-rows.ts';
import type { TableUnderTest } from './table-rows.ts';

export function expiry(world: () => TableUnderTest): void {
  const lifeMs = 60_000;
  const expired = async (): Promise<Table> => {
    const { table, clock } = world();
    const passing: Partial<RowDraft> = { sk: 'passing', expiresAt: clock.now() + lifeMs, head: 'old', index: { open: 'work' } };
    await table.write([put({ sk: 'lasting', index: { open: 'work' } }), put(passing)]);
    await table.write([put(passing)]);
    clock.advance(lifeMs);
    return table;
  };

  test('a row is there until the millisecond it expires', async () => {
    const { table, clock } = world();
    await table.write([put({ expiresAt: clock.now() + lifeMs })]);

    clock.advance(lifeMs - 1);
    const before = await table.get(keyOf('row'));
    clock.advance(1);
    const after = await table.get(keyOf('row'));

    expect({ before: before?.rev, after }).toEqual({ before: 1, after: undefined });
  });

  test('an expired row is hidden from every read at once', async () => {
    const table = await expired();

    expect(await table.get(keyOf('passing'))).toBeUndefined();
    expect(sortKeys(await table.getMany([keyOf('passing'), keyOf('lasting')]))).toEqual(['lasting']);
    expect(sortKeys((await table.query({ table: 'links', pk: 'partition' })).rows)).toEqual(['lasting']);
    expect(sortKeys((await table.queryHeads({ table: 'links', pk: 'partition' })).rows)).toEqual(['lasting']);
    expect(sortKeys((await table.queryIndex({ table: 'links', index: 'open', key: 'work' })).rows)).toEqual(['lasting']);
  });

  test.each<[Condition, 'holds' | 'fails']>([['absent', 'holds'], ['any', 'holds'], [{ rev: 2 }, 'fails']])('on an expired row at revision 2, when %j: %s', async (when, expected) => {
    const table = await expired();
    const key = keyOf('passing');

    const check = await table.writeGroups([[{ kind: 'check', key, when }]]);
    const puts = await table.writeGroups([[put({ sk: 'passing' }, when)]]);

    expect(check[0]?.ok).toBe(expected === 'holds');
    expect(puts[0]).toEqual(expected === 'holds' ? { ok: true, revs: [1] } : { ok: false, failed: 0 });
    expect((await table.get(key))?.rev).toBe(expected === 'holds' ? 1 : undefined);
  });

  test('an expired row can be deleted as absent, not as its revision', async () => {
    const table = await expired();
    const key = keyOf('passing');

    const outcomes = await table.writeGroups([[{ kind: 'delete', key, when: { rev: 2 } }], [{ kind: 'delete', key, when: 'absent' }]]);

    expect(outcomes).toEqual([{ ok: false, failed: 0 }, { ok: true, revs: [0] }]);
  });

  test('a put without an expiry makes a passing row last', async () => {
    const { table, clock } = world();
    await table.write([put({ expiresAt: clock.now() + lifeMs })]);

    await table.write([put()]);
    clock.advance(lifeMs * 1000);

    expect(await table.get(keyOf('row'))).toMatchObject({ rev: 2 });
  });

  test('expired rows between two pages do not end a listing', async () => {
    const { table, clock } = world();
    const names = Array.from({ length: 30 }, (_, at) => `row-${String(at).padStart(2, '0')}`);
    await fill(table, names.map((sk, at) => (at % 10 === 0 ? { sk } : { sk, expiresAt: clock.now() + lifeMs })));
    clock.advance(lifeMs);

    const { rows } = await allPages((after) => table.query({ table: 'links', pk: 'partition', limit: 2, ...from(after) }));

    expect(sortKeys(rows)).toEqual(['row-00', 'row-10', 'row-20']);
  });
}

export function bounds(world: () => TableUnderTest): void {
  test('a row of nearly 350 KB is stored, one above is refused with nothing written', async () => {
    const { table } = world();
    const large = bodyOf(rowBytesMax - 200);

    await table.write([put({ body: large })]);

    expect((await table.get(keyOf('row')))?.body).toEqual(large);
    await expect(table.write([put({ sk: 'beside' }), put({ sk: 'large', body: bodyOf(rowBytesMax) })])).rejects.toThrow(RowTooLarge);
    await expect(table.writeGroups([[put({ sk: 'beside' })], [put({ sk: 'large', body: bodyOf(rowBytesMax) })]])).rejects.toThrow(RowTooLarge);
    expect(await table.getMany([keyOf('beside'), keyOf('large')])).toEqual([]);
  });

  test('size is counted in bytes, not in characters', async () => {
    const body = { text: '東'.repeat(rowBytesMax / 2) };

    await expect(world().table.write([put({ body })])).rejects.toThrow(RowTooLarge);
  });

  test('large rows are listed in full, however many pages they take', async () => {
    const { table } = world();
    const names = Array.from({ length: 12 }, (_, at) => `row-${String(at).padStart(2, '0')}`);
    for (const sk of names) await table.write([put({ sk, body: bodyOf(300_000) })]);

    const listed = await allPages((after) => table.query({ table: 'links', pk: 'partition', ...from(after) }));
    const many = await table.getMany(names.map((sk) => keyOf(sk)));

    expect(sortKeys(listed.rows)).toEqual(names);
    expect(many).toHaveLength(12);
  });

  test('keys of 1 024 bytes are kept, in every place a key can stand', async () => {
    const { table } = world();
    const longest = '東'.repeat(341) + 'x';
    const row = aRow({ sk: longest, pk: longest.toUpperCase(), index: { open: longest } });

    await table.write([{ kind: 'put', row, when: 'absent' }]);

    expect(await table.get(row)).toStrictEqual({ ...row, rev: 1 });
    expect((await table.queryIndex({ table: 'links', index: 'open', key: longest })).rows).toHaveLength(1);
  });

  test.each([
    ['empty', ''],
    ['1 025 bytes long', 'é'.repeat(512) + 'x'],
    ['with U+0000', 'a\u0000b'],
    ['with half a surrogate pair', 'a\ud800'],
  ])('a key that is %s rejects the item, and is not quoted', async (_, text) => {
    const { table } = world();
    const writes = [put({ sk: text }), put({ pk: text }), put({ index: { match: text } }), { kind: 'check', key: keyOf(text), when: 'any' } as const];

    for (const write of writes) {
      const error: unknown = await table.write([put({ sk: 'beside' }), write]).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'E_KEY', retryable: false });
      expect(text !== '' && String(error).includes(text)).toBe(false);
    }
    expect(await table.get(keyOf('beside'))).toBeUndefined();
  });

  test('a head has at most 2 KB', async () => {
    const { table } = world();

    await table.write([put({ head: 'é'.repeat(1024) })]);

    await expect(table.write([put({ head: 'é'.repeat(1025) })])).rejects.toThrow(RowTooLarge);
    expect((await table.get(keyOf('row')))?.head).toBe('é'.repeat(1024));
  });
}

function bodyOf(bytes: number): JsonObject {
  return { text: 'x'.repeat(bytes) };
}
