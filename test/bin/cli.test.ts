import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { servedSystems, workplace } from './concord.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function aSite() {
  const systems = await servedSystems();
  const place = workplace(systems.variables);
  cleanups.push(place.remove, systems.close);
  return { ...systems, ...place };
}

function anEmptyPlace(variables: { readonly [name: string]: string } = {}) {
  const place = workplace(variables);
  cleanups.push(place.remove);
  return place;
}

// Each process takes its third of a second, and more on a busy machine.
const timeout = 30_000;

describe('concord, configured', { timeout }, () => {
  test('a second run finds both sides agreeing and writes nothing', async () => {
    const site = await aSite();

    const first = await site.run('run', 'directus-nextcloud');
    const written = [site.directus.journal.writes.length, site.nextcloud.journal.writes.length];
    const second = await site.run('run', 'directus-nextcloud', '--json');

    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/directus-nextcloud {2}run \S+ {2}finished .*\n {2}events .*created 3/);
    expect(site.nextcloud.calendar('events').objects.size).toBe(3);
    expect(site.directus.events.size).toBe(4);
    expect(second.code).toBe(0);
    expect(JSON.parse(second.out)).toMatchObject({ connector: 'directus-nextcloud', state: 'finished', streams: { events: { created: 0, updated: 0, deleted: 0 } }, problems: [] });
    expect([site.directus.journal.writes.length, site.nextcloud.journal.writes.length]).toEqual(written);
  });

  test('plan shows what would be written where, writes nothing, and ends with 6, or with 0 when there is nothing to do', async () => {
    const site = await aSite();

    const before = await site.run('plan', 'directus-nextcloud');
    const writes = [...site.directus.journal.writes, ...site.nextcloud.journal.writes];
    await site.run('run', 'directus-nextcloud');
    const after = await site.run('plan', 'directus-nextcloud');
    site.directus.events.edit(1, { location: 'Library' });
    const edited = await site.run('plan', 'directus-nextcloud');

    expect(before.code).toBe(6);
    expect(before.out).toMatch(/3 changes/);
    expect(before.out).toMatch(/create {2}in Nextcloud {2}events 1 /);
    expect(before.out).toMatch(/create {2}in Directus/);
    expect(writes).toEqual([]);
    expect(after).toMatchObject({ code: 0 });
    expect(edited.code).toBe(6);
    expect(edited.out).toMatch(/update {2}in Nextcloud {2}events 1 {2}changed: location/);
  });

  test('of two runs at once one does the work and the other ends with 7', async () => {
    const site = await aSite();
    const isUnderWay = site.holdDirectus();

    const first = site.start('run', 'directus-nextcloud');
    await isUnderWay;
    const second = await site.run('run', 'directus-nextcloud');
    site.letDirectusGo();

    expect(second.code).toBe(7);
    expect(second.err).toMatch(/remembered/);
    expect((await first.ended).code).toBe(0);
    expect(site.nextcloud.calendar('events').objects.size).toBe(3);
  });

  test('Ctrl-C in the middle of a run ends it with 130, and the next run does what was left', async () => {
    const site = await aSite();
    const isUnderWay = site.holdDirectus();

    const run = site.start('run', 'directus-nextcloud');
    await isUnderWay;
    run.process.kill('SIGINT');
    site.letDirectusGo();
    const stopped = await run.ended;
    const next = await site.run('run', 'directus-nextcloud');

    expect(stopped.code).toBe(130);
    expect(next.code).toBe(0);
    expect(site.nextcloud.calendar('events').objects.size).toBe(3);
  });

  test('a plan that withdraws too much is held with 4 until a person applies it', async () => {
    const site = await aSite();
    for (let count = 0; count < 8; count += 1) site.directus.events.add({ approved: true });
    await site.run('run', 'directus-nextcloud');
    for (const { id } of site.directus.events.all().slice(0, 10)) site.directus.events.remove(id);

    const held = await site.run('run', 'directus-nextcloud');
    const shown = await site.run('plan', 'directus-nextcloud');
    const standing = site.nextcloud.calendar('events').objects.size;
    const applied = await site.run('apply');

    expect(held.code).toBe(4);
    expect(held.out).toMatch(/held .*would be withdrawn/);
    expect(held.out).toMatch(/concord apply/);
    expect(shown.code).toBe(4);
    expect(shown.out).toMatch(/delete {2}in Nextcloud/);
    expect(standing).toBe(11);
    expect(applied.code).toBe(0);
    expect(site.nextcloud.calendar('events').objects.size).toBeLessThan(4);
  });

  test('a password that is not accepted ends with 5 and says what to do', async () => {
    const site = await aSite();
    const place = anEmptyPlace({ ...site.variables, NEXTCLOUD_PASSWORD: 'wrong-password' });

    const run = await place.run('run', 'directus-nextcloud');
    const doctor = await place.run('doctor');

    expect(run.code).toBe(5);
    expect(run.out).toMatch(/E_SIGN_IN/);
    expect(run.out + run.err).not.toContain('wrong-password');
    expect(doctor.code).toBe(1);
    expect(doctor.out).toMatch(/FAIL {2}Nextcloud sign-in/);
  });

  test('status, explain and doctor tell how things stand, as text and as one JSON document', async () => {
    const site = await aSite();
    await site.run('run', 'directus-nextcloud');

    const [status, explained, unknown, doctor] = await Promise.all([
      site.run('status', '--json'),
      site.run('explain', 'directus-nextcloud', '1'),
      site.run('explain', '4711', '--json'),
      site.run('doctor', '--json'),
    ]);

    expect(JSON.parse(status.out)).toMatchObject({ connectors: [{ connector: 'directus-nextcloud', state: 'ok', heldPlans: [] }] });
    expect(explained.code).toBe(0);
    expect(explained.out).toMatch(/events {2}agreed\n {2}source {3}Directus 1 /);
    expect(explained.out).toMatch(/applied created in Nextcloud/);
    expect(unknown).toMatchObject({ code: 1, out: '{"id":"4711","links":[]}\n' });
    expect(doctor.code).toBe(0);
    expect(JSON.parse(doctor.out)).toMatchObject({ ok: true });
  });

  test('start looks at once at what a Flow of Directus tells, and takes what is decided over HTTP', async () => {
    const site = await aSite();
    const place = anEmptyPlace({ ...site.variables, CONCORD_PORT: '0', DIRECTUS_WEBHOOK_SECRET: 'what-the-flow-sends' });

    const running = place.start('start', '--json');
    const { url, token } = JSON.parse((await running.says('"created":3')).split('\n')[0] ?? '');
    const row = site.directus.events.add({ approved: true });
    const told = await fetch(`${url}/api/webhook/directus-nextcloud`, { method: 'POST', headers: { 'x-webhook-secret': 'what-the-flow-sends' }, body: JSON.stringify({ event: 'events.items.create', key: row.id }) });
    await running.says('"created":1');
    const paused = await place.run('--remote', url, 'pause', 'directus-nextcloud');
    const ask = (path: string, method: string) => fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });
    const pausedByToken = await ask('/api/sync/directus-nextcloud/pause', 'POST');
    const run = await ask('/api/sync/directus-nextcloud', 'POST');
    running.process.kill('SIGTERM');
    const ended = await running.ended;

    expect(told.status).toBe(202);
    expect(site.nextcloud.calendar('events').objects.size).toBe(4);
    expect(paused).toMatchObject({ code: 2, err: expect.stringContaining('CONCORD_TOKEN') });
    expect(await pausedByToken.json()).toMatchObject({ paused: true, changed: true });
    expect(await run.json()).toMatchObject({ report: { state: 'paused' } });
    expect(ended.code).toBe(0);
  });

  test('with --every it runs again by itself until the service manager ends it', async () => {
    const site = await aSite();

    const running = site.start('run', 'directus-nextcloud', '--every', '1s', '--json');
    await running.says('"created":3');
    site.directus.events.add({ approved: true });
    await running.says('"created":1');
    running.process.kill('SIGTERM');
    const ended = await running.ended;

    expect(ended.code).toBe(0);
    expect(site.nextcloud.calendar('events').objects.size).toBe(4);
  });
});

