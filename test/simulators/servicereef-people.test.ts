import { describe, expect, test } from 'vitest';
import type { ServiceReefSettings } from '../../shared/simulators/servicereef-settings.ts';
import { plantedValues } from '../../shared/simulators/servicereef-wire.ts';
import { idsOf, opened } from './servicereef-reader.ts';

/** Two trips and one traveller on the first. */
function travelling(settings: Partial<ServiceReefSettings> = {}) {
  const reef = opened(settings);
  reef.events.add({ eventId: 1 });
  reef.events.add({ eventId: 2, approvalRequired: false });
  reef.members.add({ userId: 70_411, firstName: 'Dana', lastName: 'Whitlock', email: 'whitlock.home@example.org', phone: '(513) 555-0142' });
  const key = { eventId: 1, userId: 70_411 };
  reef.registrations.register({ ...key, registeredAt: '2026-01-19T20:14:09' });
  const roster = async (eventId = 1) => (await reef.list(`/v1/events/${eventId}/participants`)).Results;
  return { ...reef, key, roster };
}

describe('participants', () => {
  test('a row is known by trip and UserId alone, and tells who, since when and how', async () => {
    const [row] = await travelling().roster();

    expect(row).toMatchObject({
      UserId: 70_411,
      RegistrationStatus: 'WaitingApproval',
      DateRegistered: '2026-01-19T20:14:09',
      FirstName: 'Dana',
      LastName: 'Whitlock',
      Email: 'whitlock.home@example.org',
      Phone: '(513) 555-0142',
      Address: null,
    });
    expect(Object.keys(row ?? {}).filter((name) => /^(Registration|Participant)?Id$|Attended|HostId|RSVP|modif/i.test(name))).toEqual([]);
  });

  test('passports and answers come with every row, planted so that they can be found again', async () => {
    const [row] = await travelling().roster();

    const privateNames = Object.keys(row ?? {}).filter((name) => /passport|answers/i.test(name));
    expect(privateNames).toHaveLength(14);
    expect(privateNames.filter((name) => !plantedValues.some((value) => JSON.stringify(row?.[name]).includes(value)))).toEqual([]);
    for (const value of plantedValues) expect(JSON.stringify(row)).toContain(value);
  });

  test('nothing that may be kept holds a planted value', async () => {
    const [row = {}] = await travelling().roster();

    const rest = Object.fromEntries(Object.entries(row).filter(([name]) => !/passport|answers/i.test(name)));
    for (const value of plantedValues) expect(JSON.stringify(rest)).not.toContain(value);
  });

  test('a trip without approval takes people at once', async () => {
    const reef = travelling();

    reef.registrations.register({ eventId: 2, userId: 70_411 });

    expect((await reef.roster(2))[0]?.['RegistrationStatus']).toBe('Approved');
  });

  test('people approve, decline, cancel and write what nobody knows', async () => {
    const reef = travelling();
    const seen: unknown[] = [];
    for (const act of ['approve', 'decline', 'cancel'] as const) {
      reef.registrations[act](reef.key);
      seen.push((await reef.roster())[0]?.['RegistrationStatus']);
    }
    reef.registrations.setStatus(reef.key, 'On hold');
    seen.push((await reef.roster())[0]?.['RegistrationStatus']);

    expect(seen).toEqual(['Approved', 'Declined', 'Cancelled', 'On hold']);
  });

  test('cancelled rows stay on the roster, or leave it', async () => {
    const reef = travelling();
    reef.registrations.cancel(reef.key);
    const kept = await reef.roster();
    reef.settings.rosterKeepsCancelled = false;

    expect([kept.length, (await reef.roster()).length]).toEqual([1, 0]);
  });

  test('a moved participant leaves one roster and stands on the other with its date', async () => {
    const reef = travelling();

    reef.registrations.move(reef.key, 2);

    expect(await reef.roster(1)).toEqual([]);
    expect((await reef.roster(2))[0]).toMatchObject({ UserId: 70_411, DateRegistered: '2026-01-19T20:14:09' });
    expect((await reef.row('/v1/members/70411'))['Trips']).toMatchObject([{ EventId: 2 }]);
  });

  test('a merged account is 404, and the other one takes its trips over', async () => {
    const reef = travelling();
    reef.members.add({ userId: 70_500 });

    reef.members.merge({ keptId: 70_500, goneId: 70_411 });

    expect(idsOf(await reef.roster(), 'UserId')).toEqual([70_500]);
    expect((await reef.get('/v1/members/70411')).status).toBe(404);
  });

  test.each([
    { mergedRows: 'one', ids: [70_500] },
    { mergedRows: 'both', ids: [70_500, 70_500] },
  ] as const)('a merge of two who are on one trip leaves $mergedRows', async ({ mergedRows, ids }) => {
    const reef = travelling({ mergedRows });
    reef.members.add({ userId: 70_500 });
    reef.registrations.register({ eventId: 1, userId: 70_500 });

    reef.members.merge({ keptId: 70_500, goneId: 70_411 });

    expect(idsOf(await reef.roster(), 'UserId')).toEqual(ids);
  });

  test('the old number may lead to the survivor, also over two merges', async () => {
    const reef = travelling({ mergedMember: 'survivor' });
    reef.members.add({ userId: 70_500 });
    reef.members.add({ userId: 70_501 });
    reef.members.merge({ keptId: 70_500, goneId: 70_411 });
    reef.members.merge({ keptId: 70_501, goneId: 70_500 });

    expect((await reef.row('/v1/members/70411'))['UserId']).toBe(70_501);
  });

  test('rows without an account have no number to be known by', async () => {
    const reef = travelling();
    reef.registrations.addWithoutAccount(1, { firstName: 'Walk', lastName: 'In' });
    reef.registrations.addWithoutAccount(1, { firstName: 'Walk', lastName: 'Up' }, 0);

    expect((await reef.roster()).map((row) => [row['UserId'], row['LastName']])).toEqual([[70_411, 'Whitlock'], [null, 'In'], [0, 'Up']]);
  });

  test('one household may share an email', async () => {
    const reef = travelling();
    reef.members.add({ userId: 70_412, firstName: 'Theo', lastName: 'Whitlock', email: 'whitlock.home@example.org' });
    reef.registrations.register({ eventId: 1, userId: 70_412 });

    expect(idsOf(await reef.roster(), 'Email')).toEqual(['whitlock.home@example.org', 'whitlock.home@example.org']);
  });

  test('an address may be null for everybody', async () => {
    const address = { Address1: '88 Mill Ln', Address2: null, City: 'Mason', State: 'OH', Zip: '45040', Country: 'US' };
    const reef = travelling();
    reef.members.edit(70_411, { address });
    const kept = (await reef.roster())[0];
    reef.settings.addresses = 'address-null';

    expect(kept?.['Address']).toEqual({ ...address, Latitude: null, Longitude: null });
    expect((await reef.roster())[0]?.['Address']).toBeNull();
  });

  test('hands refuse what cannot be', () => {
    const reef = travelling();

    expect(() => reef.registrations.register(reef.key)).toThrow('already');
    expect(() => reef.registrations.move(reef.key, 99)).toThrow('no trip 99');
    expect(() => reef.members.edit(1, {})).toThrow('no account 1');
    expect(() => reef.registrations.approve({ eventId: 2, userId: 70_411 })).toThrow('not registered');
  });
});

