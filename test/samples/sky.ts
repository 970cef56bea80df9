/**
 * A connector from a notebook to an invented system, Sky, that people sign in to by OAuth: entry, factory and vendor, for whatever has to
 * do with tokens. Nothing here is in the catalog.
 */
import type { Clock } from '../../shared/base/clock.ts';
import { VendorSignInFailed } from '../../shared/base/errors.ts';
import type { Stream } from '../../shared/engine/connector.ts';
import type { OAuthTokens } from '../../shared/http/oauth.ts';
import type { CatalogEntry } from '../../shared/hub/catalog.ts';
import type { ConnectorFactory, SignInParts } from '../../shared/hub/connector-factory.ts';
import { tokenCheck } from '../../shared/hub/oauth-check.ts';
import { oauthTokensOf } from '../../shared/hub/oauth-system.ts';
import { defaultGuard } from '../../shared/sync/guard.ts';
import { moderated } from '../../shared/sync/policy.ts';
import { TokenVendor } from '../random/token-vendor.ts';
import { Notebook, notebookKey } from './notebook.ts';

export const skyEntry: CatalogEntry = {
  id: 'notebook-sky',
  title: 'A notebook and Sky',
  sides: { source: 'Notebook', target: 'Sky' },
  streams: ['pages'],
  together: [],
  variables: [
    { name: 'SKY_CLIENT_ID', what: 'id of the application in Sky', isOptional: true, system: 'sky' },
    { name: 'SKY_CLIENT_SECRET', what: 'secret of the application in Sky', isSecret: true, isOptional: true, system: 'sky' },
    { name: 'SKY_ACCESS_TOKEN', what: 'access token of Sky', isSecret: true, isOptional: true, system: 'sky' },
    { name: 'SKY_REFRESH_TOKEN', what: 'refresh token of Sky', isSecret: true, isOptional: true, system: 'sky' },
    { name: 'SKY_REDIRECT_URI', what: 'where a browser comes back to after a sign-in', isOptional: true, system: 'sky' },
  ],
  oauth: {
    system: 'sky',
    authorizeUrl: 'https://app.sky.example.org/oauth/authorize',
    tokenUrl: 'https://oauth.sky.example.org/token',
    baseUrlName: 'SKY_OAUTH_BASE_URL',
    names: { clientId: 'SKY_CLIENT_ID', clientSecret: 'SKY_CLIENT_SECRET', accessToken: 'SKY_ACCESS_TOKEN', refreshToken: 'SKY_REFRESH_TOKEN', redirectUri: 'SKY_REDIRECT_URI' },
    refreshDays: 365,
  },
};

export const skyApp = { SKY_CLIENT_ID: 'the-app', SKY_CLIENT_SECRET: 'the-app-secret' };

/** Sky behind `fetch`, and how often each of its addresses was asked. */
export function simulatedSky(clock: Clock) {
  const vendor = new TokenVendor(() => clock.now(), true);
  const calls: string[] = [];
  const skyFetch: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    calls.push(new URL(url).pathname);
    return vendor.answer('somebody', url, init).response;
  };
  return { vendor, calls, fetch: skyFetch, /** What a person's browser does on the page of consent. */ consentAt: (url: string): string => {
    const { searchParams } = new URL(url);
    return `${searchParams.get('redirect_uri')}?${new URLSearchParams({ state: searchParams.get('state') ?? '', code: vendor.consentCode() }).toString()}`;
  } };
}

async function oneCall(tokens: OAuthTokens, { send: { fetch } }: SignInParts): Promise<void> {
  await tokens.use(async ({ value }) => {
    const { status } = await fetch('https://api.sky.example.org/things', { headers: { authorization: `Bearer ${value}` } });
    if (status === 401) throw new VendorSignInFailed({ vendor: 'sky', call: 'GET /things', status });
  });
}

/** Its runs ask Sky once before anything else. */
export const skyFactory: ConnectorFactory = {
  id: skyEntry.id,
  make: (entry, parts) => () => {
    const tokens = oauthTokensOf(entry, parts);
    const source = new Notebook({ system: 'notebook' });
    const target: Notebook & { prepare?: () => Promise<void> } = new Notebook({ system: 'sky' });
    target.prepare = () => oneCall(tokens, parts);
    const stream: Stream = { name: 'pages', source, target, fields: ['title'], shape: 'sky/1', policy: moderated, guard: defaultGuard, keyFor: notebookKey, fullEveryMs: 86_400_000 };
    return { connector: { id: entry.id, title: entry.title, streams: [stream], everyMinutes: 60 }, checks: async () => [await tokenCheck(entry, { tokens, variables: parts.variables, clock: parts.clock })] };
  },
  signIns: { sky: (parts, entry) => oneCall(oauthTokensOf(entry, parts), parts) },
};
