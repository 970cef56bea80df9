import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../shared/base/clock.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { sender } from '../../shared/http/send.ts';
import { steadyFetch } from '../../shared/http/steady-fetch.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test('connections are kept through our calls, also after a refusal', async () => {
  // Two and not one: a call may follow in the very turn that ended the one before, whose connection is not free yet.
  const connections = new Set<number | undefined>();
  let calls = 0;
  server = createServer((request, response) => {
    connections.add(request.socket.remotePort);
    calls += 1;
    response.writeHead(calls % 2 === 0 ? 404 : 200, { 'content-type': 'application/json' }).end('{"data":[]}');
  });
  const url = await listen(server);
  const send = sender({ fetch: steadyFetch, clock: systemClock, budget: unlimited, calls: callCounter() }, { system: 'vendor' });

  for (let call = 0; call < 10; call += 1) await send({ call: 'POST /', method: 'POST', url, headers: {}, body: '{}' });

  expect(calls).toBe(10);
  expect(connections.size).toBeLessThanOrEqual(2);
});

test('a server that is not there is known not to have been asked', async () => {
  const closed = createServer();
  const url = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
  const send = sender({ fetch: steadyFetch, clock: systemClock, budget: unlimited, calls: callCounter() }, { system: 'vendor' });

  const call = send({ call: 'POST /', method: 'POST', url, headers: {}, body: '{}' });

  await expect(call).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: false });
});

test('a redirect is not followed', async () => {
  const paths: (string | undefined)[] = [];
  server = createServer((request, response) => {
    paths.push(request.url);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const url = await listen(server);
  const send = sender({ fetch: steadyFetch, clock: systemClock, budget: unlimited, calls: callCounter() }, { system: 'vendor' });

  const { status } = await send({ call: 'GET /', method: 'GET', url, headers: { authorization: 'Bearer secret' } });

  expect(status).toBe(302);
  expect(paths).toEqual(['/']);
});

async function listen(starting: Server): Promise<string> {
  await new Promise<void>((resolve) => starting.listen(0, '127.0.0.1', resolve));
  const address = starting.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}/`;
}
