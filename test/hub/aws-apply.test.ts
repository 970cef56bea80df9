/** The apply function's handler, batch by batch: what is done, what comes back, what is set aside; and what becomes of what gave up. */
import { expect, test } from 'vitest';
import { StoreUnavailable } from '../../shared/base/errors.ts';
import type { Table } from '../../shared/base/table.ts';
import type { QueueRecord } from '../../shared/hub/aws-apply.ts';
import { recordLetters } from '../../shared/hub/aws-dead-letters.ts';
import { openPlane } from '../../shared/hub/aws-plane.ts';
import { desk } from '../../shared/hub/desk.ts';
import { statusOf } from '../../shared/hub/status.ts';
import { localQueue } from '../../shared/stores/local-queue.ts';
import { cloudHub, connector } from '../samples/cloud-hub.ts';

type Hub = ReturnType<typeof cloudHub>;

const record = (body: unknown, messageId = 'message-1'): QueueRecord => ({ messageId, body: typeof body === 'string' ? body : JSON.stringify(body), sentAt: 0, receiveCount: 1 });

/** What a tick has just sent, taken out of the queue. */
async function sent(hub: Hub): Promise<readonly QueueRecord[]> {
  await hub.tick();
  const received = await hub.queue.receive(10);
  await Promise.all(received.map(({ receipt }) => hub.queue.done(receipt)));
  return received.map(({ message }, at) => record(message, `message-${at}`));
}

const statusNow = (hub: Hub) => statusOf(hub.memory, { nowMs: hub.clock.now(), configured: true, isDead: () => false });

/** Fails while `isDown`; what the handler reads and writes goes through it. */
function shakyTable() {
  const state = { isDown: false };
  const through = async <T>(call: () => Promise<T>): Promise<T> => {
    if (state.isDown) throw new StoreUnavailable({ store: 'the table', problem: 'it is away', advice: 'wait' });
    return call();
  };
  const wrapTable = (table: Table): Table => ({
    get: (key) => through(() => table.get(key)),
    getMany: (keys, reading) => through(() => table.getMany(keys, reading)),
    query: (ask) => through(() => table.query(ask)),
    queryHeads: (ask) => through(() => table.queryHeads(ask)),
    queryIndex: (ask) => through(() => table.queryIndex(ask)),
    write: (group) => through(() => table.write(group)),
    writeGroups: (groups) => through(() => table.writeGroups(groups)),
  });
  return { state, wrapTable };
}

test('a message that comes twice writes once', async () => {
  const hub = cloudHub();
  const records = await sent(hub);

  await hub.apply(records);
  const puts = hub.sample.nextcloud.journal.count('PUT');
  const again = await hub.apply(records);

  expect(puts).toBe(5);
  expect(again).toEqual({ batchItemFailures: [] });
  expect(hub.sample.nextcloud.journal.count('PUT')).toBe(puts);
});

test.each([
  ['no JSON', 'look at "Repair afternoon"'],
  ['JSON of another kind', { order: 'create', title: 'Repair afternoon' }],
  ['a look without links', { connector, stream: 'events', plan: 'x', keys: [] }],
  ['a look for another connector', { connector: 'libcal-passagepoint', stream: 'visitors', plan: 'x', keys: ['a'] }],
])('%s becomes a letter at once, its text is not kept, and the rest of the batch is done', async (_what, body) => {
  const hub = cloudHub();
  const good = await sent(hub);

  const answer = await hub.apply([record(body, 'poison'), ...good]);

  expect(answer).toEqual({ batchItemFailures: [] });
  expect(await hub.memory.letters.list()).toEqual([{ id: 'poison', at: 0, why: 'unreadable', keys: [], tries: 1 }]);
  expect(hub.titles()).toHaveLength(8);
});

test('when recording fails the message comes back, and only then', async () => {
  const { state, wrapTable } = shakyTable();
  const hub = cloudHub({ wrapTable });
  const records = await sent(hub);
  state.isDown = true;

  const down = await hub.apply([...records, record('poison', 'poison')]);
  state.isDown = false;
  const up = await hub.apply(records);

  expect(new Set(down.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))).toEqual(new Set(['poison', ...records.map(({ messageId }) => messageId)]));
  expect(up).toEqual({ batchItemFailures: [] });
  expect(hub.titles()).toHaveLength(8);
});

test('a system that does not answer lets no message come back: the work stands on the links, and the next tick does it', async () => {
  const hub = cloudHub();
  const records = await sent(hub);
  const mended = hub.sample.nextcloud.faults.add({ kind: 'status', status: 503, when: { method: 'PUT' } });

  const answer = await hub.apply(records);
  const between = hub.titles().length;
  mended();
  hub.clock.advance(3_600_000);
  await hub.tick();
  await hub.applyAll();

  expect(answer).toEqual({ batchItemFailures: [] });
  expect(between).toBe(3);
  expect(hub.titles()).toHaveLength(8);
});

test('a refused password ends the batch, is told, and the next batch makes no call', async () => {
  const hub = cloudHub();
  const records = await sent(hub);
  hub.values['NEXTCLOUD_PASSWORD'] = 'changed by somebody';

  const answer = await hub.apply(records);
  const calls = hub.sample.nextcloud.journal.count();
  await hub.apply(records);

  expect(answer).toEqual({ batchItemFailures: [] });
  expect(hub.figures.some(({ name }) => name === 'SignInNeeded')).toBe(true);
  expect(hub.sample.nextcloud.journal.count()).toBe(calls);
});

