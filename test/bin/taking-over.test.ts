/** A library types `concord import` with the files of its older Python tool, and reads what came of them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { addImport } from '../../bin/commands/import.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { simulateAlma } from '../../shared/simulators/alma.ts';
import { simulateLibCal } from '../../shared/simulators/libcal.ts';
import { simulatePassagePoint } from '../../shared/simulators/passagepoint.ts';
import { serve } from '../../shared/simulators/serve.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { workplace } from './concord.ts';
import { inside } from './inside.ts';

const timeout = 60_000; // each process takes its third of a second, and more on a busy machine
const id = 'libcal-passagepoint';
const card = '22999000333444';
const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function aLibrary() {
  const world = simulatedWorld({ seed: 7, clock: systemClock });
  const [libcal, alma, passagePoint] = [simulateLibCal(world), simulateAlma(world), simulatePassagePoint(world)];
  const served = await Promise.all([libcal, alma, passagePoint].map(({ fetch }) => serve(fetch, { port: 0 })));
  cleanups.push(...served.map((one) => () => one.close()));
  const [libcalUrl = '', almaUrl = '', passagePointUrl = ''] = served.map(({ url }) => url);
  const place = workplace({
    LIBCAL_BASE_URL: libcalUrl, LIBCAL_CLIENT_ID: libcal.clientId, LIBCAL_CLIENT_SECRET: libcal.clientSecret, ALMA_BASE_URL: almaUrl, ALMA_API_KEY: alma.apiKey,
    PASSAGEPOINT_BASE_URL: `${passagePointUrl}${new URL(passagePoint.apiUrl).pathname}`, PASSAGEPOINT_USERNAME: passagePoint.username, PASSAGEPOINT_PASSWORD: passagePoint.password,
  });
  cleanups.push(place.remove);
  alma.users.add({ primaryId: 'G20417733', barcodes: [card] });
  return { libcal, alma, passagePoint, place };
}

describe('concord import with files of the older tool', { timeout }, () => {
  test('its cache: tried, imported, known; then a run makes nothing anew', async () => {
    const { libcal, alma, passagePoint, place } = await aLibrary();
    const visitor = passagePoint.visitors.add({ uniqueId: card, firstName: 'Noor', lastName: 'Haddad', category: 'Visitor', email: '' });
    const { bookId, startsAt, endsAt } = libcal.bookings.add({ firstName: 'Noor', lastName: 'Haddad', answers: { 12345: 'G20417733' } });
    const preReg = passagePoint.preRegistrations.add({ visitorId: visitor.id, startsAt: Date.parse(startsAt) / 1000, endsAt: Date.parse(endsAt) / 1000, destination: 'LibCal Main' });
    const database = new DatabaseSync(join(place.folder, 'cache.db'));
    database.exec('CREATE TABLE users (primary_id text PRIMARY KEY, barcode text, visitor_id text); CREATE TABLE appts (appt_id text PRIMARY KEY, prereg_id text)');
    database.prepare('INSERT INTO users VALUES (?, ?, ?)').run('G20417733', card, visitor.id);
    for (const row of [[bookId, preReg.id], ['cs_over', '4711']] as const) database.prepare('INSERT INTO appts VALUES (?, ?)').run(...row);
    database.close();
    writeFileSync(join(place.folder, 'broken.db'), 'no database at all');

    const tried = await place.run('import', id, 'cache.db', '--dry-run');
    const imported = await place.run('import', id, 'cache.db', '--json');
    const again = await place.run('import', id, 'cache.db');
    const asked = alma.journal.entries.length;
    const run = await place.run('run', id);
    const broken = await place.run('import', id, 'broken.db');

    expect([tried.code, tried.out]).toEqual([3, expect.stringContaining('tried only')]);
    expect([imported.code, JSON.parse(imported.out)]).toMatchObject([3, { counts: { linked: 2, missing: 1, ambiguous: 0 } }]);
    expect(again.out).toMatch(/visitors +known 1\n +pre-registrations +known 1 {3}missing 1\n +missing +cs_over = 4711/);
    expect([asked, run.code, passagePoint.visitors.all().length, passagePoint.preRegistrations.all().length]).toEqual([0, 0, 1, 1]);
    expect([broken.code, broken.err]).toEqual([2, expect.stringContaining('broken.db is damaged, or no SQLite database')]);
  });

  test('its config.yml: printed, and written where there is none, without a secret', async () => {
    const place = workplace();
    cleanups.push(place.remove);
    mkdirSync(join(place.folder, 'config'));
    writeFileSync(join(place.folder, 'config.yml'), 'LibCal:\n  client_secret: word-of-a-test\n  locations:\n    - name: Main\n      id: 8810\nPassagePoint:\n  location_mapping:\n    8810: LibCal Main\n');

    const printed = await place.run('import', id, 'config.yml');
    const before = existsSync(join(place.folder, 'config', `${id}.json`));
    const written = await place.run('import', id, 'config.yml', '--write');
    const again = await place.run('import', id, 'config.yml', '--write');

    expect([printed.code, before, written.code, again.code]).toEqual([3, false, 3, 2]);
    expect(JSON.parse(printed.out)).toMatchObject({ locations: [{ lid: 8810, destination: 'LibCal Main' }] });
    expect(readFileSync(join(place.folder, 'config', `${id}.json`), 'utf8')).toBe(printed.out);
    expect(again.err).toContain('is there already');
    expect([printed, written].map(({ out, err }) => out + err).join()).not.toContain('word-of-a-test');
  });

  test.each([
    [['cache.db', '--write'], '--write'],
    [['pairs.csv', '--write'], '--write'],
    [['cache.db', '--stream', 'visitors'], '--stream'],
    [['config.yml', '--stream', 'visitors'], '--stream'],
  ])('a flag that would change nothing is refused: %s', async (args, flag) => {
    const place = { folder: tmpdir(), env: { CONCORD_STATE: ':memory:' } };

    await expect(inside(addImport, place, ['import', id, ...args])).rejects.toThrow(`${flag} is for`);
  });
});
