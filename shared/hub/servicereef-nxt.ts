/**
 * ServiceReef and Raiser's Edge NXT, built from what a site says: clients, settings and the checks of `doctor`. What the connector does with them
 * stands in shared/connectors/servicereef-nxt.
 */
import shipped from '../../config/servicereef-nxt.json' with { type: 'json' };
import { serviceReefNxt } from '../connectors/servicereef-nxt/connector.ts';
import { parseSettings, type Settings } from '../connectors/servicereef-nxt/settings.ts';
import type { TakeOverDeps } from '../connectors/servicereef-nxt/take-over.ts';
import { allOf, rateLimiter } from '../http/budget.ts';
import type { OAuthTokens } from '../http/oauth.ts';
import { serviceReefClient } from '../vendors/servicereef/client.ts';
import { skyClient } from '../vendors/sky/client.ts';
import { refusesToken } from '../vendors/sky/refusals.ts';
import type { CatalogEntry } from './catalog.ts';
import type { Built, ConnectorFactory, Parts, SignInParts } from './connector-factory.ts';
import { tokenCheck } from './oauth-check.ts';
import { oauthTokensOf } from './oauth-system.ts';
import { nxtChecks, serviceReefChecks } from './servicereef-nxt-checks.ts';
import { readSettings } from './settings-file.ts';
import { vendorBudget } from './vendor-budget.ts';

export const serviceReefNxtFactory: ConnectorFactory = {
  id: 'servicereef-nxt',
  make,
  signIns: {
    servicereef: (parts, entry) => clientsOf(parts, settingsOf(entry, parts)).reef().signIn(),
    nxt: (parts, entry) => {
      const settings = settingsOf(entry, parts);
      return clientsOf(parts, settings).sky(tokensOf(entry, parts, settings)).tables.emailTypes();
    },
  },
};

function make(entry: CatalogEntry, parts: Parts): () => Built {
  const { variables, clock, digest, notes, notice } = parts;
  const settings = settingsOf(entry, parts);
  return () => {
    const clients = clientsOf(parts, settings);
    const tokens = tokensOf(entry, parts, settings);
    const [reef, sky] = [clients.reef(), clients.sky(tokens)];
    const deps = { reef, reefUrl: variables['SERVICE_REEF_BASE_URL'] ?? '', sky, skyUrl: skyUrlOf(parts), clock, digest, notice, memory: notes };
    return {
      connector: serviceReefNxt(deps, settings),
      checks: async () => [...(await serviceReefChecks(reef)), await tokenCheck(entry, { tokens, variables, clock }), ...(await nxtChecks(sky, settings))],
    };
  };
}

/** What a take-over asks of both systems. */
export function missionDeps(entry: CatalogEntry, parts: Parts): { readonly deps: TakeOverDeps; readonly settings: Settings } {
  const { variables, clock, digest } = parts;
  const settings = settingsOf(entry, parts);
  const clients = clientsOf(parts, settings);
  return { deps: { reef: clients.reef(), reefUrl: variables['SERVICE_REEF_BASE_URL'] ?? '', sky: clients.sky(tokensOf(entry, parts, settings)), clock, digest }, settings };
}

const settingsOf = ({ id }: CatalogEntry, { configFolder }: SignInParts): Settings => parseSettings(readSettings(configFolder, id, shipped));

const skyUrlOf = ({ variables }: SignInParts): string => variables['NXT_API_BASE_URL'] ?? 'https://api.sky.blackbaud.com';

const tokensOf = (entry: CatalogEntry, parts: SignInParts & Partial<Pick<Parts, 'notice'>>, { nxt: { exchangeDays } }: Settings): OAuthTokens =>
  oauthTokensOf(entry, parts, { refusesToken, exchangeDays: exchangeDays ?? undefined });

function clientsOf(parts: SignInParts, { serviceReef, nxt }: Settings) {
  const { send, variables } = parts;
  const reefSend = { ...send, budget: allOf(send.budget, rateLimiter(send.clock, { perSecond: serviceReef.perSecond })) };
  const { perSecond, callsPerDay: perDay, reservePerDay } = nxt;
  const skySend = { ...send, budget: allOf(send.budget, vendorBudget(parts, { connector: 'servicereef-nxt', system: 'nxt', perSecond, perDay, reservePerDay })) };
  const text = (name: string): string => variables[name] ?? '';
  return {
    reef: () => serviceReefClient(reefSend, { baseUrl: text('SERVICE_REEF_BASE_URL'), appId: text('SERVICE_REEF_APP_ID'), appSecret: text('SERVICE_REEF_APP_SECRET') }),
    sky: (tokens: OAuthTokens) => skyClient(skySend, { baseUrl: skyUrlOf(parts), subscriptionKey: text('NXT_SUBSCRIPTION_KEY'), tokens }),
  };
}
