/**
 * From a connector's name to what builds it, for whoever runs all of them in one process. A new connector is one line here and one
 * entry in catalog.ts.
 */
import type { CatalogEntry } from './catalog.ts';
import { build, signIn, type Built, type ConnectorFactory, type Parts, type SignInParts } from './connector-factory.ts';
import { directusNextcloudFactory } from './directus-nextcloud.ts';
import { libcalPassagePointFactory } from './libcal-passagepoint.ts';
import { serviceReefNxtFactory } from './servicereef-nxt.ts';

export const factories: readonly ConnectorFactory[] = [directusNextcloudFactory, libcalPassagePointFactory, serviceReefNxtFactory];

/** @throws ConfigurationInvalid that lists everything that is missing or wrong, over variables and settings. */
export const buildConnector = (entry: CatalogEntry, parts: Parts, among: readonly ConnectorFactory[] = factories): Built => build(factoryOf(entry, among), entry, parts);

/** One call with the credentials in the variables. @throws as `signIn`. */
export const trySignIn = (entry: CatalogEntry, system: string, parts: SignInParts): Promise<void> => signIn(factoryOf(entry), entry, system, parts);

/** @throws an Error for an entry of the catalog that is missing here. */
export function factoryOf({ id }: CatalogEntry, among: readonly ConnectorFactory[] = factories): ConnectorFactory {
  const found = among.find((factory) => factory.id === id);
  if (found === undefined) throw new Error(`${id} stands in the catalog and not in the registry`);
  return found;
}