describe('members', () => {
  test('a single member is an object, or wrapped as a page', async () => {
    const reef = opened();
    reef.members.add({ userId: 70_411, phone: '513 555 0142', birthdate: '2011-03-04' });
    const plain = await reef.row('/v1/members/70411');
    reef.settings.singleMember = 'paged';
    const wrapped = await reef.list('/v1/members/70411');

    expect(plain).toMatchObject({ UserId: 70_411, Phone: '513 555 0142', Birthdate: '2011-03-04T00:00:00' });
    expect(wrapped.Results).toEqual([plain]);
  });

  test('a phone may be a number', async () => {
    const reef = opened({ memberPhone: 'number' });
    reef.members.add({ userId: 70_411, phone: '513 555 0142' });

    expect((await reef.row('/v1/members/70411'))['Phone']).toBe(5_135_550_142);
  });

  test('the list pages like the others, and private fields are planted there too', async () => {
    const reef = opened();
    reef.members.add();
    reef.members.add();

    const { PageInfo, Results } = await reef.list('/v1/members?page=2&pageSize=1');

    expect(PageInfo.TotalRecords).toBe(2);
    expect(JSON.stringify(Results)).toContain(plantedValues[0]);
  });

  test('a deleted account is 404; its registrations stay, without a name', async () => {
    const reef = opened();
    const { eventId } = reef.events.add();
    const { userId } = reef.members.add();
    reef.registrations.register({ eventId, userId });

    reef.members.remove(userId);

    expect((await reef.get(`/v1/members/${userId}`)).status).toBe(404);
    expect((await reef.list(`/v1/events/${eventId}/participants`)).Results).toMatchObject([{ UserId: userId, FirstName: null }]);
  });
});
