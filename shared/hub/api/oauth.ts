/**
 * A person signs in to a system over HTTP: an admin begins it, the system sends the browser back, and the tokens go into the connector's
 * secret, where its next run finds them. How a sign-in is kept safe stands in shared/http/oauth-consent.ts.
 */
import type { Clock } from '../../base/clock.ts';
import { onlySet, type Variables } from '../../base/config.ts';
import { assertNever, ConfigurationInvalid } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Table } from '../../base/table.ts';
import type { Consent } from '../../http/oauth-consent.ts';
import type { SecretStore } from '../../http/secrets.ts';
import { consentStates } from '../../stores/consent-states.ts';
import type { CatalogEntry } from '../catalog.ts';
import { consentOf } from '../oauth-system.ts';
import { oauthPaths } from './oauth-paths.ts';
import { param } from './plane.ts';
import { notFound, RequestRefused } from './problem.ts';
import type { Answering } from './request.ts';
import { serveRoutes, type Call, type Reply, type Route } from './route.ts';
import { callerOf, type ApiSecrets } from './sign-in.ts';

export interface OAuthPlane {
  readonly clock: Clock;
  readonly log: Log;
  readonly table: Table;
  /** Calls the token endpoint. */
  readonly fetch: typeof fetch;
  /** As they stand; undefined where nothing can be kept. */
  readonly secrets: SecretStore | undefined;
  readonly secretName: (connector: string) => string;
  /** What does not stand in the secrets. */
  readonly variables: Variables;
  /** Those that are switched on. */
  readonly entries: readonly CatalogEntry[];
  /** At least 128 bits that nobody can guess, as letters that an address may hold. */
  readonly random: () => string;
}

export const oauthRoutes: readonly Route<OAuthPlane>[] = [
  { ...oauthPaths.start, answer: begin },
  { ...oauthPaths.callback, answer: comeBack },
];

export function oauthPlane({ apiSecrets, ...plane }: OAuthPlane & { readonly apiSecrets: () => Promise<ApiSecrets> }): Answering {
  const { clock, log } = plane;
  return serveRoutes({ routes: oauthRoutes, plane, identify: callerOf({ clock, secrets: apiSecrets }), clock, log });
}

async function begin(plane: OAuthPlane, call: Call): Promise<Reply> {
  const { entry, consent } = await consentAsked(plane, call);
  const { url, until } = await consent.begin();
  plane.log.info({ request: call.request.requestId, connector: entry.id }, 'a sign-in was begun');
  const body = { authorizeUrl: url, validUntil: new Date(until).toISOString() };
  // A script cannot follow a redirect to another origin by itself.
  return /\bapplication\/json\b/i.test(call.request.headers['accept'] ?? '') ? { body } : { status: 302, headers: { location: url }, body };
}

async function comeBack(plane: OAuthPlane, call: Call): Promise<Reply> {
  const { entry, consent } = await consentAsked(plane, call);
  const { state, code, error } = call.request.query;
  const end = await consent.finish({ state, code, error });
  plane.log.info({ request: call.request.requestId, connector: entry.id, end: end.kind }, 'a sign-in came back');
  switch (end.kind) {
    case 'signed in':
      return { body: { connector: entry.id, system: param(call, 'system'), state: 'signed in', next: 'this page can be closed; the next run of the connector goes on with it' } };
    case 'unknown state':
      throw new RequestRefused({ status: 400, code: 'E_STATE', message: 'this sign-in was not begun here, was finished before, or is older than ten minutes: begin it anew' });
    case 'refused':
      throw new RequestRefused({ status: 400, code: 'E_CONSENT', message: `there was no consent (${end.code})` });
    case 'invalid_grant':
      throw new RequestRefused({ status: 502, code: 'E_SIGN_IN', message: 'the code is not accepted: it is too old, or the redirect address is not exactly the one that the system knows' });
    case 'invalid_client':
      throw new RequestRefused({ status: 502, code: 'E_SIGN_IN', message: 'the id or the secret of the application is not accepted' });
    default:
      return assertNever(end);
  }
}

async function consentAsked({ entries, secrets, ...plane }: OAuthPlane, call: Call): Promise<{ readonly entry: CatalogEntry; readonly consent: Consent }> {
  const system = param(call, 'system');
  const entry = entries.find(({ oauth }) => oauth?.system === system);
  if (entry === undefined) throw notFound(`nobody signs in to ${system} here`);
  if (secrets === undefined) throw new ConfigurationInvalid(['this hub keeps nothing (its state is :memory:), so there is nowhere to put tokens']);
  const secretName = plane.secretName(entry.id);
  const { values } = await secrets.read(secretName);
  const variables = { ...plane.variables, ...onlySet(values) };
  return { entry, consent: consentOf(entry, { ...plane, variables, secrets, secretName, states: consentStates(plane.table, entry.id) }) };
}
