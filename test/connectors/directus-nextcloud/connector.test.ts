/** Both sides together: what one holds, written to the other, is the same event there, so that a sync comes to rest. */
import { expect, test } from 'vitest';
import { directusNextcloud } from '../../../shared/connectors/directus-nextcloud/connector.ts';
import { sampleEvents } from '../../../shared/simulators/samples.ts';
import { defaultGuard } from '../../../shared/sync/guard.ts';
import { digester } from '../../../shared/sync/digest.ts';
import { moderated } from '../../../shared/sync/policy.ts';
import { caldavClient } from '../../../shared/vendors/nextcloud/caldav.ts';
import { directusClient } from '../../../shared/vendors/directus/client.ts';
import { unlimited } from '../../../shared/http/budget.ts';
import { callCounter } from '../../../shared/http/calls.ts';
import { aCreate, aDirectus, aNextcloud, anUpdate, digest, itemAt, present, readAll, settingsOf } from './both-sides.ts';

function aConnector() {
  const { directus, clock } = aDirectus();
  const { nextcloud, objects } = aNextcloud();
  const sending = { fetch: directus.fetch, clock, budget: unlimited, calls: callCounter() };
  const { homeUrl, user: username, password } = nextcloud;
  const connector = directusNextcloud(
    {
      directus: directusClient(sending, { url: directus.url, token: directus.token, collection: 'events' }),
      directusUrl: directus.url,
      caldav: caldavClient({ fetch: nextcloud.fetch }, { homeUrl, username, password, calendarName: 'nonprofit-events' }),
      nextcloudUrl: homeUrl,
      username,
      clock,
      digest,
    },
    settingsOf(),
  );
  const [stream] = connector.streams;
  if (!stream) throw new Error('a connector needs a stream');
  const digests = digester('a key for tests only', stream.fields);
  return { connector, stream, digests, directus, objects };
}

test('one stream, moderated, hourly, with a full reading a day', () => {
  const { connector, stream } = aConnector();

  expect(connector).toMatchObject({ id: 'directus-nextcloud', everyMinutes: 60 });
  expect(stream).toMatchObject({ name: 'events', policy: moderated, guard: defaultGuard, fullEveryMs: 86_400_000, shape: 'directus-nextcloud/1' });
});

test('rows written to the calendar are the same events there, and match them surely', async () => {
  const { stream, digests, directus } = aConnector();
  const rows = sampleEvents(11, 60).map(({ row }) => directus.events.add(row));
  const items = (await stream.source.lookUp(rows.map(({ id }) => String(id)))).map((looked) => present(looked)!);

  const results = await stream.target.write(items.map((item) => aCreate('target', stream.keyFor('target', item, 0), item.entity, item.id)));
  const standing = (await stream.target.lookUp(results.map((result) => (result.kind === 'done' ? result.id : '')))).map((looked) => present(looked)!);

  // The rule of a series is the one field that Directus does not have.
  expect(standing.map(({ entity }) => digests.whole(entity))).toEqual(items.map(({ entity }) => digests.whole({ ...entity, recurrence: null })));
  expect(standing.map(({ reference }) => reference)).toEqual(items.map(({ id }) => id));
  for (const [at, item] of items.entries()) expect(standing[at]?.matchKeys).toEqual(item.matchKeys);
});

test('events of the calendar written to Directus are the same events there, and match them surely', async () => {
  const { stream, digests, directus, objects } = aConnector();
  for (const [at, { ics }] of sampleEvents(12, 60).entries()) objects.put(ics, `${at}.ics`);
  const { sightings } = await readAll(stream.target);
  const items = (await stream.target.lookUp(sightings.map((sighting) => (sighting.kind === 'listed' ? sighting.id : '')))).map((looked) => present(looked)!);

  const results = await stream.source.write(items.map((item) => aCreate('source', stream.keyFor('source', item, 0), item.entity)));
  const standing = results.map((result) => (result.kind === 'done' ? result.item : undefined));

  expect(directus.events.all().every(({ approved }) => approved === false)).toBe(true);
  expect(standing.map((item) => item && digests.whole({ ...item.entity, recurrence: null }))).toEqual(items.map(({ entity }) => digests.whole(entity)));
  for (const [at, item] of items.entries()) expect(standing[at]?.matchKeys?.[0]).toEqual(item.matchKeys?.[0]);
});

test('a change on either side, written to the other, leaves both the same', async () => {
  const { stream, digests, directus, objects } = aConnector();
  const { id } = directus.events.add(sampleEvents(13, 1)[0]!.row);
  const born = await itemAt(stream.source, id);
  await stream.target.write([aCreate('target', 'k1', born.entity, born.id)]);
  const fields = { title: 'Moved', start: '2027-05-01', end: '2027-05-02', allDay: true, description: null, categories: ['x'] };

  await stream.source.write([anUpdate('source', await itemAt(stream.source, id), fields)]);
  await stream.target.write([anUpdate('target', await itemAt(stream.target, 'k1.ics'), fields)]);

  const [row, object] = [await itemAt(stream.source, id), await itemAt(stream.target, 'k1.ics')];
  expect(row.entity).toMatchObject(fields);
  expect(digests.whole({ ...row.entity, recurrence: null })).toBe(digests.whole(object.entity));
  expect(objects.get('k1.ics')?.text).toContain('DTEND;VALUE=DATE:20270503');
});
