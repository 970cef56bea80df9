/**
 * The first connector as it runs in the world, in one process: its real clients and stores, and simulated Directus and
 * Nextcloud behind `fetch`. Settings are those of the sample site; every part can be replaced or made to fail.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { manualClock } from '../../shared/base/clock.ts';
import type { Table } from '../../shared/base/table.ts';
import { directusNextcloud } from '../../shared/connectors/directus-nextcloud/connector.ts';
import { parseSettings } from '../../shared/connectors/directus-nextcloud/settings.ts';
import type { Connector } from '../../shared/engine/connector.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { tunedFetch } from '../../shared/http/tuned-fetch.ts';
import { simulateDirectus, type DirectusSettings } from '../../shared/simulators/directus.ts';
import { simulateNextcloud, type NextcloudOptions } from '../../shared/simulators/nextcloud.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { countingTable } from '../../shared/stores/counting-table.ts';
import { linkStore } from '../../shared/stores/links.ts';
import { runStore } from '../../shared/stores/runs.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { digester } from '../../shared/sync/digest.ts';
import { directusClient } from '../../shared/vendors/directus/client.ts';
import { caldavClient } from '../../shared/vendors/nextcloud/caldav.ts';
import { processes } from './processes.ts';

const sampleText = readFileSync(new URL('../../config/directus-nextcloud.json', import.meta.url), 'utf8');
const sampleSettings: object = z.record(z.string(), z.unknown()).parse(JSON.parse(sampleText));

export interface CalendarHubSettings {
  readonly site?: object;
  readonly directus?: Partial<DirectusSettings>;
  readonly nextcloud?: NextcloudOptions;
  /** Put between the hub and its table, or its systems: where a test counts, kills or loses. */
  readonly wrapTable?: (table: Table) => Table;
  readonly wrapFetch?: (fetcher: typeof fetch) => typeof fetch;
}

const digestKey = 'invented key for tests only '.repeat(2);

export function calendarHub(settings: CalendarHubSettings = {}) {
  const clock = manualClock();
  const world = simulatedWorld({ seed: 7, clock });
  const directus = simulateDirectus(world, settings.directus);
  const nextcloud = simulateNextcloud(world, settings.nextcloud);
  const counted = countingTable(sqliteTable({ path: ':memory:', clock }));
  const table = settings.wrapTable?.(counted) ?? counted;
  const links = linkStore(table, 'directus-nextcloud', clock);
  const runs = runStore(table, 'directus-nextcloud', clock);
  const calls = callCounter();
  const wrap = settings.wrapFetch ?? ((fetcher: typeof fetch) => fetcher);
  let calendarUrl: string | undefined;

  /** A new process: nothing is shared with the last one but the table and the systems. */
  function connector(): Connector {
    const deps = { clock, budget: unlimited, calls };
    const retry = { limit: 2 };
    const directusUrl = directus.url;
    const caldavFetch = tunedFetch({ ...deps, fetch: wrap(nextcloud.fetch) }, { system: 'nextcloud', baseUrl: nextcloud.homeUrl, retry, answers: [500, 501, 507] });
    return directusNextcloud(
      {
        directus: directusClient({ ...deps, fetch: wrap(directus.fetch) }, { url: directusUrl, token: directus.token, collection: 'events', retry }),
        directusUrl,
        caldav: caldavClient({ fetch: caldavFetch }, { homeUrl: nextcloud.homeUrl, username: nextcloud.user, password: nextcloud.password, calendarName: 'nonprofit-events' }),
        nextcloudUrl: nextcloud.homeUrl,
        username: nextcloud.user,
        clock,
        digest: (text) => digester(digestKey, []).text(text),
        rememberCalendar: { get: () => calendarUrl, set: (url) => { calendarUrl = url; } },
      },
      parseSettings({ ...sampleSettings, ...settings.site }),
    );
  }

  return {
    clock, directus, nextcloud, table: counted, links, runs, calls, connector,
    ...processes({ clock, links, runs, digestKey, connector, calls: () => calls.totals() }),
    objects: nextcloud.calendar('events').objects,
    rows: directus.events,
    linkOf: async (sourceId: number | string) => (await links.byIds('events', 'source', [String(sourceId)])).get(String(sourceId)),
  };
}
