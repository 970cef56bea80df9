/**
 * Of the twenty-nine defects that the older service had (sheet servicereef-nxt, 7.2), those of how it read and wrote: what must never happen again,
 * by number, as promises.
 */
import { describe, expect, test } from 'vitest';
import { aMission, codesOf, dana, dayMs, hourMs, theo, theWhitlocks, tripId } from './a-mission.ts';

describe('reading', () => {
  test('1 trips and people are known by EventId and UserId, and a row without an account is nobody', async () => {
    const hub = aMission();
    hub.reef.events.add({ eventId: 31_002 });
    const people = [hub.signUp(dana), hub.signUp(theo), hub.signUp({ firstName: 'Ines', lastName: 'Okafor' })];
    for (const nobody of [null, 0] as const) hub.reef.registrations.addWithoutAccount(tripId, { firstName: 'None', lastName: 'None' }, nobody);

    await hub.run();
    await hub.run();

    expect(hub.sky.events.all().map(({ lookup_id: id }) => id)).toEqual(['SR-31001', 'SR-31002']);
    expect(hub.sky.constituents.all().map(({ import_id: id }) => id).toSorted()).toEqual(people.map((userId) => `SR-${userId}`).toSorted());
    expect(hub.rsvps()).toHaveLength(3);
  });

  test('2 the people after the first hundred, and the trips after the first page, are read like the others', async () => {
    const hub = aMission();
    for (let n = 2; n <= 120; n += 1) hub.reef.events.add({ eventId: 31_000 + n });
    for (let n = 0; n < 205; n += 1) hub.signUp();

    const report = await hub.run();

    expect([report.problems, hub.sky.events.all().length, hub.rsvps().length]).toEqual([[], 120, 205]);
  });

  test('17 a roster of NXT is read once, not once for each person, and an unchanged day costs no call', async () => {
    const hub = aMission();
    for (let n = 0; n < 40; n += 1) hub.signUp();

    const first = await hub.run();
    hub.clock.advance(hourMs);
    const quiet = await hub.run();

    expect(hub.sky.journal.count('GET /event/v1/events/:id/participants')).toBe(1);
    expect((first.calls['nxt'] ?? Infinity) / 40).toBeLessThan(7);
    expect([quiet.planned, quiet.calls['nxt']]).toEqual([0, 0]);
  });
});

describe('writing', () => {
  test('4 a participant is made at its event’s address, with the words that NXT has', async () => {
    const hub = aMission();
    hub.signUp(dana);

    await hub.run();

    const [event] = hub.sky.events.all();
    expect(hub.sky.journal.writes.filter(({ path }) => path.includes('participants')).map(({ method, path, status }) => [method, path, status])).toEqual([['POST', `/event/v1/events/${event?.id}/participants`, 200]]);
    expect(hub.roster(tripId)).toMatchObject([{ rsvp_status: 'Attending', invitation_status: 'NotApplicable' }]);
  });

  test('5 a new constituent has e-mail, phone and address in the shapes and types that NXT takes', async () => {
    const hub = aMission({ sky: { unknownConstituentFields: 'refused' } });
    hub.signUp({ ...dana, address: { Address1: '88 Mill Ln', Address2: 'Apt 3', City: 'Mason', State: 'OH', Zip: '45040', Country: 'US' } });

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(hub.sky.constituents.all()).toMatchObject([{
      type: 'Individual', first: 'Dana', last: 'Whitlock', emailaddresses: [{ address: theWhitlocks.email, type: 'Email', primary: true }], phones: [{ number: dana.phone, type: 'Home' }],
      addresses: [{ type: 'Home', address_lines: '88 Mill Ln\nApt 3', city: 'Mason', state: 'OH', postal_code: '45040', country: 'US' }],
    }]);
  });

  test('8 an edit that NXT answers with nothing at all is a success, and is made once', async () => {
    const hub = aMission();
    await hub.run();
    hub.sky.journal.clear();

    hub.reef.events.edit(tripId, { name: 'Monterrey autumn team' });
    const report = await hub.run();
    await hub.run();

    expect([report.problems, report.streams['events']?.updated, hub.sky.journal.count('PATCH')]).toEqual([[], 1, 1]);
  });

  test.each([400, 403])('9 what NXT refuses with %i is not tried over and over', async (status) => {
    const hub = aMission();
    hub.signUp(dana);
    hub.sky.faults.add({ kind: 'status', status, body: '[{"message":"no","error_name":"BadRequest"}]', when: { method: 'POST', pathPart: '/participants' } });

    const report = await hub.run();
    await hub.run();

    expect([codesOf(report).length, hub.sky.journal.count('POST /event/v1/events/:id/participants')]).toEqual([1, 1]);
  });

  test.each([{ status: 429, headers: { 'retry-after': '7' } }, { status: 503, headers: { 'retry-after': '7' } }])('9 where a vendor says $status, the wait that it asks for is waited, and the work is not lost', async (answer) => {
    const hub = aMission();
    hub.signUp(dana);
    hub.sky.faults.add({ kind: 'status', ...answer, when: { method: 'GET', pathPart: '/search' }, times: 1 });
    hub.reef.faults.add({ kind: 'status', ...answer, when: { pathPart: '/participants' }, times: 1 });
    const before = hub.clock.now();

    const report = await hub.run();

    expect([report.problems, hub.rsvps()]).toEqual([[], ['Attending']]);
    expect(hub.clock.now() - before).toBeGreaterThanOrEqual(14_000);
  });

  test('9 a day’s quota that is used up is waited for, not tried against', async () => {
    const hub = aMission({ sky: { callsPerDay: 6 } });
    for (let n = 0; n < 4; n += 1) hub.signUp();

    const blocked = await hub.run();
    const callsThen = hub.sky.journal.count();
    hub.sky.settings.callsPerDay = undefined;
    hub.clock.advance(dayMs);
    await hub.run();
    hub.clock.advance(dayMs);
    const after = await hub.run();

    expect(blocked.problems.length).toBeGreaterThan(0);
    expect(callsThen).toBeLessThanOrEqual(6 + 6); // as many as were under way when the first answer told
    expect([after.problems, hub.rsvps().length]).toEqual([[], 4]);
  });

  test('14 a refused write is told as a failure, and nothing is built upon it', async () => {
    const hub = aMission();
    hub.signUp(dana);
    hub.sky.settings.rights.editConstituents = false;

    const report = await hub.run();
    const made = [hub.sky.constituents.all().length, hub.sky.participants.all().length];
    hub.sky.settings.rights.editConstituents = true;
    for (let n = 0; n < 3; n += 1) {
      hub.clock.advance(8 * hourMs);
      await hub.run();
    }

    expect([report.streams['people']?.created, codesOf(report).some((code) => code.startsWith('people ')), made]).toEqual([0, true, [0, 0]]);
    expect(hub.rsvps()).toEqual(['Attending']);
  });

  test('27 what was made is told as made', async () => {
    const hub = aMission();
    const userId = hub.signUp(dana);

    const report = await hub.run();

    for (const stream of ['events', 'people', 'participants']) expect(report.streams[stream]).toMatchObject({ created: 1, failed: 0, parked: 0, doubt: 0 });
    expect((await hub.linkOf('participants', `${tripId}/${userId}`))?.state).toBe('agreed');
  });
});
