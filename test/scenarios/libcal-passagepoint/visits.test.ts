/** What becomes of a booking: made, moved, withdrawn, and what is never concluded. */
import { describe, expect, test } from 'vitest';
import { doneByHand } from '../../../shared/engine/by-hand.ts';
import { mortal } from '../../random/mortal.ts';
import { everythingOn, libraryHub } from '../../samples/library-hub.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function aLibrary(settings: Parameters<typeof libraryHub>[0] = {}) {
  const hub = libraryHub({ can: everythingOn, ...settings });
  hub.people.add({ primaryId: 'G20417733' });
  return hub;
}

type Hub = ReturnType<typeof aLibrary>;

async function byHand(hub: Hub, id: number, word: Parameters<typeof doneByHand>[3]) {
  const link = await hub.linkOf('pre-registrations', id);
  return doneByHand(hub.world(), hub.connector(), { stream: 'pre-registrations', key: link?.key ?? '', by: 'a test' }, word);
}

describe('a booking that is over for its patron', () => {
  test.each(['User', 'Admin', 'System'] as const)('cancelled by %s: after one run nobody can walk in with it', async (by) => {
    const hub = aLibrary();
    const { id } = hub.bookings.add();
    await hub.run();

    hub.bookings.cancel(id, by);
    await hub.run();

    expect(hub.doors()).toEqual([]);
  });

  test('vanished from the list: nothing after one run, gone after the second', async () => {
    const hub = aLibrary();
    const { id } = hub.bookings.add();
    hub.bookings.add({ startsAt: hub.clock.now() + 2 * dayMs });
    await hub.run();

    hub.bookings.hide(id);
    await hub.run();
    const afterOne = hub.doors().length;
    await hub.run();

    expect([afterOne, hub.doors().length]).toEqual([2, 1]);
  });

  test('missing from one reading and back in the next: nothing has happened', async () => {
    const hub = aLibrary();
    const { id } = hub.bookings.add();
    await hub.run();

    hub.bookings.hide(id);
    await hub.run();
    hub.bookings.show(id);
    await hub.run();
    hub.bookings.hide(id);
    await hub.run();

    expect([hub.doors().length, hub.preRegistrations.all().length]).toEqual([1, 1]);
  });

  test('where PassagePoint can only change times, its hour is over', async () => {
    const hub = aLibrary({ can: { updatePreReg: true } });
    const { id } = hub.bookings.add();
    await hub.run();

    hub.bookings.cancel(id);
    const report = await hub.run();

    expect([report.problems, hub.doors()]).toEqual([[], []]);
  });

  test('where PassagePoint can do neither, it is on the worklist with its number in the same run, until somebody says that it is done', async () => {
    const hub = aLibrary({ can: {} });
    const { id } = hub.bookings.add();
    await hub.run();
    const [standing] = hub.doors();

    hub.bookings.cancel(id);
    const report = await hub.run();
    hub.preRegistrations.cancelByHand(standing?.id ?? '');
    const answer = await byHand(hub, id, { done: true });
    const later = await hub.run();
    hub.bookings.approve(id);
    await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ id: String(id), code: 'E_CANCEL_BY_HAND', message: expect.stringContaining(String(standing?.id)) })]);
    expect([answer.kind, later.problems]).toEqual(['done', []]);
    expect(hub.doors()).toHaveLength(1);
  });

  test('a visitor who is inside already is told to staff: nothing can be withdrawn any more', async () => {
    const hub = aLibrary();
    const { id } = hub.bookings.add();
    await hub.run();
    hub.preRegistrations.signIn(hub.doors()[0]?.id ?? '');

    hub.bookings.cancel(id);
    const report = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ code: 'E_ALREADY_INSIDE' })]);
  });

  test('half of a large library cancelled at once is daily business; all of it looks like a broken filter, and is held', async () => {
    const usual = aLibrary();
    const broken = aLibrary();
    for (const hub of [usual, broken]) {
      for (let n = 0; n < 60; n += 1) hub.bookings.add({ startsAt: hub.clock.now() + dayMs + n * hourMs, eid: n + 1 });
      await hub.run();
    }
    for (const { id } of usual.bookings.all().slice(0, 25)) usual.bookings.cancel(id);
    for (const { id } of broken.bookings.all()) broken.bookings.cancel(id);

    const reports = [await usual.run(), await broken.run()];

    expect(reports.map(({ state }) => state)).toEqual(['finished', 'held']);
    expect([usual.doors().length, broken.doors().length]).toEqual([35, 60]);
  });
});

