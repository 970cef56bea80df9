/** A ServiceReef client over scripted answers; the token is given without a script, and counted. All data is invented. */
import { serviceReefClient, type ServiceReefOptions } from '../../../shared/vendors/servicereef/client.ts';
import { answer, ok, world, type Step } from '../../http/stubs.ts';

export function reefOver(script: readonly Step[], options: Partial<ServiceReefOptions> = {}) {
  const deps = world(...script);
  const lines: string[] = [];
  let tokens = 0;
  const client = serviceReefClient(
    {
      ...deps,
      log: { debug: (facts, message) => lines.push(JSON.stringify({ ...facts, message })) },
      fetch: async (input, init) => {
        if (typeof input !== 'string' || !input.endsWith('/OAuth/Token')) return deps.fetch(input, init);
        tokens += 1;
        return ok({ access_token: `token-${tokens}`, token_type: 'bearer', expires_in: 3600 });
      },
    },
    { baseUrl: 'https://api.servicereef.example', appId: 'app', appSecret: 'not-a-secret', ...options },
  );
  return {
    client,
    deps,
    lines,
    tokens: () => tokens,
    /** Page and page size of each call. */
    pagesAsked: () => deps.seen.map(({ url }) => `${new URL(url).searchParams.get('page')}/${new URL(url).searchParams.get('pageSize')}`),
  };
}

/** Everything that a listing brings, and how it ended. */
export async function whole<Page extends { readonly rows: readonly unknown[]; readonly rejected: readonly unknown[] }, End>(listing: AsyncGenerator<Page, End>) {
  const pages: Page[] = [];
  let turn = await listing.next();
  while (turn.done !== true) {
    pages.push(turn.value);
    turn = await listing.next();
  }
  return { pages, rows: pages.flatMap(({ rows }): readonly Page['rows'][number][] => rows), rejected: pages.flatMap(({ rejected }): readonly Page['rejected'][number][] => rejected), proof: turn.value };
}

export function page(rows: readonly unknown[], info: { readonly total: number; readonly page?: number; readonly size?: number }) {
  return ok({ PageInfo: { TotalRecords: info.total, Page: info.page ?? 1, PageSize: info.size ?? 100 }, Results: rows });
}

export function refusal(status: number, body: unknown): Response {
  return answer(status, { 'content-type': 'application/json' }, JSON.stringify(body));
}

export const anEvent = (EventId: number, more: Readonly<Record<string, unknown>> = {}) => ({ EventId, Name: `Trip ${EventId}`, StartDate: '2026-07-11T09:00:00', Status: 'Published', Address: null, ...more });

export const aParticipant = (UserId: unknown, more: Readonly<Record<string, unknown>> = {}) => ({ UserId, RegistrationStatus: 'Approved', FirstName: 'Dana', LastName: 'Whitlock', ...more });

export const participants = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => aParticipant(from + at));
