/** A door before a server, on loopback: it looks at each request, then lets it through unchanged, answers it itself, or breaks the connection. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { freePort } from './processes.ts';

export interface Gate {
  /** Without a slash at its end. */
  readonly origin: string;
  stop(): Promise<void>;
}

export interface GateKeeper {
  /** Called once for each request; whoever does not call `pass` answers, or destroys, by himself. */
  admit(incoming: IncomingMessage, answer: ServerResponse, pass: () => void): void;
  /** The server has answered, and the answer is under way. */
  answered?(incoming: IncomingMessage): void;
}

export async function startGate(serverPort: number, keeper: GateKeeper): Promise<Gate> {
  const port = await freePort();
  const gate = createServer((incoming, answer) => {
    keeper.admit(incoming, answer, () => pass(incoming, answer, serverPort, () => keeper.answered?.(incoming)));
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
function pass(incoming: IncomingMessage, answer: ServerResponse, port: number, answered: () => void): void {
  const { connection: _connection, ...headers } = incoming.headers;
  const onward = request({ host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
    reply.once('error', () => answer.destroy());
    answered();
  });
  onward.once('error', () => answer.destroy());
  incoming.pipe(onward);
}
