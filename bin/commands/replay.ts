/** `concord replay`: what failed, waits, is parked or in doubt is looked at again now, not when its next try is due. */
import type { Command } from 'commander';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { exitCode } from '../../shared/sync/report.ts';
import { addJson, printJson, withHub, type Context, type Json } from '../context.ts';
import { reportText } from '../print.ts';
import { progressLine } from '../progress.ts';

interface ReplayFlags extends Json {
  readonly all?: true;
}

export function addReplay(program: Command, context: Context): void {
  const command = program
    .command('replay')
    .description('look again now at an item that failed, waits, is parked or in doubt')
    .argument('[connector-or-id]')
    .argument('[id]', "the source's id, the target's id, the link's key, or a held plan whose items are to be decided anew")
    .option('--all', 'all such items, of one connector or of all')
    .action((first: string | undefined, second: string | undefined, { json, all }: ReplayFlags) =>
      withHub(context, async (hub) => {
        const { connector, id } = meant(first, second, all === true);
        const line = progressLine(context);
        const reports = await hub.replay(connector, id, { signal: context.stops.signal, progress: line.progress }).finally(line.clear);
        if (json === true) printJson(context, { reports });
        else context.out(reports.length === 0 ? 'There is nothing to look at again.\n' : `${reports.map(reportText).join('\n')}\n`);
        return worst(reports.map((report) => exitCode(report, false)));
      }));
  addJson(command);
}

function meant(first: string | undefined, second: string | undefined, all: boolean): { readonly connector: string | undefined; readonly id: string | undefined } {
  if (all && second !== undefined) throw new ConfigurationInvalid(['--all and an id contradict each other; leave one of them out']);
  if (all) return { connector: first, id: undefined };
  if (first === undefined) throw new ConfigurationInvalid(['name an item (concord status tells which are open), or say --all']);
  return second === undefined ? { connector: undefined, id: first } : { connector: first, id: second };
}

const order = [5, 4, 1, 3];

/** Of several connectors' codes the one that comes first in the table of exit codes. */
const worst = (codes: readonly number[]): number => order.find((code) => codes.includes(code)) ?? 0;
