import { expect, test } from 'vitest';
import { VendorUnavailable } from '../../../shared/base/errors.ts';
import { calendarPath, calendarUrl, empty, etag, found, lost, multistatus, sabreError, stub, xml } from './stub.ts';

const text = 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n';
const withText = (name: string, version: string, body = 'BEGIN:VCALENDAR\nEND:VCALENDAR'): string =>
  found(`${calendarPath}${name}`, `${etag(version)}<cal:calendar-data>${body}</cal:calendar-data>`);
const uidConflict = '<C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"><D:href xmlns:D="DAV:">/cal/other.ics</D:href></C:no-uid-conflict>';
const hiddenRefusal = (condition: string): Response =>
  xml(
    207,
    `<D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:response><D:href>/cal/x.ics</D:href><D:status>HTTP/1.1 412 Precondition Failed</D:status><D:error><C:${condition}/></D:error></D:response></D:multistatus>`,
  );
const bad = (exception: string, message: string): Response => sabreError(400, `Sabre\\DAV\\Exception\\${exception}`, message);

test('a missing object costs only itself, whether the server names it or leaves it out', async () => {
  const { client, asked } = stub([multistatus(withText('a.ics', '1'), lost(`${calendarPath}b.ics`))]);

  const objects = await client.readObjects(calendarUrl, ['a.ics', 'b.ics', 'c.ics']);

  expect([...objects]).toEqual([['a.ics', { etag: '"1"', text: 'BEGIN:VCALENDAR\nEND:VCALENDAR' }]]);
  expect(asked[0]?.headers.get('depth')).toBe('1');
  expect(asked[0]?.body.match(/<d:href>/g)).toHaveLength(3);
});

test('many objects are read 50 at a time, each once', async () => {
  const names = Array.from({ length: 120 }, (_, index) => `${index}.ics`);
  const { client, asked } = stub([multistatus(), multistatus(), multistatus()]);

  await client.readObjects(calendarUrl, [...names, ...names]);

  expect(asked.map(({ body }) => body.match(/<d:href>/g)?.length)).toEqual([50, 50, 20]);
});

test('no names, no request', async () => {
  const { client, asked } = stub([]);

  expect((await client.readObjects(calendarUrl, [])).size).toBe(0);
  expect(asked).toHaveLength(0);
});

test('names with blanks, umlauts and ampersands find their way', async () => {
  const { client, asked } = stub([multistatus(withText('%c3%a4%20%26%20b.ics', '1'))]);

  const objects = await client.readObjects(calendarUrl, ['ä & b.ics']);

  expect([...objects.keys()]).toEqual(['ä & b.ics']);
  expect(asked[0]?.body).toContain(`<d:href>${calendarPath}%C3%A4%20%26%20b.ics</d:href>`);
});

test('an object over 1 MB is named, not carried', async () => {
  const { client } = stub([multistatus(withText('a.ics', '1', 'x'.repeat(1024 * 1024 + 1)), withText('b.ics', '2'))]);

  const objects = await client.readObjects(calendarUrl, ['a.ics', 'b.ics']);

  expect(objects.get('a.ics')).toEqual({ etag: '"1"', tooLarge: true });
  expect(objects.get('b.ics')?.etag).toBe('"2"');
});

test('a character that a server lost by folding inside it is read again from the bytes', async () => {
  const bytes = Buffer.concat([Buffer.from('SUMMARY:caf'), Buffer.from([0xc3]), Buffer.from('\r\n '), Buffer.from([0xa9])]);
  const { client, asked } = stub([multistatus(withText('a.ics', '1', 'SUMMARY:caf\ufffd\ufffd')), new Response(bytes, { headers: { etag: '"1"' } })]);

  const objects = await client.readObjects(calendarUrl, ['a.ics']);

  expect(objects.get('a.ics')).toEqual({ etag: '"1"', text: 'SUMMARY:café' });
  expect(asked[1]?.method).toBe('GET');
});

test.each([
  ['"abc"', '"abc"'],
  ['W/"abc"', '"abc"'],
  ['"abc-gzip"', '"abc"'],
  ['W/"abc--gzip"', '"abc"'],
  ['abc', '"abc"'],
])('the version %s is remembered as %s', async (raw, normal) => {
  const { client } = stub([new Response(text, { headers: { etag: raw } })]);

  expect(await client.readObject(calendarUrl, 'a.ics')).toEqual({ etag: normal, text });
});

test('reading an object that is not there gives nothing', async () => {
  const { client } = stub([empty(404)]);

  expect(await client.readObject(calendarUrl, 'a.ics')).toBeUndefined();
});

