/**
 * Our own table as one process reaches it: every call is a step, and may be throttled, lose its answer after it took effect, find a
 * condition broken, or leave a batch half done. What was stored is told to whoever keeps watch.
 */
import { ConditionFailed, StoreUnavailable } from '../../shared/base/errors.ts';
import type { Table, TableWrite } from '../../shared/base/table.ts';
import type { Process } from './scheduler.ts';
import type { Stage } from './world.ts';

const unavailable = (problem: string) => new StoreUnavailable({ store: 'the table', problem, advice: 'try again' });

export type OnWrite = (process: Process, group: readonly TableWrite[]) => void;

export function steppedTable(table: Table, process: Process, { scheduler, box }: Stage, onWrite: OnWrite): Table {
  const step = <T>(what: string, call: () => Promise<T>): Promise<T> =>
    scheduler.step(process, `table ${what}`, async () => {
      if (box.strikes('table-throttled')) throw unavailable('too many requests');
      return call();
    }, () => unavailable('the connection broke'));

  return {
    get: (key) => step('get', () => table.get(key)),
    getMany: (keys, reading) => step('get many', () => table.getMany(keys, reading)),
    query: (ask) => step('query', () => table.query(ask)),
    queryHeads: (ask) => step('heads', () => table.queryHeads(ask)),
    queryIndex: (ask) => step(`index ${ask.index}`, () => table.queryIndex(ask)),
    write: (group) =>
      step('write', async () => {
        if (box.strikes('table-condition')) throw new ConditionFailed(0);
        const revs = await table.write(group);
        onWrite(process, group);
        if (box.strikes('table-answer-lost')) throw unavailable('the connection broke');
        return revs;
      }),
    writeGroups: (groups) =>
      step('write groups', async () => {
        const conflict = groups.length > 0 && box.strikes('table-condition') ? 0 : -1;
        const count = groups.length > 1 && box.strikes('table-transaction') ? Math.floor(groups.length / 2) : groups.length;
        const outcomes = [];
        for (const [at, group] of groups.slice(0, count).entries()) {
          const [outcome] = at === conflict ? [{ ok: false as const, failed: 0 }] : await table.writeGroups([group]);
          if (outcome === undefined) throw new Error('a group without an outcome');
          if (outcome.ok) onWrite(process, group);
          outcomes.push(outcome);
        }
        if (count < groups.length || box.strikes('table-answer-lost')) throw unavailable('the connection broke');
        return outcomes;
      }),
  };
}
