/**
 * A door with a password before a server that has none (Xandikos): lets requests with the right Basic credentials through,
 * answers all others 401, and breaks the connection while the server behind it is down. Loopback only, changes nothing else.
 */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from './processes.ts';

export interface Gate {
  /** Without a slash at its end. */
  readonly origin: string;
  stop(): Promise<void>;
}

export async function startBasicGate(facts: { username: string; password: string; serverPort: number }): Promise<Gate> {
  const expected = `Basic ${Buffer.from(`${facts.username}:${facts.password}`, 'utf8').toString('base64')}`;
  const port = await freePort();
  const gate = createServer((incoming, answer) => {
    if (incoming.headers.authorization === expected) return pass(incoming, answer, facts.serverPort);
    incoming.resume();
    answer.writeHead(401, { 'www-authenticate': 'Basic realm="calendars"' }).end();
  });
  await new Promise<void>((resolve, reject) => {
    gate.once('error', reject);
    gate.listen({ host: '127.0.0.1', port }, resolve);
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      gate.closeAllConnections();
      await new Promise((resolve) => {
        gate.close(resolve);
      });
    },
  };
}

/** The host stays the client's own, so that the server's links lead back here. */
function pass(incoming: IncomingMessage, answer: ServerResponse, port: number): void {
  const { authorization: _authorization, connection: _connection, ...headers } = incoming.headers;
  const onward = request({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
    reply.once('error', () => answer.destroy());
  });
  onward.once('error', () => answer.destroy());
  incoming.pipe(onward);
}
