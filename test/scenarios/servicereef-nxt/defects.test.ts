/** The faults of an older service between these two systems, by number: what it did, this connector does not. */
import { describe, expect, test } from 'vitest';
import { plantedValues } from '../../../shared/simulators/servicereef-wire.ts';
import { mortal } from '../../random/mortal.ts';
import { aMission, codesOf, dana, donor, hourMs, theo, tripId, type Mission } from './a-mission.ts';

const calls = ({ sky }: Mission, what: string): number => sky.journal.count(what);

async function oneRun(hub: Mission) {
  const report = await hub.run();
  hub.clock.advance(hourMs);
  return report;
}

/** Everything that the hub remembers of its pairs is gone. */
async function forgetLinks({ links }: Mission): Promise<void> {
  for (const stream of ['events', 'people', 'participants']) {
    for await (const heads of links.heads(stream)) for (const link of await links.byKeys(stream, heads.map(({ key }) => key))) await links.remove(link);
  }
}

describe('reading ServiceReef', () => {
  test('1 trips and travellers are known by EventId and UserId: nobody is taken for somebody else, and all arrive', async () => {
    const hub = aMission();
    for (let n = 0; n < 3; n += 1) hub.signUp({ firstName: `First${n}`, lastName: `Last${n}` });

    await oneRun(hub);

    expect([hub.sky.events.all().length, hub.donors(), hub.rsvps().length]).toEqual([1, ['First0 Last0', 'First1 Last1', 'First2 Last2'], 3]);
  });

  test('2 every page is read', async () => {
    const hub = aMission({ reef: { pageSizeMax: 2 } });
    for (let n = 0; n < 7; n += 1) hub.signUp({ firstName: `First${n}`, lastName: `Last${n}` });

    await oneRun(hub);

    expect(hub.rsvps()).toHaveLength(7);
  });

  test.each(['Excused', null])('6, 28 a status that nobody has explained (%s) is parked and told, and makes nobody a participant', async (status) => {
    const hub = aMission();
    hub.signUp(dana, { status });

    const report = await oneRun(hub);

    expect([codesOf(report), hub.donors(), hub.rsvps()]).toEqual([['participants E_STATUS_UNKNOWN'], [], []]);
  });

  test('6 whoever has cancelled is shown as cancelled', async () => {
    const hub = aMission();
    hub.signUp(dana, { status: 'Cancelled' });

    await oneRun(hub);

    expect(hub.rsvps()).toEqual(['Canceled']);
  });

  test.each(['utc', 'offset', 'local'] as const)('29 a trip that begins in the evening begins on that evening, however its date is written (%s)', async (dates) => {
    const hub = aMission({ reef: { dates } });
    hub.reef.events.edit(tripId, { startsAt: '2027-07-11T20:15:00', zone: 'America/Chicago' });

    await oneRun(hub);

    expect(hub.theEvent()).toMatchObject({ start_date: '2027-07-11', start_time: '20:15' });
  });
});

describe('who is who', () => {
  test('7, 10 a donor whom NXT knows by name and e-mail is not made again', async () => {
    const hub = aMission();
    hub.sky.constituents.add(donor('Dana', 'Whitlock', dana.email));
    hub.signUp(dana);

    await oneRun(hub);

    expect(hub.donors()).toEqual(['Dana Whitlock']);
  });

  test('11, 15 neither the first hit nor the e-mail alone decides: a child is not taken for the parent', async () => {
    const hub = aMission();
    const parent = hub.sky.constituents.add(donor('Dana', 'Whitlock', dana.email));
    hub.signUp(theo);

    await oneRun(hub);

    expect([hub.donors(), hub.roster(tripId).map(({ constituent_id: id }) => id === parent.id)]).toEqual([['Dana Whitlock', 'Theo Whitlock'], [false]]);
  });

  test('12 a donor’s name, phones, addresses and first e-mail address stay, whatever the account says', async () => {
    const hub = aMission();
    const before = hub.sky.constituents.add({ ...donor('Dana', 'Whitlock', dana.email), phone: { number: '(212) 555-0100', type: 'Home', primary: true }, address: { type: 'Home', address_lines: '9 Elm Row', city: 'Mason', postal_code: '45040' } });
    const userId = hub.signUp(dana);
    await oneRun(hub);
    hub.reef.members.edit(userId, { email: 'dana.new@example.org' });

    await oneRun(hub);

    const after = hub.sky.constituents.get(before.id);
    expect([after?.first, after?.last, after?.phones[0], after?.addresses[0], after?.emailaddresses[0]]).toEqual([before.first, before.last, before.phones[0], before.addresses[0], before.emailaddresses[0]]);
  });

  test('5, 13 what ServiceReef knows comes in NXT’s own words, and what it does not know is not made up', async () => {
    const hub = aMission();
    hub.signUp({ firstName: 'Ines', lastName: 'Okafor', email: 'ines@example.org', phone: null, address: null });

    await oneRun(hub);

    const [made] = hub.sky.constituents.all();
    expect([made?.emailaddresses.map(({ address }) => address), made?.phones, made?.addresses]).toEqual([['ines@example.org'], [], []]);
  });
});

