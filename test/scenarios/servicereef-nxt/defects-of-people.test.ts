/**
 * Of the twenty-nine defects that the older service had (sheet servicereef-nxt, 7.2), those of donors, rosters and trips:
 * what must never happen again, by number, as promises.
 */
import { describe, expect, test } from 'vitest';
import { aMission, codesOf, dana, donor, hourMs, theo, theWhitlocks, tripId, type Mission } from './a-mission.ts';

const theDonor = donor('Dana', 'Whitlock', theWhitlocks.email);
const statusOf = (hub: Mission, userId: number) => hub.roster(tripId).find(({ summary_note: note }) => note === `ServiceReef SR-${tripId}/${userId}`)?.rsvp_status;

async function laterRun(hub: Mission) {
  hub.clock.advance(hourMs);
  return hub.run();
}

describe('who is who', () => {
  test('7 a donor who is there already is found, and not made again', async () => {
    const hub = aMission();
    const { id } = hub.sky.constituents.add(theDonor);
    hub.signUp(dana);

    await hub.run();

    expect([hub.sky.constituents.all().length, hub.roster(tripId).map((row) => row.constituent_id), hub.sky.journal.count('POST /constituent/v1/constituents')]).toEqual([1, [id], 0]);
  });

  test('10 a donor is found by any address on the file, also a second one', async () => {
    const hub = aMission();
    const { id } = hub.sky.constituents.add(donor('Dana', 'Whitlock', 'dana@work.example.com'));
    hub.sky.constituents.addPart(id, 'emailaddresses', { address: theWhitlocks.email, type: 'Email', primary: false });
    hub.signUp(dana);

    await hub.run();

    expect([hub.sky.constituents.all().length, hub.roster(tripId).map((row) => row.constituent_id)]).toEqual([1, [id]]);
  });

  test('11 neither the first hit nor an address nor a name alone decides: spouse, child and namesake stay themselves', async () => {
    const hub = aMission();
    const spouse = hub.sky.constituents.add(donor('Marcus', 'Whitlock', theWhitlocks.email));
    const namesake = hub.sky.constituents.add({ ...donor('Theo', 'Whitlock', 'somebody@example.com'), address: { type: 'Home', address_lines: '9 Elsewhere Street', postal_code: '04001' } });
    const { id } = hub.sky.constituents.add(theDonor);
    const people = [hub.signUp(dana), hub.signUp(theo)];

    await hub.run();

    const constituents = hub.roster(tripId).map((row) => row.constituent_id);
    expect(constituents).toContain(id);
    expect([constituents.length, constituents.includes(spouse.id), constituents.includes(namesake.id)]).toEqual([people.length, false, false]);
    for (const one of [spouse, namesake]) expect(hub.sky.constituents.get(one.id)).toEqual(one);
  });

  test('12 a donor’s phones, addresses, first e-mail and name stay, whatever the account says', async () => {
    const hub = aMission();
    const { id } = hub.sky.constituents.add({ ...donor('Dana', 'Whitlock', 'dana@work.example.com'), phone: { number: '513 555 0142', type: 'Home' }, address: { type: 'Home', address_lines: '4 Old Road', city: 'Mason' } });
    hub.sky.constituents.addPart(id, 'phones', { number: '513 555 0111', type: 'Mobile' });
    hub.sky.constituents.addPart(id, 'addresses', { address_lines: '1 Work Street', type: 'Business' });
    const before = hub.sky.constituents.get(id);
    const userId = hub.signUp(dana);
    await hub.run();
    const after = hub.sky.constituents.get(id);

    hub.reef.members.edit(userId, { phone: '(513) 555-0188', email: 'new@example.org', address: { Address1: '88 Mill Ln', Address2: null, City: 'Mason', State: 'OH', Zip: '45040', Country: 'US' } });
    await laterRun(hub);

    const last = hub.sky.constituents.get(id);
    for (const file of [after, last]) {
      expect([file?.first, file?.last]).toEqual(['Dana', 'Whitlock']);
      for (const kind of ['emailaddresses', 'phones', 'addresses'] as const) expect(file?.[kind].slice(0, before?.[kind].length)).toEqual(before?.[kind]);
    }
    expect(last?.phones.map(({ number }) => number)).toContain('(513) 555-0188');
    expect(hub.sky.journal.count('DELETE')).toBe(0);
  });

  test('13 nothing is made up: what ServiceReef does not say is blank, and a number of like digits is a number', async () => {
    const hub = aMission();
    hub.signUp({ ...theo, email: null });
    hub.signUp({ firstName: 'Ines', lastName: 'Okafor', email: null, phone: '(222) 222-2233' });

    await hub.run();

    const [blank, ines] = ['Theo', 'Ines'].map((name) => hub.sky.constituents.all().find(({ first }) => first === name));
    expect([blank?.emailaddresses, blank?.phones, blank?.addresses]).toEqual([[], [], []]);
    expect([ines?.phones.map(({ number }) => number), ines?.addresses]).toEqual([['(222) 222-2233'], []]);
  });

  test.each(['contact_id', 'constituent_id'] as const)('15 a child with the parent’s e-mail is not taken for the parent who is on the roster (told as %s)', async (rosterPerson) => {
    const hub = aMission({ sky: { rosterPerson } });
    await hub.run();
    const parent = hub.sky.constituents.add(theDonor);
    const place = hub.sky.participants.add(hub.theEvent()?.id ?? '', { constituent_id: parent.id, rsvp_status: 'Interested' });
    const child = hub.signUp(theo);

    await laterRun(hub);

    expect(hub.sky.participants.get(place.id)).toEqual(place);
    expect([hub.roster(tripId).length, statusOf(hub, child)]).toEqual([2, 'Attending']);
  });
});

