/**
 * Directus and Nextcloud, built from what a site says: clients, settings and the checks of `doctor`. What the connector does with
 * them stands in shared/connectors/directus-nextcloud.
 */
import shipped from '../../config/directus-nextcloud.json' with { type: 'json' };
import { directusNextcloud } from '../connectors/directus-nextcloud/connector.ts';
import { parseSettings, type Settings } from '../connectors/directus-nextcloud/settings.ts';
import { tunedFetch } from '../http/tuned-fetch.ts';
import { directusClient } from '../vendors/directus/client.ts';
import { caldavClient } from '../vendors/nextcloud/caldav.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Built, ConnectorFactory, Parts, SignInParts } from './connector-factory.ts';
import { directusChecks, nextcloudChecks } from './directus-nextcloud-checks.ts';
import { overridden, readSettings } from './settings-file.ts';

export const directusNextcloudFactory: ConnectorFactory = {
  id: 'directus-nextcloud',
  make,
  signIns: {
    directus: (parts, entry) => clientsOf(parts, settingsOf(entry, parts)).directus().whoAmI(),
    nextcloud: (parts, entry) => clientsOf(parts, settingsOf(entry, parts)).caldav().findCalendar(),
  },
};

function make(entry: CatalogEntry, parts: Parts): () => Built {
  const { variables, clock, digest, notes } = parts;
  const settings = settingsOf(entry, parts);
  return () => {
    const { directus, caldav } = clientsOf(parts, settings);
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
}

function settingsOf({ id }: CatalogEntry, { configFolder, variables }: SignInParts): Settings {
  return parseSettings(overridden(readSettings(configFolder, id, shipped), variables, { NEXTCLOUD_CALENDAR_NAME: ['nextcloud', 'calendarName'], DIRECTUS_COLLECTION: ['directus', 'collection'] }));
}

const lockedOutMs = 600_000; // after eleven failed sign-ins from an address it answers 429 to everybody there, and says nothing more (confirmed)
const reportMs = 60_000; // fifty objects in one answer, from a small server

function clientsOf({ send, variables }: SignInParts, settings: Settings) {
  const { collection, fields } = settings.directus;
  const { calendarName, calendarUrl, parallel } = settings.nextcloud;
  const stamps = fields.dateUpdated === null || fields.dateCreated === null ? undefined : { updated: fields.dateUpdated, created: fields.dateCreated };
  const homeUrl = variables['NEXTCLOUD_URL'] ?? '';
  return {
    directus: () => directusClient(send, { url: variables['DIRECTUS_API_URL'] ?? '', token: variables['DIRECTUS_API_TOKEN'] ?? '', collection, stamps }),
    caldav: () => {
      // 500, 501 and 507 speak about one object there (a UID in the trash, a rule that cannot be read, no space), not about the server's health.
      const dav = tunedFetch(send, { system: 'nextcloud', baseUrl: homeUrl, parallelMax: parallel, answers: [500, 501, 507], silentWaitMs: lockedOutMs, timeoutMsOf: (method) => (method === 'REPORT' ? reportMs : undefined) });
      return caldavClient({ fetch: dav }, { homeUrl, username: variables['NEXTCLOUD_USERNAME'] ?? '', password: variables['NEXTCLOUD_PASSWORD'] ?? '', calendarName, calendarUrl });
    },
  };
}
