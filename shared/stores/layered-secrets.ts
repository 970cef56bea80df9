/**
 * Credentials from the environment (or `.env`) over stored ones: what a person sets there wins. One exception: a token that was
 * refreshed since. The vendor has made the old one worthless, so the stored one wins until somebody changes the variable.
 * For that a write keeps, beside each value, a digest of the variable that it replaces.
 */
import { createHash } from 'node:crypto';
import { ConditionFailed } from '../base/errors.ts';
import type { Secret, SecretStore } from '../http/secrets.ts';
import { noCredentials, noSecretYet, versionOf } from './file-secrets.ts';
import type { FindableSecrets } from './file-secrets.ts';

type Values = Readonly<Record<string, string>>;

const replacesPrefix = 'replaces:'; // "replaces:NXT_REFRESH_TOKEN" in the stored secret

/**
 * The environment as a source of secrets. An empty variable counts as not set.
 *
 * @param variables  which variables belong to which secret.
 */
export function envSecrets(
  env: { readonly [variable: string]: string | undefined },
  variables: { readonly [secret: string]: readonly string[] | undefined },
): FindableSecrets {
  return {
    find: async (name) => {
      const values: Record<string, string> = {};
      const names = Object.hasOwn(variables, name) ? variables[name] : undefined;
      for (const variable of names ?? []) {
        const value = env[variable];
        if (value !== undefined && value !== '') values[variable] = value;
      }
      return Object.keys(values).length === 0 ? undefined : { values, version: versionOf(values) };
    },
  };
}

/** Reads both, writes to the second. The version covers both, so that an edit of either is noticed. */
export function layeredSecrets(first: FindableSecrets, second: FindableSecrets & SecretStore): SecretStore & FindableSecrets {
  const findBoth = async (name: string) => ({ above: (await first.find(name))?.values ?? {}, below: await second.find(name) });

  async function find(name: string): Promise<Secret | undefined> {
    const { above, below } = await findBoth(name);
    const values = layered(above, below?.values ?? {});
    return Object.keys(values).length === 0 ? undefined : { values, version: versionOf(values) };
  }

  return {
    find,
    read: async (name) => (await find(name)) ?? noCredentials(name),
    write: async (name, values, options) => {
      const { above, below } = await findBoth(name);
      const before = layered(above, below?.values ?? {});
      const version = Object.keys(before).length === 0 ? noSecretYet : versionOf(before);
      if (version !== options.ifVersion) throw new ConditionFailed(0);
      const replaced = Object.entries(above).filter(([key]) => Object.hasOwn(values, key));
      const notes = Object.fromEntries(replaced.map(([key, value]) => [replacesPrefix + key, digestOf(value)]));
      await second.write(name, { ...values, ...notes }, { ifVersion: below?.version ?? noSecretYet });
      return versionOf({ ...before, ...values });
    },
  };
}

function layered(above: Values, below: Values): Values {
  const stored = Object.fromEntries(Object.entries(below).filter(([key]) => !key.startsWith(replacesPrefix)));
  const standing = Object.entries(above).filter(([key, value]) => !(Object.hasOwn(stored, key) && below[replacesPrefix + key] === digestOf(value)));
  return { ...stored, ...Object.fromEntries(standing) };
}

function digestOf(value: string): string {
  return createHash('sha256').update(value).digest('base64url').slice(0, 22);
}
