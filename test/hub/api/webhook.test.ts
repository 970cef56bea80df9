/** Webhooks: who is believed, what is done once, and that nothing told is lost. */
import { afterEach, describe, expect, test } from 'vitest';
import { manualClock } from '../../../shared/base/clock.ts';
import { fieldsOf } from '../../../shared/base/fields-of.ts';
import { silentLog } from '../../../shared/base/log.ts';
import type { Table } from '../../../shared/base/table.ts';
import { dialects, type Dialect } from '../../../shared/hub/api/dialects.ts';
import { proofOf, signatureOf } from '../../../shared/hub/api/signature.ts';
import { webhookPlane } from '../../../shared/hub/api/webhook.ts';
import { hintBox } from '../../../shared/hub/hints.ts';
import type { WebhookSender } from '../../../shared/hub/webhook-senders.ts';
import { sqliteTable } from '../../../shared/stores/sqlite-table.ts';
import { askingHandlers, askingLambda, servedHub, type Asking, type Sent } from './served.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const secretOf = (text: string): string => Buffer.from(text).toString('base64');
const secret = secretOf('a secret for tests only');
const nextSecret = secretOf('the next secret for tests');
const startMs = Date.UTC(2026, 0, 1);
const body = '{"type":"page.updated","data":{"id":"7","n":1.0,"name":"Caf\\u00e9"}}';

/** Signs as Standard Webhooks have it, and tells which page. */
const pages: WebhookSender = {
  dialect: dialects.standard,
  secretName: 'PAGES_SECRET',
  settleMs: 0,
  read: (said) => {
    const { type, data } = fieldsOf(said);
    const { id } = fieldsOf(data);
    if (type !== 'page.updated') return 'ignored';
    return typeof id === 'string' ? [{ stream: 'pages', side: 'source', ids: [id] }] : [];
  },
};

interface ListenerOptions {
  readonly secrets?: string;
  readonly wrapTable?: (table: Table) => Table;
  readonly nudge?: (connector: string) => Promise<void>;
  readonly sender?: WebhookSender;
}

function aListener({ secrets = secret, wrapTable = (table) => table, nudge = async () => {}, sender = pages }: ListenerOptions = {}) {
  const clock = manualClock(startMs);
  const table = sqliteTable({ path: ':memory:', clock });
  cleanups.push(() => table.close());
  const nudged: string[] = [];
  const told: string[] = [];
  const log = { ...silentLog, warn: (facts: object, message: string) => told.push(`${message} ${JSON.stringify(facts)}`) };
  const host = { nudge: async (connector: string) => { await nudge(connector); nudged.push(connector); } };
  const answering = webhookPlane({ clock, log, table: wrapTable(table), host, secrets: async () => ({ PAGES_SECRET: secrets }), senders: { 'a-b': sender, 'no-senders': sender } });
  const box = hintBox({ table, clock }, 'a-b');
  return { clock, nudged, told, box, answering, ask: askingHandlers(answering) };
}

/** As a sender that knows the secret signs it. */
function signed({ clock }: { readonly clock: { now(): number } }, more: { readonly id?: string; readonly ageMs?: number; readonly body?: string; readonly with?: string } = {}): Sent {
  const { id = 'msg-1', ageMs = 0, body: said = body, with: key = secret } = more;
  const time = String(Math.floor((clock.now() - ageMs) / 1000));
  const signature = `v1,${signatureOf(dialects.standard, key, { id, time, body: Buffer.from(said) })}`;
  return { body: said, headers: { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } };
}

const post = (ask: Asking, sent: Sent) => ask('POST /api/webhook/a-b', sent);

