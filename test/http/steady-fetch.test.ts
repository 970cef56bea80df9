/** Against a real server on loopback, which can break off, pack, and close where a well-behaved one would not. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { steadyFetch } from '../../shared/http/steady-fetch.ts';

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

describe('an answer', () => {
  test('arrives with its status, its headers and its bytes', async () => {
    const url = await serving((_, answer) => answer.writeHead(207, { 'x-one': 'a, b', 'set-cookie': ['c=1', 'd=2'] }).end('Grüße'));

    const answer = await steadyFetch(url);

    expect(answer.status).toBe(207);
    expect(answer.headers.get('x-one')).toBe('a, b');
    expect(await answer.text()).toBe('Grüße');
  });

  test.each([204, 304])('of %i has no body, whatever its headers say of one', async (status) => {
    const url = await serving((_, answer) => answer.writeHead(status, { 'content-encoding': 'br' }).end());

    const answer = await steadyFetch(url);

    expect([answer.status, await answer.text()]).toEqual([status, '']);
  });

  test('that redirects is handed over, and nobody goes there', async () => {
    const paths: (string | undefined)[] = [];
    const url = await serving((request, answer) => {
      paths.push(request.url);
      answer.writeHead(302, { location: '/elsewhere' }).end();
    });

    const answer = await steadyFetch(url);

    expect([answer.status, answer.headers.get('location'), paths]).toEqual([302, '/elsewhere', ['/']]);
  });

  test('that is packed is unpacked', async () => {
    const text = 'x'.repeat(200_000);
    const url = await serving((request, answer) => answer.writeHead(200, { 'content-encoding': String(request.headers['accept-encoding']) }).end(gzipSync(text)));

    const answer = await steadyFetch(url);

    expect(await answer.text()).toBe(text);
  });
});

describe('an answer that breaks off is an error, never a short body', () => {
  test('with a declared length', async () => {
    const url = await serving((_, answer) => answer.writeHead(200, { 'content-length': 100 }).write('half', () => answer.destroy()));

    await expect(textOf(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('in chunks', async () => {
    const url = await serving((_, answer) => answer.writeHead(200).write('half', () => answer.destroy()));

    await expect(textOf(url)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('packed, where the connection itself ends well', async () => {
    const packed = gzipSync(JSON.stringify(Array.from({ length: 1000 }, (_, id) => ({ id }))));
    const url = await serving((_, answer) => answer.writeHead(200, { 'content-encoding': 'gzip' }).end(packed.subarray(0, packed.length / 2)));

    await expect(textOf(url)).rejects.toThrow('unexpected end of file');
  });

  test('packed in a way that nobody asked for; its connection is given up', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await serving((request, answer) => {
      request.socket.once('close', () => closed.resolve());
      answer.writeHead(200, { 'content-encoding': 'br' }).write('?');
    });

    await expect(textOf(url)).rejects.toThrow('packed as br');
    await expect(closed.promise).resolves.toBeUndefined();
  });
});

test('a server that closes behind a long answer does no harm, however late it is read', async () => {
  const bytes = 20 * 1024 * 1024;
  const server = createSocketServer((socket) => {
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), Buffer.alloc(bytes, 'x')])));
  });
  servers.push(server);
  const url = await listening(server);

  const answer = await steadyFetch(url);
  let read = 0;
  for await (const chunk of answer.body ?? []) {
    read += chunk.byteLength;
    await new Promise((resolve) => setImmediate(resolve));
  }

  expect(read).toBe(bytes);
});

describe('what is sent', () => {
  test('is the method, the headers and the body as given, with its length', async () => {
    const seen: unknown[] = [];
    const url = await serving((request, answer) => {
      const { authorization, 'content-length': length, 'user-agent': agent } = request.headers;
      seen.push(request.method, authorization, length, agent);
      request.on('data', (chunk) => seen.push(String(chunk))).on('end', () => answer.end());
    });

    await steadyFetch(url, { method: 'PROPFIND', headers: { Authorization: 'Basic abc' }, body: new TextEncoder().encode('<ü/>') });

    expect(seen).toEqual(['PROPFIND', 'Basic abc', '5', 'concord', '<ü/>']);
  });
});

describe('giving up', () => {
  test('before the answer ends the call', async () => {
    const given = new AbortController();
    const url = await serving(() => given.abort());

    await expect(steadyFetch(url, { signal: given.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('in the middle of the body ends the reading', async () => {
    const given = new AbortController();
    const url = await serving((_, answer) => answer.writeHead(200).write('half'));
    const answer = await steadyFetch(url, { signal: given.signal });
    const reading = answer.text();

    given.abort();

    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a body that nobody wants any more frees its connection', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await serving((request, answer) => {
      request.socket.once('close', () => closed.resolve());
      answer.writeHead(200).write('half');
    });
    const answer = await steadyFetch(url);

    await answer.body?.cancel();

    await expect(closed.promise).resolves.toBeUndefined();
  });
});

test('a server that is not there is named as such, by its code', async () => {
  const server = createServer();
  const url = await listening(server);
  await new Promise((resolve) => server.close(resolve));

  await expect(steadyFetch(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

async function textOf(url: string): Promise<string> {
  return (await steadyFetch(url)).text();
}

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  return listening(server);
}

async function listening(server: Server | ReturnType<typeof createSocketServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}/`;
}
