/**
 * A distance, put in front of a server: every request waits `latencyMs` before it is passed on, and the first one of a connection
 * waits once more, as for a handshake. Connections to it are kept alive, whoever calls; it counts requests and the bytes that
 * crossed the wire, headers included. It knows nothing of what it carries.
 */
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface DelayProxy {
  /** Without a slash at its end. */
  readonly origin: string;
  /** For the requests that come from now on. */
  setLatency(ms: number): void;
  /** What went through since the last call of this, and begins anew. */
  take(): Traffic;
  readonly close: () => Promise<void>;
}

export interface Traffic {
  readonly calls: number;
  readonly kib: number;
}

const upstreamMax = 8; // Radicale takes eight connections at once; a ninth one would wait unseen

/** @param target  Origin of the server behind it. @param deps.wait  How the time is spent, in milliseconds. */
export async function delayProxy(deps: { readonly wait: (ms: number) => Promise<unknown> }, target: string): Promise<DelayProxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: upstreamMax });
  const fresh = new WeakSet<Socket>();
  const open = new Set<Socket>();
  let latencyMs = 0;
  let calls = 0;
  let closedBytes = 0;
  let takenBytes = 0;

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    calls += 1;
    const body = await bytesOf(incoming);
    const isFirst = fresh.delete(incoming.socket);
    if (latencyMs > 0) await deps.wait(isFirst ? 2 * latencyMs : latencyMs);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, headers } = incoming;
      const onward = request(new URL(incoming.url ?? '/', target), { agent, method, headers: { ...withoutHops(headers), 'content-length': body.length } }, resolve);
      onward.once('error', reject);
      onward.end(body);
    });
    const answered = await bytesOf(answer);
    response.writeHead(answer.statusCode ?? 502, { ...withoutHops(answer.headers), 'content-length': answered.length });
    response.end(answered);
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    pass(incoming, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    fresh.add(socket);
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      closedBytes += crossed(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    setLatency: (ms) => {
      latencyMs = ms;
    },
    take: () => {
      const bytes = [...open].reduce((sum, socket) => sum + crossed(socket), closedBytes);
      const traffic = { calls, kib: (bytes - takenBytes) / 1024 };
      calls = 0;
      takenBytes = bytes;
      return traffic;
    },
    close: async () => {
      agent.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const crossed = (socket: Socket): number => socket.bytesRead + socket.bytesWritten;

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

const hops = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect']);

/** What is said between two neighbours only does not go on. */
function withoutHops(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hops.has(name)));
}
