/**
 * Concord on AWS as it is deployed: the real CDK command line puts our stack into an emulator that never saw it, and its functions keep two
 * simulated systems in step. The promises are one story: each goes on where the one before it ended.
 */
import assert from 'node:assert/strict';
import { concordFrom, tokenFor } from './deploy/command-line.ts';
import { startCloud, until, webhookSecret, type Cloud } from './deploy/cloud.ts';
import { defineScenario } from './run-scenario.ts';

const report = (planned: number) => ({ failed: false, answer: { kind: 'report', report: { state: 'finished', planned } } });
const titled = (title: string) => (titles: readonly string[]): boolean => titles.includes(title);

export default defineScenario<{ cloud: Cloud }>({
  servers: { cloud: { title: 'Concord on an emulated AWS', start: startCloud } },
  promises: [
    {
      name: 'a tick of the schedule carries approved events to the calendar, through queue and workers; the next one finds nothing to do',
      run: async ({ cloud }) => {
        const first = await cloud.invoke('directus-nextcloud-plan', 'schedule-tick.json');
        await until('two approved events and the member’s own', cloud.titles, (titles) => titles.length === 3);
        const second = await cloud.invoke('directus-nextcloud-plan', 'schedule-tick.json');

        assert.partialDeepStrictEqual(first, report(3));
        assert.partialDeepStrictEqual(second, report(0));
        assert.equal(cloud.directus.events.size, 4);
      },
    },
    {
      name: 'the HTTP side knows nobody without a token, and starts a run for who has one',
      run: async ({ cloud }) => {
        cloud.directus.events.add({ title: 'By hand', approved: true });
        const stranger = await cloud.ask('POST', '/api/sync/directus-nextcloud');
        const health = await cloud.ask('GET', '/health');

        const authorization = `Bearer ${await tokenFor(cloud)}`;
        const asked = await cloud.ask('POST', '/api/sync/directus-nextcloud', { headers: { authorization } });
        await until('the event of the manual trigger', cloud.titles, titled('By hand'));
        const status = await cloud.ask('GET', '/api/sync/status', { headers: { authorization } });
        const runs = await cloud.ask('GET', '/api/sync/runs', { headers: { authorization } });

        assert.equal(stranger.status, 401);
        assert.equal(health.status, 200);
        assert.ok([200, 202].includes(asked.status), JSON.stringify(asked));
        assert.equal(status.status, 200);
        assert.equal(runs.status, 200);
      },
    },
    {
      name: 'concord --remote drives it with the verbs of one machine',
      run: async ({ cloud }) => {
        cloud.directus.events.add({ title: 'From afar', approved: true });

        const run = await concordFrom(cloud)('--remote', cloud.url, 'run', 'directus-nextcloud', '--json');
        await until('the event of the remote run', cloud.titles, titled('From afar'));
        const status = await concordFrom(cloud)('--remote', cloud.url, 'status', '--json');

        assert.equal(run.code, 0, run.err + run.out);
        assert.partialDeepStrictEqual(JSON.parse(status.out), { connectors: [{ connector: 'directus-nextcloud', state: 'ok' }] });
      },
    },
    {
      name: 'a webhook that is signed right starts a run, a repeated one is known, a forged one is refused',
      run: async ({ cloud }) => {
        const { id } = cloud.directus.events.add({ title: 'Told at once', approved: true });
        const body = JSON.stringify({ event: 'items.create', collection: 'events', key: String(id) });
        const tell = (secret: string) => cloud.ask('POST', '/api/webhook/directus-nextcloud', { body, headers: { 'content-type': 'application/json', 'x-webhook-secret': secret } });

        const forged = await tell('a guess');
        const told = await tell(webhookSecret);
        const again = await tell(webhookSecret);
        await until('the event of the webhook', cloud.titles, titled('Told at once'));

        assert.deepEqual([forged.status, told.status, again.status], [401, 202, 200]);
        assert.equal(cloud.titles().filter((title) => title === 'Told at once').length, 1);
      },
    },
    {
      name: 'a message that nobody can read is set aside and told of, and the work beside it is done',
      run: async ({ cloud }) => {
        cloud.directus.events.add({ title: 'Beside poison', approved: true });

        await cloud.send('this is no message of ours');
        await cloud.invoke('directus-nextcloud-plan', 'schedule-tick.json');
        await until('the event beside the poison', cloud.titles, titled('Beside poison'));
        await until('an empty queue', cloud.waiting, (waiting) => waiting === 0);

        await until('the poison on record', () => gaveUpIn(cloud), (gaveUp) => gaveUp?.count === 1);
      },
    },
    {
      name: 'what gave up after its tries is on record, and replay takes it up again',
      run: async ({ cloud }) => {
        cloud.directus.events.add({ title: 'Given up', approved: true });
        await cloud.feed(false);
        await cloud.invoke('directus-nextcloud-plan', 'schedule-tick.json');
        const given = await cloud.giveUp();
        await cloud.feed(true);
        await until('the letter', () => gaveUpIn(cloud), (gaveUp) => gaveUp?.links === 1);
        const meanwhile = cloud.titles().includes('Given up');

        const replayed = await concordFrom(cloud)('--remote', cloud.url, 'replay', '--all', '--json');
        assert.equal(replayed.code, 0, replayed.err + replayed.out);
        await until('the event that had given up', cloud.titles, titled('Given up'));
        await until('no letter any more', () => gaveUpIn(cloud), (gaveUp) => (gaveUp?.links ?? 0) === 0);

        assert.equal(given, 1);
        assert.equal(meanwhile, false);
      },
    },
    {
      name: 'a second deploy with changed code, while messages wait, loses none of them',
      withinMs: 180_000,
      run: async ({ cloud }) => {
        for (let n = 1; n <= 20; n += 1) cloud.directus.events.add({ title: `Waiting ${n}`, approved: true });
        await cloud.feed(false);
        const planned = await cloud.invoke('directus-nextcloud-plan', 'schedule-tick.json');
        const before = await cloud.waiting();
        const meanwhile = cloud.titles().filter((title) => title.startsWith('Waiting')).length;

        await cloud.deploy('try', 'second');
        await cloud.feed(true);
        await until('all that waited', cloud.titles, (titles) => titles.filter((title) => title.startsWith('Waiting')).length === 20);
        const quiet = await cloud.invoke('directus-nextcloud-plan', 'schedule-tick.json');

        assert.partialDeepStrictEqual(planned, report(20));
        assert.ok(before > 0, 'no message waited');
        assert.equal(meanwhile, 0);
        assert.partialDeepStrictEqual(quiet, report(0));
      },
    },
    {
      name: 'a stage that keeps its data refuses to be destroyed, and leaves its tables behind when it is all the same; another one leaves nothing',
      withinMs: 180_000,
      run: async ({ cloud }) => {
        await cloud.deploy('keep', 'only');
        const both = [await cloud.hasTable('keep'), await cloud.hasTable('try')];

        await assert.rejects(cloud.destroy('keep'), /TerminationProtection/);
        await cloud.unprotect('keep');
        await cloud.destroy('keep');
        await cloud.destroy('try');

        assert.deepEqual(both, [true, true]);
        assert.deepEqual([await cloud.hasTable('keep'), await cloud.hasTable('try')], [true, false]);
      },
    },
  ],
});

interface GaveUp {
  readonly count: number;
  readonly links: number;
}

async function gaveUpIn(cloud: Cloud): Promise<GaveUp | undefined> {
  const status = await concordFrom(cloud)('--remote', cloud.url, 'status', '--json');
  return JSON.parse(status.out).connectors[0].gaveUp;
}
