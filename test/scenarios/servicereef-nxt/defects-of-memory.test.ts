/**
 * Of the twenty-nine defects that the older service had (sheet servicereef-nxt, 7.2), those of tokens and memory:
 * what must never happen again, by number, as promises.
 */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../shared/base/clock.ts';
import { VendorSignInFailed } from '../../../shared/base/errors.ts';
import { callCounter } from '../../../shared/http/calls.ts';
import { tokenEndpoint } from '../../../shared/http/oauth-endpoint.ts';
import { oauthTokens, type OAuthTokens } from '../../../shared/http/oauth.ts';
import type { SimulatedSky } from '../../../shared/simulators/sky.ts';
import { renewalLease } from '../../../shared/stores/renewal-leases.ts';
import { sqliteTable } from '../../../shared/stores/sqlite-table.ts';
import { refusesToken } from '../../../shared/vendors/sky/refusals.ts';
import { memorySecrets, names, type MemorySecrets } from '../../http/token-samples.ts';
import { mortal } from '../../random/mortal.ts';
import { missionStart } from '../../samples/mission-hub.ts';
import { aMission, dana, donor, hourMs, theo, theWhitlocks, tripId } from './a-mission.ts';

/** Each process has keepers of its own, on one secret and one lease. */
function tokenKeepers() {
  const clock = manualClock(missionStart);
  const table = sqliteTable({ path: ':memory:', clock });
  let secrets: MemorySecrets | undefined;
  let workers = 0;
  const keeper = (sky: SimulatedSky): OAuthTokens => {
    if (secrets === undefined) {
      const { accessToken, refreshToken } = sky.connect();
      secrets = memorySecrets({ APP_ID: sky.clientId, APP_SECRET: sky.clientSecret, ACCESS_TOKEN: accessToken, REFRESH_TOKEN: refreshToken });
    }
    const lease = renewalLease({ table, clock, connector: 'servicereef-nxt', system: 'nxt', worker: `worker-${++workers}`, isDead: () => false });
    const unhurried: typeof fetch = async (input, init) => {
      await setImmediate(); // so that another one can come while this one is at it
      return sky.fetch(input, init);
    };
    const endpoint = tokenEndpoint({ fetch: unhurried, clock, calls: callCounter(), log: { debug: () => {} } }, { system: 'nxt', tokenUrl: `${sky.oauthUrl}/token` });
    return oauthTokens({ clock, secrets, lease, endpoint, notice: () => {} }, { system: 'nxt', secretName: 'servicereef-nxt', names, howToSignIn: 'concord connect nxt', refusesToken });
  };
  return { clock, keeper };
}

describe('tokens', () => {
  test('3 after an hour, and in the middle of a run, tokens are renewed and nobody pastes one', async () => {
    const { clock, keeper } = tokenKeepers();
    let calls = 0;
    const hub = aMission({ clock, tokens: keeper, sky: { accessTokenSeconds: 600 }, wrapFetch: (fetcher) => (input, init) => {
      calls += 1;
      if (calls === 12) clock.advance(11 * 60_000);
      return fetcher(input, init);
    } });
    for (let n = 0; n < 5; n += 1) hub.signUp();

    const first = await hub.run();
    clock.advance(2 * hourMs);
    hub.reef.revokeTokens();
    hub.signUp(dana);
    const second = await hub.run();

    expect(calls).toBeGreaterThan(12);
    expect([first.problems, second.problems, hub.rsvps().length]).toEqual([[], [], 6]);
    expect(hub.sky.journal.count('POST /token')).toBeGreaterThanOrEqual(2);
  });

  test('24 two processes that need a new token at once spend the refresh token once, and both go on', async () => {
    const { clock, keeper } = tokenKeepers();
    const hub = aMission({ clock, tokens: keeper, sky: { accessTokenSeconds: 3600 } });
    const [one, other] = [keeper(hub.sky), keeper(hub.sky)];
    clock.advance(2 * hourMs);
    const call = async ({ value }: { readonly value: string }): Promise<string> => {
      const { status } = await hub.sky.fetch(`${hub.sky.url}/constituent/v1/phonetypes`, { headers: { authorization: `Bearer ${value}`, 'bb-api-subscription-key': hub.sky.subscriptionKey } });
      if (status === 401) throw new VendorSignInFailed({ vendor: 'nxt', call: 'GET /phonetypes', status });
      return value;
    };

    const values = await Promise.all([one, other].map((tokens) => tokens.use(call)));
    hub.signUp(dana);
    const report = await hub.run();

    expect(new Set(values).size).toBe(1);
    expect(hub.sky.journal.entries.filter(({ path }) => path === '/token').map(({ status }) => status)).toEqual([200]);
    expect(report.problems).toEqual([]);
  });
});

