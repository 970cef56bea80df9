/** `concord pause` and `concord resume`: nothing runs, nothing is written and nothing is lost, until a person says go on. */
import type { Command } from 'commander';
import { addJson, person, printJson, withHub, type Context, type Json } from '../context.ts';

interface PauseFlags extends Json {
  readonly why?: string;
}

export function addPause(program: Command, context: Context): void {
  const command = program
    .command('pause')
    .description('let a connector rest until it is resumed; a run that is under way is finished first')
    .argument('<connector>')
    .option('--why <text>', 'for those who find it paused')
    .action((connector: string, { json, why }: PauseFlags) =>
      withHub(context, async (hub) => {
        const changed = await hub.pause(connector, person, why ?? '');
        if (json === true) printJson(context, { connector, paused: true, changed });
        else context.out(changed ? `${connector} is paused. When it may go on: concord resume ${connector}\n` : `${connector} was paused already: concord status tells since when.\n`);
        return 0;
      }));
  addJson(command);
}

export function addResume(program: Command, context: Context): void {
  const command = program
    .command('resume')
    .description('let a paused connector run again')
    .argument('<connector>')
    .action((connector: string, { json }: Json) =>
      withHub(context, async (hub) => {
        const changed = await hub.resume(connector);
        if (json === true) printJson(context, { connector, paused: false, changed });
        else context.out(changed ? `${connector} goes on with its next run, which may be now: concord run ${connector}\n` : `${connector} was not paused.\n`);
        return 0;
      }));
  addJson(command);
}
