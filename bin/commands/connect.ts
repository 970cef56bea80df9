/** `concord connect`: takes a credential from a person, tries it with one call, and keeps it where only its owner can read it. */
import type { Command } from 'commander';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { credentialOf, keepCredential, type Credential } from '../../shared/hub/credentials.ts';
import { trySignIn } from '../../shared/hub/registry.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { addJson, configFolderOf, configOf, logOf, printJson, wholeConfigOf, type Context, type Json } from '../context.ts';
import { textFrom } from '../terminal.ts';

interface ConnectFlags extends Json {
  readonly tokenStdin?: true;
  /** Commander's spelling of `--no-check`. */
  readonly check: boolean;
}

export function addConnect(program: Command, context: Context): void {
  const command = program
    .command('connect')
    .description('hand over the token or password for a system; it is tried, and kept if it is accepted')
    .argument('<system>', 'directus or nextcloud')
    .option('--token-stdin', 'read it from standard input instead of asking for it')
    .option('--no-check', 'keep it without trying it')
    .addHelpText('after', '\nIt is kept in secrets.json of the state folder, which only its owner can read, and wins over an older value in .env until that is changed.')
    .action(async (system: string, flags: ConnectFlags) => {
      const credential = credentialOf(system);
      const value = await credentialFrom(context, credential, flags);
      if (flags.check) await tryIt(context, credential, value);
      await keepCredential(configOf(context), credential, value);
      if (flags.json === true) printJson(context, { system, variable: credential.variable, checked: flags.check, kept: true });
      else context.out(`${flags.check ? `${system} has accepted it, and it is kept.` : `Kept for ${system}, untried.`} To look at everything: concord doctor\n`);
    });
  addJson(command);
}

/** @throws ConfigurationInvalid where nobody can be asked, or nothing was given. */
async function credentialFrom(context: Context, { system, what }: Credential, { tokenStdin }: ConnectFlags): Promise<string> {
  if (tokenStdin !== true && context.terminal === undefined) throw new ConfigurationInvalid(['there is no terminal to ask at; hand it over with --token-stdin']);
  const given = tokenStdin === true ? await textFrom(context.input) : await context.terminal?.askSecret(`${system}, ${what} (it is not shown): `);
  const value = (given ?? '').trim();
  if (value === '') throw new ConfigurationInvalid([`nothing was given for ${system} (${what})`]);
  if (/\s/.test(value)) throw new ConfigurationInvalid([`what was given for ${system} is more than one word; hand over ${what} alone`]);
  return value;
}

async function tryIt(context: Context, { system, entry, variable }: Credential, value: string): Promise<void> {
  const config = await wholeConfigOf(context);
  const variables = { ...config.variables, [variable]: value };
  const send = { fetch: context.fetch, clock: context.clock, budget: unlimited, calls: callCounter(), log: logOf(context, { ...config, variables }) };
  await trySignIn(entry, system, { send, variables, configFolder: configFolderOf(context) });
}
