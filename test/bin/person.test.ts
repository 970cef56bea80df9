/** The verbs of a person at the keyboard, against served simulators: resolve, replay, pause, resume, apply --only, run --clean. */
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { addResolve } from '../../bin/commands/resolve.ts';
import { servedSystems, workplace } from './concord.ts';
import { inside } from './inside.ts';

const timeout = 60_000; // each process takes its third of a second, and more on a busy machine
const id = 'directus-nextcloud';
const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function aSite() {
  const systems = await servedSystems();
  const place = workplace(systems.variables);
  cleanups.push(place.remove, systems.close);
  const calendar = systems.nextcloud.calendar('events');
  const objectOf = (row: number) => calendar.objects.all().find(({ text }) => text.includes(`UID:nonprofit-${row}@directus`));
  return { ...systems, ...place, calendar, objectOf, answering: (...answers: string[]) => ({ folder: place.folder, env: { ...systems.variables, CONCORD_STATE: join(place.folder, '.concord') }, answers }) };
}

/** Event 1 is approved, and somebody has moved it in the calendar to another place. */
async function aParkedEvent() {
  const site = await aSite();
  site.directus.events.edit(1, { location: 'Town hall' });
  await site.run('run', id);
  site.calendar.objects.edit(site.objectOf(1)?.name ?? '', { location: 'Library' });
  const parked = await site.run('run', id);
  return { ...site, parked };
}

describe('concord resolve', { timeout }, () => {
  test('without a choice and without a terminal it shows both values and ends with 3', async () => {
    const site = await aParkedEvent();

    const [text, json] = await Promise.all([site.run('resolve', id, '1'), site.run('resolve', '1', '--json')]);

    expect(site.parked.code).toBe(3);
    expect(site.parked.out).toContain(`-> concord resolve ${id} 1`);
    expect(text.code).toBe(3);
    expect(text.out).toMatch(/location +Town hall +Library/);
    expect(text.out).toContain('--source, --target, or --take <field>=source|target');
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out)).toMatchObject({ settled: false, pair: { conflict: { fields: [{ field: 'location', source: 'Town hall', target: 'Library' }] } } });
    expect(site.directus.events.get(1)).toMatchObject({ location: 'Town hall' });
  });

  test('--target writes the calendar\'s words to Directus, --undo brings the others back on both sides', async () => {
    const site = await aParkedEvent();

    const settled = await site.run('resolve', id, '1', '--target', '--json');
    const afterwards = [site.directus.events.get(1)?.['location'], site.objectOf(1)?.text.includes('LOCATION:Library')];
    const undone = await site.run('resolve', id, '1', '--undo');
    const rest = await site.run('run', id);

    expect(settled.code).toBe(0);
    expect(JSON.parse(settled.out)).toMatchObject({ settled: true, fields: ['location'], report: { streams: { events: { updated: 1 } } } });
    expect(afterwards).toEqual(['Library', true]);
    expect(undone).toMatchObject({ code: 0, err: '' });
    expect(site.directus.events.get(1)).toMatchObject({ location: 'Town hall' });
    expect(site.objectOf(1)?.text).toContain('LOCATION:Town hall');
    expect(rest).toMatchObject({ code: 0 });
  });

  test('a field that is not in question, or one that is forgotten, is named with 2, and nothing is written', async () => {
    const site = await aParkedEvent();

    const [other, two, nonsense] = await Promise.all([site.run('resolve', id, '1', '--take', 'title=source'), site.run('resolve', id, '1', '--source', '--undo'), site.run('resolve', id, '1', '--take', 'location=mine')]);

    expect([other.code, two.code, nonsense.code]).toEqual([2, 2, 2]);
    expect(other.err).toMatch(/location is in question too: add --take location=source/);
    expect(other.err).toMatch(/title is not in question/);
    expect(site.directus.events.get(1)).toMatchObject({ location: 'Town hall' });
  });

  test('a person at the terminal is shown both, asked until the answer makes sense, and obeyed', async () => {
    const site = await aParkedEvent();

    const left = await inside(addResolve, site.answering('l'), ['resolve', id, '1']);
    const settled = await inside(addResolve, site.answering('what?', 'f', 's'), ['resolve', id, '1']);

    expect(left).toMatchObject({ code: 3, asked: [expect.stringContaining('s Directus, t Nextcloud')] });
    expect(settled.out).toMatch(/location +Town hall +Library/);
    expect(settled.asked).toHaveLength(3);
    expect(settled.asked[2]).toContain('location');
    expect(settled.code).toBe(0);
    expect(site.objectOf(1)?.text).toContain('LOCATION:Town hall');
  });

  test('start, end and the whole day belong together', async () => {
    const site = await aSite();
    await site.run('run', id);
    site.calendar.objects.edit(site.objectOf(1)?.name ?? '', { start: '2027-05-01T10:00:00Z', end: '2027-05-01T12:00:00Z' });
    await site.run('run', id);

    const torn = await site.run('resolve', id, '1', '--take', 'start=source', '--take', 'end=target');
    const whole = await site.run('resolve', id, '1', '--take', 'start=target', '--take', 'end=target');

    expect(torn).toMatchObject({ code: 2, err: expect.stringContaining('start, end belong together') });
    expect(whole.code).toBe(0);
    expect(site.directus.events.get(1)).toMatchObject({ start_date: '2027-05-01T10:00:00.000Z', end_date: '2027-05-01T12:00:00.000Z' });
  });

  test('what is not known, and what is not parked, is said', async () => {
    const site = await aSite();
    await site.run('run', id);

    const [unknown, agreed, forced] = await Promise.all([site.run('resolve', id, '4711'), site.run('resolve', id, '1'), site.run('resolve', id, '2', '--source')]);

    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining('nothing is known of 4711') });
    expect(agreed).toMatchObject({ code: 0, out: expect.stringContaining('There are no two values to choose between') });
    expect(forced).toMatchObject({ code: 3, out: expect.stringContaining('it is not parked in a conflict') });
  });
});

