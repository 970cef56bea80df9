/**
 * The connectors by name, as plain data: what they connect, which variables they need. A new connector is one entry here and one
 * line in registry.ts.
 */
import type { TokenNames } from '../http/kept-tokens.ts';
import type { SideName } from '../sync/link.ts';

export interface CatalogVariable {
  readonly name: string;
  /** For the person who has to set it. */
  readonly what: string;
  readonly isUrl?: boolean;
  /** Never shown, and taken out of every log line. */
  readonly isSecret?: boolean;
  readonly isOptional?: boolean;
  /** The system it belongs to, as `concord connect` calls it. */
  readonly system: string;
}

/** A system that a person signs in to by OAuth 2.0, with a code: where, and under which variables what belongs to it stands. None of them is needed. */
export interface OAuthSystem {
  /** As `concord connect` calls it. */
  readonly system: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** A variable with another host for both, a simulator's for example; their paths stay. */
  readonly baseUrlName: string;
  readonly names: TokenNames & { readonly redirectUri: string };
  /** How long a refresh token lives. */
  readonly refreshDays?: number | undefined;
  /** The vendor lets one be kept (`preserve_refresh_token`): then it is exchanged when it is so old. Absent: by each renewal. */
  readonly exchangeDays?: number | undefined;
}

export interface CatalogEntry {
  readonly id: string;
  readonly title: string;
  /** How people call the two systems. */
  readonly sides: { readonly [side in SideName]: string };
  /** In the order in which they run. */
  readonly streams: readonly string[];
  /** Fields that mean something only together: a person takes all of them from one side. */
  readonly together: readonly (readonly string[])[];
  readonly variables: readonly CatalogVariable[];
  readonly oauth?: OAuthSystem | undefined;
}