describe('writing to NXT', () => {
  test('4, 22, 27 event, person and participant are made in one run, each once, and told as made', async () => {
    const hub = aMission();
    hub.signUp(dana);

    const { streams, problems } = await oneRun(hub);

    expect([Object.values(streams).map(({ created }) => created), problems, hub.rsvps()]).toEqual([[1, 1, 1], [], ['Attending']]);
  });

  test('8 an empty answer to a change is a success: nothing is sent twice', async () => {
    const hub = aMission();
    const userId = hub.signUp(dana);
    await oneRun(hub);
    hub.reef.registrations.decline({ eventId: tripId, userId });

    await oneRun(hub);
    await oneRun(hub);

    expect([hub.rsvps(), hub.sky.journal.entries.filter(({ method, path }) => method === 'PATCH' && path.includes('/participants/')).length]).toEqual([['Declined'], 1]);
  });

  test.each([{ status: 503, sent: 2 }, { status: 429, sent: 2 }, { status: 400, sent: 1 }, { status: 403, sent: 1 }])('9 $status to a reading is asked again only where that can help', async ({ status, sent }) => {
    const hub = aMission();
    hub.sky.faults.add({ kind: 'status', status, when: { pathPart: '/eventlist' }, times: 1 });

    await hub.run().catch(() => undefined);

    expect(calls(hub, 'GET /event/v1/eventlist')).toBe(sent);
  });

  test('14 a refusal is told as one, and the others go on', async () => {
    const hub = aMission();
    hub.signUp(dana);
    hub.signUp({ firstName: 'Ines', lastName: 'Okafor', email: 'ines@example.org' });
    hub.sky.faults.add({ kind: 'status', status: 400, body: '[{"Message":"no"}]', when: { method: 'POST', pathPart: '/constituents' }, times: 1 });

    const report = await oneRun(hub);

    expect([report.streams['people'], hub.donors().length]).toMatchObject([{ created: 1, failed: 1 }, 1]);
  });

  test.each(['refused', 'second-row'] as const)('16 a participant whom the roster does not show yet is not made twice (%s)', async (secondParticipant) => {
    const hub = aMission({ sky: { rosterDelaySeconds: 30, secondParticipant } });
    hub.signUp(dana);
    hub.sky.faults.add({ kind: 'lost-answer', when: { method: 'POST', pathPart: '/participants' }, times: 1 });

    for (let n = 0; n < 4; n += 1) await oneRun(hub);

    expect(hub.rsvps()).toEqual(['Attending']);
  });

  test('17 a roster of NXT is read once for all who sign up, and nobody’s file but who may be the same', async () => {
    const hub = aMission();
    for (let n = 0; n < 20; n += 1) hub.signUp({ firstName: `First${n}`, lastName: `Last${n}` });

    await oneRun(hub);

    const event = hub.theEvent();
    expect([calls(hub, `GET /event/v1/events/${event?.id}/participants`), hub.sky.journal.entries.filter(({ method, path }) => method === 'GET' && /\/constituents\/\d+$/.test(path)).length]).toEqual([1, 0]);
  });

  test('18 whom staff has put on an event stays there', async () => {
    const hub = aMission();
    hub.signUp(dana);
    await oneRun(hub);
    const { id } = hub.sky.constituents.add(donor('Gwen', 'Guest', 'gwen@example.org'));
    const added = hub.sky.participants.add(hub.theEvent()?.id ?? '', { constituent_id: id, rsvp_status: 'Attending' });

    for (let n = 0; n < 3; n += 1) await oneRun(hub);

    expect(hub.sky.participants.get(added.id)).toEqual(added);
  });

  test('19, 20 who has attended is staff’s word, and a run without news sends nothing', async () => {
    const hub = aMission();
    hub.signUp(dana);
    await oneRun(hub);
    const [place] = hub.roster(tripId);
    hub.sky.participants.edit(place?.id ?? '', { attended: true });
    const before = hub.sky.journal.count();

    await oneRun(hub);

    expect([hub.roster(tripId)[0]?.attended, hub.sky.journal.count() - before]).toEqual([true, 0]);
  });

  test('21 a trip that changes changes in NXT: its end, its places, its category', async () => {
    const hub = aMission();
    const { id } = hub.sky.addCategory('Mission trip');
    await oneRun(hub);
    hub.reef.events.edit(tripId, { endsAt: '2027-08-30T12:00:00', maxRegistrations: 44, categories: [{ categoryId: 1, name: 'Mission trip' }] });

    await oneRun(hub);

    expect(hub.theEvent()).toMatchObject({ end_date: '2027-08-30', end_time: '12:00', capacity: 44, category_id: id });
  });
});

