/** `concord explain`: what is remembered of one item, and why it stands as it does. */
import type { Command } from 'commander';
import { addJson, printJson, withHub, type Context, type Json } from '../context.ts';
import { explanationText } from '../print-memory.ts';

export function addExplain(program: Command, context: Context): void {
  const command = program
    .command('explain')
    .description('tell what is known of one item: its ids, state, staged changes, last outcomes; asks no system')
    .usage('[connector] <id>')
    .argument('<connector-or-id>')
    .argument('[id]', "the source's id, the target's id, or the link's key")
    .action((first: string, second: string | undefined, { json }: Json) =>
      withHub(context, async (hub) => {
        const [connector, id] = second === undefined ? [undefined, first] : [first, second];
        const links = await hub.explain(connector, id);
        if (json === true) printJson(context, { id, links });
        else context.out(links.length > 0 ? `${explanationText(links)}\n` : `Nothing is known of ${id}: no run has seen it.\n`);
        return links.length > 0 ? 0 : 1;
      }));
  addJson(command);
}