describe('concord, not configured', { timeout }, () => {
  test('--version tells the release, for whoever reports something', async () => {
    const { code, out, err } = await anEmptyPlace().run('--version');

    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('every missing variable is named at once, with 2', async () => {
    const place = anEmptyPlace();

    const ended = await place.run('run', 'directus-nextcloud', '--json');

    expect(ended.code).toBe(2);
    for (const name of ['DIRECTUS_API_URL', 'DIRECTUS_API_TOKEN', 'NEXTCLOUD_URL', 'NEXTCLOUD_USERNAME', 'NEXTCLOUD_PASSWORD']) expect(ended.err).toContain(name);
    expect(JSON.parse(ended.out)).toMatchObject({ error: { code: 'E_CONFIG', problems: expect.arrayContaining([expect.stringContaining('NEXTCLOUD_URL')]) } });
  });

  test('what stands in .env counts, and what is wrong there is told with its place', async () => {
    const place = anEmptyPlace({ NEXTCLOUD_USERNAME: 'hub' });
    writeFileSync(join(place.folder, '.env'), 'DIRECTUS_API_URL=http://directus.example.org\nDIRECTUS_API_TOKEN="a-token"\n');

    const { code, err } = await place.run('plan', 'directus-nextcloud');

    expect(code).toBe(2);
    expect(err).toMatch(/DIRECTUS_API_URL is plain http/);
    expect(err).not.toMatch(/DIRECTUS_API_TOKEN|NEXTCLOUD_USERNAME/);
    expect(err).toMatch(/NEXTCLOUD_PASSWORD is not set/);
  });

  test('a command line that makes no sense ends with 2', async () => {
    const place = anEmptyPlace();

    const ended = await Promise.all([place.run('runn'), place.run('run'), place.run('run', 'x', '--every', '5 minutes'), place.run('run', 'no-such-connector')]);

    expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2]);
  });

  test('start brings a sample world to life, says how things stand over HTTP, and stops when asked', async () => {
    const place = anEmptyPlace({ CONCORD_PORT: '0' });

    const running = place.start('start');
    const said = await running.says('npx concord plan');
    const url = /(http:\/\/127\.0\.0\.1:\d+)\/health/.exec(said)?.[1] ?? '';
    const token = /Bearer ([\w.-]+)/.exec(said)?.[1] ?? '';
    const health = await fetch(`${url}/health`);
    const refused = await fetch(`${url}/api/sync/status`);
    const status = await fetch(`${url}/api/sync/status`, { headers: { authorization: `Bearer ${token}` } });
    running.process.kill('SIGTERM');
    const ended = await running.ended;

    expect(said).toMatch(/Choir rehearsal/);
    expect(said).toMatch(/plan {2}1 change /);
    expect(await health.json()).toEqual({ status: 'attention' }); // one traveller may be two donors
    expect(refused.status).toBe(401);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await status.json()).toMatchObject({ connectors: [{ connector: 'directus-nextcloud', state: 'ok' }, { connector: 'libcal-passagepoint', state: 'ok' }, { connector: 'servicereef-nxt', state: 'attention' }] });
    expect(said).toMatch(/pre-registrations read +10 +created 9/);
    expect(ended).toMatchObject({ code: 0, err: '' });
  });
});
