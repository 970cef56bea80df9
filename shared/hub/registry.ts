/**
 * From a connector's name to the connector itself: its clients, built from the variables and settings of the site, and what
 * `doctor` asks. Building makes no call. What the connectors are called: catalog.ts.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import { directusNextcloud } from '../connectors/directus-nextcloud/connector.ts';
import { parseSettings, type Settings } from '../connectors/directus-nextcloud/settings.ts';
import type { Connector } from '../engine/connector.ts';
import { checkedAddress } from '../http/address.ts';
import type { SendDeps } from '../http/send.ts';
import { tunedFetch } from '../http/tuned-fetch.ts';
import { directusClient } from '../vendors/directus/client.ts';
import { caldavClient } from '../vendors/nextcloud/caldav.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Check } from './checks.ts';
import { directusChecks, nextcloudChecks } from './directus-nextcloud-checks.ts';
import type { Notes } from './notes.ts';
import { overridden, readSettings } from './settings-file.ts';

/** What it takes to call a system. */
export interface SignInParts {
  readonly send: SendDeps;
  readonly variables: Variables;
  /** Where a site keeps its own settings; the shipped ones when undefined. */
  readonly configFolder: string | undefined;
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

/** @throws ConfigurationInvalid that lists everything that is missing or wrong, over variables and settings. */
export function buildConnector(entry: CatalogEntry, parts: Parts): Built {
  const factory = factories[entry.id];
  if (factory === undefined) throw new Error(`${entry.id} stands in the catalog and not in the registry`);
  const problems = variableProblems(entry, parts.variables);
  let ready: (() => Built) | undefined;
  try {
    ready = factory(entry, parts);
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    problems.push(...error.problems.map((problem) => `config/${entry.id}.json: ${problem}`));
  }
  if (ready === undefined || problems.length > 0) throw new ConfigurationInvalid(problems);
  return ready();
}

/** Parses the settings, then hands over what builds the rest: so that wrong settings and missing variables are told together. */
type Factory = (entry: CatalogEntry, parts: Parts) => () => Built;

const factories: { readonly [id: string]: Factory } = {
  'directus-nextcloud': (entry, parts) => {
    const { variables, clock, digest, notes } = parts;
    const settings = directusNextcloudSettings(entry, parts);
    return () => {
      const { directus, caldav } = directusNextcloudClients(parts, settings);
      const directusUrl = variables['DIRECTUS_API_URL'] ?? '';
      const nextcloudUrl = variables['NEXTCLOUD_URL'] ?? '';
      const username = variables['NEXTCLOUD_USERNAME'] ?? '';
      const { calendarName } = settings.nextcloud;
      // Under the name of what was searched, so that another account or calendar is searched anew.
      const place = digest(`${nextcloudUrl} ${username} ${calendarName}`);
      const rememberCalendar = { get: () => notes.get(place), set: (url: string | undefined) => notes.set(place, url) };
      const deps = { directus: directus(), directusUrl, caldav: caldav(), nextcloudUrl, username, clock, digest, rememberCalendar, notice: parts.notice, watchesTrash: true };
      return {
        connector: directusNextcloud(deps, settings),
        checks: async () => [...(await directusChecks(deps.directus, settings)), ...(await nextcloudChecks(deps.caldav, calendarName))],
      };
    };
  },
};

function directusNextcloudSettings({ id }: CatalogEntry, { configFolder, variables }: SignInParts): Settings {
  return parseSettings(overridden(readSettings(configFolder, id), variables, { NEXTCLOUD_CALENDAR_NAME: ['nextcloud', 'calendarName'], DIRECTUS_COLLECTION: ['directus', 'collection'] }));
}

const reportMs = 60_000; // fifty objects in one answer, from a small server

function directusNextcloudClients({ send, variables }: SignInParts, settings: Settings) {
  const { collection, fields } = settings.directus;
  const { calendarName, calendarUrl, parallel } = settings.nextcloud;
  const stamps = fields.dateUpdated === null || fields.dateCreated === null ? undefined : { updated: fields.dateUpdated, created: fields.dateCreated };
  const homeUrl = variables['NEXTCLOUD_URL'] ?? '';
  return {
    directus: () => directusClient(send, { url: variables['DIRECTUS_API_URL'] ?? '', token: variables['DIRECTUS_API_TOKEN'] ?? '', collection, stamps }),
    caldav: () => {
      // 500, 501 and 507 speak about one object there (a UID in the trash, a rule that cannot be read, no space), not about the server's health.
      const dav = tunedFetch(send, { system: 'nextcloud', baseUrl: homeUrl, parallelMax: parallel, answers: [500, 501, 507], timeoutMsOf: (method) => (method === 'REPORT' ? reportMs : undefined) });
      return caldavClient({ fetch: dav }, { homeUrl, username: variables['NEXTCLOUD_USERNAME'] ?? '', password: variables['NEXTCLOUD_PASSWORD'] ?? '', calendarName, calendarUrl });
    },
  };
}

/**
 * Asks one system, with one call, whether it accepts the credentials in the variables. Of the other system nothing need be known.
 * @throws VendorSignInFailed; ConfigurationInvalid that lists what is missing to ask it; what else goes wrong on the way.
 */
export async function trySignIn(entry: CatalogEntry, system: string, parts: SignInParts): Promise<void> {
  const ask = signIns[system];
  if (ask === undefined) throw new Error(`${system} stands in the catalog and not in the registry`);
  const problems = variableProblems({ ...entry, variables: entry.variables.filter((variable) => variable.system === system) }, parts.variables);
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  await ask(parts, entry);
}

const signIns: { readonly [system: string]: (parts: SignInParts, entry: CatalogEntry) => Promise<unknown> } = {
  directus: (parts, entry) => directusNextcloudClients(parts, directusNextcloudSettings(entry, parts)).directus().whoAmI(),
  nextcloud: (parts, entry) => directusNextcloudClients(parts, directusNextcloudSettings(entry, parts)).caldav().findCalendar(),
};

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
