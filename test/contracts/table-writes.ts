/** The table contract, first part: single rows and what survives in them, conditions, and groups of writes. See table.ts. */
import { expect, test } from 'vitest';
import { ConditionFailed } from '../../shared/base/errors.ts';
import type { Condition, JsonObject, TableWrite } from '../../shared/base/table.ts';
import { aRow, fill, keyOf, put, sortKeys } from './table-rows.ts';
import type { TableUnderTest } from './table-rows.ts';

export function oneRowAtATime(world: () => TableUnderTest): void {
  test('a row that was never put is not there', async () => {
    expect(await world().table.get(keyOf('nothing'))).toBeUndefined();
  });

  test('a row comes back with everything that was put, and its revision', async () => {
    const { table, clock } = world();
    const row = aRow({ head: 'short', index: { open: 'o', match: 'm', parent: 'p' }, expiresAt: clock.now() + 60_000 });

    const revs = await table.write([{ kind: 'put', row, when: 'any' }]);

    expect(revs).toEqual([1]);
    expect(await table.get(row)).toStrictEqual({ ...row, rev: 1 });
  });

  test('what was not put is not there when the row comes back', async () => {
    const { table } = world();

    await table.write([put({ head: undefined, index: { open: undefined }, expiresAt: undefined })]);

    expect(await table.get(keyOf('row'))).toStrictEqual({ ...aRow(), rev: 1 });
  });

  test('each further put raises the revision by one and replaces the whole row', async () => {
    const { table } = world();
    await table.write([put({ head: 'first', index: { open: 'o' }, body: { first: 1 } })]);

    const second = await table.write([put({ body: { second: 2 } })]);
    const third = await table.write([put({ body: { third: 3 } })]);

    expect([second, third]).toEqual([[2], [3]]);
    expect(await table.get(keyOf('row'))).toStrictEqual({ ...aRow({ body: { third: 3 } }), rev: 3 });
  });

  test('a deleted row is gone, and starts again at revision 1', async () => {
    const { table } = world();
    await table.write([put()]);
    await table.write([put()]);

    const deleted = await table.write([{ kind: 'delete', key: keyOf('row'), when: 'any' }]);
    const gone = await table.get(keyOf('row'));
    const again = await table.write([put()]);

    expect({ deleted, gone, again }).toEqual({ deleted: [0], gone: undefined, again: [1] });
  });

  test('the three tables are apart', async () => {
    const { table } = world();

    await table.write([put({ table: 'links', body: { in: 'links' } }), put({ table: 'runs', body: { in: 'runs' } })]);

    expect((await table.get(keyOf('row', { table: 'links' })))?.body).toEqual({ in: 'links' });
    expect((await table.get(keyOf('row', { table: 'runs' })))?.body).toEqual({ in: 'runs' });
    expect(await table.get(keyOf('row', { table: 'hosted' }))).toBeUndefined();
  });

  test.each<[string, JsonObject]>([
    ['text of every plane', { text: 'Zürich, 東京, \u{1F600}, \u{10FFFF}, \u{2F800}', 'ключ': 'value', 'e\u0301': 'two code points' }],
    ['control characters and quotes', { text: '\u0000\u0001\t\n\r"\\\u007f\u2028' }],
    ['numbers at the ends of their range', { big: 9_007_199_254_740_991, huge: 1.7976931348623157e308, tiny: 5e-324, fraction: 0.1, negative: -1e21 }],
    ['null, empty and nested values', { nothing: null, text: '', list: [], object: {}, nested: [{ deep: [null, [1, { deeper: false }]] }] }],
    ['names that JavaScript uses itself', JSON.parse('{"__proto__": 1, "constructor": "c", "toString": null}')],
  ])('a body survives: %s', async (_, body) => {
    const { table } = world();

    await table.write([put({ body })]);

    expect(JSON.stringify((await table.get(keyOf('row')))?.body)).toBe(JSON.stringify(body));
  });

  test('undefined within a body is left out', async () => {
    const { table } = world();

    await table.write([put({ body: { kept: 1, dropped: undefined, inside: { dropped: undefined } } })]);

    expect((await table.get(keyOf('row')))?.body).toStrictEqual({ kept: 1, inside: {} });
  });

  test('a change to what was put or read does not reach the store', async () => {
    const { table } = world();
    const body = { list: ['put'] };
    await table.write([put({ body })]);
    body.list.push('later');

    const read = await table.get(keyOf('row'));
    Object.assign(read?.body ?? {}, { list: 'overwritten' });

    expect((await table.get(keyOf('row')))?.body).toEqual({ list: ['put'] });
  });

  test('250 keys in two tables are read together, without the missing ones and each once', async () => {
    const { table } = world();
    const names = Array.from({ length: 250 }, (_, at) => `row-${at}`);
    await fill(table, names.map((sk, at) => ({ sk, table: at % 2 === 0 ? 'links' : 'runs' })));
    const keys = names.map((sk, at) => keyOf(sk, { table: at % 2 === 0 ? 'links' : 'runs' }));

    const rows = await table.getMany([...keys, keyOf('missing'), keyOf('row-0'), keyOf('row-1')]);

    expect(sortKeys(rows).toSorted()).toEqual(names.toSorted());
    expect(await table.getMany([])).toEqual([]);
  });
}

