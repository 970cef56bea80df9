/**
 * Serves the handlers on one machine: node:http on loopback only. What is answered stands in api/.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ConfigurationInvalid } from '../base/errors.ts';
import { bodyBytesMax, type Answering, type ApiRequest } from './api/request.ts';

export interface LocalHttp {
  /** Where it really listens. */
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

const host = '127.0.0.1';
const portsTried = 20;

/**
 * @param port  where it is taken, the next free one of twenty is used; 0 takes any.
 * @throws ConfigurationInvalid when none is free.
 */
export async function serveLocally(answering: Answering, port: number): Promise<LocalHttp> {
  const server = createServer((request, response) => {
    answer(answering, request, response).catch(() => response.destroy()); // the caller has gone before all of it had come
  });
  server.requestTimeout = 10_000;
  const listening = await listenFrom(server, port);
  return {
    port: listening,
    url: `http://${host}:${listening}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(answering: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = await requestOf(request);
  const { status, headers, body } = await answering(asked);
  // What was not read of too long a body would be taken for the next request.
  response.writeHead(status, asked.isTooLarge ? { ...headers, connection: 'close' } : headers).end(body);
}

async function requestOf(request: IncomingMessage): Promise<ApiRequest> {
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  const { body, isTooLarge } = await bodyOf(request);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
  // A page of somebody else's whose name was made to point here (DNS rebinding) sends its own name: it is nobody to us.
  const credentials = isOurName(request.headers.host) ? {} : { authorization: undefined, 'x-api-key': undefined };
  return { method: request.method ?? 'GET', path, query: Object.fromEntries(new URLSearchParams(query.join('?'))), headers: { ...headers, ...credentials }, body, isTooLarge, requestId: randomUUID() };
}

async function bodyOf(request: IncomingMessage): Promise<Pick<ApiRequest, 'body' | 'isTooLarge'>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > bodyBytesMax) {
      request.resume();
      return { body: new Uint8Array(), isTooLarge: true };
    }
    chunks.push(chunk);
  }
  return { body: Buffer.concat(chunks), isTooLarge: false };
}

const isOurName = (name: string | undefined): boolean => name !== undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(name);

async function listenFrom(server: Server, port: number): Promise<number> {
  for (let tried = 0; tried < portsTried; tried += 1) {
    const listening = await listen(server, port === 0 ? 0 : port + tried);
    if (listening !== undefined) return listening;
  }
  throw new ConfigurationInvalid([`the ports ${port} to ${port + portsTried - 1} are all taken; set CONCORD_PORT to a free one`]);
}

/** @returns the port, or undefined when it is taken. */
function listen(server: Server, port: number): Promise<number | undefined> {
  if (port > 65_535) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      server.off('listening', listening);
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    };
    const listening = (): void => {
      server.off('error', failed);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    };
    server.once('error', failed);
    server.once('listening', listening);
    server.listen(port, host);
  });
}