describe('what is remembered', () => {
  test('23, 25 with all links lost, events, people and participants are found again', async () => {
    const hub = aMission();
    hub.sky.constituents.add(donor('Dana', 'Whitlock', dana.email));
    for (const person of [dana, theo]) hub.signUp(person);
    await oneRun(hub);
    const before = [hub.sky.events.all().length, hub.donors(), hub.rsvps()];

    await forgetLinks(hub);
    await oneRun(hub);

    expect([hub.sky.events.all().length, hub.donors(), hub.rsvps()]).toEqual(before);
  });

  test('25 killed in the middle of its writes, at whatever place, it makes nothing twice', async () => {
    for (const at of [20, 40, 60, 80]) {
      const life = mortal();
      const hub = aMission({ wrapFetch: life.wrapFetch, wrapTable: life.wrapTable });
      for (const person of [dana, theo]) hub.signUp(person);
      life.begin({ at, isAfter: true });
      await hub.run().catch(() => undefined);
      life.begin(undefined);
      for (let n = 0; n < 3; n += 1) await oneRun(hub);
      expect([hub.sky.events.all().length, hub.donors().sort(), hub.rsvps()]).toEqual([1, ['Dana Whitlock', 'Theo Whitlock'], ['Attending', 'Attending']]);
    }
  });

  test('26 no log line, message or report names a person, and passports and answers stand nowhere', async () => {
    const rows: string[] = [];
    const hub = aMission({ wrapTable: (table) => ({ ...table, write: (group) => (rows.push(JSON.stringify(group)), table.write(group)), writeGroups: (groups) => (rows.push(JSON.stringify(groups)), table.writeGroups(groups)) }) });
    hub.signUp({ ...dana, firstName: 'Danamarker', email: 'danamarker@example.net' });
    hub.sky.faults.add({ kind: 'status', status: 400, body: '[{"Message":"danamarker@example.net is wrong"}]', when: { method: 'POST', pathPart: '/constituents' }, times: 1 });

    const reports = [await oneRun(hub), await oneRun(hub)];

    const told = JSON.stringify([reports, hub.logged, hub.notices]);
    expect(hub.logged.length).toBeGreaterThan(5);
    expect(told.toLowerCase()).not.toContain('danamarker');
    expect(plantedValues.filter((planted) => [told, ...rows].join('\n').includes(planted))).toEqual([]);
  });
});