test('what was written before a system stopped the rest is in the run\'s report', async () => {
  const hub = cloudHub();
  const records = await sent(hub);
  hub.sample.nextcloud.faults.add({ kind: 'status', status: 401, when: { method: 'PUT', nth: 3 } });

  await hub.apply(records);
  const [run] = await hub.memory.runs.runs(1);

  const made = (await hub.memory.outcomes.of(run?.run ?? '')).filter(({ what }) => what === 'created');
  // Three events of members stood there before, and went the other way first.
  expect(hub.titles()).toHaveLength(3 + 4);
  expect(made).toHaveLength(3 + 4);
  expect(hub.gaveUp).toEqual([]);
});

test('while a run holds the writer its links are asked for again a little later, and then written', async () => {
  const hub = cloudHub();
  const records = await sent(hub);
  await hub.memory.runs.change((state) => ({ ...state, lease: { worker: 'a long run', until: hub.clock.now() + 60_000 } }));

  await hub.apply(records);
  const between = [hub.titles().length, hub.queue.size().delayed];
  await hub.memory.runs.change((state) => ({ ...state, lease: undefined }));
  hub.clock.advance(20_000);
  await hub.applyAll();

  expect(between).toEqual([3, 1]);
  expect(hub.titles()).toHaveLength(8);
});

test('the run’s report adds up what its workers made, however often a message comes', async () => {
  const hub = cloudHub();
  const records = await sent(hub);
  const refused = hub.sample.nextcloud.faults.add({ kind: 'status', status: 403, when: { method: 'PUT', nth: 1 } });

  await hub.apply(records);
  await hub.apply(records);
  refused();

  const report = (await statusNow(hub)).lastRun?.report;
  expect(report).toMatchObject({ streams: { events: { created: 7, failed: 1 } }, problems: [{ stream: 'events' }] });
});

test('what there is no time for is sent anew, not counted as a try', async () => {
  const hub = cloudHub();
  const records = await sent(hub);

  const answer = await hub.apply(records, () => 60_000);

  expect(answer).toEqual({ batchItemFailures: [] });
  expect(hub.queue.size().visible).toBe(records.length);
  expect(hub.titles()).toHaveLength(3);
});

test('while a person has paused it nothing is written, and after that the next tick does it', async () => {
  const hub = cloudHub();
  const records = await sent(hub);
  await hub.memory.runs.change((state) => ({ ...state, paused: { by: 'mira', at: hub.clock.now(), why: 'moving house' } }));

  await hub.apply(records);
  const between = hub.titles().length;
  await hub.memory.runs.change((state) => ({ ...state, paused: undefined }));
  await hub.tick();
  await hub.applyAll();

  expect(between).toBe(3);
  expect(hub.titles()).toHaveLength(8);
});

test('a message that fails five times is buried, status tells of it, and replay brings its work back', async () => {
  const { state, wrapTable } = shakyTable();
  const hub = cloudHub({ wrapTable });
  await hub.tick();
  state.isDown = true;
  for (let tries = 0; tries < 6; tries += 1) {
    for (const { message, receiveCount, receipt } of await hub.queue.receive(10)) expect((await hub.apply([{ ...record(message, receipt), receiveCount }])).batchItemFailures).toHaveLength(1);
    hub.clock.advance(90 * 60_000);
  }
  state.isDown = false;

  const buried = await hub.bury();
  const status = await statusNow(hub);
  const reports = await replayed(hub);

  expect(buried).toEqual({ batchItemFailures: [] });
  expect(status).toMatchObject({ state: 'attention', gaveUp: { count: 1, links: 8 } });
  expect(reports).toMatchObject([{ streams: { events: { created: 8 } } }]);
  expect(hub.titles()).toHaveLength(8);
  expect((await statusNow(hub)).gaveUp).toBeUndefined();
});

test('a start that never began, and what nobody can read, become letters; one that comes twice is one', async () => {
  const hub = cloudHub();
  const dead = [record({ trigger: 'schedule', connector, at: '2026-11-23T09:00:00Z' }, 'start'), record({ connector, name: 'somebody' }, 'unreadable'), record('no JSON', 'of nobody')];

  await recordLetters(hub.parts, dead);
  await recordLetters(hub.parts, dead);

  expect((await hub.memory.letters.list()).map(({ id, why }) => `${id}: ${why}`).sort()).toEqual(['start: not-started', 'unreadable: unreadable']);
  expect(await statusNow(hub)).toMatchObject({ state: 'new', gaveUp: { count: 2, links: 0 } });
  await replayed(hub);
  expect(await hub.memory.letters.list()).toEqual([]);
});

/** `concord replay --all`, by whoever has the connector's clients. */
async function replayed(hub: Hub) {
  const plane = await openPlane(hub.parts, { worker: 'a person', remainingMs: () => 900_000 });
  const atDesk = desk({
    clock: hub.clock, log: hub.parts.log, memories: [hub.memory], memory: () => hub.memory, calls: plane.calls,
    connect: async () => ({ connector: plane.connector, saveNotes: () => plane.notes.save() }),
    world: () => ({ ...plane.world, queue: localQueue({ clock: hub.clock, visibilityMs: 900_000 }) }),
  });
  return atDesk.replay(undefined, undefined, {});
}
