import { expect, test } from 'vitest';
import { aNextcloud, anEvent, propfindBody, queryBody } from './dav-client.ts';

const calendarPath = '/remote.php/dav/calendars/hub/events/';

test('without a token everything is reported, with the newest one nothing', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  nextcloud.objects.put({ uid: 'b' }, 'b.ics');

  const all = await nextcloud.sync();
  const none = await nextcloud.sync(all.token);

  expect([all.rows, all.token]).toEqual([{ 'a.ics': 'there', 'b.ics': 'there' }, 3]);
  expect([none.status, none.rows, none.token]).toEqual([207, {}, 3]);
});

test('changed, new and deleted objects are one row each', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  nextcloud.objects.put({ uid: 'b' }, 'b.ics');
  const { token } = await nextcloud.sync();

  nextcloud.objects.edit('a.ics', { summary: 'x' });
  nextcloud.objects.edit('a.ics', { summary: 'y' });
  nextcloud.objects.remove('b.ics');
  nextcloud.objects.put({ uid: 'c' }, 'c.ics');

  expect((await nextcloud.sync(token)).rows).toEqual({ 'a.ics': 'there', 'b.ics': 'gone', 'c.ics': 'there' });
});

test('calendar-data comes with LF line ends, escaped', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a', summary: 'Bread & <Roses>' }, 'a.ics');

  const { text } = await nextcloud.sync(1, '', '<d:getetag/><c:calendar-data/>');

  expect(text).toContain('SUMMARY:Bread &amp; &lt;Roses&gt;\n');
  expect(text).not.toContain('\r\n');
});

test.each([
  { token: '0', rows: 2 },
  { token: '-1', rows: 2 },
  { token: 'abc', rows: 2 },
  { token: '9999', rows: 0 },
])('the token number $token is answered with $rows rows and the real token', async ({ token, rows }) => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  nextcloud.objects.put({ uid: 'b' }, 'b.ics');

  const answer = await nextcloud.sync(token);

  expect([answer.status, Object.keys(answer.rows).length, answer.token]).toEqual([207, rows, 3]);
});

test('a foreign token is refused, and with the trap off an unknown number too', async () => {
  const nextcloud = aNextcloud();
  const body = '<d:sync-collection xmlns:d="DAV:"><d:sync-token>http://radicale.org/ns/sync/1</d:sync-token><d:prop><d:getetag/></d:prop></d:sync-collection>';

  const foreign = await nextcloud.dav('REPORT', '', body);
  nextcloud.traps.anyNumberAccepted = false;
  const future = await nextcloud.sync(9999);

  expect([foreign.status, foreign.exception, foreign.text.includes('<d:valid-sync-token/>')]).toEqual([403, 'InvalidSyncToken', true]);
  expect(future.status).toBe(403);
});

test('a limit loses the rest: fewer rows, the newest token, no mark', async () => {
  const nextcloud = aNextcloud();
  for (const uid of ['a', 'b', 'c']) nextcloud.objects.put({ uid }, `${uid}.ics`);
  const limit = '<limit><nresults>2</nresults></limit>';

  const cut = await nextcloud.sync(1, limit);
  const first = await nextcloud.sync(undefined, limit);

  expect([cut.status, Object.keys(cut.rows).length, cut.token]).toEqual([207, 2, 4]);
  expect(first.status).toBe(507);
});

test('deleted and made anew between two readings is reported gone; truthfully with the trap off', async () => {
  const nextcloud = aNextcloud({ trashRetentionSeconds: 0 });
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  const { token } = await nextcloud.sync();
  nextcloud.objects.remove('a.ics');
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');

  const told = await nextcloud.sync(token);
  nextcloud.traps.recreatedReportedGone = false;
  const truth = await nextcloud.sync(token);

  expect(told.rows).toEqual({ 'a.ics': 'gone' });
  expect(truth.rows).toEqual({ 'a.ics': 'there' });
  expect((await nextcloud.list()).rows).toEqual({ events: 'there', 'a.ics': 'there' });
});

test('created and deleted between two readings is reported gone under an unknown name; not with the trap off', async () => {
  const nextcloud = aNextcloud();
  const { token } = await nextcloud.sync();
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  nextcloud.objects.remove('a.ics');

  const told = await nextcloud.sync(token);
  nextcloud.traps.vanishedReported = false;
  const quiet = await nextcloud.sync(token);

  expect([told.rows, quiet.rows]).toEqual([{ 'a.ics': 'gone' }, {}]);
});