export function conditions(world: () => TableUnderTest): void {
  const there = put({ body: { stands: 'already' } });

  test.each<[TableWrite['kind'], string, Condition, 'holds' | 'fails']>([
    ['put', 'a missing row', 'absent', 'holds'],
    ['put', 'a missing row', 'any', 'holds'],
    ['put', 'a missing row', { rev: 1 }, 'fails'],
    ['put', 'a row at revision 1', 'absent', 'fails'],
    ['put', 'a row at revision 1', 'any', 'holds'],
    ['put', 'a row at revision 1', { rev: 1 }, 'holds'],
    ['put', 'a row at revision 1', { rev: 2 }, 'fails'],
    ['delete', 'a missing row', 'absent', 'holds'],
    ['delete', 'a missing row', 'any', 'holds'],
    ['delete', 'a missing row', { rev: 1 }, 'fails'],
    ['delete', 'a row at revision 1', 'absent', 'fails'],
    ['delete', 'a row at revision 1', 'any', 'holds'],
    ['delete', 'a row at revision 1', { rev: 1 }, 'holds'],
    ['delete', 'a row at revision 1', { rev: 2 }, 'fails'],
    ['check', 'a missing row', 'absent', 'holds'],
    ['check', 'a missing row', 'any', 'holds'],
    ['check', 'a missing row', { rev: 1 }, 'fails'],
    ['check', 'a row at revision 1', 'absent', 'fails'],
    ['check', 'a row at revision 1', 'any', 'holds'],
    ['check', 'a row at revision 1', { rev: 1 }, 'holds'],
    ['check', 'a row at revision 1', { rev: 2 }, 'fails'],
  ])('%s on %s, when %j: %s', async (kind, stands, when, expected) => {
    const { table } = world();
    if (stands !== 'a missing row') await table.write([there]);
    const before = await table.get(keyOf('row'));

    const [outcome] = await table.writeGroups([[writeOf(kind, when)]]);

    const after = await table.get(keyOf('row'));
    const rev = kind === 'put' ? (before?.rev ?? 0) + 1 : 0;
    const changed = kind === 'put' ? { ...aRow({ body: { written: true } }), rev } : undefined;
    expect(outcome).toEqual(expected === 'holds' ? { ok: true, revs: [rev] } : { ok: false, failed: 0 });
    expect(after).toEqual(expected === 'holds' && kind !== 'check' ? changed : before);
  });

  test('a revision that was overtaken no longer holds', async () => {
    const { table } = world();
    await table.write([put()]);
    await table.write([put({}, { rev: 1 })]);

    const late = table.write([put({ body: { late: true } }, { rev: 1 })]);

    await expect(late).rejects.toThrow(ConditionFailed);
    expect(await table.get(keyOf('row'))).toMatchObject({ rev: 2, body: { colour: 'green' } });
  });
}

