/**
 * Credentials that a person hands over at the keyboard: kept in a file of the state folder that only its owner may read, and laid under
 * what the environment says. What was handed over later than the variable was set wins until somebody changes the variable.
 */
import { join } from 'node:path';
import type { Config, Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import { fileSecrets, noSecretYet, type FindableSecrets } from '../stores/file-secrets.ts';
import { envSecrets, layeredSecrets } from '../stores/layered-secrets.ts';
import { inMemory } from '../stores/sqlite-file.ts';
import type { SecretStore } from '../http/secrets.ts';
import { catalog, systemsIn, type CatalogEntry } from './catalog.ts';

export interface Credential {
  readonly system: string;
  readonly entry: CatalogEntry;
  /** The variable that it is the value of. */
  readonly variable: string;
  /** For the person who has to find it. */
  readonly what: string;
}

/** @throws ConfigurationInvalid for a system that nobody signs in to. */
export function credentialOf(system: string, entries: readonly CatalogEntry[] = catalog): Credential {
  const systems = systemsIn(entries);
  for (const { system: name, entry } of systems) {
    const token = entry.oauth?.system === name ? entry.oauth.names.accessToken : undefined;
    const secret = entry.variables.find((variable) => (token === undefined ? variable.isSecret === true && variable.system === name : variable.name === token));
    if (name === system && secret) return { system, entry, variable: secret.name, what: secret.what };
  }
  throw new ConfigurationInvalid([`there is no system ${system} to connect; there is ${systems.map((one) => one.system).join(', ')}`]);
}

/**
 * The configuration with the credentials that are kept.
 * @throws ConfigurationInvalid when others may read the file, or it is damaged; StoreUnavailable.
 */
export async function withCredentials(config: Config, entries: readonly CatalogEntry[] = catalog): Promise<Config> {
  const secrets = credentialStore(config, entries);
  if (secrets === undefined) return config;
  let variables: Variables = config.variables;
  for (const { id } of entries) variables = { ...variables, ...(await secrets.find(id))?.values };
  return { ...config, variables };
}

/**
 * Of one connector, by the names of its variables.
 *
 * @param config  As the environment has it, without what is kept already.
 * @throws ConditionFailed when another process has just kept one; ConfigurationInvalid where nothing can be kept.
 */
export async function keepValues(config: Config, entry: CatalogEntry, values: Readonly<Record<string, string>>): Promise<void> {
  const secrets = credentialStore(config, [entry]);
  if (secrets === undefined) throw nothingIsKept();
  const before = await secrets.find(entry.id);
  await secrets.write(entry.id, values, { ifVersion: before?.version ?? noSecretYet });
}

export const nothingIsKept = (): ConfigurationInvalid => new ConfigurationInvalid(['CONCORD_STATE is :memory:, so nothing can be kept; name a folder']);

/**
 * Secrets by the connector's name; undefined where nothing can be kept. What an application of OAuth is called is read with its tokens.
 *
 * @param config  As the environment has it, without what is kept already.
 */
export function credentialStore({ statePath, variables }: Config, entries: readonly CatalogEntry[] = catalog): (SecretStore & FindableSecrets) | undefined {
  if (statePath === inMemory) return undefined;
  const names = Object.fromEntries(entries.map(({ id, variables: all, oauth }) => [id, all.filter(({ name, isSecret }) => isSecret === true || name === oauth?.names.clientId).map(({ name }) => name)]));
  return layeredSecrets(envSecrets(variables, names), fileSecrets({ path: join(statePath, 'secrets.json') }));
}
