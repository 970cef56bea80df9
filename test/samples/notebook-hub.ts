/** A whole hub in one process over two notebooks: real stores on SQLite in memory, real queue, a clock that is moved by hand. */
import { manualClock } from '../../shared/base/clock.ts';
import type { Table } from '../../shared/base/table.ts';
import type { Connector, Stream } from '../../shared/engine/connector.ts';
import { countingTable } from '../../shared/stores/counting-table.ts';
import { linkStore } from '../../shared/stores/links.ts';
import { runStore } from '../../shared/stores/runs.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import type { CallBudget } from '../../shared/sync/cost.ts';
import { defaultGuard } from '../../shared/sync/guard.ts';
import type { Link } from '../../shared/sync/link.ts';
import { moderated, type Policy } from '../../shared/sync/policy.ts';
import { Notebook, notebookKey, type NotebookSettings } from './notebook.ts';
import { processes } from './processes.ts';

export interface HubSettings {
  readonly policy?: Policy;
  readonly source?: Partial<NotebookSettings>;
  readonly target?: Partial<NotebookSettings>;
  readonly wrapTable?: (table: Table) => Table;
  readonly cost?: Stream['cost'];
  readonly budgets?: readonly CallBudget[];
}

export function notebookHub(settings: HubSettings = {}) {
  const clock = manualClock();
  const counted = countingTable(sqliteTable({ path: ':memory:', clock }));
  const table = settings.wrapTable?.(counted) ?? counted;
  const source = new Notebook({ system: 'source', power: 'find', ...settings.source });
  const target = new Notebook({ system: 'target', delta: true, authoritative: false, ...settings.target });
  const stream: Stream = {
    name: 'pages', source, target, fields: ['title', 'place'], shape: 'notebook/1',
    policy: settings.policy ?? moderated, guard: defaultGuard, keyFor: notebookKey, fullEveryMs: 24 * 3_600_000, cost: settings.cost,
  };
  return { clock, table: counted, source, target, stream, ...driver({ clock, table, streams: [stream], budgets: settings.budgets }) };
}

/** Runs a connector of these streams; each call of `world` is a new process on the same tables. */
export function driver(parts: { clock: ReturnType<typeof manualClock>; table: Table; streams: readonly Stream[]; budgets?: readonly CallBudget[] | undefined }) {
  const { clock, table, streams, budgets } = parts;
  const connector: Connector = { id: 'notebooks', title: 'Notebooks', streams, everyMinutes: 60, budgets };
  const links = linkStore(table, connector.id, clock);
  const runs = runStore(table, connector.id, clock);
  return {
    connector, links, runs,
    ...processes({ clock, links, runs, digestKey: 'k'.repeat(32), connector: () => connector, calls: () => ({}) }),
    linkOf: async (stream: string, sourceId: string): Promise<Link | undefined> => (await links.byIds(stream, 'source', [sourceId])).get(sourceId),
  };
}