test('a renamed calendar reports itself as gone, without its final slash; not with the trap off', async () => {
  const nextcloud = aNextcloud();
  nextcloud.events.rename('Something else');
  const told = await nextcloud.sync(1);
  nextcloud.traps.propertyChangeReported = false;
  nextcloud.events.recolour('#FF7A66FF');

  const quiet = await nextcloud.sync(told.token);

  expect(told.text).toContain('<d:href>/remote.php/dav/calendars/hub/events</d:href>');
  expect(told.rows).toEqual({ events: 'gone' });
  expect([quiet.rows, quiet.token]).toEqual([{}, 3]);
});

test('a create that commits late is missed by readers who passed, and stands in a full listing', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  const { token } = await nextcloud.sync();

  nextcloud.objects.put({ uid: 'late' }, 'late.ics', { commitsLate: true });
  const incremental = await nextcloud.sync(token);
  const older = await nextcloud.sync(token - 1);

  expect([incremental.rows, incremental.token]).toEqual([{}, token]);
  expect(older.rows).toEqual({ 'a.ics': 'there', 'late.ics': 'there' });
  expect((await nextcloud.list()).rows).toHaveProperty(['late.ics']);
});

test('a share of creates can commit late by luck, updates never do', async () => {
  const nextcloud = aNextcloud({ lateCommitShare: 0.5 });
  for (let made = 0; made < 40; made += 1) await nextcloud.put(`${made}.ics`, anEvent({ uid: `u${made}` }));
  const created = nextcloud.events.token - 1;

  for (let made = 0; made < 40; made += 1) nextcloud.objects.edit(`${made}.ics`, { summary: 'x' });

  expect(created).toBeGreaterThan(8);
  expect(created).toBeLessThan(32);
  expect(nextcloud.events.token - 1).toBe(created + 40);
});

test('a restored backup takes the token back', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  nextcloud.takeBackup();
  nextcloud.objects.put({ uid: 'b' }, 'b.ics');
  const { token } = await nextcloud.sync();

  nextcloud.restoreBackup();
  const after = await nextcloud.sync(token);

  expect([token, after.token, after.rows]).toEqual([3, 2, {}]);
  expect(nextcloud.objects.all().map(({ name }) => name)).toEqual(['a.ics']);
});

test('after the log was cut, an old token gets what is left, without a word', async () => {
  const nextcloud = aNextcloud();
  for (const uid of ['a', 'b', 'c']) nextcloud.objects.put({ uid }, `${uid}.ics`);

  nextcloud.events.cutChangeLog(1);

  expect((await nextcloud.sync(1)).rows).toEqual({ 'c.ics': 'there' });
});

test('multiget merges repeats, takes any form of address, and leaves out what is missing; with the trap off it says so', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a' }, 'a.ics');
  nextcloud.objects.put({ uid: 'b' }, 'é.ics');
  const hrefs = [`${calendarPath}a.ics`, `https://nextcloud.test${calendarPath}a.ics`, '%C3%A9.ics', `${calendarPath}missing.ics`];

  const quiet = await nextcloud.multiget(hrefs, '<d:getetag/><c:calendar-data/>');
  nextcloud.traps.multigetLeavesOut = false;
  const plain = await nextcloud.multiget(hrefs);

  expect(quiet.rows).toEqual({ 'a.ics': 'there', 'é.ics': 'there' });
  expect(quiet.text.match(/BEGIN:VEVENT/g)).toHaveLength(2);
  expect(plain.rows).toEqual({ 'a.ics': 'there', 'é.ics': 'there', 'missing.ics': 'gone' });
});

test.each([
  { href: '/remote.php/dav/calendars/hub/missing/a.ics', status: 404 },
  { href: '/elsewhere/a.ics', status: 403 },
])('a multiget of $href fails as a whole with $status', async ({ href, status }) => {
  expect((await aNextcloud().multiget([href])).status).toBe(status);
});