test('a new object is written only where none is', async () => {
  const { client, asked } = stub([empty(201, { etag: '"9"' })]);

  const outcome = await client.putNew(calendarUrl, 'ä.ics', text);

  expect(outcome).toEqual({ kind: 'stored', etag: '"9"' });
  expect(asked[0]).toMatchObject({ method: 'PUT', url: `${calendarUrl}%C3%A4.ics`, body: text });
  expect(asked[0]?.headers.get('if-none-match')).toBe('*');
  expect(asked[0]?.headers.get('content-type')).toBe('text/calendar; charset=utf-8');
});

test.each<{ says: string; answer: () => Response; outcome: object }>([
  { says: '201 without an etag: the server changed the text', answer: () => empty(201), outcome: { kind: 'stored', etag: undefined } },
  { says: '201 with a weak etag', answer: () => empty(201, { etag: 'W/"9"' }), outcome: { kind: 'stored', etag: undefined } },
  { says: '412', answer: () => sabreError(412, 'Sabre\\DAV\\Exception\\PreconditionFailed', '', '', { etag: '"7"' }), outcome: { kind: 'exists', etag: '"7"' } },
  { says: '409 no-uid-conflict (Radicale)', answer: () => xml(409, `<error xmlns="DAV:">${uidConflict}</error>`), outcome: { kind: 'uid-taken', holder: 'other.ics' } },
  { says: '207 holding no-uid-conflict (Xandikos)', answer: () => hiddenRefusal('no-uid-conflict'), outcome: { kind: 'uid-taken', holder: undefined } },
  {
    says: '400 BadRequest (Nextcloud)',
    answer: () => bad('BadRequest', 'Calendar object with uid already exists in this calendar collection.'),
    outcome: { kind: 'uid-taken', holder: undefined },
  },
  {
    says: '400 BadRequest in German',
    answer: () => bad('BadRequest', 'Ein Kalenderobjekt mit dieser UID existiert bereits.'),
    outcome: { kind: 'uid-taken', holder: undefined },
  },
  { says: '400 of a deleted object (old Nextcloud)', answer: () => bad('BadRequest', 'Deleted calendar object with uid already exists in this calendar collection.'), outcome: { kind: 'uid-in-trash' } },
  {
    says: '500 DbalException (Nextcloud 34)',
    answer: () => sabreError(500, 'OC\\DB\\Exceptions\\DbalException', 'An exception occurred: UNIQUE constraint failed: oc_calendarobjects.uid'),
    outcome: { kind: 'uid-in-trash' },
  },
  { says: '415', answer: () => sabreError(415, 'Sabre\\DAV\\Exception\\UnsupportedMediaType', 'no'), outcome: { kind: 'refused', status: 415, reason: 'UnsupportedMediaType' } },
  { says: '207 holding valid-calendar-data (Xandikos)', answer: () => hiddenRefusal('valid-calendar-data'), outcome: { kind: 'refused', status: 412, reason: 'valid-calendar-data' } },
  { says: '400 without a class (Radicale)', answer: () => new Response('Bad Request', { status: 400 }), outcome: { kind: 'refused', status: 400, reason: undefined } },
  {
    says: '403 of a wrong component',
    answer: () => sabreError(403, 'OCA\\DAV\\InvalidComponentType', 'no', '<cal:supported-calendar-component xmlns:cal="urn:ietf:params:xml:ns:caldav"/>'),
    outcome: { kind: 'refused', status: 403, reason: 'supported-calendar-component' },
  },
  { says: '500 InvalidDataException', answer: () => sabreError(500, 'Sabre\\VObject\\InvalidDataException', 'FREQ'), outcome: { kind: 'refused', status: 500, reason: 'InvalidDataException' } },
  { says: '404: no calendar, or a read-only share', answer: () => sabreError(404, 'Sabre\\DAV\\Exception\\NotFound', 'gone'), outcome: { kind: 'missing' } },
  { says: '409 without a reason: no calendar (Radicale)', answer: () => new Response('Conflict', { status: 409 }), outcome: { kind: 'missing' } },
  { says: '507', answer: () => empty(507), outcome: { kind: 'no-space' } },
])('a create answered with $says', async ({ answer, outcome }) => {
  const { client } = stub([answer()]);

  expect(await client.putNew(calendarUrl, 'x.ics', text)).toEqual(outcome);
});

test('a full disk is an outcome also where the tuned fetch throws it', async () => {
  const { client } = stub([new VendorUnavailable({ vendor: 'nextcloud', call: 'PUT', status: 507, sent: true })]);

  expect(await client.putNew(calendarUrl, 'x.ics', text)).toEqual({ kind: 'no-space' });
});