describe('a webhook', () => {
  test('that is signed right is kept, handed on and answered with 202', async () => {
    const listener = aListener();

    const { status, body: said } = await post(listener.ask, signed(listener));

    expect({ status, said, nudged: listener.nudged }).toEqual({ status: 202, said: { state: 'accepted' }, nudged: ['a-b'] });
    expect(await listener.box.take()).toMatchObject({ count: 1, hints: [{ stream: 'pages', side: 'source', ids: ['7'] }] });
  });

  test('is checked over its bytes, however the gateway wraps them', async () => {
    const listener = aListener();

    const statuses = [(await post(askingLambda(listener.answering), signed(listener, { id: 'one' }))).status, (await post(askingLambda(listener.answering, true), signed(listener, { id: 'two' }))).status];

    expect(statuses).toEqual([202, 202]);
  });

  test('that comes again is answered with 200, and is queued once', async () => {
    const listener = aListener();
    await post(listener.ask, signed(listener));
    const taken = await listener.box.take();
    await taken.done();
    listener.clock.advance(3 * 86_400_000);

    const again = await post(listener.ask, signed(listener));

    expect({ status: again.status, said: again.body, nudged: listener.nudged.length }).toEqual({ status: 200, said: { state: 'known' }, nudged: 1 });
    expect((await listener.box.take()).count).toBe(0);
  });

  test('that comes ten times at once is queued once', async () => {
    const listener = aListener();

    const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await post(listener.ask, signed(listener))).status));

    expect(statuses.filter((status) => status === 202)).toHaveLength(1);
    expect(statuses.filter((status) => status === 200)).toHaveLength(9);
    expect(listener.nudged).toEqual(['a-b']);
  });

  const forgeries: { readonly [name: string]: (sent: Sent, listener: ReturnType<typeof aListener>) => Sent } = {
    'signed with another secret': (_sent, listener) => signed(listener, { with: secretOf('another secret for tests') }),
    'whose body was changed': (sent) => ({ ...sent, body: body.replace('1.0', '1') }),
    'whose time was changed': (sent, { clock }) => ({ ...sent, headers: { ...sent.headers, 'webhook-timestamp': String(Math.floor(clock.now() / 1000) + 1) } }),
    'whose id was changed': (sent) => ({ ...sent, headers: { ...sent.headers, 'webhook-id': 'msg-2' } }),
    'without a signature': ({ body: said, headers }) => ({ body: said, headers: { ...headers, 'webhook-signature': '' } }),
    'without an id': (sent) => ({ ...sent, headers: { ...sent.headers, 'webhook-id': '' } }),
    'without a time': (sent) => ({ ...sent, headers: { ...sent.headers, 'webhook-timestamp': '' } }),
    'whose signature has another version': (sent) => ({ ...sent, headers: { ...sent.headers, 'webhook-signature': (sent.headers?.['webhook-signature'] ?? '').replace('v1', 'v2') } }),
    'that is six minutes old': (_sent, listener) => signed(listener, { ageMs: 6 * 60_000 }),
    'that is six minutes early': (_sent, listener) => signed(listener, { ageMs: -6 * 60_000 }),
  };

  test.each(Object.keys(forgeries))('%s is refused with 401, and nothing is kept', async (name) => {
    const listener = aListener();

    const { status, body: said } = await post(listener.ask, forgeries[name]?.(signed(listener), listener) ?? {});

    expect(status).toBe(401);
    expect(said.detail).toBe('the signature, or its time, does not hold');
    expect(listener.nudged).toEqual([]);
    expect((await listener.box.take()).count).toBe(0);
  });

  test('is believed with the old and the new secret while the secret is changed', async () => {
    const listener = aListener({ secrets: `${secret} ${nextSecret}` });

    const statuses = [(await post(listener.ask, signed(listener, { id: 'old', with: secret }))).status, (await post(listener.ask, signed(listener, { id: 'new', with: nextSecret }))).status];

    expect(statuses).toEqual([202, 202]);
  });

  test.each([['that is not set', ''], ['that is too short to be one', 'short']])('is never believed with a secret %s', async (_what, weak) => {
    const listener = aListener({ secrets: weak });

    const statuses = [(await post(listener.ask, signed(listener, { with: weak }))).status, (await post(listener.ask, { body })).status];

    expect(statuses).toEqual([401, 401]);
    expect(listener.told.join()).not.toContain('short');
  });

  test('over 64 KB is 413, one that is no JSON 400, one of an unknown kind 202 without anything done', async () => {
    const listener = aListener();

    const long = await post(listener.ask, signed(listener, { body: JSON.stringify({ type: 'page.updated', data: 'x'.repeat(64 * 1024) }) }));
    const broken = await post(listener.ask, signed(listener, { body: '{"type":' }));
    const unknown = await post(listener.ask, signed(listener, { body: '{"type":"page.read"}' }));

    expect([long.status, broken.status, unknown.status]).toEqual([413, 400, 202]);
    expect(unknown.body).toEqual({ state: 'ignored' });
    expect(listener.nudged).toEqual([]);
    expect((await listener.box.take()).count).toBe(0);
  });

  test('that names no item asks for a look at everything', async () => {
    const listener = aListener();
    await post(listener.ask, signed(listener, { id: 'one' }));
    await post(listener.ask, signed(listener, { id: 'two', body: '{"type":"page.updated"}' }));

    expect(await listener.box.take()).toMatchObject({ count: 2, hints: undefined });
  });

  test('for a connector that nobody tells anything is 404', async () => {
    const { ask } = aListener();

    const statuses = await Promise.all(['POST /api/webhook/none', 'POST /api/webhook/toString', 'GET /api/webhook/none', 'POST /api/webhook/'].map(async (line) => (await ask(line)).status));

    expect(statuses).toEqual([404, 404, 404, 404]);
  });
});

