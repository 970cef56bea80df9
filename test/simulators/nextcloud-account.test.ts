import { expect, test } from 'vitest';
import { aNextcloud, anEvent, propfindBody } from './dav-client.ts';

const home = '/remote.php/dav/calendars/hub/';
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

test('discovery leads from the well-known address to the home', async () => {
  const nextcloud = aNextcloud();

  const wellKnown = await nextcloud.dav('PROPFIND', '/.well-known/caldav');
  const root = await nextcloud.dav('PROPFIND', '/remote.php/dav/', propfindBody('<d:current-user-principal/><c:calendar-home-set/>'), { depth: '0' });
  const principal = await nextcloud.dav('PROPFIND', '/remote.php/dav/principals/users/hub/', propfindBody('<c:calendar-home-set/>'), { depth: '0' });

  expect([wellKnown.status, wellKnown.headers.get('location')]).toEqual([301, '/remote.php/dav/']);
  expect(root.text).toContain('<d:href>/remote.php/dav/principals/users/hub/</d:href>');
  expect(root.text).toContain('<d:propstat><d:prop><cal:calendar-home-set/></d:prop><d:status>HTTP/1.1 404 Not Found');
  expect(principal.text).toContain(`<d:href>${home}</d:href>`);
});

test('a home lists calendars, the two boxes and the trash bin, and only calendars say that they are', async () => {
  const nextcloud = aNextcloud({}, { calendars: [{ name: 'events' }, { name: 'old' }] });
  nextcloud.calendar('old').remove();

  const answer = await nextcloud.dav('PROPFIND', home, propfindBody('<d:resourcetype/>'), { depth: '1' });

  expect(Object.keys(answer.rows)).toEqual(['hub', 'events', 'old', 'inbox', 'outbox', 'trashbin']);
  expect(answer.text.match(/<cal:calendar\/>/g)).toHaveLength(1);
  expect(answer.text).toContain('deleted-calendar');
  expect(nextcloud.calendars().map(({ name }) => name)).toEqual(['events']);
});

test('a calendar tells its properties, and what it lacks unless less is wanted', async () => {
  const nextcloud = aNextcloud();
  const body = propfindBody('<d:displayname/><d:getetag/><o:owner-principal/><n:owner-displayname/><o:read-only/><c:supported-calendar-component-set/>');

  const full = await nextcloud.dav('PROPFIND', '', body, { depth: '0' });
  const minimal = await nextcloud.dav('PROPFIND', '', body, { depth: '0', prefer: 'return=minimal' });

  expect(full.text).toContain('<d:displayname>nonprofit-events</d:displayname>');
  expect(full.text).toContain('<oc:owner-principal>principals/users/hub</oc:owner-principal>');
  expect(full.text).toContain('<x1:owner-displayname xmlns:x1="http://nextcloud.com/ns">Hub Example</x1:owner-displayname>');
  expect(full.text).toContain('<cal:comp name="VEVENT"/>');
  expect(full.text).toContain('<d:getetag/><oc:read-only/></d:prop><d:status>HTTP/1.1 404 Not Found');
  expect(minimal.text).not.toContain('404');
});

test('a share that may only be read says so', async () => {
  const nextcloud = aNextcloud();
  nextcloud.events.setReadOnly(true);

  const { text } = await nextcloud.dav('PROPFIND', '', propfindBody('<o:read-only/><d:owner/>'), { depth: '0' });

  expect(text).toContain('<oc:read-only>1</oc:read-only>');
  expect(text).not.toContain('principals/users/hub');
});

test('MKCALENDAR makes a calendar once, under no reserved name', async () => {
  const nextcloud = aNextcloud();
  const body =
    '<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop><d:displayname>Town &amp; country</d:displayname>' +
    '<c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set></d:prop></d:set></c:mkcalendar>';

  const made = await nextcloud.dav('MKCALENDAR', `${home}town/`, body);
  const statuses: number[] = [];
  for (const name of ['town', 'town/', 'inbox/', 'contact_birthdays/', 'plain']) statuses.push((await nextcloud.dav('MKCALENDAR', home + name)).status);

  expect(made.status).toBe(201);
  expect(nextcloud.calendar('town').displayName).toBe('Town & country');
  expect((await nextcloud.put('../town/a.ics', anEvent().replaceAll('VEVENT', 'VTODO'))).status).toBe(403);
  expect(statuses).toEqual([405, 405, 405, 405, 201]);
  expect(nextcloud.calendar('plain').displayName).toBe('plain');
});

test('a trashed calendar keeps its name, still takes objects, and can be restored or removed for good', async () => {
  const nextcloud = aNextcloud();

  const deleted = await nextcloud.dav('DELETE', '');
  const put = await nextcloud.put('a.ics', anEvent());
  const remade = await nextcloud.dav('MKCALENDAR', '');
  const restored = await nextcloud.dav('MOVE', '', '', { destination: `${home}trashbin/restore/file` });
  const visible = nextcloud.calendars().length;
  await nextcloud.dav('DELETE', '', '', { 'x-nc-caldav-no-trashbin': '1' });
  const gone = await nextcloud.dav('PROPFIND', '', '', { depth: '0' });

  expect([deleted.status, put.status, remade.status, restored.status, visible, gone.status]).toEqual([204, 201, 405, 201, 1, 404]);
});

