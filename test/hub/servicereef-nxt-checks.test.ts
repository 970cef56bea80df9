/** What `doctor` says of ServiceReef and NXT, with their real clients over simulated systems. */
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { silentLog } from '../../shared/base/log.ts';
import { parseSettings } from '../../shared/connectors/servicereef-nxt/settings.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import type { Check } from '../../shared/hub/checks.ts';
import { nxtChecks, serviceReefChecks } from '../../shared/hub/servicereef-nxt-checks.ts';
import { simulateServiceReef } from '../../shared/simulators/servicereef.ts';
import { simulateSky } from '../../shared/simulators/sky.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { serviceReefClient } from '../../shared/vendors/servicereef/client.ts';
import { skyClient } from '../../shared/vendors/sky/client.ts';

function systems() {
  const clock = manualClock();
  const world = simulatedWorld({ clock });
  const [reef, sky] = [simulateServiceReef(world), simulateSky(world)];
  const deps = (fetcher: typeof fetch) => ({ clock, budget: unlimited, calls: callCounter(), log: silentLog, fetch: fetcher });
  const { accessToken } = sky.connect();
  const askReef = (appSecret = reef.appKey) => serviceReefChecks(serviceReefClient(deps(reef.fetch), { baseUrl: reef.url, appId: reef.appId, appSecret }));
  const askNxt = (site: object = {}, subscriptionKey = sky.subscriptionKey) => nxtChecks(
    skyClient(deps(sky.fetch), { baseUrl: sky.url, subscriptionKey, tokens: { use: (call) => call({ value: accessToken }) } }),
    parseSettings({ timeZone: 'America/New_York', ...site }),
  );
  return { reef, sky, askReef, askNxt };
}

const wrongIn = (checks: readonly Check[]) => checks.filter(({ ok }) => !ok);

describe('ServiceReef', () => {
  test('it says whose trips these are, and how many', async () => {
    const { reef, askReef } = systems();
    reef.events.add();
    reef.events.add();

    expect(await askReef()).toMatchObject([{ name: 'ServiceReef sign-in', ok: true }, { ok: true, detail: '2 trips of Open Door Missions' }]);
  });

  test('an organisation without a trip is good, and asks whether it is the right one', async () => {
    const { askReef } = systems();

    expect(await askReef()).toMatchObject([{ ok: true }, { ok: true, detail: expect.stringContaining('right organisation') }]);
  });

  test('where the keys are refused nothing else is asked', async () => {
    const { reef, askReef } = systems();

    expect(await askReef('another-key')).toMatchObject([{ name: 'ServiceReef sign-in', ok: false, advice: expect.stringContaining('concord connect') }]);
    expect(reef.journal.count('GET /v1/events')).toBe(0);
  });

  test('no roster is read: it is full of people', async () => {
    const { reef, askReef } = systems();
    const { eventId } = reef.events.add();
    reef.registrations.register({ eventId, userId: reef.members.add().userId });

    await askReef();

    expect(reef.journal.count('GET /v1/events/:eventId/participants')).toBe(0);
  });
});

describe('NXT', () => {
  test('the shipped settings stand in a usual tenant', async () => {
    const checks = await systems().askNxt();

    expect(wrongIn(checks)).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual(['NXT sign-in', 'NXT email type', 'NXT phone type', 'NXT address type', 'NXT alias type', 'NXT event categories']);
  });

  test.each(['email', 'phone', 'address', 'alias'])('a type of %s that the tenant does not have is named, with those that it has', async (type) => {
    const checks = await systems().askNxt({ types: { [type]: 'No such type' } });

    expect(wrongIn(checks)).toMatchObject([{ name: `NXT ${type} type`, detail: expect.stringMatching(/No such type; it has \w/), advice: expect.stringContaining(`types.${type}`) }]);
  });

  test('a site that makes no alias needs no type for it', async () => {
    const { sky, askNxt } = systems();
    sky.settings.tables.aliastypes = [];

    expect(wrongIn(await askNxt({ types: { alias: null } }))).toEqual([]);
  });

  test('categories of the settings have to be there, and active', async () => {
    const { sky, askNxt } = systems();
    sky.addCategory('Mission trip');
    sky.setCategoryInactive(sky.addCategory('Old trips').id, true);

    const checks = await askNxt({ events: { categories: { Trip: 'Mission trip', Local: 'Old trips' }, usualCategory: 'Elsewhere' } });

    expect(wrongIn(checks)).toMatchObject([{ name: 'NXT event categories', detail: 'NXT has no event category Elsewhere; inactive in NXT: Old trips' }]);
  });

  test('a wrong subscription key is told as such, and nothing else is asked', async () => {
    const { sky, askNxt } = systems();

    const checks = await askNxt({}, 'another-key');

    expect(checks).toMatchObject([{ name: 'NXT sign-in', ok: false, advice: expect.stringContaining('NXT_SUBSCRIPTION_KEY') }]);
    expect(sky.journal.count()).toBe(1);
  });
});
