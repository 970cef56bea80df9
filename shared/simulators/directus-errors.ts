/**
 * Directus' refusals, in its own shape: `{"errors":[{"message","extensions":{"code",...}}]}`. Statuses and codes are confirmed
 * (12.4 on SQLite); the English messages are only there to look right, no client should read them.
 */
import { json } from './simulator.ts';

export interface DirectusProblem {
  readonly code: string;
  readonly message: string;
  readonly extras?: Readonly<Record<string, unknown>>;
}

/** Thrown inside the simulator; the router turns it into an answer. One refusal may name several problems. */
export class DirectusRefusal extends Error {
  readonly status: number;
  readonly problems: readonly DirectusProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, problems: readonly DirectusProblem[], headers: Readonly<Record<string, string>> = {}) {
    super(problems.map(({ message }) => message).join(' '));
    this.status = status;
    this.problems = problems;
    this.headers = headers;
  }

  answer(): Response {
    const errors = this.problems.map(({ code, message, extras }) => ({ message, extensions: { code, ...extras } }));
    return json(this.status, { errors }, this.headers);
  }
}

/** Missing and forbidden look alike: an item, a collection or a field that is not there is 403, never 404. */
export function forbidden(reason?: string): DirectusRefusal {
  const message = reason ?? "You don't have permission to access this.";
  return refusal(403, 'FORBIDDEN', message, reason === undefined ? {} : { reason });
}

export function invalidQuery(reason: string): DirectusRefusal {
  return refusal(400, 'INVALID_QUERY', `Invalid query. ${reason}.`, { reason });
}

export function invalidPayload(reason: string): DirectusRefusal {
  return refusal(400, 'INVALID_PAYLOAD', `Invalid payload. ${reason}.`, { reason });
}

export function invalidCredentials(): DirectusRefusal {
  return refusal(401, 'INVALID_CREDENTIALS', 'Invalid user credentials.');
}

export function notUnique(field: string, value: unknown): DirectusRefusal {
  const message = `Value for field "${field}" in collection "events" has to be unique.`;
  return refusal(400, 'RECORD_NOT_UNIQUE', message, { collection: 'events', field, value });
}

export function notNull(field: string): DirectusRefusal {
  const message = `Value for field "${field}" in collection "events" can't be null.`;
  return refusal(400, 'NOT_NULL_VIOLATION', message, { collection: 'events', field });
}

export function failedValidation(fields: readonly { field: string; type: 'required' | 'nnull' }[]): DirectusRefusal {
  return new DirectusRefusal(
    400,
    fields.map(({ field, type }) => ({
      code: 'FAILED_VALIDATION',
      message: `Validation failed for field "${field}". Value ${type === 'required' ? 'is required' : "can't be null"}.`,
      extras: { field, type, path: [] },
    })),
  );
}

export function unexpected(): DirectusRefusal {
  return refusal(500, 'INTERNAL_SERVER_ERROR', 'An unexpected error occurred.');
}

export function routeNotFound(path: string): DirectusRefusal {
  return refusal(404, 'ROUTE_NOT_FOUND', `Route ${path} doesn't exist.`, { path });
}

export function underPressure(): DirectusRefusal {
  return refusal(503, 'SERVICE_UNAVAILABLE', 'Service "api" is unavailable. Under pressure.', { service: 'api', reason: 'Under pressure' });
}

export function requestsExceeded(facts: { limit: number; resetAtMs: number; nowMs: number }): DirectusRefusal {
  const seconds = Math.max(1, Math.ceil((facts.resetAtMs - facts.nowMs) / 1000));
  const extras = { limit: facts.limit, reset: new Date(facts.resetAtMs).toISOString() };
  const problem = { code: 'REQUESTS_EXCEEDED', message: `Too many requests, retry after ${seconds}s.`, extras };
  return new DirectusRefusal(429, [problem], { 'retry-after': String(seconds) });
}

function refusal(status: number, code: string, message: string, extras: Readonly<Record<string, unknown>> = {}): DirectusRefusal {
  return new DirectusRefusal(status, [{ code, message, extras }]);
}
