/** What Concord leans on in a CalDAV server, asked of the server itself, so that a difference between servers is a known one. */
import assert from 'node:assert/strict';
import type { CalendarPromise } from './story.ts';
import { anEventObject, calendarMember } from '../servers/calendar-member.ts';

export function serverPromises(): readonly CalendarPromise[] {
  return [
    {
      name: 'a calendar tells what changed since a token: made, edited and removed objects, then nothing',
      run: async ({ server }) => {
        const member = calendarMember(server);
        const calendar = await member.makeCalendar('Changes');
        await member.put(`${calendar}stays.ics`, anEventObject({ uid: 'stays', summary: 'Stays' }));
        await member.put(`${calendar}goes.ics`, anEventObject({ uid: 'goes', summary: 'Goes' }));
        const start = await member.changesSince(calendar, '');

        await member.edit(`${calendar}stays.ics`, anEventObject({ uid: 'stays', summary: 'Stays, edited' }));
        await member.remove(`${calendar}goes.ics`);
        const next = await member.changesSince(calendar, start.token);
        const quiet = await member.changesSince(calendar, next.token);

        assert.deepEqual(start.changed.sort(), ['goes.ics', 'stays.ics']);
        assert.deepEqual({ changed: next.changed, gone: next.gone }, { changed: ['stays.ics'], gone: ['goes.ics'] });
        assert.deepEqual({ changed: quiet.changed, gone: quiet.gone }, { changed: [], gone: [] });
      },
    },
    {
      name: 'what was made and removed between two tokens is told as removed or not at all, as we have written down for this server',
      run: async ({ server }) => {
        const member = calendarMember(server);
        const calendar = await member.makeCalendar('Short lives');
        await member.put(`${calendar}stays.ics`, anEventObject({ uid: 'stays', summary: 'Stays' }));
        const start = await member.changesSince(calendar, '');

        await member.put(`${calendar}short.ics`, anEventObject({ uid: 'short', summary: 'Short' }));
        await member.changesSince(calendar, '');
        await member.remove(`${calendar}short.ics`);
        const next = await member.changesSince(calendar, start.token);

        assert.deepEqual({ changed: next.changed, gone: next.gone }, { changed: [], gone: server.facts.tellsShortLives ? ['short.ics'] : [] });
      },
    },
    {
      name: 'a calendar refuses to overwrite a version that has moved on, and a second object with the same UID',
      run: async ({ server }) => {
        const member = calendarMember(server);
        const calendar = await member.makeCalendar('Versions');
        const version = await member.put(`${calendar}one.ics`, anEventObject({ uid: 'one', summary: 'First' }));
        await member.edit(`${calendar}one.ics`, anEventObject({ uid: 'one', summary: 'Edited by a person' }));
        const write = { headers: { 'content-type': 'text/calendar', 'if-match': version }, body: anEventObject({ uid: 'one', summary: 'Stale' }) };

        const stale = await member.request('PUT', `${calendar}one.ics`, write);

        assert.equal(stale.status, 412);
        await assert.rejects(member.put(`${calendar}other.ics`, anEventObject({ uid: 'one', summary: 'Twin' })), new RegExp(`answered ${server.facts.twinStatus}:[^]*no-uid-conflict`));
        assert.match((await member.read(`${calendar}one.ics`)) ?? '', /SUMMARY:Edited by a person/);
        assert.deepEqual(await member.list(calendar), [`${calendar}one.ics`]);
      },
    },
    {
      name: 'both servers come back with what they held after being killed',
      run: async ({ directus, server }) => {
        const member = calendarMember(server);
        const calendar = await member.makeCalendar('Killed');
        await member.put(`${calendar}kept.ics`, anEventObject({ uid: 'kept', summary: 'Kept' }));
        const { id } = await directus.editor.create({ title: 'Kept', start_date: '2027-03-04T18:00:00Z' });

        await Promise.all([directus.kill(), server.kill()]);
        await Promise.all([directus.restart(), server.restart()]);

        assert.deepEqual(await member.list(calendar), [`${calendar}kept.ics`]);
        assert.ok((await directus.editor.list()).some((item) => item.id === id));
      },
    },
  ];
}
