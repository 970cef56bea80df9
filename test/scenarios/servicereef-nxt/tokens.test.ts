/** Tokens of NXT as a site lives with them: over the hours, with two programs at once, and where a person has to sign in. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { manualClock } from '../../../shared/base/clock.ts';
import { readConfig } from '../../../shared/base/config.ts';
import { catalog } from '../../../shared/hub/catalog.ts';
import { credentialStore } from '../../../shared/hub/credentials.ts';
import { localHub } from '../../../shared/hub/local.ts';
import { sampleWorlds } from '../../../shared/hub/sample-worlds.ts';

/** The sample's access token is good for a month. */
const monthMs = 31 * 24 * 3_600_000;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).toReversed()) cleanup();
});

/** The sample mission, and programs over one state folder. */
function aSite(without: readonly string[] = []) {
  const state = mkdtempSync(join(tmpdir(), 'concord-test-'));
  cleanups.push(() => rmSync(state, { recursive: true, force: true }));
  const clock = manualClock();
  const worlds = sampleWorlds(clock);
  const [renewals, refused]: [string[], string[]] = [[], []];
  const entries = catalog.filter(({ id }) => id === 'servicereef-nxt');
  const env = Object.fromEntries(Object.entries(worlds.variables).filter(([name]) => /^(?:NXT|SERVICE_REEF)_/.test(name) && !without.includes(name)));
  const reach: typeof fetch = async (input, init) => {
    const answer = await worlds.fetch(input, init);
    const url = String(input instanceof Request ? input.url : input);
    if (url.endsWith('/token')) (answer.status === 200 ? renewals : refused).push(url);
    return answer;
  };
  const program = () => {
    const config = readConfig({ env: { ...env, CONCORD_STATE: state } });
    const hub = localHub({ config, clock, fetch: reach, secrets: credentialStore(config, entries), entries });
    cleanups.push(() => hub.close());
    return hub;
  };
  return { clock, program, renewals, refused, change: () => worlds.change('servicereef-nxt'), variables: worlds.variables, secretsFile: join(state, 'secrets.json') };
}

test('3 a run after the access token has ended goes on by itself: it is renewed, and nobody pastes anything', async () => {
  const { clock, program, renewals, refused, change } = aSite();
  const hub = program();

  const states = [];
  for (let months = 0; months < 3; months += 1, clock.advance(monthMs)) {
    change();
    states.push((await hub.run('servicereef-nxt')).state);
  }

  expect([states, refused]).toEqual([['finished', 'finished', 'finished'], []]);
  expect(renewals.length).toBeGreaterThanOrEqual(2);
});

test('24 two programs over one state spend no refresh token twice', async () => {
  const { clock, program, renewals, refused, change } = aSite();
  const [one, other] = [program(), program()];
  await one.run('servicereef-nxt');
  for (let months = 0; months < 3; months += 1) {
    clock.advance(monthMs);
    change();
    await Promise.allSettled([one.run('servicereef-nxt'), other.run('servicereef-nxt')]);
  }

  const { state } = await other.run('servicereef-nxt');

  expect([state, refused]).toEqual(['finished', []]);
  expect(renewals.length).toBeGreaterThanOrEqual(2);
});

test('without any token the connector pauses and says how to sign in, and goes on with what a person has put into the secret', async () => {
  const { program, variables, secretsFile } = aSite(['NXT_ACCESS_TOKEN', 'NXT_REFRESH_TOKEN']);
  const hub = program();

  const before = await hub.run('servicereef-nxt');
  writeFileSync(secretsFile, JSON.stringify({ 'servicereef-nxt': { NXT_ACCESS_TOKEN: variables['NXT_ACCESS_TOKEN'] } }), { mode: 0o600 });
  const after = await hub.run('servicereef-nxt');

  expect([before.state, before.problems.map(({ code }) => code), before.problems[0]?.message]).toEqual(['paused', ['E_SIGN_IN'], expect.stringContaining('concord connect nxt')]);
  expect([after.state, JSON.parse(readFileSync(secretsFile, 'utf8'))]).toMatchObject(['finished', { 'servicereef-nxt': { NXT_ACCESS_TOKEN: variables['NXT_ACCESS_TOKEN'] } }]);
});
