/**
 * The connector between a real Directus and real CalDAV servers, through the command line as a person uses it, after the facts
 * that it leans on. Radicale and Xandikos stand in for Nextcloud, which needs more than a test machine has; where it differs, the
 * connector's README says so. Both keep the same promises; where they differ themselves, see servers/caldav-server.ts.
 */
import assert from 'node:assert/strict';
import { deletes } from './calendar/deletes.ts';
import { room } from './calendar/room.ts';
import { serverPromises } from './calendar/server-promises.ts';
import { calendarStory } from './calendar/story.ts';
import { trouble } from './calendar/trouble.ts';
import { webhook } from './calendar/webhook.ts';
import { defineScenario, type RealPromise } from './run-scenario.ts';
import type { CaldavServer } from './servers/caldav-server.ts';
import { directusCalls, idOf } from './servers/directus-template.ts';
import { startDirectus, type DirectusServer } from './servers/directus.ts';
import { startRadicale } from './servers/radicale.ts';
import { startXandikos } from './servers/xandikos.ts';

type World = { directus: DirectusServer; radicale: CaldavServer; xandikos: CaldavServer };

export default defineScenario<World>({
  servers: {
    directus: { title: 'real Directus', start: startDirectus },
    radicale: { title: 'real Radicale', start: startRadicale },
    xandikos: { title: 'real Xandikos', start: startXandikos },
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
    ...against('radicale', 'Radicale'),
    ...against('xandikos', 'Xandikos'),
  ],
});

function against(key: 'radicale' | 'xandikos', title: string): readonly RealPromise<World>[] {
  return [...serverPromises(), ...calendarStory(), ...deletes(), ...trouble(), ...webhook(), ...room()].map((promise) => ({
    ...promise,
    name: `${title}: ${promise.name}`,
    needs: ['directus', key],
    run: async (world) => promise.run({ directus: world.directus, server: world[key] }),
  }));
}

function anItem(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { title: 'An event', start_date: '2027-03-04T18:00:00Z', end_date: '2027-03-04T19:30:00Z', ...facts };
}
