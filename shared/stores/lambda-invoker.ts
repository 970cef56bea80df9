/**
 * Calls one of our own functions on Lambda. One request of Lambda's API, signed by the SDK's own signer; the whole client for it would be an
 * eighth of every bundle. What travels is plain data.
 *
 * Known from: Lambda's API reference, Invoke (confirmed): 202 for an event that will be tried, 200 with `x-amz-function-error` where the
 * function threw.
 */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../base/clock.ts';
import { StoreUnavailable } from '../base/errors.ts';

export interface FunctionInvoker {
  /** Waits for what the function answers. @throws StoreUnavailable; FunctionFailed; the signal's reason, and then the function goes on alone. */
  ask(name: string, payload: unknown, signal: AbortSignal): Promise<unknown>;
  /** Returns once it is certain that it will be tried. @throws StoreUnavailable */
  start(name: string, payload: unknown): Promise<void>;
}

/** It threw; what it was stands in its own log. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
}

export interface InvokerWorld {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** Default: the region's own. */
  readonly endpoint?: string | undefined;
}

const triesMax = 3;
const firstWaitMs = 200;

export function lambdaInvoker(world: InvokerWorld): FunctionInvoker {
  const endpoint = new URL(world.endpoint ?? `https://lambda.${world.region}.amazonaws.com`);
  const signer = new SignatureV4({ service: 'lambda', region: world.region, credentials: world.credentials, sha256: Sha256 });

  async function invoke(name: string, type: 'Event' | 'RequestResponse', payload: unknown, signal?: AbortSignal): Promise<Response> {
    const body = JSON.stringify(payload);
    const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
    const headers = { host: endpoint.host, 'content-type': 'application/json', 'x-amz-invocation-type': type };
    const request = { method: 'POST', protocol: endpoint.protocol, hostname: endpoint.hostname, path, headers, query: {}, body };
    const signed = await signer.sign(request, { signingDate: new Date(world.clock.now()) });
    const { host: _host, ...sent } = signed.headers; // fetch sets it by itself
    return world.fetch(new URL(path, endpoint), { method: 'POST', headers: sent, body, ...(signal && { signal }) });
  }

  async function tried(name: string, type: 'Event' | 'RequestResponse', payload: unknown, signal?: AbortSignal): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      let problem: string;
      try {
        const answer = await invoke(name, type, payload, signal);
        if (answer.ok) return answer;
        problem = `it answers ${answer.status}`;
        if (answer.status !== 429 && (answer.status < 500 || type !== 'Event')) throw unavailable(name, problem);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof StoreUnavailable) throw error;
        problem = 'it cannot be reached';
        // Whether a call that somebody waits for has begun is not known: it is not made twice.
        if (tries >= triesMax || type !== 'Event') throw unavailable(name, problem, { cause: error });
      }
      if (tries >= triesMax) throw unavailable(name, problem);
      await world.clock.sleep(firstWaitMs * 2 ** (tries - 1), signal);
    }
  }

  return {
    async ask(name, payload, signal) {
      const answer = await tried(name, 'RequestResponse', payload, signal);
      const said: unknown = await answer.json();
      if (answer.headers.get('x-amz-function-error') !== null) throw new FunctionFailed(`${name} failed`);
      return said;
    },
    async start(name, payload) {
      await tried(name, 'Event', payload);
    },
  };
}

function unavailable(name: string, problem: string, options?: ErrorOptions): StoreUnavailable {
  return new StoreUnavailable({ store: `the function ${name}`, problem, advice: 'look at its alarms and at its permissions' }, options);
}

/** As the signer wants to be given it. */
class Sha256 {
  private made: Hash | Hmac;
  private readonly secret: Parameters<typeof createHmac>[1] | undefined;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.secret = secret === undefined || typeof secret === 'string' ? secret : bytesOf(secret);
    this.made = this.begun();
  }

  update(chunk: Uint8Array): void {
    this.made.update(chunk);
  }

  async digest(): Promise<Uint8Array> {
    return this.made.digest();
  }

  reset(): void {
    this.made = this.begun();
  }

  private begun(): Hash | Hmac {
    return this.secret === undefined ? createHash('sha256') : createHmac('sha256', this.secret);
  }
}

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array => (ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data));