describe('what a webhook told', () => {
  test('is kept when nobody can be asked to look at it, and the next run takes it', async () => {
    const listener = aListener({ nudge: () => Promise.reject(new Error('the queue refuses')) });

    const { status } = await post(listener.ask, signed(listener));

    expect(status).toBe(202);
    expect(listener.told.join()).toContain('the next run does it');
    expect((await listener.box.take()).count).toBe(1);
  });

  test('is not answered with 202 before it is stored, so that the sender comes again', async () => {
    let isFull = true;
    const listener = aListener({ wrapTable: (table) => ({ ...table, write: (group) => (isFull ? Promise.reject(new Error('the disk is full')) : table.write(group)) }) });

    const refused = await post(listener.ask, signed(listener));
    isFull = false;
    const repeated = await post(listener.ask, signed(listener));

    expect([refused.status, repeated.status]).toEqual([500, 202]);
    expect((await listener.box.take()).count).toBe(1);
  });

  test('comes to the next run again when a run that took it did not end well', async () => {
    const listener = aListener();
    await post(listener.ask, signed(listener));

    const first = await listener.box.take();
    const second = await listener.box.take();
    await second.done();
    await first.done();

    expect([first.count, second.count, (await listener.box.take()).count]).toEqual([1, 1, 0]);
  });

  test('is forgotten after four days, as any run would have seen it by then', async () => {
    const listener = aListener();
    await post(listener.ask, signed(listener));
    listener.clock.advance(4 * 86_400_000 + 1);

    expect((await listener.box.take()).count).toBe(0);
    expect((await post(listener.ask, signed(listener))).status).toBe(202);
  });

  test('in the same words as before counts anew once a run has taken them, where the sender names no delivery', async () => {
    const sent: Sent = { body, headers: { 'x-webhook-secret': secret } };
    const told = aListener({ sender: { ...pages, dialect: dialects.sharedSecret } });

    const [first, second] = [(await post(told.ask, sent)).status, (await post(told.ask, sent)).status];
    const taken = await told.box.take();
    const third = (await post(told.ask, sent)).status;
    await taken.done();

    expect([first, second, third]).toEqual([202, 200, 202]);
    expect((await told.box.take()).count).toBe(1);
  });

  test('is waited for until it is old enough to be read', async () => {
    const listener = aListener();
    await post(listener.ask, signed(listener));
    const before = listener.clock.now();

    await listener.box.take({ settleMs: 3000 });

    expect(listener.clock.now() - before).toBe(3000);
  });
});

