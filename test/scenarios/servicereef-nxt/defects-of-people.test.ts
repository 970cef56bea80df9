/**
 * Of the twenty-nine defects that the older service had (sheet servicereef-nxt, 7.2), those of donors, rosters, trips and what is nobody's business:
 * what must never happen again, by number, as promises.
 */
import { describe, expect, test } from 'vitest';
import type { Table, TableWrite } from '../../../shared/base/table.ts';
import { plantedValues } from '../../../shared/simulators/servicereef-wire.ts';
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

describe('26 what is nobody’s business', () => {
  /** Everything that was ever written to the table, and what stands there at the end. */
  function watchedTable() {
    const written: string[] = [];
    const standing = new Map<string, string>();
    const note = (writes: readonly TableWrite[]): void => {
      for (const write of writes) {
        if (write.kind === 'check') continue;
        const { table, pk, sk } = write.kind === 'put' ? write.row : write.key;
        if (write.kind === 'delete') standing.delete(`${table} ${pk} ${sk}`);
        else {
          written.push(JSON.stringify(write.row));
          standing.set(`${table} ${pk} ${sk}`, JSON.stringify(write.row));
        }
      }
    };
    const wrapTable = (table: Table): Table => ({
      ...table,
      write: (group) => { note(group); return table.write(group); },
      writeGroups: (groups) => { note(groups.flat()); return table.writeGroups(groups); },
    });
    return { written, standing, wrapTable };
  }

  /** A season in which much goes wrong. @returns all that was told. */
  async function aHardSeason(hub: Mission): Promise<string> {
    const told: unknown[] = [];
    const run = async (): Promise<void> => {
      told.push(await laterRun(hub).catch((error: unknown) => (error instanceof Error ? [error.message, error.stack, String(error.cause)] : error)));
    };
    for (let n = 0; n < 2; n += 1) hub.sky.constituents.add(donor('Ines', 'Okafor', 'ines.okafor@example.net'));
    const userId = hub.signUp(dana);
    hub.signUp({ firstName: 'Ines', lastName: 'Okafor', email: 'ines.okafor@example.net' });
    hub.signUp(theo, { status: 'On the bus' });
    hub.sky.faults.add({ kind: 'status', status: 400, body: JSON.stringify([{ Message: `The constituent Dana Whitlock (${theWhitlocks.email}) is refused`, ErrorCode: 1 }]), when: { method: 'POST', pathPart: '/constituents' }, times: 1 });
    await run();
    hub.sky.faults.add({ kind: 'wrong-body', body: `<html>${theWhitlocks.email}</html>`, when: { pathPart: '/search' }, times: 2 });
    hub.clock.advance(24 * hourMs);
    await run();
    hub.sky.faults.clear();
    hub.clock.advance(24 * hourMs);
    await run();
    hub.reef.members.edit(userId, { lastName: 'Whitlock-Reyes' });
    hub.sky.settings.isDown = true;
    await run();
    hub.sky.settings.isDown = false;
    hub.clock.advance(24 * hourMs);
    await run();
    hub.reef.settings.isDown = true;
    await run();
    hub.reef.settings.isDown = false;
    await run();
    return JSON.stringify([told, hub.logged, hub.notices]);
  }

  test('26 no log line, message, report or error holds a name, an e-mail, a phone or anything from a passport or an application', async () => {
    const hub = aMission();

    const told = await aHardSeason(hub);

    expect(told).toMatch(/E_WHO_IS_IT/);
    expect(told).toMatch(/E_STATUS_UNKNOWN/);
    expect(told).not.toMatch(/whitlock|okafor|dana|theo\b|ines\b|example\.net|555-?01|%40/i);
    for (const planted of plantedValues) expect(told).not.toContain(planted);
  });

  test('26 no row of the table ever holds a passport or an answer, and none holds a name once nothing is staged', async () => {
    const { written, standing, wrapTable } = watchedTable();
    const hub = aMission({ wrapTable });
    const userId = hub.signUp(dana);
    hub.signUp(theo);
    await hub.run();
    hub.reef.members.edit(userId, { phone: '(513) 555-0188' });
    await laterRun(hub);
    const atRest = [...standing.values()].join('\n');

    await aHardSeason(hub);

    expect(written.length).toBeGreaterThan(10);
    for (const planted of plantedValues) expect(written.join('\n')).not.toContain(planted);
    expect(atRest).not.toMatch(/whitlock|dana|theo\b|example\.net|555-?01/i);
  });
});
