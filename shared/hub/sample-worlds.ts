/**
 * The invented worlds of all connectors as one: what `npm start` shows where nothing is configured, and what `concord simulate` serves. A new
 * connector is one line here.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { libraryWorld } from './sample-library.ts';
import { missionWorld } from './sample-mission.ts';
import { sampleWorld } from './sample.ts';

export interface SampleWorlds {
  readonly fetch: typeof fetch;
  /** What a site would have set. */
  readonly variables: Variables;
  /** Each by itself, for whoever puts them on ports. */
  readonly systems: readonly { readonly name: string; readonly origin: string; readonly fetch: typeof fetch }[];
  /** Something happens in that connector's world. @returns what, in words. */
  change(connector: string): string;
}

export function sampleWorlds(clock: Clock): SampleWorlds {
  const worlds = new Map([['directus-nextcloud', sampleWorld(clock)], ['libcal-passagepoint', libraryWorld(clock)], ['servicereef-nxt', missionWorld(clock)]]);
  const systems = [...worlds.values()].flatMap((world) => world.systems);
  return {
    systems,
    variables: Object.fromEntries([...worlds.values()].flatMap(({ variables }) => Object.entries(variables))),
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const system = systems.find(({ origin }) => origin === url.origin);
      if (system) return system.fetch(input, init);
      throw new TypeError('fetch failed', { cause: new Error('the sample worlds have no such server') });
    },
    change: (connector) => worlds.get(connector)?.change() ?? '',
  };
}