describe('the dialects', () => {
  const at = 1_767_225_600_000;
  const legacy = Buffer.from('{"event":"speaker.updated","data":{"id":7}}');
  // Computed by others: the reference library of Standard Webhooks, and the sheets of the vendors.
  const known: readonly { readonly name: string; readonly dialect: Dialect; readonly secret: string; readonly headers: { readonly [name: string]: string }; readonly body: Buffer }[] = [
    {
      name: 'Standard Webhooks', dialect: dialects.standard, secret: ['whsec', 'aHViLWRlbW8tc2lnbmluZy1zZWNyZXQtMzItYnl0ZXM='].join('_'), body: Buffer.from('{"type":"schedule.updated","timestamp":"2026-01-01T00:00:00.000Z","data":{"id":"sch_9001","version":4}}'),
      headers: { 'webhook-id': 'msg_01HUBTEST0000000000000001', 'webhook-timestamp': '1767225600', 'webhook-signature': 'v1,AAAA v1,2uiXAuhKeBBW8ogCJt0fys4/Rf322w3QFSNqs7uhjDo=' },
    },
    { name: 'hex and milliseconds', dialect: dialects.timedHex, secret: 'legacy-demo-secret', body: legacy, headers: { 'x-timestamp': '1767225600000', 'x-signature': '11654f8b8224958584b2a19e60faecac17983ba09aabfc645996da21b0cbcbe1' } },
    { name: 'base64 and seconds', dialect: dialects.timedBase64, secret: 'legacy-demo-secret', body: legacy, headers: { 'x-timestamp': '1767225600', 'x-signature': 'FBhcpDmkZQ2/bIjtTmq8p941i5QNSadhuZXXuH3TbpE=' } },
    // GitHub's own test values, from its page on validating deliveries.
    { name: 'GitHub', dialect: dialects.gitHub, secret: "It's a Secret to Everybody", body: Buffer.from('Hello, World!'), headers: { 'x-github-delivery': 'one', 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' } },
    { name: 'Stripe', dialect: dialects.stripe, secret: 'legacy-demo-secret', body: legacy, headers: { 'stripe-signature': `t=1767225600,v0=00,v1=${signatureOf(dialects.stripe, 'legacy-demo-secret', { time: '1767225600', body: legacy })}` } },
    { name: 'Alma', dialect: dialects.alma, secret: 'legacy-demo-secret', body: legacy, headers: { 'x-exl-signature': signatureOf(dialects.alma, 'legacy-demo-secret', { body: legacy }) } },
    { name: 'a shared secret', dialect: dialects.sharedSecret, secret: 'legacy-demo-secret', body: legacy, headers: { 'x-webhook-secret': 'legacy-demo-secret' } },
  ];

  test.each(known)('$name: right is right, and a letter more or less is not', ({ dialect, secret: key, headers, body: bytes }) => {
    const changed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, name === dialect.header ? `${value.slice(0, -2)}${value.endsWith('Q=') ? 'w' : 'A'}=` : value]));

    expect(proofOf(dialect, [key], { headers, body: bytes }, at)).toMatchObject({ ok: true });
    expect(proofOf(dialect, [`x${key}`], { headers, body: bytes }, at)).toMatchObject({ ok: false });
    expect(proofOf(dialect, [key], { headers: changed, body: bytes }, at)).toMatchObject({ ok: false, why: 'forged' });
    expect(proofOf(dialect, [key], { headers: {}, body: bytes }, at)).toMatchObject({ ok: false, why: 'no proof' });
  });

  test.each(known.filter(({ dialect }) => dialect.timestamp !== undefined))('$name: outside of its window it is stale', ({ dialect, secret: key, headers, body: bytes }) => {
    const { pastMs = 0, futureMs = 0 } = dialect.timestamp ?? {};
    const proof = (nowMs: number) => proofOf(dialect, [key], { headers, body: bytes }, nowMs);

    expect([proof(at + pastMs).ok, proof(at - futureMs).ok]).toEqual([true, true]);
    expect([proof(at + pastMs + 1), proof(at - futureMs - 1)]).toEqual([{ ok: false, why: 'stale' }, { ok: false, why: 'stale' }]);
  });

  test.each(known.filter(({ dialect }) => dialect.signed !== 'body' || dialect.form !== 'secret'))('$name: another body is forged', ({ dialect, secret: key, headers }) => {
    expect(proofOf(dialect, [key], { headers, body: Buffer.from('other') }, at)).toMatchObject({ ok: false, why: 'forged' });
  });

  test('a sender that asks once whether we are there gets its word back; others are told that there is nothing to ask', async () => {
    const asked = aListener({ sender: { ...pages, dialect: dialects.alma } });
    const silent = aListener();

    const [word, none, other] = await Promise.all([asked.ask('GET /api/webhook/a-b?challenge=some-word'), asked.ask('GET /api/webhook/a-b'), silent.ask('GET /api/webhook/a-b?challenge=some-word')]);

    expect([word.status, word.body, none.status, other.status]).toEqual([200, { challenge: 'some-word' }, 405, 405]);
  });
});

