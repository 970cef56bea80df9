/**
 * The connectors of one machine, each built at its first use and then kept. One that renews its tokens itself is built anew whenever its
 * secret has changed, so that what a person put there, in whatever way, is noticed by the next run.
 */
import type { Config } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import type { Table } from '../base/table.ts';
import type { CallCounter } from '../http/calls.ts';
import type { SendDeps } from '../http/send.ts';
import type { SecretStore } from '../http/secrets.ts';
import type { FindableSecrets } from '../stores/file-secrets.ts';
import { digester } from '../sync/digest.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Built, ConnectorFactory, Parts, TokenPlace } from './connector-factory.ts';
import { notesOf, type Notes } from './notes.ts';
import { buildConnector } from './registry.ts';
import { signInWait, type SignInWait } from './sign-in-wait.ts';

export interface ConnectionParts {
  readonly config: Config;
  readonly configFolder: string | undefined;
  readonly factories: readonly ConnectorFactory[] | undefined;
  readonly secrets: (SecretStore & FindableSecrets) | undefined;
  readonly table: Table;
  readonly send: Omit<SendDeps, 'calls'>;
  readonly counterOf: (connectorId: string) => CallCounter;
  readonly log: Log;
  readonly worker: string;
  readonly isDead: (worker: string) => boolean;
  readonly digestKey: string;
}

export interface Connected {
  readonly built: Built;
  /** What it was built of. */
  readonly parts: Parts;
  readonly notes: Notes;
  readonly signIns: SignInWait;
}

/** The function throws ConfigurationInvalid that lists all that is missing or wrong. */
export function connections(parts: ConnectionParts): (entry: CatalogEntry) => Promise<Connected> {
  const { config, secrets, log, table } = parts;
  const known = new Map<string, { readonly version: string | undefined; readonly connected: Promise<Connected> }>();
  const places = new Map<string, TokenPlace>();

  function placeOf({ id, oauth }: CatalogEntry): TokenPlace | undefined {
    if (oauth === undefined || secrets === undefined) return undefined;
    const place = places.get(id) ?? { secrets, secretName: id, table, worker: parts.worker, isDead: parts.isDead, leases: new Map() };
    places.set(id, place);
    return place;
  }

  async function made(entry: CatalogEntry, stored: Awaited<ReturnType<FindableSecrets['find']>>): Promise<Connected> {
    const { id } = entry;
    const notes = notesOf(table, id);
    await notes.load();
    const digests = digester(parts.digestKey, []);
    const digest = (text: string): string => digests.text(text);
    const variables = { ...config.variables, ...stored?.values };
    const send: SendDeps = { ...parts.send, calls: parts.counterOf(id) };
    const from: Parts = { send, clock: send.clock, notice: (message) => log.warn({ connector: id }, message), variables, configFolder: parts.configFolder, digest, notes, tokens: placeOf(entry) };
    return { built: await buildConnector(entry, from, parts.factories), parts: from, notes, signIns: signInWait({ notes, clock: send.clock, digest, variables }, entry) };
  }

  return async (entry) => {
    const stored = entry.oauth && (await secrets?.find(entry.id));
    const found = known.get(entry.id);
    if (found && found.version === stored?.version) return found.connected;
    // Whoever asks meanwhile gets the same one, and goes on after whoever asked first.
    const connected = made(entry, stored);
    known.set(entry.id, { version: stored?.version, connected });
    connected.catch(() => known.delete(entry.id));
    return connected;
  };
}
