/**
 * One request and its answer, as the handlers see them. Whoever serves them translates: http-local.ts from node:http, lambda.ts from
 * API Gateway. Nothing here or in the handlers knows which.
 */

export interface ApiRequest {
  readonly method: string;
  /** Without the query. Parts may still be percent-encoded: some gateways decode it, some do not. */
  readonly path: string;
  readonly query: { readonly [name: string]: string | undefined };
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string | undefined };
  /** The bytes as they were sent: a signature is over them. Empty where they were too many. */
  readonly body: Uint8Array;
  /** There were more than `bodyBytesMax`. */
  readonly isTooLarge: boolean;
  /** Stands in the answer, in the log and in every problem. */
  readonly requestId: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** Never throws: what goes wrong is an answer, too. */
export type Answering = (request: ApiRequest) => Promise<ApiAnswer>;

/** No request to the hub is longer; senders of webhooks stay far below. */
export const bodyBytesMax = 64 * 1024;

/** `undefined` for HEAD, which gets the headers alone. */
export function jsonAnswer(request: ApiRequest, status: number, body: unknown, headers: ApiAnswer['headers'] = {}, type = 'application/json'): ApiAnswer {
  return {
    status,
    headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': request.requestId, ...headers },
    body: request.method === 'HEAD' ? '' : `${JSON.stringify(body)}\n`,
  };
}
