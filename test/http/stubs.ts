/** A `fetch` that answers from a script and remembers what it was asked, and the parts that a sender needs around it. */
import { manualClock } from '../../shared/base/clock.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  /** Of the clock, when the request arrived. */
  readonly at: number;
}

export type Step = Response | Error | ((seen: Seen, signal: AbortSignal) => Response | Promise<Response>);

/** The last step is repeated for all further calls. */
export function world(...script: readonly Step[]) {
  const clock = manualClock();
  const seen: Seen[] = [];
  const startedAt = clock.now();
  const fetchFromScript: typeof fetch = async (input, init) => {
    if (typeof input !== 'string' || !init) throw new Error('the sender is expected to pass a text URL and its options');
    const request = { method: init.method ?? '', url: input, headers: new Headers(init.headers), body: init.body, at: clock.now() };
    const step = script[Math.min(seen.length, script.length - 1)];
    seen.push(request);
    if (step === undefined) throw new Error('the script is empty');
    if (step instanceof Error) throw step;
    if (step instanceof Response) return step.clone();
    return step(request, init.signal ?? new AbortController().signal);
  };
  return {
    fetch: fetchFromScript,
    clock,
    calls: callCounter(),
    budget: unlimited,
    seen,
    /** How long after the start each call arrived. */
    arrivals: () => seen.map(({ at }) => at - startedAt),
  };
}

export function answer(status: number, headers: Readonly<Record<string, string>> = {}, body: string | null = null): Response {
  return new Response(body, { status, headers });
}

export function ok(value: unknown = {}): Response {
  return answer(200, { 'content-type': 'application/json' }, JSON.stringify(value));
}

/** As Node's fetch breaks: a TypeError around the socket's own error. */
export function broken(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

/** Answers only by giving up, when the caller does. */
export function hang(_seen: Seen, signal: AbortSignal): Promise<Response> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('This operation was aborted', 'AbortError')), { once: true });
  });
}
