/** The library that the hub uses, against the simulator: the same answers must make sense to somebody else's parser. */
import {
  calendarMultiGet,
  createAccount,
  createCalendarObject,
  deleteCalendarObject,
  fetchCalendarObjects,
  fetchCalendars,
  makeCalendar,
  syncCollection,
  updateCalendarObject,
} from 'tsdav';
import { expect, test } from 'vitest';
import { aNextcloud, anEvent } from './dav-client.ts';

function connected() {
  const nextcloud = aNextcloud();
  const authorization = `Basic ${Buffer.from(`${nextcloud.user}:${nextcloud.password}`, 'utf8').toString('base64')}`;
  return { nextcloud, url: nextcloud.calendarUrl('events'), dav: { headers: { authorization }, fetch: nextcloud.fetch } };
}

test('tsdav finds the home from the bare host, and the calendars in it', async () => {
  const { nextcloud, dav } = connected();
  nextcloud.addCalendar({ name: 'old' }).remove();

  const account = await createAccount({ account: { serverUrl: nextcloud.url, accountType: 'caldav' }, ...dav });
  const calendars = await fetchCalendars({ account, ...dav });

  expect(account.homeUrl).toBe(nextcloud.homeUrl);
  expect(calendars.map(({ displayName }) => displayName)).toEqual(['nonprofit-events']);
  expect(calendars[0]).toMatchObject({ ctag: 'http://sabre.io/ns/sync/1', syncToken: 'http://sabre.io/ns/sync/1', components: ['VEVENT', 'VTODO', 'VJOURNAL'] });
});

test('tsdav makes a calendar', async () => {
  const { nextcloud, dav } = connected();

  const [made] = await makeCalendar({ url: nextcloud.calendarUrl('new'), props: { 'd:displayname': 'New one' }, ...dav });

  expect(made?.status).toBe(201);
  expect(nextcloud.calendar('new').displayName).toBe('New one');
});

test('tsdav creates, updates and deletes, and reads the 412 of a stale ETag', async () => {
  const { nextcloud, url, dav } = connected();

  const created = await createCalendarObject({ calendar: { url }, filename: 'a.ics', iCalString: anEvent(), ...dav });
  const again = await createCalendarObject({ calendar: { url }, filename: 'a.ics', iCalString: anEvent(), ...dav });
  const etag = created.headers.get('etag') ?? '';
  const updated = await updateCalendarObject({ calendarObject: { url: `${url}a.ics`, data: anEvent({ summary: 'x' }), etag }, ...dav });
  const stale = await deleteCalendarObject({ calendarObject: { url: `${url}a.ics`, etag }, ...dav });
  const deleted = await deleteCalendarObject({ calendarObject: { url: `${url}a.ics`, etag: updated.headers.get('etag') ?? '' }, ...dav });

  expect([created, again, updated, stale, deleted].map(({ status }) => status)).toEqual([201, 412, 204, 412, 204]);
  expect(nextcloud.objects.size).toBe(0);
});

test('tsdav reads changes and fetches what changed', async () => {
  const { nextcloud, url, dav } = connected();
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  nextcloud.objects.put({ uid: 'b', summary: 'Bread & roses' }, 'b.ics');
  nextcloud.objects.remove('a.ics');

  const changes = await syncCollection({ url, props: { 'd:getetag': {} }, syncLevel: 1, syncToken: 'http://sabre.io/ns/sync/1', ...dav });
  const fetched = await calendarMultiGet({ url, props: { 'd:getetag': {}, 'c:calendar-data': {} }, objectUrls: ['/remote.php/dav/calendars/hub/events/b.ics'], depth: '1', ...dav });

  expect(changes.map(({ href, status }) => [href?.split('/').at(-1), status])).toEqual([
    ['a.ics', 404],
    ['b.ics', 207],
  ]);
  expect(fetched[0]?.props?.['getetag']).toBe(nextcloud.objects.get('b.ics')?.etag);
  expect(JSON.stringify(fetched[0]?.props?.['calendarData'])).toContain('SUMMARY:Bread & roses');
});

test('tsdav fetches a month', async () => {
  const { nextcloud, url, dav } = connected();
  nextcloud.objects.put({ uid: 'in', start: '2027-03-04T18:00:00Z' }, 'in.ics');
  nextcloud.objects.put({ uid: 'out', start: '2027-05-04T18:00:00Z' }, 'out.ics');

  const objects = await fetchCalendarObjects({ calendar: { url }, timeRange: { start: '2027-03-01T00:00:00Z', end: '2027-04-01T00:00:00Z' }, ...dav });

  expect(objects.map((object) => object.url)).toEqual([`${url}in.ics`]);
});
