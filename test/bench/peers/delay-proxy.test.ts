/** The distance between tool and server: nothing is lost on the way, everything is counted, and everybody waits by the same rule. */
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { delayProxy, type DelayProxy } from './delay-proxy.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

it('passes a request on as it is, and the answer back as it is', async () => {
  const { proxy } = await aProxy();

  const answer = await ask(proxy, { method: 'REPORT', body: 'what is new?' });

  expect(answer).toEqual({ status: 207, version: '"7"', text: 'REPORT /calendar/ Basic-ish: what is new?' });
});

it('counts calls and the bytes of the wire, and begins anew when asked', async () => {
  const { proxy } = await aProxy();
  await ask(proxy, { method: 'PUT', body: 'x'.repeat(10_240) });
  const first = proxy.take();

  const second = proxy.take();

  expect(first.calls).toBe(1);
  expect(first.kib).toBeGreaterThan(20); // there and back again
  expect(first.kib).toBeLessThan(21);
  expect(second).toEqual({ calls: 0, kib: 0 });
});

it('lets every request wait once, and the first one of a connection twice', async () => {
  const { proxy, waits } = await aProxy();
  proxy.setLatency(100);
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });

  for (let n = 0; n < 3; n += 1) await ask(proxy, { method: 'GET', agent: kept });
  await ask(proxy, { method: 'GET' });

  kept.destroy();
  expect(waits).toEqual([200, 100, 100, 200]);
});

it('waits for nobody without a distance', async () => {
  const { proxy, waits } = await aProxy();

  await ask(proxy, { method: 'GET' });

  expect(waits).toEqual([]);
});

async function aProxy(): Promise<{ readonly proxy: DelayProxy; readonly waits: readonly number[] }> {
  const server = createServer((incoming, response) => {
    textOf(incoming).then((text) => {
      response.writeHead(207, { etag: '"7"' });
      response.end(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}: ${text}`);
    }, () => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const waits: number[] = [];
  const proxy = await delayProxy({ wait: async (ms) => waits.push(ms) }, `http://127.0.0.1:${address.port}`);
  closers.push(proxy.close, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return { proxy, waits };
}

async function ask(proxy: DelayProxy, facts: { readonly method: string; readonly body?: string; readonly agent?: Agent }) {
  const agent = facts.agent ?? false;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request(`${proxy.origin}/calendar/`, { method: facts.method, agent, headers: { authorization: 'Basic-ish' } }, resolve);
    asked.once('error', reject);
    asked.end(facts.body);
  });
  return { status: answer.statusCode, version: answer.headers.etag, text: await textOf(answer) };
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of message) text += String(part);
  return text;
}