describe('a booking that moves', () => {
  test.each([
    { how: 'in place', can: everythingOn },
    { how: 'where only cancelling is possible, as a new one after the old is gone', can: { cancelPreReg: true } },
  ])('to another time and place: $how', async ({ can }) => {
    const hub = aLibrary({ can, site: { locations: [{ lid: 8810, name: 'Main', timeZone: 'America/New_York', destination: 'LibCal Main', elsewhere: [{ eid: 70230, destination: 'LibCal Lakeside' }] }] } });
    const { id, startsAt } = hub.bookings.add();
    await hub.run();

    hub.bookings.move(id, { startsAt: startsAt + hourMs, endsAt: startsAt + 2 * hourMs, eid: 70230 });
    await hub.run();
    const quiet = await hub.run();

    expect(hub.doors()).toEqual([expect.objectContaining({ startTime: (startsAt + hourMs) / 1000, endTime: (startsAt + 2 * hourMs) / 1000, destination: 'LibCal Lakeside' })]);
    expect(quiet.planned).toBe(0);
  });

  test('where nothing can be changed it goes to the worklist, and the pre-registration stays as it is', async () => {
    const hub = aLibrary({ can: {} });
    const { id, startsAt } = hub.bookings.add();
    await hub.run();

    hub.bookings.move(id, { startsAt: startsAt + hourMs, endsAt: startsAt + 3 * hourMs });
    const report = await hub.run();
    hub.preRegistrations.changeByHand(hub.doors()[0]?.id ?? '', { startTime: (startsAt + hourMs) / 1000, endTime: (startsAt + 3 * hourMs) / 1000 });
    await byHand(hub, id, { done: true });
    const later = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ code: 'E_MOVE_BY_HAND' })]);
    expect([later.problems, later.planned, hub.doors().length]).toEqual([[], 0, 1]);
  });

  test('minutes before its start it is made right in the same run, before everything that has time', async () => {
    const hub = aLibrary();
    const soon = hub.bookings.add({ startsAt: hub.clock.now() + 10 * 60_000 });
    await hub.run();
    for (let n = 1; n <= 3; n += 1) hub.bookings.add({ startsAt: hub.clock.now() + n * dayMs });
    hub.passagePoint.journal.clear();

    hub.bookings.move(soon.id, { startsAt: soon.startsAt + 5 * 60_000, endsAt: soon.endsAt });
    await hub.run();

    const written = hub.passagePoint.journal.entries.map(({ path }) => path.split('/').at(-1)).filter((path) => path !== 'login');
    expect(written).toEqual(['updatePreReg', 'createPreReg', 'createPreReg', 'createPreReg']);
  });

  test('a booking that starts in minutes goes before a patron who has a week', async () => {
    const hub = aLibrary();
    hub.people.add({ primaryId: 'G00000001' });
    hub.bookings.add({ startsAt: hub.clock.now() + 6 * dayMs, answers: { q12345: 'G00000001' } });
    hub.bookings.add({ startsAt: hub.clock.now() + 20 * 60_000 });

    await hub.run();

    expect(hub.passagePoint.journal.entries.map(({ path }) => path.split('/').at(-1))).toEqual(['login', 'createVisitor', 'createPreReg', 'createVisitor', 'createPreReg']);
  });
});

