/**
 * The connector of LibCal and PassagePoint as it runs in the world, in one process: its real clients and stores, and simulated LibCal, Alma
 * and PassagePoint behind `fetch`. Settings are those of the sample site; every part can be replaced or made to fail.
 */
import { manualClock } from '../../shared/base/clock.ts';
import type { Table } from '../../shared/base/table.ts';
import { libcalPassagePoint, type LibcalPassagePointDeps } from '../../shared/connectors/libcal-passagepoint/connector.ts';
import { parseSettings } from '../../shared/connectors/libcal-passagepoint/settings.ts';
import type { Connector } from '../../shared/engine/connector.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { simulateAlma, type AlmaSettings } from '../../shared/simulators/alma.ts';
import { simulateLibCal } from '../../shared/simulators/libcal.ts';
import type { LibCalSettings } from '../../shared/simulators/libcal-settings.ts';
import { simulatePassagePoint, type PassagePointSettings } from '../../shared/simulators/passagepoint.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { countingTable } from '../../shared/stores/counting-table.ts';
import { linkStore } from '../../shared/stores/links.ts';
import { runStore } from '../../shared/stores/runs.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { digester } from '../../shared/sync/digest.ts';
import { almaClient } from '../../shared/vendors/alma/client.ts';
import { libcalClient } from '../../shared/vendors/libcal/client.ts';
import { passagePointClient } from '../../shared/vendors/passagepoint/client.ts';
import { bookingHands, breaker, peopleHands, preRegistrationHands } from './library-hands.ts';
import { processes } from './processes.ts';
import { siteSettings } from './site-settings.ts';

export const everythingOn = { updateVisitor: true, searchPreReg: true, updatePreReg: true, cancelPreReg: true };

export interface LibraryHubSettings {
  /** Merged into the sample site, section by section. */
  readonly site?: { readonly [section: string]: unknown };
  /** What PassagePoint can do, and the site says it can. */
  readonly can?: Partial<typeof everythingOn>;
  readonly libcal?: Partial<LibCalSettings>;
  readonly alma?: Partial<AlmaSettings>;
  /** In the order in which their keys are tried. */
  readonly institutions?: readonly string[];
  readonly passagePoint?: Partial<PassagePointSettings>;
  readonly startsAt?: number;
  /** Put between the hub and its table, or its systems: where a test counts, kills or loses. */
  readonly wrapTable?: (table: Table) => Table;
  readonly wrapFetch?: (fetcher: typeof fetch) => typeof fetch;
}

const digestKey = 'invented key for tests only '.repeat(2);

export function libraryHub(settings: LibraryHubSettings = {}) {
  const clock = manualClock(settings.startsAt);
  const world = simulatedWorld({ seed: 7, clock });
  const can = { updateVisitor: false, searchPreReg: false, updatePreReg: false, cancelPreReg: false, ...settings.can };
  const libcal = simulateLibCal(world, settings.libcal);
  const alma = simulateAlma(world, settings.alma);
  const passagePoint = simulatePassagePoint(world, { ...settings.passagePoint, capabilities: { getPreReg: false, ...can } });
  const preRegistrations = preRegistrationHands(passagePoint);
  const counted = countingTable(sqliteTable({ path: ':memory:', clock }));
  const table = settings.wrapTable?.(counted) ?? counted;
  const links = linkStore(table, 'libcal-passagepoint', clock);
  const runs = runStore(table, 'libcal-passagepoint', clock);
  const calls = callCounter();
  const wrap = settings.wrapFetch ?? ((fetcher: typeof fetch) => fetcher);
  const logged: string[] = [];
  const log = { debug: (facts: object, message: string) => void logged.push(`${message} ${JSON.stringify(facts)}`) };
  const site = parseSettings({ ...siteSettings('libcal-passagepoint', settings.site), passagePoint: { capabilities: can } });

  /** Of a new process: nothing is shared with the last one but the table and the systems. */
  function connectorDeps(): LibcalPassagePointDeps {
    const deps = { clock, budget: unlimited, calls, log };
    let remaining: number | undefined;
    return {
      libcal: libcalClient({ ...deps, fetch: wrap(libcal.fetch) }, { baseUrl: libcal.url, clientId: libcal.clientId, clientSecret: libcal.clientSecret, prefix: site.libcal.prefix, identity: site.libcal.identity, formQuestions: site.libcal.idQuestion === null ? [] : [site.libcal.idQuestion] }),
      libcalUrl: libcal.url,
      alma: almaClient({ ...deps, fetch: wrap(alma.fetch) }, { baseUrl: alma.url, apiKeys: (settings.institutions ?? ['main']).map((zone) => ({ zone, key: alma.institution(zone).apiKey })), view: site.alma.view, onRemaining: (left) => { remaining = left.remaining; } }),
      almaRemaining: () => remaining,
      passagePoint: passagePointClient({ ...deps, fetch: wrap(passagePoint.fetch) }, { baseUrl: passagePoint.apiUrl, username: passagePoint.username, password: passagePoint.password, capabilities: site.passagePoint.capabilities }),
      passagePointUrl: passagePoint.apiUrl,
      clock,
      digest: (text) => digester(digestKey, []).text(text),
    };
  }

  const connector = (): Connector => libcalPassagePoint(connectorDeps(), site);

  return {
    clock, libcal, alma, passagePoint, table: counted, links, runs, calls, connector, connectorDeps, logged, site,
    ...processes({ clock, links, runs, digestKey, connector, calls: () => calls.totals() }),
    bookings: bookingHands(libcal, clock),
    people: peopleHands(alma),
    preRegistrations,
    setBroken: breaker(libcal),
    /** Pre-registrations that let somebody in, now or later. */
    doors: () => preRegistrations.standing(),
    linkOf: async (stream: 'visitors' | 'pre-registrations', sourceId: number | string) => (await links.byIds(stream, 'source', [String(sourceId)])).get(String(sourceId)),
  };
}
