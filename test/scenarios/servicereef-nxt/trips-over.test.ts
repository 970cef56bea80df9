/** Trips that are cancelled, archived or deleted in ServiceReef, and events that staff has made or deleted in NXT. */
import { describe, expect, test } from 'vitest';
import { aMission, codesOf, dana, dayMs, hourMs, tripId, type Mission } from './a-mission.ts';

async function runs(hub: Mission, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    hub.clock.advance(hourMs);
    await hub.run();
  }
}

/** With a second trip, so that the list is never empty. */
async function aPlannedTrip(hasPeople: boolean) {
  const hub = aMission();
  hub.reef.events.add({ eventId: 31_002 });
  if (hasPeople) hub.signUp(dana);
  await hub.run();
  return hub;
}

describe('a trip that is over before it began', () => {
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
