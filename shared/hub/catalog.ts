/**
 * The connectors by name, as plain data: what they connect, which variables they need. A new connector is one entry here and one
 * line in registry.ts.
 */
import type { SideName } from '../sync/link.ts';

export interface CatalogVariable {
  readonly name: string;
  /** For the person who has to set it. */
  readonly what: string;
  readonly isUrl?: boolean;
  /** Never shown, and taken out of every log line. */
  readonly isSecret?: boolean;
  readonly isOptional?: boolean;
}

export interface CatalogEntry {
  readonly id: string;
  readonly title: string;
  /** How people call the two systems. */
  readonly sides: { readonly [side in SideName]: string };
  /** In the order in which they run. */
  readonly streams: readonly string[];
  readonly variables: readonly CatalogVariable[];
}

export const catalog: readonly CatalogEntry[] = [
  {
    id: 'directus-nextcloud',
    title: 'Directus and a Nextcloud calendar',
    sides: { source: 'Directus', target: 'Nextcloud' },
    streams: ['events'],
    variables: [
      { name: 'DIRECTUS_API_URL', what: 'base address of the Directus API', isUrl: true },
      { name: 'DIRECTUS_API_TOKEN', what: 'static token of a Directus user', isSecret: true },
      { name: 'NEXTCLOUD_URL', what: 'calendar home, https://<host>/remote.php/dav/calendars/<user>/', isUrl: true },
      { name: 'NEXTCLOUD_USERNAME', what: 'name of the Nextcloud account' },
      { name: 'NEXTCLOUD_PASSWORD', what: 'app password of the Nextcloud account', isSecret: true },
      { name: 'NEXTCLOUD_CALENDAR_NAME', what: 'name of the calendar', isOptional: true },
    ],
  },
];

/** Every value that may not be shown, by variable name. */
export const secretNames: readonly string[] = catalog.flatMap((entry) => entry.variables.filter(({ isSecret }) => isSecret === true).map(({ name }) => name));
