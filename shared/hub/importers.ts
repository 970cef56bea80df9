/**
 * What connectors can take over from older tools, by the ending of the file that a person names. A table of its own beside registry.ts and no
 * part of the factories: functions of the cloud hold a factory and import nothing. What does the work is loaded when a file is taken.
 */
import { extname } from 'node:path';
import type { Take } from './connector-factory.ts';

export interface Importers {
  /** The older tool's memory. */
  readonly memory: { readonly endings: readonly string[]; readonly take: Take };
  /** The older tool's configuration. @throws ConfigurationInvalid */
  readonly settings?: { readonly endings: readonly string[]; readonly translate: (text: string, name: string) => Promise<TakenSettings> };
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
    memory: { endings: ['.sqlite', '.sqlite3', '.db'], take: async (...asked) => (await import('./libcal-passagepoint-import.ts')).takeCache(...asked) },
    settings: { endings: ['.yml', '.yaml'], translate: async (text, name) => (await import('../connectors/libcal-passagepoint/python-config.ts')).settingsFromPython(text, name) },
  },
  'servicereef-nxt': {
    memory: { endings: ['.json'], take: async (...asked) => (await import('./servicereef-nxt-import.ts')).takeMap(...asked) },
  },
};

/** What takes over a file with this name; undefined where the connector takes none of the kind, and it is a file of pairs. */
export function importerOf<Kind extends keyof Importers>(connector: string, kind: Kind, name: string): Importers[Kind] | undefined {
  const found = Object.hasOwn(importers, connector) ? importers[connector]?.[kind] : undefined;
  return found?.endings.includes(extname(name).toLowerCase()) === true ? found : undefined;
}