const range = (from: string, until: string) => `<c:time-range start="${from}" end="${until}"/>`;
const february = range('20270201T000000Z', '20270301T000000Z');
const march = range('20270301T000000Z', '20270401T000000Z');
const titled = (text: string) => `<c:prop-filter name="SUMMARY"><c:text-match>${text}</c:text-match></c:prop-filter>`;

test.each([
  { what: 'no filter', filter: '', finds: ['day', 'berlin', 'series', 'task-like'] },
  { what: 'March', filter: march, finds: ['day', 'series', 'task-like'] },
  { what: 'the hour before midnight in Berlin', filter: range('20270228T224500Z', '20270228T225500Z'), finds: ['berlin', 'series'] },
  { what: 'February', filter: february, finds: ['berlin', 'series'] },
  { what: 'a part of a title, in any case', filter: titled('TASK'), finds: ['task-like'] },
  { what: 'a title that none has', filter: titled('zzz'), finds: [] },
])('calendar-query by $what finds $finds', async ({ filter, finds }) => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'day', summary: 'Day', start: '2027-03-31', end: '2027-04-01' }, 'day');
  nextcloud.objects.put({ uid: 'berlin', summary: 'Night', start: '2027-02-28T23:30:00', end: '2027-03-01T00:00:00', timeZone: 'Europe/Berlin' }, 'berlin');
  nextcloud.objects.put({ uid: 'series', summary: 'Weekly', start: '2027-01-01T10:00:00Z', rrule: 'FREQ=WEEKLY' }, 'series');
  nextcloud.objects.put({ uid: 'task', summary: 'Task-like', start: '2027-03-04T10:00:00Z' }, 'task-like');

  const answer = await nextcloud.dav('REPORT', '', queryBody(filter), { depth: '1' });

  expect(Object.keys(answer.rows)).toEqual(finds);
});

test('a time range switches the other filters off; not with the trap off', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a', summary: 'Choir', start: '2027-03-04T10:00:00Z' }, 'a.ics');
  nextcloud.objects.put({ uid: 'b', summary: 'Board', start: '2027-03-05T10:00:00Z' }, 'b.ics');
  const ask = () => nextcloud.dav('REPORT', '', queryBody(march + titled('choir')), { depth: '1' });

  const trapped = await ask();
  nextcloud.traps.timeRangeIgnoresOthers = false;
  const plain = await ask();

  expect([Object.keys(trapped.rows), Object.keys(plain.rows)]).toEqual([['a.ics', 'b.ics'], ['a.ics']]);
});

test.each([
  { what: 'no depth', body: queryBody(''), depth: {}, status: 400 },
  { what: 'no filter element', body: queryBody('').replace(/<c:filter>.*<\/c:filter>/, ''), depth: { depth: '1' }, status: 400 },
  { what: 'an empty range', body: queryBody(range('20270301T000000Z', '20270301T000000Z')), depth: { depth: '1' }, status: 400 },
  { what: 'dates in another form', body: queryBody(range('2027-03-01', '2027-04-01')), depth: { depth: '1' }, status: 500 },
  { what: 'broken XML', body: '<c:calendar-query', depth: { depth: '1' }, status: 500 },
  { what: 'an unknown report', body: '<x xmlns="DAV:"/>', depth: { depth: '1' }, status: 415 },
  { what: 'a sync without a token element', body: '<sync-collection xmlns="DAV:"/>', depth: {}, status: 400 },
])('REPORT with $what is $status', async ({ body, depth, status }) => {
  expect((await aNextcloud().dav('REPORT', '', body, depth)).status).toBe(status);
});

test('infinite depth finds nothing, with 207', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a' });

  const answer = await nextcloud.dav('REPORT', '', queryBody(''), { depth: 'infinity' });

  expect([answer.status, answer.rows]).toEqual([207, {}]);
});

test('ctag and sync token are one string, and the same as the report gives', async () => {
  const nextcloud = aNextcloud();
  nextcloud.objects.put({ uid: 'a' });

  const { text } = await nextcloud.dav('PROPFIND', '', propfindBody('<cs:getctag/><d:sync-token/>'), { depth: '0' });

  expect(text).toContain('<cs:getctag>http://sabre.io/ns/sync/2</cs:getctag>');
  expect(text).toContain('<d:sync-token>http://sabre.io/ns/sync/2</d:sync-token>');
});
