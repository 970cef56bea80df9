/** What leaves for Nextcloud while a scenario plays, seen from outside of the client: every request with its body, and how many at once. */

export interface SentRequest {
  readonly method: string;
  /** Decoded. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface Watched {
  readonly sent: readonly SentRequest[];
  /** The most PUT and DELETE that were under way at one moment. */
  readonly writesAtOnce: number;
  /** To be given to the hub; `onTheWay` may change the world before a request arrives, or replace the answer after it. */
  readonly wrapFetch: (fetcher: typeof fetch) => typeof fetch;
}

export interface OnTheWay {
  readonly before?: (request: SentRequest) => void;
  readonly after?: (request: SentRequest, answer: Response) => Response;
}

export function watchedNextcloud(onTheWay: OnTheWay = {}): Watched {
  const sent: SentRequest[] = [];
  let now = 0;
  let most = 0;
  const wrapFetch = (fetcher: typeof fetch): typeof fetch => async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (!url.pathname.startsWith('/remote.php/')) return fetcher(input, init);
    const one = { method: request.method, path: decodeURIComponent(url.pathname), headers: request.headers, body: await request.text() };
    sent.push(one);
    onTheWay.before?.(one);
    const isWrite = one.method === 'PUT' || one.method === 'DELETE';
    if (isWrite) most = Math.max(most, (now += 1));
    try {
      const answer = await fetcher(input, init);
      return onTheWay.after?.(one, answer) ?? answer;
    } finally {
      if (isWrite) now -= 1;
    }
  };
  return {
    sent,
    get writesAtOnce() {
      return most;
    },
    wrapFetch,
  };
}
