import { expect, test } from 'vitest';
import { VendorAnswerInvalid, VendorRejected, VendorUnavailable } from '../../../shared/base/errors.ts';
import { calendarPath, calendarUrl, empty, etag, found, lost, multistatus, sabreError, stub, token, xml } from './stub.ts';

const sabre = (counter: number): string => `http://sabre.io/ns/sync/${counter}`;
const badToken = (): Response => xml(403, '<D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>');
const everything = (): Response => multistatus(found(`${calendarPath}a.ics`, etag('1')), token(sabre(12)));

test('a known token asks one question and gives what changed and what went', async () => {
  const { client, asked } = stub([
    multistatus(found(`${calendarPath}8c1f.ics`, etag('5e1c')), lost(`${calendarPath}77aa.ics`), token(sabre(12))),
  ]);

  const changes = await client.changes({ calendarUrl, token: sabre(8) });

  expect(changes).toEqual({ kind: 'delta', token: sabre(12), entries: [{ name: '8c1f.ics', etag: '"5e1c"' }, { name: '77aa.ics', gone: true }] });
  expect(asked).toHaveLength(1);
  expect(asked[0]?.body).toContain(`<d:sync-token>${sabre(8)}</d:sync-token>`);
  expect(asked[0]?.body).not.toContain('limit');
});

test('nothing new is an empty delta with the same token', async () => {
  const { client } = stub([multistatus(token(sabre(8)))]);

  expect(await client.changes({ calendarUrl, token: sabre(8) })).toEqual({ kind: 'delta', token: sabre(8), entries: [] });
});

test('without a token everything is read', async () => {
  const { client, asked } = stub([everything()]);

  const changes = await client.changes({ calendarUrl });

  expect(changes).toEqual({ kind: 'all', token: sabre(12), entries: [{ name: 'a.ics', etag: '"1"' }] });
  expect(asked[0]?.body).toContain('<d:sync-token/>');
});

const unavailable = (status: number): VendorUnavailable => new VendorUnavailable({ vendor: 'nextcloud', call: 'REPORT', status, sent: true });

test.each<{ says: string; answer: () => Response | Error }>([
  { says: '403 valid-sync-token (Nextcloud, Radicale)', answer: badToken },
  { says: '409', answer: () => empty(409) },
  { says: '410', answer: () => empty(410) },
  { says: '500 (Xandikos)', answer: () => new Response('fault', { status: 500 }) },
  { says: '500, as the tuned fetch throws it', answer: () => unavailable(500) },
  { says: 'no token in the answer', answer: () => multistatus(found(`${calendarPath}b.ics`, etag('2'))) },
  { says: 'a lower counter, after a restored backup', answer: () => multistatus(token(sabre(7))) },
  { says: '507 for the calendar among the members', answer: () => multistatus(lost(calendarPath, '507 Insufficient Storage'), token(sabre(9))) },
])('a token answered with $says leads to a full reading', async ({ answer }) => {
  const { client, asked } = stub([answer(), everything()]);

  const changes = await client.changes({ calendarUrl, token: sabre(8) });

  expect(changes.kind).toBe('all');
  expect(changes.entries).toEqual([{ name: 'a.ics', etag: '"1"' }]);
  expect(asked).toHaveLength(2);
});

test('a server that is ill with any token is not taken for an empty calendar', async () => {
  const { client } = stub([unavailable(500), unavailable(500)]);

  await expect(client.changes({ calendarUrl, token: sabre(8) })).rejects.toBeInstanceOf(VendorUnavailable);
});

test('maintenance does not start a full reading', async () => {
  const { client, asked } = stub([unavailable(503)]);

  await expect(client.changes({ calendarUrl, token: sabre(8) })).rejects.toBeInstanceOf(VendorUnavailable);
  expect(asked).toHaveLength(1);
});

test.each(['415 unsupported', '501 not implemented'])('without sync-collection (%s) the members are listed, with the token of the same answer', async (says) => {
  const listing = multistatus(
    found(calendarPath, `<d:resourcetype><d:collection/><cal:calendar/></d:resourcetype>${token('77')}`),
    found(`${calendarPath}a.ics`, etag('1')),
  );
  const { client, asked } = stub([empty(Number(says.slice(0, 3))), listing]);

  const changes = await client.changes({ calendarUrl });

  expect(changes).toEqual({ kind: 'all', token: '77', entries: [{ name: 'a.ics', etag: '"1"' }] });
  expect(asked.map(({ method }) => method)).toEqual(['REPORT', 'PROPFIND']);
  expect(asked[1]?.headers.get('depth')).toBe('1');
});

