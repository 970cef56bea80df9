/** What becomes of a trip that takes place: its event, its hours, its place, its category, its description. */
import { describe, expect, test } from 'vitest';
import { aMission, codesOf, dana, tripId, type Mission } from './a-mission.ts';

const address = { Address1: 'Calle Roble 14', Address2: null, City: 'Monterrey', State: 'NL', Zip: '64000', Country: 'MX' };
const hours = (hub: Mission, eventId = tripId) => {
  const event = hub.theEvent(eventId);
  return [event?.start_date, event?.start_time, event?.end_date, event?.end_time];
};

describe('a trip', () => {
  test('is one event with the trip’s number, and follows what changes in ServiceReef', async () => {
    const hub = aMission();
    await hub.run();

    hub.reef.events.edit(tripId, { name: 'Monterrey autumn team', startsAt: '2027-09-05T08:00:00', endsAt: '2027-09-12T17:30:00', maxRegistrations: 24, fundRaisingGoal: 5000 });
    await hub.run();
    const quiet = await hub.run();

    expect(hub.sky.events.all()).toMatchObject([{ name: 'Monterrey autumn team', start_date: '2027-09-05', start_time: '08:00', end_date: '2027-09-12', end_time: '17:30', capacity: 24, goal: 5000, lookup_id: `SR-${tripId}`, inactive: false }]);
    expect([quiet.planned, quiet.calls['nxt']]).toEqual([0, 0]);
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
