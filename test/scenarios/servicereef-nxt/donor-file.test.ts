/** A donor's file is only added to: blanks are filled, news stands beside what was there, and names are nobody's but staff's. */
import { describe, expect, test } from 'vitest';
import { aMission, codesOf, dana, dayMs, donor, theWhitlocks } from './a-mission.ts';

describe('a donor’s file', () => {
  test('is filled where it is blank, and what stands there stays as it is', async () => {
    const hub = aMission();
    const before = hub.sky.constituents.add({ ...donor('Dana', 'Whitlock', theWhitlocks.email), address: { type: 'Home', address_lines: '4 Old Road', city: 'Mason', state: 'OH', postal_code: '45040' } });
    hub.signUp({ ...dana, address: { Address1: '88 Mill Ln', Address2: 'Apt 3', City: 'Mason', State: 'OH', Zip: '45040', Country: 'US' } });

    await hub.run();

    const after = hub.sky.constituents.get(before.id);
    expect([after?.first, after?.last, after?.emailaddresses]).toEqual(['Dana', 'Whitlock', before.emailaddresses]);
    expect(after?.phones.map(({ number, primary }) => [number, primary])).toEqual([['(513) 555-0142', true]]);
    expect(after?.addresses.map(({ address_lines: lines, preferred }) => [lines, preferred])).toEqual([['4 Old Road', true], ['88 Mill Ln\nApt 3', false]]);
  });

  test('a new address of the traveller is added as a second one, once', async () => {
    const hub = aMission();
    const userId = hub.signUp(dana);
    await hub.run();

    hub.reef.members.edit(userId, { email: 'dana@example.com' });
    await hub.run();
    await hub.run();

    expect(hub.sky.constituents.all()[0]?.emailaddresses.map(({ address, primary }) => [address, primary])).toEqual([[theWhitlocks.email, true], ['dana@example.com', false]]);
  });

  test('a phone that an account says only later is added then', async () => {
    const hub = aMission();
    const userId = hub.signUp({ ...dana, phone: null });
    await hub.run();

    hub.reef.members.edit(userId, { phone: dana.phone });
    await hub.run();

    expect(hub.sky.constituents.all()[0]?.phones.map(({ number }) => number)).toEqual([dana.phone]);
  });

  test('what an account no longer says is not taken away', async () => {
    const hub = aMission();
    const userId = hub.signUp(dana);
    await hub.run();
    const [before] = hub.sky.constituents.all();

    hub.reef.members.edit(userId, { email: null, phone: null });
    await hub.run();

    expect(hub.sky.constituents.all()).toEqual([before]);
  });

  test('a first name that NXT does not have is filled in when the account says one', async () => {
    const hub = aMission();
    const userId = hub.signUp({ firstName: '', lastName: 'Whitlock', email: 'w@example.net' });
    await hub.run();
    hub.reef.members.edit(userId, { firstName: 'Dana' });

    const report = await hub.run();

    expect([codesOf(report), hub.donors()]).toEqual([[], ['Dana Whitlock']]);
  });

  test('a name that changes in ServiceReef is a question, and NXT keeps its own; corrected there, it is one no longer', async () => {
    const hub = aMission();
    const userId = hub.signUp(dana);
    await hub.run();
    const [before] = hub.sky.constituents.all();

    hub.reef.members.edit(userId, { lastName: 'Whitlock-Reyes' });
    const report = await hub.run();
    const still = hub.donors();
    hub.sky.constituents.edit(before?.id ?? '', { last: 'Whitlock-Reyes' });
    await hub.byHand('people', userId, before?.id ?? '');
    hub.clock.advance(dayMs);
    const quiet = await hub.run();

    expect([codesOf(report), still]).toEqual([['people E_NAME_DIFFERS'], ['Dana Whitlock']]);
    expect([quiet.problems, hub.donors(), hub.rsvps()]).toEqual([[], ['Dana Whitlock-Reyes'], ['Attending']]);
  });

  test('a known donor carries the traveller’s number as an alias, and a tenant without that table stops nobody', async () => {
    const hub = aMission();
    const { id } = hub.sky.constituents.add(donor('Dana', 'Whitlock', theWhitlocks.email));
    const userId = hub.signUp(dana);
    await hub.run();
    const poor = aMission({ site: { types: { alias: 'No such type' } } });
    poor.sky.constituents.add(donor('Dana', 'Whitlock', theWhitlocks.email));
    poor.signUp(dana);

    const report = await poor.run();

    expect(hub.sky.constituents.get(id)?.aliases.map(({ name }) => name)).toEqual([`SR-${userId}`]);
    expect([report.problems, poor.rsvps(), poor.notices.length]).toEqual([[], ['Attending'], 1]);
  });
});
