/** Who a traveller is in NXT: households, namesakes, several accounts of one person, records that were merged. */
import { describe, expect, test } from 'vitest';
import { aMission, codesOf, dana, donor, hourMs, theo, theWhitlocks, tripId } from './a-mission.ts';

describe('households', () => {
  test('two people with one address end as two constituents, and the address is the first one of one of them only', async () => {
    const hub = aMission();
    hub.signUp(dana);
    hub.signUp(theo);

    const report = await hub.run();

    expect([report.problems, hub.donors().toSorted(), hub.rsvps()]).toEqual([[], ['Dana Whitlock', 'Theo Whitlock'], ['Attending', 'Attending']]);
    expect(new Set(hub.roster(tripId).map((row) => row.constituent_id)).size).toBe(2);
  });

  test('a child with a donor’s address is a new constituent, who has that address as a second one', async () => {
    const hub = aMission();
    const parent = hub.sky.constituents.add(donor('Dana', 'Whitlock', theWhitlocks.email));
    hub.signUp(theo);

    await hub.run();

    const child = hub.sky.constituents.all().find(({ first }) => first === 'Theo');
    expect([child?.emailaddresses.map(({ primary }) => primary), hub.roster(tripId).map((row) => row.constituent_id)]).toEqual([[false], [child?.id]]);
    expect(hub.sky.constituents.get(parent.id)).toEqual(parent);
  });

  test('or none at all, where the site says so', async () => {
    const hub = aMission({ site: { people: { sharedEmail: 'leave-out' } } });
    hub.sky.constituents.add(donor('Dana', 'Whitlock', theWhitlocks.email));
    hub.signUp(theo);

    await hub.run();

    expect(hub.sky.constituents.all().find(({ first }) => first === 'Theo')?.emailaddresses).toEqual([]);
  });
});

function twoOfOneName() {
  const hub = aMission();
  const ids = [1, 2].map(() => hub.sky.constituents.add(donor('Dana', 'Whitlock', theWhitlocks.email)).id);
  return { ...hub, ids, userId: hub.signUp({ ...dana, phone: null }) };
}

describe('nobody can be sure', () => {
  test('the traveller is shown with ids and reasons and without values, and the registration waits where one can see it', async () => {
    const { ids, userId, ...hub } = twoOfOneName();

    const report = await hub.run();

    const asked = report.problems.find(({ stream }) => stream === 'people');
    expect(asked).toMatchObject({ code: 'E_WHO_IS_IT' });
    for (const id of ids) expect(asked?.message).toContain(`${id} (`);
    expect(asked?.message).toMatch(/same e-mail/);
    expect(JSON.stringify(report)).not.toMatch(/whitlock|dana/i);
    expect([report.streams['participants']?.waiting, (await hub.linkOf('participants', `${tripId}/${userId}`))?.state]).toEqual([1, 'waiting']);
    expect([hub.roster(tripId), hub.sky.constituents.all().length]).toEqual([[], 2]);
  });

  test('a person names the constituent, and the registration goes on with the next run', async () => {
    const { ids, userId, ...hub } = twoOfOneName();
    await hub.run();

    const answer = await hub.byHand('people', userId, ids[1] ?? '');
    const report = await hub.run();
    const quiet = await hub.run();

    expect([answer.kind, report.problems, hub.roster(tripId).map((row) => row.constituent_id)]).toEqual(['done', [], [ids[1]]]);
    expect([quiet.planned, quiet.problems]).toEqual([0, []]);
  });

  test.each([
    { who: 'an inactive donor', more: { inactive: true } },
    { who: 'somebody who is known only as a guest', more: { is_constituent: false } },
  ])('$who is not taken by itself: a person is asked', async ({ more }) => {
    const hub = aMission();
    const { id } = hub.sky.constituents.add({ ...donor('Dana', 'Whitlock', theWhitlocks.email), ...more });
    hub.signUp(dana);

    const report = await hub.run();

    expect(hub.roster(tripId).map((row) => row.constituent_id)).not.toContain(id);
    expect(codesOf(report)).toEqual(expect.arrayContaining(['people E_WHO_IS_IT']));
  });

  test('a donor who has died is nobody’s match: the traveller of that name is somebody else', async () => {
    const hub = aMission();
    const { id } = hub.sky.constituents.add({ ...donor('Dana', 'Whitlock', theWhitlocks.email), deceased: true });
    hub.signUp(dana);

    const report = await hub.run();

    expect([report.problems, hub.sky.constituents.all().length]).toEqual([[], 2]);
    expect(hub.roster(tripId).map((row) => row.constituent_id)).not.toContain(id);
  });

  test('an account without a last name is told, and made nobody', async () => {
    const hub = aMission();
    hub.signUp({ ...dana, lastName: null });
    hub.signUp(theo);

    const report = await hub.run();

    expect(codesOf(report)).toContain('people E_NAME_MISSING');
    expect(hub.donors()).toEqual(['Theo Whitlock']);
  });
});

