/**
 * What a connector hands to whoever builds it: its shipped settings, how it is made of variables and settings, how each of its systems is
 * asked for a sign-in. Here stands what is the same for all; each connector's own is a file of its name, so that a function of the
 * cloud holds one connector and no other. Building makes no call. All of them by name: registry.ts.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import type { Table } from '../base/table.ts';
import type { Connector } from '../engine/connector.ts';
import type { TakenOver } from '../engine/told-pair.ts';
import { checkedAddress } from '../http/address.ts';
import type { RenewalLease } from '../http/renewal-lease.ts';
import type { SecretStore } from '../http/secrets.ts';
import type { SendDeps } from '../http/send.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Check } from './checks.ts';
import type { Notes } from './notes.ts';

/** Where the tokens of a connector are kept that renews them itself, and who else may renew them. */
export interface TokenPlace {
  /** As it stands, not a copy of some minutes. */
  readonly secrets: SecretStore;
  readonly secretName: string;
  readonly table: Table;
  readonly worker: string;
  readonly isDead: (worker: string) => boolean;
  /** By system, each made at its first use: a lease knows what its worker holds. */
  readonly leases: Map<string, RenewalLease>;
}

/** What it takes to call a system. */
export interface SignInParts {
  readonly send: SendDeps;
  readonly variables: Variables;
  /** Where a site keeps its own settings; the shipped ones when undefined. */
  readonly configFolder: string | undefined;
  /** Without it nothing is renewed, and the tokens in the variables count. */
  readonly tokens?: TokenPlace | undefined;
}

export interface Parts extends SignInParts {
  readonly clock: Clock;
  /** Told what an operator should know. */
  readonly notice: (message: string) => void;
  /** Keyed. */
  readonly digest: (text: string) => string;
  /** What is worth remembering between runs and is no item. */
  readonly notes: Notes;
}

export interface Built {
  readonly connector: Connector;
  checks(): Promise<readonly Check[]>;
}

export interface ConnectorFactory {
  readonly id: string;
  /** Parses the settings, then hands over what builds the rest: so that wrong settings and missing variables are told together. */
  readonly make: (entry: CatalogEntry, parts: Parts) => () => Built;
  /** One call to a system, by its name. */
  readonly signIns: { readonly [system: string]: (parts: SignInParts, entry: CatalogEntry) => Promise<unknown> };
}

export interface NamedFile {
  readonly path: string;
  /** How it is called in messages. */
  readonly name: string;
}

/** Takes over an older tool's memory. @throws ConfigurationInvalid; what stops a side. */
export type Take = (file: NamedFile, entry: CatalogEntry, parts: Parts) => Promise<TakenOver>;

/** @throws ConfigurationInvalid that lists everything that is missing or wrong, over variables and settings. */
export function build(factory: ConnectorFactory, entry: CatalogEntry, parts: Parts): Built {
  const problems = variableProblems(entry, parts.variables);
  let ready: (() => Built) | undefined;
  try {
    ready = factory.make(entry, parts);
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    problems.push(...error.problems.map((problem) => `config/${entry.id}.json: ${problem}`));
  }
  if (ready === undefined || problems.length > 0) throw new ConfigurationInvalid(problems);
  return ready();
}

/**
 * Asks one system, with one call, whether it accepts the credentials in the variables. Of the other system nothing need be known.
 * @throws VendorSignInFailed; ConfigurationInvalid that lists what is missing to ask it; what else goes wrong on the way.
 */
export async function signIn(factory: ConnectorFactory, entry: CatalogEntry, system: string, parts: SignInParts): Promise<void> {
  const ask = factory.signIns[system];
  if (ask === undefined) throw new Error(`${entry.id} does not say how to sign in to ${system}`);
  const problems = variableProblems({ ...entry, variables: entry.variables.filter((variable) => variable.system === system) }, parts.variables);
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  await ask(parts, entry);
}

function variableProblems(entry: CatalogEntry, variables: Variables): string[] {
  return entry.variables.flatMap(({ name, what, isUrl, isOptional }) => {
    const value = variables[name];
    if (value === undefined) return isOptional === true ? [] : [`${name} is not set (${what})`];
    return isUrl === true ? addressProblems(name, value) : [];
  });
}

function addressProblems(name: string, value: string): readonly string[] {
  try {
    checkedAddress(name, value);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.problems;
    throw error;
  }
}
