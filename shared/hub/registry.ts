/**
 * From a connector's name to the connector itself: its clients, built from the variables and settings of the site, and what
 * `doctor` asks. Building makes no call. What the connectors are called: catalog.ts.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import { directusNextcloud } from '../connectors/directus-nextcloud/connector.ts';
import { parseSettings } from '../connectors/directus-nextcloud/settings.ts';
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

export interface Parts {
  readonly send: SendDeps;
  readonly clock: Clock;
  /** Told what an operator should know. */
  readonly notice: (message: string) => void;
  readonly variables: Variables;
  /** Where a site keeps its own settings; the shipped ones when undefined. */
  readonly configFolder: string | undefined;
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
    const { variables, send, clock, digest, notes } = parts;
    const json = readSettings(parts.configFolder, entry.id);
    const settings = parseSettings(overridden(json, variables, { NEXTCLOUD_CALENDAR_NAME: ['nextcloud', 'calendarName'], DIRECTUS_COLLECTION: ['directus', 'collection'] }));
    return () => {
      const directusUrl = variables['DIRECTUS_API_URL'] ?? '';
      const nextcloudUrl = variables['NEXTCLOUD_URL'] ?? '';
      const username = variables['NEXTCLOUD_USERNAME'] ?? '';
      const { collection, fields } = settings.directus;
      const { calendarName, calendarUrl, parallel } = settings.nextcloud;
      const stamps = fields.dateUpdated === null || fields.dateCreated === null ? undefined : { updated: fields.dateUpdated, created: fields.dateCreated };
      const directus = directusClient(send, { url: directusUrl, token: variables['DIRECTUS_API_TOKEN'] ?? '', collection, stamps });
      // 500, 501 and 507 speak about one object there (a UID in the trash, a rule that cannot be read, no space), not about the server's health.
      const dav = tunedFetch(send, { system: 'nextcloud', baseUrl: nextcloudUrl, parallelMax: parallel, answers: [500, 501, 507] });
      const caldav = caldavClient({ fetch: dav }, { homeUrl: nextcloudUrl, username, password: variables['NEXTCLOUD_PASSWORD'] ?? '', calendarName, calendarUrl });
      // Under the name of what was searched, so that another account or calendar is searched anew.
      const place = digest(`${nextcloudUrl} ${username} ${calendarName}`);
      const rememberCalendar = { get: () => notes.get(place), set: (url: string | undefined) => notes.set(place, url) };
      return {
        connector: directusNextcloud({ directus, directusUrl, caldav, nextcloudUrl, username, clock, digest, rememberCalendar, notice: parts.notice }, settings),
        checks: async () => [...(await directusChecks(directus, settings)), ...(await nextcloudChecks(caldav, calendarName))],
      };
    };
  },
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
