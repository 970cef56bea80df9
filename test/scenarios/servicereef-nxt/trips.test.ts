/** What becomes of a trip: made, changed, moved, cancelled, deleted on either side; its hours, its place, its category, its description. */
import { describe, expect, test } from 'vitest';
import { aMission, codesOf, dana, dayMs, hourMs, tripId, type Mission } from './a-mission.ts';

const address = { Address1: 'Calle Roble 14', Address2: null, City: 'Monterrey', State: 'NL', Zip: '64000', Country: 'MX' };
const hours = (hub: Mission, eventId = tripId) => {
  const event = hub.theEvent(eventId);
  return [event?.start_date, event?.start_time, event?.end_date, event?.end_time];
};

async function runs(hub: Mission, count: number) {
  const reports = [];
  for (let n = 0; n < count; n += 1) {
    hub.clock.advance(hourMs);
    reports.push(await hub.run());
  }
  return reports;
}

describe('a trip', () => {
  test('is one event with the trip’s number, and follows what changes in ServiceReef', async () => {
    const hub = aMission();
    await hub.run();

    hub.reef.events.edit(tripId, { name: 'Monterrey autumn team', startsAt: '2027-09-05T08:00:00', endsAt: '2027-09-12T17:30:00', maxRegistrations: 24, fundRaisingGoal: 5000 });
    await hub.run();
    const quiet = await hub.run();

    expect(hub.sky.events.all()).toMatchObject([{ name: 'Monterrey autumn team', start_date: '2027-09-05', start_time: '08:00', end_date: '2027-09-12', end_time: '17:30', capacity: 24, goal: 5000, lookup_id: `SR-${tripId}`, inactive: false }]);
    expect([quiet.planned, quiet.calls['sky']]).toEqual([0, 0]);
  });

  test('of more seats than none says so; none said means no limit, and leaves what staff has set', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { maxRegistrations: 0 });
    await hub.run();
    const first = hub.theEvent()?.capacity;
    hub.sky.events.edit(hub.theEvent()?.id ?? '', { capacity: 30 });

    hub.reef.events.edit(tripId, { name: 'Monterrey winter team' });
    await hub.run();

    expect([first, hub.theEvent()?.capacity, hub.theEvent()?.name]).toEqual([undefined, 30, 'Monterrey winter team']);
  });

  test('whose name is longer than NXT takes is cut, and so is its description', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { name: 'x'.repeat(300), description: 'word '.repeat(2000) });

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect([hub.theEvent()?.name.length, hub.theEvent()?.name.endsWith(' …'), hub.theEvent()?.description?.includes(`https://trips.example.org/${tripId}`)]).toEqual([100, true, true]);
  });

  test('described in HTML is described in text, with the way back to ServiceReef', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { description: '<p>Home repair &amp; day camp.</p><script>alert(1)</script><img src="https://pictures.example.org/a.png"><ul><li>Gloves</li></ul>' });

    await hub.run();

    const text = hub.theEvent()?.description ?? '';
    expect(text).toMatch(/^Home repair & day camp\./);
    expect(text).toContain('Gloves');
    expect(text).not.toMatch(/[<>]|alert|pictures/);
    expect(text.endsWith(`Source: https://trips.example.org/${tripId}`)).toBe(true);
  });
});

describe('its place', () => {
  test('is set by a second call, and follows', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { address });
    await hub.run();
    hub.reef.events.edit(tripId, { address: { ...address, City: 'Saltillo' } });
    await hub.run();

    expect(hub.theEvent()?.location).toMatchObject({ address_lines: 'Calle Roble 14', locality: 'Saltillo', administrative_area: 'NL', postal_code: '64000', country: 'MX' });
  });

  test('refused by NXT is told, and stops neither the event nor its people', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { address });
    hub.signUp(dana);
    hub.sky.faults.add({ kind: 'status', status: 400, body: '[{"message":"no such country","error_name":"BadRequest"}]', when: ({ method, body }) => method === 'PATCH' && body.includes('"location"') });

    const report = await hub.run();

    expect([report.problems, hub.rsvps(), hub.notices.length]).toEqual([[], ['Attending'], 1]);
    expect(hub.notices[0]).not.toContain('Roble');
  });
});

