/**
 * Finds what a site has chosen: `config/<connector>.json` of the working folder, else the one that comes with Concord. The
 * environment overrides single places of it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';

/** @throws ConfigurationInvalid for a file that cannot be read or is no JSON. What stands in it is the connector's to check. */
export function readSettings(folder: string | undefined, connector: string, shipped: unknown): unknown {
  const own = folder === undefined ? undefined : readIfThere(join(folder, `${connector}.json`));
  return own ?? shipped;
}

/** `settings` with the values of `variables` at their places; a variable that is not set changes nothing. */
export function overridden(settings: unknown, variables: Variables, places: { readonly [variable: string]: readonly [section: string, field: string] }): unknown {
  let result = settings;
  for (const [name, [section, field]] of Object.entries(places)) {
    const value = variables[name];
    if (value !== undefined && isRecord(result)) {
      const before = result[section];
      result = { ...result, [section]: { ...(isRecord(before) ? before : {}), [field]: value } };
    }
  }
  return result;
}

function readIfThere(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigurationInvalid([`${path} cannot be read; check its permissions`], { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigurationInvalid([`${path} is not valid JSON; look for a missing comma or quote where it was last edited`], { cause: error });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
