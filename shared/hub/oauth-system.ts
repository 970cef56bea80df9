/**
 * A system with OAuth, as the catalog describes it, put together for whoever renews its tokens or signs a person in. Only the hubs of
 * connectors that have such a system, and the `oauth` function, hold this and what it stands on.
 */
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { ConfigurationInvalid, type VendorSignInFailed } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { checkedAddress } from '../http/address.ts';
import { callCounter } from '../http/calls.ts';
import { oauthConsent, type Consent, type ConsentStates } from '../http/oauth-consent.ts';
import { tokenEndpoint } from '../http/oauth-endpoint.ts';
import { oauthTokens, type OAuthTokens } from '../http/oauth.ts';
import type { RenewalLease } from '../http/renewal-lease.ts';
import type { SecretStore } from '../http/secrets.ts';
import { renewalLease } from '../stores/renewal-leases.ts';
import type { CatalogEntry, OAuthSystem } from './catalog.ts';
import type { Parts, SignInParts, TokenPlace } from './connector-factory.ts';

const dayMs = 86_400_000;

export interface OwnRules {
  /** Which refusals are about the token; see shared/http/oauth.ts. */
  readonly refusesToken?: ((refusal: VendorSignInFailed) => boolean) | undefined;
  /** As the site has set it; instead of the catalog's, also where it is undefined: then a refresh token is exchanged by each renewal. */
  readonly exchangeDays?: number | undefined;
}

/** For a connector's clients. Without a place to keep tokens the access token in the variables serves, and nothing is renewed. */
export function oauthTokensOf(entry: CatalogEntry, parts: SignInParts & Partial<Pick<Parts, 'notice'>>, rules: OwnRules = {}): OAuthTokens {
  const oauth = oauthOf(entry);
  const { send, variables, notice } = parts;
  const place = parts.tokens;
  const exchangeDays = 'exchangeDays' in rules ? rules.exchangeDays : oauth.exchangeDays;
  return oauthTokens(
    {
      clock: send.clock,
      secrets: place?.secrets ?? onlyAccess(variables, oauth),
      lease: place ? leaseIn(place, send.clock, entry, oauth) : nobodyRenews,
      endpoint: endpointOf(oauth, parts),
      notice,
    },
    {
      system: oauth.system,
      secretName: place?.secretName ?? entry.id,
      names: oauth.names,
      howToSignIn: howToSignIn(oauth, variables),
      refreshLifeMs: msOf(oauth.refreshDays),
      exchangeAfterMs: msOf(exchangeDays),
      refusesToken: rules.refusesToken,
    },
  );
}

export interface ConsentParts {
  readonly variables: Variables;
  readonly secrets: SecretStore;
  readonly secretName: string;
  readonly states: ConsentStates;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => string;
}

/** For signing a person in. @throws ConfigurationInvalid that lists what is missing. */
export function consentOf(entry: CatalogEntry, parts: ConsentParts): Consent & { readonly redirectUri: URL } {
  const oauth = oauthOf(entry);
  const { variables, clock, fetch, log } = parts;
  const { clientId, clientSecret, redirectUri } = oauth.names;
  const problems = [clientId, redirectUri].filter((name) => variables[name] === undefined).map((name) => `${name} is not set (${whatOf(entry, name)})`);
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  const address = variables[redirectUri] ?? '';
  const client = { id: variables[clientId] ?? '', secret: variables[clientSecret] };
  const consent = oauthConsent(
    { ...parts, endpoint: endpointOf(oauth, { variables, send: { fetch, clock, log, calls: callCounter() } }) },
    { secretName: parts.secretName, names: oauth.names, client, authorizeUrl: placed(oauth.authorizeUrl, oauth, variables), redirectUri: address, refreshLifeMs: msOf(oauth.refreshDays) },
  );
  return { ...consent, redirectUri: checkedAddress(redirectUri, address) };
}

/** @throws an Error for an entry without such a system. */
export function oauthOf({ id, oauth }: CatalogEntry): OAuthSystem {
  if (oauth === undefined) throw new Error(`${id} has no system with OAuth`);
  return oauth;
}

/** The address that begins a sign-in is a sibling of the one where it ends, where that is the hub's own. */
export function howToSignIn({ system, names }: OAuthSystem, variables: Variables): string {
  const [, start] = new RegExp(`^(https?://.+/oauth/${system})/callback$`).exec(variables[names.redirectUri] ?? '') ?? [];
  return `${start === undefined ? '' : `${start}/start, `}concord connect ${system}, or a new ${names.accessToken} by hand`;
}

const endpointOf = (oauth: OAuthSystem, { variables, send }: { readonly variables: Variables; readonly send: Parameters<typeof tokenEndpoint>[0] }) =>
  tokenEndpoint(send, { system: oauth.system, tokenUrl: placed(oauth.tokenUrl, oauth, variables) });

function placed(address: string, { baseUrlName }: OAuthSystem, variables: Variables): string {
  const base = variables[baseUrlName];
  return base === undefined ? address : `${checkedAddress(baseUrlName, base).href.replace(/\/+$/, '')}${new URL(address).pathname}`;
}

function leaseIn({ leases, table, worker, isDead }: TokenPlace, clock: Clock, { id: connector }: CatalogEntry, { system }: OAuthSystem): RenewalLease {
  const lease = leases.get(system) ?? renewalLease({ table, clock, connector, system, worker, isDead });
  leases.set(system, lease);
  return lease;
}

/** Without the refresh token: what it would be exchanged for could not be kept. */
function onlyAccess(variables: Variables, { names: { accessToken } }: OAuthSystem): SecretStore {
  const token = variables[accessToken];
  return {
    read: async () => ({ values: token === undefined ? {} : { [accessToken]: token }, version: 'as given' }),
    write: () => Promise.reject(new Error('nothing can be kept here')),
  };
}

const nobodyRenews: RenewalLease = { take: async () => 'busy' };

const msOf = (days: number | undefined): number | undefined => (days === undefined ? undefined : days * dayMs);

const whatOf = ({ variables }: CatalogEntry, name: string): string => variables.find((variable) => variable.name === name)?.what ?? 'see the catalog';
