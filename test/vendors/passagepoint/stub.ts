/** A PassagePoint client over scripted answers; the token is given without a script, and counted. */
import { passagePointClient, type PassagePointOptions } from '../../../shared/vendors/passagepoint/client.ts';
import { answer, ok, world, type Step } from '../../http/stubs.ts';

export const allCapabilities = { updateVisitor: true, getPreReg: true, searchPreReg: true, updatePreReg: true, cancelPreReg: true };

export function passagePointOver(script: readonly Step[], options: Partial<PassagePointOptions> = {}) {
  const deps = world(...script);
  const lines: string[] = [];
  let tokens = 0;
  const client = passagePointClient(
    {
      ...deps,
      log: { debug: (facts, message) => lines.push(JSON.stringify({ ...facts, message })) },
      fetch: async (input, init) => {
        if (typeof input !== 'string' || !input.endsWith('/auth/login')) return deps.fetch(input, init);
        tokens += 1;
        return ok({ token: `token-${tokens}` });
      },
    },
    { baseUrl: 'https://passagepoint.example.edu:2444/pp/api/v2', username: 'hub', password: 'not-a-secret', ...options },
  );
  return { client, deps, lines, tokens: () => tokens, asked: () => deps.seen.map(({ url }) => new URL(url)) };
}

/** In the form that is assumed. */
export function refusal(status: number, code: string, message = 'refused'): Response {
  return answer(status, { 'content-type': 'application/json' }, JSON.stringify({ error: { code, message } }));
}
