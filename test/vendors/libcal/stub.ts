/** A LibCal client over scripted answers; the token is given without a script, and counted. */
import { libcalClient, type LibcalOptions } from '../../../shared/vendors/libcal/client.ts';
import { ok, world, type Step } from '../../http/stubs.ts';

export function libcalOver(script: readonly Step[], options: Partial<LibcalOptions> = {}) {
  const deps = world(...script);
  let tokens = 0;
  const client = libcalClient(
    {
      ...deps,
      fetch: async (input, init) => {
        if (typeof input !== 'string' || !input.endsWith('/oauth/token')) return deps.fetch(input, init);
        tokens += 1;
        return ok({ access_token: `token-${tokens}`, expires_in: 3600, token_type: 'Bearer', scope: 'ev_r sp_r' });
      },
    },
    { baseUrl: 'https://library.example.edu', clientId: '17', clientSecret: 'not-a-secret', ...options },
  );
  return { client, deps, tokens: () => tokens, asked: () => deps.seen.map(({ url }) => new URL(url)) };
}

export function row(id: number, more: Readonly<Record<string, unknown>> = {}) {
  return {
    bookId: `cs_${id}`,
    id,
    eid: 70211,
    cid: 18802,
    lid: 8810,
    fromDate: '2026-11-23T09:00:00-05:00',
    toDate: '2026-11-23T11:00:00-05:00',
    created: '2026-11-20T16:41:09-05:00',
    firstName: 'Noor',
    lastName: 'Haddad',
    email: 'nhaddad@example.edu',
    account: 'nhaddad@example.edu',
    status: 'Confirmed',
    ...more,
  };
}

export function rows(from: number, to: number) {
  return Array.from({ length: to - from + 1 }, (_, at) => row(from + at));
}