export function groups(world: () => TableUnderTest): void {
  test('a group is written across tables, with its revisions in order', async () => {
    const { table } = world();
    await table.write([put({ sk: 'old' }), put({ sk: 'raised' })]);

    const revs = await table.write([
      put({ sk: 'raised' }, { rev: 1 }),
      { kind: 'check', key: keyOf('raised', { table: 'runs' }), when: 'absent' },
      put({ table: 'hosted', sk: 'new' }, 'absent'),
      { kind: 'delete', key: keyOf('old'), when: { rev: 1 } },
    ]);

    expect(revs).toEqual([2, 0, 1, 0]);
    expect(await table.get(keyOf('old'))).toBeUndefined();
    expect(await table.get(keyOf('new', { table: 'hosted' }))).toMatchObject({ rev: 1 });
  });

  test('a group with one condition that does not hold leaves nothing behind, and names the first such place', async () => {
    const { table } = world();
    await table.write([put({ sk: 'stands' }), put({ sk: 'to-delete' })]);

    const writing = table.write([
      put({ sk: 'before', table: 'runs' }),
      { kind: 'delete', key: keyOf('to-delete'), when: 'any' },
      put({ sk: 'stands' }, 'absent'),
      put({ sk: 'after' }, { rev: 7 }),
    ]);

    await expect(writing).rejects.toMatchObject({ code: 'E_CONDITION', failed: 2 });
    expect(await table.get(keyOf('before', { table: 'runs' }))).toBeUndefined();
    expect(await table.get(keyOf('after'))).toBeUndefined();
    expect(await table.get(keyOf('to-delete'))).toMatchObject({ rev: 1 });
    expect(await table.get(keyOf('stands'))).toMatchObject({ rev: 1 });
  });

  test('a check alone holds back the writes beside it', async () => {
    const { table } = world();

    const writing = table.write([put({ sk: 'row' }), { kind: 'check', key: keyOf('plan', { table: 'runs' }), when: { rev: 3 } }]);

    await expect(writing).rejects.toMatchObject({ failed: 1 });
    expect(await table.get(keyOf('row'))).toBeUndefined();
  });

  test('many groups are independent: one that fails does not touch the others', async () => {
    const { table } = world();
    await table.write([put({ sk: 'taken' })]);

    const outcomes = await table.writeGroups([
      [put({ sk: 'a' }, 'absent'), put({ sk: 'a-second' }, 'absent')],
      [put({ sk: 'b' }, 'absent'), put({ sk: 'taken' }, 'absent')],
      [],
      [put({ sk: 'c' }, 'absent')],
    ]);

    expect(outcomes).toEqual([{ ok: true, revs: [1, 1] }, { ok: false, failed: 1 }, { ok: true, revs: [] }, { ok: true, revs: [1] }]);
    expect(sortKeys((await table.query({ table: 'links', pk: 'partition' })).rows)).toEqual(['a', 'a-second', 'c', 'taken']);
  });

  test('more groups than one transaction could hold are written', async () => {
    const { table } = world();
    const many = Array.from({ length: 150 }, (_, at) => [put({ sk: `link-${at}` }, 'absent'), put({ sk: `unique-${at % 149}`, table: 'runs' }, 'absent')]);

    const outcomes = await table.writeGroups(many);

    // The last group meets the first one's unique row; which of the two comes first is not promised.
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(149);
    expect((await table.query({ table: 'links', pk: 'partition' })).rows).toHaveLength(149);
  });

  test('nothing to write is no error', async () => {
    const { table } = world();

    expect(await table.write([])).toEqual([]);
    expect(await table.writeGroups([])).toEqual([]);
  });

  test('a group has at most 100 rows', async () => {
    const { table } = world();
    const rows = Array.from({ length: 101 }, (_, at) => put({ sk: `row-${at}` }));

    const hundred = await table.write(rows.slice(0, 100));

    expect(hundred).toHaveLength(100);
    await expect(table.write(rows)).rejects.toThrow(RangeError);
    expect(await table.get(keyOf('row-100'))).toBeUndefined();
  });

  test('a group that names a row twice is refused', async () => {
    const { table } = world();

    const writing = table.write([put(), { kind: 'check', key: keyOf('row'), when: 'any' }]);

    await expect(writing).rejects.toThrow(RangeError);
    expect(await table.get(keyOf('row'))).toBeUndefined();
  });
}

function writeOf(kind: TableWrite['kind'], when: Condition): TableWrite {
  return kind === 'put' ? put({ body: { written: true } }, when) : { kind, key: keyOf('row'), when };
}
