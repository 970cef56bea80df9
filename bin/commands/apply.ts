/** `concord apply`: a person's word that a held plan may go, and the run that carries it out. */
import type { Command } from 'commander';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { exitCode } from '../../shared/sync/report.ts';
import { addJson, person, printJson, withHub, type Context, type Json } from '../context.ts';
import type { AnyHub, PlanName } from '../hub.ts';
import { reportText } from '../print.ts';
import { runOnce } from './run.ts';

interface ApplyFlags extends Json {
  readonly only?: string;
}

export function addApply(program: Command, context: Context): void {
  const command = program
    .command('apply')
    .description('release a plan that the guard holds, then run')
    .argument('[plan]', 'needed only where several are held; status lists them')
    .option('--only <plan>', 'release this plan and carry out what it shows, without a run that reads for news')
    .addHelpText('after', '\nEnds with 0 where no plan is held. A plan that is not meant: mend its cause and run, or let its items be decided anew with concord replay <plan>.')
    .action((given: string | undefined, flags: ApplyFlags) =>
      withHub(context, async (hub) => {
        const { only } = flags;
        if (given !== undefined && only !== undefined && given !== only) throw new ConfigurationInvalid(['two plans are named; release one after the other']);
        const plan = await chosenPlan(hub, given ?? only);
        if (plan === undefined) {
          if (flags.json === true) printJson(context, { released: null });
          else context.out('No plan is held: there is nothing to release.\n');
          return 0;
        }
        if (only !== undefined) await hub.refuseUnready(plan.connector); // what is not configured could not be carried out
        await hub.release(plan.id, person);
        context.err(`Released plan ${plan.id}.\n`);
        return only === undefined ? runOnce(context, hub, plan.connector, flags.json === true ? { json: true } : {}) : carryOut(context, hub, plan, flags);
      }));
  addJson(command);
}

async function carryOut(context: Context, hub: AnyHub, plan: PlanName, { json }: ApplyFlags): Promise<number> {
  const report = await hub.carryOut(plan.connector, plan.id);
  if (json === true) printJson(context, { released: plan.id, ...report });
  else context.out(`${reportText(report)}\n`);
  return exitCode(report, false);
}

/** @throws ConfigurationInvalid when the name is unknown, or missing where there is a choice. */
async function chosenPlan(hub: AnyHub, planId: string | undefined): Promise<PlanName | undefined> {
  const held = await hub.plans();
  if (planId === undefined && held.length <= 1) return held[0];
  const names = held.map(({ id, connector, waiting }) => `${id} (${connector}, ${waiting} waiting)`).join(', ');
  if (planId === undefined) throw new ConfigurationInvalid([`several plans are held, name one: ${names}`]);
  return held.find(({ id }) => id === planId) ?? noSuchPlan(planId, names);
}

function noSuchPlan(planId: string, names: string): never {
  throw new ConfigurationInvalid([`no plan ${planId} is held; held ${names === '' ? 'is none' : `are ${names}`}`]);
}
