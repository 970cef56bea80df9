import { expect, test } from 'vitest';
import { VendorRejected } from '../../../shared/base/errors.ts';
import { calendarUrl, empty, found, homeUrl, lost, multistatus, sabreError, stub, xml } from './stub.ts';

const home = '/remote.php/dav/calendars/hub/';
const calendar = '<d:resourcetype><d:collection/><cal:calendar/></d:resourcetype>';
const owner = (name: string): string => `<oc:owner-principal>principals/users/${name}</oc:owner-principal>`;
const named = (path: string, displayName: string, more = ''): string => found(`${home}${path}/`, `${calendar}<d:displayname>${displayName}</d:displayname>${more}`);
const privileges = (name: string): string => `<d:current-user-privilege-set><d:privilege><d:read/></d:privilege><d:privilege><d:${name}/></d:privilege></d:current-user-privilege-set>`;
const taken = (): Response => sabreError(405, 'Sabre\\DAV\\Exception\\MethodNotAllowed', 'exists');

test('the calendar is found by its display name, in one request', async () => {
  const { client, asked } = stub([
    multistatus(
      found(home, '<d:resourcetype><d:collection/></d:resourcetype>'),
      found(`${home}inbox/`, '<d:resourcetype><d:collection/><cal:schedule-inbox/></d:resourcetype>'),
      named('personal', 'Personal', owner('hub')),
      named('abc', 'nonprofit-events', owner('hub')),
    ),
  ]);

  const calendarFound = await client.findCalendar();

  expect(calendarFound).toEqual({ url: `${homeUrl}abc/`, displayName: 'nonprofit-events', owned: true, readOnly: false });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.headers.get('depth')).toBe('1');
});

test('a calendar without that display name is found by the last part of its path', async () => {
  const { client } = stub([multistatus(named('nonprofit-events', 'Events for all'))]);

  expect((await client.findCalendar())?.url).toBe(`${homeUrl}nonprofit-events/`);
});

test.each(['2026', 'true', '1e3', '007'])('a calendar called %s is found, though the parser makes something else of it', async (calendarName) => {
  const { client } = stub([multistatus(named('x', calendarName))], { calendarName });

  expect((await client.findCalendar())?.url).toBe(`${homeUrl}x/`);
});

test('a calendar in the trash is not found', async () => {
  const trashed = found(
    `${home}abc/`,
    '<d:resourcetype><d:collection/><x1:deleted-calendar xmlns:x1="http://nextcloud.com/ns"/></d:resourcetype><d:displayname>nonprofit-events</d:displayname>',
  );
  const { client } = stub([multistatus(trashed)]);

  expect(await client.findCalendar()).toBeUndefined();
});

test('a share is recognised, and one that cannot be written too', async () => {
  const { client } = stub([multistatus(named('events_shared_by_bob', 'nonprofit-events', `${owner('bob')}<oc:read-only>1</oc:read-only>`))]);

  expect(await client.findCalendar()).toMatchObject({ owned: false, readOnly: true });
});

test('our own calendar is preferred to a share of the same name', async () => {
  const { client } = stub([multistatus(named('s', 'nonprofit-events', owner('bob')), named('o', 'nonprofit-events', owner('hub')))]);

  expect((await client.findCalendar())?.url).toBe(`${homeUrl}o/`);
});

test('privileges without writing mean read only, as Radicale and Xandikos tell it', async () => {
  const { client } = stub([
    multistatus(named('a', 'nonprofit-events', privileges('read-acl'))),
    multistatus(named('a', 'nonprofit-events', privileges('write-content'))),
  ]);

  expect((await client.findCalendar())?.readOnly).toBe(true);
  expect((await client.findCalendar())?.readOnly).toBe(false);
});

test('a configured address is looked at, not searched for', async () => {
  const { client, asked } = stub([multistatus(named('events', 'Anything'))], { calendarUrl });

  expect((await client.findCalendar())?.url).toBe(calendarUrl);
  expect(asked[0]?.url).toBe(calendarUrl);
  expect(asked[0]?.headers.get('depth')).toBe('0');
});

test('a configured address without a calendar gives none', async () => {
  const { client } = stub([empty(404)], { calendarUrl });

  expect(await client.findCalendar()).toBeUndefined();
});

test('a home that is not there is a refusal, not an empty home', async () => {
  const { client } = stub([sabreError(404, 'Sabre\\DAV\\Exception\\NotFound', 'Node not found')]);

  await expect(client.findCalendar()).rejects.toMatchObject({ reason: 'HOME_MISSING' });
});

test('a calendar is made under a name from its display name, then looked up', async () => {
  const { client, asked } = stub([empty(201), multistatus(named('veranstaltungen-fur-alle', 'Veranstaltungen für alle'))], {
    calendarName: 'Veranstaltungen für alle',
  });

  const url = await client.createCalendar();

  expect(url).toBe(`${homeUrl}veranstaltungen-fur-alle/`);
  expect(asked.map(({ method, url: to }) => `${method} ${to}`)).toEqual([`MKCALENDAR ${homeUrl}veranstaltungen-fur-alle/`, `PROPFIND ${homeUrl}`]);
  expect(asked[0]?.body).toContain('<d:displayname>Veranstaltungen für alle</d:displayname>');
});

test.each<{ server: string; answer: () => Response }>([
  { server: 'Nextcloud', answer: () => sabreError(405, 'Sabre\\DAV\\Exception\\MethodNotAllowed', 'exists') },
  { server: 'Radicale', answer: () => xml(409, '<D:error xmlns:D="DAV:"><D:resource-must-be-null/></D:error>') },
  { server: 'Xandikos', answer: () => multistatus(lost(`${home}nonprofit-events/`, '403 Forbidden')) },
])('$server says that it exists: it is used', async ({ answer }) => {
  const { client, asked } = stub([answer(), multistatus(named('nonprofit-events', 'nonprofit-events'))]);

  expect(await client.createCalendar()).toBe(`${homeUrl}nonprofit-events/`);
  expect(asked).toHaveLength(2);
});

test('an address that a trashed calendar holds is left for the next one', async () => {
  const { client, asked } = stub([taken(), multistatus(), empty(201), multistatus(named('nonprofit-events-2', 'nonprofit-events'))]);

  expect(await client.createCalendar()).toBe(`${homeUrl}nonprofit-events-2/`);
  expect(asked).toHaveLength(4);
});

test('calendars are not made in a loop', async () => {
  const { client, asked } = stub([taken(), multistatus(), taken(), multistatus(), taken(), multistatus()]);

  await expect(client.createCalendar()).rejects.toBeInstanceOf(VendorRejected);
  expect(asked.filter(({ method }) => method === 'MKCALENDAR')).toHaveLength(3);
});
