/**
 * `fetch` for vendors, on Node's own http client. Node 24's built-in one ends the whole process by an assertion when a server
 * closes the connection behind an answer that is still being read (nodejs/undici 5360; seen with a listing of 10 000 objects from
 * Radicale; mended in undici 8 only). This one also starts faster, which is a fifth of a run at rest.
 *
 * Connections are kept alive. Redirects are answered as they are. An answer that breaks off, packed or not, is an error and never
 * a short body: minipass-fetch would pass over the end of a cut gzip stream, so it is unpacked here.
 */
import { globalAgent as httpAgent } from 'node:http';
import { globalAgent as httpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import minipassFetch from 'minipass-fetch';

/** What our calls use of `fetch`: a text URL, text or bytes as body, no redirects. */
export const steadyFetch: typeof fetch = async (input, init = {}) => {
  const url = input instanceof Request ? input.url : String(input);
  const leave = new AbortController();
  const signal = init.signal ? AbortSignal.any([init.signal, leave.signal]) : leave.signal;
  const headers = new Headers(init.headers);
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'gzip');
  if (!headers.has('user-agent')) headers.set('user-agent', 'concord');
  const answer = await minipassFetch(url, {
    method: init.method ?? 'GET',
    headers: Object.fromEntries(headers),
    body: bytesOf(init.body),
    agent: url.startsWith('https:') ? httpsAgent : httpAgent,
    compress: false,
    redirect: 'manual',
    signal,
  });
  const body = unpacked(Readable.from(answer.body), answer.headers.get('content-encoding'));
  return new Response(bodiless.has(answer.status) ? null : streamOf(body, () => leave.abort()), { status: answer.status, headers: [...answer.headers] });
};

const bodiless = new Set([204, 205, 304]);

function bytesOf(body: RequestInit['body']): Buffer | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('only text and bytes can be sent');
}

function unpacked(packed: Readable, encoding: string | null): Readable {
  if (encoding === null || encoding === 'identity') return packed;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') throw new TypeError(`the answer is packed as ${encoding}, which was not asked for`);
  const plain = createGunzip();
  packed.once('error', (error) => plain.destroy(error));
  return packed.pipe(plain);
}

/** Whoever cancels it gives up the connection. */
function streamOf(bytes: Readable, leave: () => void): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = bytes[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: leave,
  });
}
