/** Waits on loopback for a browser that comes back from a vendor's page of consent, and tells the person there how it went. */
import { createServer, type ServerResponse } from 'node:http';
import { ConfigurationInvalid } from '../shared/base/errors.ts';

export interface RedirectListener {
  /** Resolves once the handler has said that this is the end, and the person has been told. */
  readonly ended: Promise<void>;
  close(): void;
}

export interface Told {
  readonly status: number;
  readonly text: string;
  readonly isEnd: boolean;
}

/** Where a browser on this machine may be sent back to: plain http on loopback, with a port. */
export const isLoopback = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1');

/**
 * @param handle  called with what stands in the query; what it throws ends the waiting.
 * @throws ConfigurationInvalid when the port is taken: it cannot be another one, the vendor knows the whole address.
 */
export async function listenForRedirect(address: URL, handle: (query: { readonly [name: string]: string }) => Promise<Told>): Promise<RedirectListener> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => {}); // whoever waits for it hears of it
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', address.origin);
    if (request.method !== 'GET' || url.pathname !== address.pathname) {
      say(response, 404, 'Nothing is here.');
      return;
    }
    handle(Object.fromEntries(url.searchParams)).then(
      ({ status, text, isEnd }) => say(response, status, text, isEnd ? resolve : undefined),
      (error: unknown) => say(response, 500, 'That did not work; the terminal says why.', () => reject(error)),
    );
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', (error) => failed(new ConfigurationInvalid([`port ${portOf(address)} cannot be listened on, to which the browser is sent back; if npm start has it, sign in over its own address instead (docs/http.md)`], { cause: error })));
    server.listen(portOf(address), '127.0.0.1', listening);
  });
  return {
    ended,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const portOf = ({ port }: URL): number => (port === '' ? 80 : Number(port));

function say(response: ServerResponse, status: number, text: string, then: () => void = () => {}): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', connection: 'close' }).end(`${text}\n`, then);
}
