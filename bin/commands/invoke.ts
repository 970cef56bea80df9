/**
 * `concord invoke`: one of the cloud's functions by hand, with an event from a file, on this machine and its own state. Where nothing is
 * configured it happens in the invented world.
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { entriesBegun } from '../../shared/hub/catalog.ts';
import { credentialStore } from '../../shared/hub/credentials.ts';
import { localHost } from '../../shared/hub/local-host.ts';
import { invokeLocally } from '../../shared/hub/local-functions.ts';
import { localHub } from '../../shared/hub/local.ts';
import { allFactories } from '../../shared/hub/registry.ts';
import { sampleWorlds } from '../../shared/hub/sample-worlds.ts';
import { addJson, configFolderOf, configOf, logOf, printJson, wholeConfigOf, type Context, type Json } from '../context.ts';

export function addInvoke(program: Command, context: Context): void {
  const command = program
    .command('invoke')
    .description('run a function of the cloud on this machine, with an event from a file (events/ has samples)')
    .argument('<function>', 'api, webhook, oauth, dead-letter, <connector>-plan or <connector>-apply')
    .argument('<event>', 'a file of JSON')
    .action((name: string, file: string, { json }: Json) => invoke(context, name, file, json === true));
  addJson(command);
}

async function invoke(context: Context, name: string, file: string, isJson: boolean): Promise<void> {
  const event = eventIn(file);
  const given = await wholeConfigOf(context);
  const { clock, stops } = context;
  const sample = entriesBegun(given.variables).length > 0 ? undefined : sampleWorlds(clock);
  const config = sample === undefined ? given : { ...given, statePath: ':memory:', variables: { ...given.variables, ...sample.variables } };
  const log = logOf(context, config);
  const configFolder = sample === undefined ? configFolderOf(context) : undefined;
  const outside = sample?.fetch ?? context.fetch;
  const secrets = sample === undefined ? credentialStore(configOf(context)) : undefined;
  const hub = localHub({ config, clock, log, configFolder, secrets, fetch: outside });
  const host = localHost({ hub, clock, log, signal: stops.signal });
  try {
    const invoked = await invokeLocally({ hub, host, factories: await allFactories(), variables: config.variables, clock, log, fetch: outside, configFolder, secrets }, name, event);
    if (isJson) printJson(context, invoked);
    else context.out(`${sample === undefined ? '' : 'Nothing is configured, so this happened in the invented world.\n'}${JSON.stringify(invoked.answer, undefined, 2)}\n${invoked.afterwards.map((one) => `then ${one.name}: ${JSON.stringify(one.answer)}\n`).join('')}`);
  } finally {
    await host.idle();
    hub.close();
  }
}

/** @throws ConfigurationInvalid */
function eventIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigurationInvalid([`${file} cannot be read, or is no JSON; events/ has samples`], { cause: error });
  }
}
