/** Who gets in: cards, guests, accounts that are not there, not active, or shared with an earlier tool. */
import { describe, expect, test } from 'vitest';
import { everythingOn, libraryHub } from '../../samples/library-hub.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('Alma is asked sparingly', () => {
  test('a patron with ten bookings is looked up once, and not again within a day', async () => {
    const hub = libraryHub({ can: everythingOn });
    hub.people.add({ primaryId: 'G20417733' });
    for (let n = 1; n <= 10; n += 1) hub.bookings.add({ startsAt: hub.clock.now() + 2 * dayMs + n * hourMs });

    const reports = [await hub.run()];
    for (let n = 0; n < 23; n += 1) {
      hub.clock.advance(hourMs);
      reports.push(await hub.run());
    }
    hub.clock.advance(hourMs);
    const nextDay = await hub.run();

    expect(reports.map(({ calls }) => calls['alma'])).toEqual([1, ...Array.from({ length: 23 }, () => 0)]);
    expect([nextDay.calls['alma'], nextDay.planned]).toEqual([1, 0]);
  });

  test('the last calls of the day are left to others: the look-ups stop, and cancelled bookings are withdrawn all the same', async () => {
    const hub = libraryHub({ can: everythingOn, alma: { callsPerDay: 100 }, site: { alma: { reservePerDay: 98 } } });
    hub.people.add({ primaryId: 'G20417733' });
    const { id } = hub.bookings.add();
    await hub.run();
    for (let n = 10; n < 30; n += 1) {
      hub.people.add({ primaryId: `G000000${n}` });
      hub.bookings.add({ answers: { q12345: `G000000${n}` }, startsAt: hub.clock.now() + dayMs + n * hourMs });
    }
    hub.bookings.cancel(id);

    const report = await hub.run();

    expect(report.calls['alma']).toBeLessThanOrEqual(4); // as many as were under way when the first answer told
    expect([report.state, report.streams['visitors']?.failed]).toEqual(['finished', 20 - (report.calls['alma'] ?? 0)]);
    expect(await hub.linkOf('pre-registrations', id)).toMatchObject({ state: 'agreed', absent: 'cancelled or denied in LibCal' });
  });

  test('the day that is used up stops new patrons until it begins anew, and nobody else', async () => {
    const hub = libraryHub({ can: everythingOn, alma: { callsPerDay: 1 }, site: { alma: { reservePerDay: 0 } } });
    for (const n of [1, 2, 3]) {
      hub.people.add({ primaryId: `G0000000${n}` });
      hub.bookings.add({ answers: { q12345: `G0000000${n}` }, startsAt: hub.clock.now() + (n + 1) * dayMs });
    }
    const first = await hub.run();
    hub.alma.settings.callsPerDay = 1000;
    hub.clock.advance(dayMs);
    const next = await hub.run();

    expect([first.state, first.streams['visitors']?.failed]).toEqual(['finished', 2]);
    expect([next.problems, hub.doors().length]).toEqual([[], 3]);
  });

  test('a patron of a second institution is found with the second key', async () => {
    const hub = libraryHub({ can: everythingOn, institutions: ['main', 'law'] });
    hub.people.add({ primaryId: 'G20417733', institution: 'law' });
    hub.bookings.add();

    await hub.run();

    expect(hub.doors()).toHaveLength(1);
  });
});

