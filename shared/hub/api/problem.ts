/**
 * What a refused request is told: `application/problem+json` (RFC 9457) with our stable code, what a person can do, and the request's
 * id. The same code leads to the same status, whether the error happened here or came as data from another function.
 */
import { ConcordError, ConfigurationInvalid } from '../../base/errors.ts';
import { adviceFor } from '../../base/help.ts';
import { jsonAnswer, type ApiAnswer, type ApiRequest } from './request.ts';

/** The request cannot be answered as it is. The message is for whoever sent it. */
export class RequestRefused extends ConcordError {
  readonly retryable = false;
  readonly code: string;
  readonly status: number;
  readonly problems: readonly string[] | undefined;
  readonly headers: ApiAnswer['headers'];

  constructor(facts: { status: number; code: string; message: string; problems?: readonly string[] | undefined; headers?: ApiAnswer['headers'] }, options?: ErrorOptions) {
    super(facts.message, options);
    this.code = facts.code;
    this.status = facts.status;
    this.problems = facts.problems;
    this.headers = facts.headers ?? {};
  }
}

export interface ErrorFacts {
  readonly code: string;
  readonly message: string;
  readonly problems?: readonly string[] | undefined;
}

export function errorFacts(error: ConcordError): ErrorFacts {
  const problems = error instanceof ConfigurationInvalid || error instanceof RequestRefused ? error.problems : undefined;
  return { code: error.code, message: error.message, problems };
}

const statuses: { readonly [code: string]: number } = {
  E_CONFIG: 422, // understood, and cannot be done as things are set up or as they stand
  E_RUNNING: 409,
  E_PAUSED: 409,
  E_CONDITION: 409,
  E_KEY: 400,
  E_STORE: 503,
  E_RATE_LIMITED: 503,
  E_QUOTA: 503,
  // The rest speaks about a system behind us.
  E_SIGN_IN: 502,
  E_UNAVAILABLE: 502,
  E_VENDOR_REJECTED: 502,
  E_ANSWER_INVALID: 502,
  E_STALE: 502,
};

/** An error that came as data, as the one to throw. */
export const refusalOf = ({ code, message, problems }: ErrorFacts): RequestRefused => new RequestRefused({ status: statuses[code] ?? 500, code, message, problems });

export const notFound = (message: string): RequestRefused => new RequestRefused({ status: 404, code: 'E_NOT_FOUND', message });

export function problemAnswer(request: ApiRequest, error: unknown): ApiAnswer {
  const refused = error instanceof RequestRefused ? error : error instanceof ConcordError ? refusalOf(errorFacts(error)) : internal();
  const { status, code, problems, headers } = refused;
  // Where our memory is, and what it suffers from, is for the log: health is asked by everybody.
  const message = code === 'E_STORE' ? 'the hub cannot read or write what it remembers; its log says why' : refused.message;
  const title = titles[status] ?? 'Internal error';
  const advice = adviceFor(code, undefined, problems);
  return jsonAnswer(request, status, { type: 'about:blank', title, status, detail: message, code, problems, advice, instance: `urn:request:${request.requestId}` }, headers, 'application/problem+json');
}

/** What it was stands in the log, under the same id. */
const internal = (): RequestRefused => new RequestRefused({ status: 500, code: 'E_UNEXPECTED', message: 'unexpected error; the log has it under this request id' });

const titles: { readonly [status: number]: string } = {
  400: 'Bad request',
  401: 'Sign-in needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Not now',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'JSON is needed',
  422: 'Cannot be done',
  502: 'A system did not play along',
  503: 'Not available now',
};