describe('one visit, many rows', () => {
  test('several seats of one person and time are one visit; when its first seat is given back, it is still one', async () => {
    const hub = aLibrary();
    const startsAt = hub.clock.now() + dayMs;
    const seats = [1, 2, 3].map((seatId) => hub.bookings.add({ bookId: 'cs_seats01', startsAt, seatId, eid: 70211 }));
    await hub.run();
    const before = hub.doors().length;

    hub.bookings.cancel(seats[0]?.id ?? 0);
    await hub.run();
    await hub.run();

    expect([before, hub.doors().length]).toEqual([1, 1]);
  });

  test('an occurrence of a recurring booking that is cancelled takes the others not with it', async () => {
    const hub = aLibrary();
    const days = [1, 2, 3].map((n) => hub.bookings.add({ bookId: 'cs_weekly1', startsAt: hub.clock.now() + n * dayMs }));
    await hub.run();

    hub.bookings.cancel(days[1]?.id ?? 0);
    await hub.run();

    expect(hub.doors().map(({ startTime }) => startTime * 1000)).toEqual([days[0]?.startsAt, days[2]?.startsAt]);
  });

  test('rows without numbers, as in 2020, are told apart by place and time', async () => {
    const hub = aLibrary({ libcal: { rowIds: false, placeNames: false, cancelledRows: 'always' }, site: { libcal: { identity: 'place-and-time' } } });
    for (const n of [1, 2]) hub.bookings.add({ bookId: 'cs_weekly1', startsAt: hub.clock.now() + n * dayMs });

    await hub.run();
    const quiet = await hub.run();

    expect([hub.doors().length, quiet.planned]).toEqual([2, 0]);
  });
});

describe('what opens no door', () => {
  test.each(['Tentative', 'Mediated Tentative', 'Mediated Pending', 'Mediated Denied', 'Cancelled by User'])('%s', async (status) => {
    const hub = aLibrary();
    hub.bookings.add({ status });

    const report = await hub.run();

    expect([report.problems, hub.preRegistrations.all(), hub.passagePoint.visitors.all()]).toEqual([[], [], []]);
  });

  test('a status that nobody knows changes nothing about what stands, and is told', async () => {
    const hub = aLibrary();
    const { id } = hub.bookings.add();
    await hub.run();

    hub.bookings.edit(id, { status: 'Rescheduled by Robot' });
    const report = await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ id: String(id), code: 'E_STATUS_UNKNOWN' })]);
    expect(hub.doors()).toHaveLength(1);
  });

  test('a tentative booking that is approved later does', async () => {
    const hub = aLibrary();
    const { id } = hub.bookings.add({ status: 'Mediated Tentative' });
    await hub.run();

    hub.bookings.approve(id);
    await hub.run();

    expect(hub.doors()).toHaveLength(1);
  });
});