describe('concord replay, pause, resume, apply and run --clean', { timeout }, () => {
  test('what was mended is looked at again at once; without anything open there is nothing to do', async () => {
    const site = await aParkedEvent();
    site.calendar.objects.edit(site.objectOf(1)?.name ?? '', { location: 'Town hall' });

    const replayed = await site.run('replay', id, '1', '--json');
    const [nothing, unknown, unnamed] = await Promise.all([site.run('replay', '--all'), site.run('replay', '4711'), site.run('replay')]);

    expect(replayed.code).toBe(0);
    expect(JSON.parse(replayed.out)).toMatchObject({ reports: [{ state: 'finished', problems: [] }] });
    expect(nothing).toMatchObject({ code: 0, out: 'There is nothing to look at again.\n' });
    expect([unknown.code, unnamed.code]).toEqual([2, 2]);
  });

  test('--all looks at everything that is open, and what is still so ends with 3', async () => {
    const site = await aParkedEvent();

    const replayed = await site.run('replay', '--all');

    expect(replayed.code).toBe(3);
    expect(replayed.out).toContain('TARGET_EDITED');
  });

  test('a paused connector does nothing and says so with 5, until it is resumed', async () => {
    const site = await aSite();

    const paused = await site.run('pause', id, '--why', 'moving house');
    const run = await site.run('run', id);
    const status = await site.run('status', '--json');
    const calls = [site.directus.journal.count(), site.nextcloud.journal.count()];
    const resumed = await site.run('resume', id, '--json');
    const again = await site.run('run', id);

    expect(paused).toMatchObject({ code: 0, out: expect.stringContaining('concord resume') });
    expect(run.code).toBe(5);
    expect(run.out).toMatch(/paused .*\n(.*\n)*.*E_PAUSED .*moving house.* -> when it may go on: concord resume/);
    expect(calls).toEqual([0, 0]);
    expect(JSON.parse(status.out)).toMatchObject({ connectors: [{ state: 'paused', paused: { by: 'command line', why: 'moving house' } }] });
    expect(JSON.parse(resumed.out)).toEqual({ connector: id, paused: false, changed: true });
    expect(again.code).toBe(0);
  });

  test('while it is paused a person changes nothing in its systems either', async () => {
    const site = await aParkedEvent();
    await site.run('pause', id);

    const ended = await Promise.all([site.run('resolve', id, '1', '--target'), site.run('replay', id, '1')]);

    expect(ended.map(({ code }) => code)).toEqual([5, 5]);
    expect(site.directus.events.get(1)).toMatchObject({ location: 'Town hall' });
  });

  test('in a loop it says that it is paused, makes no call, and goes on by itself when it is resumed', async () => {
    const site = await aSite();
    await site.run('pause', id);

    const running = site.start('run', id, '--every', '1s', '--json');
    await running.says('E_PAUSED');
    const calls = site.directus.journal.count();
    await site.run('resume', id);
    await running.says('"created":3');
    running.process.kill('SIGTERM');

    expect(calls).toBe(0);
    expect((await running.ended).code).toBe(0);
  });

  test('a cleaning run holds what people made, and apply --only carries out just that', async () => {
    const site = await aSite();
    await site.run('run', id);
    site.calendar.objects.put({ summary: 'Seed swap' });

    const cleaned = await site.run('run', id, '--clean');
    const rows = site.directus.events.size;
    const status = JSON.parse((await site.run('status', '--json')).out);
    site.directus.events.add({ approved: true });
    const applied = await site.run('apply', '--only', status.connectors[0].heldPlans[0].id, '--json');
    const nothing = await site.run('apply', '--json');

    expect(cleaned.code).toBe(4);
    expect(cleaned.out).toMatch(/held .*1 item that Concord did not make would be removed/);
    expect(rows).toBe(4);
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.out)).toMatchObject({ released: expect.any(String), streams: { events: { deleted: 1, created: 0 } } });
    expect(site.calendar.objects.all().some(({ text }) => text.includes('Seed swap'))).toBe(false);
    expect(nothing).toMatchObject({ code: 0, out: '{"released":null}\n' });
  });

  test('apply --all releases every plan that is held, and runs', async () => {
    const site = await aSite();
    await site.run('run', id);
    for (const summary of ['Seed swap', 'Flea market']) {
      site.calendar.objects.put({ summary });
      await site.run('run', id, '--clean');
    }
    const ambiguous = await site.run('apply');

    const applied = await site.run('apply', '--all', '--json');
    const nothing = await site.run('apply', '--all');
    const both = await site.run('apply', '--all', 'some-plan');

    expect(ambiguous).toMatchObject({ code: 2, err: expect.stringContaining('several plans are held') });
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.out)).toMatchObject({ released: [expect.any(String), expect.any(String)], runs: [{ streams: { events: { deleted: 2 } } }] });
    expect(site.calendar.objects.all().some(({ text }) => /Seed swap|Flea market/.test(text))).toBe(false);
    expect(nothing).toMatchObject({ code: 0, out: expect.stringContaining('nothing to release') });
    expect(both.code).toBe(2);
  });
});
