/**
 * A sign-in in a browser, begun at the keyboard: prints the address of the vendor's page of consent, waits on loopback until the browser
 * comes back with a code, and keeps the tokens that the code is worth.
 */
import { randomBytes } from 'node:crypto';
import { ConfigurationInvalid, VendorSignInFailed } from '../shared/base/errors.ts';
import type { Config } from '../shared/base/config.ts';
import type { CatalogEntry, OAuthSystem } from '../shared/hub/catalog.ts';
import { credentialStore, nothingIsKept } from '../shared/hub/credentials.ts';
import { consentOf } from '../shared/hub/oauth-system.ts';
import type { Consented, ConsentStates } from '../shared/http/oauth-consent.ts';
import { configOf, logOf, type Context } from './context.ts';
import { isLoopback, listenForRedirect } from './redirect-listener.ts';

/** Why the browser cannot be used here; undefined where it can. */
export function whyNoBrowser({ names }: OAuthSystem, { variables }: Config): string | undefined {
  const missing = [names.clientId, names.redirectUri].filter((name) => variables[name] === undefined);
  if (missing.length > 0) return `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`;
  const address = variables[names.redirectUri] ?? '';
  return URL.canParse(address) && isLoopback(new URL(address)) ? undefined : `${names.redirectUri} does not lead to this machine (http://localhost:<port>/...)`;
}

/** @throws ConfigurationInvalid; VendorSignInFailed when the person or the vendor says no, or nobody comes back; the signal's reason. */
export async function signInByBrowser(context: Context, config: Config, entry: CatalogEntry, oauth: OAuthSystem): Promise<void> {
  const { clock, fetch, stops: { signal } } = context;
  const problem = whyNoBrowser(oauth, config);
  if (problem !== undefined) throw new ConfigurationInvalid([problem]);
  const secrets = credentialStore(configOf(context), [entry]);
  if (secrets === undefined) throw nothingIsKept();
  const consent = consentOf(entry, { variables: config.variables, secrets, secretName: entry.id, states: statesInMemory(), fetch, clock, log: logOf(context, config), random: () => randomBytes(32).toString('base64url') });
  let end: Consented | undefined;
  const listener = await listenForRedirect(consent.redirectUri, async (query) => {
    const came = await consent.finish(query);
    if (came.kind === 'unknown state') return { status: 400, text: 'This sign-in was not begun here, or is over. The terminal shows the address that is.', isEnd: false };
    end = came;
    return { status: came.kind === 'signed in' ? 200 : 400, text: came.kind === 'signed in' ? 'Signed in. You can close this page.' : 'Not signed in. The terminal says why.', isEnd: true };
  });
  try {
    const { url, until } = await consent.begin();
    context.err(`Sign in to ${oauth.system} with a browser on this machine:\n\n  ${url}\n\nWaiting for it to come back to ${consent.redirectUri.href} ...\n`);
    await first(listener.ended, (stop) => clock.sleep(until - clock.now(), stop), signal);
  } finally {
    listener.close();
  }
  if (end?.kind !== 'signed in') throw new VendorSignInFailed({ vendor: oauth.system, call: `the sign-in (${whyNot(end, oauth)})` });
}

/** Whichever comes first; the waiting is given up with the other one. */
async function first(ended: Promise<void>, waiting: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
  const isEnough = new AbortController();
  const waited = waiting(AbortSignal.any([signal, isEnough.signal]));
  waited.catch(() => {}); // given up below
  try {
    await Promise.race([ended, waited]);
  } finally {
    isEnough.abort();
  }
}

function whyNot(end: Consented | undefined, { names }: OAuthSystem): string {
  if (end?.kind === 'refused') return end.code;
  if (end?.kind === 'invalid_grant') return `the code was not accepted; ${names.redirectUri} has to be exactly what the vendor knows`;
  return end?.kind === 'invalid_client' ? `${names.clientId} or ${names.clientSecret} is not accepted` : 'nobody came back within ten minutes';
}

function statesInMemory(): ConsentStates {
  const kept = new Set<string>();
  return { keep: async (state) => void kept.add(state), take: async (state) => kept.delete(state) };
}