describe('several accounts of one person', () => {
  test('share a constituent and one participant, and neither is asked for', async () => {
    const hub = aMission();
    const { id } = hub.sky.constituents.add({ ...donor('Dana', 'Whitlock', theWhitlocks.email), phone: { number: '513 555 0142', type: 'Home' } });
    const [one, other] = [hub.signUp(dana), hub.signUp(dana)];

    const report = await hub.run();
    const quiet = await hub.run();

    expect([report.problems, hub.roster(tripId).map((row) => row.constituent_id), quiet.planned]).toEqual([[], [id], 0]);
    const links = await Promise.all([one, other].map((userId) => hub.linkOf('participants', `${tripId}/${userId}`)));
    expect(links.map((link) => link?.targetId?.split('/')[0])).toEqual([hub.roster(tripId)[0]?.id, hub.roster(tripId)[0]?.id]);
  });

  test('merged in ServiceReef: the one that stays takes the participant over, and it is not cancelled', async () => {
    const hub = aMission();
    hub.sky.constituents.add({ ...donor('Dana', 'Whitlock', theWhitlocks.email), phone: { number: '513 555 0142', type: 'Home' } });
    const goneId = hub.signUp(dana);
    for (let n = 0; n < 6; n += 1) hub.signUp();
    const { userId: keptId } = hub.reef.members.add(dana);
    await hub.run();
    const [before] = hub.roster(tripId).map(({ id }) => id);

    hub.reef.members.merge({ keptId, goneId });
    for (let n = 0; n < 3; n += 1) {
      hub.clock.advance(hourMs);
      await hub.run();
    }

    const [place] = hub.roster(tripId);
    expect([hub.roster(tripId).length, place?.id, place?.rsvp_status, place?.summary_note]).toEqual([7, before, 'Attending', `ServiceReef SR-${tripId}/${keptId}`]);
  });
});

describe('merged or deleted in NXT', () => {
  test('merged by staff: the traveller is matched anew, and the registration goes on', async () => {
    const hub = aMission();
    const userId = hub.signUp(dana);
    await hub.run();
    const goneId = hub.roster(tripId)[0]?.constituent_id ?? '';
    const kept = hub.sky.constituents.add({ ...donor('Dana', 'Whitlock', 'other@example.org'), phone: { number: '513 555 0142', type: 'Home' } });

    hub.sky.constituents.merge({ keptId: kept.id, goneId });
    hub.reef.events.add({ eventId: 31_002, name: 'Winter team' });
    hub.reef.registrations.register({ eventId: 31_002, userId, status: 'Approved' });
    const reports = [];
    for (let n = 0; n < 4; n += 1) {
      reports.push(await hub.run());
      hub.clock.advance(3 * hourMs);
    }

    expect([hub.roster(tripId), hub.roster(31_002)].map((rows) => rows.map((row) => row.constituent_id))).toEqual([[kept.id], [kept.id]]);
    expect([reports.at(-1)?.problems, hub.sky.constituents.all().length]).toEqual([[], 1]);
  });

  test('deleted by staff: a participant that still stands is re-pointed to whoever the traveller is now', async () => {
    const hub = aMission();
    const userId = hub.signUp(dana);
    await hub.run();
    const [before] = hub.roster(tripId);

    hub.sky.constituents.remove(before?.constituent_id ?? '');
    hub.reef.members.edit(userId, { phone: '(513) 555-0177' });
    for (let n = 0; n < 3; n += 1) {
      await hub.run();
      hub.clock.advance(3 * hourMs);
    }

    const [made] = hub.sky.constituents.all();
    expect(hub.roster(tripId).map(({ id, constituent_id: person }) => [id, person])).toEqual([[before?.id, made?.id]]);
  });
});
