/** What becomes of a registration: its status in NXT, people who leave, move and come back, and what staff has said there. */
import { describe, expect, test } from 'vitest';
import { aMission, codesOf, dana, hourMs, theo, tripId, type Mission } from './a-mission.ts';

const otherTrip = 31_002;

/** A trip with others on it, so that one who leaves is not the whole roster. */
async function aTeam(settings: Parameters<typeof aMission>[0] = {}) {
  const hub = aMission(settings);
  hub.reef.events.add({ eventId: otherTrip, name: 'Kilima clinic week' });
  for (let n = 0; n < 7; n += 1) hub.signUp();
  const userId = hub.signUp(dana);
  await hub.run();
  return { ...hub, userId, key: { eventId: tripId, userId } };
}

const placeOf = (hub: Mission, userId: number, eventId = tripId) => hub.roster(eventId).find(({ summary_note: note }) => note?.startsWith(`ServiceReef SR-${eventId}/${userId}`) === true);

async function runs(hub: Mission, count: number) {
  const reports = [];
  for (let n = 0; n < count; n += 1) {
    hub.clock.advance(hourMs);
    reports.push(await hub.run());
  }
  return reports;
}

describe('what a status means', () => {
  test.each([
    { preset: 'default', of: { Approved: 'Attending', Registered: 'Attending', WaitingApproval: 'Interested', 'waiting approval': 'Interested', Declined: 'Declined', Cancelled: 'Canceled', Draft: undefined } },
    { preset: 'legacy', of: { Approved: 'Attending', Registered: 'Attending', WaitingApproval: 'Attending', Declined: 'Declined', Cancelled: 'Declined', Draft: 'Declined' } },
  ])('in the preset $preset', async ({ preset, of }) => {
    const hub = aMission({ site: { statuses: { preset } } });
    const wanted = Object.entries(of).map(([status, rsvp]) => ({ userId: hub.signUp({}, { status }), rsvp }));

    const report = await hub.run();

    expect(report.problems).toEqual([]);
    expect(wanted.map(({ userId }) => placeOf(hub, userId)?.rsvp_status)).toEqual(wanted.map(({ rsvp }) => rsvp));
  });

  test('the day of registration comes along, and nobody counts as invited or as having attended', async () => {
    const hub = await aTeam();

    expect(placeOf(hub, hub.userId)).toMatchObject({ rsvp_date: { y: 2026, m: 1, d: 19 }, invitation_status: 'NotApplicable', attended: false });
  });

  test('one that nobody has explained parks and is told, and what stands in NXT stays', async () => {
    const hub = await aTeam();
    const newcomer = hub.signUp(theo, { status: 'On the bus' });

    hub.reef.registrations.setStatus(hub.key, 'Pending payment');
    const [report] = await runs(hub, 1);

    expect(report && codesOf(report)).toEqual(['participants E_STATUS_UNKNOWN', 'participants E_STATUS_UNKNOWN']);
    expect([placeOf(hub, hub.userId)?.rsvp_status, placeOf(hub, newcomer), hub.donors().includes('Theo Whitlock')]).toEqual(['Attending', undefined, false]);
  });

  test('the site explains it, and a missing status is no status either', async () => {
    const hub = aMission({ site: { statuses: { more: { 'On the bus': 'Attending' } } } });
    const known = hub.signUp(theo, { status: 'on-the-bus' });
    const none = hub.signUp(dana, { status: null });

    const report = await hub.run();

    expect([placeOf(hub, known)?.rsvp_status, placeOf(hub, none)]).toEqual(['Attending', undefined]);
    expect(report.problems.map(({ stream, id }) => [stream, id])).toEqual([['participants', `${tripId}/${none}`]]);
  });
});