describe('memory', () => {
  test('22 a trip and its people stand after one run', async () => {
    const hub = aMission();
    hub.signUp(dana);
    await hub.run();
    hub.reef.events.add({ eventId: 31_002 });
    hub.signUp(theo, { eventId: 31_002 });

    const report = await hub.run();

    expect([report.problems, hub.rsvps(31_002)]).toEqual([[], ['Attending']]);
  });

  test('16 a new participant that NXT does not show yet, and whose answer was lost, is not made again', async () => {
    const hub = aMission({ sky: { rosterDelaySeconds: 50, secondParticipant: 'second-row' } });
    hub.signUp(dana);
    hub.sky.faults.add({ kind: 'lost-answer', when: { method: 'POST', pathPart: '/participants' }, times: 1 });

    for (let n = 0; n < 4; n += 1) {
      await hub.run();
      hub.clock.advance(n === 0 ? 10_000 : hourMs);
    }

    expect(hub.rsvps()).toEqual(['Attending']);
  });

  test('23 memory that is lost is found again by the marks in NXT, and nothing is doubled', async () => {
    const hub = aMission();
    hub.sky.events.add({ name: 'Another trip', lookup_id: `SR-${tripId}9` });
    const known = hub.sky.constituents.add(donor('Dana', 'Whitlock', theWhitlocks.email));
    const people = [hub.signUp(dana), hub.signUp({ firstName: 'Ines', lastName: 'Okafor', email: null })];
    await hub.run();
    hub.sky.constituents.edit(known.id, { first: 'Danuta' }); // only the alias tells now
    const before = [hub.sky.events.all().length, hub.sky.constituents.all().length, hub.roster(tripId).map(({ id }) => id)];
    for (const [stream, ids] of [['events', [tripId]], ['people', people], ['participants', people.map((userId) => `${tripId}/${userId}`)]] as const) {
      for (const id of ids) {
        const link = await hub.linkOf(stream, id);
        if (link !== undefined) await hub.links.remove(link);
      }
    }

    const report = await hub.run();

    expect([hub.sky.events.all().length, hub.sky.constituents.all().length, hub.roster(tripId).map(({ id }) => id)]).toEqual(before);
    expect(report.problems).toEqual([]);
  });

  test.each([true, false])('25 a process that dies at any of its steps (after the effect: %s) loses nothing, and nothing is made twice', async (isAfter) => {
    const deaths = [1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49, 53, 57, 61, 65, 69, 73];
    let died = 0;
    for (const at of deaths) {
      const life = mortal();
      const hub = aMission({ wrapFetch: life.wrapFetch, wrapTable: life.wrapTable });
      hub.signUp(dana);
      hub.signUp(theo);

      life.begin({ at, isAfter });
      await hub.run().catch(() => undefined);
      died += life.isDead ? 1 : 0;
      life.begin(undefined);
      for (let n = 0; n < 4; n += 1) {
        hub.clock.advance(2 * hourMs);
        await hub.run();
      }

      expect([at, hub.sky.events.all().length, hub.donors().toSorted(), hub.rsvps()]).toEqual([at, 1, ['Dana Whitlock', 'Theo Whitlock'], ['Attending', 'Attending']]);
      expect((await hub.run({ dry: true })).planned).toBe(0);
    }
    expect(died).toBeGreaterThan(10);
  }, 60_000);
});
