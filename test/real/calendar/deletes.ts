/** What a deletion on either side does to the other: by default nothing is lost in Directus; a site may choose otherwise. */
import assert from 'node:assert/strict';
import { addRows, afresh, atRest, numbered, withSettings } from './desk.ts';
import { called, sorted, type CalendarPromise } from './story.ts';
import { anEventObject } from '../servers/calendar-member.ts';

export function deletes(): readonly CalendarPromise[] {
  return [
    {
      name: 'by default a deletion in the calendar deletes nothing in Directus: an approved event is put back, a pending one stays absent',
      run: async (servers) => {
        const desk = await afresh(servers, 'deleted-by-members');
        await addRows(desk, numbered('Approved', 10));
        await desk.member.put(`${desk.calendar}pending.ics`, anEventObject({ uid: 'pending@example.org', summary: 'Pending' }));
        await desk.run();
        await desk.run();
        await desk.member.remove((await desk.objectCalled('Approved 1')).url);
        await desk.member.remove(`${desk.calendar}pending.ics`);

        const next = await desk.run();
        const quiet = await desk.run();

        assert.equal(next.exit, 0, next.stderr);
        assert.equal(next.report.streams['events']?.['created'], 1);
        assert.deepEqual(await desk.titles(), sorted(numbered('Approved', 10)));
        assert.equal((await desk.editor.list()).length, 11);
        assert.partialDeepStrictEqual(await desk.rowCalled('Pending'), { status: 'draft', approved: false });
        assert.partialDeepStrictEqual(await desk.rowCalled('Approved 1'), { status: 'draft', approved: true });
        assert.partialDeepStrictEqual(quiet.report.streams['events'], atRest);
      },
    },
    {
      name: 'an approved event deleted in the calendar right after we made it is put back too, at the latest by the next full reading',
      run: async (servers) => {
        const desk = await afresh(servers, 'short-lived');
        await addRows(desk, numbered('Approved', 10));
        await desk.run();
        await desk.member.remove((await desk.objectCalled('Approved 1')).url);

        const next = await desk.run();
        const whole = await desk.run('--full');
        const quiet = await desk.run();

        const { tellsShortLives } = desk.server.facts;
        assert.deepEqual([next, whole].map(({ report }) => report.streams['events']?.['created']), tellsShortLives ? [1, 0] : [0, 1]);
        assert.deepEqual(await desk.titles(), sorted(numbered('Approved', 10)));
        assert.partialDeepStrictEqual(quiet.report.streams['events'], atRest);
      },
    },
    {
      name: 'rows deleted in Directus leave the calendar, and what members made stays there',
      run: async (servers) => {
        const desk = await afresh(servers, 'deleted-by-editors');
        await addRows(desk, numbered('Approved', 20));
        await desk.member.put(`${desk.calendar}theirs.ics`, anEventObject({ uid: 'theirs@example.org', summary: 'Theirs' }));
        await desk.run();
        for (const title of ['Approved 1', 'Approved 2', 'Theirs']) await desk.editor.remove((await desk.rowCalled(title)).id);

        const next = await desk.run();
        const quiet = await desk.run();

        assert.equal(next.exit, 0, next.stderr);
        assert.deepEqual(await desk.titles(), sorted([...numbered('Approved', 20).slice(2), 'Theirs']));
        assert.equal((await desk.editor.list()).length, 18);
        assert.partialDeepStrictEqual(quiet.report.streams['events'], atRest);
      },
    },
    {
      name: 'where the policy withdraws and rows may be archived, a pending event deleted in the calendar is archived, never deleted',
      run: async (servers) => {
        const desk = withSettings(await afresh(servers, 'withdrawn'), { policy: 'two-way', directus: { deletes: 'archive' } });
        await addRows(desk, numbered('Approved', 10));
        for (const n of [1, 2]) await desk.member.put(`${desk.calendar}pending-${n}.ics`, anEventObject({ uid: `pending-${n}@example.org`, summary: `Pending ${n}` }));
        await desk.run();
        await desk.member.remove(`${desk.calendar}pending-1.ics`);

        const next = await desk.run();
        const quiet = await desk.run();

        assert.equal(next.exit, 0, next.stderr);
        assert.partialDeepStrictEqual(await desk.rowCalled('Pending 1'), { status: 'archived', approved: false });
        assert.partialDeepStrictEqual(await desk.rowCalled('Pending 2'), { status: 'draft', approved: false });
        assert.equal((await desk.editor.list()).length, 12);
        assert.deepEqual(await called(desk, 'Pending'), ['Pending 2']);
        assert.partialDeepStrictEqual(quiet.report.streams['events'], atRest);
      },
    },
    {
      name: 'an edit in the calendar of an approved event waits for a person, and neither side is overwritten',
      run: async (servers) => {
        const desk = await afresh(servers, 'reviewed');
        await addRows(desk, numbered('Approved', 3));
        await desk.run();
        const { url, text } = await desk.objectCalled('Approved 1');
        await desk.member.edit(url, text.replace('SUMMARY:Approved 1', 'SUMMARY:Renamed by a member'));

        const next = await desk.run();

        assert.equal(next.exit, 3, next.stderr);
        assert.equal(next.report.streams['events']?.['parked'], 1);
        assert.ok((await desk.titles()).includes('Renamed by a member'));
        assert.ok(await desk.rowCalled('Approved 1'));
      },
    },
  ];
}
