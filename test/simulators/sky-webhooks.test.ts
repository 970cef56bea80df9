import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { connected, jsonOf } from './sky-caller.ts';

const path = '/webhook/v1/subscriptions';
const deleteType = 'com.blackbaud.constituent.delete.v1';
const wireEvent = z.object({ type: z.string(), specversion: z.string(), subject: z.string(), id: z.string(), time: z.string(), data: z.object({ id: z.string() }) });

/** Somebody who listens: shakes hands, and answers deliveries with what `statuses` says, the last one for ever. */
function listener(options: { shakes?: boolean; statuses?: readonly number[] } = {}) {
  const heard: z.infer<typeof wireEvent>[] = [];
  const asked: string[] = [];
  const statuses = [...(options.statuses ?? [200])];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'OPTIONS') {
      const origin = request.headers.get('webhook-request-origin') ?? '';
      return new Response(null, { status: 200, headers: options.shakes === false ? {} : { 'webhook-allowed-origin': origin } });
    }
    heard.push(wireEvent.parse(await request.json()));
    const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200;
    return new Response(null, { status });
  };
  return { fetch, heard, asked };
}

async function subscribed(types: readonly string[] = [deleteType]) {
  const sky = connected();
  const answers = [];
  for (const type of types) answers.push(await sky.ask('POST', path, { webhook_url: 'https://hub.example.org/hook?webhookKey=simulated-key', event_type: type }));
  return { sky, answers };
}

describe('subscriptions', () => {
  test('start as provisioning, name their address, and do not show the query back', async () => {
    const { sky, answers: [answer] } = await subscribed();

    expect(answer && jsonOf(answer)).toMatchObject({ provisioning_status: 'Provisioning', webhook_url: 'https://hub.example.org/hook' });
    expect(await sky.row(answer?.headers.get('location') ?? '')).toMatchObject({ event_type: deleteType });
  });

  test('there is one of each type', async () => {
    const { sky, answers } = await subscribed([deleteType, deleteType]);

    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
    expect(answers[1] && jsonOf(answers[1])).toMatchObject({ title: 'Conflict', status: 409, detail: expect.any(String), type: expect.any(String) });
    expect(sky.webhooks.subscriptions()).toHaveLength(1);
  });

  test('can be deleted, and are gone with the connection', async () => {
    const { sky } = await subscribed([deleteType, 'com.blackbaud.constituent.change.v1']);
    const [first] = sky.webhooks.subscriptions();
    await sky.ask('DELETE', `${path}/${first?.id ?? ''}`);
    const left = sky.webhooks.subscriptions().length;
    sky.disconnect();

    expect([left, sky.webhooks.subscriptions().length]).toEqual([1, 0]);
  });

  test.each([
    { what: 'shakes hands', shakes: true, waitsMs: 0, status: 'Provisioned' },
    { what: 'does not answer with the origin', shakes: false, waitsMs: 0, status: 'Error' },
    { what: 'is more than five minutes late', shakes: true, waitsMs: 300_001, status: 'Error' },
  ])('who $what is $status', async ({ shakes, waitsMs, status }) => {
    const { sky } = await subscribed();
    const ear = listener({ shakes });
    sky.clock.advance(waitsMs);

    await sky.webhooks.deliver(ear.fetch);

    expect(sky.webhooks.subscriptions()).toMatchObject([{ status }]);
    expect(ear.asked).toEqual(['OPTIONS https://hub.example.org/hook?webhookKey=simulated-key']);
  });
});

describe('deliveries', () => {
  test('tell what staff did, by id alone', async () => {
    const { sky } = await subscribed(['com.blackbaud.constituent.add.v1', 'com.blackbaud.constituent.change.v1', 'com.blackbaud.constituent.emailaddress.change.v1', deleteType]);
    const ear = listener();
    const kept = sky.constituents.add({ email: { address: 'x@example.org', type: 'Email' } });
    const gone = sky.constituents.add();
    sky.constituents.edit(kept.id, { first: 'Dana' });
    sky.constituents.editPart(kept.id, 'emailaddresses', kept.emailaddresses[0]?.id ?? '', { address: 'y@example.org' });
    sky.constituents.merge({ keptId: kept.id, goneId: gone.id });

    await sky.webhooks.deliver(ear.fetch);

    expect(ear.heard.map(({ type, data }) => [type.replace('com.blackbaud.constituent.', ''), data.id])).toEqual([
      ['add.v1', kept.id],
      ['add.v1', gone.id],
      ['change.v1', kept.id],
      ['emailaddress.change.v1', kept.id],
      ['delete.v1', gone.id],
      ['change.v1', kept.id],
    ]);
    expect(ear.heard[0]).toMatchObject({ specversion: '1.0', subject: `/environments/${sky.environmentId}` });
  });

  test('there is nothing to hear about events and participants', async () => {
    const { sky } = await subscribed([deleteType]);
    const ear = listener();
    const event = sky.events.add();
    sky.participants.add(event.id, { constituent_id: sky.constituents.add().id });
    sky.events.remove(event.id);

    expect(await sky.webhooks.deliver(ear.fetch)).toEqual([]);
  });

  test('may come twice with one id, and in the opposite order', async () => {
    const { sky } = await subscribed();
    const ear = listener();
    const people = [sky.constituents.add(), sky.constituents.add()];
    for (const { id } of people) sky.constituents.remove(id);
    sky.settings.webhooks = { repeats: true, reversed: true };

    await sky.webhooks.deliver(ear.fetch);

    expect(ear.heard.map(({ data }) => data.id)).toEqual([people[1]?.id, people[1]?.id, people[0]?.id, people[0]?.id]);
    expect(new Set(ear.heard.map(({ id }) => id)).size).toBe(2);
  });

  test('what is not taken is sent again, ten times in all', async () => {
    const { sky } = await subscribed();
    const ear = listener({ statuses: [500] });
    sky.constituents.remove(sky.constituents.add().id);

    for (let round = 0; round < 12; round += 1) await sky.webhooks.deliver(ear.fetch);

    expect(ear.heard).toHaveLength(10);
  });

  test('a listener who is not there costs a try, and hears it later', async () => {
    const { sky } = await subscribed();
    const ear = listener({ statuses: [503, 204] });
    sky.constituents.remove(sky.constituents.add().id);

    const tries = [...(await sky.webhooks.deliver(ear.fetch)), ...(await sky.webhooks.deliver(ear.fetch)), ...(await sky.webhooks.deliver(ear.fetch))];

    expect(tries.map(({ status }) => status)).toEqual([503, 204]);
  });

  test('a payload for trying can be asked for', async () => {
    const { sky } = await subscribed(['com.blackbaud.utility.testpayload.v1']);
    const ear = listener();
    sky.webhooks.sendTest();

    await sky.webhooks.deliver(ear.fetch);

    expect(ear.heard).toMatchObject([{ type: 'com.blackbaud.utility.testpayload.v1' }]);
  });
});
