/**
 * The same way of calling as a plain `fetch` function, for libraries that bring their own client (tsdav). It answers a Response
 * for every status that such a library reads by itself, redirects too, and throws only where nobody could go on: sign-in, limits, an ill server,
 * no answer at all.
 */
import { VendorRejected } from '../base/errors.ts';
import { checkedAddress } from './address.ts';
import { failureOf } from './failures.ts';
import { retryDefaults, sender, type Answer, type SendDeps, type SendOptions } from './send.ts';

export interface TunedFetchOptions extends SendOptions {
  /** Where the credentials belong; requests to any other origin are refused, whatever an answer's links say. */
  readonly baseUrl: string;
  readonly allowHttp?: boolean | undefined;
  /** How errors and logs name a call; default the method alone, because hrefs carry user names. */
  readonly callOf?: ((method: string, url: URL) => string) | undefined;
  /** Statuses from 500 up that this vendor uses to speak about one request, not about its health: answered as they are. */
  readonly answers?: readonly number[] | undefined;
  /** The time limit for one call, where it depends on it (a multiget takes longer); default `timeoutMs`. */
  readonly timeoutMsOf?: ((method: string, url: URL) => number | undefined) | undefined;
}

const bodiless = new Set([204, 205, 304]);

/**
 * The function throws VendorSignInFailed (401), VendorRateLimited (429 after the quick retries), VendorUnavailable (5xx after them,
 * network, time limit), QuotaExhausted, and VendorRejected with the reason `OTHER_ORIGIN`.
 *
 * @throws ConfigurationInvalid for an unfit `baseUrl`.
 */
export function tunedFetch(deps: SendDeps, options: TunedFetchOptions): typeof fetch {
  const base = checkedAddress(options.system, options.baseUrl, options);
  const send = sender(deps, options);

  return async (input, init) => {
    // Building a Request first reads every way of giving a body, once, so that a retry can send the same bytes again.
    const request = new Request(input, init);
    const { method } = request;
    const url = new URL(request.url);
    const call = options.callOf?.(method, url) ?? method;
    if (url.origin !== base.origin) throw new VendorRejected({ vendor: options.system, call, status: 0, reason: 'OTHER_ORIGIN' });
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const headers = Object.fromEntries(request.headers);
    const ask = { call, method, url: url.href, headers, body, signal: request.signal, timeoutMs: options.timeoutMsOf?.(method, url) };

    const answer = await send(ask);
    if (options.answers?.includes(answer.status)) return toResponse(answer);
    const failure = failureOf(answer, {
      system: options.system,
      ask,
      nowMs: deps.clock.now(),
      retryAfterMaxMs: options.retry?.retryAfterMaxMs ?? retryDefaults.retryAfterMaxMs,
      silentWaitMs: options.silentWaitMs,
    });
    if (failure) throw failure;
    return toResponse(answer);
  };
}

function toResponse({ status, headers, body }: Answer): Response {
  // The bytes are already unpacked; a library that trusted these two would unpack or cut them again.
  const plain = new Headers(headers);
  plain.delete('content-encoding');
  plain.delete('content-length');
  return new Response(bodiless.has(status) ? null : body, { status, headers: plain });
}
