/** A mission organisation types `concord import` with the two maps of its older Python service, and reads what came of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../shared/base/clock.ts';
import { serve } from '../../shared/simulators/serve.ts';
import { simulateServiceReef } from '../../shared/simulators/servicereef.ts';
import { simulateSky } from '../../shared/simulators/sky.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { workplace } from './concord.ts';

const id = 'servicereef-nxt';
const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

test('its two maps: tried, imported, known; a map that is cut off and a file of another name are refused', { timeout: 60_000 }, async () => {
  const world = simulatedWorld({ seed: 7, clock: systemClock });
  const [reef, sky] = [simulateServiceReef(world), simulateSky(world)];
  const served = await Promise.all([reef, sky].map(({ fetch }) => serve(fetch, { port: 0 })));
  cleanups.push(...served.map((one) => () => one.close()));
  const [reefUrl = '', skyUrl = ''] = served.map(({ url }) => url);
  const place = workplace({
    SERVICE_REEF_BASE_URL: reefUrl, SERVICE_REEF_APP_ID: reef.appId, SERVICE_REEF_APP_SECRET: reef.appKey,
    NXT_SUBSCRIPTION_KEY: sky.subscriptionKey, NXT_ACCESS_TOKEN: sky.connect().accessToken, NXT_API_BASE_URL: skyUrl, NXT_OAUTH_BASE_URL: skyUrl,
  });
  cleanups.push(place.remove);
  const [trip, event] = [reef.events.add({ name: 'River Team' }), sky.events.add({ name: 'River Team', start_date: '2026-12-04' })];
  const [account, constituent] = [reef.members.add({ firstName: 'Dana', lastName: 'Whitlock' }), sky.constituents.add({ first: 'Dana', last: 'Whitlock' })];
  const file = (name: string, text: string): void => writeFileSync(join(place.folder, name), text);
  file('event_mapping.json', JSON.stringify({ [trip.eventId]: event.id, None: '1' }));
  file('constituent_mapping.json', JSON.stringify({ [account.userId]: constituent.id }));
  file('event_mapping-cut.json', '{"31001": "200');
  file('pairs.json', '{"31001": "20001"}');

  const tried = await place.run('import', id, 'event_mapping.json', '--dry-run');
  const imported = await place.run('import', id, 'event_mapping.json', '--json');
  const people = await place.run('import', id, 'constituent_mapping.json');
  const again = await place.run('import', id, 'event_mapping.json');
  const refused = [await place.run('import', id, 'event_mapping-cut.json'), await place.run('import', id, 'pairs.json')];

  expect([tried.code, tried.out]).toEqual([3, expect.stringMatching(/tried only {2}2 pairs {3}linked 1 {3}unreadable 1\n {2}unreadable {2}None = 1 {2}source/)]);
  expect([imported.code, JSON.parse(imported.out)]).toMatchObject([3, { counts: { linked: 1, unreadable: 1 } }]);
  expect([people.code, people.out]).toEqual([0, expect.stringContaining('1 pairs   linked 1')]);
  expect(again.out).toContain('known 1');
  expect(refused).toMatchObject([{ code: 2, err: expect.stringContaining('cut off') }, { code: 2, err: expect.stringContaining('pairs.json is not taken over') }]);
  expect(sky.journal.writes.filter(({ path }) => path !== '/token')).toEqual([]);
});
