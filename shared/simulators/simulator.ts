/**
 * The core of every simulator: a `fetch` with routes by method and path, a journal of what was asked, and faults on the way.
 * It speaks Request and Response only, so it works under any client and can be served by node:http (serve.ts).
 * Not here: what a vendor answers, and how it misbehaves by itself.
 */
import { assertNever } from '../base/errors.ts';
import { callOf, type Call } from './call.ts';
import { faultRules, type FaultRule, type Faults } from './faults.ts';
import { journal as newJournal, patternSource, type Journal } from './journal.ts';
import type { SimulatedWorld } from './world.ts';

/** A Response is answered as it is; anything else becomes 200 with JSON. */
export type Handler = (call: Call) => unknown;

export interface Simulator {
  readonly name: string;
  readonly fetch: typeof fetch;
  readonly journal: Journal;
  readonly faults: Faults;
  /** The first route that fits wins. `method` may be `*`; in `pattern`, `:name` is one segment and a last `*` the rest. */
  on(method: string, pattern: string, handler: Handler): void;
}

export interface SimulatorRules {
  /** Asked before any route: sign-in, limits, maintenance. An answer ends the call. */
  readonly before?: (call: Call) => Response | undefined;
  readonly unknownRoute?: (call: Call) => Response;
  /** Routes are found whatever the case of the path's letters, as servers on Windows do. */
  readonly ignoresPathCase?: boolean;
}

export function simulator(name: string, world: SimulatedWorld, rules: SimulatorRules = {}): Simulator {
  const routes: { method: string; pattern: RegExp; handler: Handler }[] = [];
  const { journal, note } = newJournal();
  const { faults, strike } = faultRules(world.random);

  async function vendorAnswer(call: Call): Promise<Response> {
    const early = rules.before?.(call);
    if (early) return early;
    for (const route of routes) {
      if (route.method !== '*' && route.method !== call.method) continue;
      const match = route.pattern.exec(call.path);
      if (!match) continue;
      const answer = await route.handler({ ...call, params: decodedParams(match.groups) });
      return answer instanceof Response ? answer : json(200, answer);
    }
    return rules.unknownRoute?.(call) ?? json(404, { error: `${name} has no ${call.method} ${call.path}` });
  }

  async function answerOnce(call: Call): Promise<Response> {
    call.signal?.throwIfAborted();
    const fault = strike(call);
    const tell = (status: number) =>
      note({ method: call.method, path: call.path, query: call.url.search, status, at: world.clock.now(), fault: fault?.kind });
    try {
      if (world.latencyMs !== undefined) await world.clock.sleep(world.latencyMs, call.signal);
      const answer = await withFault(fault, call, world, () => vendorAnswer(call));
      call.signal?.throwIfAborted();
      tell(answer.status);
      return answer;
    } catch (error) {
      tell(0);
      throw error;
    }
  }

  return {
    name,
    journal,
    faults,
    on: (method, pattern, handler) =>
      routes.push({ method, pattern: new RegExp(`^${patternSource(pattern)}$`, rules.ignoresPathCase === true ? 'i' : ''), handler }),
    fetch: async (input, init) => {
      const call = await callOf(input, init);
      const answer = await answerOnce(call);
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || location === null) return answer;
      const redirect = init?.redirect ?? (input instanceof Request ? input.redirect : 'follow');
      if (redirect === 'manual') return answer;
      if (redirect === 'error') throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
      const url = new URL(location, call.url); // one hop is all that the imitated systems make
      return answerOnce({ ...call, url, path: url.pathname });
    },
  };
}

/** An answer with a JSON body. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } });
}

async function withFault(
  fault: FaultRule | undefined,
  call: Call,
  world: SimulatedWorld,
  vendor: () => Promise<Response>,
): Promise<Response> {
  if (!fault) return vendor();
  if (fault.afterEffect === true) await vendor();
  switch (fault.kind) {
    case 'status':
      return new Response(fault.body ?? null, { status: fault.status, headers: { ...fault.headers } });
    case 'reset-before':
      throw connectionLost();
    case 'lost-answer':
      await vendor();
      throw connectionLost();
    case 'half-body':
      return halfOf(await vendor(), fault.ends ?? 'silently');
    case 'wrong-body': {
      const page = fault.body ?? '<!doctype html><html><body><h1>Please sign in to the network</h1></body></html>';
      return new Response(page, { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    }
    case 'hang':
      return neverAnswer(call.signal);
    case 'slow':
      await world.clock.sleep(fault.ms, call.signal);
      return vendor();
    default:
      return assertNever(fault);
  }
}

async function halfOf(answer: Response, ends: 'silently' | 'broken'): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const half = bytes.slice(0, Math.floor(bytes.length / 2));
  const headers = new Headers(answer.headers);
  headers.delete('content-length');
  let isSent = half.length === 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (!isSent) controller.enqueue(half);
      else if (ends === 'silently') controller.close();
      else controller.error(new TypeError('terminated'));
      isSent = true;
    },
  });
  return new Response(nullBodyStatuses.has(answer.status) ? null : body, { status: answer.status, headers });
}

const nullBodyStatuses = new Set([204, 205, 304]);

function neverAnswer(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted === true) reject(reasonOf(signal));
    signal?.addEventListener('abort', () => reject(reasonOf(signal)), { once: true });
  });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('This operation was aborted', 'AbortError');
}

function connectionLost(): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });
}

function decodedParams(groups: Record<string, string> | undefined): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(groups ?? {})) params[name] = decodeSegment(value);
  return params;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a lone percent sign: servers take it as it is
  }
}
