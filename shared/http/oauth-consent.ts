/**
 * A person signs in to a vendor in a browser: out to the vendor's page of consent, back with a code, and the code is exchanged for tokens,
 * which go into the connector's secret. What comes back is believed only with the state that went out: random, good for one use and ten
 * minutes.
 *
 * The newest word of a person counts: over whatever stands in the secret, also over what a worker has just renewed.
 */
import type { Clock } from '../base/clock.ts';
import { ConditionFailed } from '../base/errors.ts';
import { digestOfToken, granted, keptIn, valuesOf, type TokenNames } from './kept-tokens.ts';
import { authorizeUrl, type OAuthClient, type TokenEndpoint } from './oauth-endpoint.ts';
import type { SecretStore } from './secrets.ts';

/** Remembers which consents were asked for, by a digest of their state: whoever reads it cannot finish one. */
export interface ConsentStates {
  /** @param until  epoch ms; forgotten then. */
  keep(state: string, until: number): Promise<void>;
  /** @returns whether it was there; once. */
  take(state: string): Promise<boolean>;
}

export interface ConsentDeps {
  readonly clock: Clock;
  readonly secrets: SecretStore;
  readonly endpoint: TokenEndpoint;
  readonly states: ConsentStates;
  /** At least 128 bits that nobody can guess, as letters that an address may hold. */
  readonly random: () => string;
}

export interface ConsentOptions {
  readonly secretName: string;
  readonly names: TokenNames;
  readonly client: OAuthClient;
  readonly authorizeUrl: string;
  readonly redirectUri: string;
  readonly refreshLifeMs?: number | undefined;
}

export type Consented =
  | { readonly kind: 'signed in' }
  /** The state is not one that we gave out, was used before, or is older than ten minutes. */
  | { readonly kind: 'unknown state' }
  /** The vendor, or the person there, said no; `code` is the vendor's word for it. */
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'invalid_grant' | 'invalid_client' };

export interface Consent {
  /** Where to send the person. */
  begin(): Promise<{ readonly url: string; readonly until: number }>;
  /** @param query  as the vendor sent it back. @throws what keeps the code from being exchanged or the tokens from being stored. */
  finish(query: { readonly state?: string | undefined; readonly code?: string | undefined; readonly error?: string | undefined }): Promise<Consented>;
}

const stateMs = 10 * 60_000;
const lettersMax = 500;
const roundsMax = 10;

export function oauthConsent(deps: ConsentDeps, options: ConsentOptions): Consent {
  const { clock, secrets, endpoint, states, random } = deps;
  const { client, redirectUri, secretName, names } = options;

  async function store(given: Parameters<typeof valuesOf>[0]): Promise<void> {
    for (let round = 1; ; round += 1) {
      const { version } = keptIn(await secrets.read(secretName), names);
      try {
        await secrets.write(secretName, valuesOf(given, names), { ifVersion: version });
        return;
      } catch (error) {
        if (!(error instanceof ConditionFailed) || round === roundsMax) throw error;
      }
    }
  }

  return {
    async begin() {
      const state = random();
      const until = clock.now() + stateMs;
      await states.keep(digestOfToken(state), until);
      return { url: authorizeUrl(options.authorizeUrl, { clientId: client.id, redirectUri, state }), until };
    },
    async finish({ state = '', code, error }) {
      if (state === '' || state.length > lettersMax || !(await states.take(digestOfToken(state)))) return { kind: 'unknown state' };
      if (code === undefined || code === '') return { kind: 'refused', code: error !== undefined && /^\w{1,64}$/.test(error) ? error : 'no code' };
      const askedAt = clock.now();
      const answer = await endpoint.exchange(client, { code, redirectUri });
      if (answer.kind !== 'granted') return answer;
      await store(granted(answer, { askedAt, spent: undefined, lifeMs: options.refreshLifeMs }));
      return { kind: 'signed in' };
    },
  };
}
