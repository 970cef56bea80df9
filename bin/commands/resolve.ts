/**
 * `concord resolve`: a person compares both versions of a parked item and says whose word counts; or takes an earlier answer back.
 */
import { InvalidArgumentError, type Command } from 'commander';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import type { HandWord } from '../../shared/engine/by-hand.ts';
import type { Told } from '../../shared/hub/desk.ts';
import type { PairShown } from '../../shared/hub/front-desk.ts';
import { fieldsWithoutWord } from '../../shared/hub/taken-fields.ts';
import type { SideName } from '../../shared/sync/link.ts';
import { exitCode } from '../../shared/sync/report.ts';
import { addJson, person, printJson, withHub, type Context, type Json } from '../context.ts';
import type { AnyHub } from '../hub.ts';
import { pairText } from '../print-pair.ts';
import { reportText, shellWord } from '../print.ts';
import type { Terminal } from '../terminal.ts';

interface ResolveFlags extends Json {
  readonly source?: true;
  readonly target?: true;
  readonly take?: Taken;
  readonly undo?: true;
  readonly done?: true | string;
  readonly again?: true;
}

type Taken = ReadonlyMap<string, SideName>;

const usualColumns = 80;
const needsPerson = 3;

export function addResolve(program: Command, context: Context): void {
  const command = program
    .command('resolve')
    .description('show both versions of a parked item, and settle whose word counts')
    .argument('<connector-or-id>')
    .argument('[id]', "the source's id, the target's id, or the link's key")
    .option('--source', 'the word of the source counts in all fields in question')
    .option('--target', 'the word of the target counts in all fields in question')
    .option('--take <field=side>', 'for one field: source or target; to be given for each field in question', addTaken)
    .option('--undo', 'restore what lost, on both sides; possible for 90 days, where nobody has written since')
    .option('--done [id]', 'you have done by hand what was asked; with the id of what you made, or found, there')
    .option('--again', 'what is in doubt did not happen: it may be sent once more')
    .addHelpText('after', '\nWithout a choice it asks; without a terminal it only shows the item and ends with 3.')
    .action((first: string, second: string | undefined, flags: ResolveFlags) =>
      withHub(context, async (hub) => {
        refuseTwoAnswers(flags);
        const pair = await (second === undefined ? hub.pair(undefined, first) : hub.pair(first, second));
        const word = handWord(flags);
        if (word !== undefined) return tell(context, hub, pair, flags, await hub.done(pair, word, person));
        if (flags.undo === true) return tell(context, hub, pair, flags, await hub.undo(pair, person));
        const take = chosen(pair, flags) ?? (await askedFor(context, pair, flags));
        if (take === 'left') return needsPerson;
        if (take === undefined) return showOnly(context, pair, flags);
        return tell(context, hub, pair, flags, await hub.settle(pair, take, person));
      }));
  addJson(command);
}

function addTaken(text: string, before: Taken | undefined): Taken {
  const [, field, side] = /^(\w+)=(source|target)$/.exec(text) ?? [];
  if (field === undefined || (side !== 'source' && side !== 'target')) throw new InvalidArgumentError('Write it like title=source or title=target.');
  return new Map([...(before ?? []), [field, side]]);
}

/** @throws ConfigurationInvalid */
function refuseTwoAnswers({ source, target, take, undo, done, again }: ResolveFlags): void {
  if ([source, target, take, undo, done, again].filter((one) => one !== undefined).length > 1) throw new ConfigurationInvalid(['of --source, --target, --take, --undo, --done and --again only one can be meant']);
}

function handWord({ done, again }: ResolveFlags): HandWord | undefined {
  if (again === true) return { again };
  return done === undefined ? undefined : { done: true, id: done === true ? undefined : done };
}

/** What the command line says, for each field. @throws ConfigurationInvalid where that is not all of them. */
function chosen(pair: PairShown, { source, target, take }: ResolveFlags): ((field: string) => SideName) | undefined {
  if (source === true || target === true) return () => (source === true ? 'source' : 'target');
  if (take === undefined) return undefined;
  const { forgotten, strange, inQuestion } = fieldsWithoutWord(pair, [...take.keys()]);
  const problems = [
    ...forgotten.map((field) => `${field} is in question too: add --take ${field}=source or --take ${field}=target`),
    ...strange.map((field) => `${field} is not in question; in question ${inQuestion.length === 0 ? 'is nothing' : `are ${inQuestion.join(', ')}`}`),
  ];
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return (field) => take.get(field) ?? 'source';
}

/** The person's answers; undefined where there is nobody, or nothing, to ask. */
async function askedFor(context: Context, pair: PairShown, { json }: ResolveFlags): Promise<((field: string) => SideName) | 'left' | undefined> {
  const { terminal } = context;
  if (terminal === undefined || json === true || pair.state !== 'parked' || pair.conflict === undefined) return undefined;
  context.out(`${pairText(pair, terminal.columns)}\n\n`);
  const { source, target } = pair.sides;
  const answer = await oneOf(terminal, `Whose word counts?  s ${source}, t ${target}, f field by field, l leave it: `, 'stfl');
  if (answer === 'l') return 'left';
  if (answer !== 'f') return () => (answer === 's' ? 'source' : 'target');
  const taken = new Map<string, SideName>();
  for (const { field } of pair.conflict.fields) taken.set(field, (await oneOf(terminal, `  ${field}: s ${source}, t ${target}: `, 'st')) === 's' ? 'source' : 'target');
  return (field) => taken.get(field) ?? 'source';
}

async function oneOf(terminal: Terminal, question: string, letters: string): Promise<string> {
  for (;;) {
    const letter = (await terminal.ask(question)).trim().toLowerCase().slice(0, 1);
    if (letter !== '' && letters.includes(letter)) return letter;
  }
}

function showOnly(context: Context, pair: PairShown, { json }: ResolveFlags): number {
  const isOpen = pair.state === 'parked';
  if (json === true) printJson(context, { pair, settled: false });
  else {
    context.out(`${pairText(pair, context.terminal?.columns ?? usualColumns)}\n`);
    if (isOpen && pair.conflict !== undefined) context.out(`\n-> concord resolve ${pair.connector} ${shellWord(pair.id)} --source, --target, or --take <field>=source|target\n`);
  }
  return isOpen ? needsPerson : 0;
}

async function tell(context: Context, hub: AnyHub, pair: PairShown, { json }: ResolveFlags, { answered, report }: Told): Promise<number> {
  const isDone = answered.kind === 'done';
  if (!isDone) {
    const now = await hub.pair(pair.connector, pair.key);
    const why = answered.kind === 'refused' ? answered.why : 'it has changed since; nothing was written. This is how it stands now';
    if (json === true) printJson(context, { pair: now, settled: false, why });
    else context.out(`${why}\n\n${pairText({ ...now, id: pair.id }, context.terminal?.columns ?? usualColumns)}\n`);
    return needsPerson;
  }
  if (json === true) printJson(context, { pair, settled: true, fields: answered.fields, report });
  else if (report) context.out(`Settled: ${answered.fields.join(', ')}.\n${reportText(report)}\n`);
  return report ? exitCode(report, false) : 0;
}
