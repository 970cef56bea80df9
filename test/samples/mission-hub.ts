/**
 * The connector of ServiceReef and NXT as it runs in the world, in one process: its real clients and stores, and simulated ServiceReef and SKY
 * behind `fetch`. Settings are those of the sample site; every part can be replaced or made to fail.
 */
import { manualClock, type Clock } from '../../shared/base/clock.ts';
import type { Table } from '../../shared/base/table.ts';
import { serviceReefNxt, type ServiceReefNxtDeps } from '../../shared/connectors/servicereef-nxt/connector.ts';
import { parseSettings } from '../../shared/connectors/servicereef-nxt/settings.ts';
import type { Connector } from '../../shared/engine/connector.ts';
import { unlimited, type Budget } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { notesOf } from '../../shared/hub/notes.ts';
import { simulateServiceReef } from '../../shared/simulators/servicereef.ts';
import type { ServiceReefSettings } from '../../shared/simulators/servicereef-settings.ts';
import type { SkySettings } from '../../shared/simulators/sky-settings.ts';
import { simulateSky, type SimulatedSky } from '../../shared/simulators/sky.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { countingTable } from '../../shared/stores/counting-table.ts';
import { linkStore } from '../../shared/stores/links.ts';
import { runStore } from '../../shared/stores/runs.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { digester } from '../../shared/sync/digest.ts';
import { serviceReefClient } from '../../shared/vendors/servicereef/client.ts';
import type { AccessTokens } from '../../shared/vendors/sky/calls.ts';
import { skyClient } from '../../shared/vendors/sky/client.ts';
import { processes } from './processes.ts';
import { siteSettings } from './site-settings.ts';

export interface MissionHubSettings {
  /** Merged into the sample site, section by section. */
  readonly site?: { readonly [section: string]: unknown };
  readonly reef?: Partial<ServiceReefSettings>;
  readonly sky?: Partial<SkySettings>;
  readonly clock?: Clock & { advance(ms: number): void };
  readonly budget?: Budget;
  /** How long an answer takes. */
  readonly latencyMs?: number;
  /** Who keeps a new process's tokens; without it one token is good for as long as the simulator says. */
  readonly tokens?: (sky: SimulatedSky) => AccessTokens;
  /** Put between the hub and its table, or its systems: where a test counts, kills or loses. */
  readonly wrapTable?: (table: Table) => Table;
  readonly wrapFetch?: (fetcher: typeof fetch) => typeof fetch;
}

const connectorId = 'servicereef-nxt';
const digestKey = 'invented key for tests only '.repeat(2);
export const missionStart = Date.UTC(2026, 10, 2, 9);

export function missionHub(settings: MissionHubSettings = {}) {
  const clock = settings.clock ?? manualClock(missionStart);
  const world = simulatedWorld({ seed: 7, clock, ...(settings.latencyMs !== undefined && { latencyMs: settings.latencyMs }) });
  const reef = simulateServiceReef(world, settings.reef);
  const sky = simulateSky(world, { callsPerSecond: undefined, callsPerDay: undefined, accessTokenSeconds: 10 ** 9, ...settings.sky });
  const counted = countingTable(sqliteTable({ path: ':memory:', clock }));
  const table = settings.wrapTable?.(counted) ?? counted;
  const links = linkStore(table, connectorId, clock);
  const runs = runStore(table, connectorId, clock);
  const notes = notesOf(table, connectorId);
  const calls = callCounter();
  const wrap = settings.wrapFetch ?? ((fetcher: typeof fetch) => fetcher);
  const logged: string[] = [];
  const notices: string[] = [];
  const log = { debug: (facts: object, message: string) => void logged.push(`${message} ${JSON.stringify(facts)}`) };
  const site = parseSettings(siteSettings(connectorId, settings.site));
  const { accessToken } = sky.connect();
  const tokensOf = settings.tokens ?? ((): AccessTokens => ({ use: (call) => call({ value: accessToken }) }));

  /** Of a new process: nothing is shared with the last one but the table and the systems. */
  const connectorDeps = (): ServiceReefNxtDeps => {
    const deps = { clock, budget: settings.budget ?? unlimited, calls, log };
    return {
      reef: serviceReefClient({ ...deps, fetch: wrap(reef.fetch) }, { baseUrl: reef.url, appId: reef.appId, appSecret: reef.appKey }),
      reefUrl: reef.url,
      sky: skyClient({ ...deps, fetch: wrap(sky.fetch) }, { baseUrl: sky.url, subscriptionKey: sky.subscriptionKey, tokens: tokensOf(sky) }),
      skyUrl: sky.url,
      clock,
      digest: (text) => digester(digestKey, []).text(text),
      notice: (message) => void notices.push(message),
      memory: notes,
    };
  };
  const connector = (): Connector => serviceReefNxt(connectorDeps(), site);

  const proc = processes({ clock, links, runs, digestKey, connector, calls: () => calls.totals() });

  return {
    clock, reef, sky, table: counted, links, runs, notes, calls, connectorDeps, connector, logged, notices, site, ...proc,
    run: async (...options: Parameters<typeof proc.run>) => {
      await notes.load();
      try {
        return await proc.run(...options);
      } finally {
        await notes.save();
      }
    },
    /** Participants of an event, by the trip's number. */
    roster: (eventId: number) => {
      const event = sky.events.all().find(({ lookup_id }) => lookup_id === `SR-${eventId}`);
      return event === undefined ? [] : sky.participants.all(event.id);
    },
    linkOf: async (stream: 'events' | 'people' | 'participants', sourceId: number | string) => (await links.byIds(stream, 'source', [String(sourceId)])).get(String(sourceId)),
  };
}
