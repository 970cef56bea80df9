/** A library that ran the older Python tool moves over: nobody and no visit is registered twice, and what cannot be told is left to a person. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPythonCache } from '../../shared/connectors/libcal-passagepoint/python-cache.ts';
import { takeOver } from '../../shared/connectors/libcal-passagepoint/take-over.ts';
import { importTold } from '../../shared/hub/import-links.ts';
import { everythingOn, libraryHub } from '../samples/library-hub.ts';

const dayMs = 86_400_000;
const card = '22999000333444';
let folder = '';
let files = 0;

beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'concord-cache-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Text = string | null;
interface Rows {
  readonly users?: readonly (readonly [primaryId: string, barcode: Text, visitorId: Text])[];
  readonly appts?: readonly (readonly [apptId: string, preRegId: Text])[];
}

function aCache({ users = [], appts = [] }: Rows): string {
  const path = join(folder, `cache-${(files += 1)}.db`);
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE users (primary_id text PRIMARY KEY, barcode text, visitor_id text); CREATE TABLE appts (appt_id text PRIMARY KEY, prereg_id text)');
  for (const user of users) database.prepare('INSERT INTO users VALUES (?, ?, ?)').run(...user);
  for (const appt of appts) database.prepare('INSERT INTO appts VALUES (?, ?)').run(...appt);
  database.close();
  return path;
}

/** A library whose patron has a card, and whose visitor and visits the older tool has made. */
function aLibrary(settings: Parameters<typeof libraryHub>[0] = {}, barcode = card) {
  const hub = libraryHub({ can: everythingOn, ...settings });
  hub.people.add({ primaryId: 'G20417733', cards: [{ value: card, status: 'ACTIVE' }] });
  const visitor = hub.passagePoint.visitors.add({ uniqueId: barcode, firstName: 'N.', lastName: 'Haddad', category: 'Visitor', email: '' });
  const user = ['G20417733', barcode, visitor.id] as const;

  /** As the older tool would have registered it. */
  function registered(booking: { readonly bookId: string; readonly startsAt: number; readonly endsAt: number }): readonly [string, string] {
    const preReg = hub.preRegistrations.add({ visitorId: visitor.id, startTime: booking.startsAt / 1000, endTime: booking.endsAt / 1000, destination: 'LibCal Main' });
    return [booking.bookId, preReg.id];
  }

  async function imported(rows: Rows, dry = false) {
    const found = await takeOver(hub.connectorDeps(), hub.site, readPythonCache(aCache(rows), 'cache.db'));
    return importTold(hub.world(), hub.connector(), found, dry);
  }

  return { ...hub, hub, visitor, user, registered, imported };
}