test.each<{ says: string; answer: () => Response }>([
  { says: 'a locked database', answer: () => sabreError(500, 'OC\\DB\\Exceptions\\DbalException', 'General error: 5 database is locked') },
  { says: 'another 500', answer: () => sabreError(500, 'Error', 'boom') },
])('$says is nobody’s outcome: the write may have happened', async ({ answer }) => {
  const { client } = stub([answer()]);

  await expect(client.putNew(calendarUrl, 'x.ics', text)).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: true });
});

test.each<{ says: string; answer: () => Response; outcome: object }>([
  { says: '204 (Nextcloud)', answer: () => empty(204, { etag: '"2"' }), outcome: { kind: 'stored', etag: '"2"' } },
  { says: '201 (Radicale)', answer: () => empty(201, { etag: '"2"' }), outcome: { kind: 'stored', etag: '"2"' } },
  { says: '412 with the current etag', answer: () => sabreError(412, 'Sabre\\DAV\\Exception\\PreconditionFailed', '', '', { etag: '"3"' }), outcome: { kind: 'stale', etag: '"3"' } },
  { says: '404', answer: () => empty(404), outcome: { kind: 'missing' } },
  { says: '409 no-uid-conflict', answer: () => xml(409, `<error xmlns="DAV:">${uidConflict}</error>`), outcome: { kind: 'uid-taken', holder: 'other.ics' } },
  { says: '207 holding valid-calendar-data', answer: () => hiddenRefusal('valid-calendar-data'), outcome: { kind: 'refused', status: 412, reason: 'valid-calendar-data' } },
])('a change answered with $says', async ({ answer, outcome }) => {
  const { client, asked } = stub([answer()]);

  expect(await client.putOver(calendarUrl, 'x.ics', text, '"1"')).toEqual(outcome);
  expect(asked[0]?.headers.get('if-match')).toBe('"1"');
  expect(asked[0]?.headers.has('if-none-match')).toBe(false);
});

test.each<{ says: string; answer: () => Response; outcome: object }>([
  { says: '204', answer: () => empty(204), outcome: { kind: 'removed' } },
  { says: '200 with a body (Radicale)', answer: () => xml(200, '<multistatus xmlns="DAV:"><response><href>/x</href><status>HTTP/1.1 200 OK</status></response></multistatus>'), outcome: { kind: 'removed' } },
  { says: '412', answer: () => empty(412), outcome: { kind: 'stale', etag: undefined } },
  { says: '404', answer: () => empty(404), outcome: { kind: 'missing' } },
  {
    says: '403: the trash slot of the name is taken',
    answer: () => sabreError(403, 'Sabre\\DAV\\Exception\\Forbidden', 'A calendar object with URI x-deleted.ics already exists in calendar 9'),
    outcome: { kind: 'trash-slot-taken' },
  },
  {
    says: '403 for want of a privilege',
    answer: () => sabreError(403, 'Sabre\\DAVACL\\Exception\\NeedPrivileges', 'no', '<d:need-privileges/>'),
    outcome: { kind: 'refused', status: 403, reason: 'need-privileges' },
  },
])('a delete answered with $says', async ({ answer, outcome }) => {
  const { client, asked } = stub([answer()]);

  expect(await client.remove(calendarUrl, 'x.ics', '"1"')).toEqual(outcome);
  expect(asked[0]?.headers.get('if-match')).toBe('"1"');
});

test('no outcome repeats what an event says', async () => {
  const { client } = stub([sabreError(415, 'Sabre\\DAV\\Exception\\UnsupportedMediaType', 'Validation error: SUMMARY:Ada Example is ill')]);

  expect(JSON.stringify(await client.putNew(calendarUrl, 'x.ics', text))).not.toContain('Ada');
});

test.each([
  ['a new object', (client: ReturnType<typeof stub>['client']) => client.putNew(calendarUrl, 'x.ics', text)],
  ['a changed object', (client: ReturnType<typeof stub>['client']) => client.putOver(calendarUrl, 'x.ics', text, '"1"')],
  ['a deletion', (client: ReturnType<typeof stub>['client']) => client.remove(calendarUrl, 'x.ics', '"1"')],
])('a page for people, or an error in a 200, in answer to %s is nobody\'s word about it', async (_what, write) => {
  const page = new Response('\n<!DOCTYPE html><html><body>Welcome to the library Wi-Fi</body></html>', { status: 200, headers: { 'content-type': 'text/html' } });
  const error = new Response('{"errors":[{"message":"something went wrong"}]}', { status: 200, headers: { 'content-type': 'application/json' } });
  const { client } = stub([page, error]);

  await expect(write(client)).rejects.toMatchObject({ sent: true });
  await expect(write(client)).rejects.toMatchObject({ sent: true });
});
