/**
 * Credentials that a person hands over at the keyboard: kept in a file of the state folder that only its owner may read, and laid under
 * what the environment says. What was handed over later than the variable was set wins until somebody changes the variable.
 */
import { join } from 'node:path';
import type { Config, Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import { fileSecrets, noSecretYet } from '../stores/file-secrets.ts';
import { envSecrets, layeredSecrets } from '../stores/layered-secrets.ts';
import { inMemory } from '../stores/sqlite-file.ts';
import { catalog, systems, type CatalogEntry } from './catalog.ts';

export interface Credential {
  readonly system: string;
  readonly entry: CatalogEntry;
  /** The variable that it is the value of. */
  readonly variable: string;
  /** For the person who has to find it. */
  readonly what: string;
}

/** @throws ConfigurationInvalid for a system that nobody signs in to. */
export function credentialOf(system: string): Credential {
  for (const { system: name, entry } of systems) {
    const secret = entry.variables.find((variable) => variable.isSecret === true && variable.system === name);
    if (name === system && secret) return { system, entry, variable: secret.name, what: secret.what };
  }
  throw new ConfigurationInvalid([`there is no system ${system} to connect; there is ${systems.map((one) => one.system).join(', ')}`]);
}

/**
 * The configuration with the credentials that are kept.
 * @throws ConfigurationInvalid when others may read the file, or it is damaged; StoreUnavailable.
 */
export async function withCredentials(config: Config): Promise<Config> {
  const secrets = store(config);
  if (secrets === undefined) return config;
  let variables: Variables = config.variables;
  for (const { id } of catalog) variables = { ...variables, ...(await secrets.find(id))?.values };
  return { ...config, variables };
}

/**
 * @param config  As the environment has it, without what is kept already.
 * @throws ConditionFailed when another process has just kept one; ConfigurationInvalid where nothing can be kept.
 */
export async function keepCredential(config: Config, { entry, variable }: Credential, value: string): Promise<void> {
  const secrets = store(config);
  if (secrets === undefined) throw new ConfigurationInvalid(['CONCORD_STATE is :memory:, so nothing can be kept; name a folder']);
  const before = await secrets.find(entry.id);
  await secrets.write(entry.id, { [variable]: value }, { ifVersion: before?.version ?? noSecretYet });
}

function store({ statePath, variables }: Config) {
  if (statePath === inMemory) return undefined;
  const names = Object.fromEntries(catalog.map(({ id, variables: all }) => [id, all.filter(({ isSecret }) => isSecret === true).map(({ name }) => name)]));
  return layeredSecrets(envSecrets(variables, names), fileSecrets({ path: join(statePath, 'secrets.json') }));
}
