/**
 * The hub loses its memory: all tables emptied, or put back to what they held yesterday. One full run links every item again, and
 * nothing is doubled, as far as the target can say what is ours: by ids that we choose, or by a look for what we made.
 */
import { describe, expect, test } from 'vitest';
import type { Key, Table, TableName } from '../../shared/base/table.ts';
import { calendarHub } from '../samples/calendar-hub.ts';

const start = '2027-03-04T18:00:00.000Z';

function filled() {
  const hub = calendarHub();
  for (let n = 1; n <= 5; n++) hub.rows.add({ title: `Choir ${n}`, start_date: start, approved: true });
  hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z' }, 'picnic.ics');
  return hub;
}

async function keysOf(table: Table, name: TableName, pk: string): Promise<Key[]> {
  const { rows } = await table.query({ table: name, pk });
  return rows.map(({ sk }) => ({ table: name, pk, sk }));
}

const partitions = [
  ['links', 'directus-nextcloud/events'], ['links', 'directus-nextcloud/events#id'], ['links', 'directus-nextcloud/events#conflict'],
  ['runs', 'directus-nextcloud'], ['runs', 'directus-nextcloud#plan'], ['runs', 'directus-nextcloud#run'],
] as const;

async function empty(table: Table): Promise<void> {
  for (const [name, pk] of partitions) for (const key of await keysOf(table, name, pk)) await table.write([{ kind: 'delete', key, when: 'any' }]);
}

async function backup(table: Table): Promise<() => Promise<void>> {
  const kept = (await Promise.all(partitions.map(async ([name, pk]) => (await table.query({ table: name, pk })).rows))).flat();
  return async () => {
    await empty(table);
    for (const { rev: _rev, ...row } of kept) await table.write([{ kind: 'put', row, when: 'any' }]);
  };
}

describe('after a loss of memory', () => {
  test('with empty tables, one full run links every item again and writes nothing to either system', async () => {
    const hub = filled();
    await hub.run();
    await hub.run();
    const [rows, objects] = [hub.rows.size, hub.objects.size];
    await empty(hub.table);

    const again = await hub.run({ full: true });
    const quiet = await hub.run();

    expect([hub.rows.size, hub.objects.size]).toEqual([rows, objects]);
    expect(again.streams['events']).toMatchObject({ linked: 6, created: 0, deleted: 0, failed: 0, parked: 0 });
    expect(quiet.planned).toBe(0);
  });

  test('with empty tables, what was withdrawn and what was changed meanwhile is made right, and nothing is made twice', async () => {
    const hub = filled();
    await hub.run();
    await hub.run();
    await empty(hub.table);
    const [first, second] = hub.rows.all();
    hub.rows.edit(first?.id ?? 0, { title: 'Choir 1 moved' });
    hub.rows.edit(second?.id ?? 0, { approved: false });

    await hub.run({ full: true });
    await hub.run();

    const summaries = hub.objects.all().map(({ text }) => /SUMMARY:(.*)\r/.exec(text)?.[1] ?? '').toSorted();
    expect(summaries).toEqual(['Choir 1 moved', 'Choir 3', 'Choir 4', 'Choir 5', 'Picnic']);
    expect(hub.rows.size).toBe(6);
  });

  test('with the tables of yesterday, one full run finds what was made, changed and deleted since', async () => {
    const hub = filled();
    await hub.run();
    await hub.run();
    const restore = await backup(hub.table);
    const [first, second] = hub.rows.all();
    hub.rows.edit(first?.id ?? 0, { title: 'Choir 1 moved' });
    hub.rows.remove(second?.id ?? 0);
    hub.rows.add({ title: 'Lecture', start_date: start, approved: true });
    hub.objects.put({ uid: 'other@example.org', summary: 'Market', start: '20270502T100000Z' }, 'market.ics');
    await hub.run();
    await hub.run();
    await restore();

    await hub.run({ full: true });
    await hub.run();
    const quiet = await hub.run();

    const summaries = hub.objects.all().map(({ text }) => /SUMMARY:(.*)\r/.exec(text)?.[1] ?? '').toSorted();
    expect(summaries).toEqual(['Choir 1 moved', 'Choir 3', 'Choir 4', 'Choir 5', 'Lecture', 'Market', 'Picnic']);
    expect(hub.rows.all().map(({ title }) => title).toSorted()).toEqual(['Choir 1 moved', 'Choir 3', 'Choir 4', 'Choir 5', 'Lecture', 'Market', 'Picnic']);
    expect(quiet.planned).toBe(0);
  });
});
