/**
 * How a system's tokens stand in a connector's secret: each under the name of its variable, where a person may paste another one at any time.
 * What we know of them (since when, until when) stands beside them under one more name, and is tied to each token by its digest: a pasted token
 * is not taken for the one that it replaced.
 */
import { hash } from 'node:crypto';
import { fieldsOf } from '../base/fields-of.ts';
import type { Granted, OAuthClient } from './oauth-endpoint.ts';
import type { Secret } from './secrets.ts';

/** Names of values in the secret. */
export interface TokenNames {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface KeptToken {
  readonly value: string;
  /** Epoch ms, by the clock of whoever asked for it; undefined for one that came by hand. */
  readonly since?: number | undefined;
  /** Epoch ms; undefined where nobody said. */
  readonly until?: number | undefined;
}

export interface KeptTokens {
  /** Of the whole secret. */
  readonly version: string;
  readonly client: OAuthClient | undefined;
  readonly access: KeptToken | undefined;
  readonly refresh: KeptToken | undefined;
}

/** Beside the tokens: `{"access": {"of": "<digest>", "since": ms, "until": ms}, "refresh": ...}`. */
export const factsName = ({ accessToken }: Pick<TokenNames, 'accessToken'>): string => `${accessToken}_FACTS`;

/** Names a token without telling it: tokens are long and random. */
export const digestOfToken = (token: string): string => hash('sha256', token, 'base64url').slice(0, 22);

export function keptIn({ values, version }: Secret, names: TokenNames): KeptTokens {
  const given = (name: string): string | undefined => (values[name]?.trim() === '' ? undefined : values[name]?.trim());
  const facts = fieldsOf(parsed(values[factsName(names)]));
  const id = given(names.clientId);
  return {
    version,
    client: id === undefined ? undefined : { id, secret: given(names.clientSecret) },
    access: known(given(names.accessToken), facts['access']),
    refresh: known(given(names.refreshToken), facts['refresh']),
  };
}

/** What to write so that `keptIn` reads it again. A token that is undefined is left as it stands. */
export function valuesOf({ access, refresh }: Pick<KeptTokens, 'access' | 'refresh'>, names: TokenNames): Readonly<Record<string, string>> {
  const facts = { access: access && factsOf(access), refresh: refresh && factsOf(refresh) };
  return { ...(access && { [names.accessToken]: access.value }), ...(refresh && { [names.refreshToken]: refresh.value }), [factsName(names)]: JSON.stringify(facts) };
}

/**
 * What stands in the secret once the endpoint has given these.
 *
 * @param about.spent   the refresh token that they were asked with; it stays where the vendor gives no other one.
 * @param about.lifeMs  how long the vendor's refresh tokens live, where an answer does not say.
 */
export function granted(answer: Granted, about: { readonly askedAt: number; readonly spent: KeptToken | undefined; readonly lifeMs: number | undefined }): Pick<KeptTokens, 'access' | 'refresh'> {
  const { askedAt, spent } = about;
  const until = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : askedAt + ms);
  const access = { value: answer.accessToken, since: askedAt, until: until(answer.accessLifeMs) };
  const { refreshToken, refreshLifeMs } = answer;
  if (refreshToken === undefined || refreshToken === spent?.value) return { access, refresh: spent && { ...spent, until: until(refreshLifeMs) ?? spent.until } };
  return { access, refresh: { value: refreshToken, since: askedAt, until: until(refreshLifeMs ?? about.lifeMs) } };
}

const factsOf = ({ value, since, until }: KeptToken): object => ({ of: digestOfToken(value), since, until });

function known(value: string | undefined, facts: unknown): KeptToken | undefined {
  if (value === undefined) return undefined;
  const { of, since, until } = fieldsOf(facts);
  return of === digestOfToken(value) ? { value, since: numberIn(since), until: numberIn(until) } : { value };
}

const numberIn = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

/** A person may have broken it; then nothing is known. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
