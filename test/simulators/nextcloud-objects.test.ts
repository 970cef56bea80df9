import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { trimsDescriptions } from '../../shared/simulators/nextcloud-traps.ts';
import { aNextcloud, anEvent } from './dav-client.ts';

const md5 = (text: string) => `"${createHash('md5').update(text).digest('hex')}"`;

test('a new object is 201, its ETag the MD5 of the stored bytes, and a GET gives them back', async () => {
  const nextcloud = aNextcloud();
  const text = anEvent({ summary: 'Café, ☕' });

  const put = await nextcloud.put('a.ics', text, { 'if-none-match': '*' });
  const got = await nextcloud.dav('GET', 'a.ics');

  expect([put.status, put.etag, put.headers.get('oc-etag')]).toEqual([201, md5(text), md5(text)]);
  expect([got.status, got.text, got.etag]).toEqual([200, text, put.etag]);
  expect(got.headers.get('content-type')).toBe('text/calendar; charset=utf-8; component=vevent');
});

const conditions: { method: string; header: Record<string, string>; exists: boolean; status: number }[] = [
  { method: 'PUT', header: { 'if-none-match': '*' }, exists: true, status: 412 },
  { method: 'PUT', header: { 'if-match': 'CURRENT' }, exists: true, status: 204 },
  { method: 'PUT', header: { 'if-match': '*' }, exists: true, status: 204 },
  { method: 'PUT', header: { 'if-match': '"other", CURRENT' }, exists: true, status: 204 },
  { method: 'PUT', header: { 'if-match': '"stale"' }, exists: true, status: 412 },
  { method: 'PUT', header: { 'if-match': 'W/CURRENT' }, exists: true, status: 412 },
  { method: 'PUT', header: { 'if-match': '*' }, exists: false, status: 412 },
  { method: 'PUT', header: {}, exists: true, status: 204 },
  { method: 'DELETE', header: { 'if-match': 'CURRENT' }, exists: true, status: 204 },
  { method: 'DELETE', header: { 'if-match': '"stale"' }, exists: true, status: 412 },
  { method: 'DELETE', header: { 'if-match': '"any"' }, exists: false, status: 412 },
  { method: 'DELETE', header: {}, exists: true, status: 204 },
  { method: 'DELETE', header: {}, exists: false, status: 404 },
  { method: 'GET', header: { 'if-none-match': 'CURRENT' }, exists: true, status: 304 },
  { method: 'GET', header: {}, exists: false, status: 404 },
];

test.each(conditions)('$method with $header, exists: $exists, is $status', async ({ method, header, exists, status }) => {
  const nextcloud = aNextcloud();
  const before = exists ? nextcloud.objects.put(anEvent(), 'a.ics') : undefined;
  const headers = Object.fromEntries(Object.entries(header).map(([name, value]) => [name, value.replace('CURRENT', before?.etag ?? '')]));

  const answer = await nextcloud.dav(method, 'a.ics', method === 'PUT' ? anEvent({ summary: 'New' }) : '', headers);

  expect(answer.status).toBe(status);
});

test.each(['If-Match', 'If-None-Match'])('a 412 names %s, and tells the current ETag', async (header) => {
  const nextcloud = aNextcloud();
  const { etag } = nextcloud.objects.put(anEvent(), 'a.ics');

  const answer = await nextcloud.put('a.ics', anEvent(), { [header]: header === 'If-Match' ? '"stale"' : '*' });

  expect([answer.exception, answer.etag]).toEqual(['PreconditionFailed', etag]);
  expect(answer.text).toContain(`<s:header>${header}</s:header>`);
});

test('the very same bytes keep their ETag, and still count as a change', async () => {
  const nextcloud = aNextcloud();
  const { etag } = nextcloud.objects.put(anEvent(), 'a.ics');
  const before = nextcloud.events.token;

  const answer = await nextcloud.put('a.ics', anEvent());

  expect(answer.etag).toBe(etag);
  expect((await nextcloud.sync(before)).rows).toEqual({ 'a.ics': 'there' });
});

test('a UID may stand once in a calendar, and again in another', async () => {
  const nextcloud = aNextcloud();
  nextcloud.addCalendar({ name: 'other' });
  await nextcloud.put('a.ics', anEvent());

  const twice = await nextcloud.put('b.ics', anEvent());
  const elsewhere = await nextcloud.put('../other/b.ics', anEvent());
  nextcloud.traps.duplicateUid = 'conflict-409';
  const newest = await nextcloud.put('b.ics', anEvent());

  expect([twice.status, twice.exception]).toEqual([400, 'BadRequest']);
  expect(twice.text).not.toContain('no-uid-conflict');
  expect(elsewhere.status).toBe(201);
  expect([newest.status, newest.text.includes('no-uid-conflict')]).toEqual([409, true]);
});

