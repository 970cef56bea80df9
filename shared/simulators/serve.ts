/**
 * A simulator on a port of this machine: a plain HTTP server in front of its `fetch`, for programs that cannot be given one.
 * A call that the simulator lets fail breaks the connection, and a caller that goes away aborts its call.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ServedSimulator {
  /** Origin, without a slash at its end. */
  readonly url: string;
  /** Stops listening and breaks what is still open. */
  close(): Promise<void>;
}

/** @param options.port  0 takes a free one. @param options.host  default 127.0.0.1: simulators are not for other machines. */
export async function serve(fetch: typeof globalThis.fetch, options: { port: number; host?: string }): Promise<ServedSimulator> {
  const host = options.host ?? '127.0.0.1';
  const server = createServer((request, response) => {
    pass(fetch, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(fetch: typeof globalThis.fetch, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));

  const headers = new Headers();
  for (let at = 0; at < request.rawHeaders.length; at += 2) headers.append(request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '');
  const url = `http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`;
  const answer = await fetch(url, {
    method: request.method ?? 'GET',
    headers,
    redirect: 'manual',
    signal: gone.signal,
    ...(chunks.length > 0 ? { body: Buffer.concat(chunks).toString('utf8') } : {}),
  });

  const answered = Object.fromEntries(answer.headers);
  delete answered['content-length']; // the simulator's may be of a body that a fault has cut
  response.writeHead(answer.status, answered);
  if (answer.body) for await (const part of answer.body) response.write(part);
  response.end();
}
