/**
 * One request to one system, with everything that all calls share: a place among the parallel calls, the budget, the count,
 * the time limit, the quick retries and the bound on the answer's size. It answers whatever status came last; what a status
 * means is said in failures.ts, by client.ts and tuned-fetch.ts, which both stand on this.
 *
 * ky drives the attempts. All waiting is done on the given Clock: ky's own time limit is off and its own delay is zero (one turn
 * of the event loop); the wait stands in `beforeRetry`. The body stays out of ky, which would copy it for every attempt.
 * Connections are kept alive by steady-fetch.ts, as long as every body is read to its end or cancelled, which happens here.
 */
import ky, { isHTTPError, type RetryOptions } from 'ky';
import pLimit from 'p-limit';
import type { Clock } from '../base/clock.ts';
import { ConcordError, VendorAnswerInvalid, VendorUnavailable } from '../base/errors.ts';
import type { Budget } from './budget.ts';
import type { CallCounter } from './calls.ts';
import { retryAfterMs } from './retry-after.ts';
import { withTimeLimit } from './time-limit.ts';
import { writePace } from './write-pace.ts';

export interface SendDeps {
  /** steady-fetch.ts, or a simulator's. It is called with a text URL, and never asked to follow a redirect. */
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly calls: CallCounter;
  readonly log?: { debug(facts: object, message: string): void } | undefined;
}

export interface SendOptions {
  /** The system's name as in the connector; it stands in errors, counts and budgets. */
  readonly system: string;
  /** For one attempt, from sending to the answer's last byte. Default 15 000 ms. */
  readonly timeoutMs?: number | undefined;
  /** Calls under way at once; the others wait in line, also while one waits for its retry. Writes may be fewer (write-pace.ts). Default 4. */
  readonly parallelMax?: number | undefined;
  /** Default 32 MB; a longer answer is not read to its end. */
  readonly bodyMaxBytes?: number | undefined;
  readonly retry?: Partial<RetryRule> | undefined;
  /** How long a vendor means that says 429 without `Retry-After`. Default: the usual backoff within the call, then a minute. */
  readonly silentWaitMs?: number | undefined;
}

export interface RetryRule {
  /** Attempts after the first. Default 2. */
  readonly limit: number;
  /** Before the first retry, doubled for each further one. Default 500 ms. */
  readonly backoffMs: number;
  /** The longest backoff. Default 5 000 ms. */
  readonly backoffMaxMs: number;
  /** A longer `Retry-After` is not waited for: the call ends, and the queue tries again later. Default 20 000 ms. */
  readonly retryAfterMaxMs: number;
  /** An answer that says that trying again is useless, whatever its status: a day's quota is gone. Default: none does. */
  readonly unless?: ((answer: Answer) => boolean) | undefined;
}

