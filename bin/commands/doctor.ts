/** `concord doctor`: whether everything is there that a run needs; changes nothing. */
import type { Command } from 'commander';
import { addJson, printJson, withLocalHub, type Context, type Json } from '../context.ts';
import { checksText } from '../print-memory.ts';

export function addDoctor(program: Command, context: Context): void {
  const command = program
    .command('doctor')
    .description('check configuration, reachability, sign-in, permissions and clock, and say what to do')
    .action(({ json }: Json) =>
      withLocalHub(context, async (hub) => {
        const checks = await hub.doctor();
        const ok = checks.every((one) => one.ok);
        if (json === true) printJson(context, { ok, checks });
        else context.out(`${checksText(checks)}\n`);
        return ok ? 0 : 1;
      }));
  addJson(command);
}
