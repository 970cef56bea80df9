/** A secret in memory that a person can edit, a lease on a table of its own, and tokens over a token endpoint that answers from a script. */
import { ConditionFailed } from '../../shared/base/errors.ts';
import { factsName, type TokenNames } from '../../shared/http/kept-tokens.ts';
import { tokenEndpoint } from '../../shared/http/oauth-endpoint.ts';
import type { RenewalDeps } from '../../shared/http/oauth-renewal.ts';
import { oauthTokens, type OAuthOptions } from '../../shared/http/oauth.ts';
import type { Secret, SecretStore } from '../../shared/http/secrets.ts';
import { renewalLease } from '../../shared/stores/renewal-leases.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { ok, world, type Step } from './stubs.ts';

export const names: TokenNames = { clientId: 'APP_ID', clientSecret: 'APP_SECRET', accessToken: 'ACCESS_TOKEN', refreshToken: 'REFRESH_TOKEN' };
export const app = { APP_ID: 'the-app', APP_SECRET: 'the-app-secret' };
export const tokenUrl = 'https://oauth.example.org/token';

export interface MemorySecrets extends SecretStore {
  values(): Readonly<Record<string, string>>;
  /** A person, past the port. */
  edit(values: Readonly<Record<string, string>>): void;
  /** Run before the next writes, one each; they may throw. */
  readonly beforeWrite: (() => void)[];
}

export function memorySecrets(given: Readonly<Record<string, string>>): MemorySecrets {
  let secret: Secret = { values: given, version: '0' };
  const put = (values: Readonly<Record<string, string>>): string => {
    secret = { values: { ...secret.values, ...values }, version: String(Number(secret.version) + 1) };
    return secret.version;
  };
  const beforeWrite: (() => void)[] = [];
  return {
    values: () => secret.values,
    edit: put,
    beforeWrite,
    read: async () => secret,
    write: async (_name, values, { ifVersion }) => {
      beforeWrite.shift()?.();
      if (ifVersion !== secret.version) throw new ConditionFailed(0);
      return put(values);
    },
  };
}

/** What the token endpoint answers when it exchanges. */
export const given = (n: number, more: object = {}): Response => ok({ access_token: `access-${n}`, token_type: 'Bearer', expires_in: 3600, refresh_token: `refresh-${n}`, ...more });
export const refusal = (error: string, status = 400): Response => new Response(JSON.stringify({ error, error_description: 'not for logs' }), { status, headers: { 'content-type': 'application/json' } });

export interface TokenSetting {
  readonly secret?: Readonly<Record<string, string>>;
  /** Of the token endpoint. */
  readonly answers?: readonly Step[];
  readonly options?: Partial<OAuthOptions>;
  readonly deps?: Partial<RenewalDeps>;
}

export function tokenWorld({ secret = { REFRESH_TOKEN: 'refresh-0' }, answers = [given(1)], options, deps }: TokenSetting = {}) {
  const scripted = world(...answers);
  const { clock } = scripted;
  const secrets = memorySecrets({ ...app, ...secret });
  const table = sqliteTable({ path: ':memory:', clock });
  const used: string[] = [];
  let workers = 0;
  const lease = (worker: string) => renewalLease({ table, clock, connector: 'a-connector', system: 'sky', worker, isDead: () => false });
  /** A worker of its own, like a process that has just started. */
  const worker = (own: Partial<RenewalDeps> = {}) => oauthTokens(
    { clock, secrets, lease: lease(`worker-${++workers}`), endpoint: tokenEndpoint(scripted, { system: 'sky', tokenUrl }), ...deps, ...own },
    { system: 'sky', secretName: 'a-connector', names, howToSignIn: 'concord connect sky', ...options },
  );
  return {
    clock, secrets, table, lease, worker, used,
    /** Bodies of the requests to the token endpoint. */
    asked: () => scripted.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(String(body)))),
    seen: scripted.seen,
    call: async ({ value }: { readonly value: string }): Promise<string> => {
      used.push(value);
      return `answer to ${value}`;
    },
  };
}

/** What is known of tokens, as it stands in the secret. */
export const factsIn = (values: Readonly<Record<string, string>>): { readonly [kind: string]: { readonly since?: number; readonly until?: number } } => JSON.parse(values[factsName(names)] ?? '{}');