export const catalog: readonly CatalogEntry[] = [
  {
    id: 'directus-nextcloud',
    title: 'Directus and a Nextcloud calendar',
    sides: { source: 'Directus', target: 'Nextcloud' },
    streams: ['events'],
    together: [['start', 'end', 'allDay']],
    variables: [
      { name: 'DIRECTUS_API_URL', what: 'base address of the Directus API', isUrl: true, system: 'directus' },
      { name: 'DIRECTUS_API_TOKEN', what: 'static token of a Directus user', isSecret: true, system: 'directus' },
      { name: 'DIRECTUS_WEBHOOK_SECRET', what: 'what a Flow of Directus sends along to be believed, where it tells of changes at once', isSecret: true, isOptional: true, system: 'directus' },
      { name: 'DIRECTUS_COLLECTION', what: 'name of the collection, where it is not the one in config/directus-nextcloud.json', isOptional: true, system: 'directus' },
      { name: 'NEXTCLOUD_URL', what: 'calendar home, https://<host>/remote.php/dav/calendars/<user>/', isUrl: true, system: 'nextcloud' },
      { name: 'NEXTCLOUD_USERNAME', what: 'name of the Nextcloud account', system: 'nextcloud' },
      { name: 'NEXTCLOUD_PASSWORD', what: 'app password of the Nextcloud account', isSecret: true, system: 'nextcloud' },
      { name: 'NEXTCLOUD_CALENDAR_NAME', what: 'name of the calendar', isOptional: true, system: 'nextcloud' },
    ],
  },
  {
    id: 'libcal-passagepoint',
    title: 'LibCal bookings and PassagePoint',
    sides: { source: 'LibCal', target: 'PassagePoint' },
    streams: ['visitors', 'pre-registrations'],
    together: [['startsAt', 'endsAt']],
    variables: [
      { name: 'LIBCAL_BASE_URL', what: "address of the library's LibCal, https://<site>.libcal.com", isUrl: true, system: 'libcal' },
      { name: 'LIBCAL_CLIENT_ID', what: 'number of the application in LibCal, Admin, API', system: 'libcal' },
      { name: 'LIBCAL_CLIENT_SECRET', what: 'secret of that application', isSecret: true, system: 'libcal' },
      { name: 'LIBCAL_LOCATIONS', what: 'numbers of the locations to take, where not all in config/libcal-passagepoint.json', isOptional: true, system: 'libcal' },
      { name: 'ALMA_BASE_URL', what: "host of Alma's region, https://api-<region>.hosted.exlibrisgroup.com", isUrl: true, system: 'alma' },
      { name: 'ALMA_API_KEY', what: 'key that may read Users; of several institutions with commas between them', isSecret: true, system: 'alma' },
      { name: 'PASSAGEPOINT_BASE_URL', what: 'base address of the API, https://<host>:2444/pp/api/v2', isUrl: true, system: 'passagepoint' },
      { name: 'PASSAGEPOINT_USERNAME', what: 'name of the PassagePoint account', system: 'passagepoint' },
      { name: 'PASSAGEPOINT_PASSWORD', what: 'password of that account', isSecret: true, system: 'passagepoint' },
    ],
  },
  {
    id: 'servicereef-nxt',
    title: "ServiceReef trips and Raiser's Edge NXT",
    sides: { source: 'ServiceReef', target: 'NXT' },
    streams: ['events', 'people', 'participants'],
    together: [['startDate', 'startTime', 'endDate', 'endTime']],
    variables: [
      { name: 'SERVICE_REEF_BASE_URL', what: 'base address of the API, https://api.servicereef.com', isUrl: true, system: 'servicereef' },
      { name: 'SERVICE_REEF_APP_ID', what: "APP ID of the organisation's profile in ServiceReef, API Keys", system: 'servicereef' },
      { name: 'SERVICE_REEF_APP_SECRET', what: 'KEY beside that APP ID', isSecret: true, system: 'servicereef' },
      { name: 'NXT_SUBSCRIPTION_KEY', what: "key of your subscription in Blackbaud's developer pages, primary or secondary", isSecret: true, system: 'nxt' },
      { name: 'NXT_CLIENT_ID', what: 'id of your application there, for tokens that renew themselves', isOptional: true, system: 'nxt' },
      { name: 'NXT_CLIENT_SECRET', what: 'secret of that application', isSecret: true, isOptional: true, system: 'nxt' },
      { name: 'NXT_ACCESS_TOKEN', what: 'access token of SKY API, where a person pastes one', isSecret: true, isOptional: true, system: 'nxt' },
      { name: 'NXT_REFRESH_TOKEN', what: 'refresh token that came with it', isSecret: true, isOptional: true, system: 'nxt' },
      { name: 'NXT_REDIRECT_URI', what: 'where a browser comes back to after a sign-in, as the application lists it', isOptional: true, system: 'nxt' },
      { name: 'NXT_API_BASE_URL', what: 'another address of SKY API than https://api.sky.blackbaud.com', isUrl: true, isOptional: true, system: 'nxt' },
      { name: 'NXT_OAUTH_BASE_URL', what: "another address for sign-in and tokens than Blackbaud's own", isUrl: true, isOptional: true, system: 'nxt' },
    ],
    oauth: {
      system: 'nxt',
      authorizeUrl: 'https://app.blackbaud.com/oauth/authorize',
      tokenUrl: 'https://oauth2.sky.blackbaud.com/token',
      baseUrlName: 'NXT_OAUTH_BASE_URL',
      names: { clientId: 'NXT_CLIENT_ID', clientSecret: 'NXT_CLIENT_SECRET', accessToken: 'NXT_ACCESS_TOKEN', refreshToken: 'NXT_REFRESH_TOKEN', redirectUri: 'NXT_REDIRECT_URI' },
      refreshDays: 365,
      exchangeDays: 30,
    },
  },
];

/** The connectors that a site has begun to set up; none where it has not begun. */
export function entriesBegun(variables: { readonly [name: string]: string | undefined }, entries: readonly CatalogEntry[] = catalog): readonly CatalogEntry[] {
  return entries.filter((entry) => {
    const needed = entry.variables.filter(({ isOptional }) => isOptional !== true);
    return (needed.length > 0 ? needed : entry.variables).some(({ name }) => variables[name] !== undefined);
  });
}

/** The systems that a person can sign in to, each with the connector it belongs to. */
export const systemsIn = (entries: readonly CatalogEntry[]): readonly { readonly system: string; readonly entry: CatalogEntry }[] =>
  entries.flatMap((entry) => [...new Set(entry.variables.map(({ system }) => system))].map((system) => ({ system, entry })));

/** Every value that may not be shown, by variable name. */
export const secretNames: readonly string[] = catalog.flatMap((entry) => entry.variables.filter(({ isSecret }) => isSecret === true).map(({ name }) => name));
