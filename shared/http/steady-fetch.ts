/**
 * `fetch` for vendors, on Node's own http client. Node 24's built-in one ends the whole process by an assertion when a server
 * closes the connection behind an answer that is still being read (nodejs/undici 5360; seen with a listing of 10 000 objects from
 * Radicale; mended in undici 8 only). This one also starts faster, which is a fifth of a run at rest.
 *
 * Connections are kept alive by Node's global agents. Redirects are answered as they are. An answer that breaks off, packed or not, is
 * an error and never a short body.
 */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { addAbortSignal, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** What our calls use of `fetch`: a text URL, text or bytes as body, no redirects. */
export const steadyFetch: typeof fetch = async (input, init = {}) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const leave = new AbortController();
  const signal = init.signal ? AbortSignal.any([init.signal, leave.signal]) : leave.signal;
  const headers = new Headers(init.headers);
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'gzip');
  if (!headers.has('user-agent')) headers.set('user-agent', 'concord');
  const answer = await answerTo(url, { method: init.method ?? 'GET', headers: Object.fromEntries(headers), signal }, bytesOf(init.body));
  const status = answer.statusCode ?? 0;
  const told = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]));
  if (bodiless.has(status)) {
    answer.resume();
    return new Response(null, { status, headers: told });
  }
  const body = unpacked(addAbortSignal(signal, answer), answer.headers['content-encoding']);
  if (body === undefined) {
    leave.abort();
    throw new TypeError(`the answer is packed as ${answer.headers['content-encoding']}, which was not asked for`);
  }
  return new Response(streamOf(body, () => leave.abort()), { status, headers: told });
};

const bodiless = new Set([204, 205, 304]);

function answerTo(url: URL, options: RequestOptions, body: Buffer | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, resolve);
    asked.once('error', reject);
    asked.end(body); // whole and at once, so its length is told
  });
}

function bytesOf(body: RequestInit['body']): Buffer | undefined {
  if (body === null || body === undefined) return undefined;
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('only text and bytes can be sent');
}

/** @returns undefined where it cannot be unpacked. */
function unpacked(packed: Readable, encoding: string | undefined): Readable | undefined {
  if (encoding === undefined || encoding === 'identity') return packed;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return undefined;
  return pipeline(packed, createGunzip(), () => undefined); // what goes wrong is thrown where the bytes are read
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