test('a changed UID is not checked, and frees the old one', async () => {
  const nextcloud = aNextcloud();
  await nextcloud.put('a.ics', anEvent());

  const changed = await nextcloud.put('a.ics', anEvent({ uid: 'two@example.org' }));
  const old = await nextcloud.put('b.ics', anEvent());

  expect([changed.status, old.status]).toEqual([204, 201]);
});

const eventLines = (...lines: string[]) => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:x', 'BEGIN:VEVENT', 'UID:u', 'DTSTAMP:20260101T000000Z', ...lines, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n');
const start = 'DTSTART:20270304T180000Z';

test.each([
  { what: 'nothing', text: ' ', status: 415 },
  { what: 'no iCalendar', text: '<html></html>', status: 415 },
  { what: 'a vCard', text: 'BEGIN:VCARD\r\nFN:A\r\nEND:VCARD\r\n', status: 415 },
  { what: 'a truncated text', text: anEvent().slice(0, -30), status: 415 },
  { what: 'no DTSTART', text: eventLines('SUMMARY:x'), status: 415 },
  { what: 'a malformed date', text: eventLines('DTSTART:tomorrow'), status: 415 },
  { what: 'SUMMARY twice', text: eventLines(start, 'SUMMARY:x', 'SUMMARY:y'), status: 415 },
  { what: 'METHOD', text: anEvent().replace('VERSION:2.0', 'VERSION:2.0\r\nMETHOD:PUBLISH'), status: 415 },
  { what: 'two UIDs', text: anEvent().replace('END:VCALENDAR', `BEGIN:VEVENT\r\nUID:v\r\n${start}\r\nEND:VEVENT\r\nEND:VCALENDAR`), status: 415 },
  { what: 'only a time zone', text: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n', status: 403 },
  { what: 'an unknown frequency', text: eventLines(start, 'RRULE:FREQ=FORTNIGHTLY'), status: 500 },
  { what: 'over ten mebibytes', text: eventLines(start, `DESCRIPTION:${'x'.repeat(10_485_760)}`), status: 403 },
])('$what is refused with $status, and nothing is stored', async ({ text, status }) => {
  const nextcloud = aNextcloud();

  const answer = await nextcloud.put('a.ics', text);

  expect(answer.status).toBe(status);
  expect(nextcloud.objects.size).toBe(0);
});

test('a task is refused where only events are kept', async () => {
  const nextcloud = aNextcloud({}, { calendars: [{ name: 'events', components: ['VEVENT'] }] });

  const answer = await nextcloud.put('a.ics', anEvent().replaceAll('VEVENT', 'VTODO'));

  expect([answer.status, answer.exception]).toEqual([403, 'InvalidComponentType']);
  expect(answer.text).toContain('supported-calendar-component');
});

test.each([
  { what: 'LF line ends', text: anEvent().replaceAll('\r\n', '\n') },
  { what: 'a byte order mark', text: `\uFEFF${anEvent()}` },
  { what: 'an unknown zone', text: eventLines('DTSTART;TZID=Nowhere/Land:20270304T180000') },
  { what: 'an end before its start', text: eventLines(start, 'DTEND:20270303T180000Z') },
  { what: 'lower-case names', text: eventLines('dtstart:20270304T180000Z', 'summary:x') },
  { what: 'a quoted parameter with a colon', text: eventLines(start, 'X-A;CN="a:b;c":d') },
])('$what is stored as sent', async ({ text }) => {
  const nextcloud = aNextcloud();

  const answer = await nextcloud.put('a.ics', text);

  expect(answer.etag).toBe(md5(text));
  expect(nextcloud.objects.get('a.ics')?.text).toBe(text);
});

test.each(['VERSION:2.0\r\n', 'PRODID:-//Example Calendar//EN\r\n', 'DTSTAMP:20261101T080000Z\r\n', 'UID:one@example.org\r\n'])(
  'without %j the server mends the text and gives no ETag; with the trap off it stores what was sent',
  async (missing) => {
    const text = anEvent().replace(missing, '');
    const [mending, plain] = [aNextcloud(), aNextcloud({ repairs: false })];

    const mended = await mending.put('a.ics', text);
    const asSent = await plain.put('a.ics', text);

    expect([mended.status, mended.etag]).toEqual([201, null]);
    expect(mended.headers.get('x-sabre-ew-gross')).toContain('iCalendar validation warning');
    expect(mending.objects.get('a.ics')?.text).toContain(missing.split(':')[0]);
    expect((await mending.dav('GET', 'a.ics')).etag).toBe(md5(mending.objects.get('a.ics')?.text ?? ''));
    expect(asSent.etag).toBe(md5(text));
  },
);

function invited(parameter: string, uid: string): string {
  return anEvent({ uid, lines: ['ORGANIZER:mailto:hub@nextcloud.test', `ATTENDEE${parameter}:mailto:ada@example.org`] });
}

test('attendees cost the ETag, unless they are left to the client', async () => {
  const nextcloud = aNextcloud();

  const scheduled = await nextcloud.put('a.ics', invited('', 'a'));
  const left = await nextcloud.put('b.ics', invited(';SCHEDULE-AGENT=CLIENT', 'b'));

  expect([scheduled.status, scheduled.etag]).toEqual([201, null]);
  expect(nextcloud.objects.get('a.ics')?.text).toContain('SCHEDULE-STATUS=1.1');
  expect(left.etag).not.toBeNull();
});

test('lost ETags and rewriting can be switched on', async () => {
  const nextcloud = aNextcloud({ loseEtags: true });
  const lost = await nextcloud.put('a.ics', anEvent());
  nextcloud.traps.loseEtags = false;
  nextcloud.traps.rewrite = trimsDescriptions;

  const rewritten = await nextcloud.put('a.ics', anEvent({ description: 'Bring a cup. \n' }));
  const untouched = await nextcloud.put('a.ics', anEvent({ description: 'Bring a cup.' }));

  expect([lost.status, lost.etag]).toEqual([201, null]);
  expect(rewritten.etag).toBeNull();
  expect(nextcloud.objects.get('a.ics')?.text).toContain('DESCRIPTION:Bring a cup.\r\n');
  expect(untouched.etag).not.toBeNull();
});

/** What two writers are told who both read the same version. */
async function twoWriters(racingWriters: boolean): Promise<number[]> {
  const nextcloud = aNextcloud({ racingWriters });
  const { etag } = nextcloud.objects.put(anEvent(), 'a.ics');
  const answers = await Promise.all(['x', 'y'].map((summary) => nextcloud.put('a.ics', anEvent({ summary }), { 'if-match': etag })));
  return answers.map(({ status }) => status);
}

test('two writers with one ETag: one wins, and with the trap on both do', async () => {
  expect(await twoWriters(false)).toEqual([204, 412]);
  expect(await twoWriters(true)).toEqual([204, 204]);
});

test('names come back in lower-case hex, whatever was sent, and upper-case with the trap off', async () => {
  const nextcloud = aNextcloud();
  await nextcloud.put('caf%C3%A9%20a+b@x.ics', anEvent());

  const lower = (await nextcloud.list()).text;
  nextcloud.traps.lowerCaseHrefs = false;
  const upper = (await nextcloud.list()).text;

  expect(nextcloud.objects.get('café a+b@x.ics')).toBeDefined();
  expect(lower).toContain('/remote.php/dav/calendars/hub/events/caf%c3%a9%20a%2bb@x.ics<');
  expect(upper).toContain('/caf%C3%A9%20a%2Bb@x.ics<');
});

test.each([
  { method: 'PUT', path: 'a%2Fb.ics', status: 404 },
  { method: 'PUT', path: '../missing/a.ics', status: 404 },
  { method: 'PUT', path: '/remote.php/dav/calendars/bob/events/a.ics', status: 404 },
  { method: 'PUT', path: '', status: 409 },
  { method: 'POST', path: '', status: 501 },
])('$method $path is $status', async ({ method, path, status }) => {
  expect((await aNextcloud().dav(method, path, anEvent())).status).toBe(status);
});

test('a share that may only be read answers writes with 404', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put(anEvent(), 'a.ics');
  nextcloud.events.setReadOnly(true);

  const statuses = [(await nextcloud.put('a.ics', anEvent())).status, (await nextcloud.dav('DELETE', 'a.ics')).status, (await nextcloud.dav('GET', 'a.ics')).status];

  expect(statuses).toEqual([404, 404, 200]);
});

test('a person is bound by the same rules, and saves as a program does', () => {
  const nextcloud = aNextcloud();
  const { name } = nextcloud.objects.put({ uid: 'u', summary: 'Old', lines: ['X-COLOR:red'] });

  const edited = nextcloud.objects.edit(name, { summary: 'New, with comma', location: 'Hall', description: 'x'.repeat(100) });
  const replaced = nextcloud.objects.edit(name, (text) => text.replace('X-COLOR:red', 'X-COLOR:blue'));

  expect(edited.text).toContain('SUMMARY:New\\, with comma\r\n');
  expect(edited.text).toContain('SEQUENCE:1\r\n');
  expect(edited.text).toContain('LOCATION:Hall\r\n');
  expect(edited.text.split('\r\n').every((line) => line.length <= 75)).toBe(true);
  expect(replaced.text).toContain('X-COLOR:blue');
  expect(nextcloud.objects.byUid('u')?.name).toBe(name);
  expect(() => nextcloud.objects.put({ uid: 'u' })).toThrow('uid already exists');
  expect(nextcloud.journal.count()).toBe(0);
});