describe('without a card', () => {
  test.each([
    { rule: 'skip', problems: [], doors: 0 },
    { rule: 'worklist', problems: ['E_GUEST'], doors: 0 },
    { rule: 'register', problems: [], doors: 1 },
  ])('a guest without an account, $rule', async ({ rule, problems, doors }) => {
    const hub = libraryHub({ can: everythingOn, site: { accounts: { guests: rule } } });
    hub.bookings.add({ answers: {}, email: 'Guest@example.org' });

    const report = await hub.run();
    const again = await hub.run();

    expect([report, again].map((one) => one.problems.map(({ code }) => code))).toEqual([problems, problems]);
    expect([hub.doors().length, hub.alma.journal.entries.length]).toEqual([doors, 0]);
  });

  test('a guest who comes twice is one visitor with an id that we made; one without an address cannot be given any', async () => {
    const hub = libraryHub({ can: everythingOn, site: { accounts: { guests: 'register' } } });
    for (const n of [1, 2]) hub.bookings.add({ answers: {}, email: 'guest@example.org', startsAt: hub.clock.now() + n * dayMs });
    hub.bookings.add({ answers: {}, email: '' });

    const report = await hub.run();

    expect(hub.passagePoint.visitors.all().map(({ uniqueId, category }) => [uniqueId?.startsWith('LC-'), category])).toEqual([[true, 'Visitor']]);
    expect([hub.doors().length, report.problems.map(({ code }) => code)]).toEqual([2, ['E_GUEST']]);
  });

  test.each([
    { what: 'an account that nobody knows', rule: { unknown: 'worklist' }, cards: undefined, code: 'E_ACCOUNT_UNKNOWN', doors: 0 },
    { what: 'an account that nobody knows', rule: { unknown: 'skip' }, cards: undefined, code: undefined, doors: 0 },
    { what: 'an account that nobody knows', rule: { unknown: 'register' }, cards: undefined, code: undefined, doors: 1 },
    { what: 'an account without a barcode', rule: { withoutBarcode: 'worklist' }, cards: [], code: 'E_NO_CARD', doors: 0 },
    { what: 'an account whose cards are all blocked', rule: { withoutBarcode: 'skip' }, cards: [{ value: '1', status: 'INACTIVE' as const }], code: undefined, doors: 0 },
    { what: 'an account without a barcode', rule: { withoutBarcode: 'register' }, cards: [], code: undefined, doors: 1 },
  ])('$what, $rule', async ({ rule, cards, code, doors }) => {
    const hub = libraryHub({ can: everythingOn, site: { accounts: rule } });
    if (cards !== undefined) hub.people.add({ primaryId: 'G20417733', cards });
    const { id } = hub.bookings.add();

    const report = await hub.run();

    expect(report.problems.map((problem) => problem.code)).toEqual(code === undefined ? [] : [code]);
    expect(hub.doors()).toHaveLength(doors);
    expect((await hub.linkOf('pre-registrations', id))?.absent).toBe(doors === 0 ? 'its patron has no card that counts; explain the visitor' : undefined);
  });

  test('whoever loses the card loses the way in; the visitor stays, and the card brings it back', async () => {
    const hub = libraryHub({ can: everythingOn });
    hub.people.add({ primaryId: 'G20417733', cards: [{ value: 'card-1', status: 'ACTIVE' }] });
    hub.bookings.add({ startsAt: hub.clock.now() + 5 * dayMs });
    await hub.run();

    hub.people.edit('G20417733', { cards: [{ value: 'card-1', status: 'INACTIVE' }] });
    hub.clock.advance(dayMs);
    const lost = await hub.run();
    const without = hub.doors().length;
    hub.people.edit('G20417733', { cards: [{ value: 'card-1', status: 'ACTIVE' }] });
    hub.clock.advance(hourMs);
    await hub.run();

    expect([lost.problems.map(({ code }) => code), without]).toEqual([['E_NO_CARD'], 0]);
    expect([hub.doors().length, hub.passagePoint.visitors.all().length]).toEqual([1, 1]);
  });

  test.each([{ rule: 'allow', category: 'Student' }, { rule: 'guest', category: 'Visitor' }, { rule: 'reject', category: undefined }])('an expired account, $rule', async ({ rule, category }) => {
    const hub = libraryHub({ can: everythingOn, site: { accounts: { inactive: rule } } });
    hub.people.add({ primaryId: 'G20417733', expiresOn: '2026-11-22' });
    hub.bookings.add();

    await hub.run();

    expect(hub.passagePoint.visitors.all().map((visitor) => visitor.category)).toEqual(category === undefined ? [] : [category]);
  });

  test('an account is good on its last day', async () => {
    const hub = libraryHub({ can: everythingOn, site: { accounts: { inactive: 'reject' } } });
    hub.people.add({ primaryId: 'G20417733', expiresOn: '2026-11-23' });
    hub.bookings.add();

    await hub.run();

    expect(hub.doors()).toHaveLength(1);
  });
});

describe('what stands in PassagePoint already', () => {
  test('a card that an earlier tool registered is used, and its visitor stays as it is', async () => {
    const hub = libraryHub({ can: everythingOn });
    hub.people.add({ primaryId: 'G20417733', cards: [{ value: 'card-1', status: 'ACTIVE' }] });
    const standing = hub.passagePoint.visitors.add({ firstName: 'N.', lastName: 'Haddad', category: 'Staff', uniqueId: 'card-1', email: '' });
    hub.bookings.add();

    await hub.run();
    const quiet = await hub.run();

    expect(hub.passagePoint.visitors.all()).toEqual([standing]);
    expect([hub.doors().map(({ visitorId }) => visitorId), quiet.planned]).toEqual([[standing.id], 0]);
  });

  test('two visitors with one card are shown to a person, and none of them is chosen', async () => {
    const hub = libraryHub({ can: everythingOn, passagePoint: { uniqueIdsEnforced: false } });
    hub.people.add({ primaryId: 'G20417733', cards: [{ value: 'card-1', status: 'ACTIVE' }] });
    for (const firstName of ['Noor', 'Nora']) hub.passagePoint.visitors.add({ firstName, lastName: 'Haddad', category: 'Staff', uniqueId: 'card-1', email: '' });
    hub.passagePoint.settings.uniqueIdsEnforced = true;
    hub.bookings.add();

    const report = await hub.run();

    expect(report.problems).toEqual(expect.arrayContaining([expect.objectContaining({ stream: 'visitors', code: 'E_CARD_TWICE' })]));
    expect(hub.doors()).toEqual([]);
  });

  test('a name that changes in LibCal follows where visitors can be changed', async () => {
    const hub = libraryHub({ can: everythingOn });
    hub.people.add({ primaryId: 'G20417733' });
    const { id } = hub.bookings.add();
    await hub.run();

    hub.bookings.edit(id, { lastName: 'Haddad-Brandt' });
    await hub.run();

    expect(hub.passagePoint.visitors.all().map(({ lastName }) => lastName)).toEqual(['Haddad-Brandt']);
  });

  test('LibCal’s token dies after an hour, and is renewed without a word', async () => {
    const hub = libraryHub({ can: everythingOn });
    hub.people.add({ primaryId: 'G20417733' });
    const source = hub.connector();
    hub.bookings.add();
    await hub.run();
    hub.libcal.revokeTokens();
    hub.passagePoint.expireTokens();

    const report = await hub.run();

    expect([report.state, source.id]).toEqual(['finished', 'libcal-passagepoint']);
  });
});
