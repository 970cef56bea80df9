/**
 * The client that every JSON vendor stands on: addresses and headers in, answers or named errors out. Sending, waiting and
 * retrying are in send.ts. Nothing of a query, an id or a body enters an error beyond the label that the caller gives.
 */
import {
  VendorAnswerInvalid,
  VendorRejected,
  VersionStale,
  type ConcordError,
} from '../base/errors.ts';
import { checkedAddress } from './address.ts';
import { failureOf } from './failures.ts';
import { retryDefaults, sender, type Answer, type Ask, type SendDeps, type SendOptions } from './send.ts';

export interface ClientOptions extends SendOptions {
  /** https, or http on loopback; a path in it is kept in front of every call's path. */
  readonly baseUrl: string;
  readonly allowHttp?: boolean | undefined;
  /** Sent with every call; a function is asked once per call, for tokens that change. */
  readonly headers?: Readonly<Record<string, string>> | (() => Promise<Readonly<Record<string, string>>>) | undefined;
  /** The vendor's own code in a refusal's body; what does not look like a code is dropped, it may be a person's data. */
  readonly reasonOf?: ((bodyText: string) => string | undefined) | undefined;
  /** Turns a failing answer into the vendor's own meaning, before the general rules; undefined leaves it to them. */
  readonly classify?: ((failing: FailingAnswer) => ConcordError | undefined) | undefined;
}

export interface FailingAnswer {
  readonly call: string;
  readonly status: number;
  readonly headers: Headers;
  readonly bodyText: string;
  readonly reason: string | undefined;
}

export interface ClientAsk {
  /** How errors name the call: `GET /items/events`. */
  readonly call: string;
  readonly method: string;
  /** Begins with a slash; the caller encodes what stands in it. */
  readonly path: string;
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON; `body` is sent as it is. */
  readonly json?: unknown;
  readonly body?: string | undefined;
  readonly safe?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** A zod schema, as far as it is needed here. */
export interface Shape<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly code?: string }[] } };
}

/**
 * Every method throws VendorSignInFailed (401), VendorRateLimited (429), VersionStale (412), VendorUnavailable (5xx, network, time
 * limit), VendorRejected (other refusals, and redirects: a server that moved is a finding), QuotaExhausted.
 */
export interface HttpClient {
  /** The answer to a call that succeeded (2xx). */
  send(ask: ClientAsk): Promise<Answer>;
  text(ask: ClientAsk): Promise<string>;
  /** @throws VendorAnswerInvalid also for a body that is cut off, is no JSON, or has another shape. 204 reads as undefined. */
  json<T>(ask: ClientAsk, shape: Shape<T>): Promise<T>;
}

/** @throws ConfigurationInvalid for an unfit `baseUrl`. */
export function httpClient(deps: SendDeps, options: ClientOptions): HttpClient {
  const base = checkedAddress(options.system, options.baseUrl, options);
  const prefix = base.origin + base.pathname.replace(/\/+$/, '');
  const sendAsk = sender(deps, options);

  async function send(clientAsk: ClientAsk): Promise<Answer> {
    const ask = toAsk(prefix, clientAsk, await commonHeaders(options));
    const answer = await sendAsk(ask);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusal(answer, ask);
  }

  function refusal(answer: Answer, ask: Ask): ConcordError {
    const bodyText = textOf(answer);
    const reason = onlyCodes(options.reasonOf?.(bodyText));
    const { status, headers } = answer;
    const { system, retry } = options;
    const facts = { vendor: system, call: ask.call, status, ...(reason !== undefined && { reason }) };
    return (
      options.classify?.({ call: ask.call, status, headers, bodyText, reason }) ??
      failureOf(answer, {
        system,
        ask,
        reason,
        nowMs: deps.clock.now(),
        retryAfterMaxMs: retry?.retryAfterMaxMs ?? retryDefaults.retryAfterMaxMs,
        silentWaitMs: options.silentWaitMs,
      }) ??
      (status === 412 ? new VersionStale(facts) : new VendorRejected(facts))
    );
  }

  return {
    send,
    text: async (ask) => textOf(await send(ask)),
    json: async (ask, shape) => readJson(await send(ask), shape, { vendor: options.system, call: ask.call }),
  };
}

export function textOf(answer: Answer): string {
  return new TextDecoder().decode(answer.body);
}

/** @throws VendorAnswerInvalid; it names the places that do not fit, never what stands there. */
export function readJson<T>(answer: Answer, shape: Shape<T>, about: { readonly vendor: string; readonly call: string }): T {
  const facts = { ...about, status: answer.status };
  let value: unknown;
  try {
    value = answer.status === 204 ? undefined : JSON.parse(textOf(answer));
  } catch {
    // No cause: the parser's message quotes the body.
    throw new VendorAnswerInvalid({ ...facts, reason: 'NOT_JSON' });
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 5).map(({ path, code }) => `${path.map(String).join('.') || 'the whole'}: ${code ?? 'unfit'}`);
  throw new VendorAnswerInvalid({ ...facts, reason: 'SHAPE' }, { cause: new Error(places.join('; ')) });
}

async function commonHeaders({ headers }: ClientOptions): Promise<Readonly<Record<string, string>>> {
  return typeof headers === 'function' ? headers() : (headers ?? {});
}

function toAsk(prefix: string, ask: ClientAsk, common: Readonly<Record<string, string>>): Ask {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(ask.query ?? {})) if (value !== undefined) query.set(name, String(value));
  const isJson = ask.json !== undefined;
  return {
    call: ask.call,
    method: ask.method.toUpperCase(),
    url: `${prefix}${ask.path}${query.size > 0 ? `?${query.toString()}` : ''}`,
    headers: { accept: 'application/json', ...common, ...(isJson && { 'content-type': 'application/json' }), ...ask.headers },
    body: isJson ? JSON.stringify(ask.json) : ask.body,
    safe: ask.safe,
    signal: ask.signal,
    timeoutMs: ask.timeoutMs,
  };
}

function onlyCodes(reason: string | undefined): string | undefined {
  return reason !== undefined && /^[\w.:-]{1,64}$/.test(reason) ? reason : undefined;
}
