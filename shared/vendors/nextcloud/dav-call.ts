/**
 * How every DAV request of ours leaves: with UTF-8 credentials (tsdav would encode them as Latin-1, which Nextcloud does not
 * read), without following redirects, without cookies, and with a look at the end of a multistatus. Time limits, retries and
 * counting are the given fetch's business.
 */
import { VendorAnswerInvalid } from '../../base/errors.ts';

/** To be spread into every call of a tsdav function. */
export interface DavAccess {
  readonly headers: Record<string, string>;
  readonly fetch: typeof fetch;
  readonly fetchOptions: RequestInit;
}

export function davAccess(deps: { readonly fetch: typeof fetch }, account: { readonly username: string; readonly password: string }): DavAccess {
  const credentials = Buffer.from(`${account.username}:${account.password}`, 'utf8').toString('base64');
  return {
    headers: { authorization: `Basic ${credentials}` },
    fetch: async (input, init) => wholeAnswer(await deps.fetch(input, init), init?.method ?? 'GET'),
    // A redirect to another origin would drop the credentials, and a moved server should be a finding, not a detour.
    fetchOptions: { redirect: 'manual' },
  };
}

/**
 * tsdav takes a multistatus that was cut off in the middle for a complete one (seen in 2.3.4): what did not arrive would count
 * as deleted. So the end is looked at before it parses.
 */
async function wholeAnswer(response: Response, method: string): Promise<Response> {
  if (response.status !== 207) return response;
  const text = await response.text();
  if (!/<\/(?:[\w.-]+:)?multistatus\s*>$|<(?:[\w.-]+:)?multistatus[^<>]*\/>$/.test(text.trimEnd())) {
    throw new VendorAnswerInvalid({ vendor: 'nextcloud', call: method, status: 207, reason: 'CUT_OFF' });
  }
  return new Response(text, { status: 207, headers: response.headers });
}