describe('a registration that changes', () => {
  test('is followed, and one that is cancelled and comes back is the same participant', async () => {
    const hub = await aTeam();
    const before = placeOf(hub, hub.userId)?.id;
    const seen = [];

    for (const status of ['Cancelled', 'Approved', 'WaitingApproval', 'Declined']) {
      hub.reef.registrations.setStatus(hub.key, status);
      await runs(hub, 1);
      seen.push(placeOf(hub, hub.userId)?.rsvp_status);
    }

    expect([seen, placeOf(hub, hub.userId)?.id]).toEqual([['Canceled', 'Attending', 'Interested', 'Declined'], before]);
  });

  test('gone back to a draft: the participant stays without an answer, and takes the next one', async () => {
    const hub = await aTeam();
    const before = placeOf(hub, hub.userId)?.id;

    hub.reef.registrations.setStatus(hub.key, 'Draft');
    await runs(hub, 1);
    const asDraft = hub.roster(tripId).find(({ id }) => id === before)?.rsvp_status;
    hub.reef.registrations.approve(hub.key);
    await runs(hub, 1);

    expect([asDraft, placeOf(hub, hub.userId)?.id, placeOf(hub, hub.userId)?.rsvp_status, hub.roster(tripId).length]).toEqual(['NoResponse', before, 'Attending', 8]);
  });

  test('an unchanged roster costs NXT no call', async () => {
    const hub = await aTeam();

    const [report] = await runs(hub, 1);

    expect([report?.planned, report?.calls['nxt']]).toEqual([0, 0]);
  });
});

describe('who leaves', () => {
  test('moved to another trip: cancelled on the one after two readings, and on the other at once', async () => {
    const hub = await aTeam();

    hub.reef.registrations.move(hub.key, otherTrip);
    await runs(hub, 1);
    const after = [placeOf(hub, hub.userId)?.rsvp_status, hub.rsvps(otherTrip)];
    await runs(hub, 1);

    expect([after, placeOf(hub, hub.userId)?.rsvp_status, hub.rsvps(otherTrip)]).toEqual([['Attending', ['Attending']], 'Canceled', ['Attending']]);
    expect(new Set([placeOf(hub, hub.userId)?.constituent_id, hub.roster(otherTrip)[0]?.constituent_id]).size).toBe(1);
  });

  test('vanished once: nothing; twice: cancelled with a note, never deleted; back again: the same participant', async () => {
    const hub = await aTeam();
    const before = placeOf(hub, hub.userId);

    hub.reef.registrations.remove(hub.key);
    await runs(hub, 1);
    const once = placeOf(hub, hub.userId);
    await runs(hub, 1);
    const twice = placeOf(hub, hub.userId);
    hub.reef.registrations.register({ ...hub.key, status: 'Approved' });
    await runs(hub, 1);

    expect(once).toEqual(before);
    expect([twice?.id, twice?.rsvp_status, twice?.summary_note?.length]).toEqual([before?.id, 'Canceled', expect.any(Number)]);
    expect(twice?.summary_note).not.toBe(before?.summary_note);
    expect([placeOf(hub, hub.userId)?.id, placeOf(hub, hub.userId)?.rsvp_status, hub.roster(tripId).length]).toEqual([before?.id, 'Attending', 8]);
  });

  test('missing, back, and missing again is not missing twice', async () => {
    const hub = await aTeam();

    for (const isThere of [false, true, false]) {
      if (isThere) hub.reef.registrations.register({ ...hub.key, status: 'Approved' });
      else hub.reef.registrations.remove(hub.key);
      await runs(hub, 1);
    }

    expect(placeOf(hub, hub.userId)?.rsvp_status).toBe('Attending');
  });

  test.each(['repeats', 'skips'] as const)('rows that move while pages are read (%s) cancel nobody', async (rowsMove) => {
    const hub = await aTeam();
    hub.reef.settings.pageSizeMax = 2;
    hub.reef.settings.rowsMove = rowsMove;

    await runs(hub, 3);

    expect(hub.rsvps()).toEqual(Array.from({ length: 8 }, () => 'Attending'));
  });

  test('most of a roster at once is shown to a person before anybody is cancelled', async () => {
    const hub = await aTeam();
    for (const { userId } of hub.reef.registrations.all(tripId).slice(0, 7)) hub.reef.registrations.remove({ eventId: tripId, userId: userId ?? 0 });

    const reports = await runs(hub, 3);

    expect(reports[1]).toMatchObject({ state: 'held', held: [{ stream: 'participants', code: 'TOO_MANY_WITHDRAWALS' }] });
    expect(hub.rsvps()).toEqual(Array.from({ length: 8 }, () => 'Attending'));
  });

  test.each([{ kind: 'status', status: 500 }, { kind: 'wrong-body' }, { kind: 'half-body' }] as const)('a roster that cannot be read ($kind) is told, cancels nobody, and stops no other trip', async (fault) => {
    const hub = await aTeam();
    const { userId } = hub.reef.members.add(theo);
    hub.reef.registrations.register({ eventId: otherTrip, userId, status: 'Approved' });
    const mend = hub.reef.faults.add({ ...fault, when: { pathPart: `/events/${tripId}/participants` } });

    const reports = await runs(hub, 3);
    mend();
    const [, after] = await runs(hub, 2);

    for (const report of reports) expect(report.problems.map(({ stream, id }) => [stream, id])).toEqual([['participants', `roster ${tripId}`]]);
    expect([hub.rsvps(otherTrip), new Set(hub.rsvps()), after?.problems]).toEqual([['Attending'], new Set(['Attending']), []]);
  });
});

