/**
 * A deployed hub, as the verbs know a local one: each question is a call to its HTTP side. What takes longer there than an answer may is
 * waited for, where its end can be seen.
 */
import { fieldsOf } from '../shared/base/fields-of.ts';
import { ConfigurationInvalid } from '../shared/base/errors.ts';
import type { PairShown } from '../shared/hub/front-desk.ts';
import type { Told } from '../shared/hub/desk.ts';
import type { Explanation } from '../shared/hub/explain.ts';
import type { ConnectorStatus } from '../shared/hub/status.ts';
import type { SideName } from '../shared/sync/link.ts';
import type { RunReport } from '../shared/sync/report.ts';
import type { AnyHub, PlanName } from './hub.ts';
import { HubRefused, isNotFound, remoteCalls, shaped, type Called, type Remote } from './remote-calls.ts';

const pollMs = 2000;
const patienceMs = 20 * 60_000; // longer than a function of the cloud may take
const part = encodeURIComponent;
const reportFields = ['connector', 'run', 'state', 'streams', 'problems'] as const;

/** @throws ConfigurationInvalid for an address that is none. Every method throws what remote-calls.ts says. */
export function remoteHub(remote: Remote): AnyHub {
  const call = remoteCalls(remote);
  const { clock, signal } = remote;
  // As they were shown to the person who decides about them now.
  const versions = new WeakMap<PairShown, string>();

  async function status(): Promise<readonly ConnectorStatus[]> {
    const { connectors } = shaped<{ connectors: readonly unknown[] }>((await call('GET', '/api/sync/status')).body, ['connectors']);
    return connectors.map((one) => shaped<ConnectorStatus>(one, ['connector', 'state', 'open', 'heldPlans']));
  }

  async function statusOf(connector: string): Promise<ConnectorStatus> {
    const all = await status();
    const found = all.find((one) => one.connector === connector);
    if (found === undefined) throw new ConfigurationInvalid([`there is no connector ${connector}; there is ${all.map((one) => one.connector).join(', ')}`]);
    return found;
  }

  /** A run that goes on over there: the report of the first one that has begun since, and ended. */
  async function ended(connector: string, since: string): Promise<RunReport> {
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
      await clock.sleep(pollMs, signal);
      const { lastRun } = await statusOf(connector);
      if (lastRun?.endedAt !== undefined && lastRun.startedAt >= since) return shaped<RunReport>(lastRun.report, reportFields);
    }
    throw new HubRefused({ code: 'E_HUB_SLOW', message: `the run of ${connector} has not ended within ${patienceMs / 60_000} minutes; concord status tells how it stands` });
  }

  async function decided(pair: PairShown, verb: 'resolve' | 'restore', json: object): Promise<Told> {
    try {
      const { body } = finished(await call('POST', `/api/sync/conflicts/${part(pair.key)}/${verb}`, { query: { connector: pair.connector }, json }));
      const { run, fields, report } = shaped<{ run: string; fields: readonly string[]; report: unknown }>(body, ['run', 'fields', 'report']);
      return { answered: { kind: 'done', run, fields, outcomes: [] }, report: shaped<RunReport>(report, reportFields) };
    } catch (error) {
      if (error instanceof HubRefused && error.code === 'E_CHANGED') return { answered: { kind: 'changed' } };
      if (error instanceof HubRefused && error.code === 'E_REFUSED') return { answered: { kind: 'refused', why: error.message } };
      throw error;
    }
  }

  async function explained(connector: string, id: string): Promise<readonly Explanation[]> {
    try {
      const { links } = shaped<{ links: readonly unknown[] }>((await call('GET', `/api/sync/explain/${part(connector)}/${part(id)}`)).body, ['links']);
      return links.map((link) => shaped<Explanation>(link, ['connector', 'stream', 'key', 'source', 'target', 'log']));
    } catch (error) {
      if (isNotFound(error)) return [];
      throw error;
    }
  }

  const release = (id: string, json: { readonly next: 'nothing' | 'carry-out' }, connector?: string): Promise<Called> => call('POST', `/api/sync/plans/${part(id)}/release`, { query: { connector }, json });

  return {
    status,
    runsAgain: async (connector) => (await statusOf(connector)).runsAgain,
    refuseUnready: async (connector) => {
      if (!(await statusOf(connector)).configured) throw new ConfigurationInvalid([`${connector} is not configured there`]);
    },
    async run(connector, { full, dry, only, clean } = {}) {
      const called = await call('POST', `/api/sync/${part(connector)}`, { json: { full, dryRun: dry, only, clean } });
      const { since } = fieldsOf(called.body);
      // What a dry run found is told by its answer alone.
      return called.status === 202 && dry !== true && typeof since === 'string' ? ended(connector, since) : reportOf(called);
    },
    async explain(connector, id) {
      const found: Explanation[] = [];
      for (const one of connector === undefined ? (await status()).map((known) => known.connector) : [(await statusOf(connector)).connector]) found.push(...(await explained(one, id)));
      return found;
    },
    async plans() {
      const { plans } = shaped<{ plans: readonly unknown[] }>((await call('GET', '/api/sync/plans', { query: { state: 'held' } })).body, ['plans']);
      return plans.map((plan) => shaped<PlanName>(plan, ['id', 'connector', 'waiting']));
    },
    async release(id) {
      try {
        return isChanged(await release(id, { next: 'nothing' }));
      } catch (error) {
        if (isNotFound(error) || (error instanceof HubRefused && error.code === 'E_NOT_HELD')) return false;
        throw error;
      }
    },
    carryOut: async (connector, plan) => reportOf(await release(plan, { next: 'carry-out' }, connector)),
    async pair(connector, id) {
      const { pair, version } = shaped<{ pair: unknown; version: string }>((await call('GET', `/api/sync/conflicts/${part(id)}`, { query: { connector } })).body, ['pair', 'version']);
      const shown = shaped<PairShown>(pair, ['connector', 'stream', 'key', 'id', 'state', 'sides']);
      versions.set(shown, version);
      return shown;
    },
    settle: (pair, take) => decided(pair, 'resolve', { take: wordOf(pair, take), version: versions.get(pair) }),
    undo: (pair) => decided(pair, 'restore', {}),
    done: (pair, word) => decided(pair, 'resolve', word),
    async replay(connector, id) {
      const path = id === undefined ? '/api/sync/problems/retry-all' : `/api/sync/problems/${part(id)}/retry`;
      const { reports } = shaped<{ reports: readonly unknown[] }>(finished(await call('POST', path, { query: { connector }, json: {} })).body, ['reports']);
      return reports.map((report) => shaped<RunReport>(report, reportFields));
    },
    pause: async (connector, _by, why) => isChanged(await call('POST', `/api/sync/${part(connector)}/pause`, { json: { why } })),
    resume: async (connector) => isChanged(await call('POST', `/api/sync/${part(connector)}/resume`, { json: {} })),
  };
}

const reportOf = (called: Called): RunReport => shaped<RunReport>(fieldsOf(finished(called).body)['report'], reportFields);

/** @throws HubRefused where it goes on, and nothing tells its end. */
function finished(called: Called): Called {
  if (called.status !== 202) return called;
  throw new HubRefused({ code: 'E_UNDERWAY', message: 'it goes on over there, and takes longer than an answer may; concord status tells how things stand' });
}

/** By field where there are fields; a pair of which one item is gone has none, and is settled as a whole. */
function wordOf({ conflict }: PairShown, take: (field: string) => SideName): SideName | { readonly [field: string]: SideName } {
  const fields = (conflict?.fields ?? []).map(({ field }) => field);
  return fields.length === 0 ? take('') : Object.fromEntries(fields.map((field) => [field, take(field)]));
}

const isChanged = ({ body }: Called): boolean => fieldsOf(body)['changed'] === true;
