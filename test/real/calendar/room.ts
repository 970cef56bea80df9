/** Where room is short, and where there is much: a full disk under our own state, and a calendar of thousands of events. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from './concord.ts';
import { addRows, afresh, atRest, deskAt, numbered, type Desk } from './desk.ts';
import { called, sorted, type CalendarPromise } from './story.ts';
import { anEventObject } from '../servers/calendar-member.ts';
import { smallDisk } from '../servers/small-disk.ts';

export function room(): readonly CalendarPromise[] {
  return [
    {
      name: 'a full disk under the state folder is said with exit 1, and with room again every event stands in the calendar once',
      withinMs: 120_000,
      run: async (servers) => {
        const disk = smallDisk(8192);
        try {
          const table = await afresh(servers, 'full-disk');
          const desk = disk === undefined ? table : deskAt(table, { ...table.place, state: disk.folder });
          await addRows(desk, numbered('Before', 3));
          await desk.run();
          await addRows(desk, numbered('After', 60));

          disk?.fill();
          const packed = disk === undefined ? undefined : await desk.run();
          disk?.fill({ leaveKib: 160 }); // enough to open the database, not for the run
          const full = await (disk === undefined ? runWithLargestFile(desk) : desk.run());
          disk?.free();
          const rows = (await desk.editor.list()).length;
          const next = await desk.run();
          const quiet = await desk.run();

          if (packed !== undefined) assert.deepEqual([packed.exit, /the disk is full/.test(packed.error?.message ?? '')], [1, true], packed.stderr);
          assert.equal(full.exit, 1, full.stderr);
          const told = full.error ?? full.report.problems[0];
          assert.equal(told?.code, 'E_STORE', full.stderr);
          assert.match(told.message, disk === undefined ? /the disk/ : /the disk is full/);
          assert.equal(rows, 63);
          assert.equal(next.exit, 0, `${next.stderr} ${JSON.stringify(next.report.problems)}`);
          assert.deepEqual(await called(desk, 'After'), sorted(numbered('After', 60)));
          assert.equal((await desk.titles()).length, 63);
          assert.partialDeepStrictEqual(quiet.report.streams['events'], atRest);
        } finally {
          disk?.remove();
        }
      },
    },
    {
      name: 'a calendar of thousands of events comes in whole, and a run at rest costs two calls',
      withinMs: 300_000,
      run: async (servers) => {
        const desk = await afresh(servers, 'large');
        const count = desk.server.facts.largeCalendar;
        await desk.server.fill(desk.calendar, numbered('Large', count).map((summary, index) => ({
          name: `large-${index + 1}.ics`,
          text: anEventObject({ uid: `large-${index + 1}@example.org`, summary, start: hourOf(index, 0), end: hourOf(index, 30) }),
        })));

        const first = await desk.run();
        await desk.run(); // rows of the last minute are looked at once more
        const idle = await desk.run();

        assert.equal(first.exit, 0, first.stderr);
        assert.partialDeepStrictEqual(first.report.streams['events'], { created: count, failed: 0 });
        const uids = (await desk.editor.list()).map((row) => row['nextcloud_uid']);
        assert.equal(uids.length, count);
        assert.equal(new Set(uids).size, count);
        assert.partialDeepStrictEqual(idle.report.streams['events'], atRest);
        assert.deepEqual(idle.report.calls, { directus: 1, nextcloud: 1 });
      },
    },
  ];
}

/** What it already holds may be written, not one block more. */
async function runWithLargestFile(desk: Desk): Promise<Ran> {
  const largest = Math.ceil(statSync(join(desk.place.state, 'concord.db')).size / 1024);
  return deskAt(desk, { ...desk.place, fileSizeMaxKib: largest }).run();
}

/** Every event at a time of its own: events of one title and start could be taken for one. */
function hourOf(index: number, minute: number): string {
  return new Date(Date.UTC(2027, 0, 1, index, minute)).toISOString().replaceAll(/[-:]|\.\d+/g, '');
}
