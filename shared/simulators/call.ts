/**
 * One request, as a simulator sees it: read once at the door, from either form that `fetch` takes, its body as text.
 * Bodies that are not text are left out: no imitated system takes any.
 */
export interface Call {
  readonly method: string;
  readonly url: URL;
  /** The URL's path as sent, still percent-encoded. */
  readonly path: string;
  readonly headers: Headers;
  /** The whole body as text; empty when there was none. */
  readonly body: string;
  readonly signal: AbortSignal | undefined;
  /** What the route's `:names` stand for, decoded once. */
  readonly params: Readonly<Record<string, string>>;
}

/** Builds no Request of its own for plain calls: ten thousand of them are most of a benchmark's time. */
export async function callOf(input: string | URL | Request, init: RequestInit | undefined): Promise<Call> {
  const sent = init?.body ?? '';
  if (!(input instanceof Request) && typeof sent === 'string') {
    const url = new URL(input);
    const method = (init?.method ?? 'GET').toUpperCase();
    const headers = new Headers(init?.headers);
    return { method, url, path: url.pathname, headers, body: sent, signal: init?.signal ?? undefined, params: {} };
  }
  const request = new Request(input, init);
  const url = new URL(request.url);
  const { method, headers, signal } = request;
  return { method: method.toUpperCase(), url, path: url.pathname, headers, body: await request.text(), signal, params: {} };
}

/** Without TLS from another machine. On this one, where simulators are served for programs that cannot be given a `fetch`, there is none. */
export function isOpenHttp({ url }: Call): boolean {
  return url.protocol === 'http:' && url.hostname !== 'localhost' && url.hostname !== '127.0.0.1';
}
