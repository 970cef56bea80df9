/**
 * A small invented organisation that sends people on trips, beside the sample of sample.ts: trips and registrations in ServiceReef, and an NXT in
 * which some of the travellers are donors already, one of them twice: so that a question to a person is seen too. All behind `fetch`; with the
 * process it is gone.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { fillNxt, fillServiceReef, missionSample } from '../simulators/mission-samples.ts';
import { simulateServiceReef, type SimulatedServiceReef } from '../simulators/servicereef.ts';
import { simulateSky, type SimulatedSky } from '../simulators/sky.ts';
import { simulatedWorld } from '../simulators/world.ts';

export interface MissionWorld {
  readonly variables: Variables;
  readonly systems: readonly { readonly name: string; readonly origin: string; readonly fetch: typeof fetch }[];
  readonly reef: SimulatedServiceReef;
  readonly sky: SimulatedSky;
  /** Something happens. @returns what, in words. */
  change(): string;
}

/** The sample has no place to keep tokens: the one that is given has to last as long as somebody looks. */
const tokenSeconds = 30 * 86_400;

export function missionWorld(clock: Clock): MissionWorld {
  const world = simulatedWorld({ clock, seed: 14 });
  const reef = simulateServiceReef(world);
  const sky = simulateSky(world, { accessTokenSeconds: tokenSeconds });
  const sample = missionSample({ seed: 14, trips: 4, travellers: 12, otherDonors: 5, from: clock.now() });
  fillServiceReef(reef, sample);
  fillNxt(sky, sample);
  const { accessToken, refreshToken } = sky.connect();
  const life = story(reef, sky);
  return {
    variables: {
      SERVICE_REEF_BASE_URL: reef.url, SERVICE_REEF_APP_ID: reef.appId, SERVICE_REEF_APP_SECRET: reef.appKey,
      NXT_SUBSCRIPTION_KEY: sky.subscriptionKey, NXT_CLIENT_ID: sky.clientId, NXT_CLIENT_SECRET: sky.clientSecret,
      NXT_ACCESS_TOKEN: accessToken, NXT_REFRESH_TOKEN: refreshToken,
      NXT_API_BASE_URL: sky.url, NXT_OAUTH_BASE_URL: sky.url, // it answers for both
    },
    systems: [
      { name: 'ServiceReef', origin: reef.url, fetch: reef.fetch },
      { name: 'NXT', origin: sky.url, fetch: sky.fetch },
    ],
    reef,
    sky,
    change: () => life.next().value,
  };
}

function* story(reef: SimulatedServiceReef, sky: SimulatedSky): Generator<string, never> {
  const { registrations, events, members } = reef;
  const named = (userId: number | null): string => {
    const person = userId === null ? undefined : members.get(userId);
    return `${person?.firstName ?? 'Somebody'} ${person?.lastName ?? ''}`.trim();
  };
  const first = (status: string) => found(registrations.all().find((row) => row.status === status), status);
  const trips = events.all().filter(({ status }) => status === 'Published');
  const [here, there] = [found(trips[0], 'trip'), found(trips[1], 'second trip')];

  const waiting = first('WaitingApproval');
  registrations.approve(keyOf(waiting));
  yield `the leader of "${events.get(waiting.eventId)?.name ?? ''}" approves ${named(waiting.userId)}`;
  const { userId } = members.add({ firstName: 'Wanda', lastName: 'Newcomer', email: 'wanda@example.org' });
  registrations.register({ eventId: here.eventId, userId });
  yield `Wanda Newcomer, whom NXT does not know, registers for "${here.name}"`;
  registrations.move({ eventId: here.eventId, userId }, there.eventId);
  yield `Wanda Newcomer is moved to "${there.name}"; her place on the first trip is cancelled once a second reading has missed her there`;
  const [kept, gone] = twins(sky);
  sky.constituents.merge({ keptId: kept.id, goneId: gone.id });
  yield `staff merges the two donors called ${kept.first ?? ''} ${kept.last ?? ''} in NXT: now somebody can tell who the traveller of that name is`;
  const leaving = first('Approved');
  registrations.cancel(keyOf(leaving));
  yield `${named(leaving.userId)} cancels`;
  for (let places = 21; ; places += 1) {
    events.edit(there.eventId, { maxRegistrations: places });
    yield `"${there.name}" has room for ${places} people now`;
  }
}

/** Two donors with one name and one email. */
function twins({ constituents }: SimulatedSky) {
  const all = constituents.all();
  const groups = [...Map.groupBy(all, ({ first, last, emailaddresses }) => JSON.stringify([first, last, emailaddresses[0]?.address])).values()];
  const [kept, gone] = groups.find((group) => group.length > 1) ?? [];
  return [found(kept, 'donor who is there twice'), found(gone, 'donor who is there twice')] as const;
}

const keyOf = ({ eventId, userId }: { readonly eventId: number; readonly userId: number | null }) => ({ eventId, userId: found(userId ?? undefined, 'account') });

function found<T>(one: T | undefined, what: string): T {
  if (one === undefined) throw new Error(`the sample mission has no ${what}`);
  return one;
}
