/**
 * A connector's own rows on the table port: its state (one row that opening and closing a run write), its plans and its runs.
 *
 *   pk <connector>        sk state      lease, sequence, cursors, recent withdrawals, the last run
 *   pk <connector>#plan   sk plan id    what may be applied: written once, then only released or replaced
 *   pk <connector>#run    sk run id     the report; run and plan ids sort by time
 */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../base/clock.ts';
import { ConditionFailed } from '../base/errors.ts';
import type { Condition, Key, Row, RowDraft, Table } from '../base/table.ts';
import type { ConnectorState, PlanRow, RunStore } from '../engine/ports.ts';
import { bodyOf, readBody } from './row-body.ts';

const keptMs = 90 * 86_400_000;
const plansListed = 50;

// Each lost round means that another worker has won one: more workers than a connector has.
const roundsMax = 20;

const freshState: ConnectorState = { seq: 0, sides: {}, withdrawals: {} };

interface Store {
  readonly table: Table;
  readonly connector: string;
  readonly clock: Clock;
}

/**
 * Plans and runs are kept 90 days after their last change. `change` and `savePlan` throw ConditionFailed after 20 lost rounds, with
 * nothing written; `savePlan` throws an Error for a plan that may not change any more; `saveRun` throws RowTooLarge above 350 KB.
 */
export function runStore(table: Table, connector: string, clock: Clock): RunStore {
  const store: Store = { table, connector, clock };
  return {
    state: async () => stateOf(await table.get(stateKey(connector))),
    change: (change) => changeState(store, change),
    plan: async (id) => {
      const row = await table.get(planKey(connector, id));
      return row && planOf(row);
    },
    plans: async () => (await newest(table, planKey(connector, '').pk, plansListed)).map(planOf),
    savePlan: (plan) => savePlan(store, plan),
    saveRun: async (run, report) => {
      const row = { ...runKey(connector, run), body: bodyOf({ report }), expiresAt: clock.now() + keptMs };
      await table.write([{ kind: 'put', row, when: 'any' }]);
    },
    report: async (run) => (await table.get(runKey(connector, run)))?.body['report'],
    runs: async (limit) => (await newest(table, runKey(connector, '').pk, limit)).map((row) => ({ run: row.sk, report: row.body['report'] })),
  };
}

const stateKey = (connector: string): Key => ({ table: 'runs', pk: connector, sk: 'state' });
const planKey = (connector: string, id: string): Key => ({ table: 'runs', pk: `${connector}#plan`, sk: id });
const runKey = (connector: string, run: string): Key => ({ table: 'runs', pk: `${connector}#run`, sk: run });

const stateOf = (row: Row | undefined): ConnectorState => (row === undefined ? freshState : readBody(row, ['seq', 'sides', 'withdrawals']));
const planOf = (row: Row): PlanRow => readBody(row, ['id', 'state', 'held']);

async function changeState({ table, connector }: Store, change: (state: ConnectorState) => ConnectorState | undefined): Promise<ConnectorState> {
  const key = stateKey(connector);
  for (let round = 1; ; round += 1) {
    const row = await table.get(key);
    const state = stateOf(row);
    const next = change(state);
    if (next === undefined) return state;
    if (await isStored(table, { ...key, body: bodyOf(next) }, unchangedSince(row), round)) return next;
  }
}

async function savePlan({ table, connector, clock }: Store, plan: PlanRow): Promise<void> {
  const key = planKey(connector, plan.id);
  const body = bodyOf(plan);
  for (let round = 1; ; round += 1) {
    const row = await table.get(key);
    if (row !== undefined) {
      // A worker that died after writing it says the same once more.
      if (isDeepStrictEqual(row.body, JSON.parse(JSON.stringify(body)))) return;
      checkMayFollow(planOf(row), plan);
    }
    if (await isStored(table, { ...key, body, expiresAt: clock.now() + keptMs }, unchangedSince(row), round)) return;
  }
}

/** What was applied under a plan's name must stay what was released. */
function checkMayFollow(before: PlanRow, after: PlanRow): void {
  if (before.state === 'held' && after.state !== 'held') return;
  throw new Error(`plan ${before.id} is ${before.state} and cannot become ${after.state} with other contents; make a new plan`);
}

const unchangedSince = (row: Row | undefined): Condition => (row === undefined ? 'absent' : { rev: row.rev });

async function isStored(table: Table, row: RowDraft, when: Condition, round: number): Promise<boolean> {
  try {
    await table.write([{ kind: 'put', row, when }]);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed && round < roundsMax) return false;
    throw error;
  }
}

/** The last rows of a partition, latest first; a page may hold fewer than were asked for. */
async function newest(table: Table, pk: string, limit: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: { readonly after?: string } = {};
  while (rows.length < limit) {
    const page = await table.query({ table: 'runs', pk, reverse: true, limit: limit - rows.length, ...after });
    rows.push(...page.rows);
    if (page.next === undefined) break;
    after = { after: page.next };
  }
  return rows;
}