describe('its category', () => {
  test('is NXT’s of the same name, or the one that the site has named, or the usual one', async () => {
    const hub = aMission({ site: { events: { categories: { 'Local service': 'Service' }, usualCategory: 'Other' } } });
    const byName = new Map(['Mission trip', 'Service', 'Other'].map((name) => [name, hub.sky.addCategory(name).id]));
    hub.reef.events.add({ eventId: 31_002, categories: [{ categoryId: 2, name: 'Local service' }] });

    await hub.run();

    expect([tripId, 31_002].map((eventId) => hub.theEvent(eventId)?.category_id)).toEqual([byName.get('Other'), byName.get('Service')]);
  });

  test('that NXT does not have is told, and the event stands without one', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { categories: [{ categoryId: 1, name: 'Mission trip' }] });

    const report = await hub.run();

    expect([report.problems, hub.theEvent()?.category_id, hub.notices.length]).toEqual([[], undefined, 1]);
  });
});

describe('its hours are those on the wall where it is', () => {
  test.each([
    { zone: 'America/New_York', dates: 'local' }, { zone: 'America/Chicago', dates: 'offset' }, { zone: 'America/Denver', dates: 'utc' }, { zone: 'America/Los_Angeles', dates: 'utc' },
  ] as const)('an evening in $zone stays on its day, told as $dates', async ({ zone, dates }) => {
    const hub = aMission({ reef: { dates } });
    hub.reef.events.edit(tripId, { zone, startsAt: '2027-07-11T20:15:00', endsAt: '2027-07-18T22:45:00' });

    await hub.run();

    expect(hours(hub)).toEqual(['2027-07-11', '20:15', '2027-07-18', '22:45']);
  });

  test.each(['windows', 'iana'] as const)('also where clocks change during the trip, with names of zones as in %s', async (zones) => {
    const hub = aMission({ reef: { dates: 'utc', zones } });
    hub.reef.events.edit(tripId, { zone: 'America/Chicago', startsAt: '2027-03-12T18:00:00', endsAt: '2027-03-16T18:00:00' });

    await hub.run();

    expect(hours(hub)).toEqual(['2027-03-12', '18:00', '2027-03-16', '18:00']);
  });

  test('without a zone the site’s own one counts', async () => {
    const hub = aMission({ reef: { dates: 'utc', zones: 'absent' } });
    hub.reef.events.edit(tripId, { zone: 'America/Chicago', startsAt: '2027-07-11T20:15:00', endsAt: null });

    await hub.run();

    expect(hours(hub)).toEqual(['2027-07-11', '21:15', undefined, undefined]);
  });

  test('midnight is where nobody has said an hour', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { startsAt: '2027-07-11T00:00:00', endsAt: '2027-07-18T00:00:00' });

    await hub.run();

    const [startDate, startTime, endDate, endTime] = hours(hub);
    expect([startDate, endDate, startTime ?? undefined, endTime ?? undefined]).toEqual(['2027-07-11', '2027-07-18', undefined, undefined]);
  });

  test.each(['minimum', 'null', 'absent'] as const)('a trip whose start nobody has set (%s) is told, not put on any day', async (unsetDates) => {
    const hub = aMission({ reef: { unsetDates } });
    hub.reef.events.edit(tripId, { startsAt: null });
    hub.reef.events.add({ eventId: 31_002 });

    const report = await hub.run();
    hub.reef.events.edit(tripId, { startsAt: '2027-07-11T09:00:00' });
    await hub.run();

    expect([codesOf(report), hours(hub).slice(0, 2)]).toEqual([['events E_NO_START'], ['2027-07-11', '09:00']]);
  });
});

