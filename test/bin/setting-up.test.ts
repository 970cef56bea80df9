/** The verbs of somebody who sets Concord up: connect, import, simulate; the older script's files and flags; the log file. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { addConnect } from '../../bin/commands/connect.ts';
import { servedSystems, workplace } from './concord.ts';
import { inside } from './inside.ts';

const timeout = 60_000; // each process takes its third of a second, and more on a busy machine
const id = 'directus-nextcloud';
const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function systemsServed() {
  const systems = await servedSystems();
  cleanups.push(systems.close);
  return systems;
}

function aPlace(variables: { readonly [name: string]: string }) {
  const place = workplace(variables);
  cleanups.push(place.remove);
  return place;
}

describe('concord connect', { timeout }, () => {
  test('a token from standard input is tried with one call, kept for its owner only, and wins over an older one in .env', async () => {
    const systems = await systemsServed();
    const { DIRECTUS_API_TOKEN: token, ...others } = systems.variables;
    const place = aPlace(others);
    writeFileSync(join(place.folder, '.env'), 'DIRECTUS_API_TOKEN=out-of-date\n');

    const before = await place.run('run', id);
    systems.directus.journal.clear();
    const kept = await place.tell(token, 'connect', 'directus', '--token-stdin', '--json');
    const calls = systems.directus.journal.count();
    const after = await place.run('run', id);

    expect(before.code).toBe(5);
    expect(kept).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(kept.out)).toEqual({ system: 'directus', variable: 'DIRECTUS_API_TOKEN', checked: true, kept: true });
    expect(kept.out).not.toContain(token);
    expect(calls).toBe(1);
    expect(statSync(join(place.folder, '.concord/secrets.json')).mode & 0o777).toBe(0o600);
    expect(after.code).toBe(0);
  });

  test('one that is not accepted is not kept; with --no-check it is, untried', async () => {
    const systems = await systemsServed();
    const place = aPlace(systems.variables);

    const refused = await place.tell('not-the-password', 'connect', 'nextcloud', '--token-stdin');
    const isKept = existsSync(join(place.folder, '.concord/secrets.json'));
    const unchecked = await place.tell('not-the-password', 'connect', 'nextcloud', '--token-stdin', '--no-check');
    const run = await place.run('run', id);

    expect(refused.code).toBe(5);
    expect(refused.out + refused.err).not.toContain('not-the-password');
    expect(isKept).toBe(false);
    expect(unchecked).toMatchObject({ code: 0, out: expect.stringContaining('untried') });
    expect(run.code).toBe(5);
  });

  test('at a terminal it is asked for, without echo', async () => {
    const systems = await systemsServed();
    const { DIRECTUS_API_TOKEN: token, ...others } = systems.variables;
    const place = aPlace({});

    const kept = await inside(addConnect, { folder: place.folder, env: { ...others, CONCORD_STATE: join(place.folder, 'state') }, answers: [token] }, ['connect', 'directus']);

    expect(kept).toMatchObject({ code: 0, asked: [expect.stringContaining('static token of a Directus user (it is not shown)')] });
    expect(kept.out).toContain('directus has accepted it');
    expect(JSON.parse(readFileSync(join(place.folder, 'state/secrets.json'), 'utf8'))).toMatchObject({ [id]: { DIRECTUS_API_TOKEN: token } });
  });

  test('without a terminal, without a value, for an unknown system or one without an address it says what to do, with 2', async () => {
    const place = aPlace({});

    const ended = [await place.run('connect', 'directus'), await place.tell('\n', 'connect', 'directus', '--token-stdin'), await place.run('connect', 'outlook'), await place.tell('a-token', 'connect', 'directus', '--token-stdin')];

    expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
    expect(ended.map(({ err }) => err)).toEqual([expect.stringContaining('--token-stdin'), expect.stringContaining('nothing was given'), expect.stringContaining('there is directus, nextcloud'), expect.stringContaining('DIRECTUS_API_URL is not set')]);
  });
});

describe('concord import and simulate', { timeout }, () => {
  test('pairs of a file are linked, told, and nothing is written; a bad file is refused with 2', async () => {
    const systems = await systemsServed();
    const place = aPlace(systems.variables);
    systems.directus.events.edit(1, { title: 'Choir of the valley' });
    const [object] = systems.nextcloud.calendar('events').objects.all();
    writeFileSync(join(place.folder, 'pairs.csv'), `source,target\n1,${object?.name ?? ''}\n4711,nothing.ics\n`);
    writeFileSync(join(place.folder, 'bad.csv'), 'only-one\n');

    const imported = await place.run('import', id, 'pairs.csv', '--json');
    const written = [systems.directus.journal.writes.length, systems.nextcloud.journal.writes.length];
    const [bad, absent] = await Promise.all([place.run('import', id, 'bad.csv'), place.run('import', id, 'none.csv')]);
    const again = await place.run('import', id, 'pairs.csv');
    await place.run('run', id);

    expect(imported.code).toBe(3);
    expect(JSON.parse(imported.out)).toMatchObject({ counts: { differs: 1, missing: 1 }, pairs: [{ verdict: 'differs' }, { verdict: 'missing', where: ['source', 'target'] }] });
    expect(written).toEqual([0, 0]);
    expect(again.out).toMatch(/2 pairs {3}known 1 {3}missing 1/);
    expect([bad, absent]).toMatchObject([{ code: 2, err: expect.stringContaining('line 1') }, { code: 2, err: expect.stringContaining('none.csv cannot be read') }]);
    expect(systems.nextcloud.calendar('events').objects.all().filter(({ text }) => text.includes('Choir'))).toHaveLength(1);
  });

  test('the simulated systems stand on ports, and Concord runs against them with the variables that are printed', async () => {
    const simulated = aPlace({}).start('simulate', '--port', '0', '--json');
    const { variables, systems } = JSON.parse(await simulated.says('}}\n'));
    const place = aPlace(variables);

    const run = await place.run('run', id);
    simulated.process.kill('SIGINT');
    const ended = await simulated.ended;

    expect(systems).toMatchObject([{ name: 'Directus', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) }, { name: 'Nextcloud' }, { name: 'LibCal' }, { name: 'Alma' }, { name: 'PassagePoint' }, { name: 'ServiceReef' }, { name: 'NXT' }]);
    expect(run.code).toBe(0);
    expect(run.out).toContain('created 8');
    expect(ended.code).toBe(130);
  });

  test('as text it says what to export; a port that is taken is told', async () => {
    const systems = await systemsServed();
    const taken = new URL(systems.variables.DIRECTUS_API_URL).port;
    const place = aPlace({});

    const refused = await place.run('simulate', '--port', taken);
    const running = place.start('simulate', '--port', '0');
    const said = await running.says('npx concord plan directus-nextcloud');
    running.process.kill('SIGTERM');

    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining(`port ${taken} cannot be used`) });
    expect(said).toMatch(/export DIRECTUS_API_URL=http:\/\/127\.0\.0\.1:\d+\n/);
    expect((await running.ended).code).toBe(0);
  });
});

describe('for those who come from the older script', { timeout }, () => {
  test('its two files are read as they are, with a notice, under what the environment says', async () => {
    const systems = await systemsServed();
    const place = aPlace({ NEXTCLOUD_USERNAME: systems.variables.NEXTCLOUD_USERNAME });
    mkdirSync(join(place.folder, 'config'));
    writeFileSync(join(place.folder, 'config/directus.json'), JSON.stringify({ url: systems.variables.DIRECTUS_API_URL, token: systems.variables.DIRECTUS_API_TOKEN, collection: 'events' }));
    writeFileSync(join(place.folder, 'config/nextcloud.json'), JSON.stringify({ url: systems.variables.NEXTCLOUD_URL, username: 'somebody-else', password: systems.variables.NEXTCLOUD_PASSWORD, calendar_name: 'nonprofit-events' }));
    for (const name of ['directus', 'nextcloud']) chmodSync(join(place.folder, `config/${name}.json`), 0o600);

    const run = await place.run('--sync-once', '--json');

    expect(run.code).toBe(0);
    expect(JSON.parse(run.out)).toMatchObject({ state: 'finished', streams: { events: { created: 3 } } });
    expect(run.err).toMatch(/directus\.json of the older script sets DIRECTUS_API_URL, DIRECTUS_API_TOKEN, DIRECTUS_COLLECTION/);
    expect(run.err).toMatch(/nextcloud\.json of the older script sets NEXTCLOUD_URL, NEXTCLOUD_PASSWORD, NEXTCLOUD_CALENDAR_NAME/);
    expect(run.err).not.toContain(systems.variables.DIRECTUS_API_TOKEN);
  });

  test('its flags work in place of a verb, and are not in the help', async () => {
    const systems = await systemsServed();
    const place = aPlace(systems.variables);

    const cleaned = await place.run('--clean');
    const help = await place.run('--help');
    const scheduled = place.start('--schedule', '--json');
    await scheduled.says('"state"');
    scheduled.process.kill('SIGTERM');

    expect(cleaned.code).toBe(4);
    expect(systems.directus.events.size).toBe(3);
    expect(help.out).not.toMatch(/sync-once|schedule/);
    expect((await scheduled.ended).code).toBe(0);
  });

  test('a log file takes what happened, without a secret, and standard error stays empty', async () => {
    const systems = await systemsServed();
    const place = aPlace({ ...systems.variables, CONCORD_LOG_FILE: 'logs/sync.log' });

    const run = await place.run('run', id);
    const log = readFileSync(join(place.folder, 'logs/sync.log'), 'utf8');

    expect(run).toMatchObject({ code: 0, err: '' });
    expect(log.trim().split('\n').map((line) => JSON.parse(line).msg)).toEqual(['run starts', 'run ended']);
    expect(log).not.toContain(systems.variables.NEXTCLOUD_PASSWORD);
  });
});