describe('staff’s own words', () => {
  test('whom staff has put on the event, and whom no account stands for, is left alone', async () => {
    const hub = await aTeam();
    const guest = hub.sky.constituents.add({ first: 'Ines', last: 'Okafor' });
    const added = hub.sky.participants.add(hub.theEvent()?.id ?? '', { constituent_id: guest.id, rsvp_status: 'Interested', summary_note: 'by telephone' });

    await runs(hub, 3);

    expect(hub.sky.participants.get(added.id)).toEqual(added);
  });

  test('whom staff has invited already is answered for: one participant, with staff’s note', async () => {
    const hub = aMission();
    await hub.run();
    const known = hub.sky.constituents.add({ first: 'Dana', last: 'Whitlock', email: { address: dana.email, type: 'Email', primary: true } });
    const invited = hub.sky.participants.add(hub.theEvent()?.id ?? '', { constituent_id: known.id, invitation_status: 'Invited', summary_note: 'asked in church' });
    hub.signUp(dana);
    hub.clock.advance(hourMs);

    await hub.run();

    expect(hub.roster(tripId)).toMatchObject([{ id: invited.id, rsvp_status: 'Attending', invitation_status: 'Invited', summary_note: 'asked in church' }]);
  });

  test('who has attended is staff’s to say: no change and no departure touches it', async () => {
    const bodies: string[] = [];
    const hub = await aTeam({ wrapFetch: (fetcher) => async (input, init) => {
      if (input instanceof Request && input.url.includes('/participants')) bodies.push(await input.clone().text());
      else if (typeof init?.body === 'string') bodies.push(init.body);
      return fetcher(input, init);
    } });
    const place = placeOf(hub, hub.userId)?.id ?? '';
    hub.sky.participants.edit(place, { attended: true });

    hub.reef.registrations.decline(hub.key);
    await runs(hub, 1);
    const declined = hub.sky.participants.get(place)?.attended;
    hub.reef.registrations.remove(hub.key);
    await runs(hub, 3);

    expect([declined, hub.sky.participants.get(place)?.attended]).toEqual([true, true]);
    expect(bodies.some((body) => body.includes('rsvp_status'))).toBe(true);
    expect(bodies.filter((body) => body.includes('attended'))).toEqual([]);
  });

  test('a status that staff has changed stays, until ServiceReef changes too', async () => {
    const hub = await aTeam();
    const place = placeOf(hub, hub.userId)?.id ?? '';
    hub.sky.participants.edit(place, { rsvp_status: 'Waitlisted' });

    await runs(hub, 3);
    const kept = hub.sky.participants.get(place)?.rsvp_status;
    hub.reef.registrations.cancel(hub.key);
    await runs(hub, 1);

    expect([kept, hub.sky.participants.get(place)?.rsvp_status]).toEqual(['Waitlisted', 'Canceled']);
  });

  test('a participant that staff has deleted is not made again while nothing changes in ServiceReef', async () => {
    const hub = await aTeam();
    hub.sky.participants.remove(placeOf(hub, hub.userId)?.id ?? '');

    await runs(hub, 3);

    expect(hub.roster(tripId).length).toBe(7);
  });
});
