/** `concord apply`: a person's word that a held plan may go, and the run that carries it out. */
import type { Command } from 'commander';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import type { LocalHub } from '../../shared/hub/local.ts';
import type { HeldPlan } from '../../shared/hub/memory.ts';
import { addJson, printJson, withHub, type Context, type Json } from '../context.ts';
import { runOnce } from './run.ts';

export function addApply(program: Command, context: Context): void {
  const command = program
    .command('apply')
    .description('release a plan that the guard holds, then run')
    .argument('[plan]', 'needed only where several are held; status lists them')
    .action((planId: string | undefined, flags: Json) =>
      withHub(context, async (hub) => {
        const plan = await chosenPlan(hub, planId);
        if (plan === undefined) {
          if (flags.json === true) printJson(context, { released: null });
          else context.out('No plan is held: there is nothing to release.\n');
          return 0;
        }
        await hub.release(plan.id, 'command line');
        context.err(`Released plan ${plan.id}.\n`);
        return runOnce(context, hub, plan.connector, flags);
      }));
  addJson(command);
}

/** @throws ConfigurationInvalid when the name is unknown, or missing where there is a choice. */
async function chosenPlan(hub: LocalHub, planId: string | undefined): Promise<HeldPlan | undefined> {
  const held = await hub.plans();
  if (planId === undefined && held.length <= 1) return held[0];
  const names = held.map(({ id, connector, waiting }) => `${id} (${connector}, ${waiting} waiting)`).join(', ');
  if (planId === undefined) throw new ConfigurationInvalid([`several plans are held, name one: ${names}`]);
  return held.find(({ id }) => id === planId) ?? noSuchPlan(planId, names);
}

function noSuchPlan(planId: string, names: string): never {
  throw new ConfigurationInvalid([`no plan ${planId} is held; held ${names === '' ? 'is none' : `are ${names}`}`]);
}