export interface Ask {
  /** How errors and logs name the call: method and path pattern, no ids of persons, no query values. */
  readonly call: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  /** Whether sending twice does no harm; by default that is judged by method and conditional headers, see `isSafeToRepeat`. */
  readonly safe?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * @throws VendorUnavailable without an answer (network fault, time limit), QuotaExhausted, VendorAnswerInvalid for a body over
 * the bound, and the signal's reason when the caller aborts.
 */
export type Send = (ask: Ask) => Promise<Answer>;

export const retryDefaults: RetryRule = { limit: 2, backoffMs: 500, backoffMaxMs: 5000, retryAfterMaxMs: 20_000 };

const passingStatuses = new Set([408, 425, 429, 502, 503, 504]);
const repeatableMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH']);
const conditionalMethods = new Set(['PUT', 'DELETE']);

export function sender(deps: SendDeps, options: SendOptions): Send {
  const settings = {
    system: options.system,
    timeoutMs: options.timeoutMs ?? 15_000,
    bodyMaxBytes: options.bodyMaxBytes ?? 32 * 1024 * 1024,
    retry: { ...retryDefaults, ...options.retry },
    silentWaitMs: options.silentWaitMs,
  };
  const parallelMax = options.parallelMax ?? 4;
  const inLine = pLimit(parallelMax);
  const pace = writePace(parallelMax);
  const writesInLine = pLimit(pace.atOnce);
  const answered = (ms: number): void => {
    pace.heard(ms);
    writesInLine.concurrency = pace.atOnce;
  };
  return (ask) => (isReading(ask) ? inLine(sendWithRetries, deps, settings, ask) : writesInLine(() => inLine(sendWithRetries, deps, { ...settings, answered }, ask)));
}

const isReading = ({ method }: Pick<Ask, 'method'>): boolean => repeatableMethods.has(method);

/** Reading methods, PUT and DELETE that carry a condition (the second one then meets 412), and what the caller declares safe. */
export function isSafeToRepeat(ask: Pick<Ask, 'method' | 'headers' | 'safe'>): boolean {
  if (ask.safe !== undefined) return ask.safe;
  if (isReading(ask)) return true;
  const names = Object.keys(ask.headers).map((name) => name.toLowerCase());
  return conditionalMethods.has(ask.method) && (names.includes('if-match') || names.includes('if-none-match'));
}

interface Settings {
  readonly system: string;
  readonly timeoutMs: number;
  readonly bodyMaxBytes: number;
  readonly retry: RetryRule;
  readonly silentWaitMs: number | undefined;
  /** Told how long each answer took. */
  readonly answered?: (ms: number) => void;
}

async function sendWithRetries(deps: SendDeps, settings: Settings, ask: Ask): Promise<Answer> {
  const { retry } = settings;
  // Once one attempt may have reached the vendor, a later one that certainly did not cannot take that back.
  let mayHaveActed = false;
  let answer: Answer | undefined;
  let waitMs = 0;

  async function attempt(): Promise<Response> {
    try {
      answer = await sendOnce(deps, settings, ask);
    } catch (error) {
      if (ask.signal?.aborted === true || !isConnectionFault(error)) throw error;
      answer = undefined;
      mayHaveActed ||= !neverLeft(error);
      throw new VendorUnavailable({ vendor: settings.system, call: ask.call, sent: mayHaveActed }, { cause: error });
    }
    mayHaveActed = true;
    // ky needs the status only, and only of those answers that may be followed by another attempt.
    return new Response(null, { status: passingStatuses.has(answer.status) ? answer.status : 204 });
  }

  function shouldRetry({ error, retryCount }: { error: Error; retryCount: number }): boolean {
    if (!isHTTPError(error) && !(error instanceof VendorUnavailable)) return false;
    if (answer && retry.unless?.(answer) === true) return false;
    const meantMs = answer?.status === 429 ? settings.silentWaitMs : undefined;
    const askedForMs = (answer && retryAfterMs(answer.headers, deps.clock.now())) ?? meantMs;
    waitMs = askedForMs ?? Math.min(retry.backoffMs * 2 ** (retryCount - 1), retry.backoffMaxMs);
    return waitMs <= retry.retryAfterMaxMs;
  }

  try {
    await ky(ask.url, {
      method: ask.method,
      fetch: attempt,
      timeout: false,
      throwHttpErrors: (status) => passingStatuses.has(status),
      retry: {
        limit: isSafeToRepeat(ask) ? retry.limit : 0,
        methods: [ask.method] as NonNullable<RetryOptions['methods']>, // ky asks for a method of its own list; WebDAV has others
        delay: () => 0,
        shouldRetry,
      },
      hooks: { beforeRetry: [() => deps.clock.sleep(waitMs, ask.signal)] },
      ...(ask.signal && { signal: ask.signal }),
    });
  } catch (error) {
    if (ask.signal?.aborted === true) throw ask.signal.reason;
    if (!isHTTPError(error)) throw error;
  }
  if (!answer) throw new Error('an attempt ended without an answer and without an error');
  return answer;
}

async function sendOnce(deps: SendDeps, settings: Settings, ask: Ask): Promise<Answer> {
  await deps.budget.take(settings.system);
  ask.signal?.throwIfAborted();
  deps.calls.count(settings.system);
  const startedAt = deps.clock.now();
  const limitMs = ask.timeoutMs ?? settings.timeoutMs;
  const answer = await withTimeLimit(deps.clock, { limitMs, signal: ask.signal }, async (signal) => {
    const { method, headers, body } = ask;
    const response = await deps.fetch(ask.url, { method, headers, body: body ?? null, redirect: 'manual', signal });
    return { status: response.status, headers: response.headers, body: await readWhole(response, settings, ask) };
  });
  const ms = deps.clock.now() - startedAt;
  settings.answered?.(ms);
  deps.log?.debug({ system: settings.system, call: ask.call, status: answer.status, ms }, 'called');
  return answer;
}

async function readWhole(response: Response, settings: Settings, ask: Ask): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the stream, and with it the connection.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > settings.bodyMaxBytes) {
      throw new VendorAnswerInvalid({ vendor: settings.system, call: ask.call, status: response.status, reason: 'TOO_LONG' });
    }
    chunks.push(chunk);
  }
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** What fetch and its streams throw when the way breaks: a TypeError, or one of Node's errors with a code. Anything else is a bug. */
function isConnectionFault(error: unknown): boolean {
  if (error instanceof ConcordError || !(error instanceof Error)) return false;
  return error instanceof TypeError || error.name === 'TimeLimitReached' || error.name === 'AbortError' || codeOf(error) !== undefined;
}

const codesBeforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Whether the fault proves that no byte of the request reached the vendor. Several addresses tried: all of them must. */
function neverLeft(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverLeft);
  const code = codeOf(error);
  return code === undefined ? neverLeft(error.cause) : codesBeforeSending.has(code);
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
