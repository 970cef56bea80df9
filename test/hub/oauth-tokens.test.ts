/** A connector that renews its tokens, in a hub: whatever a person puts into the secret, in whatever way, the next run goes on with it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { readConfig } from '../../shared/base/config.ts';
import { silentLog } from '../../shared/base/log.ts';
import { digestKeyName } from '../../shared/base/names.ts';
import { planOnTrigger } from '../../shared/hub/aws-plan.ts';
import type { PlanParts } from '../../shared/hub/aws-plane.ts';
import { credentialStore, keepValues } from '../../shared/hub/credentials.ts';
import { keptSecrets } from '../../shared/hub/kept-secret.ts';
import { localHub } from '../../shared/hub/local.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { localQueue } from '../../shared/stores/local-queue.ts';
import { memorySecrets } from '../http/token-samples.ts';
import { simulatedSky, skyApp, skyEntry, skyFactory } from '../samples/sky.ts';

const minuteMs = 60_000;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

/** One process that goes on, as `npm start` does, over a state folder. */
function aMachine(env: { readonly [name: string]: string } = {}) {
  const state = mkdtempSync(join(tmpdir(), 'concord-test-'));
  cleanups.push(() => rmSync(state, { recursive: true, force: true }));
  const clock = manualClock();
  const sky = simulatedSky(clock);
  const config = readConfig({ env: { ...skyApp, CONCORD_STATE: state, ...env } });
  const hub = localHub({ config, clock, fetch: sky.fetch, secrets: credentialStore(config, [skyEntry]), entries: [skyEntry], factories: [skyFactory] });
  cleanups.push(() => hub.close());
  const run = async () => {
    const before = sky.calls.length;
    const { state: end, problems } = await hub.run(skyEntry.id);
    return { end, codes: problems.map(({ code }) => code), message: problems[0]?.message, calls: sky.calls.slice(before) };
  };
  const file = join(state, 'secrets.json');
  const stored = (): { readonly [name: string]: string } => JSON.parse(readFileSync(file, 'utf8'))[skyEntry.id];
  return { clock, sky, config, hub, run, stored, editFile: (values: object) => writeFileSync(file, JSON.stringify({ [skyEntry.id]: values }), { mode: 0o600 }) };
}

describe('on one machine', () => {
  test('without a token a run says that a person has to sign in, and how; nothing is called', async () => {
    const { run } = aMachine({ SKY_REDIRECT_URI: 'http://localhost:8787/oauth/sky/callback' });

    expect(await run()).toMatchObject({ end: 'paused', codes: ['E_SIGN_IN'], calls: [], message: expect.stringMatching(/To sign in: http:\/\/localhost:8787\/oauth\/sky\/start, concord connect sky, or a new SKY_ACCESS_TOKEN by hand/) });
  });

  test('a file that is edited by hand, and a token that is handed over by another process, are noticed by the very next run', async () => {
    const { sky, run, editFile, config } = aMachine();
    await run();

    editFile({ SKY_ACCESS_TOKEN: sky.vendor.consent().access });
    const byHand = await run();
    sky.vendor.forgetAccess();
    const refused = await run();
    await keepValues(config, skyEntry, { SKY_ACCESS_TOKEN: sky.vendor.consent().access });
    const byConnect = await run();

    expect([byHand, refused, byConnect]).toMatchObject([{ end: 'finished', calls: ['/things'] }, { end: 'paused', codes: ['E_SIGN_IN'], calls: ['/things'] }, { end: 'finished', calls: ['/things'] }]);
  });

  test('a refresh token alone is exchanged, what was given is kept in the file, and hour after hour it goes on', async () => {
    const { clock, run, stored, sky, editFile } = aMachine();
    const { access, refresh } = sky.vendor.consent();
    editFile({ SKY_REFRESH_TOKEN: refresh });

    const runs = [];
    for (let hour = 0; hour < 5; hour += 1, clock.advance(60 * minuteMs)) runs.push(await run());

    expect(runs.map(({ end, calls }) => [end, calls])).toEqual(runs.map(() => ['finished', ['/token', '/things']]));
    expect(stored()['SKY_REFRESH_TOKEN']).not.toBe(refresh);
    expect(stored()['SKY_ACCESS_TOKEN']).not.toBe(access);
    expect(sky.vendor.presentations.map(({ outcome }) => outcome)).toEqual(runs.map(() => 'rotated'));
  });

  test('a revoked consent is told in every run, asked about once, and a sign-in ends it at once', async () => {
    const { sky, clock, run, editFile } = aMachine();
    editFile({ SKY_REFRESH_TOKEN: 'revoked' });

    const first = await run();
    clock.advance(60 * minuteMs);
    const second = await run();
    const { access, refresh } = sky.vendor.consent();
    editFile({ SKY_ACCESS_TOKEN: access, SKY_REFRESH_TOKEN: refresh });
    const third = await run();

    expect([first, second, third]).toMatchObject([{ end: 'paused', codes: ['E_SIGN_IN'], calls: ['/token'] }, { end: 'paused', codes: ['E_SIGN_IN'], calls: [] }, { end: 'finished', calls: ['/things'] }]);
  });

  test('a refresh token is not spent where nothing can be kept: the access token serves until it ends', async () => {
    const { sky, run } = aMachine({ CONCORD_STATE: ':memory:', SKY_REFRESH_TOKEN: 'a-good-one', SKY_ACCESS_TOKEN: 'ended' });

    expect(await run()).toMatchObject({ end: 'paused', codes: ['E_SIGN_IN'], calls: ['/things'] });
    expect(sky.vendor.presentations).toEqual([]);
  });
});

