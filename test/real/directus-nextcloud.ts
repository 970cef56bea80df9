/**
 * The connector between a real Directus and a real CalDAV server, through the command line as a person uses it, after the facts
 * that it leans on. Radicale stands in for Nextcloud, which needs more than a test machine has; where the two differ, the
 * connector's README says so.
 */
import assert from 'node:assert/strict';
import { defineScenario } from './run-scenario.ts';
import { anEventObject, calendarMember } from './servers/calendar-member.ts';
import { startDirectus } from './servers/directus.ts';
import { calendarStory } from './calendar-story.ts';
import { directusCalls, idOf } from './servers/directus-template.ts';
import type { DirectusServer } from './servers/directus.ts';
import { startRadicale } from './servers/radicale.ts';
import type { RadicaleServer } from './servers/radicale.ts';

type World = { directus: DirectusServer; radicale: RadicaleServer };

export default defineScenario<World>({
  servers: {
    directus: { title: 'real Directus', start: startDirectus },
    radicale: { title: 'real Radicale', start: startRadicale },
  },
  promises: [
    {
      name: 'Directus lists the events that an editor made, with its own count beside them',
      needs: ['directus'],
      run: async ({ directus }) => {
        const made = await directus.editor.create(anItem({ title: 'Open board meeting', approved: true }));

        const answer = await fetch(`${directus.url}/items/events?sort=id&limit=100&meta=filter_count&filter[id][_eq]=${made.id}`, {
          headers: { authorization: `Bearer ${directus.token}` },
        });

        const page: unknown = await answer.json();
        assert.equal(answer.status, 200);
        assert.partialDeepStrictEqual(page, {
          data: [{ title: 'Open board meeting', approved: true, start_date: '2027-03-04T18:00:00.000Z', date_updated: null }],
          meta: { filter_count: 1 },
        });
      },
    },
    {
      name: 'an update by query writes once: a second one with the same stamp finds nothing and changes nothing',
      needs: ['directus'],
      run: async ({ directus }) => {
        const bot = directusCalls({ url: directus.url, token: directus.token });
        const { id } = await directus.editor.create(anItem({ title: 'Reading circle' }));
        const never = { _and: [{ id: { _eq: id } }, { date_updated: { _null: true } }] };

        const first = await bot('PATCH', '/items/events', { query: { filter: never }, data: { location: 'Town hall' } });
        const second = await bot('PATCH', '/items/events', { query: { filter: never }, data: { location: 'Library' } });

        assert.partialDeepStrictEqual(first, [{ id, location: 'Town hall' }]);
        assert.deepEqual(second, []);
        assert.equal((await directus.editor.list()).find((item) => item.id === id)?.['location'], 'Town hall');
      },
    },
    {
      name: 'the second item for one calendar UID is refused as RECORD_NOT_UNIQUE',
      needs: ['directus'],
      run: async ({ directus }) => {
        const bot = directusCalls({ url: directus.url, token: directus.token });
        await bot('POST', '/items/events', anItem({ title: 'Imported', nextcloud_uid: 'one@example.org' }));

        const again = bot('POST', '/items/events', anItem({ title: 'Imported again', nextcloud_uid: 'one@example.org' }));

        await assert.rejects(again, /400 .*RECORD_NOT_UNIQUE/);
      },
    },
    {
      name: 'the bot may not delete in Directus, and its writes carry its own user id',
      needs: ['directus'],
      run: async ({ directus }) => {
        const bot = directusCalls({ url: directus.url, token: directus.token });
        const { id } = await directus.editor.create(anItem({ title: 'Kept' }));

        await assert.rejects(bot('DELETE', `/items/events/${id}`), /403 .*FORBIDDEN/);
        const written = await bot('PATCH', `/items/events/${id}?fields=user_updated`, { cost: 'free' });
        const me = await bot('GET', '/users/me?fields=id');

        assert.deepEqual(written, { user_updated: idOf(me) });
      },
    },
    {
      name: 'a calendar tells what changed since a token: made, edited and removed objects, then nothing',
      needs: ['radicale'],
      run: async ({ radicale }) => {
        const member = calendarMember(radicale);
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
      name: 'a calendar refuses to overwrite a version that has moved on, and a second object with the same UID',
      needs: ['radicale'],
      run: async ({ radicale }) => {
        const member = calendarMember(radicale);
        const calendar = await member.makeCalendar('Versions');
        const version = await member.put(`${calendar}one.ics`, anEventObject({ uid: 'one', summary: 'First' }));
        await member.edit(`${calendar}one.ics`, anEventObject({ uid: 'one', summary: 'Edited by a person' }));
        const write = { headers: { 'content-type': 'text/calendar', 'if-match': version }, body: anEventObject({ uid: 'one', summary: 'Stale' }) };

        const stale = await member.request('PUT', `${calendar}one.ics`, write);

        assert.equal(stale.status, 412);
        await assert.rejects(member.put(`${calendar}other.ics`, anEventObject({ uid: 'one', summary: 'Twin' })), /409/);
        assert.match((await member.read(`${calendar}one.ics`)) ?? '', /SUMMARY:Edited by a person/);
        assert.deepEqual(await member.list(calendar), [`${calendar}one.ics`]);
      },
    },
    {
      name: 'both servers come back with what they held after being killed',
      run: async ({ directus, radicale }) => {
        const member = calendarMember(radicale);
        const calendar = await member.makeCalendar('Killed');
        await member.put(`${calendar}kept.ics`, anEventObject({ uid: 'kept', summary: 'Kept' }));
        const { id } = await directus.editor.create(anItem({ title: 'Kept' }));

        await Promise.all([directus.kill(), radicale.kill()]);
        await Promise.all([directus.restart(), radicale.restart()]);

        assert.deepEqual(await member.list(calendar), [`${calendar}kept.ics`]);
        assert.ok((await directus.editor.list()).some((item) => item.id === id));
      },
    },
    ...calendarStory(),
  ],
});

function anItem(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { title: 'An event', start_date: '2027-03-04T18:00:00Z', end_date: '2027-03-04T19:30:00Z', ...facts };
}
