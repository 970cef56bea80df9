/**
 * A Flow of a real Directus tells of a change at once: the hub stands there as a service, nobody runs anything, and what is told is in the
 * calendar within seconds. The Flow is the one that docs/http.md asks for.
 */
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { start } from './concord.ts';
import { addRows, afresh, type Desk } from './desk.ts';
import type { CalendarPromise } from './story.ts';
import { directusCalls, idOf } from '../servers/directus-template.ts';

const secret = 'what-the-flow-sends-along';

export function webhook(): readonly CalendarPromise[] {
  return [
    {
      name: 'an event that is approved, changed or removed in Directus is so in the calendar within seconds, because a Flow tells of it',
      withinMs: 240_000,
      run: async (servers) => {
        const desk = await afresh(servers, 'told-at-once');
        await addRows(desk, ['Open board meeting']);
        const service = await aService(desk);
        try {
          await withFlow(desk, service.url, () => story(desk, service.url));
        } finally {
          await service.stop();
        }
      },
    },
  ];
}

async function story(desk: Desk, hub: string): Promise<void> {
  const waiting = await desk.editor.create({ title: 'Reading circle', start_date: '2027-03-05T18:00:00Z', end_date: '2027-03-05T19:00:00Z', approved: false });
  await desk.editor.edit(waiting.id, { approved: true });
  await soon('approved', async () => (await desk.titles()).includes('Reading circle'));
  await desk.editor.edit(waiting.id, { title: 'Reading circle moved' });
  await soon('changed', async () => (await desk.titles()).includes('Reading circle moved'));
  await desk.editor.remove(waiting.id);
  await soon('removed', async () => (await desk.titles()).length === 1);

  assert.deepEqual(await desk.titles(), ['Open board meeting']);
  assert.equal(await told(hub, 'a wrong secret'), 401);
  assert.equal(await told(hub, secret), 202);
}

/** `npm start` with its first run done; it would run again in an hour. */
async function aService(desk: Desk) {
  const child = start({ ...desk.place, variables: { DIRECTUS_WEBHOOK_SECRET: secret, CONCORD_PORT: '0' } }, ['start', '--json']);
  child.stderr?.resume();
  const ended = new Promise((done) => child.once('close', done));
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const [hello, firstRun] = [await lines.next(), await lines.next()];
  const said: unknown = JSON.parse(String(hello.value));
  assert.partialDeepStrictEqual(JSON.parse(String(firstRun.value)), { state: 'finished', streams: { events: { created: 1 } } });
  return {
    url: typeof said === 'object' && said !== null && 'url' in said ? String(said.url) : assert.fail('it does not say where it listens'),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** As a person makes it in Directus: an event hook of type action, and a request with the whole trigger as its body. */
async function withFlow({ directus }: Desk, hub: string, work: () => Promise<void>): Promise<void> {
  const admin = directusCalls({ url: directus.url, token: directus.adminToken });
  const flow = idOf(await admin('POST', '/flows', {
    name: 'Tell Concord', status: 'active', trigger: 'event', accountability: 'all',
    options: { type: 'action', scope: ['items.create', 'items.update', 'items.delete'], collections: ['events'] },
  }));
  const request = idOf(await admin('POST', '/operations', {
    flow, key: 'tell', type: 'request', position_x: 20, position_y: 1,
    options: { method: 'POST', url: `${hub}/api/webhook/directus-nextcloud`, headers: [{ header: 'X-Webhook-Secret', value: secret }], body: '{{$trigger}}' },
  }));
  await admin('PATCH', `/flows/${flow}`, { operation: request });
  try {
    await work();
  } finally {
    await admin('DELETE', `/flows/${flow}`);
  }
}

const soonMs = 60_000; // it takes four to five seconds, three of which are waited on purpose; a busy machine takes its time

async function soon(what: string, holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + soonMs;
  while (!(await holds())) {
    if (performance.now() > until) assert.fail(`what was ${what} in Directus is not so in the calendar after ${soonMs / 1000} s`);
    await delay(200);
  }
}

async function told(hub: string, sent: string): Promise<number> {
  const answer = await fetch(`${hub}/api/webhook/directus-nextcloud`, { method: 'POST', headers: { 'x-webhook-secret': sent }, body: JSON.stringify({ event: 'events.items.update', keys: ['1'] }) });
  return answer.status;
}