function refused(path: string): unknown {
  try {
    return readPythonCache(path, 'cache.db');
  } catch (error) {
    return error;
  }
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('moving over', () => {
  test('after the import a run asks Alma once for the patron, and makes and changes nothing', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const booking = hub.bookings.add();
    const told = await imported({ users: [user], appts: [registered(booking)] });
    const asked = hub.alma.journal.entries.length;
    const writes = hub.passagePoint.journal.writes.length;

    const report = await hub.run();

    expect(told.map(({ stream, verdict }) => `${stream} ${verdict}`)).toEqual(['visitors linked', 'pre-registrations linked']);
    expect([asked, writes]).toEqual([0, 0]);
    expect([report.state, report.planned, report.problems, report.calls['alma']]).toEqual(['finished', 0, [], 1]);
    expect([hub.passagePoint.visitors.all().length, hub.doors().length, hub.passagePoint.journal.writes.length]).toEqual([1, 1, 0]);
    expect(hub.passagePoint.visitors.all()).toMatchObject([{ firstName: 'N.' }]);
  });

  test('a booking that is cancelled afterwards is withdrawn', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const booking = hub.bookings.add();
    await imported({ users: [user], appts: [registered(booking)] });
    await hub.run();

    hub.bookings.cancel(booking.id);
    await hub.run();

    expect(hub.doors()).toEqual([]);
  });

  test('where PassagePoint cannot cancel, a person is told the number that the tool had from it', async () => {
    const { hub, user, registered, imported } = aLibrary({ can: {} });
    const booking = hub.bookings.add();
    const [bookId, preRegId] = registered(booking);
    await imported({ users: [user], appts: [[bookId, preRegId]] });

    hub.bookings.cancel(booking.id);
    const report = await hub.run();

    expect(report.problems).toMatchObject([{ code: 'E_CANCEL_BY_HAND', message: expect.stringContaining(preRegId) }]);
  });

  test('a booking that is moved afterwards is moved, and stays one', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const booking = hub.bookings.add();
    await imported({ users: [user], appts: [registered(booking)] });
    await hub.run();

    hub.bookings.move(booking.id, { startsAt: booking.startsAt + dayMs, endsAt: booking.endsAt + dayMs });
    await hub.run();

    expect(hub.doors()).toMatchObject([{ startTime: (booking.startsAt + dayMs) / 1000 }]);
    expect(hub.preRegistrations.all()).toHaveLength(1);
  });

  test('the tool took an old card: the visits go over to a visitor who can come in, and no other visit is left open', async () => {
    const { hub, user, registered, imported } = aLibrary({ can: { updatePreReg: true, cancelPreReg: true, searchPreReg: true } }, '22999000111222');
    await imported({ users: [user], appts: [registered(hub.bookings.add())] });

    await hub.run();
    await hub.run();

    const holder = hub.passagePoint.visitors.all().find(({ uniqueId }) => uniqueId === card);
    expect(hub.doors().map(({ visitorId }) => visitorId)).toEqual([holder?.id]);
  });

  test('an id that the tool wrote otherwise is the same patron', async () => {
    const { hub, user: [, barcode, visitorId], imported } = aLibrary();
    hub.bookings.add({ answers: { q12345: ' g20417733' } });

    await imported({ users: [['g2041\u00a07733 ', barcode, visitorId]] });
    await hub.run();

    expect(hub.passagePoint.visitors.all()).toHaveLength(1);
    expect(hub.passagePoint.journal.entries.filter(({ path }) => path.endsWith('createVisitor'))).toEqual([]);
  });

  test('several seats of one booking for one person and time are one visit, and stay one', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const first = hub.bookings.add({ bookId: 'cs_seats', eid: 1 });
    hub.bookings.add({ bookId: 'cs_seats', eid: 2, startsAt: first.startsAt, endsAt: first.endsAt });

    const told = await imported({ users: [user], appts: [registered(first)] });
    await hub.run();

    expect(told.map(({ verdict }) => verdict)).toEqual(['linked', 'linked']);
    expect(hub.preRegistrations.all()).toHaveLength(1);
  });

  test('two bookings for one visit, which the tool registered both: the second is told, and withdrawn', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const first = hub.bookings.add();
    const second = hub.bookings.add({ startsAt: first.startsAt, endsAt: first.endsAt });

    const told = await imported({ users: [user], appts: [registered(first), registered(second)] });
    await hub.run();

    expect(told.filter(({ verdict }) => verdict === 'linked')).toHaveLength(2);
    expect(told.filter(({ verdict }) => verdict === 'differs')).toMatchObject([{ where: [expect.stringContaining(String(first.id))] }]);
    expect(hub.doors()).toHaveLength(1);
  });
});

describe('what is left to a person', () => {
  test('a bookId of several visits, one that is cancelled, one that is nowhere, and rows without numbers', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const [one, other] = [0, 1].map((day) => hub.bookings.add({ bookId: 'cs_weekly', startsAt: hub.clock.now() + (1 + day) * dayMs }));
    const cancelled = hub.bookings.add({ bookId: 'cs_off', status: 'Cancelled by User' });

    const told = await imported({
      users: [user, ['G1', card, null], ['G2', null, '4711']],
      appts: [registered(one ?? cancelled), registered(cancelled), ['cs_gone', '4712'], ['cs_none', null]],
    });

    expect(told.slice(0, 3)).toMatchObject([{ verdict: 'linked' }, { verdict: 'missing', where: ['target'] }, { verdict: 'missing', where: ['uniqueId'] }]);
    expect(told.slice(3)).toMatchObject([
      { source: 'cs_gone', target: '4712', verdict: 'missing', where: ['source'] },
      { source: 'cs_none', target: '', verdict: 'missing', where: ['target'] },
      { source: 'cs_off', verdict: 'missing', where: ['source'] },
      { source: 'cs_weekly', verdict: 'ambiguous', where: [String(one?.id), String(other?.id)] },
    ]);
    expect(JSON.stringify(told)).not.toContain('G1');
    expect(await hub.linkOf('pre-registrations', one?.id ?? '')).toBeUndefined();
  });

  test('a visitor of two patrons is nobody\'s, and the next run finds the right one by the card', async () => {
    const { hub, visitor, imported } = aLibrary();
    hub.bookings.add();

    const told = await imported({ users: [['G20417733', card, visitor.id], ['G20417734', card, visitor.id]] });
    await hub.run();

    expect(told.map(({ verdict }) => verdict)).toEqual(['ambiguous', 'ambiguous']);
    expect(hub.passagePoint.visitors.all()).toHaveLength(1);
    expect(hub.doors()).toMatchObject([{ visitorId: visitor.id }]);
  });

  test('while a row of LibCal cannot be read, a bookId that is not there is not said to be over', async () => {
    const { hub, user, imported } = aLibrary();
    const { id } = hub.bookings.add({ bookId: 'cs_odd' });
    hub.bookings.edit(id, { cid: Number.NaN });

    const told = await imported({ users: [user], appts: [['cs_gone', '4712']] }).catch((error: unknown) => error);

    expect(told).toMatchObject([{ verdict: 'linked' }, { verdict: 'unreadable', where: ['source'] }]);
  });

  test('while a location cannot be read, nothing is imported', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const booking = hub.bookings.add();
    hub.setBroken({ 8820: 500 });

    await expect(imported({ users: [user], appts: [registered(booking)] })).rejects.toMatchObject({ code: 'E_ANSWER_INVALID' });

    expect(await hub.linkOf('pre-registrations', booking.id)).toBeUndefined();
  });
});

