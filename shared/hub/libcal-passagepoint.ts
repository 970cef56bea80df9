/**
 * LibCal, Alma and PassagePoint, built from what a site says: clients, settings and the checks of `doctor`. What the connector does with
 * them stands in shared/connectors/libcal-passagepoint.
 */
import shipped from '../../config/libcal-passagepoint.json' with { type: 'json' };
import type { BookingDeps } from '../connectors/libcal-passagepoint/bookings.ts';
import { libcalPassagePoint } from '../connectors/libcal-passagepoint/connector.ts';
import { lookUpsUnderWay } from '../connectors/libcal-passagepoint/people.ts';
import type { ReadingDeps } from '../connectors/libcal-passagepoint/reading.ts';
import { onlyLocations, parseSettings, type Settings } from '../connectors/libcal-passagepoint/settings.ts';
import { allOf, rateLimiter } from '../http/budget.ts';
import { almaClient } from '../vendors/alma/client.ts';
import { libcalClient } from '../vendors/libcal/client.ts';
import { passagePointClient } from '../vendors/passagepoint/client.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Built, ConnectorFactory, Parts, SignInParts } from './connector-factory.ts';
import { almaChecks, libcalChecks, passagePointChecks } from './libcal-passagepoint-checks.ts';
import { readSettings } from './settings-file.ts';

export const libcalPassagePointFactory: ConnectorFactory = {
  id: 'libcal-passagepoint',
  make,
  signIns: {
    libcal: (parts, entry) => clientsOf(parts, settingsOf(entry, parts)).libcal().signIn(),
    alma: (parts, entry) => clientsOf(parts, settingsOf(entry, parts)).alma().signIn(),
    passagepoint: (parts, entry) => clientsOf(parts, settingsOf(entry, parts)).passagePoint().signIn(),
  },
};

function make(entry: CatalogEntry, parts: Parts): () => Built {
  const { variables, clock, digest } = parts;
  const settings = settingsOf(entry, parts);
  return () => {
    let remaining: number | undefined;
    const clients = clientsOf(parts, settings, (left) => { remaining = left; });
    const [libcal, alma, passagePoint] = [clients.libcal(), clients.alma(), clients.passagePoint()];
    const urls = { libcalUrl: variables['LIBCAL_BASE_URL'] ?? '', passagePointUrl: variables['PASSAGEPOINT_BASE_URL'] ?? '' };
    return {
      connector: libcalPassagePoint({ libcal, alma, almaRemaining: () => remaining, passagePoint, ...urls, clock, digest }, settings),
      checks: async () => [...(await libcalChecks(libcal, settings)), ...(await almaChecks(alma)), ...(await passagePointChecks(passagePoint, settings))],
    };
  };
}

/** What it takes to read LibCal beside a run. */
export function bookingDeps(entry: CatalogEntry, parts: Parts): { readonly deps: ReadingDeps & BookingDeps; readonly settings: Settings } {
  const { variables, clock, digest } = parts;
  const settings = settingsOf(entry, parts);
  return { deps: { libcal: clientsOf(parts, settings).libcal(), libcalUrl: variables['LIBCAL_BASE_URL'] ?? '', clock, digest }, settings };
}

function settingsOf({ id }: CatalogEntry, { configFolder, variables }: SignInParts): Settings {
  return onlyLocations(parseSettings(readSettings(configFolder, id, shipped)), variables['LIBCAL_LOCATIONS']);
}

const bookingsPerSecond = 2; // no limit is published: our own caution (assumed)
const visitsPerSecond = 5; // a server on the site's own network, of unknown strength (assumed)

function clientsOf({ send, variables }: SignInParts, settings: Settings, onRemaining?: (left: number) => void) {
  const paced = (perSecond: number) => ({ ...send, budget: allOf(send.budget, rateLimiter(send.clock, { perSecond })) });
  const { perSecond, barcodeType, view } = settings.alma;
  const { prefix, identity, idQuestion } = settings.libcal;
  const text = (name: string): string => variables[name] ?? '';
  return {
    libcal: () => libcalClient(paced(bookingsPerSecond), {
      baseUrl: text('LIBCAL_BASE_URL'), clientId: text('LIBCAL_CLIENT_ID'), clientSecret: text('LIBCAL_CLIENT_SECRET'),
      prefix, identity, formQuestions: idQuestion === null ? [] : [idQuestion],
    }),
    alma: () => almaClient(paced(perSecond), {
      baseUrl: text('ALMA_BASE_URL'), barcodeType, view, parallelMax: lookUpsUnderWay(settings),
      apiKeys: text('ALMA_API_KEY').split(',').map((key) => ({ key: key.trim() })),
      ...(onRemaining && { onRemaining: ({ remaining }: { readonly remaining: number }) => onRemaining(remaining) }),
    }),
    passagePoint: () => passagePointClient(paced(visitsPerSecond), {
      baseUrl: text('PASSAGEPOINT_BASE_URL'), username: text('PASSAGEPOINT_USERNAME'), password: text('PASSAGEPOINT_PASSWORD'), capabilities: settings.passagePoint.capabilities,
    }),
  };
}
