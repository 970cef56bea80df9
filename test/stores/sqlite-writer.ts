/**
 * A second process on a SQLite file, started by sqlite-table.test.ts: it counts on a row that others count on too, or writes pairs of
 * rows until it is killed, telling its parent after each pair that was promised to be stored.
 */
import { manualClock } from '../../shared/base/clock.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';

const [task, path = ''] = process.argv.slice(2);
const table = sqliteTable({ path, clock: manualClock() });

if (task === 'count') await count(100);
else await writePairs();
table.close();

async function count(times: number): Promise<void> {
  const key = { table: 'links', pk: 'partition', sk: 'counter' } as const;
  for (let done = 0; done < times; ) {
    const before = await table.get(key);
    const body = { count: Number(before?.body['count'] ?? 0) + 1 };
    // Reading first within the group is what makes two transactions cross, if they may.
    const [outcome] = await table.writeGroups([[
      { kind: 'check', key: { ...key, sk: 'nothing' }, when: 'absent' },
      { kind: 'put', row: { ...key, body }, when: before === undefined ? 'absent' : { rev: before.rev } },
    ]]);
    if (outcome?.ok) done += 1;
  }
}

async function writePairs(): Promise<void> {
  for (let pair = 1; ; pair += 1) {
    const row = { pk: 'partition', sk: `pair-${String(pair).padStart(8, '0')}`, head: `${pair}`, body: { text: 'x'.repeat(2000) } };
    await table.write([
      { kind: 'put', row: { ...row, table: 'links' }, when: 'absent' },
      { kind: 'put', row: { ...row, table: 'runs' }, when: 'absent' },
    ]);
    // Waits until the message has left, or the parent would never get a turn.
    await new Promise((resolve) => process.send?.(pair, resolve));
  }
}