describe('again, tried only, and late', () => {
  test('a second import changes nothing', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const booking = hub.bookings.add();
    const rows = { users: [user], appts: [registered(booking)] };
    await imported(rows);
    await hub.run();
    const before = await hub.linkOf('pre-registrations', booking.id);

    const told = await imported(rows);

    expect(told.map(({ verdict }) => verdict)).toEqual(['known', 'known']);
    expect(await hub.linkOf('pre-registrations', booking.id)).toEqual(before);
    expect((await hub.run()).planned).toBe(0);
  });

  test('tried only, it tells the same and links nothing', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const booking = hub.bookings.add();

    const told = await imported({ users: [user], appts: [registered(booking)] }, true);

    expect(told.map(({ verdict }) => verdict)).toEqual(['linked', 'linked']);
    expect(await hub.linkOf('pre-registrations', booking.id)).toBeUndefined();
  });

  test('after a run has made a visit of its own, the tool\'s one is told as the double that it is', async () => {
    const { hub, user, registered, imported } = aLibrary();
    const booking = hub.bookings.add();
    const [bookId, preRegId] = registered(booking);
    await hub.run();

    const told = await imported({ users: [user], appts: [[bookId, preRegId]] });

    expect(told).toMatchObject([{ verdict: 'known' }, { verdict: 'taken', target: preRegId, where: ['source'] }]);
  });
});

describe('a file that is not the cache', () => {
  test('text, a damaged database, another program\'s, none at all: one clear error each', () => {
    const whole = readFileSync(aCache({ users: Array.from({ length: 500 }, (_, at) => [`G${at}`, `b${at}`, `v${at}`] as const) }));
    const swapped = readFileSync(aCache({ users: [['G1', 'b', 'v']] }));
    swapped.write('G9bv', swapped.indexOf('G1bv')); // its rows can be read, and its index says something else
    const other = join(folder, 'other.db');
    const database = new DatabaseSync(other);
    database.exec('CREATE TABLE users (primary_id text, name text)');
    database.close();

    const told = [
      refused(file('text.db', 'users,appts\n'.repeat(100))),
      refused(file('damaged.db', Buffer.concat([whole.subarray(0, 5000), Buffer.alloc(whole.length - 5000, 7)]))),
      refused(file('cut.db', whole.subarray(0, whole.length - 4096))),
      refused(file('swapped.db', swapped)),
      refused(other),
      refused(join(folder, 'none.db')),
    ];

    expect(told).toMatchObject([
      { code: 'E_CONFIG', problems: [expect.stringContaining('no SQLite database')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('is damaged')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('is damaged')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('is damaged')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('no table users (primary_id, barcode, visitor_id)'), expect.stringContaining('no table appts')] },
      { code: 'E_CONFIG', problems: [expect.stringContaining('cannot be read')] },
    ]);
  });

  test('the cache itself is not changed by being read', () => {
    const path = aCache({ users: [['G1', 'b', 'v']] });
    const before = readFileSync(path);

    const { users } = readPythonCache(path, 'cache.db');

    expect(users).toEqual([{ primaryId: 'G1', barcode: 'b', visitorId: 'v' }]);
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});
