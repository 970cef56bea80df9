/**
 * Who is calling: people carry a JWT (HS256, signed with the API's secret), machines an API key. What is checked of a token is written
 * out here: algorithm, issuer, audience, expiry, name. Who may do what: the tables of routes.
 */
import { SignJWT } from 'jose/jwt/sign';
import { jwtVerify } from 'jose/jwt/verify';
import type { Clock } from '../../base/clock.ts';
import type { Variables } from '../../base/config.ts';
import { ConfigurationInvalid } from '../../base/errors.ts';
import { isSameText } from '../../base/same-text.ts';
import type { ApiRequest } from './request.ts';
import { roles as allRoles, type Caller, type Role } from './route.ts';

export interface ApiSecrets {
  /** Nobody has a valid token where there is none. */
  readonly jwtSecret: string | undefined;
  /** All of them are valid: while a key is changed, the old one and the next one. */
  readonly apiKeys: readonly string[];
  readonly keyRoles: readonly Role[];
}

const issuer = 'concord';
const audience = 'concord-api';
const algorithm = 'HS256';
const secretCharsMin = 32; // HS256 is as strong as its key: RFC 7518 asks for 256 bits
const toleranceSeconds = 5;

/** @throws ConfigurationInvalid for what is too short to be a secret, and for roles that there are not. */
export function apiSecretsIn(variables: Variables): ApiSecrets {
  const keyNames = ['CONCORD_API_KEY', 'CONCORD_API_KEY_NEXT'];
  const keyRoles = (variables['CONCORD_API_KEY_ROLES'] ?? 'data_ops').split(',').map((role) => role.trim());
  const problems = ['CONCORD_JWT_SECRET', ...keyNames].filter((name) => (variables[name]?.length ?? secretCharsMin) < secretCharsMin).map((name) => `${name} has to have ${secretCharsMin} characters or more; openssl rand -base64 48 makes one`);
  if (!keyRoles.every(isRole)) problems.push(`CONCORD_API_KEY_ROLES takes ${allRoles.join(', ')}, with commas between them`);
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return { jwtSecret: variables['CONCORD_JWT_SECRET'], apiKeys: keyNames.flatMap((name) => variables[name] ?? []), keyRoles: keyRoles.filter(isRole) };
}

/** @param parts.secrets  asked for every request, so that a new secret counts without a new start; who serves it may keep it for a while. */
export function callerOf(parts: { readonly clock: Clock; readonly secrets: () => Promise<ApiSecrets> }): (request: ApiRequest) => Promise<Caller | undefined> {
  return async ({ headers }) => {
    const { authorization, 'x-api-key': key } = headers;
    if (authorization === undefined && key === undefined) return undefined;
    const secrets = await parts.secrets();
    // A token that does not hold is not made good by a key beside it.
    return authorization === undefined ? machine(secrets, key ?? '') : person(secrets, authorization, parts.clock.now());
  };
}

async function person({ jwtSecret }: ApiSecrets, authorization: string, nowMs: number): Promise<Caller | undefined> {
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token === undefined || jwtSecret === undefined) return undefined;
  try {
    const { payload } = await jwtVerify(token, keyOf(jwtSecret), { algorithms: [algorithm], issuer, audience, currentDate: new Date(nowMs), clockTolerance: toleranceSeconds, requiredClaims: ['exp', 'sub'] });
    const { sub, roles } = payload;
    return typeof sub === 'string' && Array.isArray(roles) ? { name: sub, roles: roles.filter(isRole), kind: 'token' } : undefined;
  } catch {
    return undefined;
  }
}

function machine({ apiKeys, keyRoles }: ApiSecrets, key: string): Caller | undefined {
  // All are compared, each in the same time: which one fits, or how far, cannot be measured.
  const fits = apiKeys.map((one) => isSameText(one, key));
  return fits.includes(true) ? { name: 'API key', roles: keyRoles, kind: 'key' } : undefined;
}

const isRole = (text: unknown): text is Role => allRoles.some((role) => role === text);

const keyOf = (secret: string): Uint8Array => new TextEncoder().encode(secret);

export interface TokenFacts {
  readonly roles: readonly Role[];
  /** Stands where it is remembered who said something. */
  readonly name: string;
  readonly nowMs: number;
  readonly forMs: number;
}

export async function signToken(secret: string, { roles, name, nowMs, forMs }: TokenFacts): Promise<string> {
  const seconds = Math.floor(nowMs / 1000);
  return new SignJWT({ roles: [...roles], iss: issuer, aud: audience, sub: name, iat: seconds, exp: seconds + Math.ceil(forMs / 1000) })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .sign(keyOf(secret));
}