test('PROPPATCH renames, and refuses as a whole what the server keeps itself', async () => {
  const nextcloud = aNextcloud();
  const patch = (props: string) =>
    nextcloud.dav('PROPPATCH', '', `<d:propertyupdate xmlns:d="DAV:" xmlns:cs="http://calendarserver.org/ns/"><d:set><d:prop>${props}</d:prop></d:set></d:propertyupdate>`);

  const renamed = await patch('<d:displayname>New name</d:displayname>');
  const refused = await patch('<d:displayname>Newer</d:displayname><cs:getctag>1</cs:getctag>');

  expect(renamed.text).toContain('<d:href>/remote.php/dav/calendars/hub/events</d:href>');
  expect([refused.text.includes('403'), refused.text.includes('424')]).toEqual([true, true]);
  expect(nextcloud.events.displayName).toBe('New name');
});

test.each([
  { method: 'PROPFIND', path: '/remote.php/dav/calendars/', depth: '1', status: 405 },
  { method: 'PROPFIND', path: '/remote.php/dav/calendars/bob/', depth: '1', status: 404 },
  { method: 'PROPFIND', path: `${home}missing/`, depth: '0', status: 404 },
  { method: 'PROPFIND', path: `${home}trashbin/`, depth: '0', status: 207 },
  { method: 'PROPFIND', path: '/', depth: '0', status: 405 },
])('$method $path is $status', async ({ method, path, depth, status }) => {
  expect((await aNextcloud().dav(method, path, '', { depth })).status).toBe(status);
});

test('a body that cannot be read is 400', async () => {
  expect((await aNextcloud().dav('PROPFIND', '', '<d:propfind', { depth: '0' })).status).toBe(400);
});

test.each([
  { who: 'no credentials', headers: { authorization: '' }, status: 401 },
  { who: 'a Digest', headers: { authorization: 'Digest username="hub"' }, status: 401 },
  { who: 'a wrong password', headers: basic('hub:wrong'), status: 401 },
  { who: 'the mail address as name', headers: basic('hub@nextcloud.test:simulated-app-password'), status: 401 },
  { who: 'the name in capitals', headers: basic('HUB:simulated-app-password'), status: 207 },
  { who: 'the app password as Bearer', headers: { authorization: 'Bearer simulated-app-password' }, status: 207 },
])('$who gets $status', async ({ headers, status }) => {
  const answer = await aNextcloud().dav('PROPFIND', '', '', { depth: '0', ...headers });

  expect(answer.status).toBe(status);
  expect(answer.headers.has('www-authenticate')).toBe(status === 401);
});

test('a password is read as UTF-8', async () => {
  const nextcloud = aNextcloud({}, { password: 'pässwörd-€' });

  expect((await nextcloud.dav('PROPFIND', '', '', { depth: '0' })).status).toBe(207);
});

test('after eleven wrong passwords everybody waits half an hour; not with the trap off', async () => {
  const nextcloud = aNextcloud();
  const wrong = async () => (await nextcloud.dav('PROPFIND', '', '', basic('hub:wrong'))).status;
  const right = async () => nextcloud.dav('PROPFIND', '', '', { depth: '0' });
  for (let failed = 0; failed < 11; failed += 1) await wrong();

  const throttled = await right();
  const anonymous = await nextcloud.dav('PROPFIND', '', '', { authorization: '' });
  nextcloud.traps.throttleAfter = 0;
  const untrapped = await right();
  nextcloud.traps.throttleAfter = 11;
  nextcloud.clock.advance(30 * 60_000);
  const later = await right();

  expect([throttled.status, throttled.exception, throttled.headers.get('retry-after')]).toEqual([429, 'TooManyRequests', null]);
  expect([anonymous.status, untrapped.status, later.status]).toEqual([401, 207, 207]);
});

test('a disabled account is 503 after the right password, and maintenance 503 for everybody but the status page', async () => {
  const nextcloud = aNextcloud();

  nextcloud.settings.isAccountDisabled = true;
  const disabled = await nextcloud.list();
  nextcloud.settings.isMaintenance = true;
  const maintained = await nextcloud.list();
  const status = await nextcloud.dav('GET', '/status.php');

  expect([disabled.status, disabled.exception]).toEqual([503, 'ServiceUnavailable']);
  expect([maintained.status, maintained.exception, maintained.headers.get('x-nextcloud-maintenance-mode')]).toEqual([503, 'ServerMaintenanceMode', '1']);
  expect(status.text).toContain('"maintenance":true');
});
