/** The client and the object code against the simulated Nextcloud, which was built from the same observations by other hands. */
import { expect, test } from 'vitest';
import { VendorAnswerInvalid, VendorSignInFailed } from '../../../shared/base/errors.ts';
import { callCounter } from '../../../shared/http/calls.ts';
import { unlimited } from '../../../shared/http/budget.ts';
import { tunedFetch } from '../../../shared/http/tuned-fetch.ts';
import { simulateNextcloud, type NextcloudOptions, type SimulatedNextcloud } from '../../../shared/simulators/nextcloud.ts';
import { simulatedWorld } from '../../../shared/simulators/world.ts';
import { caldavClient, type CaldavClient, type CaldavOptions } from '../../../shared/vendors/nextcloud/caldav.ts';
import { editObject, newObject, readObject } from '../../../shared/vendors/nextcloud/icalendar.ts';
import { anEvent, style } from './samples.ts';

const stamp = '2027-01-10T08:00:00Z';

function aNextcloud(options: NextcloudOptions = {}, account: Partial<CaldavOptions> = {}): { cloud: SimulatedNextcloud; client: CaldavClient; url: string } {
  const cloud = simulateNextcloud(simulatedWorld({ seed: 7 }), options);
  const { homeUrl, user: username, password } = cloud;
  const client = caldavClient({ fetch: cloud.fetch }, { homeUrl, username, password, calendarName: 'nonprofit-events', ...account });
  return { cloud, client, url: cloud.calendarUrl('events') };
}

const textOf = (uid: string, title = 'Open board meeting'): string => newObject({ uid, event: anEvent({ title, cost: 'free' }), stamp }, style);

test('find, create, change, delete: every step shows in the next delta', async () => {
  const { cloud, client } = aNextcloud();
  const found = await client.findCalendar();
  const { url } = found!;
  const { token } = await client.changes({ calendarUrl: url });

  const created = await client.putNew(url, 'ä b.ics', textOf('u1'));
  const first = await client.changes({ calendarUrl: url, token });
  const version = created.kind === 'stored' ? created.etag! : '';
  const changed = await client.putOver(url, 'ä b.ics', editObject(textOf('u1'), { cost: '5 €' }, { ...style, stamp }), version);
  const stale = await client.putOver(url, 'ä b.ics', textOf('u1'), version);
  const read = await client.readObjects(url, ['ä b.ics', 'missing.ics']);
  const removed = await client.remove(url, 'ä b.ics', changed.kind === 'stored' ? changed.etag! : '');
  const last = await client.changes({ calendarUrl: url, token: first.token });

  expect(found).toMatchObject({ displayName: 'nonprofit-events', owned: true, readOnly: false });
  expect(first).toMatchObject({ kind: 'delta', entries: [{ name: 'ä b.ics', etag: version }] });
  expect(stale).toMatchObject({ kind: 'stale', etag: changed.kind === 'stored' ? changed.etag : '' });
  expect([...read.keys()]).toEqual(['ä b.ics']);
  expect(readObject(read.get('ä b.ics')?.text ?? '', style)?.event).toEqual(anEvent({ cost: '5 €' }));
  expect(removed).toEqual({ kind: 'removed' });
  expect(last).toMatchObject({ kind: 'delta', entries: [{ name: 'ä b.ics', gone: true }] });
  expect(cloud.calendar('events').objects.size).toBe(0);
});

test('an object that was deleted and put back is called gone, and is there when asked for', async () => {
  const { cloud, client, url } = aNextcloud();
  const { objects } = cloud.calendar('events');
  objects.put({ summary: 'Kept' }, 'a.ics');
  const { token } = await client.changes({ calendarUrl: url });
  objects.remove('a.ics');
  objects.restore('a.ics');

  const { entries } = await client.changes({ calendarUrl: url, token });
  const read = await client.readObjects(url, entries.map(({ name }) => name));

  expect(entries).toContainEqual({ name: 'a.ics', gone: true });
  expect([...read.keys()]).toEqual(['a.ics']);
});

test('after a restored backup everything is read again', async () => {
  const { cloud, client, url } = aNextcloud();
  cloud.calendar('events').objects.put({}, 'a.ics');
  cloud.takeBackup();
  cloud.calendar('events').objects.put({}, 'b.ics');
  const { token } = await client.changes({ calendarUrl: url });
  cloud.restoreBackup();

  const changes = await client.changes({ calendarUrl: url, token });

  expect(changes).toMatchObject({ kind: 'all', entries: [{ name: 'a.ics' }] });
});

test('a renamed calendar loses nothing', async () => {
  const { cloud, client, url } = aNextcloud();
  const { token } = await client.changes({ calendarUrl: url });
  cloud.calendar('events').rename('Other');

  expect(await client.changes({ calendarUrl: url, token })).toMatchObject({ kind: 'delta', entries: [] });
});

test.each(['error-500', 'refused-400'] as const)('a UID in the trash (%s) is told, found, purged, and then free', async (trashedUid) => {
  const { cloud, client, url } = aNextcloud({ traps: { trashedUid } });
  const { objects } = cloud.calendar('events');
  objects.put(textOf('u1'), 'old.ics');
  objects.remove('old.ics');

  const refused = await client.putNew(url, 'new.ics', textOf('u1'));
  const [trashed] = await client.trash.findTrashed({ calendarUrl: url, uid: 'u1' });
  await client.trash.purge(trashed!.href);
  const stored = await client.putNew(url, 'new.ics', textOf('u1'));

  expect(refused).toEqual({ kind: 'uid-in-trash' });
  expect(stored.kind).toBe('stored');
  expect(objects.trash()).toHaveLength(0);
});