describe('rosters', () => {
  test.each(['Cancelled', 'CANCELLED', 'cancelled'])('6 whoever has cancelled (%s) is not shown as coming', async (status) => {
    const hub = aMission();
    const userId = hub.signUp(dana, { status });

    await hub.run();

    expect(statusOf(hub, userId)).toBe('Canceled');
  });

  test.each(['On the bus', 'Registered?no', 'constructor'])('6 a status that nobody knows (%s) is nobody’s to guess: it waits and is told', async (status) => {
    const hub = aMission();
    hub.signUp(dana, { status });

    const report = await hub.run();

    expect([codesOf(report), hub.rsvps()]).toEqual([['participants E_STATUS_UNKNOWN'], []]);
  });

  test.each([null, ''])('28 a registration without a status (%j) is not taken for a registered one', async (status) => {
    const hub = aMission();
    hub.signUp(dana, { status });

    const report = await hub.run();

    expect([report.problems.length, hub.rsvps(), hub.sky.constituents.all()]).toEqual([1, [], []]);
  });

  test('18 whom staff has put on the roster stays there, whatever ServiceReef has or calls them', async () => {
    const hub = aMission();
    hub.signUp(dana);
    await hub.run();
    const added = ['Ines', 'Dana'].map((first) => {
      const { id } = hub.sky.constituents.add({ first, last: 'Okafor' });
      return hub.sky.participants.add(hub.theEvent()?.id ?? '', { constituent_id: id, rsvp_status: 'Attending' });
    });

    for (let n = 0; n < 3; n += 1) await laterRun(hub);

    expect(added.map(({ id }) => hub.sky.participants.get(id))).toEqual(added);
    expect(hub.sky.journal.count('DELETE')).toBe(0);
  });

  test('19 and 20 attendance that staff has entered stays, and costs no call in the runs that follow', async () => {
    const hub = aMission();
    const userId = hub.signUp(dana);
    await hub.run();
    const [place] = hub.roster(tripId);
    hub.sky.participants.edit(place?.id ?? '', { attended: true });
    hub.sky.journal.clear();

    for (let n = 0; n < 3; n += 1) await laterRun(hub);
    const quiet = hub.sky.journal.count();
    hub.reef.registrations.decline({ eventId: tripId, userId });
    await laterRun(hub);

    expect([quiet, hub.sky.journal.count('PATCH'), hub.roster(tripId)[0]?.attended]).toEqual([0, 1, true]);
  });
});

describe('trips', () => {
  test('21 a trip that changes changes its event: dates, end, seats and category', async () => {
    const hub = aMission();
    const [one, other] = ['Mission trip', 'Local service'].map((name) => hub.sky.addCategory(name).id);
    hub.reef.events.edit(tripId, { categories: [{ categoryId: 1, name: 'Mission trip' }], maxRegistrations: 20 });
    await hub.run();
    const before = hub.theEvent();

    hub.reef.events.edit(tripId, { categories: [{ categoryId: 2, name: 'Local service' }], maxRegistrations: 30, startsAt: '2027-07-11T09:00:00', endsAt: '2027-07-19T12:00:00' });
    await laterRun(hub);

    expect([before?.category_id, before?.capacity]).toEqual([one, 20]);
    expect(hub.theEvent()).toMatchObject({ id: before?.id, category_id: other, capacity: 30, start_date: '2027-07-11', end_date: '2027-07-19', end_time: '12:00' });
  });

  test.each(['local', 'utc', 'offset'] as const)('29 a trip begins and ends on the day and at the hour of its place, whether told as %s', async (dates) => {
    const hub = aMission({ reef: { dates } });
    hub.reef.events.edit(tripId, { zone: 'America/Los_Angeles', startsAt: '2027-07-11T21:30:00', endsAt: '2027-11-08T00:30:00' });

    await hub.run();

    expect(hub.theEvent()).toMatchObject({ start_date: '2027-07-11', start_time: '21:30', end_date: '2027-11-08', end_time: '00:30' });
  });
});