describe('a trip that is over before it began', () => {
  /** With a second trip, so that the list is never empty. */
  async function aPlannedTrip(hasPeople: boolean) {
    const hub = aMission();
    hub.reef.events.add({ eventId: 31_002 });
    if (hasPeople) hub.signUp(dana);
    await hub.run();
    return hub;
  }

  test.each([false, true])('cancelled: its event becomes inactive and stays; with people on it: %s', async (hasPeople) => {
    const hub = await aPlannedTrip(hasPeople);

    hub.reef.events.cancel(tripId);
    await runs(hub, 3);

    expect([hub.theEvent()?.inactive, hub.rsvps(), hub.theEvent(31_002)?.inactive]).toEqual([true, hasPeople ? ['Canceled'] : [], false]);
  });

  test('cancelled by mistake and published again: the same event and the same people, as before', async () => {
    const hub = await aPlannedTrip(true);
    const [before, place] = [hub.theEvent()?.id, hub.roster(tripId)[0]?.id];

    hub.reef.events.cancel(tripId);
    await runs(hub, 3);
    hub.reef.events.edit(tripId, { status: 'Published' });
    await runs(hub, 3);

    expect([hub.sky.events.all().length, hub.theEvent()?.id, hub.theEvent()?.inactive]).toEqual([2, before, false]);
    expect(hub.roster(tripId).map(({ id, rsvp_status: status }) => [id, status])).toEqual([[place, 'Attending']]);
  });

  test.each([false, true])('deleted in ServiceReef: inactive once its own address says so; with people on it: %s', async (hasPeople) => {
    const hub = await aPlannedTrip(hasPeople);

    hub.reef.events.remove(tripId);
    await runs(hub, 3);

    expect([hub.sky.events.all().length, hub.theEvent()?.inactive, hub.theEvent(31_002)?.inactive]).toEqual([2, true, false]);
  });

  test('missing in a list that was not read whole: nothing is concluded', async () => {
    const hub = await aPlannedTrip(false);

    hub.reef.settings.pageSizeMax = 1;
    hub.reef.settings.emptyPage = 2;
    await runs(hub, 3);

    expect([tripId, 31_002].map((eventId) => hub.theEvent(eventId)?.inactive)).toEqual([false, false]);
  });

  test('archived: its event stands, inactive, with the people who were there', async () => {
    const hub = await aPlannedTrip(true);

    hub.reef.events.edit(tripId, { status: 'Archived' });
    await runs(hub, 2);

    expect([hub.theEvent()?.inactive, hub.rsvps()]).toEqual([true, ['Attending']]);
  });

  test('still a draft: neither the event nor its people are made', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { status: 'Draft' });
    hub.signUp(dana);

    const report = await hub.run();

    expect([report.problems, hub.sky.events.all(), hub.sky.constituents.all()]).toEqual([[], [], []]);
  });
});

describe('what staff does in NXT', () => {
  test('an event that staff has deleted is not made again: a person is asked, and can name another one', async () => {
    const hub = aMission();
    await hub.run();
    hub.sky.events.remove(hub.theEvent()?.id ?? '');

    hub.reef.events.edit(tripId, { name: 'Monterrey autumn team' });
    const asked = await hub.run();
    hub.clock.advance(dayMs);
    const still = await hub.run();
    const none = hub.sky.events.all().length;
    const { id } = hub.sky.events.add({ name: 'Monterrey, autumn', start_date: '2027-09-05' });
    await hub.byHand('events', tripId, id);
    hub.reef.events.edit(tripId, { name: 'Monterrey late autumn team' });
    const after = await hub.run();

    expect([codesOf(asked), codesOf(still), none]).toEqual([['events E_EVENT_GONE'], ['events E_EVENT_GONE'], 0]);
    expect([after.problems, hub.sky.events.get(id)?.name]).toEqual([[], 'Monterrey late autumn team']);
  });

  test('an event of the same name and day that staff has made is not doubled: a person says which it is', async () => {
    const hub = aMission();
    hub.reef.events.edit(tripId, { startsAt: '2027-07-11T09:00:00', endsAt: '2027-07-18T17:30:00' });
    hub.signUp(dana);
    const { id } = hub.sky.events.add({ name: 'Monterrey summer team', start_date: '2027-07-11' });

    const report = await hub.run();
    const waiting = hub.sky.participants.all();
    await hub.byHand('events', tripId, id);
    const after = await hub.run();

    expect([codesOf(report), report.problems[0]?.message.includes(id), waiting]).toEqual([['events E_EVENT_EXISTS', 'participants WAITS'], true, []]);
    expect([after.problems, hub.sky.events.all().length, hub.sky.participants.all(id).length]).toEqual([[], 1, 1]);
  });

  test('an event that carries the trip’s number already is the trip’s', async () => {
    const hub = aMission();
    const { id } = hub.sky.events.add({ name: 'An event of before', lookup_id: `SR-${tripId}` });
    hub.sky.events.add({ name: 'Not this one', lookup_id: `SR-${tripId}9` });

    await hub.run();

    expect([hub.sky.events.all().length, hub.sky.events.get(id)?.name]).toEqual([2, 'Monterrey summer team']);
  });
});
