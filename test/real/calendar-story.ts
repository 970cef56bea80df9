/**
 * Two hundred events between real servers, told in order: first sync both ways, each kind of change on each side, two runs at
 * once, and a run that is killed in the middle and made right by the next.
 */
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { concord, ended, start, type Place } from './concord.ts';
import type { RealPromise } from './run-scenario.ts';
import { anEventObject, calendarMember } from './servers/calendar-member.ts';
import type { DirectusServer } from './servers/directus.ts';
import type { RadicaleServer } from './servers/radicale.ts';

interface World {
  readonly directus: DirectusServer;
  readonly radicale: RadicaleServer;
}

const name = 'nonprofit-events';
const approvedCount = 150;
const memberCount = 50;
const idle = { created: 0, updated: 0, deleted: 0, linked: 0, failed: 0, parked: 0 };

export function calendarStory(): readonly RealPromise<World>[] {
  let place: Place | undefined;
  let calendar = '';
  const here = async ({ directus, radicale }: World): Promise<Place> =>
    (place ??= {
      directus: { url: directus.url, token: directus.token },
      calendar: { homeUrl: radicale.homeUrl, username: radicale.username, password: radicale.password, name },
      state: await mkdtemp(join(tmpdir(), 'concord-real-')),
    });
  const run = async (world: World, ...more: string[]) => concord(await here(world), ['run', 'directus-nextcloud', ...more]);
  const shown = async ({ radicale }: World): Promise<readonly { url: string; text: string }[]> => {
    const member = calendarMember(radicale);
    const objects: { url: string; text: string }[] = [];
    // One after another: Radicale takes eight connections and lets the ninth wait until it is reset.
    for (const url of await member.list(calendar)) objects.push({ url, text: (await member.read(url)) ?? '' });
    return objects;
  };
  const titles = async (world: World) => (await shown(world)).map(({ text }) => /SUMMARY:(.*?)\r?\n/.exec(text)?.[1] ?? '').sort((a, b) => a.localeCompare(b));
  const rowCalled = async ({ directus }: World, title: string) => (await directus.editor.list()).find((row) => row['title'] === title);
  const objectCalled = async (world: World, title: string) => (await shown(world)).find(({ text }) => text.includes(`SUMMARY:${title}\r\n`) || text.includes(`SUMMARY:${title}\n`));

  return [
    {
      name: 'a first run carries approved events out and members’ events in, each once, and a second run changes nothing',
      withinMs: 180_000,
      run: async (world) => {
        const member = calendarMember(world.radicale);
        calendar = await member.makeCalendar(name);
        await removeRows(world);
        for (let n = 1; n <= approvedCount; n++) await world.directus.editor.create(anItem({ title: `Approved ${n}`, approved: true, organizer: 'Ada Example' }));
        for (let n = 1; n <= memberCount; n++) await member.put(`${calendar}member-${n}.ics`, anEventObject({ uid: `member-${n}@example.org`, summary: `Member ${n}` }));

        const first = await run(world);
        const second = await run(world);
        const third = await run(world);

        assert.equal(first.exit, 0, first.stderr);
        assert.partialDeepStrictEqual(first.report.streams['events'], { created: approvedCount + memberCount, failed: 0 });
        assert.equal((await shown(world)).length, approvedCount + memberCount);
        const rows = await world.directus.editor.list();
        assert.equal(rows.length, approvedCount + memberCount);
        assert.equal(rows.filter((row) => row['source'] === 'nextcloud' && row['approved'] === false).length, memberCount);
        assert.partialDeepStrictEqual(second.report.streams['events'], idle);
        assert.partialDeepStrictEqual(third.report.streams['events'], idle);
        assert.deepEqual(third.report.calls, { directus: 1, nextcloud: 1 });
      },
    },
    {
      name: 'each kind of change on each side arrives on the other',
      withinMs: 120_000,
      run: async (world) => {
        const member = calendarMember(world.radicale);
        const { editor } = world.directus;
        const row = async (title: string) => Number((await rowCalled(world, title))?.id);
        await editor.edit(await row('Approved 1'), { title: 'Approved 1 moved', location: 'Town hall' });
        await editor.edit(await row('Approved 2'), { approved: false });
        await editor.remove(await row('Approved 3'));
        await editor.create(anItem({ title: 'Added', approved: true }));
        await editor.edit(await row('Member 1'), { approved: true });
        await member.edit(`${calendar}member-2.ics`, anEventObject({ uid: 'member-2@example.org', summary: 'Member 2 changed' }));
        await member.put(`${calendar}late.ics`, anEventObject({ uid: 'late@example.org', summary: 'Late member' }));
        await member.remove((await objectCalled(world, 'Approved 4'))?.url ?? '');

        const report = await run(world);

        const events = await titles(world);
        assert.equal(report.exit, 0, `${report.stderr} ${JSON.stringify(report.report.problems)}`);
        for (const title of ['Approved 1 moved', 'Added', 'Member 1', 'Late member', 'Approved 4']) assert.equal(events.filter((one) => one === title).length, 1, title);
        for (const title of ['Approved 1', 'Approved 2', 'Approved 3']) assert.ok(!events.includes(title), title);
        assert.ok(await rowCalled(world, 'Member 2 changed'));
        assert.partialDeepStrictEqual(await rowCalled(world, 'Late member'), { approved: false, nextcloud_uid: 'late@example.org' });
        assert.partialDeepStrictEqual(await rowCalled(world, 'Approved 4'), { approved: true });
      },
    },
    {
      name: 'an imported event that was approved leaves the calendar when it is unapproved',
      run: async (world) => {
        await world.directus.editor.edit(Number((await rowCalled(world, 'Member 1'))?.id), { approved: false });

        await run(world);

        assert.ok(!(await titles(world)).includes('Member 1'));
        assert.ok(await rowCalled(world, 'Member 1'));
      },
    },
    {
      name: 'two runs at once: one works, the other leaves its trigger with it, and nothing is doubled',
      withinMs: 120_000,
      run: async (world) => {
        for (let n = 1; n <= 20; n++) await world.directus.editor.create(anItem({ title: `Twice ${n}`, approved: true }));

        const both = await Promise.all([run(world), run(world)]);
        await run(world);

        assert.deepEqual(both.map(({ exit }) => exit ?? -1).sort((a, b) => a - b), [0, 7]);
        const twice = (await titles(world)).filter((title) => title.startsWith('Twice'));
        assert.equal(new Set(twice).size, 20);
        assert.equal(twice.length, 20);
      },
    },
    {
      name: 'a run killed in the middle is made right by the next one',
      withinMs: 180_000,
      run: async (world) => {
        for (let n = 1; n <= 60; n++) await world.directus.editor.create(anItem({ title: `Killed ${n}`, approved: true }));
        const killed = async () => (await titles(world)).filter((title) => title.startsWith('Killed'));
        const child = start(await here(world), ['run', 'directus-nextcloud', '--json']);
        const end = ended(child);
        const member = calendarMember(world.radicale);
        const before = (await member.list(calendar)).length;
        while (child.exitCode === null && (await member.list(calendar)).length < before + 10) await delay(20);
        child.kill('SIGKILL');
        await end;
        const inTheMiddle = (await killed()).length;

        const next = await run(world);
        const quiet = await run(world);

        const all = await killed();
        assert.ok(inTheMiddle > 0 && inTheMiddle < 60, `killed after ${inTheMiddle} of 60`);
        assert.equal(next.exit, 0, `${next.stderr} ${JSON.stringify(next.report.problems)}`);
        assert.equal(all.length, 60);
        assert.equal(new Set(all).size, 60);
        assert.partialDeepStrictEqual(quiet.report.streams['events'], idle);
      },
    },
    {
      name: 'a wrong password stops with exit 5 after one call, and the right one goes on',
      run: async (world) => {
        const right = await here(world);
        const wrong = await concord({ ...right, calendar: { ...right.calendar, password: 'not this one' } }, ['run', 'directus-nextcloud']);
        const again = await run(world);

        assert.equal(wrong.exit, 5);
        assert.equal(wrong.report.calls['nextcloud'], 1);
        assert.equal(again.exit, 0);
      },
    },
  ];
}

async function removeRows({ directus }: World): Promise<void> {
  for (const row of await directus.editor.list()) await directus.editor.remove(row.id);
}

function anItem(facts: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { title: 'An event', start_date: '2027-03-04T18:00:00Z', end_date: '2027-03-04T19:30:00Z', ...facts };
}