test('a trashed object comes back under its old name, unless that is taken', async () => {
  const { cloud, client, url } = aNextcloud();
  const { objects } = cloud.calendar('events');
  objects.put(textOf('u1'), 'old.ics');
  objects.remove('old.ics');
  const [trashed] = await client.trash.findTrashed({ calendarUrl: url, uid: 'u1' });

  const restored = await client.trash.restore(trashed!.href);
  const again = await client.trash.restore(trashed!.href);

  expect(restored).toEqual({ kind: 'restored' });
  expect(again).toEqual({ kind: 'missing' });
  expect(objects.byUid('u1')?.name).toBe('old.ics');
});

test.each(['bad-request-400', 'conflict-409'] as const)('a second object with a UID is told (%s)', async (duplicateUid) => {
  const { client, url } = aNextcloud({ traps: { duplicateUid } });
  await client.putNew(url, 'a.ics', textOf('u1'));

  expect(await client.putNew(url, 'b.ics', textOf('u1'))).toMatchObject({ kind: 'uid-taken' });
});

test('a delete that the trash cannot take is told', async () => {
  const { cloud, client, url } = aNextcloud({ traps: { trashedUid: 'accepted' } });
  const { objects } = cloud.calendar('events');
  objects.put(textOf('u1'), 'a.ics');
  objects.remove('a.ics');
  const stored = await client.putNew(url, 'a.ics', textOf('u2'));

  expect(await client.remove(url, 'a.ics', stored.kind === 'stored' ? stored.etag! : '')).toEqual({ kind: 'trash-slot-taken' });
});

test('a write without an etag is stored, and says so', async () => {
  const { cloud, client, url } = aNextcloud({ traps: { loseEtags: true } });

  expect(await client.putNew(url, 'a.ics', textOf('u1'))).toEqual({ kind: 'stored', etag: undefined });
  expect((await client.readObject(url, 'a.ics'))?.etag).toBe(cloud.calendar('events').objects.get('a.ics')?.etag);
});

test('what the server refuses is an outcome with a reason', async () => {
  const { client, url } = aNextcloud();

  expect(await client.putNew(url, 'a.ics', 'garbage')).toMatchObject({ kind: 'refused', status: 415 });
  expect(await client.putNew(url, 'b.ics', textOf('u1').replace('SEQUENCE:0', 'RRULE:FREQ=SOMETIMES'))).toMatchObject({ kind: 'refused', status: 500 });
});

test('a read-only share is recognised, and a write to it finds nothing', async () => {
  const { cloud, client, url } = aNextcloud();
  cloud.calendar('events').setReadOnly(true);

  expect(await client.findCalendar()).toMatchObject({ readOnly: true });
  expect(await client.putNew(url, 'a.ics', textOf('u1'))).toEqual({ kind: 'missing' });
});

test('a calendar is made where none is, and found where its making was not answered', async () => {
  const { cloud, client } = aNextcloud({ calendars: [] });

  const url = await client.createCalendar();

  expect((await client.findCalendar())?.url).toBe(url);
  expect(await client.createCalendar()).toBe(url);
  expect(cloud.calendars()).toHaveLength(1);
});

test('a trashed calendar of the name is not touched, another address is used', async () => {
  const { cloud, client } = aNextcloud({ calendars: [{ name: 'nonprofit-events', displayName: 'nonprofit-events' }] });
  cloud.calendar('nonprofit-events').remove();

  expect(await client.findCalendar()).toBeUndefined();
  expect(await client.createCalendar()).toBe(cloud.calendarUrl('nonprofit-events-2'));
});

test('a half listing is an error, not a small calendar', async () => {
  const { cloud, client, url } = aNextcloud();
  for (const name of ['a.ics', 'b.ics', 'c.ics']) cloud.calendar('events').objects.put({}, name);
  cloud.faults.add({ kind: 'half-body', when: { method: 'REPORT' } });

  await expect(client.changes({ calendarUrl: url })).rejects.toBeInstanceOf(VendorAnswerInvalid);
  await expect(client.readObjects(url, ['a.ics', 'b.ics', 'c.ics'])).rejects.toBeInstanceOf(VendorAnswerInvalid);
});

test('a wrong password is asked once', async () => {
  const { cloud, client } = aNextcloud({}, { password: 'wrong' });

  await expect(client.findCalendar()).rejects.toBeInstanceOf(VendorSignInFailed);
  expect(cloud.journal.count()).toBe(1);
});

test('the tuned fetch carries every method that we use', async () => {
  const world = simulatedWorld({ seed: 7 });
  const cloud = simulateNextcloud(world, { calendars: [] });
  const deps = { fetch: cloud.fetch, clock: world.clock, budget: unlimited, calls: callCounter() };
  const { homeUrl, user: username, password } = cloud;
  const client = caldavClient({ fetch: tunedFetch(deps, { system: 'nextcloud', baseUrl: cloud.url }) }, { homeUrl, username, password, calendarName: 'Events' });

  const url = await client.createCalendar();
  const created = await client.putNew(url, 'a.ics', textOf('u1'));
  const removed = await client.remove(url, 'a.ics', created.kind === 'stored' ? created.etag! : '');
  const [trashed] = await client.trash.findTrashed({ calendarUrl: url, uid: 'u1' });
  const restored = await client.trash.restore(trashed!.href);

  expect([created.kind, removed.kind, restored.kind]).toEqual(['stored', 'removed', 'restored']);
  expect((await client.changes({ calendarUrl: url })).entries.map(({ name }) => name)).toEqual(['a.ics']);
});
