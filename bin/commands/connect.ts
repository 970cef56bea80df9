/**
 * `concord connect`: takes a credential from a person, tries it with one call, and keeps it where only its owner can read it. For a system
 * with OAuth that is a sign-in in a browser, or a token that is pasted.
 */
import type { Command } from 'commander';
import { fieldsOf } from '../../shared/base/fields-of.ts';
import type { Config } from '../../shared/base/config.ts';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { catalog, systemsIn, type CatalogEntry } from '../../shared/hub/catalog.ts';
import { credentialOf, keepValues, withCredentials, type Credential } from '../../shared/hub/credentials.ts';
import { trySignIn } from '../../shared/hub/registry.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { granted, valuesOf } from '../../shared/http/kept-tokens.ts';
import { grantedIn } from '../../shared/http/oauth-endpoint.ts';
import { signInByBrowser, whyNoBrowser } from '../browser-sign-in.ts';
import { addJson, configFolderOf, configOf, logOf, printJson, wholeConfigOf, type Context, type Json } from '../context.ts';
import { textFrom } from '../terminal.ts';

interface ConnectFlags extends Json {
  readonly tokenStdin?: true;
  readonly paste?: true;
  readonly browser?: true;
  /** Commander's spelling of `--no-check`. */
  readonly check: boolean;
}

/** Default: what this release knows. */
export interface ConnectParts {
  readonly entries: readonly CatalogEntry[];
  readonly signIn: typeof trySignIn;
}

type Values = Readonly<Record<string, string>>;

export function addConnect(program: Command, context: Context, parts: ConnectParts = { entries: catalog, signIn: trySignIn }): void {
  const command = program
    .command('connect')
    .description('hand over the token or password for a system, or sign in to it; it is tried, and kept if it is accepted')
    .argument('<system>', systemsIn(parts.entries).map(({ system }) => system).join(' or '))
    .option('--token-stdin', 'read it from standard input instead of asking for it')
    .option('--paste', 'ask for a token, where a sign-in in a browser would be possible')
    .option('--browser', 'sign in with a browser on this machine, where the system has that; this is what happens if nothing else is said')
    .option('--no-check', 'keep it without trying it')
    .addHelpText('after', '\nIt is kept in secrets.json of the state folder, which only its owner can read, and wins over an older value in .env until that is changed.')
    .action((system: string, flags: ConnectFlags) => connect(context, parts, system, flags));
  addJson(command);
}

async function connect(context: Context, parts: ConnectParts, system: string, flags: ConnectFlags): Promise<void> {
  const credential = credentialOf(system, parts.entries);
  const { entry, variable } = credential;
  if ([flags.tokenStdin, flags.paste, flags.browser].filter((flag) => flag === true).length > 1) throw new ConfigurationInvalid(['say one of --token-stdin, --paste and --browser']);
  const config = await configFor(context, entry);
  const oauth = entry.oauth?.system === system ? entry.oauth : undefined;
  if (flags.browser === true && oauth === undefined) throw new ConfigurationInvalid([`${system} has no sign-in in a browser; hand over ${credential.what}`]);
  if (oauth && wantsBrowser(context, oauth, config, flags)) {
    await signInByBrowser(context, config, entry, oauth);
    // Kept before it is tried: what was given cannot be given twice.
    if (flags.check) await tryIt(context, parts, credential, await configFor(context, entry), {});
  } else {
    const values = valuesIn(context, credential, await credentialFrom(context, credential, flags));
    if (flags.check) await tryIt(context, parts, credential, config, values);
    await keepValues(configOf(context), entry, values);
  }
  if (flags.json === true) printJson(context, { system, variable, checked: flags.check, kept: true });
  else context.out(`${flags.check ? `${system} has accepted it, and it is kept.` : `Kept for ${system}, untried.`} To look at everything: concord doctor\n`);
}

/** With what is kept of this connector by now. */
async function configFor(context: Context, entry: CatalogEntry): Promise<Config> {
  const whole = await wholeConfigOf(context);
  return { ...whole, variables: { ...whole.variables, ...(await withCredentials(configOf(context), [entry])).variables } };
}

/** Unless something else is asked for, and where it is possible. */
function wantsBrowser(context: Context, oauth: NonNullable<CatalogEntry['oauth']>, config: Config, { tokenStdin, paste, browser }: ConnectFlags): boolean {
  if (tokenStdin === true || paste === true) return false;
  const problem = whyNoBrowser(oauth, config);
  if (problem === undefined || browser === true) return true; // with its problem it ends there, by name
  if (context.terminal === undefined) throw new ConfigurationInvalid([`${problem}, so a browser cannot be used; hand a token over with --token-stdin`]);
  context.err(`${problem}, so a browser cannot be used; a token can be pasted.\n`);
  return false;
}

/** @throws ConfigurationInvalid where nobody can be asked, or nothing was given. */
async function credentialFrom(context: Context, { system, what }: Credential, { tokenStdin }: ConnectFlags): Promise<string> {
  if (tokenStdin !== true && context.terminal === undefined) throw new ConfigurationInvalid(['there is no terminal to ask at; hand it over with --token-stdin']);
  const given = tokenStdin === true ? await textFrom(context.input) : await context.terminal?.askSecret(`${system}, ${what} (it is not shown): `);
  const value = (given ?? '').trim();
  if (value === '') throw new ConfigurationInvalid([`nothing was given for ${system} (${what})`]);
  return value;
}

/** One word; for a system with OAuth also what its token endpoint has answered, whole. @throws ConfigurationInvalid */
function valuesIn({ clock }: Context, { system, entry: { oauth }, variable, what }: Credential, given: string): Values {
  if (oauth?.system === system && given.startsWith('{')) {
    const grant = grantedIn(fieldsOf(jsonIn(given)));
    if (grant === undefined) throw new ConfigurationInvalid([`what was given for ${system} is no token, and no answer with an access_token`]);
    const lifeMs = oauth.refreshDays === undefined ? undefined : oauth.refreshDays * 86_400_000;
    return valuesOf(granted(grant, { askedAt: clock.now(), spent: undefined, lifeMs }), oauth.names);
  }
  if (/\s/.test(given)) throw new ConfigurationInvalid([`what was given for ${system} is more than one word; hand over ${what} alone`]);
  return { [variable]: given };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no cause: the parser's message quotes the token
  }
}

async function tryIt(context: Context, { signIn }: ConnectParts, { system, entry }: Credential, config: Config, values: Values): Promise<void> {
  const variables = { ...config.variables, ...values };
  const send = { fetch: context.fetch, clock: context.clock, budget: unlimited, calls: callCounter(), log: logOf(context, { ...config, variables }) };
  await signIn(entry, system, { send, variables, configFolder: configFolderOf(context) });
}
