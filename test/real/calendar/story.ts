/**
 * Two hundred events between real servers, told in order: first sync both ways, each kind of change on each side, two runs at
 * once, and a run that is killed in the middle and made right by the next. What the other stories are told with stands here too.
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ended, start } from './concord.ts';
import { addRows, afresh, aRow, atRest, numbered, type Desk } from './desk.ts';
import { anEventObject } from '../servers/calendar-member.ts';
import type { CaldavServer } from '../servers/caldav-server.ts';
import type { DirectusServer } from '../servers/directus.ts';

/** What holds between Directus and any CalDAV server. */
export interface CalendarPromise {
  readonly name: string;
  readonly withinMs?: number;
  readonly run: (servers: { readonly directus: DirectusServer; readonly server: CaldavServer }) => Promise<void>;
}

const approvedCount = 150;
const memberCount = 50;

export function calendarStory(): readonly CalendarPromise[] {
  let begun: Desk | undefined;
  const theDesk = (): Desk => begun ?? assert.fail('the first run has not been made');

  return [
    {
      name: 'a first run carries approved events out and members’ events in, each once, and a second run changes nothing',
      withinMs: 120_000,
      run: async (servers) => {
        const desk = await afresh(servers, 'nonprofit-events');
        begun = desk;
        await addRows(desk, numbered('Approved', approvedCount), { organizer: 'Ada Example' });
        for (let n = 1; n <= memberCount; n++) await desk.member.put(`${desk.calendar}member-${n}.ics`, anEventObject({ uid: `member-${n}@example.org`, summary: `Member ${n}` }));

        const first = await desk.run();
        const second = await desk.run();
        const third = await desk.run();

        assert.equal(first.exit, 0, first.stderr);
        assert.partialDeepStrictEqual(first.report.streams['events'], { created: approvedCount + memberCount, failed: 0 });
        assert.deepEqual(await desk.titles(), [...numbered('Approved', approvedCount), ...numbered('Member', memberCount)].sort((a, b) => a.localeCompare(b)));
        const rows = await desk.editor.list();
        assert.equal(rows.length, approvedCount + memberCount);
        assert.equal(rows.filter((row) => row['source'] === 'nextcloud' && row['approved'] === false).length, memberCount);
        assert.partialDeepStrictEqual(second.report.streams['events'], atRest);
        assert.partialDeepStrictEqual(third.report.streams['events'], atRest);
        assert.deepEqual(third.report.calls, { directus: 1, nextcloud: 1 });
      },
    },
    {
      name: 'each kind of change on each side arrives on the other',
      run: async () => {
        const desk = theDesk();
        const { editor, member, calendar } = desk;
        const row = async (title: string) => (await desk.rowCalled(title)).id;
        await editor.edit(await row('Approved 1'), { title: 'Approved 1 moved', location: 'Town hall' });
        await editor.edit(await row('Approved 2'), { approved: false });
        await editor.remove(await row('Approved 3'));
        await editor.create(aRow({ title: 'Added', approved: true }));
        await editor.edit(await row('Member 1'), { approved: true });
        await member.edit(`${calendar}member-2.ics`, anEventObject({ uid: 'member-2@example.org', summary: 'Member 2 changed' }));
        await member.put(`${calendar}late.ics`, anEventObject({ uid: 'late@example.org', summary: 'Late member' }));
        await member.remove((await desk.objectCalled('Approved 4')).url);

        const report = await desk.run();

        const events = await desk.titles();
        assert.equal(report.exit, 0, `${report.stderr} ${JSON.stringify(report.report.problems)}`);
        for (const title of ['Approved 1 moved', 'Added', 'Member 1', 'Late member', 'Approved 4']) assert.equal(events.filter((one) => one === title).length, 1, title);
        for (const title of ['Approved 1', 'Approved 2', 'Approved 3']) assert.ok(!events.includes(title), title);
        assert.match((await desk.objectCalled('Approved 1 moved')).text, /^LOCATION:Town hall\r?$/m);
        assert.equal((await desk.rowCalled('Member 2 changed'))['nextcloud_uid'], 'member-2@example.org');
        assert.partialDeepStrictEqual(await desk.rowCalled('Late member'), { approved: false, nextcloud_uid: 'late@example.org' });
        assert.partialDeepStrictEqual(await desk.rowCalled('Approved 4'), { approved: true });
      },
    },
    {
      name: 'an imported event that was approved leaves the calendar when it is unapproved',
      run: async () => {
        const desk = theDesk();
        await desk.editor.edit((await desk.rowCalled('Member 1')).id, { approved: false });

        const report = await desk.run();

        assert.equal(report.exit, 0, report.stderr);
        assert.ok(!(await desk.titles()).includes('Member 1'));
        assert.ok(await desk.rowCalled('Member 1'));
      },
    },
    {
      name: 'two runs at once: one works, the other leaves its trigger with it, and nothing is doubled',
      run: async () => {
        const desk = theDesk();
        await addRows(desk, numbered('Twice', 20));

        const both = await Promise.all([desk.run(), desk.run()]);
        await desk.run();

        assert.deepEqual(both.map(({ exit }) => exit ?? -1).sort((a, b) => a - b), [0, 7]);
        assert.deepEqual(await called(desk, 'Twice'), sorted(numbered('Twice', 20)));
      },
    },
    {
      name: 'a run killed in the middle is made right by the next one',
      withinMs: 120_000,
      run: async () => {
        const desk = theDesk();
        await addRows(desk, numbered('Killed', 60));
        const before = (await desk.member.list(desk.calendar)).length;
        const child = start(desk.place, ['run', 'directus-nextcloud', '--json']);
        const end = ended(child);
        while (child.exitCode === null && (await desk.member.list(desk.calendar)).length < before + 10) await delay(20);
        child.kill('SIGKILL');
        await end;
        const inTheMiddle = (await called(desk, 'Killed')).length;

        const next = await desk.run();
        const quiet = await desk.run();

        assert.ok(inTheMiddle > 0 && inTheMiddle < 60, `killed after ${inTheMiddle} of 60`);
        assert.equal(next.exit, 0, `${next.stderr} ${JSON.stringify(next.report.problems)}`);
        assert.deepEqual(await called(desk, 'Killed'), sorted(numbered('Killed', 60)));
        assert.partialDeepStrictEqual(quiet.report.streams['events'], atRest);
      },
    },
  ];
}

/** The titles in the calendar that begin with a word. */
export async function called(desk: Desk, word: string): Promise<readonly string[]> {
  return (await desk.titles()).filter((title) => title.startsWith(`${word} `));
}

export function sorted(titles: readonly string[]): readonly string[] {
  return titles.toSorted((a, b) => a.localeCompare(b));
}
