/**
 * `concord import`: links pairs that a person or another tool knows, and tells what it found of each. Takes over an older tool's own
 * files, too, where the connector knows them: its memory becomes links, its configuration is shown as settings. Writes to no system.
 */
import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { parsePairs } from '../../shared/hub/id-pairs.ts';
import type { PairVerdict } from '../../shared/hub/import-links.ts';
import { importerOf, type TakenSettings } from '../../shared/hub/importers.ts';
import type { LocalHub } from '../../shared/hub/local.ts';
import { addJson, configFolderOf, printJson, textOf, withLocalHub, type Context, type Json } from '../context.ts';
import { printable } from '../print-pair.ts';

interface ImportFlags extends Json {
  readonly stream?: string;
  readonly dryRun?: true;
  readonly write?: true;
}

const verdicts: readonly PairVerdict['verdict'][] = ['linked', 'differs', 'known', 'ambiguous', 'missing', 'unreadable', 'taken'];
const needsPerson: ReadonlySet<PairVerdict['verdict']> = new Set(['ambiguous', 'missing', 'unreadable', 'taken']);
const shownPairs = 100;

export function addImport(program: Command, context: Context): void {
  const command = program
    .command('import')
    .description('link pairs that are known already, after looking at both items; nothing is written to any system')
    .argument('<connector>')
    .argument('<file>', "CSV or JSON of pairs: source id, target id; or an older tool's own file")
    .option('--stream <name>', 'needed where the connector has several')
    .option('--dry-run', 'look and tell, link nothing')
    .option('--write', "of an older tool's configuration: write the settings into config/, where there are none")
    .addHelpText('after', `
Ids are those that concord explain shows; of a calendar it is the file name at the end of an event's address.
libcal-passagepoint takes over the older Python tool's cache.db (people and visits) and config.yml (settings, printed).
servicereef-nxt takes over the older Python service's event_mapping.json and constituent_mapping.json, each pair looked at in both systems first.
Ends with 3 where some pairs could not be linked, or some settings are left for you.`)
    .action(async (connector: string, file: string, flags: ImportFlags) => {
      refuseIdleFlags(connector, file, flags);
      const settings = importerOf(connector, 'settings', file);
      if (settings !== undefined) return tellSettings(context, connector, await settings.translate(textOf(resolve(context.folder, file), file), basename(file)), flags);
      const dry = flags.dryRun === true;
      const imported = importing(context, connector, file, { stream: flags.stream, dry });
      return withLocalHub(context, async (hub) => {
        const found = await imported(hub);
        const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, found.filter((one) => one.verdict === verdict).length]));
        if (flags.json === true) printJson(context, { connector, dry, counts, pairs: found });
        else context.out(`${verdictText(connector, found, counts, dry)}\n`);
        return found.some(({ verdict }) => needsPerson.has(verdict)) ? 3 : 0;
      });
    });
  addJson(command);
}

/** A flag that would change nothing was meant for another file. @throws ConfigurationInvalid */
function refuseIdleFlags(connector: string, file: string, { stream, write }: ImportFlags): void {
  const isSettings = importerOf(connector, 'settings', file) !== undefined;
  const isOlderTools = isSettings || importerOf(connector, 'memory', file) !== undefined;
  if (write === true && !isSettings) throw new ConfigurationInvalid([`--write is for an older tool's configuration, and ${file} is none; pairs are linked unless --dry-run is said`]);
  if (stream !== undefined && isOlderTools) throw new ConfigurationInvalid([`--stream is for a file of pairs; ${file} is taken over whole`]);
}

/** What is wrong with a file of pairs is told before a hub is opened. */
function importing(context: Context, connector: string, file: string, options: { readonly stream: string | undefined; readonly dry: boolean }): (hub: LocalHub) => Promise<readonly PairVerdict[]> {
  const path = resolve(context.folder, file);
  if (importerOf(connector, 'memory', file) !== undefined) return (hub) => hub.takeOver(connector, { path, name: basename(file) }, options);
  const pairs = parsePairs(textOf(path, file));
  return (hub) => hub.importLinks(connector, pairs, options);
}

function verdictText(connector: string, found: readonly PairVerdict[], counts: { readonly [verdict: string]: number }, dry: boolean): string {
  const streams = [...Map.groupBy(found, ({ stream }) => stream)];
  const head = `${connector}  ${dry ? 'import, tried only' : 'import'}  ${found.length} pairs`;
  const heads = streams.length > 1 ? [head, ...streams.map(([stream, mine]) => `  ${stream.padEnd(18)}${sumsOf(mine)}`)] : [`${head}   ${sumsOf(found)}`];
  const told = found.filter(({ verdict }) => verdict !== 'linked' && verdict !== 'known');
  const lines = told.slice(0, shownPairs).map(({ source, target, verdict, where }) => `  ${verdict.padEnd(10)}  ${printable(source)} = ${target === '' ? '(nothing)' : printable(target)}  ${where.join(', ')}`.trimEnd());
  const more = told.length > lines.length ? [`  and ${told.length - lines.length} more: --json tells all`] : [];
  const next = (counts['differs'] ?? 0) > 0 && !dry ? [`  -> what differs is brought together by the next run; to see how: concord plan ${connector}`] : [];
  const unsure = found.some(({ verdict }) => verdict === 'ambiguous' || verdict === 'unreadable');
  const first = unsure ? ['  -> what is ambiguous or unreadable is not linked, and a run may make it a second time: mend it, or take away what stands there, before the next run'] : [];
  return [...heads, ...lines, ...more, ...next, ...first].join('\n');
}

const sumsOf = (found: readonly PairVerdict[]): string =>
  verdicts.flatMap((verdict) => {
    const count = found.filter((one) => one.verdict === verdict).length;
    return count > 0 ? [`${verdict} ${count}`] : [];
  }).join('   ');

/** The settings alone go to stdout, so that they can go into a file; what is left for a person stands beside them. */
function tellSettings(context: Context, connector: string, { settings, variables, open }: TakenSettings, { json, write, dryRun }: ImportFlags): void {
  const text = `${JSON.stringify(settings, undefined, 2)}\n`;
  const name = `config/${connector}.json`;
  if (write === true && dryRun !== true) writeNew(join(configFolderOf(context), `${connector}.json`), name, text);
  if (json === true) printJson(context, { connector, settings, variables, open });
  else {
    context.out(text);
    context.err(`${[`For ${name}${write === true && dryRun !== true ? ', which is written' : ''}. Variables that follow from it:`, ...Object.entries(variables).map((variable) => `  ${variable.join('=')}`), 'Left for you:', ...open.map((line) => `  ${printable(line)}`)].join('\n')}\n`);
  }
  context.code = open.length > 0 ? 3 : 0;
}

/** @throws ConfigurationInvalid where there is one: somebody may have worked on it. */
function writeNew(path: string, name: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw new ConfigurationInvalid([error instanceof Error && 'code' in error && error.code === 'EEXIST' ? `${name} is there already, and is left as it is` : `${name} cannot be written; is there a folder config here, and may it be written to?`], { cause: error });
  }
}