describe('two locations in two zones', () => {
  const bothDays = [{ name: 'clocks go back', at: Date.UTC(2026, 10, 1, 3) }, { name: 'clocks go forward', at: Date.UTC(2027, 2, 14, 4) }, { name: 'an ordinary day', at: Date.UTC(2026, 10, 23, 9) }];

  test.each(bothDays)('each booking stands at its instant, at its own place: $name', async ({ at }) => {
    const hub = aLibrary({ startsAt: at });
    const wanted = [0.3, 1, 2.4, 5].flatMap((days) => [{ lid: 8810, destination: 'LibCal Main' }, { lid: 8820, destination: 'LibCal Lakeside' }].map(({ lid, destination }) => {
      const { startsAt, endsAt } = hub.bookings.add({ lid, startsAt: at + days * dayMs });
      return { startTime: startsAt / 1000, endTime: endsAt / 1000, destination };
    }));

    await hub.run();

    expect(hub.doors().map(({ startTime, endTime, destination }) => ({ startTime, endTime, destination }))).toEqual(expect.arrayContaining(wanted));
    expect(hub.doors()).toHaveLength(wanted.length);
  });

  test.each(['html', 'text', 'error-200', 500] as const)('one that cannot be read (%s) is told, keeps its visits, and does not stop the other', async (how) => {
    const hub = aLibrary();
    hub.bookings.add({ lid: 8820 });
    await hub.run();
    hub.setBroken({ 8820: how });
    hub.bookings.add({ lid: 8810, startsAt: hub.clock.now() + 2 * dayMs });

    const reports = [await hub.run(), await hub.run(), await hub.run()];
    const doors = hub.doors().length;
    hub.setBroken({});
    await hub.run();
    await hub.run();
    const mended = await hub.run();

    expect(doors).toBe(2);
    expect(reports.map(({ problems }) => problems.map(({ id }) => id))).toEqual([['location 8820'], ['location 8820'], ['location 8820']]);
    expect([mended.problems, hub.doors().length]).toEqual([[], 2]);
  });

  test('when none can be read the run fails, and nothing is concluded', async () => {
    const hub = aLibrary();
    hub.bookings.add();
    await hub.run();
    hub.setBroken({ 8810: 'html', 8820: 'html' });

    const reports = [await hub.run(), await hub.run()];

    expect([reports.map(({ state }) => state), hub.doors().length]).toEqual([['failed', 'failed'], 1]);
  });

  test('rows that move between pages while they are read are not taken for cancelled', async () => {
    const hub = aLibrary();
    for (let n = 0; n < 520; n += 1) hub.bookings.add({ startsAt: hub.clock.now() + dayMs + n * 60_000, eid: n + 1 });
    await hub.run();
    const early = hub.bookings.all()[0]?.id ?? 0;
    // Each time a page has been read, an early row leaves the list: a later one slips over the edge.
    let turn = 0;
    hub.libcal.settings.afterPage = ({ number }) => {
      if (number !== 1) return;
      if (turn++ % 2 === 0) hub.bookings.hide(early);
      else hub.bookings.show(early);
    };

    for (let n = 0; n < 4; n += 1) await hub.run();

    expect(hub.preRegistrations.all().filter(({ status }) => status === 'CANCELLED').length).toBeLessThanOrEqual(1);
    expect(hub.doors().length).toBeGreaterThanOrEqual(519);
  });
});

test('a visit over midnight stands until its end, also where LibCal lists nothing of yesterday', async () => {
  const midnight = Date.UTC(2026, 10, 24, 5); // in New York
  const hub = aLibrary({ libcal: { pastDates: 'ignored' }, startsAt: midnight - 4 * hourMs });
  hub.bookings.add({ startsAt: midnight - hourMs, endsAt: midnight + 2 * hourMs });
  await hub.run();
  hub.clock.advance(4.5 * hourMs);

  for (let n = 0; n < 3; n += 1) await hub.run();

  expect(hub.doors()).toHaveLength(1);
});

describe('a visit that is over', () => {
  test('costs nothing, is not withdrawn when LibCal stops listing it, and is forgotten after its days', async () => {
    const hub = aLibrary();
    const { id } = hub.bookings.add();
    await hub.run();
    const made = hub.passagePoint.journal.count('POST /pp/api/v2/visit/createPreReg');

    hub.clock.advance(3 * dayMs);
    hub.bookings.hide(id);
    await hub.run();
    await hub.run();
    const kept = await hub.linkOf('pre-registrations', id);
    hub.clock.advance(30 * dayMs);

    expect([made, hub.passagePoint.journal.count('POST /pp/api/v2/visit/cancelPreReg'), kept?.state]).toEqual([1, 0, 'agreed']);
    expect(await hub.linkOf('pre-registrations', id)).toBeUndefined();
  });
});

