/**
 * One connector in a function of the cloud: what it is built from, and how it is put together for one invocation. Handed in from outside,
 * so that the same handlers run on the SQLite table and a queue in this process. The handlers: aws-plan.ts, aws-apply.ts.
 */
import type { Clock } from '../base/clock.ts';
import { onlySet } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { digestKeyName } from '../base/names.ts';
import type { Table } from '../base/table.ts';
import type { Connector } from '../engine/connector.ts';
import type { LookMessage, World } from '../engine/ports.ts';
import type { Queue } from '../engine/queue.ts';
import { unlimited } from '../http/budget.ts';
import { callCounter } from '../http/calls.ts';
import type { Secret, SecretStore } from '../http/secrets.ts';
import { digester } from '../sync/digest.ts';
import type { Rhythm } from './aws-environment.ts';
import { catalog, type CatalogEntry } from './catalog.ts';
import { build, type ConnectorFactory, type TokenPlace } from './connector-factory.ts';
import { memoryOf, type Memory } from './memory.ts';
import type { Metrics } from './metrics.ts';
import { notesOf, type Notes } from './notes.ts';
import { signInWait, type SignInWait } from './sign-in-wait.ts';
import type { AddressedLook, RunTrigger } from './trigger.ts';

export interface PlaneParts {
  readonly factory: ConnectorFactory;
  readonly table: Table;
  readonly queue: Pick<Queue<AddressedLook>, 'send'>;
  /** The connector's own; may be a copy that is some minutes old. */
  readonly secret: () => Promise<Secret>;
  /** The same as it stands, for a connector that renews its tokens. Without it nothing is renewed. */
  readonly secrets?: SecretStore | undefined;
  readonly secretId?: string | undefined;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof fetch;
  /** Where a site keeps settings of its own; in the cloud they are in the bundle. */
  readonly configFolder?: string | undefined;
  /** Default: the catalog's. */
  readonly entry?: CatalogEntry | undefined;
}

/** Of the function that plans. */
export interface PlanParts extends PlaneParts {
  /** Starts the plan function anew and does not wait for it. */
  readonly startAgain: (trigger: RunTrigger) => Promise<void>;
  /** Of all connectors that are switched on. */
  readonly rhythms: readonly Rhythm[];
}

/** How much longer this invocation lives, and its name among all. */
export interface Life {
  readonly remainingMs: () => number;
  readonly worker: string;
}

export interface Plane {
  readonly entry: CatalogEntry;
  readonly memory: Memory;
  readonly world: World;
  readonly connector: Connector;
  readonly notes: Notes;
  readonly signIns: SignInWait;
  readonly calls: () => { readonly [system: string]: number };
}

/** @throws ConfigurationInvalid that lists all that is missing or wrong, in the secret and the settings; StoreUnavailable. */
export async function openPlane(parts: PlaneParts, life: Life): Promise<Plane> {
  const { factory, table, clock, log } = parts;
  const entry = parts.entry ?? entryOf(factory.id);
  const tokens = tokenPlace(parts, life, entry);
  const notes = notesOf(table, entry.id);
  await notes.load();
  const { variables, digestKey } = await credentials(parts, tokens);
  const digests = digester(digestKey, []);
  const digest = (text: string): string => digests.text(text);
  refuseOtherKey(notes, digest);
  const counter = callCounter();
  const send = { fetch: parts.fetch, clock, budget: unlimited, calls: counter, log };
  const notice = (message: string): void => log.warn({ connector: entry.id }, message);
  const { connector } = build(factory, entry, { send, clock, notice, variables, configFolder: parts.configFolder, digest, notes, tokens });
  const signIns = signInWait({ notes, clock, digest, variables }, entry);
  const memory = memoryOf({ table, clock }, entry);
  const world: World = { links: memory.links, runs: memory.runs, queue: addressed(parts, entry.id), clock, digestKey, worker: life.worker, isDead: () => false };
  return { entry, memory, world, connector: signIns.guarded(connector), notes, signIns, calls: () => counter.totals() };
}

function entryOf(id: string): CatalogEntry {
  const entry = catalog.find((one) => one.id === id);
  if (entry === undefined) throw new Error(`${id} does not stand in the catalog`);
  return entry;
}

function tokenPlace({ secrets, secretId, table }: PlaneParts, { worker }: Life, { oauth }: CatalogEntry): TokenPlace | undefined {
  return oauth && secrets && secretId !== undefined ? { secrets, secretName: secretId, table, worker, isDead: () => false, leases: new Map() } : undefined;
}

/** What a person has put there counts with the next run, where it may be a token; other credentials within some minutes. */
async function credentials({ secret, factory }: PlaneParts, tokens: TokenPlace | undefined): Promise<{ readonly variables: Secret['values']; readonly digestKey: string }> {
  const { values } = await (tokens ? tokens.secrets.read(tokens.secretName) : secret());
  const digestKey = values[digestKeyName];
  if (digestKey === undefined || digestKey.length < 32) {
    throw new ConfigurationInvalid([`the secret of ${factory.id} has no ${digestKeyName}: restore the version of the secret that had it, for without it every link would be compared anew`]);
  }
  const set = Object.entries(onlySet(values)).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { variables: Object.fromEntries(set), digestKey };
}

const keyNote = 'digest key';

/** Whoever replaces the whole secret by hand replaces the key, too, and every item would look changed at once. */
function refuseOtherKey(notes: Notes, digest: (text: string) => string): void {
  const ours = digest(keyNote);
  const known = notes.get(keyNote);
  if (known === undefined) notes.set(keyNote, ours);
  else if (known !== ours) throw new ConfigurationInvalid([`${digestKeyName} in the secret is another one than before: take it from the secret's previous version`]);
}

/** What is sent carries the connector's name: where it gives up, nothing else tells whose it was. */
function addressed({ queue }: PlaneParts, connector: string): Queue<LookMessage> {
  return {
    send: (messages, options) => queue.send(messages.map((message) => ({ ...message, connector })), options),
    receive: async () => notHere(),
    done: async () => notHere(),
    later: async () => notHere(),
  };
}

function notHere(): never {
  throw new Error('in the cloud messages are handed out by the platform, not received');
}
