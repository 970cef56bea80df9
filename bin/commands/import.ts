/** `concord import`: links pairs that a person or another tool knows, and tells what it found of each. Writes to no system. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parsePairs } from '../../shared/hub/id-pairs.ts';
import type { PairVerdict } from '../../shared/hub/import-links.ts';
import { addJson, printJson, textOf, withLocalHub, type Context, type Json } from '../context.ts';
import { printable } from '../print-pair.ts';

interface ImportFlags extends Json {
  readonly stream?: string;
  readonly dryRun?: true;
}

const verdicts: readonly PairVerdict['verdict'][] = ['linked', 'differs', 'known', 'missing', 'unreadable', 'taken'];
const needsPerson: ReadonlySet<PairVerdict['verdict']> = new Set(['missing', 'unreadable', 'taken']);
const shownPairs = 100;

export function addImport(program: Command, context: Context): void {
  const command = program
    .command('import')
    .description('link pairs that are known already, after looking at both items; nothing is written to any system')
    .argument('<connector>')
    .argument('<file>', 'CSV or JSON of pairs: source id, target id')
    .option('--stream <name>', 'needed where the connector has several')
    .option('--dry-run', 'look and tell, link nothing')
    .addHelpText('after', '\nIds are those that concord explain shows; of a calendar it is the file name at the end of an event\'s address.\nEnds with 3 where some pairs could not be linked.')
    .action((connector: string, file: string, flags: ImportFlags) => {
      const pairs = parsePairs(textOf(resolve(context.folder, file), file));
      return withLocalHub(context, async (hub) => {
        const dry = flags.dryRun === true;
        const found = await hub.importLinks(connector, pairs, { stream: flags.stream, dry });
        const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, found.filter((one) => one.verdict === verdict).length]));
        if (flags.json === true) printJson(context, { connector, dry, counts, pairs: found });
        else context.out(`${verdictText(connector, found, counts, dry)}\n`);
        return found.some(({ verdict }) => needsPerson.has(verdict)) ? 3 : 0;
      });
    });
  addJson(command);
}

function verdictText(connector: string, found: readonly PairVerdict[], counts: { readonly [verdict: string]: number }, dry: boolean): string {
  const sums = verdicts.filter((verdict) => (counts[verdict] ?? 0) > 0).map((verdict) => `${verdict} ${counts[verdict]}`).join('   ');
  const told = found.filter(({ verdict }) => verdict !== 'linked' && verdict !== 'known');
  const lines = told.slice(0, shownPairs).map(({ source, target, verdict, where }) => `  ${verdict.padEnd(10)}  ${printable(source)} = ${printable(target)}  ${where.join(', ')}`.trimEnd());
  const more = told.length > lines.length ? [`  and ${told.length - lines.length} more: --json tells all`] : [];
  const next = (counts['differs'] ?? 0) > 0 && !dry ? [`  -> what differs is brought together by the next run; to see how: concord plan ${connector}`] : [];
  return [`${connector}  ${dry ? 'import, tried only' : 'import'}  ${found.length} pairs   ${sums}`, ...lines, ...more, ...next].join('\n');
}