/** Its plan function, in a sandbox that keeps a copy of the secret. */
function aStack(secret: { readonly [name: string]: string }) {
  const clock = manualClock();
  const sky = simulatedSky(clock);
  const secrets = memorySecrets({ ...skyApp, [digestKeyName]: 'invented key for tests only '.repeat(2), ...secret });
  const kept = keptSecrets({ clock, read: (name) => secrets.read(name) });
  const parts: PlanParts = {
    factory: skyFactory, entry: skyEntry, table: sqliteTable({ path: ':memory:', clock }), clock, log: silentLog, fetch: sky.fetch, queue: localQueue({ clock, visibilityMs: minuteMs }),
    secret: () => kept('the-secret'), secrets, secretId: 'the-secret', rhythms: [], startAgain: async () => {}, metrics: { tell: () => {} },
  };
  let invocations = 0;
  const run = async () => {
    const answer = await planOnTrigger(parts, { trigger: 'schedule', connector: skyEntry.id }, { worker: `invocation-${++invocations}`, remainingMs: () => 900_000 });
    return answer.kind === 'report' ? { end: answer.report.state, codes: answer.report.problems.map(({ code }) => code) } : answer;
  };
  return { clock, sky, secrets, run };
}

const tokenLine = async ({ hub }: ReturnType<typeof aMachine>) => (await hub.doctor()).find(({ name }) => name === 'Token of sky');

describe('doctor', () => {
  test('says whether tokens renew themselves, without a call, and how to sign in where there is none', async () => {
    const machine = aMachine();
    const none = await tokenLine(machine);
    machine.editFile({ SKY_ACCESS_TOKEN: 'pasted' });
    const pasted = await tokenLine(machine);
    machine.editFile({ SKY_REFRESH_TOKEN: 'pasted' });
    const renewing = await tokenLine(machine);

    expect(none).toMatchObject({ ok: false, advice: expect.stringContaining('concord connect sky') });
    expect([pasted, renewing]).toMatchObject([{ ok: true, detail: expect.stringContaining('no refresh token') }, { ok: true, detail: expect.stringContaining('not known') }]);
    expect(machine.sky.calls).toEqual([]);
  });

  test('warns a month before a refresh token ends', async () => {
    const machine = aMachine();
    machine.editFile({ SKY_REFRESH_TOKEN: machine.sky.vendor.consent().refresh });
    await machine.run();

    const far = await tokenLine(machine);
    machine.clock.advance(336 * 24 * 60 * minuteMs);
    const near = await tokenLine(machine);

    expect([far, near]).toMatchObject([{ ok: true, detail: expect.stringContaining('ends on 2027-11-23, unless') }, { ok: false, detail: expect.stringContaining('ends on 2027-11-23'), advice: expect.stringContaining('sign in') }]);
  });
});

describe('in the cloud', () => {
  test('a token that is put into the secret counts with the next run, also in a sandbox that has just read it', async () => {
    const { clock, sky, secrets, run } = aStack({ SKY_ACCESS_TOKEN: 'ended' });

    const before = await run();
    clock.advance(1000);
    secrets.edit({ SKY_ACCESS_TOKEN: sky.vendor.consent().access });
    const after = await run();

    expect([before, after]).toEqual([{ end: 'paused', codes: ['E_SIGN_IN'] }, { end: 'finished', codes: [] }]);
  });

  test('two invocations at once spend one refresh token', async () => {
    const { sky, secrets, run } = aStack({});
    secrets.edit({ SKY_REFRESH_TOKEN: sky.vendor.consent().refresh });

    await Promise.all([run(), run()]);
    await run();

    expect(sky.vendor.presentations.map(({ outcome }) => outcome)).toEqual(['rotated']);
  });
});
