/**
 * Concord on one machine: the SQLite table in the state folder, a queue in this process, vendors behind `fetch`. It runs
 * connectors, and answers what people ask about them. No terminal, no environment: the command line is in bin/.
 */
import { systemClock, type Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import { silentLog, type Log } from '../base/log.ts';
import type { Table } from '../base/table.ts';
import type { Connector } from '../engine/connector.ts';
import type { Hint } from '../engine/plan.ts';
import { leaseMs, type LookMessage, type Progress, type World } from '../engine/ports.ts';
import { runConnector } from '../engine/run.ts';
import { releasePlan } from '../engine/word.ts';
import { unlimited } from '../http/budget.ts';
import { callCounter, type CallCounter } from '../http/calls.ts';
import type { SecretStore } from '../http/secrets.ts';
import { steadyFetch } from '../http/steady-fetch.ts';
import type { FindableSecrets } from '../stores/file-secrets.ts';
import { localQueue } from '../stores/local-queue.ts';
import { sqliteTable } from '../stores/sqlite-table.ts';
import type { RunReport } from '../sync/report.ts';
import { catalog, entriesBegun, type CatalogEntry } from './catalog.ts';
import type { Check } from './checks.ts';
import { cleaning } from './clean.ts';
import type { ConnectorFactory, NamedFile } from './connector-factory.ts';
import { dateWatch } from './date-watch.ts';
import { desk, type Desk } from './desk.ts';
import { explainId, type Explanation } from './explain.ts';
import { hintBox, runOverHints, runPastHints } from './hints.ts';
import type { IdPair } from './id-pairs.ts';
import { importPairs, importTold, streamOf, type PairVerdict } from './import-links.ts';
import { importerOf } from './importers.ts';
import { connections, type Connected } from './local-connections.ts';
import { localChecks } from './local-doctor.ts';
import { isDeadWorker, thisMachine, workerName, type Machine } from './machine.ts';
import { heldPlans, memoryOf, type HeldPlan, type Memory } from './memory.ts';
import { withStandingPlans } from './standing-plans.ts';
import { openStateFolder } from './state-folder.ts';
import { statusOf, type ConnectorStatus } from './status.ts';
import { settleMsOf } from './webhook-senders.ts';

export interface LocalOptions {
  readonly config: Config;
  readonly clock?: Clock | undefined;
  /** steady-fetch.ts by default, or simulators'. */
  readonly fetch?: typeof fetch | undefined;
  readonly log?: Log | undefined;
  readonly machine?: Machine | undefined;
  /** Where a site keeps `<connector>.json`; by default the shipped settings count. */
  readonly configFolder?: string | undefined;
  /** What `concord connect` keeps (credentials.ts): read anew by each run of a connector that renews its tokens. Without it nothing is renewed. */
  readonly secrets?: (SecretStore & FindableSecrets) | undefined;
  /** Default: those of this release. */
  readonly entries?: readonly CatalogEntry[] | undefined;
  readonly factories?: readonly ConnectorFactory[] | undefined;
}

export interface LocalRunOptions {
  /** Reads both sides whole. */
  readonly full?: boolean | undefined;
  /** Plans and writes nothing. */
  readonly dry?: boolean | undefined;
  /** One stream only. */
  readonly only?: string | undefined;
  /** Removes from the target what is not in the source, and imports nothing; reads both sides whole. */
  readonly clean?: boolean | undefined;
  /** Ends the run between two batches of items; what is not done stays staged. */
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

/** Every method throws ConfigurationInvalid for a connector that does not exist, and StoreUnavailable when the state cannot be used. */
export interface LocalHub extends Desk {
  /** @throws AnotherRunActive; ConfigurationInvalid that lists all that is missing or wrong; the signal's reason. */
  run(connectorId: string, options?: LocalRunOptions): Promise<RunReport>;
  /** A run over what webhooks have told; undefined, without a call, where they told nothing new. @throws as `run`. */
  lookAtHints(connectorId: string, options?: Pick<LocalRunOptions, 'signal'>): Promise<RunReport | undefined>;
  /** Whether somebody asked for a run while one was under way. */
  runsAgain(connectorId: string): Promise<boolean>;
  /** The connector itself, for a look at its sides. @throws ConfigurationInvalid */
  connector(connectorId: string): Promise<Connector>;
  status(): Promise<readonly ConnectorStatus[]>;
  /** In one connector, or in all. */
  explain(connectorId: string | undefined, id: string): Promise<readonly Explanation[]>;
  /** Plans that wait for a person, latest first. */
  plans(): Promise<readonly HeldPlan[]>;
  /** @returns whether there was such a held plan. @throws ConfigurationInvalid when the connector is not set up. */
  release(planId: string, by: string): Promise<boolean>;
  /** Links pairs that somebody knows, after looking at both items; writes to no system. @param options.stream  needed where there are several. */
  importLinks(connectorId: string, pairs: readonly IdPair[], options: { readonly stream?: string | undefined; readonly dry: boolean }): Promise<readonly PairVerdict[]>;
  /** Links what an older tool remembers in its own file; writes to no system. @throws ConfigurationInvalid where the connector takes over no such file. */
  takeOver(connectorId: string, file: NamedFile, options: { readonly dry: boolean }): Promise<readonly PairVerdict[]>;
  doctor(): Promise<readonly Check[]>;
  /** What the HTTP side is built from. */
  readonly remembered: Remembered;
  close(): void;
}

export interface Remembered {
  readonly table: Table;
  readonly memories: readonly Memory[];
  readonly configured: (entry: CatalogEntry) => boolean;
  readonly isDead: (worker: string) => boolean;
  /** Signs tokens where no CONCORD_JWT_SECRET is set. Made when it is first asked for. */
  readonly ownJwtSecret: () => string;
  /** Of the links' digests. */
  readonly digestKey: string;
  /** Of this hub's connectors that people sign in to by OAuth. */
  readonly oauthEntries: readonly CatalogEntry[];
  /** Undefined where nothing can be kept. */
  readonly secrets: SecretStore | undefined;
  /** Calls systems. */
  readonly fetch: typeof fetch;
}

/** @throws StoreUnavailable, ConfigurationInvalid when the state folder cannot be used. */
export function localHub(options: LocalOptions): LocalHub {
  const { config, clock = systemClock, log = silentLog } = options;
  const machine = options.machine ?? thisMachine(clock.now());
  const worker = workerName(machine);
  const isDead = (other: string): boolean => isDeadWorker(machine, other);
  const folder = openStateFolder(config.statePath, worker.replaceAll(/[^\w.-]/g, '-'));
  const table = sqliteTable({ path: folder.databasePath, clock });
  const dates = dateWatch(clock, options.fetch ?? steadyFetch);
  const { secrets, entries = catalog } = options;
  const memories = new Map(entries.map((entry) => [entry.id, memoryOf({ table, clock }, entry)]));
  const send = { fetch: dates.fetch, clock, budget: unlimited, log };
  const counters = new Map<string, CallCounter>();
  const calls = (id: string) => counterOf(id).totals();
  const begun = entriesBegun(config.variables, entries);
  const inUse = (begun.length > 0 ? begun : entries).map(({ id }) => memory(id));
  const connected = connections({ config, configFolder: options.configFolder, factories: options.factories, secrets, table, send, counterOf, log, worker, isDead, digestKey: folder.digestKey });
  const connect = (id: string): Promise<Connected> => connected(memory(id).entry);

  /** Of each connector its own: several may run at once, and a report tells its own calls. */
  function counterOf(id: string): CallCounter {
    const counter = counters.get(id) ?? callCounter();
    counters.set(id, counter);
    return counter;
  }

  function memory(id: string): Memory {
    const found = memories.get(id);
    if (found === undefined) throw new ConfigurationInvalid([`there is no connector ${id}; there is ${entries.map((entry) => entry.id).join(', ')}`]);
    return found;
  }

  function world({ links, runs }: Memory, progress?: Progress): World {
    const queue = localQueue<LookMessage>({ clock, visibilityMs: leaseMs });
    return { links, runs, queue, clock, digestKey: folder.digestKey, worker, isDead, progress };
  }

  async function runOnce(connectorId: string, { full, dry, only, clean, signal, progress }: LocalRunOptions, hints: readonly Hint[] | undefined): Promise<RunReport> {
    const remembered = memory(connectorId);
    const { built: { connector: usual }, notes, signIns } = await connect(connectorId);
    const connector = signIns.guarded(clean === true ? await cleaning(usual, remembered.links) : usual);
    signal?.throwIfAborted();
    log.info({ connector: connectorId, worker, dry: dry === true, clean: clean === true, hints: hints?.length }, 'run starts');
    try {
      const report = await withStandingPlans(remembered, await runConnector(world(remembered, progress), connector, { full: full === true || clean === true, dry, only, hints, signal, calls: () => calls(connectorId) }));
      signIns.heard(report);
      log.info({ connector: connectorId, run: report.run, state: report.state, streams: report.streams, calls: report.calls, durationMs: report.durationMs }, 'run ended');
      for (const { stream, id, code } of report.problems) log.info({ connector: connectorId, run: report.run, stream, id, code }, 'problem');
      return report;
    } finally {
      await notes.save();
      table.purgeExpired();
    }
  }

  return {
    ...desk({
      clock, log, memory, memories: [...memories.values()], world, calls,
      connect: async (id) => {
        const { built: { connector }, notes } = await connect(id);
        return { connector, saveNotes: () => notes.save() };
      },
    }),
    async run(connectorId, asked = {}) {
      const { dry, only, clean } = asked;
      refuseUnknownStream(memory(connectorId).entry, only);
      // Only a run that reads all there is sees what hints tell.
      if (dry === true || only !== undefined || clean === true) return runOnce(connectorId, asked, undefined);
      return runPastHints(hintBox({ table, clock }, connectorId), () => runOnce(connectorId, asked, undefined));
    },
    lookAtHints: (connectorId, { signal } = {}) =>
      runOverHints(hintBox({ table, clock }, memory(connectorId).entry.id), { settleMs: settleMsOf(connectorId), signal }, (hints) => runOnce(connectorId, { signal }, hints)),
    runsAgain: async (connectorId) => (await memory(connectorId).runs.state()).again === true,
    connector: async (connectorId) => (await connect(connectorId)).built.connector,
    status: () => Promise.all(inUse.map((one) => statusOf(one, { nowMs: clock.now(), configured: isConfigured(one.entry, config), isDead }))),
    async explain(connectorId, id) {
      const asked = connectorId === undefined ? [...memories.values()] : [memory(connectorId)];
      return (await Promise.all(asked.map((one) => explainId(one, id)))).flat();
    },
    plans: async () => (await Promise.all([...memories.values()].map(heldPlans))).flat().sort((left, right) => right.at - left.at),
    async release(planId, by) {
      for (const remembered of memories.values()) {
        if (await releasePlan(world(remembered), planId, by)) {
          log.info({ connector: remembered.entry.id, plan: planId, by }, 'plan released');
          return true;
        }
      }
      return false;
    },
    async importLinks(connectorId, pairs, { stream: name, dry }) {
      const { built: { connector }, notes } = await connect(connectorId);
      try {
        return await importPairs(world(memory(connectorId)), connector, streamOf(connector, name), pairs, dry);
      } finally {
        await notes.save();
      }
    },
    async takeOver(connectorId, file, { dry }) {
      const { entry } = memory(connectorId);
      const importer = importerOf(connectorId, 'memory', file.name);
      if (importer === undefined) throw new ConfigurationInvalid([`${connectorId} takes over nothing from a file like ${file.name}`]);
      const { built: { connector }, notes, parts } = await connect(connectorId);
      try {
        return await importTold(world(memory(connectorId)), connector, await importer.take(file, entry, parts), dry);
      } finally {
        await notes.save();
      }
    },
    doctor: () => localChecks({ statePath: config.statePath, entries: inUse.map(({ entry }) => entry), connect, dates }),
    remembered: { table, memories: inUse, configured: (entry) => isConfigured(entry, config), isDead, ownJwtSecret: folder.jwtSecret, digestKey: folder.digestKey, oauthEntries: entries.filter(({ oauth }) => oauth !== undefined), secrets, fetch: dates.fetch },
    close: () => table.close(),
  };
}

/** Whether every variable of the connector is set. */
export function isConfigured(entry: CatalogEntry, { variables }: Config): boolean {
  return entry.variables.every(({ name, isOptional }) => isOptional === true || variables[name] !== undefined);
}

function refuseUnknownStream({ id, streams }: CatalogEntry, only: string | undefined): void {
  if (only !== undefined && !streams.includes(only)) throw new ConfigurationInvalid([`${id} has no stream ${only}; it has ${streams.join(', ')}`]);
}
