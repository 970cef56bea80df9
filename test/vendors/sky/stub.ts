/** A SKY client over scripted answers, with tokens that are renewed as often as they are refused. All data is invented. */
import { VendorSignInFailed } from '../../../shared/base/errors.ts';
import type { AccessTokens } from '../../../shared/vendors/sky/calls.ts';
import { skyClient, type SkyOptions } from '../../../shared/vendors/sky/client.ts';
import { refusesToken } from '../../../shared/vendors/sky/refusals.ts';
import { answer, ok, world, type Step } from '../../http/stubs.ts';

/** Renews once for each call, as far as the vendor's own question is answered with yes. */
export function renewable() {
  let renewals = 0;
  const tokens: AccessTokens = {
    use: async (call) => {
      try {
        return await call({ value: `token-${renewals + 1}` });
      } catch (error) {
        if (!(error instanceof VendorSignInFailed) || !refusesToken(error)) throw error;
      }
      renewals += 1;
      return call({ value: `token-${renewals + 1}` });
    },
  };
  return { tokens, renewals: () => renewals };
}

export function skyOver(script: readonly Step[], options: Partial<SkyOptions> = {}) {
  const deps = world(...script);
  const lines: string[] = [];
  const { tokens, renewals } = renewable();
  const client = skyClient({ ...deps, log: { debug: (facts, message) => lines.push(JSON.stringify({ ...facts, message })) } }, { baseUrl: 'https://api.sky.example', subscriptionKey: 'not-a-key', tokens, ...options });
  return {
    client,
    deps,
    lines,
    renewals,
    asked: () => deps.seen.map(({ method, url }) => `${method} ${decodeURIComponent(url.replace('https://api.sky.example', ''))}`),
    sent: () => deps.seen.map(({ body }): unknown => (typeof body === 'string' ? JSON.parse(body) : undefined)),
  };
}

export function refusal(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return answer(status, { 'content-type': 'application/json', ...headers }, typeof body === 'string' ? body : JSON.stringify(body));
}

/** As the Event API says no. */
export const eventRefusal = (status: number, error_name: string, message = 'refused') => refusal(status, [{ message, error_name, error_code: status, raw_message: message }]);
export const notFound = eventRefusal(404, 'ResourceNotFound', 'The requested resource could not be found.');
export const alreadyThere = eventRefusal(400, 'BadRequest', 'The constituent is already a participant of this event.');

export const page = (value: readonly unknown[], count = value.length, next_link?: string | null) => ok({ count, value, ...(next_link !== undefined && { next_link }) });
export const made = (id: unknown) => ok({ id });
/** As PATCH and DELETE succeed. */
export const empty = answer(200);
