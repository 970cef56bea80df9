import { expect, test } from 'vitest';
import { calendarUrl, empty, etag, found, homeUrl, multistatus, sabreError, stub } from './stub.ts';

const inTrash = '/remote.php/dav/calendars/hub/trashbin/objects/';
const trashed = (id: number, uid: string, calendar = 'events', deletedAt = '2026-11-21T00:56:44+00:00'): string =>
  found(
    `${inTrash}${id}.ics`,
    `${etag(String(id))}<x1:deleted-at xmlns:x1="http://nextcloud.com/ns">${deletedAt}</x1:deleted-at><x1:calendar-uri xmlns:x1="http://nextcloud.com/ns">${calendar}</x1:calendar-uri><cal:calendar-data>BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:${uid}\nEND:VEVENT\nEND:VCALENDAR</cal:calendar-data>`,
  );

test('a deleted object is found by its exact UID, in our calendar only, the latest first', async () => {
  const { client, asked } = stub([
    multistatus(
      trashed(1, 'q-1'),
      trashed(2, 'q-10'),
      trashed(3, 'q-1', 'other'),
      trashed(4, 'q-1', 'events', '2026-11-22T00:00:00+00:00'),
    ),
  ]);

  const found4 = await client.trash.findTrashed({ calendarUrl, uid: 'q-1' });

  expect(found4.map(({ href }) => href)).toEqual([`${homeUrl}trashbin/objects/4.ics`, `${homeUrl}trashbin/objects/1.ics`]);
  expect(asked[0]).toMatchObject({ method: 'REPORT', url: `${homeUrl}trashbin/objects/` });
  expect(asked[0]?.headers.get('depth')).toBe('1');
});

test('a folded UID is found', async () => {
  const { client } = stub([multistatus(trashed(1, 'a-rather-long\n -one@host'))]);

  expect(await client.trash.findTrashed({ calendarUrl, uid: 'a-rather-long-one@host' })).toHaveLength(1);
});

test.each([403, 404, 405, 409, 415, 501])('a server without a trash bin (%d) has nothing in it', async (status) => {
  const { client } = stub([empty(status)]);

  expect(await client.trash.findTrashed({ calendarUrl, uid: 'q-1' })).toEqual([]);
});

test('purging deletes at the address in the trash, and a second time does no harm', async () => {
  const { client, asked } = stub([empty(204), empty(404)]);

  await client.trash.purge(`${inTrash}4.ics`);
  await client.trash.purge(`${inTrash}4.ics`);

  expect(asked[0]).toMatchObject({ method: 'DELETE', url: `${homeUrl}trashbin/objects/4.ics` });
});

test.each([
  [201, 'restored'],
  [403, 'taken'],
  [404, 'missing'],
])('a restore answered with %d is %s', async (status, kind) => {
  const { client, asked } = stub([status === 403 ? sabreError(403, 'Sabre\\DAV\\Exception\\Forbidden', 'taken') : empty(status)]);

  expect(await client.trash.restore(`${inTrash}4.ics`)).toEqual({ kind });
  expect(asked[0]?.method).toBe('MOVE');
  expect(asked[0]?.headers.get('destination')).toBe(`${homeUrl}trashbin/restore/file`);
});

test('our credentials are not sent to an address outside the trash', async () => {
  const { client, asked } = stub([]);

  await expect(client.trash.purge('https://elsewhere.example/x.ics')).rejects.toMatchObject({ reason: 'OTHER_ADDRESS' });
  await expect(client.trash.purge('../../events/a.ics')).rejects.toMatchObject({ reason: 'OTHER_ADDRESS' });
  expect(asked).toHaveLength(0);
});
