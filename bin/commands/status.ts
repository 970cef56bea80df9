/** `concord status`: how each connector stands, from what is remembered. */
import type { Command } from 'commander';
import { addJson, printJson, withHub, type Context, type Json } from '../context.ts';
import { statusText } from '../print-memory.ts';

export function addStatus(program: Command, context: Context): void {
  const command = program
    .command('status')
    .description('show the last run, open work and held plans; asks no system')
    .action(({ json }: Json) =>
      withHub(context, async (hub) => {
        const connectors = await hub.status();
        if (json === true) printJson(context, { connectors });
        else context.out(`${statusText(connectors)}\n`);
        return 0;
      }));
  addJson(command);
}