test('a process that is killed in the middle leaves one visit in doubt where PassagePoint cannot be searched, and none where it can', async () => {
  const open: (readonly string[])[] = [];
  for (const can of [{}, { searchPreReg: true }]) {
    const life = mortal();
    let sent = 0;
    const killedAtThird = (fetcher: typeof fetch): typeof fetch => (input, init) => {
      const url = input instanceof Request ? input.url : input.toString();
      if (url.endsWith('createPreReg') && ++sent === 3) life.begin({ at: 1, isAfter: true });
      return life.wrapFetch(fetcher)(input, init);
    };
    const hub = aLibrary({ can, wrapFetch: killedAtThird, wrapTable: life.wrapTable });
    for (let days = 1; days <= 6; days += 1) hub.bookings.add({ startsAt: hub.clock.now() + days * dayMs });
    await hub.run().catch(() => undefined);
    life.begin(undefined);

    open.push((await hub.run()).problems.map(({ code }) => code));

    expect(hub.preRegistrations.all()).toHaveLength(6);
  }

  expect(open).toEqual([['MAYBE_MADE'], []]);
});

describe('a lost answer', () => {
  test('to a pre-registration is in doubt where PassagePoint cannot be searched: never sent again blindly; a person tells', async () => {
    const hub = aLibrary({ can: { cancelPreReg: true } });
    const { id } = hub.bookings.add();
    hub.passagePoint.faults.add({ kind: 'lost-answer', times: 1, when: { pathPart: 'createPreReg' } });
    await hub.run();
    hub.clock.advance(hourMs);
    const report = await hub.run();
    const made = hub.preRegistrations.all();

    const answer = await byHand(hub, id, { done: true, id: String(made[0]?.id) });
    hub.bookings.cancel(id);
    await hub.run();

    expect([made.length, report.problems.map(({ code }) => code), answer.kind]).toEqual([1, ['MAYBE_MADE'], 'done']);
    expect(hub.doors()).toEqual([]);
  });

  test('that never arrived there is sent again when a person says that nothing stands there', async () => {
    const hub = aLibrary({ can: {} });
    const { id } = hub.bookings.add();
    hub.passagePoint.faults.add({ kind: 'status', status: 500, times: 1, when: { pathPart: 'createPreReg' } });
    await hub.run();
    hub.clock.advance(hourMs);
    await hub.run();

    await byHand(hub, id, { again: true });
    await hub.run();

    expect(hub.doors()).toHaveLength(1);
  });

  test('is found again where PassagePoint can be searched, also when the booking was cancelled meanwhile', async () => {
    const hub = aLibrary();
    const { id } = hub.bookings.add();
    const other = hub.bookings.add({ startsAt: hub.clock.now() + 3 * dayMs });
    hub.passagePoint.faults.add({ kind: 'lost-answer', times: 2, when: { pathPart: 'createPreReg' } });
    await hub.run();
    hub.bookings.cancel(id);

    for (let n = 0; n < 3; n += 1) {
      hub.clock.advance(hourMs);
      await hub.run();
    }

    expect(hub.preRegistrations.all()).toHaveLength(2);
    expect(hub.doors().map(({ startTime }) => startTime * 1000)).toEqual([other.startsAt]);
  });

  test('to a visitor costs no second one: the card finds it', async () => {
    const hub = aLibrary();
    hub.bookings.add();
    hub.passagePoint.faults.add({ kind: 'lost-answer', times: 1, when: { pathPart: 'createVisitor' } });

    await hub.run();
    hub.clock.advance(hourMs);
    await hub.run();

    expect([hub.passagePoint.visitors.all().length, hub.doors().length]).toEqual([1, 1]);
  });

  test('to a move by cancelling and making anew, where nothing can be searched, is in doubt like any other', async () => {
    const hub = aLibrary({ can: { cancelPreReg: true } });
    const { id, startsAt } = hub.bookings.add();
    await hub.run();
    hub.bookings.move(id, { startsAt: startsAt + hourMs, endsAt: startsAt + 2 * hourMs });
    hub.passagePoint.faults.add({ kind: 'lost-answer', times: 1, when: { pathPart: 'createPreReg' } });

    const report = await hub.run();
    await hub.run();

    expect(report.problems).toEqual([expect.objectContaining({ code: 'MAYBE_MADE' })]);
    expect(hub.doors()).toHaveLength(1);
  });
});
