/** The eighteen weak points of the tool that ran before, in its order: what must never happen again, as promises. */
import { describe, expect, test } from 'vitest';
import { everythingOn, libraryHub } from '../../samples/library-hub.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const dayMs = 24 * hourMs;

/** A library with one patron who has a card. */
function aLibrary(settings: Parameters<typeof libraryHub>[0] = {}) {
  const hub = libraryHub({ can: everythingOn, ...settings });
  hub.people.add({ primaryId: 'G20417733', cards: [{ value: '22999000333444', status: 'ACTIVE' }] });
  return hub;
}

describe('the old tool', () => {
  test.each(['Confirmed', 'Mediated Approved', 'Confirmed (Payment Pending)'])('1: a site without mediation gets its visits too: %s', async (status) => {
    const hub = aLibrary();
    hub.bookings.add({ status });

    await hub.run();

    expect(hub.doors()).toHaveLength(1);
  });

  test('2: the 101st booking of a day, and the 501st, are registered like the first', async () => {
    const hub = aLibrary();
    for (let n = 0; n < 520; n += 1) hub.bookings.add({ startsAt: hub.clock.now() + dayMs + n * minuteMs, eid: 70_000 + n });

    await hub.run();

    expect(hub.doors()).toHaveLength(520);
  });

  test('3: a visit of the next days stands there long before it begins, just after midnight too', async () => {
    const hub = aLibrary();
    hub.bookings.add({ startsAt: hub.clock.now() + 7 * dayMs });

    await hub.run();

    expect(hub.doors()).toHaveLength(1);
  });

  test('4: what is cancelled, denied or moved after it was first seen is followed', async () => {
    const hub = aLibrary();
    const [cancelled, denied, moved] = [1, 2, 3].map((days) => hub.bookings.add({ startsAt: hub.clock.now() + days * dayMs }));
    await hub.run();

    hub.bookings.cancel(cancelled?.id ?? 0);
    hub.bookings.deny(denied?.id ?? 0);
    const startsAt = hub.clock.now() + 4 * dayMs;
    hub.bookings.move(moved?.id ?? 0, { startsAt, endsAt: startsAt + hourMs });
    await hub.run();

    expect(hub.doors().map(({ startTime, endTime }) => [startTime * 1000, endTime * 1000])).toEqual([[startsAt, startsAt + hourMs]]);
  });

  test('5: a booking over midnight is registered once, and each day of a recurring one by itself', async () => {
    const hub = aLibrary();
    const midnight = Date.UTC(2026, 10, 24, 5); // in New York
    hub.bookings.add({ startsAt: midnight - hourMs, endsAt: midnight + hourMs });
    for (const days of [2, 3]) hub.bookings.add({ bookId: 'cs_weekly1', startsAt: midnight + days * dayMs + 10 * hourMs });

    for (let runs = 0; runs < 5; runs += 1) {
      await hub.run();
      hub.clock.advance(4 * hourMs);
    }

    expect(hub.preRegistrations.all()).toHaveLength(3);
  });

  test('6: a token that dies in the middle of the work loses no id: what the repeated call made is remembered', async () => {
    const hub = aLibrary();
    hub.bookings.add();
    let calls = 0;
    hub.passagePoint.faults.add({ kind: 'status', status: 401, body: '{"error":{"code":"INVALID_TOKEN"}}', times: 1, when: ({ path }) => path.endsWith('createPreReg') && ++calls === 1 });

    const report = await hub.run();
    const quiet = await hub.run();

    expect([report.state, report.problems, hub.doors().length, quiet.planned]).toEqual(['finished', [], 1, 0]);
  });

  test('7: an account that is refused for good is asked to sign in once, not for ever', async () => {
    const hub = aLibrary();
    hub.bookings.add();
    hub.passagePoint.settings.isAccountLocked = true;

    const report = await hub.run();

    expect(report.state).toBe('paused');
    expect(report.problems).toEqual([expect.objectContaining({ code: 'E_SIGN_IN' })]);
    expect(hub.passagePoint.journal.count('POST /pp/api/v2/auth/login')).toBe(1);
  });

  test('8: each registration is remembered at once: whoever is killed in between doubles nothing', async () => {
    const hub = aLibrary();
    for (let n = 1; n <= 5; n += 1) hub.bookings.add({ startsAt: hub.clock.now() + n * dayMs });
    let made = 0;
    hub.passagePoint.faults.add({ kind: 'status', status: 500, times: Infinity, when: ({ path }) => path.endsWith('createPreReg') && ++made > 2 });
    await hub.run();
    hub.passagePoint.faults.clear();

    hub.clock.advance(dayMs / 4);
    await hub.run();

    expect(hub.preRegistrations.all()).toHaveLength(5);
  });

  test('9: a booking without the form answer is one booking without an answer, and nothing else', async () => {
    const hub = aLibrary();
    hub.bookings.add({ answers: {} });
    hub.bookings.add({ answers: { q12345: [] } });
    hub.bookings.add();

    await hub.run();

    expect(hub.doors()).toHaveLength(1);
  });

  test.each([' g20417733 ', 'G20417733 ', ' G20417733', '​g20417733'])('10: an id is cleaned before it is looked at: "%s"', async (typed) => {
    const hub = aLibrary();
    hub.bookings.add({ answers: { q12345: typed } });

    await hub.run();

    expect(hub.doors()).toHaveLength(1);
    expect(hub.alma.journal.entries.map(({ path }) => path)).toEqual(['/almaws/v1/users/G20417733']);
  });

  test('11: of several cards the active one counts, and of several active ones the last of the wanted side', async () => {
    const cards = [{ value: 'blocked-1', status: 'INACTIVE' }, { value: 'external-1', status: 'ACTIVE', segment: 'External' }, { value: 'internal-1', status: 'ACTIVE', segment: 'Internal' }, { value: 'blocked-2', status: 'INACTIVE' }] as const;
    const hub = libraryHub({ can: everythingOn, site: { alma: { segment: 'External' } } });
    hub.people.add({ primaryId: 'G20417733', cards });
    hub.bookings.add();

    await hub.run();

    expect(hub.passagePoint.visitors.all().map(({ uniqueId }) => uniqueId)).toEqual(['external-1']);
  });

  test('12: trouble with one account is that account’s: the other new patrons of the run get in', async () => {
    const hub = aLibrary();
    for (const n of [1, 2, 3]) {
      hub.people.add({ primaryId: `G0000000${n}` });
      hub.bookings.add({ answers: { q12345: `G0000000${n}` }, email: `${n}@example.edu` });
    }
    hub.alma.faults.add({ kind: 'status', status: 429, body: '{"errorsExist":true,"errorList":{"error":[{"errorCode":"PER_SECOND_THRESHOLD"}]}}', when: { pathPart: 'G00000002' } });

    const report = await hub.run();
    const doors = hub.doors().length;
    hub.alma.faults.clear();
    const later = await hub.run();

    expect([doors, report.streams['visitors']?.failed]).toEqual([2, 1]);
    expect([hub.doors().length, later.problems]).toEqual([3, []]);
  });

  test('13: an id with a slash or a blank is looked up as it is, a group goes by its code, and a place without a name in PassagePoint is told', async () => {
    const hub = libraryHub({ can: everythingOn, passagePoint: { destinations: ['LibCal Main'] } });
    hub.people.add({ primaryId: 'ab/c@x', group: '20' });
    hub.bookings.add({ answers: { q12345: 'ab/c@x' } });
    const elsewhere = hub.bookings.add({ answers: { q12345: 'ab/c@x' }, lid: 8820 });

    const report = await hub.run();

    expect(hub.passagePoint.visitors.all().map(({ category }) => category)).toEqual(['Faculty']);
    expect(hub.doors().map(({ destination }) => destination)).toEqual(['LibCal Main']);
    expect(report.problems).toEqual([expect.objectContaining({ id: String(elsewhere.id), code: 'INVALID_DESTINATION' })]);
  });

  test.each([{ how: 'changed in place', can: everythingOn, visitors: 1 }, { how: 'where visitors cannot be changed, as a new visitor', can: { ...everythingOn, updateVisitor: false }, visitors: 2 }])('14: a replaced card works the next day: $how', async ({ can, visitors }) => {
    const hub = aLibrary({ can });
    hub.bookings.add({ startsAt: hub.clock.now() + 3 * dayMs });
    await hub.run();

    hub.people.edit('G20417733', { cards: [{ value: '22999000333444', status: 'INACTIVE' }, { value: '22999000555666', status: 'ACTIVE' }] });
    hub.clock.advance(dayMs);
    await hub.run();
    await hub.run();
    const quiet = await hub.run();

    const holder = hub.passagePoint.visitors.all().find(({ uniqueId }) => uniqueId === '22999000555666');
    expect(hub.passagePoint.visitors.all()).toHaveLength(visitors);
    expect(hub.doors().map(({ visitorId }) => visitorId)).toEqual([holder?.id]);
    expect(quiet.planned).toBe(0);
  });

  test('15: whoever was not found is looked up again within the hour, and told as long as it is so', async () => {
    const hub = libraryHub({ can: everythingOn });
    hub.bookings.add({ startsAt: hub.clock.now() + dayMs });
    const first = await hub.run();
    const again = await hub.run();
    hub.people.add({ primaryId: 'G20417733' });
    hub.clock.advance(hourMs);

    const later = await hub.run();

    expect([first, again].map(({ problems }) => problems.map(({ code }) => code))).toEqual([['E_ACCOUNT_UNKNOWN'], ['E_ACCOUNT_UNKNOWN']]);
    expect([again.calls['alma'], later.problems, hub.doors().length]).toEqual([0, [], 1]);
  });

  test('16: a server that does not answer holds a call for its time limit, and the work is done later', async () => {
    const hub = aLibrary();
    hub.bookings.add();
    hub.passagePoint.faults.add({ kind: 'hang', times: 1, when: { pathPart: 'createVisitor' } });
    const startedAt = hub.clock.now();

    await hub.run();
    const waitedMs = hub.clock.now() - startedAt;
    hub.clock.advance(hourMs);
    await hub.run();

    expect(waitedMs).toBeLessThan(2 * minuteMs);
    expect([hub.doors().length, hub.passagePoint.visitors.all().length]).toEqual([1, 1]);
  });

  test('17: no name, address, id or card stands in a log, a message, a report, or in what the tables show of a key', async () => {
    const marked = { firstName: 'Marker-First', lastName: 'Marker-Last', email: 'marker-mail@example.edu', account: 'marker-login' };
    const markers = [...Object.values(marked), 'G77777777', '22999-marker-card'];
    const hub = libraryHub({ can: everythingOn });
    hub.people.add({ primaryId: 'G77777777', cards: [{ value: '22999-marker-card', status: 'ACTIVE' }] });
    const one = hub.bookings.add({ ...marked, answers: { q12345: 'G77777777' } });
    hub.bookings.add({ ...marked, lastName: '', answers: { q12345: 'G88888888' }, status: 'Marker-free status' });
    for (const fault of ['createVisitor', 'byUniqueId', 'createPreReg', 'cancelPreReg', 'users/']) for (const system of [hub.passagePoint, hub.alma]) system.faults.add({ kind: 'status', status: 500, body: markers.join(' '), times: 3, when: { pathPart: fault } });
    const reports = [await hub.run()];
    for (let n = 0; n < 4; n += 1) {
      hub.clock.advance(2 * hourMs);
      reports.push(await hub.run());
    }
    hub.bookings.cancel(one.id);
    reports.push(await hub.run());
    const keys: string[] = [];
    for (const stream of ['visitors', 'pre-registrations']) for await (const heads of hub.links.heads(stream)) keys.push(JSON.stringify(heads));

    const said = [JSON.stringify(reports), ...hub.logged, ...keys].join('\n');
    expect(markers.filter((marker) => said.includes(marker))).toEqual([]);
    expect(hub.logged.length).toBeGreaterThan(10);
  });

  test.each([{ day: 'the end of a month', at: Date.UTC(2026, 10, 30, 20) }, { day: 'the end of a year', at: Date.UTC(2026, 11, 31, 20) }, { day: 'the day when clocks go back', at: Date.UTC(2026, 9, 31, 20) }, { day: 'the day when clocks go forward', at: Date.UTC(2027, 2, 13, 20) }])('18: $day is a day like any other', async ({ at }) => {
    const hub = aLibrary({ startsAt: at });
    const startsAt = at + dayMs;
    hub.bookings.add({ startsAt, endsAt: startsAt + hourMs });
    for (const days of [0.2, 1.5, 3]) hub.bookings.add({ startsAt: at + days * dayMs });

    await hub.run();
    const quiet = await hub.run();

    expect(hub.doors()).toHaveLength(4);
    expect(hub.doors()).toContainEqual(expect.objectContaining({ startTime: startsAt / 1000, endTime: (startsAt + hourMs) / 1000 }));
    expect(quiet.planned).toBe(0);
  });
});
