/**
 * What connectors can take over from older tools, by the ending of the file that a person names. A table of its own beside registry.ts and no
 * part of the factories: functions of the cloud hold a factory and import nothing, and `node:sqlite` need not start with each of them.
 */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { ConfigurationInvalid } from '../base/errors.ts';
import { readPythonCache } from '../connectors/libcal-passagepoint/python-cache.ts';
import { settingsFromPython } from '../connectors/libcal-passagepoint/python-config.ts';
import { takeOver } from '../connectors/libcal-passagepoint/take-over.ts';
import { readOlderMap } from '../connectors/servicereef-nxt/older-maps.ts';
import { takeOver as takeOverMaps } from '../connectors/servicereef-nxt/take-over.ts';
import type { TakenOver } from '../engine/told-pair.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Parts } from './connector-factory.ts';
import { bookingDeps } from './libcal-passagepoint.ts';
import { missionDeps } from './servicereef-nxt.ts';

export interface Importers {
  /** The older tool's memory. @param name  How the file is called in messages. @throws ConfigurationInvalid; what stops a side. */
  readonly memory: { readonly endings: readonly string[]; readonly take: (file: NamedFile, entry: CatalogEntry, parts: Parts) => Promise<TakenOver> };
  /** The older tool's configuration. Pure. @throws ConfigurationInvalid */
  readonly settings?: { readonly endings: readonly string[]; readonly translate: (text: string, name: string) => TakenSettings };
}

export interface NamedFile {
  readonly path: string;
  readonly name: string;
}

export interface TakenSettings {
  /** As far as the older tool says it: the content of `config/<connector>.json`. */
  readonly settings: { readonly [name: string]: unknown };
  /** For the environment, without any secret. */
  readonly variables: { readonly [name: string]: string };
  /** What a person has to add or to look at. Shows no value that could be a secret. */
  readonly open: readonly string[];
}

const importers: { readonly [connector: string]: Importers } = {
  'libcal-passagepoint': {
    memory: {
      endings: ['.sqlite', '.sqlite3', '.db'],
      async take({ path, name }, entry, parts) {
        const cache = readPythonCache(path, name); // first: without it nobody is asked
        const { deps, settings } = bookingDeps(entry, parts);
        return takeOver(deps, settings, cache);
      },
    },
    settings: { endings: ['.yml', '.yaml'], translate: settingsFromPython },
  },
  'servicereef-nxt': {
    memory: {
      endings: ['.json'],
      async take({ path, name }, entry, parts) {
        const map = readOlderMap(textOf(path, name), name); // first: without it nobody is asked
        const { deps, settings } = missionDeps(entry, parts);
        return takeOverMaps(deps, settings, map);
      },
    },
  },
};

/** @throws ConfigurationInvalid */
function textOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationInvalid([`${name} cannot be read; check its name and permissions`], { cause: error });
  }
}

/** What takes over a file with this name; undefined where the connector takes none of the kind, and it is a file of pairs. */
export function importerOf<Kind extends keyof Importers>(connector: string, kind: Kind, name: string): Importers[Kind] | undefined {
  const found = Object.hasOwn(importers, connector) ? importers[connector]?.[kind] : undefined;
  return found?.endings.includes(extname(name).toLowerCase()) === true ? found : undefined;
}
