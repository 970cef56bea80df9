/**
 * From a connector's name to what builds it, for whoever runs any of them in one process. Each is loaded when it is first used: a run of one
 * connector would otherwise spend a third of its start on the others. A new connector is one line here and one entry in catalog.ts.
 */
import type { CatalogEntry } from './catalog.ts';
import { build, signIn, type Built, type ConnectorFactory, type Parts, type SignInParts } from './connector-factory.ts';

const loaders: { readonly [connector: string]: () => Promise<ConnectorFactory> } = {
  'directus-nextcloud': async () => (await import('./directus-nextcloud.ts')).directusNextcloudFactory,
  'libcal-passagepoint': async () => (await import('./libcal-passagepoint.ts')).libcalPassagePointFactory,
  'servicereef-nxt': async () => (await import('./servicereef-nxt.ts')).serviceReefNxtFactory,
};

export const allFactories = (): Promise<readonly ConnectorFactory[]> => Promise.all(Object.values(loaders).map((load) => load()));

/** @throws ConfigurationInvalid that lists everything that is missing or wrong, over variables and settings. */
export const buildConnector = async (entry: CatalogEntry, parts: Parts, among?: readonly ConnectorFactory[]): Promise<Built> => build(await factoryOf(entry, among), entry, parts);

/** One call with the credentials in the variables. @throws as `signIn`. */
export const trySignIn = async (entry: CatalogEntry, system: string, parts: SignInParts): Promise<void> => signIn(await factoryOf(entry), entry, system, parts);

/** @param among  Instead of those of this release. @throws an Error for an entry of the catalog that is missing here. */
async function factoryOf({ id }: CatalogEntry, among?: readonly ConnectorFactory[]): Promise<ConnectorFactory> {
  const found = among ? among.find((factory) => factory.id === id) : await loaders[id]?.();
  if (found === undefined) throw new Error(`${id} stands in the catalog and not in the registry`);
  return found;
}
