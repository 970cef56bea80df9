/** Every sample of events/, put through the function that it is for, on a machine of its own with the invented world as vendors. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { fieldsOf } from '../../shared/base/fields-of.ts';
import { silentLog } from '../../shared/base/log.ts';
import type { Host } from '../../shared/hub/errand.ts';
import { localHub } from '../../shared/hub/local.ts';
import { invokeLocally, type Invoked } from '../../shared/hub/local-functions.ts';
import { localHost } from '../../shared/hub/local-host.ts';
import { allFactories } from '../../shared/hub/registry.ts';
import { libraryWorld } from '../../shared/hub/sample-library.ts';
import { missionWorld } from '../../shared/hub/sample-mission.ts';
import { sampleWorld } from '../../shared/hub/sample.ts';

const folder = new URL('../../events/', import.meta.url);
const plan = 'directus-nextcloud-plan';
const apply = 'directus-nextcloud-apply';
const libraryPlan = 'libcal-passagepoint-plan';
const libraryApply = 'libcal-passagepoint-apply';
const missionPlan = 'servicereef-nxt-plan';
const missionApply = 'servicereef-nxt-apply';

const factories = await allFactories();

function machine(otherHost?: Host) {
  const clock = manualClock();
  const sample = sampleWorld(clock);
  const library = libraryWorld(clock);
  const mission = missionWorld(clock);
  const others = [...library.systems, ...mission.systems];
  const reach: typeof fetch = (input, init) => (others.find(({ origin }) => String(input instanceof Request ? input.url : input).startsWith(origin)) ?? sample).fetch(input, init);
  const variables = { ...sample.variables, ...library.variables, ...mission.variables, DIRECTUS_WEBHOOK_SECRET: 'the-secret-of-the-samples' };
  const hub = localHub({ config: { statePath: ':memory:', port: 0, logFile: undefined, logLevel: 'silent', variables }, clock, fetch: reach });
  const host = localHost({ hub, clock, log: silentLog });
  const parts = { hub, host: otherHost ?? host, factories, variables, clock, log: silentLog, fetch: reach };
  const invoke = async (name: string, file: string): Promise<Invoked> => {
    const invoked = await invokeLocally(parts, name, JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
    await host.idle();
    return invoked;
  };
  return { sample, mission, hub, invoke, status: async () => (await hub.status())[0], events: () => sample.calendar.objects.all().length };
}

type Machine = ReturnType<typeof machine>;

/** File, function, and what has to come of it. */
const samples: { readonly [file: string]: { readonly name: string; readonly check: (invoked: Invoked, at: Machine) => Promise<void> } } = {
  'schedule-tick.json': { name: plan, check: syncs },
  'manual-trigger.json': { name: plan, check: syncs },
  'errand-replay.json': { name: plan, check: async ({ answer }) => expect(answer).toEqual({ kind: 'errand', answer: { kind: 'reports', reports: [] } }) },
  'library-schedule-tick.json': { name: libraryPlan, check: registers },
  'library-manual-trigger.json': { name: libraryPlan, check: registers },
  'library-apply-batch.json': { name: libraryApply, check: async ({ answer }) => expect(answer).toEqual({ batchItemFailures: [] }) },
  'mission-schedule-tick.json': { name: missionPlan, check: signsUp },
  'mission-manual-trigger.json': { name: missionPlan, check: signsUp },
  'mission-apply-batch.json': { name: missionApply, check: async ({ answer }) => expect(answer).toEqual({ batchItemFailures: [] }) },
  'apply-batch.json': { name: apply, check: async ({ answer }, { status }) => {
    expect(answer).toEqual({ batchItemFailures: [] });
    expect((await status())?.gaveUp).toBeUndefined();
  } },
  'poison-batch.json': { name: apply, check: async ({ answer }, { status }) => {
    expect(answer).toEqual({ batchItemFailures: [] });
    expect((await status())?.gaveUp).toMatchObject({ count: 1, links: 0 });
  } },
  'dead-letter.json': { name: 'dead-letter', check: async ({ answer }, { status }) => {
    expect(answer).toEqual({ batchItemFailures: [] });
    expect((await status())?.gaveUp).toMatchObject({ count: 2, links: 1 });
  } },
  'api-health.json': { name: 'api', check: async ({ answer }) => expect(answer).toMatchObject({ status: 200 }) },
  'api-status-without-sign-in.json': { name: 'api', check: async ({ answer }) => expect(answer).toMatchObject({ status: 401 }) },
  // Refused, and with what words depends on whether that system is one of ours, and set up.
  'oauth-callback-forged.json': { name: 'oauth', check: async ({ answer }) => {
    const { status } = fieldsOf(answer);
    expect([400, 404, 422]).toContain(status);
  } },
  'webhook.json': { name: 'webhook', check: async ({ answer }) => expect(answer).toMatchObject({ status: 202, body: expect.stringContaining('accepted') }) },
  'webhook-repeated.json': { name: 'webhook', check: async ({ answer }) => expect(answer).toMatchObject({ status: 202 }) },
  'webhook-forged.json': { name: 'webhook', check: async ({ answer }) => expect(answer).toMatchObject({ status: 401 }) },
};

async function syncs({ answer, afterwards }: Invoked, { events }: Machine): Promise<void> {
  expect(answer).toMatchObject({ kind: 'report', report: { state: 'finished', planned: 8 } });
  expect(afterwards).toEqual([{ name: apply, answer: { batchItemFailures: [] } }]);
  expect(events()).toBe(8);
}

async function registers({ answer, afterwards }: Invoked): Promise<void> {
  expect(answer).toMatchObject({ kind: 'report', report: { connector: 'libcal-passagepoint', state: 'finished', planned: 15 } });
  expect(afterwards.every((one) => one.name === libraryApply)).toBe(true);
}

/** Four trips, and all twelve travellers but the one who may be either of two donors. */
async function signsUp({ answer, afterwards }: Invoked, { mission: { sky } }: Machine): Promise<void> {
  expect(answer).toMatchObject({ kind: 'report', report: { connector: 'servicereef-nxt', state: 'finished', planned: 31 } });
  expect(afterwards.every((one) => one.name === missionApply)).toBe(true);
  expect(sky.events.all()).toHaveLength(4);
  expect(sky.participants.all()).toHaveLength(14);
}

test('every file of events/ is a sample of something', () => {
  expect(readdirSync(folder).sort()).toEqual(Object.keys(samples).sort());
});

test.each(Object.keys(samples))('%s does what it is a sample of', async (file) => {
  const sample = samples[file];
  const at = machine();

  const invoked = await at.invoke(sample?.name ?? '', file);

  expect(sample).toBeDefined();
  await sample?.check(invoked, at);
  at.hub.close();
});

test('a webhook that is repeated before anybody has looked is known already', async () => {
  const at = machine({ start: async () => 'underway', nudge: async () => {} });

  const first = await at.invoke('webhook', 'webhook.json');
  const second = await at.invoke('webhook', 'webhook-repeated.json');

  expect([first.answer, second.answer]).toMatchObject([{ status: 202, body: expect.stringContaining('accepted') }, { status: 200, body: expect.stringContaining('known') }]);
  at.hub.close();
});

test('a function that there is not is told by the names of those that there are', async () => {
  const at = machine();

  await expect(at.invoke('plan', 'schedule-tick.json')).rejects.toThrow('directus-nextcloud-plan');
  at.hub.close();
});
