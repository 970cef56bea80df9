import { expect, test } from 'vitest';
import { aNextcloud, anEvent } from './dav-client.ts';

/** Creates and deletes one UID under one name, `rounds` times, and tells all statuses. */
async function lives(nextcloud: ReturnType<typeof aNextcloud>, rounds: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    statuses.push((await nextcloud.put('a.ics', anEvent())).status, (await nextcloud.dav('DELETE', 'a.ics')).status);
  }
  return statuses;
}

const trashHrefs = (text: string) => [...text.matchAll(/<d:href>([^<]*)<\/d:href>/g)].map(([, href = '']) => href);
const restoreTo = '/remote.php/dav/calendars/hub/trashbin/restore/file';

test('a deleted object leaves listing, multiget and calendar, and still answers under its longer name', async () => {
  const nextcloud = aNextcloud();
  await lives(nextcloud, 1);

  const listed = await nextcloud.list();
  const plain = await nextcloud.dav('GET', 'a.ics');
  const longer = await nextcloud.dav('GET', 'a-deleted.ics');

  expect(listed.rows).toEqual({ events: 'there' });
  expect((await nextcloud.multiget(['a.ics', 'a-deleted.ics'])).rows).toEqual({});
  expect([plain.status, longer.status, longer.text]).toEqual([404, 200, anEvent()]);
});

test('the trash is listed by a query, with where each object came from and when', async () => {
  const nextcloud = aNextcloud();
  await lives(nextcloud, 1);

  const trash = await nextcloud.trash();

  expect(trashHrefs(trash.text)[0]).toMatch(/^\/remote\.php\/dav\/calendars\/hub\/trashbin\/objects\/\d+\.ics$/);
  expect(trash.text).toContain('calendar-uri xmlns:x2="http://nextcloud.com/ns">events<');
  expect(trash.text).toContain('2026-11-23T09:00:00+00:00');
  expect((await nextcloud.dav('PROPFIND', '../trashbin/objects/', '', { depth: '1' })).status).toBe(501);
});

test('fresh 34: a trashed UID is a database error until the trashed copy is purged', async () => {
  const nextcloud = aNextcloud({ trashedUid: 'error-500' });
  await lives(nextcloud, 1);

  const refused = await nextcloud.put('b.ics', anEvent());
  const again = await nextcloud.put('b.ics', anEvent());
  const purged = await nextcloud.dav('DELETE', trashHrefs((await nextcloud.trash()).text)[0] ?? '');
  const accepted = await nextcloud.put('b.ics', anEvent());

  expect([refused.status, refused.exception, again.status]).toEqual([500, 'DbalException', 500]);
  expect([purged.status, accepted.status]).toEqual([204, 201]);
});

test('31: a trashed UID is accepted, and the third delete is refused for good', async () => {
  const nextcloud = aNextcloud({ trashedUid: 'accepted-once' });

  const statuses = await lives(nextcloud, 3);
  const again = await nextcloud.dav('DELETE', 'a.ics');

  expect(statuses).toEqual([201, 204, 201, 204, 201, 403]);
  expect([again.status, again.exception]).toEqual([403, 'Forbidden']);
});

test('22 to 25: a trashed UID is refused by name', async () => {
  const nextcloud = aNextcloud({ trashedUid: 'refused-400' });
  await lives(nextcloud, 1);

  const answer = await nextcloud.put('b.ics', anEvent());

  expect([answer.status, answer.exception]).toEqual([400, 'BadRequest']);
  expect(answer.text).toContain('Deleted calendar object with uid already exists');
});

test('a trashed UID is no obstacle with the trap off, nor in another calendar', async () => {
  const nextcloud = aNextcloud();
  nextcloud.addCalendar({ name: 'other' });
  await lives(nextcloud, 1);

  const elsewhere = await nextcloud.put('../other/a.ics', anEvent());
  nextcloud.traps.trashedUid = 'accepted';
  const here = await nextcloud.put('b.ics', anEvent());

  expect([elsewhere.status, here.status]).toEqual([201, 201]);
});

test('a delete is refused while the name in the trash is taken by another object; not with the trap off', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'one' }, 'a.ics');
  nextcloud.objects.remove('a.ics');
  nextcloud.objects.put({ uid: 'two' }, 'a.ics');

  const refused = await nextcloud.dav('DELETE', 'a.ics');
  const stillThere = nextcloud.objects.get('a.ics') !== undefined;
  nextcloud.traps.slotTakenRefuses = false;
  const accepted = await nextcloud.dav('DELETE', 'a.ics');

  expect([refused.status, refused.exception, stillThere]).toEqual([403, 'Forbidden', true]);
  expect(accepted.status).toBe(204);
});

test('without a trash a delete is for good, and the same UID comes back at will', async () => {
  const nextcloud = aNextcloud({ trashRetentionSeconds: 0 });

  const statuses = await lives(nextcloud, 3);

  expect(statuses).toEqual([201, 204, 201, 204, 201, 204]);
  expect(nextcloud.objects.trash()).toEqual([]);
});

test('a restored object is back at its old address with its old ETag, and the next reading calls it gone', async () => {
  const nextcloud = aNextcloud();
  const { etag } = nextcloud.objects.put(anEvent(), 'a.ics');
  const { token } = await nextcloud.sync();
  await nextcloud.dav('DELETE', 'a.ics');
  const [href = ''] = trashHrefs((await nextcloud.trash()).text);

  const moved = await nextcloud.dav('MOVE', href, '', { destination: `https://nextcloud.test${restoreTo}` });

  expect(moved.status).toBe(201);
  expect((await nextcloud.dav('GET', 'a.ics')).etag).toBe(etag);
  expect((await nextcloud.sync(token)).rows).toEqual({ 'a.ics': 'gone' });
});

test('a restore is refused while its old address is taken', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'one' }, 'a.ics');
  nextcloud.objects.remove('a.ics');
  nextcloud.objects.put({ uid: 'two' }, 'a.ics');
  const [href = ''] = trashHrefs((await nextcloud.trash()).text);

  expect((await nextcloud.dav('MOVE', href, '', { destination: restoreTo })).status).toBe(403);
});

test('a purge reports the longer name as gone, which no reader ever saw', async () => {
  const nextcloud = aNextcloud();
  await lives(nextcloud, 1);
  const { token } = await nextcloud.sync();

  nextcloud.objects.emptyTrash();

  expect((await nextcloud.sync(token)).rows).toEqual({ 'a-deleted.ics': 'gone' });
});

test('what is older than the retention is purged by the daily job', () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'one' }, 'a.ics');
  nextcloud.objects.remove('a.ics');

  nextcloud.clock.advance(2_592_000_000);
  nextcloud.runHousekeeping();
  const onTheDay = nextcloud.objects.trash().length;
  nextcloud.clock.advance(1000);
  nextcloud.runHousekeeping();

  expect([onTheDay, nextcloud.objects.trash().length]).toEqual([1, 0]);
});

test('deleting what is trashed already only makes its name longer', async () => {
  const nextcloud = aNextcloud();
  await lives(nextcloud, 1);

  const answer = await nextcloud.dav('DELETE', 'a-deleted.ics');

  expect(answer.status).toBe(204);
  expect(nextcloud.objects.trash().map(({ name }) => name)).toEqual(['a-deleted-deleted.ics']);
});

test('a person restores what they removed', () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'one' }, 'a.ics');
  nextcloud.objects.remove('a.ics');

  nextcloud.objects.restore('a.ics');

  expect(nextcloud.objects.byUid('one')?.name).toBe('a.ics');
  expect(nextcloud.objects.trash()).toEqual([]);
});
