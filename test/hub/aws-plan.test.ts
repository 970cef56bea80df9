/** The plan function's handler, as the platform calls it: ticks, time that runs out, triggers that come meanwhile. */
import { expect, test } from 'vitest';
import { digestKeyName } from '../../shared/base/names.ts';
import { planOnTrigger } from '../../shared/hub/aws-plan.ts';
import { hintBox } from '../../shared/hub/hints.ts';
import { statusOf } from '../../shared/hub/status.ts';
import { cloudHub, connector } from '../samples/cloud-hub.ts';

const hourMs = 3_600_000;

test('a tick plans, and the messages that it sends bring both sides together', async () => {
  const hub = cloudHub();

  const answer = await hub.tick();
  const between = hub.titles().length;
  const batches = await hub.applyAll();

  expect(answer).toMatchObject({ kind: 'report', goesOn: false, report: { state: 'finished', planned: 8 } });
  expect(between).toBe(3);
  expect(batches.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([]);
  expect(hub.titles()).toEqual(expect.arrayContaining(['Repair afternoon', 'Grant writing clinic', 'Library evening', 'Garden morning', 'Open days']));
  expect(hub.sample.directus.events.all().map(({ title }) => title)).toEqual(expect.arrayContaining(['Choir rehearsal', 'Volunteer breakfast', 'Bicycle workshop']));
});

test('once both sides agree, a tick sends no message', async () => {
  const hub = cloudHub();
  await hub.tick();
  await hub.applyAll();
  hub.clock.advance(hourMs);
  await hub.tick();
  await hub.applyAll();
  hub.clock.advance(hourMs);

  const answer = await hub.tick();

  expect(answer).toMatchObject({ report: { state: 'finished', planned: 0 } });
  expect(hub.queue.size()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});

test('a plan that nears the time limit is made whole by the next invocation, and nothing of it is applied before', async () => {
  const hub = cloudHub();

  const first = await hub.plan({ trigger: 'schedule', connector, full: true }, () => 59_000);
  const between = [hub.titles().length, hub.queue.size().visible];
  const second = await hub.plan(hub.starts[0]);
  await hub.applyAll();

  expect(first).toMatchObject({ kind: 'report', goesOn: true, report: { state: 'paused' } });
  expect(hub.starts).toEqual([{ trigger: 'continue', connector, full: true, only: undefined, continuation: 1 }]);
  expect(between).toEqual([3, 0]);
  expect(second).toMatchObject({ goesOn: false, report: { state: 'finished', planned: 8 } });
  expect(hub.titles()).toHaveLength(8);
});

test('a plan that is never whole is not continued for ever', async () => {
  const hub = cloudHub();

  const answer = await hub.plan({ trigger: 'continue', connector, continuation: 8 }, () => 0);

  expect(answer).toMatchObject({ goesOn: false, report: { state: 'paused' } });
  expect(hub.starts).toEqual([]);
  expect(hub.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a trigger that comes while a run is under way starts one more run afterwards, however many there were', async () => {
  const hub = cloudHub();
  const { fetch } = hub.parts;
  const meanwhile: unknown[] = [];
  let isFirst = true;
  const busy = { ...hub.parts, fetch: async (...call: Parameters<typeof fetch>) => {
    if (isFirst) {
      isFirst = false;
      meanwhile.push(await hub.tick(), await hub.tick());
    }
    return fetch(...call);
  } };

  const answer = await planOnTrigger(busy, { trigger: 'schedule', connector }, { worker: 'first', remainingMs: () => 900_000 });
  const after = await hub.plan(hub.starts[0]);

  expect(meanwhile).toEqual([{ kind: 'running' }, { kind: 'running' }]);
  expect(answer).toMatchObject({ goesOn: true });
  expect(hub.starts).toEqual([{ trigger: 'again', connector }]);
  expect(after).toMatchObject({ goesOn: false });
});

test.each([
  ['nothing', undefined],
  ['an event of another kind', { Records: [] }],
  ['a trigger of another connector', { trigger: 'schedule', connector: 'libcal-passagepoint' }],
  ['a trigger with something that nobody knows', { trigger: 'schedule', connector, limit: 5 }],
])('%s starts nothing', async (_what, event) => {
  const hub = cloudHub();

  const answer = await hub.plan(event);

  expect(answer).toMatchObject({ kind: 'refused' });
  expect(await hub.memory.runs.state()).toMatchObject({ seq: 0 });
});

test('a run that fails is told to the platform when a schedule asked for it, and to the person when a person did', async () => {
  const hub = cloudHub();
  hub.sample.directus.faults.add({ kind: 'status', status: 503, when: () => true });

  await expect(hub.tick()).rejects.toThrow('E_UNAVAILABLE');
  const answer = await hub.plan({ trigger: 'manual', connector });

  expect(answer).toMatchObject({ kind: 'report', report: { state: 'failed' } });
  expect((await hub.memory.runs.state()).lease).toBeUndefined();
});

test('a refused sign-in is told once for each run, and the next runs make no call', async () => {
  const hub = cloudHub({ secret: { DIRECTUS_API_TOKEN: 'not the token' } });

  const answer = await hub.tick();
  const calls = hub.sample.directus.journal.count();
  await hub.tick();

  expect(answer).toMatchObject({ report: { state: 'paused' } });
  expect(hub.figures.filter(({ name }) => name === 'SignInNeeded')).toHaveLength(2);
  expect(hub.sample.directus.journal.count()).toBe(calls);
});

test('a plan that is held is told by every run until a person has answered', async () => {
  const hub = cloudHub();
  await hub.tick();
  await hub.applyAll();
  hub.clock.advance(hourMs);
  for (const { id } of hub.sample.directus.events.all()) hub.sample.directus.events.remove(id);

  await hub.tick();
  hub.clock.advance(hourMs);
  const answer = await hub.tick();

  expect(answer).toMatchObject({ report: { state: 'held' } });
  await hub.applyAll();
  expect(hub.figures.filter(({ name }) => name === 'PersonNeeded')).toHaveLength(2);
  expect(hub.titles()).toHaveLength(8);
});

test('a connector without a successful run for two of its intervals is late, unless a person has paused it', async () => {
  const hub = cloudHub();
  const late = (): number | undefined => hub.figures.findLast(({ name }) => name === 'ConnectorsLate')?.value;

  await hub.tick();
  const fresh = late();
  hub.sample.directus.faults.add({ kind: 'status', status: 503, when: () => true });
  hub.clock.advance(2 * hourMs + 1);
  await hub.tick().catch(() => {});
  const failing = late();
  await hub.memory.runs.change((state) => ({ ...state, paused: { by: 'mira', at: hub.clock.now(), why: 'moving house' } }));
  await hub.plan({ trigger: 'manual', connector });

  expect([fresh, failing, late()]).toEqual([0, 1, 0]);
});

test('another digest key than before is refused: everything would look changed at once', async () => {
  const hub = cloudHub();
  await hub.tick();
  hub.values[digestKeyName] = 'made anew by somebody who replaced the secret';

  await expect(hub.tick()).rejects.toThrow('previous version');

  expect(hub.queue.size().visible).toBe(1);
});

test('all that the secret lacks is listed at once', async () => {
  const hub = cloudHub();
  delete hub.values['DIRECTUS_API_TOKEN'];
  hub.values['NEXTCLOUD_PASSWORD'] = ' ';

  const told = hub.tick();

  await expect(told).rejects.toThrow(/DIRECTUS_API_TOKEN is not set.*NEXTCLOUD_PASSWORD is not set/);
});

test('no line of the log holds a credential or what an event says', async () => {
  const hub = cloudHub();

  await hub.tick();
  await hub.applyAll();

  const text = JSON.stringify(hub.lines);
  expect(hub.lines.length).toBeGreaterThan(3);
  for (const secret of [hub.sample.directus.token, hub.sample.nextcloud.password, 'Repair afternoon', 'Choir rehearsal']) expect(text).not.toContain(secret);
});

test('status tells of a run in the cloud as of one on a machine', async () => {
  const hub = cloudHub();
  await hub.tick();
  await hub.applyAll();

  const status = await statusOf(hub.memory, { nowMs: hub.clock.now(), configured: true, isDead: () => false });

  expect(status).toMatchObject({ state: 'ok', lastRun: { report: { state: 'finished', streams: { events: { created: 8 } } } }, gaveUp: undefined });
});

test('an errand of the control plane is done here: a dry run, a real one, a look at what a webhook told', async () => {
  const hub = cloudHub();
  const errand = (asked: object) => hub.plan({ trigger: 'errand', errand: { connector, ...asked } });

  const dry = await errand({ kind: 'run', dry: true });
  const sentByDry = hub.queue.size().visible;
  const real = await errand({ kind: 'run' });
  await hub.applyAll();
  const [row] = hub.sample.directus.events.all();
  hub.sample.directus.events.edit(row?.id ?? 0, { location: 'Somewhere else' });
  await hintBox(hub.parts, connector).keep({ id: 'told-1', content: new Uint8Array(), hints: [{ stream: 'events', side: 'source', ids: [String(row?.id)] }] });
  const looked = await errand({ kind: 'look' });
  const again = await errand({ kind: 'look' });
  await hub.applyAll();

  expect([dry, sentByDry]).toMatchObject([{ kind: 'errand', answer: { kind: 'reports', reports: [{ planned: 8 }] } }, 0]);
  expect(real).toMatchObject({ answer: { reports: [{ state: 'finished', planned: 8 }] } });
  expect(looked).toMatchObject({ answer: { reports: [{ planned: 1 }] } });
  expect(again).toMatchObject({ answer: { reports: [] } });
  expect(hub.sample.calendar.objects.all().some(({ text }) => text.includes('Somewhere else'))).toBe(true);
});

test('what a person decides about a pair is written by the plan function itself, and comes back as data, errors too', async () => {
  const hub = cloudHub();
  await hub.tick();
  await hub.applyAll();
  const [row] = hub.sample.directus.events.all();
  const [object] = hub.sample.calendar.objects.all().filter(({ text }) => text.includes(`SUMMARY:${row?.title}`));
  hub.clock.advance(hourMs);
  hub.sample.directus.events.edit(row?.id ?? 0, { location: 'Here' });
  hub.sample.calendar.objects.edit(object?.name ?? '', { location: 'There' });
  await hub.tick();
  await hub.applyAll();

  const settled = await hub.plan({ trigger: 'errand', errand: { kind: 'settle', connector, key: String(row?.id), take: 'source', by: 'mira' } });
  const unknown = await hub.plan({ trigger: 'errand', errand: { kind: 'replay', connector, id: 'no such item' } });

  expect(settled).toMatchObject({ answer: { kind: 'told', answered: { kind: 'done' } } });
  expect(hub.sample.calendar.objects.all().some(({ text }) => text.includes('LOCATION:Here'))).toBe(true);
  expect(unknown).toMatchObject({ kind: 'errand', answer: { kind: 'failed', error: { code: 'E_CONFIG' } } });
});
