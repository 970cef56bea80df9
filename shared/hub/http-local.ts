/**
 * Serves the HTTP side on one machine: node:http on loopback only. What is answered stands in http-answers.ts.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { ConfigurationInvalid } from '../base/errors.ts';
import { answerHttp, type HttpFacts } from './http-answers.ts';

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
export async function serveLocally(facts: HttpFacts, port: number): Promise<LocalHttp> {
  const server = createServer((request, response) => {
    // Nobody has to send us anything; what comes is thrown away.
    request.resume();
    void answerHttp(facts, askOf(request)).then(({ status, headers, body }) => response.writeHead(status, headers).end(body));
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

function askOf(request: IncomingMessage) {
  return {
    method: request.method ?? 'GET',
    path: (request.url ?? '/').split('?')[0] ?? '/',
    // A page of somebody else's whose name was made to point here (DNS rebinding) sends its own name.
    authorization: isOurName(request.headers.host) ? request.headers.authorization : undefined,
    requestId: randomUUID(),
  };
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
