/**
 * The wire between a process of the hub and a simulated vendor: every request is a step of the scheduler, and anything that goes
 * wrong between two machines may go wrong with it. Refusals stand in for the vendor's answer, the request did not reach it.
 */
import type { FaultBox } from './faults.ts';
import type { Process } from './scheduler.ts';
import type { Stage } from './world.ts';

const statuses: Readonly<Record<string, (box: FaultBox, nowMs: number) => Response>> = {
  'http-400': () => refusal(400, 'INVALID_PAYLOAD'),
  'http-401': () => refusal(401, 'INVALID_CREDENTIALS'),
  'http-403-right': () => refusal(403, 'FORBIDDEN'),
  'http-403-quota': () => refusal(403, 'QUOTA_EXCEEDED'),
  'http-404': () => refusal(404, 'ROUTE_NOT_FOUND'),
  'http-408': () => refusal(408),
  'http-409': () => refusal(409),
  'http-412': () => refusal(412),
  'http-413': () => refusal(413, 'CONTENT_TOO_LARGE'),
  'http-423': () => refusal(423),
  'http-425': () => refusal(425),
  'http-429-seconds': () => refusal(429, 'REQUESTS_EXCEEDED', '7'),
  'http-429-date': (_, nowMs) => refusal(429, 'REQUESTS_EXCEEDED', new Date(nowMs + 9000).toUTCString()),
  'http-429-absurd': () => refusal(429, 'REQUESTS_EXCEEDED', '99999999'),
  'http-429-silent': () => refusal(429, 'REQUESTS_EXCEEDED'),
  'http-500': () => refusal(500),
  'http-502': () => refusal(502),
  'http-503': () => refusal(503),
  'http-504': () => refusal(504),
};

export const wireFaults: readonly string[] = [
  ...Object.keys(statuses), 'reset-before-send', 'reset-after-send', 'answer-lost', 'half-body', 'half-body-broken', 'wrong-body', 'error-in-200', 'slow-answer',
];

const slowMs = 20_000; // longer than any call's time limit here

/** @param seen  Called after every request that reached the vendor, with what it asked. */
export function faultyFetch(stage: Stage, process: Process, system: string, vendor: typeof fetch, seen: (sent: { method: string; headers: Headers; path: string; isLate: boolean }) => void): typeof fetch {
  const { scheduler, box } = stage;
  return (input, init) => {
    const method = (init?.method ?? 'GET').toUpperCase();
    const url = input instanceof Request ? input.url : String(input);
    const path = new URL(url).pathname;
    return scheduler.step(process, `${system} ${method} ${path}`, async () => {
      const fault = box.pick(wireFaults);
      const status = fault === undefined ? undefined : statuses[fault];
      if (status) return status(box, scheduler.now);
      if (fault === undefined && asksSince(method, init?.body) && box.strikes('token-expired')) return tokenExpired();
      if (fault === 'reset-before-send') throw networkError('ECONNREFUSED');
      if (fault === 'reset-after-send') throw networkError('ECONNRESET');
      // Our side gives up long before; the vendor acts all the same.
      if (fault === 'slow-answer') await scheduler.worldClock.sleep(slowMs);
      const answer = await oneByOne(stage, async () => {
        const given = await vendor(input, fault === 'slow-answer' ? { ...init, signal: null } : init);
        seen({ method, headers: new Headers(init?.headers), path, isLate: fault === 'slow-answer' });
        return given;
      });
      if (fault === 'answer-lost') throw networkError('ECONNRESET');
      if (fault === 'half-body' || fault === 'half-body-broken') return half(answer, fault === 'half-body-broken');
      if (fault === 'wrong-body') return new Response('<!doctype html><html><body>Welcome to the library Wi-Fi</body></html>', { headers: { 'content-type': 'text/html' } });
      if (fault === 'error-in-200') return withErrorInside(answer);
      return withTags(answer, method, box);
    }, () => networkError('ECONNRESET'));
  };
}

const lastCalls = new WeakMap<Stage, Promise<unknown>>();

/** Late calls wake up in the middle of others: what each of them changed can be told only when no two are at work at once. */
function oneByOne<T>(stage: Stage, call: () => Promise<T>): Promise<T> {
  const last = lastCalls.get(stage);
  const mine = last === undefined ? call() : last.then(call, call);
  lastCalls.set(stage, mine);
  const done = () => {
    if (lastCalls.get(stage) === mine) lastCalls.delete(stage);
  };
  mine.then(done, done);
  return mine;
}

/** A question since a sync token, which the server may have forgotten. */
function asksSince(method: string, body: RequestInit['body']): boolean {
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : typeof body === 'string' ? body : '';
  return method === 'REPORT' && /sync-token>\s*[^<\s]/.test(text);
}

const tokenExpired = (): Response => new Response('<?xml version="1.0"?><d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>', { status: 403, headers: { 'content-type': 'application/xml; charset=utf-8' } });

function refusal(status: number, code = 'SERVICE_UNAVAILABLE', retryAfter?: string): Response {
  const body = JSON.stringify({ errors: [{ message: 'not now', extensions: { code } }] });
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...(retryAfter !== undefined && { 'retry-after': retryAfter }) } });
}

const networkError = (code: string): TypeError => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

async function half(answer: Response, isBroken: boolean): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (answer.status === 204 || answer.status === 304) return new Response(null, answer);
  const part = bytes.slice(0, Math.floor(bytes.length / 2));
  let isSent = part.length === 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (!isSent) controller.enqueue(part);
      else if (isBroken) controller.error(new TypeError('terminated'));
      else controller.close();
      isSent = true;
    },
  });
  return new Response(body, { status: answer.status, headers: answer.headers });
}

async function withErrorInside(answer: Response): Promise<Response> {
  const text = await answer.text();
  if (answer.status === 207) return new Response(text.replace('HTTP/1.1 200 OK', 'HTTP/1.1 500 Internal Server Error'), { status: 207, headers: answer.headers });
  const body = JSON.stringify({ errors: [{ message: 'something went wrong', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
  return new Response(body, { status: 200, headers: { 'content-type': 'application/json' } });
}

function withTags(answer: Response, method: string, box: FaultBox): Response {
  const etag = answer.headers.get('etag');
  if (method !== 'PUT' || etag === null) return answer;
  const tag = box.strikes('etag-missing') ? undefined : box.strikes('etag-weak') ? `W/${etag}` : etag;
  if (tag === etag) return answer;
  const headers = new Headers(answer.headers);
  for (const name of ['etag', 'oc-etag']) headers.delete(name);
  if (tag !== undefined) headers.set('etag', tag);
  return new Response(answer.status === 204 ? null : answer.body, { status: answer.status, headers });
}
