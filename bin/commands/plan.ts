/** `concord plan`: what a run would do now, without doing it. */
import type { Command } from 'commander';
import { catalog } from '../../shared/hub/catalog.ts';
import { exitCode } from '../../shared/sync/report.ts';
import { addJson, printJson, withHub, type Context, type Json } from '../context.ts';
import { planText } from '../print.ts';
import { progressLine } from '../progress.ts';

interface PlanFlags extends Json {
  readonly full?: true;
  readonly only?: string;
}

export function addPlan(program: Command, context: Context): void {
  const command = program
    .command('plan')
    .description('show what a run would do, and write nothing')
    .argument('<connector>')
    .option('--full', 'read both sides whole')
    .option('--only <stream>', 'one stream only')
    .action((connector: string, { json, full, only }: PlanFlags) =>
      withHub(context, async (hub) => {
        const line = progressLine(context);
        const report = await hub.run(connector, { dry: true, full, only, signal: context.stops.signal, progress: line.progress }).finally(line.clear);
        const entry = catalog.find(({ id }) => id === connector);
        if (json === true) printJson(context, report);
        else if (entry) context.out(`${planText(report, entry)}\n`);
        return exitCode(report, true);
      }));
  addJson(command);
}