describe('a Flow of Directus', () => {
  const id = 'directus-nextcloud';
  const flowSecret = 'what-the-flow-sends-along';
  const asFlow = (said: object): Sent => ({ body: said, headers: { 'x-webhook-secret': flowSecret } });

  function aSite() {
    const site = servedHub({ env: { DIRECTUS_WEBHOOK_SECRET: flowSecret } });
    cleanups.push(() => site.close());
    return { ...site, tell: (said: object) => site.ask(`POST /api/webhook/${id}`, asFlow(said)) };
  }

  test('that tells of a new event has it in the calendar, and of others nothing is read', async () => {
    const site = aSite();
    await site.hub.run(id);
    site.world.change(); // one more that nobody tells of
    const row = site.world.directus.events.add({ approved: true, status: 'published', title: 'Harvest supper' });
    const objects = site.world.calendar.objects.size;

    const { status } = await site.tell({ event: 'events.items.create', payload: {}, key: row.id, collection: 'events' });
    await site.host.idle();
    const [standing] = await site.hub.status();

    expect(status).toBe(202);
    expect(standing?.lastRun?.report).toMatchObject({ state: 'finished', planned: 1, streams: { events: { created: 1 } } });
    expect(site.world.calendar.objects.size).toBe(objects + 1);
    expect(await site.hub.run(id, { dry: true })).toMatchObject({ planned: 1 });
  });

  test.each([
    ['create', { event: 'events.items.create', key: 261, collection: 'events' }, ['261']],
    ['update with keys as texts', { event: 'events.items.update', keys: ['261'], collection: 'events' }, ['261']],
    ['update with keys as numbers', { event: 'events.items.update', keys: [261, 262], collection: 'events' }, ['261', '262']],
    ['delete', { event: 'events.items.delete', payload: ['261'], keys: ['261'], collection: 'events' }, ['261']],
  ])('%s names the rows', async (_kind, said, ids) => {
    const site = servedHub({ env: { DIRECTUS_WEBHOOK_SECRET: flowSecret }, wrapHost: (host) => ({ ...host, nudge: async () => {} }) });
    cleanups.push(() => site.close());

    const { status } = await site.ask(`POST /api/webhook/${id}`, asFlow(said));

    expect(status).toBe(202);
    expect((await hintBox({ table: site.hub.remembered.table, clock: site.clock }, id).take()).hints).toEqual([{ stream: 'events', side: 'source', ids }]);
  });

  test('that tells of something else, or knows no secret, starts nothing', async () => {
    const site = aSite();

    const [other, stranger] = [await site.tell({ event: 'auth.login' }), await site.ask(`POST /api/webhook/${id}`, { body: { event: 'events.items.update', keys: ['1'] } })];
    await site.host.idle();

    expect([other.status, other.body, stranger.status]).toEqual([202, { state: 'ignored' }, 401]);
    expect((await site.hub.status())[0]?.lastRun).toBeUndefined();
  });

  test('while the connector is paused loses nothing: after resume the next run takes it', async () => {
    const site = aSite();
    await site.hub.run(id);
    await site.hub.pause(id, 'ada', '');

    await site.tell({ event: 'events.items.update', keys: ['1'] });
    await site.host.idle();
    await site.hub.resume(id);
    const looked = await site.hub.lookAtHints(id);
    const again = await site.hub.lookAtHints(id);

    expect(looked).toMatchObject({ state: 'finished' });
    expect(again).toBeUndefined();
  });

  test('an ordinary run takes what was told, and nobody looks a second time', async () => {
    const site = servedHub({ env: { DIRECTUS_WEBHOOK_SECRET: flowSecret }, wrapHost: (host) => ({ ...host, nudge: () => Promise.reject(new Error('full')) }) });
    cleanups.push(() => site.close());
    await site.ask(`POST /api/webhook/${id}`, asFlow({ event: 'events.items.update', keys: ['1'] }));

    await site.hub.run(id, { dry: true });
    await site.hub.run(id);

    expect(await site.hub.lookAtHints(id)).toBeUndefined();
  });
});
