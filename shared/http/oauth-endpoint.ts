/**
 * The token endpoint of an OAuth 2.0 vendor (RFC 6749): a code or a refresh token in, tokens or a refusal out. Told apart is who can mend
 * it: `invalid_grant` a person who signs in, `invalid_client` whoever set up the application, no usable answer nobody but time. Nothing is
 * sent twice from here: what the first request has spent is dead for the second.
 *
 * A refusal is a 400 or 401 with its code in `error` (RFC 6749, 5.2; the codes confirmed for SKY API, the status assumed): any 4xx with a
 * code counts.
 */
import type { Clock } from '../base/clock.ts';
import { VendorAnswerInvalid, VendorRejected, VendorUnavailable, type ConcordError } from '../base/errors.ts';
import { fieldsOf } from '../base/fields-of.ts';
import { checkedAddress } from './address.ts';
import { unlimited } from './budget.ts';
import { textOf } from './client.ts';
import { failureOf } from './failures.ts';
import { retryDefaults, sender, type Answer, type Ask, type SendDeps } from './send.ts';

/** The application, as the vendor knows it. */
export interface OAuthClient {
  readonly id: string;
  /** None for what the vendor calls a public client. */
  readonly secret: string | undefined;
}

export interface Granted {
  readonly kind: 'granted';
  readonly accessToken: string;
  /** ms after the request; undefined where the vendor does not say. */
  readonly accessLifeMs: number | undefined;
  /** Undefined where the one that was spent stays good. */
  readonly refreshToken: string | undefined;
  readonly refreshLifeMs: number | undefined;
}

export type TokenAnswer = Granted | { readonly kind: 'invalid_grant' } | { readonly kind: 'invalid_client' };

/**
 * Each method is one request. @throws VendorUnavailable (`sent` says whether the grant may be spent), VendorRateLimited; VendorAnswerInvalid
 * for an answer that is none: then it may be spent, too; VendorRejected for a refusal that is a fault of ours.
 */
export interface TokenEndpoint {
  /** @param redirectUri  the same as in the address of the consent. */
  exchange(client: OAuthClient, grant: { readonly code: string; readonly redirectUri: string }): Promise<TokenAnswer>;
  /** @param grant.preserve  asks that the refresh token stays as it is (SKY API: `preserve_refresh_token`, likely). */
  refresh(client: OAuthClient, grant: { readonly refreshToken: string; readonly preserve: boolean }): Promise<TokenAnswer>;
}

export interface TokenEndpointOptions {
  readonly system: string;
  readonly tokenUrl: string;
}

export type TokenEndpointDeps = Pick<SendDeps, 'fetch' | 'clock' | 'calls' | 'log'>;

const timeoutMs = 30_000; // an answer that is given up may have cost the refresh token
const bodyMaxBytes = 64 * 1024;
/** The endpoint's own word for "not now". */
const passing: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error', 'slow_down']);

/** @throws ConfigurationInvalid for an unfit address. */
export function tokenEndpoint(deps: TokenEndpointDeps, { system, tokenUrl }: TokenEndpointOptions): TokenEndpoint {
  const url = checkedAddress(system, tokenUrl);
  // The day's calls are those to the API.
  const send = sender({ ...deps, budget: unlimited }, { system, timeoutMs, bodyMaxBytes });

  async function asked({ id, secret }: OAuthClient, grant: { readonly [name: string]: string }): Promise<TokenAnswer> {
    const body = new URLSearchParams(secret === undefined ? { ...grant, client_id: id } : grant);
    const basic = secret === undefined ? {} : { authorization: `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString('base64')}` };
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...basic };
    const ask: Ask = { call: `POST ${url.pathname}`, method: 'POST', url: url.href, headers, body: body.toString(), safe: false };
    return meaningOf(await send(ask), { system, ask, clock: deps.clock });
  }

  return {
    exchange: (client, { code, redirectUri }) => asked(client, { grant_type: 'authorization_code', code, redirect_uri: redirectUri }),
    refresh: (client, { refreshToken, preserve }) => asked(client, { grant_type: 'refresh_token', refresh_token: refreshToken, ...(preserve && { preserve_refresh_token: 'true' }) }),
  };
}

/** Where a person is asked for consent; what the vendor sends back carries `state`. */
export function authorizeUrl(address: string, { clientId, redirectUri, state }: { readonly clientId: string; readonly redirectUri: string; readonly state: string }): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries({ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, state })) url.searchParams.set(name, value);
  return url.href;
}

/** As RFC 6749, 2.3.1 wants it: in form encoding, which leaves letters, digits and hyphens alone. */
const encoded = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2);

interface About {
  readonly system: string;
  readonly ask: Ask;
  readonly clock: Clock;
}

function meaningOf(answer: Answer, about: About): TokenAnswer {
  const { status } = answer;
  const fields = fieldsOf(jsonOf(answer));
  if (status >= 200 && status < 300) return grantedIn(fields) ?? invalid(answer, about);
  const code = codeIn(fields);
  if (status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429) {
    if (code === 'invalid_grant') return { kind: 'invalid_grant' };
    if (code === 'invalid_client' || code === 'unauthorized_client' || (code === undefined && status === 401)) return { kind: 'invalid_client' };
    throw refusalOf(answer, code, about);
  }
  const { ask, system, clock } = about;
  throw failureOf(answer, { system, ask, reason: code, nowMs: clock.now(), retryAfterMaxMs: retryDefaults.retryAfterMaxMs }) ?? refusalOf(answer, code, about);
}

/** What an endpoint's answer grants, by the names of RFC 6749; undefined where it is no grant. */
export function grantedIn(fields: ReturnType<typeof fieldsOf>): Granted | undefined {
  const { access_token: accessToken, refresh_token: refreshToken } = fields;
  if (!isToken(accessToken)) return undefined;
  return { kind: 'granted', accessToken, accessLifeMs: lifeMs(fields['expires_in']), refreshToken: isToken(refreshToken) ? refreshToken : undefined, refreshLifeMs: lifeMs(fields['refresh_token_expires_in']) };
}

const isToken = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Some vendors write the number as a text. */
function lifeMs(seconds: unknown): number | undefined {
  const ms = Number(typeof seconds === 'string' && seconds.trim() === '' ? Number.NaN : seconds) * 1000;
  return ms > 0 && Number.isFinite(ms) ? ms : undefined;
}

function refusalOf({ status }: Answer, code: string | undefined, { system, ask: { call } }: About): ConcordError {
  const facts = { vendor: system, call, status, ...(code !== undefined && { reason: code }) };
  if (code === undefined) return new VendorAnswerInvalid(facts); // a gateway, a page: nothing that speaks about our token
  return passing.has(code) ? new VendorUnavailable({ ...facts, sent: true }) : new VendorRejected(facts);
}

function invalid({ status }: Answer, { system, ask: { call } }: About): never {
  throw new VendorAnswerInvalid({ vendor: system, call, status, reason: 'NO_TOKEN' });
}

const codeIn = ({ error }: ReturnType<typeof fieldsOf>): string | undefined => (typeof error === 'string' && /^\w{1,64}$/.test(error) ? error : undefined);

function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(textOf(answer));
  } catch {
    return undefined; // no cause: the parser's message quotes the body
  }
}