test('a full reading leaves out trashed names, the calendar itself and strangers', async () => {
  const { client } = stub([
    multistatus(
      found(`${calendarPath}a.ics`, etag('1')),
      lost(`${calendarPath}old-deleted.ics`, '418 I am a teapot'),
      lost(`${calendarPath}older.ics`),
      found(calendarPath, etag('9')),
      found('/remote.php/dav/calendars/hub/other/b.ics', etag('2')),
      found(`${calendarPath}deep/c.ics`, etag('3')),
      token(sabre(3)),
    ),
  ]);

  expect((await client.changes({ calendarUrl })).entries).toEqual([{ name: 'a.ics', etag: '"1"' }]);
});

test('an object whose version could not be told exists all the same', async () => {
  const { client } = stub([multistatus(lost(`${calendarPath}a.ics`, '503 Service Unavailable'), token(sabre(3)))]);

  expect((await client.changes({ calendarUrl })).entries).toEqual([{ name: 'a.ics' }]);
});

test('a renamed calendar, reported as a lost address without a slash, is not a lost object', async () => {
  const { client } = stub([multistatus(lost('/remote.php/dav/calendars/hub/events'), token(sabre(9)))]);

  expect((await client.changes({ calendarUrl, token: sabre(8) })).entries).toEqual([]);
});

test('a name is the same however a server escapes it', async () => {
  const { client } = stub([
    multistatus(found(`${calendarPath}%c3%a9%20%2b@x.ics`, etag('1')), found(`https://cloud.example${calendarPath}b%40.ics`, 'x'), token('t')),
  ]);

  const { entries } = await client.changes({ calendarUrl });

  expect(entries.map(({ name }) => name)).toEqual(['é +@x.ics', 'b@.ics']);
});

test('a calendar that is not there is named as such', async () => {
  const { client } = stub([sabreError(404, 'Sabre\\DAV\\Exception\\NotFound', 'gone')]);

  const reading = client.changes({ calendarUrl, token: sabre(8) });

  await expect(reading).rejects.toBeInstanceOf(VendorRejected);
  await expect(reading).rejects.toMatchObject({ reason: 'CALENDAR_MISSING' });
});

test('a listing that was cut off in the middle is not data', async () => {
  const whole = await multistatus(found(`${calendarPath}a.ics`, etag('1')), found(`${calendarPath}b.ics`, etag('2'))).text();
  const { client } = stub([xml(207, whole.slice(0, whole.indexOf('b.ics')))]);

  await expect(client.changes({ calendarUrl })).rejects.toBeInstanceOf(VendorAnswerInvalid);
});

test('a web page instead of an answer is not data', async () => {
  const { client } = stub([new Response('<html>login</html>', { status: 200, headers: { 'content-type': 'text/html' } })]);

  await expect(client.changes({ calendarUrl })).rejects.toBeInstanceOf(VendorAnswerInvalid);
});

test('a moved server is a finding, not a detour', async () => {
  const { client, asked } = stub([empty(301, { location: 'https://elsewhere.example/' })]);

  await expect(client.changes({ calendarUrl })).rejects.toMatchObject({ reason: 'MOVED' });
  expect(asked).toHaveLength(1);
});

test('what others wrote is told apart from our own echo', async () => {
  const answer = (): Response => multistatus(found(`${calendarPath}a.ics`, etag('1')), token(sabre(9)));
  const { client } = stub([answer(), answer()]);

  const echo = await client.changes({ calendarUrl, token: sabre(8), isOurs: ({ name }) => name === 'a.ics' });
  const others = await client.changes({ calendarUrl, token: sabre(8), isOurs: () => false });

  expect(echo.othersWrote).toBe(false);
  expect(others.othersWrote).toBe(true);
});

test('the password goes out in UTF-8', async () => {
  const { client, asked } = stub([everything()], { username: 'jürgen', password: '10 €' });

  await client.changes({ calendarUrl });

  const [, credentials] = asked[0]!.headers.get('authorization')!.split(' ');
  expect(Buffer.from(credentials!, 'base64').toString('utf8')).toBe('jürgen:10 €');
});
